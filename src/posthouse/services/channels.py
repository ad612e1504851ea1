"""Channels, as their owners see them: set up, changed, drained, tried out, removed.

An owner is an account by its number, or the platform: None. Servers follow every change within a second.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from typing import NamedTuple

from posthouse.core import phone
from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.channels import (
    AddChannel,
    ChannelRecord,
    ListChannelRecords,
    RemoveChannel,
    SaveChannel,
)
from posthouse.core.ports.routes import ListRoutes
from posthouse.core.ports.store import Clock, Store
from posthouse.core.ports.vendor import Kind, Money, Vendor
from posthouse.core.routing import Channel, ChannelState
from posthouse.core.vault import Unreadable
from posthouse.core.verdict import Accepted, Deferred, Refused, Verdict
from posthouse.services.administer import PRICE_MAX
from posthouse.services.channel_settings import Cipher, is_address, merged, nearest, opened, sealed
from posthouse.services.naming import check_plain

CHANNELS_MAX = 200
"""Of one owner."""
RATE_MAX, CONCURRENCY_MAX, WEIGHT_MAX = 100_000, 1000, 1000
NETWORKS_MAX = 64
CHECKS_AT_ONCE, CHECKS_WAITING_MAX = 4, 16
TRIES = 5
"""To save a channel that others change at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What may be said of a channel; None for nothing. Costs in micro-units a part; `costs` by country.

    `settings`: some or all, secret ones too; an empty text takes one back.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    countries: Collection[str] | None = None
    cost: int | None = None
    costs: Mapping[str, int] | None = None
    rate_per_s: int | None = None
    concurrency: int | None = None
    weight: int | None = None
    callback_from: Sequence[str] | None = None


class Checked(NamedTuple):
    """What a vendor said when it was asked whether it takes a channel's credentials.

    Attributes:
        ok: it takes them, or there is nothing that could be asked.
        asked: it was asked; some kinds know no question that costs nothing.
        reason, code, text: why it does not, in our word and in its own.
        detail: why there was no usable answer.
        balance: the money that is left, where it tells.
    """

    ok: bool
    asked: bool = True
    reason: str | None = None
    code: str | None = None
    text: str | None = None
    detail: str | None = None
    balance: Money | None = None


