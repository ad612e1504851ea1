"""When messages are to be sent: which times can be asked for, and how one is changed."""

from datetime import UTC, datetime

from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.changes import Reschedule
from posthouse.core.ports.store import Clock, Store

SEND_AT_MAX_US = 90 * 86_400 * 1_000_000


def sending_time(send_at: int, now: int) -> int:
    """The time itself; refuses with SEND_AT_IN_PAST and SEND_AT_TOO_FAR."""
    if send_at <= now:
        clock = datetime.fromtimestamp(now // 1_000_000, UTC)
        raise Refusal(Code.SEND_AT_IN_PAST, param="send_at", now=f"{clock:%Y-%m-%dT%H:%M:%SZ}")
    if send_at > now + SEND_AT_MAX_US:
        raise Refusal(Code.SEND_AT_TOO_FAR, param="send_at", days=SEND_AT_MAX_US // 86_400_000_000)
    return send_at


class Schedule:
    """Moves scheduled messages."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def move(self, account_id: int, message_id: int, send_at: int, validity_s: int | None) -> None:
        """Give a message another time; it stays valid as long as before, or `validity_s` from then.

        Refuses with NOT_FOUND, NOT_RESCHEDULABLE, SEND_AT_IN_PAST and SEND_AT_TOO_FAR.
        """
        now = self._clock.now()
        validity_us = None if validity_s is None else validity_s * 1_000_000
        at = sending_time(send_at, now)
        await self._store.write(Reschedule(account_id, message_id, at, validity_us, now))
