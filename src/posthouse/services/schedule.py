"""Give scheduled messages another time: one, or a whole batch in bounded steps."""

from datetime import tzinfo

from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.changes import Moved, QuietRule, Reschedule, RescheduleBatch, Step
from posthouse.core.ports.life import Once
from posthouse.core.ports.queries import AccountRecord
from posthouse.core.ports.store import Clock, Store
from posthouse.services.steps import STEP, to_the_end


class Schedule:
    """Moves scheduled messages; an account's marketing ones out of its quiet hours."""

    def __init__(self, store: Store, clock: Clock, zone: tzinfo) -> None:
        """`zone`: by whose clocks the hours are quiet."""
        self._store = store
        self._clock = clock
        self._zone = zone

    async def move(
        self,
        account: AccountRecord,
        message_id: int,
        send_at: int,
        validity_s: int | None,
        once: Once | None = None,
    ) -> Moved:
        """Give a message another time; it stays valid as long as before, or `validity_s` from then.

        Refuses with NOT_FOUND, NOT_RESCHEDULABLE, SEND_AT_IN_PAST, SEND_AT_TOO_FAR and
        IDEMPOTENCY_KEY_REUSED.
        """
        validity_us = None if validity_s is None else validity_s * 1_000_000
        now, quiet = self._clock.now(), self._quiet(account)
        return await self._store.write(
            Reschedule(account.id, message_id, send_at, validity_us, now, once, quiet)
        )

    async def move_batch(
        self, account: AccountRecord, batch_id: int, send_at: int, once: Once | None = None
    ) -> tuple[int, bool]:
        """Move every message of a batch that still waits for its time.

        Answers how many were moved, and whether the key was used. It goes in steps (`services/steps.py`).
        Refuses with NOT_FOUND, NOT_RESCHEDULABLE where there is nothing to move, SEND_AT_IN_PAST,
        SEND_AT_TOO_FAR and IDEMPOTENCY_KEY_REUSED.
        """
        # One time of day for all steps: what was asked for in time is in time for the last of them too.
        now, quiet = self._clock.now(), self._quiet(account)

        async def move(after_id: int) -> Step:
            command = RescheduleBatch(account.id, batch_id, send_at, now, STEP, after_id, once, quiet)
            return await self._store.write(command)

        moved, replayed = await to_the_end(move)
        if not moved:
            raise Refusal(Code.NOT_RESCHEDULABLE, resource="batch")
        return moved, replayed

    def _quiet(self, account: AccountRecord) -> QuietRule | None:
        hours = account.quiet_hours
        return None if hours is None else QuietRule(hours, self._zone)
