"""Channels' live connections: made from records, made anew when those change, none without harm to others."""

import asyncio
import socket
import threading
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from posthouse.bootstrap.connections import Adapters, Connections
from posthouse.bootstrap.house import SystemClock
from posthouse.core.ports.channels import ChannelRecord
from posthouse.core.ports.vendor import Money
from posthouse.core.routing import Channel, ChannelState
from posthouse.core.vault import Vault
from posthouse.core.verdict import NotSent
from posthouse.services.channel_settings import sealed
from posthouse.vendors.sandbox import Sandbox
from posthouse.webhooks import connector, names
from tests.vendors.peer import serving
from tests.vendors.twilio_peer import TwilioPeer

VAULT = Vault(b"v" * 32)
SANDBOX = ChannelRecord(Channel(1, "sandbox", "sandbox", simulated=True), {}, b"")


@pytest.fixture
def peer():
    return TwilioPeer()


@pytest.fixture
async def url(peer):
    async with serving(peer) as url:
        yield url


@pytest.fixture
async def connections(tmp_path):
    made = Connections(Adapters(VAULT, "https://sms.example.com"), VAULT, SystemClock(), tmp_path)
    yield made
    await made.close()


def twilio(peer, url, *, token=None, number=2, account_id=None, **settings):
    told = {"account_sid": peer.account_sid, "from": "+15005550006", "base_url": url} | settings
    channel = Channel(number, f"twilio-{number}", "twilio", account_id=account_id)
    return sealed(ChannelRecord(channel, told, b""), {"auth_token": token or peer.auth_token}, VAULT.seal)


async def test_every_channel_gets_the_connection_of_its_kind(connections, peer, url):
    await connections.follow([SANDBOX, twilio(peer, url)])
    assert isinstance(connections.vendors[1], Sandbox)
    assert str(await connections.vendors[2].check()) == "Money(amount='12.3456', unit='USD')"


async def test_a_connection_is_kept_until_what_it_is_made_of_changes(connections, peer, url):
    record, vendors = twilio(peer, url), connections.vendors
    await connections.follow([SANDBOX, record])
    first = dict(vendors)
    drained = replace(record.channel, state=ChannelState.DRAINING, cost=1, version=9)
    await connections.follow([SANDBOX, record._replace(channel=drained, changed_at=9)])
    assert dict(vendors) == first
    for changed in (
        record._replace(settings=record.settings | {"from": "+15005550007"}),
        twilio(peer, url, token="new"),
        record._replace(generation=2),
    ):
        before = vendors[2]
        await connections.follow([SANDBOX, changed])
        assert vendors[2] is not before
        assert vendors[1] is first[1]
    await connections.follow([SANDBOX])
    assert set(vendors) == {1}


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"credentials": b"\x01 not ours"}, "another secret key"),
        ({"settings": {"account_sid": "SK1"}}, "account_sid begins with AC"),
        ({"channel": Channel(2, "x", "pigeon")}, "no vendor pigeon"),
    ],
)
async def test_a_channel_that_cannot_be_connected_is_told_once_and_harms_no_other(
    connections, peer, url, broken, why
):
    record = twilio(peer, url)
    with capture_logs() as events:
        for _ in range(3):
            await connections.follow([SANDBOX, record._replace(**broken), twilio(peer, url, number=3)])
    assert set(connections.vendors) == {1, 3}
    [event] = [each for each in events if each["event"] == "channel_broken"]
    assert why in event["why"]
    assert peer.auth_token not in str(event)
    await connections.follow([SANDBOX, record])
    assert set(connections.vendors) == {1, 2}


async def test_an_accounts_own_channel_calls_nothing_inside(connections, peer, url):
    await connections.follow([twilio(peer, url, account_id=7)])
    said = await connections.vendors[2].check()
    assert isinstance(said, NotSent)
    assert "not public" in said.detail
    assert peer.asked == []


