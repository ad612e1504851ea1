"""Every channel's live connection to its vendor: made from its record, made anew when that changes."""

import asyncio
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

import structlog

from posthouse.bootstrap.house import House
from posthouse.core.callbacks import path_of, secret_of
from posthouse.core.ports.channels import ChannelRecord
from posthouse.core.ports.store import Clock
from posthouse.core.ports.vendor import Vendor
from posthouse.core.vault import Unreadable, Vault
from posthouse.services.channel_settings import values_of
from posthouse.services.channels import Channels
from posthouse.storage.engine.sqlite import connect
from posthouse.vendors.adapter import Adapter, Config
from posthouse.vendors.registry import ADAPTERS, KINDS, SANDBOX
from posthouse.vendors.sandbox import HandsetMessage, Sandbox
from posthouse.webhooks.addresses import objection

if TYPE_CHECKING:
    import aiohttp

FIRST_SANDBOX = 1
"""The channel that `init` makes; its handsets are in `sandbox.db`, those of others in files of their own."""
DNS_S, KEEPALIVE_S = 30, 15.0
LINGER_S = 60.0
"""Longer than any call takes."""

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class Broken(ValueError):
    """A channel that cannot be connected as it is stored; the sentence says why, and no secret."""


class _Made(NamedTuple):
    """A connection, or None for a broken channel, and what it was made from."""

    of: ChannelRecord
    vendor: Vendor | None


class Adapters:
    """Makes adapters from records; knows every channel's callback address."""

    def __init__(self, vault: Vault, public_url: str) -> None:
        """`public_url`: where vendors reach this server; empty where they cannot."""
        self._open = vault.open
        self._key = vault.derive("callbacks")
        self._public = public_url.rstrip("/")

    def secret(self, record: ChannelRecord) -> str:
        """The secret step of its callback address."""
        return secret_of(self._key, record.channel.id, record.generation)

    def callback(self, record: ChannelRecord) -> tuple[str, str | None]:
        """The path of its callback address, and the whole address where there is a public one."""
        path = path_of(record.channel.name, self.secret(record))
        return path, f"{self._public}{path}" if self._public else None

    def make(self, record: ChannelRecord) -> Adapter:
        """The adapter of a channel that is called over HTTP.

        Raises:
            Broken: its vendor is none of this release's, or its credentials cannot be read.
            ValueError: its settings make no sense together; the sentence says why.
        """
        vendor = record.channel.vendor
        if vendor not in ADAPTERS:
            raise Broken(f"this release knows no vendor {vendor}")
        try:
            values = values_of(KINDS[vendor], record, self._open)
        except Unreadable as error:
            raise Broken("its credentials were sealed under another secret key, or changed") from error
        return ADAPTERS[vendor](Config(values, self.callback(record)[1]))

    def fit(self, record: ChannelRecord) -> None:
        """Raise ValueError, with a sentence for its owner, unless the adapter takes the settings."""
        if record.channel.vendor in ADAPTERS:
            self.make(record)


