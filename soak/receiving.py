"""Channels of real vendor kinds over a real store: what is sent to vendors, and what they tell later.

Adapters, HTTP, dispatch, reconciling, polling and the callbacks' address are the product's own; the vendors
are servers of the experiment's, and the clock is the world's.
"""

import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Any

import aiohttp
import httpx2

from posthouse.core.callbacks import path_of, secret_of
from posthouse.core.message import Lane
from posthouse.core.ports.channels import ChannelRecord
from posthouse.core.ports.vendor import Vendor
from posthouse.core.routing import Channel
from posthouse.core.verdict import Receipt
from posthouse.observe import Metrics
from posthouse.services.arrange import Arranger
from posthouse.services.dispatch import Dispatch
from posthouse.services.hearing import Hearing
from posthouse.services.polling import Polling
from posthouse.services.reconcile import Reconcile
from posthouse.services.settle import Settle
from posthouse.vendors import base
from posthouse.vendors.adapter import Adapter, Config
from posthouse.vendors.registry import ADAPTERS
from soak.callbacks import FORMS, SECRET, TOKEN, News, Pushed
from soak.dispatching import Told
from tests.contracts.build import World
from tests.fakes import CIPHER, CountedWakeups, FixedDirectory
from tests.web import house

PUBLIC = "https://sms.example.com"
VENDOR = "203.0.113.7"
"""Where vendors' callbacks come from."""
KEY = b"k" * 32
ANSWERS_WITHIN_S = 2.0

SETTINGS: Mapping[str, Mapping[str, str]] = {
    "tencent": {
        "secret_id": "AKIDsimulated",
        "secret_key": "a-made-up-secret",
        "sdk_app_id": "1400006666",
        "sign_name": "邮局",
    },
    # The pair that `tests/vendors/aliyun_peer.py` knows.
    "aliyun": {
        "access_key_id": "LTAI5tSimulated",
        "access_key_secret": "a-made-up-secret",
        "sign_name": "邮局",
    },
    "twilio": {"account_sid": "AC" + "0123456789abcdef" * 2, "auth_token": TOKEN, "from": "+15005550006"},
    # The preset takes any 2xx for a yes; most vendors say more than that.
    "http": {
        "preset": "json",
        "url": "/send",
        "secret": SECRET,
        "success": "status 200-299 and json status = accepted",
        "reference": "json id",
        "codes": '{"no_money": "balance", "bad_number": "invalid_number", "busy": "vendor_temporary"}',
    },
}
APPROVING = frozenset(name for name, kind in ADAPTERS.items() if kind.capabilities.approval)


class Wired:
    """One channel, as it was configured: `name` may be any, `of` another account's than everybody's."""

    def __init__(
        self,
        kind: str,
        at: str = "http://127.0.0.1:9",
        *,
        name: str = "",
        of: int | None = None,
        callback_from: tuple[str, ...] = (),
        made: type[Adapter] | None = None,
    ) -> None:
        """`at`: the vendor's server, nobody's unless told; `made`: another adapter than the kind's."""
        self.kind, self.at, self.name = kind, at, name or kind
        self.owner, self.callback_from = of, callback_from
        self.made = made or ADAPTERS[kind]

    def record(self, number: int) -> ChannelRecord:
        """As the store would have it."""
        channel = Channel(
            number, self.name, self.kind, account_id=self.owner, approval=self.kind in APPROVING
        )
        return ChannelRecord(channel, {}, b"", self.callback_from)

    def adapter(self, callback_url: str) -> Adapter:
        """Its adapter."""
        plain = {setting.name: setting.default for setting in self.made.settings}
        return self.made(Config(plain | dict(SETTINGS[self.kind]) | {"base_url": self.at}, callback_url))


