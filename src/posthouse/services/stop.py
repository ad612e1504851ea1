"""Stop what is left of a batch, in bounded steps."""

from posthouse.core.ports.changes import CancelBatch, Step
from posthouse.core.ports.life import Once
from posthouse.core.ports.store import Clock, Store
from posthouse.services.steps import STEP, to_the_end


class Stop:
    """Cancels batches."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def batch(self, account_id: int, batch_id: int, once: Once | None = None) -> tuple[int, bool]:
        """Cancel every message that no vendor may have; answers how many, and whether the key was used.

        It goes in steps (`services/steps.py`). Refuses with NOT_FOUND and IDEMPOTENCY_KEY_REUSED.
        """

        async def cancel(after_id: int) -> Step:
            now = self._clock.now()
            return await self._store.write(CancelBatch(account_id, batch_id, now, STEP, after_id, once))

        return await to_the_end(cancel)