class Connections:
    """Connections by channel id, in `vendors`, which always is the same mapping.

    The platform's channels call any address; an account's own call none inside our networks, and share their
    connections and look-ups of names with no other account's.
    """

    def __init__(self, adapters: Adapters, vault: Vault, clock: Clock, data: Path) -> None:
        self.vendors: dict[int, Vendor] = {}
        self._adapters = adapters
        self._cipher = vault.cipher("sandbox")
        self._clock = clock
        self._data = data
        self._made: dict[int, _Made] = {}
        self._sandboxes: dict[int, Sandbox] = {}
        self._sessions: dict[int | None, aiohttp.ClientSession] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._making = asyncio.Lock()

    async def follow(self, records: Iterable[ChannelRecord]) -> None:
        """Connect what is new, connect anew what has changed, drop what is gone.

        A channel that cannot be connected is logged and has no connection; the others are as before.
        """
        there = {record.channel.id: record for record in records}
        for gone in self._made.keys() - there.keys():
            del self._made[gone]
            self.vendors.pop(gone, None)
        self._leave(self._sessions.keys() - {record.channel.account_id for record in there.values()})
        for channel_id, record in there.items():
            known = self._made.get(channel_id)
            if known is not None and _alike(known.of, record):
                continue
            vendor = await self._connected(record)
            self._made[channel_id] = _Made(record, vendor)
            if vendor is None:
                self.vendors.pop(channel_id, None)
            else:
                self.vendors[channel_id] = vendor

    async def connect(self, record: ChannelRecord) -> Vendor:
        """A connection of this record's own.

        Raises:
            Broken, ValueError: as `Adapters.make`.
        """
        channel = record.channel
        if channel.vendor == SANDBOX:
            return self._sandbox(channel.id)
        adapter = self._adapters.make(record)
        base = await _base()
        session = await self._session(channel.account_id)
        made: Vendor = base.HttpVendor(adapter, session, self._clock, channel=channel.label)
        return made

    async def handset(self, account_id: int, to: str | None, limit: int) -> Sequence[HandsetMessage]:
        """What the simulated handsets got, of all simulators, newest first."""
        found = [
            message
            for sandbox in list(self._sandboxes.values())
            for message in await sandbox.handset(account_id, to, limit)
        ]
        if len(self._sandboxes) > 1:
            found.sort(key=lambda message: -message.received_at)
        return found[:limit]

    async def close(self) -> None:
        """End all connections."""
        self.vendors.clear()
        self._made.clear()
        for task in self._leaving:
            task.cancel()
        await asyncio.gather(*self._leaving, return_exceptions=True)
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()
        for sandbox in self._sandboxes.values():
            await sandbox.close()
        self._sandboxes.clear()

    async def _connected(self, record: ChannelRecord) -> Vendor | None:
        try:
            return await self.connect(record)
        except _UNFIT as error:
            name, why = record.channel.label, str(error)[:300]
            log.error("channel_broken", channel=name, why=why)  # noqa: TRY400 - the sentence says all
            return None

    def _sandbox(self, channel_id: int) -> Sandbox:
        """The simulator of a channel. Each has handsets of its own: its receipts are its channel's."""
        known = self._sandboxes.get(channel_id)
        if known is not None:
            return known
        path = self._data / ("sandbox.db" if channel_id == FIRST_SANDBOX else f"sandbox-{channel_id}.db")
        path.touch()
        path.chmod(0o600)  # its texts are sealed, its numbers are not
        made = self._sandboxes[channel_id] = Sandbox(
            path=str(path),
            connect=connect,
            seal=self._cipher.seal,
            open=self._cipher.open,
            clock=self._clock,
        )
        return made

    async def _session(self, owner: int | None) -> "aiohttp.ClientSession":
        """The owner's: names that are slow and connections that are busy are never another's."""
        async with self._making:
            if owner not in self._sessions:
                connector = await _connector(guarded=owner is not None)
                self._sessions[owner] = (await _base()).session(connector)
            return self._sessions[owner]

    def _leave(self, owners: Iterable[int | None]) -> None:
        """Close sessions that no channel has any more, once their last calls have ended."""

        async def close(session: "aiohttp.ClientSession") -> None:
            try:
                await asyncio.sleep(LINGER_S)
            finally:
                await session.close()

        for owner in owners:
            task = asyncio.create_task(close(self._sessions.pop(owner)))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)


async def _base() -> ModuleType:
    """It takes some tenths of a second to load, which no other request has to wait for."""
    return await asyncio.to_thread(import_module, "posthouse.vendors.base")


async def _connector(*, guarded: bool) -> "aiohttp.TCPConnector":
    if guarded:
        guarding = await asyncio.to_thread(import_module, "posthouse.webhooks.connector")
        checked: aiohttp.TCPConnector = guarding.connector()
        return checked
    from aiohttp import TCPConnector  # noqa: PLC0415 - loaded when a channel needs it

    # How many connections a channel has, its concurrency says.
    return TCPConnector(limit=0, limit_per_host=0, ttl_dns_cache=DNS_S, keepalive_timeout=KEEPALIVE_S)


# What an adapter can make of settings that an older release took.
_UNFIT = (ValueError, LookupError, TypeError, AttributeError)


def _alike(one: ChannelRecord, other: ChannelRecord) -> bool:
    """Whether the same connection serves both: what routing looks at does not change it."""
    return _connecting(one) == _connecting(other)


def _connecting(record: ChannelRecord) -> tuple[object, ...]:
    channel = record.channel
    return (
        channel.vendor,
        channel.name,
        channel.account_id,
        record.settings,
        record.credentials,
        record.generation,
    )


def channels_of(house: House, adapters: Adapters, connections: Connections) -> Channels:
    """The service that looks after channels, over an open house."""
    return Channels(
        house.store,
        house.clock,
        kinds=KINDS,
        seal=house.vault.seal,
        open=house.vault.open,
        objection=objection,
        fit=adapters.fit,
        connect=connections.connect,
    )
