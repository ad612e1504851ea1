"""What vendors tell us later: receipts and replies of one channel, made durable in bounded groups."""

from collections import Counter
from collections.abc import Sequence

import structlog

from posthouse.core.phone import mask
from posthouse.core.ports.life import RecordReplies, SettleReceipts
from posthouse.core.ports.store import Clock, Store
from posthouse.core.verdict import Receipt, Reply
from posthouse.observe import Metrics, detailed, failpoint

GROUP_MAX = 500

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class Settle:
    """The vendor port's `Settle` for one channel: when a call returns, the vendor may forget the news.

    Raises what the store raises; the vendor then keeps the news and hands them over again, which
    changes nothing for those that were settled.
    """

    def __init__(
        self, *, store: Store, clock: Clock, metrics: Metrics, channel_id: int, channel: str
    ) -> None:
        """`channel`: its name."""
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._channel_id = channel_id
        self._channel = channel

    async def __call__(self, receipts: Sequence[Receipt], replies: Sequence[Reply]) -> None:
        """Store replies, then receipts: one that says `delivered` ends what is known of its reference."""
        for at in range(0, len(replies), GROUP_MAX):
            group = tuple(replies[at : at + GROUP_MAX])
            await self._store.write(RecordReplies(self._channel_id, group, self._clock.now()))
        for at in range(0, len(receipts), GROUP_MAX):
            await self._settle(tuple(receipts[at : at + GROUP_MAX]))

    async def _settle(self, receipts: tuple[Receipt, ...]) -> None:
        failpoint("receipt-taken")
        settled = await self._store.write(SettleReceipts(self._channel_id, receipts, self._clock.now()))
        failpoint("receipt-settled")
        for fate, count in Counter([receipt.fate for receipt in receipts]).items():
            self._metrics.receipts(self._channel, fate, count)
        for lag_us in settled.lags_us:
            self._metrics.receipt_lag(self._channel, lag_us / 1_000_000)
        if detailed():
            for receipt in receipts:
                log.debug(
                    "receipt", to=mask(receipt.recipient), channel=self._channel, fate=receipt.fate.value
                )
