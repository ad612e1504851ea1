"""What vendors tell us later: receipts and replies of one channel, made durable in bounded groups."""

from collections import Counter
from collections.abc import Sequence

from posthouse.core.ports.life import RecordReplies, SettleReceipts
from posthouse.core.ports.store import Clock, Store
from posthouse.core.verdict import Receipt, Reply
from posthouse.observe import Metrics, failpoint

GROUP_MAX = 500


class Settle:
    """The vendor port's `Settle` for one channel: when a call returns, the vendor may forget the news.

    Raises what the store raises; the vendor then keeps the news and hands them over again, which
    changes nothing for those that were settled.
    """

    def __init__(self, *, store: Store, clock: Clock, metrics: Metrics, channel_id: int) -> None:
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._channel_id = channel_id

    async def __call__(self, receipts: Sequence[Receipt], replies: Sequence[Reply]) -> None:
        """Store replies, then receipts: one that says `delivered` ends what is known of its reference."""
        for at in range(0, len(replies), GROUP_MAX):
            group = tuple(replies[at : at + GROUP_MAX])
            await self._store.write(RecordReplies(self._channel_id, group, self._clock.now()))
        for at in range(0, len(receipts), GROUP_MAX):
            await self._settle(tuple(receipts[at : at + GROUP_MAX]))

    async def _settle(self, receipts: tuple[Receipt, ...]) -> None:
        failpoint("receipt-taken")
        await self._store.write(SettleReceipts(self._channel_id, receipts, self._clock.now()))
        failpoint("receipt-settled")
        for fate, count in Counter([receipt.fate for receipt in receipts]).items():
            self._metrics.receipts(fate, count)
