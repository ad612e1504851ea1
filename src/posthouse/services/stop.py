"""Stop what is left of a batch, in bounded steps."""

from posthouse.core.ports.changes import CancelBatch
from posthouse.core.ports.store import Clock, Store

STEP = 500


class Stop:
    """Cancels batches."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def batch(self, account_id: int, batch_id: int) -> int:
        """Cancel every message that no vendor may have; answers how many. Refuses with NOT_FOUND.

        Each step is a commit of its own: where it breaks off, the rest can be canceled by asking again.
        """
        canceled, after_id = 0, 0
        while True:
            command = CancelBatch(account_id, batch_id, self._clock.now(), STEP, after_id)
            stopped = await self._store.write(command)
            canceled += stopped.canceled
            if stopped.looked_to is None:
                return canceled
            after_id = stopped.looked_to