class Channels:
    """Looks after channels.

    `objection` says why an account's channel may not call an address; `fit` raises ValueError with a sentence
    for settings that make no sense together; `connect` makes a record's connection, or raises the same.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        kinds: Mapping[str, Kind],
        seal: Cipher,
        open: Cipher,
        objection: Callable[[str], str | None],
        fit: Callable[[ChannelRecord], None],
        connect: Callable[[ChannelRecord], Awaitable[Vendor]],
    ) -> None:
        self.kinds = kinds
        self._store = store
        self._clock = clock
        self._seal = seal
        self._open = open
        self._objection = objection
        self._fit = fit
        self._connect = connect
        self._changing = asyncio.Lock()
        self._checking = asyncio.Semaphore(CHECKS_AT_ONCE)
        self._waiting = 0

    async def every(self) -> list[ChannelRecord]:
        """All channels, oldest first."""
        return await self._store.read(ListChannelRecords())

    async def get(self, name: str, account_id: int | None) -> ChannelRecord:
        """An owner's channel by its name. Refuses with NOT_FOUND."""
        for record in await self._store.read(ListChannelRecords(name)):
            if record.channel.account_id == account_id:
                return record
        raise Refusal(Code.NOT_FOUND, resource="channel", name=name)

    async def draft(
        self, vendor: str, account_id: int | None, wishes: Wishes, *, name: str | None = None
    ) -> AddChannel:
        """The command that sets a channel up; without a name it is called as its vendor, and numbered.

        Refuses with UNKNOWN_VENDOR, TOO_MANY, and what is said of `change`.
        """
        kind = self.kinds.get(vendor)
        if kind is None:
            raise Refusal(Code.UNKNOWN_VENDOR, param="vendor", vendor=vendor, **nearest(vendor, self.kinds))
        if account_id is not None and kind.capabilities.simulated:
            raise Refusal(Code.INVALID_VALUE, param="vendor", allowed=", ".join(self._real()))
        taken = {each.channel.name for each in await self.every() if each.channel.account_id == account_id}
        if len(taken) >= CHANNELS_MAX:
            raise Refusal(Code.TOO_MANY, limit=CHANNELS_MAX)
        if name is None:
            name = next(each for each in _names(vendor) if each not in taken)
        check_plain(name)
        if name in self.kinds and name != vendor:
            raise Refusal(Code.INVALID_VALUE, param="name", kind="channel_name")
        now = self._clock.now()
        usual = Channel(
            0,
            name,
            vendor,
            account_id=account_id,
            simulated=kind.capabilities.simulated,
            rate_per_s=min(RATE_MAX, kind.capabilities.rate_per_s * kind.capabilities.recipients_max),
        )
        made = self._wished(ChannelRecord(usual, {}, b"", created_at=now, changed_at=now), wishes)
        return AddChannel(made, now)

    async def add(self, command: AddChannel) -> bytes | None:
        """Set it up; the stored reply where its idempotency key was used. Refuses with ALREADY_EXISTS."""
        return await self._store.write(command)

    async def change(self, name: str, account_id: int | None, wishes: Wishes) -> ChannelRecord:
        """Change what is wished; answers it as it is then.

        Refuses with NOT_FOUND, UNKNOWN_FIELD, MISSING_FIELD and INVALID_VALUE, by the field.
        """
        return await self._changed(name, account_id, lambda record: self._wished(record, wishes))

    async def rotate(
        self, name: str, account_id: int | None, settings: Mapping[str, str], *, callback: bool = False
    ) -> ChannelRecord:
        """New credentials in place of the old, which are wiped; with `callback` a new callback address too.

        Callbacks to the old address are not heard any more. Refuses as `change` does.
        """

        def rotated(record: ChannelRecord) -> ChannelRecord:
            made = self._wished(record, Wishes(settings=settings))
            if callback:
                made = made._replace(generation=record.generation + 1)
                self._check_fit(made)
            return made

        return await self._changed(name, account_id, rotated)

    async def move(self, name: str, account_id: int | None, state: ChannelState) -> ChannelRecord:
        """Let it finish what it has and take nothing new (`draining`), or take messages again (`active`)."""
        return await self._changed(
            name, account_id, lambda record: record._replace(channel=replace(record.channel, state=state))
        )

    async def remove(self, name: str, account_id: int | None) -> ChannelRecord:
        """Forget it and wipe its credentials; answers what it was.

        Refuses with NOT_FOUND, and with INVALID_VALUE one of the platform's that a route names. Routes are
        the operator's: they do not keep an account from removing its own.
        """
        async with self._changing:
            record = await self.get(name, account_id)
            if account_id is None:
                await self._check_unrouted(record.channel)
            await self._store.write(RemoveChannel(record.channel.id, self._clock.now()))
            return record

    async def check(self, record: ChannelRecord, settings: Mapping[str, str] | None = None) -> Checked:
        """Ask the vendor something that costs nothing, under these settings on top of those it has.

        Refuses with OVERLOADED when too many ask at once, and as `change` does.
        """
        kind = self.kinds.get(record.channel.vendor)
        if settings:
            record = self._wished(record, Wishes(settings=settings))
        if kind is not None and kind.capabilities.simulated:
            return Checked(ok=True, asked=False)
        if self._waiting >= CHECKS_WAITING_MAX:
            raise Refusal(Code.OVERLOADED, retry_after_s=1)
        self._waiting += 1
        try:
            async with self._checking:
                said = await (await self._connect(record)).check()
        except ValueError as error:
            return Checked(ok=False, asked=False, detail=str(error))
        finally:
            self._waiting -= 1
        return _checked(said, asked=kind is not None and kind.checks)

    def secrets_of(self, record: ChannelRecord) -> list[str]:
        """The names of its secrets; none where they cannot be read."""
        try:
            return sorted(opened(record, self._open))
        except Unreadable:
            return []

    def broken(self, record: ChannelRecord) -> str | None:
        """Why it cannot be connected as it is stored, in a sentence; None where nothing shows."""
        try:
            self._fit(record)
        except ValueError as error:
            return str(error)
        return None

    async def _changed(
        self, name: str, account_id: int | None, change: Callable[[ChannelRecord], ChannelRecord]
    ) -> ChannelRecord:
        """The channel as it is once it is changed, anew where another process has changed it meanwhile.

        Refuses with OVERLOADED when that goes on.
        """
        async with self._changing:
            for _ in range(TRIES):
                made = change(await self.get(name, account_id))
                at = max(self._clock.now(), made.changed_at + 1)
                if await self._store.write(SaveChannel(made, at)):
                    return made._replace(channel=replace(made.channel, version=at), changed_at=at)
        raise Refusal(Code.OVERLOADED, retry_after_s=1)

    async def _check_unrouted(self, channel: Channel) -> None:
        """Refuse while a route names it, unless the name stays that of others, as their vendor's."""
        others = (each.channel for each in await self.every() if each.channel.id != channel.id)
        if any(each.account_id is None and channel.name in each.names for each in others):
            return
        for rule in await self._store.read(ListRoutes()):
            if channel.name in rule.channels:
                raise Refusal(Code.INVALID_VALUE, route=rule.name)

    def _real(self) -> list[str]:
        return sorted(name for name, kind in self.kinds.items() if not kind.capabilities.simulated)

    def _wished(self, record: ChannelRecord, wishes: Wishes) -> ChannelRecord:
        """A record as it is wished, all of it checked."""
        channel = record.channel
        kind = self.kinds.get(channel.vendor)
        if kind is None:
            raise Refusal(Code.UNKNOWN_VENDOR, param="vendor", vendor=channel.vendor)
        channel = _routed(channel, kind, wishes)
        made = record._replace(channel=channel)
        if wishes.callback_from is not None:
            made = made._replace(callback_from=_networks(wishes.callback_from))
        if not wishes.settings and record.channel.id:
            return made
        try:
            secret = opened(record, self._open)
        except Unreadable:
            secret = {}  # who gives all of it anew heals it
        parted = merged(kind, record.settings | secret, wishes.settings)
        if channel.account_id is not None:
            self._check_addresses(parted.plain)
        made = sealed(made._replace(settings=parted.plain), parted.secret, self._seal)
        self._check_fit(made)
        return made

    def _check_addresses(self, settings: Mapping[str, str]) -> None:
        for name, value in settings.items():
            # One that begins with a slash stands behind `base_url`.
            if is_address(name) and not value.startswith("/"):
                why = self._objection(value)
                if why is not None:
                    raise Refusal(Code.INVALID_VALUE, param=f"settings.{name}", why=why)

    def _check_fit(self, record: ChannelRecord) -> None:
        try:
            self._fit(record)
        except ValueError as error:
            raise Refusal(Code.INVALID_VALUE, param="settings", why=str(error)) from error


