"""What vendors tell us later: receipts and replies of one channel, made durable in bounded groups."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from posthouse.core.phone import mask
from posthouse.core.ports.life import RecordReplies, SettleReceipts
from posthouse.core.ports.store import Clock, Store, Wakeups
from posthouse.core.routing import Channel, ChannelState
from posthouse.core.verdict import Fate, Receipt, Reply
from posthouse.observe import Metrics, detailed, failpoint
from posthouse.services.inbox import note

GROUP_MAX = 500

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class Watched(Protocol):
    """Who wants to know how receipts come: `services.health.Health`."""

    def receipts(self, channel_id: int, delivered: int, undelivered: int, lags_s: Sequence[float]) -> None:
        """Receipts of the channel were settled; `lags_s`: how long each delivered message had been sent."""
        ...


class Unwatched:
    """Nobody does."""

    def receipts(self, channel_id: int, delivered: int, undelivered: int, lags_s: Sequence[float]) -> None:
        """Forgotten."""


_UNWATCHED = Unwatched()


class Settle:
    """The vendor port's `Settle` for one channel: when a call returns, the vendor may forget the news.

    Raises what the store raises; the vendor then keeps the news and hands them over again, which
    changes nothing for those that were settled.
    """

    def __init__(
        self,
        channel_id: int,
        *,
        store: Store,
        clock: Clock,
        wakeups: Wakeups,
        metrics: Metrics,
        channels: Callable[[], Sequence[Channel]],
        health: Watched = _UNWATCHED,
    ) -> None:
        """`channels`: every configured one."""
        self._channel_id = channel_id
        self._store = store
        self._clock = clock
        self._wakeups = wakeups
        self._metrics = metrics
        self._channels = channels
        self._health = health
        self._channel = next((each.label for each in channels() if each.id == channel_id), "gone")

    async def __call__(self, receipts: Sequence[Receipt], replies: Sequence[Reply]) -> None:
        """Store replies, then receipts: one that says `delivered` ends what is known of its reference."""
        for at in range(0, len(replies), GROUP_MAX):
            group = tuple(replies[at : at + GROUP_MAX])
            inbound = await self._store.write(RecordReplies(self._channel_id, group, self._clock.now()))
            note(inbound, self._channel)
        for at in range(0, len(receipts), GROUP_MAX):
            await self._settle(tuple(receipts[at : at + GROUP_MAX]))

    async def _settle(self, receipts: tuple[Receipt, ...]) -> None:
        failpoint("receipt-taken")
        elsewhere = others_there(self._channel_id, self._channels())
        command = SettleReceipts(self._channel_id, receipts, self._clock.now(), elsewhere)
        settled = await self._store.write(command)
        failpoint("receipt-settled")
        if settled.resent:
            self._wakeups.wake()
        fates = Counter([receipt.fate for receipt in receipts])
        for fate, count in fates.items():
            self._metrics.receipts(self._channel, fate, count)
        lags_s = [lag_us / 1_000_000 for lag_us in settled.lags_us]
        for lag_s in lags_s:
            self._metrics.receipt_lag(self._channel, lag_s)
        self._health.receipts(self._channel_id, fates[Fate.DELIVERED], fates[Fate.UNDELIVERED], lags_s)
        if settled.dropped:
            self._metrics.receipts_dropped(self._channel, settled.dropped)
            log.warning("receipts_dropped", channel=self._channel, count=settled.dropped)
        if detailed():
            for receipt in receipts:
                log.debug(
                    "receipt", to=mask(receipt.recipient), channel=self._channel, fate=receipt.fate.value
                )


def others_there(channel_id: int, channels: Sequence[Channel]) -> bool:
    """Whether whoever sends over this channel has another that is in use."""
    own = next((channel for channel in channels if channel.id == channel_id), None)
    return own is not None and any(
        other.id != channel_id
        and other.state is ChannelState.ACTIVE
        and other.simulated == own.simulated
        and other.account_id in (None, own.account_id)
        for other in channels
    )
