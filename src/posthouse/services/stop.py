"""Stop what is left of a batch, in bounded steps."""

from posthouse.core.ports.changes import CancelBatch
from posthouse.core.ports.life import Once
from posthouse.core.ports.store import Clock, Store

STEP = 500


class Stop:
    """Cancels batches."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def batch(self, account_id: int, batch_id: int, once: Once | None = None) -> tuple[int, bool]:
        """Cancel every message that no vendor may have; answers how many, and whether the key was used.

        Each step is a commit of its own: where it breaks off, the rest can be canceled by asking again, and
        under the same key the count goes on too. Refuses with NOT_FOUND and IDEMPOTENCY_KEY_REUSED.
        """
        canceled, after_id, replayed = 0, 0, False
        while True:
            command = CancelBatch(account_id, batch_id, self._clock.now(), STEP, after_id, once)
            stopped = await self._store.write(command)
            canceled += stopped.canceled
            replayed = replayed or stopped.replayed
            if stopped.looked_to is None:
                return canceled, replayed
            after_id = stopped.looked_to