class Branch:
    """The channels, numbered from 1 on, with all that sends over them and hears from them."""

    def __init__(self, world: World, wired: Sequence[Wired], http: aiohttp.ClientSession) -> None:
        self.world = world
        self.records = {each.name: each.record(number) for number, each in enumerate(wired, 1)}
        self.numbers = {name: record.channel.id for name, record in self.records.items()}
        self.kinds = {each.name: each.kind for each in wired}
        clock, self.metrics = Told(world), Metrics()
        self.vendors: dict[int, Vendor] = {
            self.numbers[each.name]: base.HttpVendor(
                each.adapter(self.address(each.name)), http, clock, channel=each.name
            )
            for each in wired
        }
        directory = FixedDirectory(*(record.channel for record in self.records.values()))
        tokens = itertools.count(1)
        shared: dict[str, Any] = {
            "store": world.store,
            "clock": clock,
            "vendors": self.vendors,
            "wakeups": CountedWakeups(),
            "owner": world.owner,
            "tokens": lambda: next(tokens),
            "metrics": self.metrics,
        }
        self._channels = directory.channels
        self.dispatch = Dispatch(**shared, arranger=Arranger(directory, clock, UTC, CIPHER))
        self.reconcile = Reconcile(**shared, directory=directory, settle_of=self.settle_of)
        self.polling = Polling(store=world.store, clock=clock, vendors=self.vendors, settle_of=self.settle_of)
        records = tuple(self.records.values())
        self.hearing = Hearing(
            key=KEY,
            records=lambda: records,
            vendors=self.vendors,
            settle_of=self.settle_of,
            clock=clock,
            metrics=self.metrics,
            public_url=PUBLIC,
        )

    def settle_of(self, channel_id: int) -> Settle:
        """A channel's `Settle`."""
        return Settle(
            channel_id,
            store=self.world.store,
            clock=Told(self.world),
            wakeups=CountedWakeups(),
            metrics=self.metrics,
            channels=self._channels,
        )

    def path(self, name: str) -> str:
        """The path of a channel's callback address."""
        return path_of(name, secret_of(KEY, self.numbers[name], self.records[name].generation))

    def address(self, name: str) -> str:
        """The whole address, as vendors know it."""
        return PUBLIC + self.path(name)

    async def send(self, lane: Lane = Lane.NOTIFICATION, limit: int = 500) -> None:
        """Send all that waits in a lane."""
        while claimed := await self.dispatch.claim(lane, limit):
            await self.dispatch.carry(claimed)

    async def settle(self, name: str, *receipts: Receipt) -> None:
        """Settle what nobody called about."""
        await self.settle_of(self.numbers[name])(receipts, [])

    async def app(self) -> "Door":
        """The real application in front of it."""
        built = await house.build(
            store=self.world.store, clock=Told(self.world), hearing=self.hearing, counts=self.metrics
        )
        return Door(built.app, self)


class Door:
    """Calls the application as vendors do."""

    def __init__(self, app: Any, branch: Branch) -> None:  # noqa: ANN401 - any ASGI application
        self._app, self._branch = app, branch
        self._clients: dict[str, httpx2.AsyncClient] = {}

    async def tell(self, name: str, *news: News) -> int:
        """What a vendor has to tell, to its channel's address; the status of the answer."""
        branch = self._branch
        return await self.push(branch.path(name), FORMS[branch.kinds[name]](news, branch.address(name)))

    async def push(self, path: str, pushed: Pushed, *, remote: str = VENDOR) -> int:
        """Any call; the status of the answer."""
        if remote not in self._clients:
            transport = httpx2.ASGITransport(app=self._app, client=(remote, 443))
            self._clients[remote] = httpx2.AsyncClient(transport=transport, base_url=PUBLIC)
        url = f"{path}?{pushed.query}" if pushed.query else path
        answer = await self._clients[remote].post(url, content=pushed.body, headers=dict(pushed.headers))
        return answer.status_code


@asynccontextmanager
async def a_branch(world: World, *wired: Wired) -> AsyncIterator[Branch]:
    """A branch with these channels."""
    connector = aiohttp.TCPConnector(limit=0)
    async with base.session(connector, total_s=ANSWERS_WITHIN_S, connect_s=ANSWERS_WITHIN_S / 2) as http:
        yield Branch(world, wired, http)


def plain(kind: str, code: str = "246810") -> dict[str, Any]:
    """The fields of a message that vendors of this kind carry."""
    if kind in APPROVING:
        return {"body": None, "template_id": "1234567", "params": f'{{"code": "{code}"}}'}
    return {"body": f"{code} is your code."}
