"""The product's own way from the line to vendors over HTTP: real store, breakers, gates and connections.

Either `turn` by `turn` with the world's clock, or by itself in real time while `running`.
"""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

import aiohttp

from posthouse.bootstrap.house import SystemClock
from posthouse.core.message import Lane, State
from posthouse.core.ports.life import NewMessage
from posthouse.core.ports.queries import GetGauges
from posthouse.core.ports.store import Clock
from posthouse.core.ports.vendor import Callback, Capabilities, Outbound, Vendor
from posthouse.core.routing import Channel
from posthouse.core.verdict import NotSent, Unknown, Verdict
from posthouse.observe import Metrics
from posthouse.queue.inprocess import InProcess
from posthouse.services.arrange import Arranger
from posthouse.services.dispatch import Dispatch
from posthouse.services.health import Health
from posthouse.services.reconcile import Reconcile
from posthouse.services.settle import Settle
from posthouse.storage.engine.sqlite import SQLite
from posthouse.vendors.adapter import Adapter, Config
from posthouse.vendors.base import CONNECT_S, TOTAL_S, HttpVendor, session
from posthouse.vendors.http import Http
from posthouse.workers.dispatcher import Dispatcher
from posthouse.workers.pace import repeat
from soak.dispatching import Told
from soak.premises import a_world
from soak.vendor import HostileVendor, repeated
from tests.contracts.build import PRICE, World
from tests.e2e.premises import rows
from tests.fakes import CIPHER, FixedDirectory

CLAIMED_MAX = 64
TICK_S = 0.005
FUNDS = 1_000_000 * PRICE

STUCK = "SELECT count(*) FROM messages WHERE lease IS NOT NULL OR state IN ('queued', 'sending')"
"""What still is on its way, when all should have come to an end."""

Wrap = Callable[[Vendor], Vendor]
"""Puts a bug around a connection."""


def as_it_is(vendor: Vendor) -> Vendor:
    """No bug."""
    return vendor


@dataclass(frozen=True, slots=True)
class Link:
    """A channel to be made: its name, what it is told as a generic HTTP channel, what routing knows of it."""

    name: str
    url: str
    settings: Mapping[str, str] = field(default_factory=dict)
    of: type[Adapter] = Http
    routing: Mapping[str, Any] = field(default_factory=dict)

    def adapter(self) -> Adapter:
        """Its adapter; the generic one is told where to call, others find it in their settings."""
        generic = {"preset": "json", "url": self.url} if self.of is Http else {"base_url": self.url}
        defaults = {setting.name: setting.default for setting in self.of.settings}
        return self.of(Config(defaults | generic | dict(self.settings)))


