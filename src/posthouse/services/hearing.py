"""Callbacks: whose address was called, whether it may be believed, and its news made durable."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import structlog

from posthouse.core.callbacks import proves, secret_of
from posthouse.core.ports.channels import ChannelRecord
from posthouse.core.ports.store import Clock
from posthouse.core.ports.vendor import Answer, Callback, Settle, Vendor
from posthouse.core.routing import Channel
from posthouse.observe import Metrics

SMALL = 8 * 1024
"""A body up to this size is read at once; a larger one in a thread."""
NOBODY = "none"
"""In place of the channel where an address is nobody's."""
_NOBODYS = ChannelRecord(Channel(-1, "", ""), {}, b"")
_SECOND_US = 1_000_000

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class Heard(StrEnum):
    """What came of a callback."""

    SETTLED = "settled"
    STRANGE = "strange"  # no channel has this address
    FOREIGN = "foreign"  # not from a network that the channel's callbacks come from
    FORGED = "forged"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    BUSY = "busy"
    FAILED = "failed"


class NotConnected(Exception):
    """The channel has no connection just now, such as where its secrets cannot be read."""


class Hearing:
    """What vendors call."""

    def __init__(
        self,
        *,
        key: bytes,
        records: Callable[[], tuple[ChannelRecord, ...]],
        vendors: Mapping[int, Vendor],
        settle_of: Callable[[int], Settle],
        clock: Clock,
        metrics: Metrics,
        public_url: str = "",
    ) -> None:
        """`key`: of callback addresses (core/callbacks.py). `records`: every channel, draining and off too.

        `vendors` by channel. `public_url`: where vendors reach this server; empty: as their requests say.
        """
        self._key = key
        self._records = records
        self._vendors = vendors
        self._settle_of = settle_of
        self._clock = clock
        self._metrics = metrics
        self._public_url = public_url.rstrip("/")
        self._of: tuple[ChannelRecord, ...] = ()
        self._named: dict[str, list[ChannelRecord]] = {}
        # By channel and kind: when one was last told, and how many there were since. Of those that were
        # settled only what could not be read in them is told.
        self._told: dict[tuple[str, Heard], tuple[int, int]] = {}

    def channel(self, name: str, secret: str) -> ChannelRecord | None:
        """Whose address this is; of several owners' channels with this name, the one whose secret it is."""
        records = self._records()
        if records is not self._of:
            self._of, self._named = records, {}
            for record in records:
                self._named.setdefault(record.channel.name, []).append(record)
        found: ChannelRecord | None = None
        # Somebody who guesses names learns nothing from the time it takes.
        named = self._named.get(name) or [_NOBODYS]
        for record in named:
            if proves(secret, secret_of(self._key, record.channel.id, record.generation)):
                found = record
        return None if found is _NOBODYS else found

    def address(self, path: str, query: str, *, origin: str) -> str:
        """The whole address as the vendor called it; `origin`: as its request says, such as http://host."""
        return f"{self._public_url or origin}{path}{'?' if query else ''}{query}"

    async def hear(self, record: ChannelRecord, callback: Callback) -> Answer:
        """Read a callback and make its news durable; answers what the vendor wants to hear then.

        Rows that cannot be read are counted and told, and the others count.

        Raises:
            NotConnected: see the class.
            Forged, Unreadable: as `core.ports.vendor.Vendor.hear` does.
            Unavailable, Overloaded: the vendor should say it again later.
        """
        channel_id = record.channel.id
        vendor = self._vendors.get(channel_id)
        if vendor is None:
            raise NotConnected
        large = len(callback.body) > SMALL
        heard = await asyncio.to_thread(vendor.hear, callback) if large else vendor.hear(callback)
        await self._settle_of(channel_id)(heard.receipts, heard.replies)
        if heard.unreadable:
            self._note_rows(record.channel.label, heard.unreadable)
        return heard.answer

    def note(self, channel: str, heard: Heard, defect: Exception | None = None) -> None:
        """Count a callback, and log a refused one: at most a line a second for a channel and kind."""
        self._metrics.called_back(channel, heard.value)
        if heard is Heard.SETTLED:
            return
        count = self._untold(channel, heard, 1)
        if not count:
            return
        if defect is not None:
            error = type(defect).__name__
            log.error("callback_failed", channel=channel, error=error, count=count, exc_info=defect)
            return
        log.warning("callback_refused", channel=channel, why=heard.value, count=count)

    def _note_rows(self, channel: str, unreadable: int) -> None:
        self._metrics.rows_unreadable(channel, unreadable)
        if count := self._untold(channel, Heard.SETTLED, unreadable):
            log.warning("callback_rows_unreadable", channel=channel, count=count)

    def _untold(self, channel: str, heard: Heard, more: int) -> int:
        """How many to tell of, these included; 0 within a second of the last time."""
        now = self._clock.now()
        told_at, since = self._told.get((channel, heard), (0, 0))
        if 0 <= now - told_at < _SECOND_US:
            self._told[channel, heard] = told_at, since + more
            return 0
        self._told[channel, heard] = now, 0
        return since + more


def admitted(record: ChannelRecord, remote: str) -> bool:
    """Whether a callback may come from this address, which is its socket's and no header's word."""
    if not record.callback_from:
        return True
    try:
        address = ip_address(remote)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(
        address.version == network.version and address in network
        for network in _networks(record.callback_from)
    )


@lru_cache(maxsize=1024)
def _networks(names: tuple[str, ...]) -> Sequence[IPv4Network | IPv6Network]:
    return [ip_network(name, strict=False) for name in names]