def _checked(said: Money | Verdict | None, *, asked: bool) -> Checked:
    match said:
        case None:
            return Checked(ok=True, asked=asked)
        case Money():
            return Checked(ok=True, balance=said)
        case Accepted():
            return Checked(ok=True)
        case Refused() | Deferred():
            return Checked(ok=False, reason=said.reason.value, code=said.code, text=said.text)
    return Checked(ok=False, detail=said.detail)


def _names(vendor: str) -> list[str]:
    return [vendor, *(f"{vendor}-{number}" for number in range(2, CHANNELS_MAX + 2))]


def _routed(channel: Channel, kind: Kind, wishes: Wishes) -> Channel:
    """The channel as routing is to see it."""
    if wishes.rate_per_s is not None:
        channel = replace(channel, rate_per_s=_within("rate_per_s", wishes.rate_per_s, 0, RATE_MAX))
    if wishes.concurrency is not None:
        concurrency = _within("concurrency", wishes.concurrency, 1, CONCURRENCY_MAX)
        channel = replace(channel, concurrency=concurrency)
    if wishes.weight is not None:
        channel = replace(channel, weight=_within("weight", wishes.weight, 0, WEIGHT_MAX))
    if wishes.cost is not None:
        channel = replace(channel, cost=_cost(wishes.cost, "cost"))
    if wishes.costs is not None:
        _check_countries(kind, wishes.costs, "costs")
        costs = sorted((country, _cost(cost, f"costs.{country}")) for country, cost in wishes.costs.items())
        channel = replace(channel, costs=tuple(costs))
    if wishes.countries is not None:
        _check_countries(kind, wishes.countries, "countries")
        channel = replace(channel, countries=frozenset(wishes.countries))
    return channel


def _within(param: str, value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise Refusal(Code.INVALID_VALUE, param=param, minimum=least, maximum=most)
    return value


def _cost(micro: int, param: str) -> int:
    if not 0 <= micro <= PRICE_MAX:
        raise Refusal(Code.INVALID_VALUE, param=param, kind="price")
    return micro


def _check_countries(kind: Kind, countries: Collection[str], param: str) -> None:
    carried = kind.capabilities.countries
    for country in countries:
        if country not in phone.REGIONS:
            raise Refusal(Code.INVALID_VALUE, param=param, kind="country")
        if carried and country not in carried:
            raise Refusal(Code.INVALID_VALUE, param=param, allowed=", ".join(sorted(carried)))


def _networks(given: Sequence[str]) -> tuple[str, ...]:
    if len(given) > NETWORKS_MAX:
        raise Refusal(Code.INVALID_VALUE, param="callback_from", items_max=NETWORKS_MAX)
    try:
        return tuple(dict.fromkeys(str(ip_network(each.strip(), strict=False)) for each in given))
    except ValueError:
        raise Refusal(Code.INVALID_VALUE, param="callback_from", kind="network") from None