class Carriage:
    """Dispatch and reconciliation over some channels; `vendors` are their live connections."""

    def __init__(
        self,
        world: World,
        where: Path,
        clock: Clock,
        http: aiohttp.ClientSession,
        links: Sequence[Link],
        *,
        wrap: Wrap,
        health: type[Health],
    ) -> None:
        self.world, self.where, self.clock = world, where, clock
        self.adapters = {number: link.adapter() for number, link in enumerate(links, 1)}
        self.vendors = {
            number: wrap(HttpVendor(self.adapters[number], http, clock, channel=link.name))
            for number, link in enumerate(links, 1)
        }
        self.channels = tuple(
            Channel(number, link.name, link.of.name, **link.routing) for number, link in enumerate(links, 1)
        )
        self.accepted: list[NewMessage] = []
        self.metrics = Metrics()
        self.wakeups = InProcess()
        monotonic = None if isinstance(clock, SystemClock) else lambda: world.now / 1e6
        self.health = health(clock, lambda: self.channels, self.metrics, monotonic=monotonic)
        tokens = itertools.count(1)
        self.directory = directory = FixedDirectory(*self.channels)
        shared: dict[str, Any] = {
            "store": world.store,
            "clock": clock,
            "vendors": self.vendors,
            "wakeups": self.wakeups,
            "owner": world.owner,
            "tokens": lambda: next(tokens),
            "metrics": self.metrics,
        }
        arranger = Arranger(directory, clock, UTC, CIPHER, health=self.health)
        self.dispatch = Dispatch(**shared, arranger=arranger)
        self.reconcile = Reconcile(**shared, directory=directory, settle_of=self.settle_of)

    def settle_of(self, channel_id: int) -> Settle:
        """Who settles a channel's receipts."""
        return Settle(
            channel_id,
            store=self.world.store,
            clock=self.clock,
            wakeups=self.wakeups,
            metrics=self.metrics,
            channels=lambda: self.channels,
            health=self.health,
        )

    async def accept(self, count: int, **fields: Any) -> list[NewMessage]:
        """Messages of now, to numbers that all differ."""
        world = self.world
        world.now = self.clock.now()
        first = len(self.accepted)
        messages = [
            world.message(recipient=f"+861390{number:07d}", **fields)
            for number in range(first, first + count)
        ]
        for at in range(0, count, 100):
            await world.write(world.acceptance(*messages[at : at + 100]))
        self.accepted += messages
        self.wakeups.wake()
        return messages

    async def turn(self) -> None:
        """Carry what is due in each lane, and look at what was not answered: once, at the world's time."""
        for lane in Lane:
            if claimed := await self.dispatch.claim(lane, CLAIMED_MAX):
                await self.dispatch.carry(claimed)
        await self.reconcile.step()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The same by itself, in real time, as long as the block runs."""
        stop = asyncio.Event()

        async def look() -> bool:
            await self.reconcile.step()
            return False

        dispatcher = Dispatcher(dispatch=self.dispatch, wakeups=self.wakeups, metrics=self.metrics, stop=stop)
        loops = [
            asyncio.create_task(dispatcher.run()),
            asyncio.create_task(repeat("reconcile", look, every_s=0.25, stop=stop)),
        ]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*loops)

    async def hear(self, channel: int, *news: Mapping[str, str]) -> None:
        """A vendor calls back."""
        body = json.dumps(news).encode()
        vendor = self.vendors[channel]
        heard = vendor.hear(Callback("POST", "http://localhost/", {}, "", body, "127.0.0.1"))
        await self.settle_of(channel)(heard.receipts, heard.replies)

    async def drained(self, within_s: float) -> bool:
        """Whether nothing waits to be sent or is being sent any more, after so long at the most."""
        until_s = asyncio.get_running_loop().time() + within_s
        while await self.waiting():
            if asyncio.get_running_loop().time() > until_s:
                return False
            await asyncio.sleep(0.02)
        return True

    async def waiting(self) -> int:
        """How many messages are in line or on their way to a vendor."""
        gauges = await self.world.read(GetGauges(self.clock.now()))
        return gauges.by_state.get(State.QUEUED, 0) + gauges.by_state.get(State.SENDING, 0)


@asynccontextmanager
async def carrying(
    *links: Link,
    real: bool = True,
    wrap: Wrap = as_it_is,
    health: type[Health] = Health,
    connector: aiohttp.TCPConnector | None = None,
    total_s: float = TOTAL_S,
) -> AsyncIterator[Carriage]:
    """A carriage with funds for any load: in real time, or at the world's; `total_s` of a call."""
    connector = connector or aiohttp.TCPConnector(limit=0)
    connect_s = min(CONNECT_S, total_s / 2)
    async with a_world() as (world, where), session(connector, total_s=total_s, connect_s=connect_s) as http:
        world.account_id = await world.account("sender", FUNDS)
        clock = SystemClock() if real else Told(world)
        yield Carriage(world, where, clock, http, links, wrap=wrap, health=health)


async def judge(carriage: Carriage, vendors: Iterable[HostileVendor]) -> dict[str, float]:
    """What must be 0 whatever is done to it: lost, taken more than once, adrift, stuck."""
    file = carriage.where / SQLite.file
    stored = {row[0] for row in rows(file, "SELECT id FROM messages")}
    [(stuck,)] = rows(file, STUCK)
    return {
        "lost": sum(message.id not in stored for message in carriage.accepted),
        "duplicates": sum(repeated(vendors).values()),
        "drifts": len((await carriage.world.audit()).drifts),
        "stuck": stuck,
    }


@dataclass
class Stall:
    """How long the event loop was not free, the longest time, in seconds."""

    longest_s: float = 0.0


@asynccontextmanager
async def watched() -> AsyncIterator[Stall]:
    """Look at the event loop as long as the block runs: on a busy machine it stands still at times."""
    stall, loop = Stall(), asyncio.get_running_loop()

    async def look() -> None:
        while True:
            since_s = loop.time()
            await asyncio.sleep(TICK_S)
            stall.longest_s = max(stall.longest_s, loop.time() - since_s - TICK_S)

    looking = asyncio.create_task(look())
    try:
        yield stall
    finally:
        looking.cancel()


class Wrapped:
    """A connection whose `send` is another's, which is given the connection."""

    def __init__(
        self, vendor: Vendor, send: Callable[[Vendor, Sequence[Outbound]], Awaitable[list[Verdict]]]
    ) -> None:
        self._vendor, self._send = vendor, send
        self.query, self.listen, self.hear, self.check = (
            vendor.query,
            vendor.listen,
            vendor.hear,
            vendor.check,
        )

    @property
    def capabilities(self) -> Capabilities:
        """The vendor's."""
        return self._vendor.capabilities

    async def send(self, outbounds: Sequence[Outbound]) -> list[Verdict]:
        """Offer messages."""
        return await self._send(self._vendor, outbounds)


def misread(one: type[NotSent | Unknown], other: type[NotSent | Unknown]) -> Wrap:
    """The bug that one verdict is taken for the other."""

    async def send(vendor: Vendor, outbounds: Sequence[Outbound]) -> list[Verdict]:
        verdicts = await vendor.send(outbounds)
        return [other(each.detail) if isinstance(each, one) else each for each in verdicts]

    return lambda vendor: Wrapped(vendor, send)


class Unwatched(Health):
    """Nobody counts what fails, so that no breaker opens."""

    def answered(self, *_: object) -> None:
        """Forgotten."""