async def test_busy_connections_of_one_owner_hold_up_no_other(connections, monkeypatch, peer, url):
    monkeypatch.setattr(connector, "may_be_called", lambda *_: True)
    monkeypatch.setattr(connector, "PER_HOST_MAX", 1)
    await connections.follow([twilio(peer, url, number=number, account_id=number) for number in (7, 8)])
    peer.next("hang")
    hanging = asyncio.create_task(connections.vendors[7].check())
    while not peer.asked:  # noqa: ASYNC110 - the peer is no part of the product, and tells nobody
        await asyncio.sleep(0.01)
    assert isinstance(await connections.vendors[8].check(), Money)
    hanging.cancel()
    await asyncio.wait([hanging])


async def test_slow_names_of_one_owner_hold_up_neither_others_nor_the_platform(
    connections, monkeypatch, peer, url
):
    real, go = socket.getaddrinfo, threading.Event()

    def look_up(host, *more, **named):
        if "slow" in str(host):
            go.wait(10)
        return real("127.0.0.1" if "example" in str(host) else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    slow = [
        twilio(peer, f"http://n{number}.slow.example", number=number, account_id=7)
        for number in range(10, 30)
    ]
    other = twilio(peer, "http://quick.example", number=3, account_id=8)
    await connections.follow([*slow, other, twilio(peer, url.replace("127.0.0.1", "localhost"))])
    waiting = [asyncio.create_task(connections.vendors[record.channel.id].check()) for record in slow]
    await asyncio.sleep(0.05)
    try:
        async with asyncio.timeout(2):
            refused = await connections.vendors[3].check()
            money = await connections.vendors[2].check()
        assert not any(task.done() for task in waiting)
    finally:
        go.set()
    assert "not public" in refused.detail
    assert isinstance(money, Money)
    assert all(isinstance(each, NotSent) for each in await asyncio.gather(*waiting))


async def test_a_name_that_is_not_found_in_time_was_not_called(monkeypatch):
    monkeypatch.setattr(names, "LOOKUP_S", 0.05)
    go, looking = threading.Event(), names.Names()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: go.wait(10))
    try:
        with pytest.raises(OSError, match="not found in time"):
            await looking.resolve("slow.example", 80)
        monkeypatch.setattr(names, "WAITING_MAX", 0)
        with pytest.raises(OSError, match="too many"):
            await looking.resolve("slow.example", 80)
    finally:
        go.set()
        await looking.close()


async def test_the_last_calls_of_an_owner_whose_channels_are_gone_still_end(
    connections, monkeypatch, peer, url
):
    monkeypatch.setattr(connector, "may_be_called", lambda *_: True)
    await connections.follow([twilio(peer, url, account_id=7)])
    vendor = connections.vendors[2]
    await connections.follow([])
    assert isinstance(await vendor.check(), Money)


async def test_each_simulator_has_handsets_of_its_own(connections, tmp_path):
    second = SANDBOX._replace(channel=replace(SANDBOX.channel, id=5, name="second"))
    await connections.follow([SANDBOX, second])
    assert connections.vendors[1] is not connections.vendors[5]
    files = sorted(path.name for path in tmp_path.glob("*.db"))
    assert files == ["sandbox-5.db", "sandbox.db"]
    assert all(path.stat().st_mode & 0o77 == 0 for path in tmp_path.glob("*.db"))
    assert await connections.handset(1, None, 10) == []


async def test_callback_addresses_are_unlike_for_each_channel_and_generation(peer):
    adapters = Adapters(VAULT, "https://sms.example.com/")
    record = twilio(peer, "http://x")
    paths = {
        adapters.callback(each)
        for each in (record, record._replace(generation=2), twilio(peer, "http://x", number=3))
    }
    assert len(paths) == 3
    assert all(whole == f"https://sms.example.com{path}" for path, whole in paths)
    assert Adapters(VAULT, "").callback(record)[1] is None
