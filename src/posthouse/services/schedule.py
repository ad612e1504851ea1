"""Give a scheduled message another time."""

from posthouse.core.ports.changes import Moved, Reschedule
from posthouse.core.ports.life import Once
from posthouse.core.ports.store import Clock, Store


class Schedule:
    """Moves scheduled messages."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def move(
        self, account_id: int, message_id: int, send_at: int, validity_s: int | None, once: Once | None = None
    ) -> Moved:
        """Give a message another time; it stays valid as long as before, or `validity_s` from then.

        Refuses with NOT_FOUND, NOT_RESCHEDULABLE, SEND_AT_IN_PAST, SEND_AT_TOO_FAR and
        IDEMPOTENCY_KEY_REUSED.
        """
        validity_us = None if validity_s is None else validity_s * 1_000_000
        now = self._clock.now()
        return await self._store.write(Reschedule(account_id, message_id, send_at, validity_us, now, once))
