"""Changes that do no harm when made twice: made first, then their reply is kept under the caller's key."""

from collections.abc import Awaitable, Callable

from posthouse.core.ports.changes import KeepReply
from posthouse.services.directory import Caller
from posthouse.web.idempotency import Mark
from posthouse.web.services import Services


class Repeat:
    """Remembers the replies of one operation."""

    def __init__(self, services: Services, operation: str) -> None:
        self._submit = services.submit
        self._store = services.store
        self._clock = services.clock
        self._operation = operation

    async def once(
        self, caller: Caller, mark: Mark | None, subject: int, change: Callable[[], Awaitable[bytes]]
    ) -> tuple[bytes, bool]:
        """The reply of `change` to the thing with the id `subject`, and whether an earlier request had it.

        Refuses with IDEMPOTENCY_KEY_REUSED before anything is changed.
        """
        if mark is None:
            return await change(), False
        operation, key, request = self._operation, mark.key, subject.to_bytes(8, "big") + mark.request
        kept = await self._submit.replay(caller, operation, key, request)
        if kept is not None:
            return kept, True
        reply = await change()
        once = self._submit.once(caller, operation, key, request, reply)
        kept = await self._store.write(KeepReply(once, self._clock.now()))
        return (reply, False) if kept is None else (kept, True)
