"""Channels over a real store: what they are told, who may read it, and what their vendors say."""

from dataclasses import replace

import pytest

from posthouse.core import catalogue
from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.channels import SaveChannel
from posthouse.core.ports.routes import DropRoute, SaveRoute
from posthouse.core.ports.vendor import Money, Setting
from posthouse.core.routing import ChannelState
from posthouse.core.rules import Rule
from posthouse.core.vault import Vault
from posthouse.core.verdict import NotSent, Reason, Refused
from posthouse.services.channel_settings import merged, opened, values_of
from posthouse.services.channels import CHANNELS_MAX, Channels, Wishes
from posthouse.webhooks.addresses import objection
from tests.contracts.backends import SQLiteBackend
from tests.kinds import ACME, KINDS, SETTINGS, Acme
from tests.web.house import FixedClock


@pytest.fixture
def vault():
    return Vault(b"v" * 32)


@pytest.fixture
def acme(vault):
    return Acme(vault)


@pytest.fixture
def backend(tmp_path):
    return SQLiteBackend(tmp_path)


@pytest.fixture
def clock():
    return FixedClock()


def made_of(store, clock, vault, acme):
    return Channels(
        store,
        clock,
        kinds=KINDS,
        seal=vault.seal,
        open=vault.open,
        objection=objection,
        fit=acme.fit,
        connect=acme.connect,
    )


@pytest.fixture
async def channels(backend, vault, acme, clock):
    store = backend.open()
    yield made_of(store, clock, vault, acme)
    store.close()


async def add(channels, owner=None, name=None, vendor="acme", settings=None, **wishes):
    told = SETTINGS if settings is None else settings
    command = await channels.draft(vendor, owner, Wishes(settings=told, **wishes), name=name)
    await channels.add(command)
    return await channels.get(command.record.channel.name, owner)


async def refused(doing):
    with pytest.raises(Refusal) as caught:
        await doing
    return caught.value


async def test_a_channel_is_called_as_its_vendor_and_then_numbered(channels):
    made = [await add(channels) for _ in range(3)]
    assert [each.channel.name for each in made] == ["acme", "acme-2", "acme-3"]
    first = made[0].channel
    assert (first.state, first.rate_per_s, first.account_id) == (ChannelState.ACTIVE, 1000, None)
    assert (await add(channels, owner=7)).channel.name == "acme"  # each owner has names of its own


async def test_secrets_are_sealed_apart_and_only_for_this_channel(channels, vault):
    record = await add(channels, settings=SETTINGS | {"token": "t", "region": "south"})
    assert record.settings == {"key_id": "A1", "region": "south"}
    assert b"very secret" not in record.credentials
    assert opened(record, vault.open) == {"key_secret": "very secret", "token": "t"}
    assert channels.secrets_of(record) == ["key_secret", "token"]
    assert values_of(ACME, record, vault.open)["base_url"] == "https://acme.example"
    other = record._replace(channel=replace(record.channel, name="another"))
    assert channels.secrets_of(other) == []


@pytest.mark.parametrize(
    ("settings", "code", "param", "facts"),
    [
        ({"key_id": "A1"}, Code.MISSING_FIELD, "settings.key_secret", {}),
        (SETTINGS | {"key_secret": ""}, Code.MISSING_FIELD, "settings.key_secret", {}),
        (SETTINGS | {"regoin": "x"}, Code.UNKNOWN_FIELD, "settings.regoin", {"nearest": "region"}),
        (SETTINGS | {"region": "east"}, Code.INVALID_VALUE, "settings.region", {"allowed": "north, south"}),
        (SETTINGS | {"token": "x" * 8001}, Code.INVALID_VALUE, "settings.token", {"length_max": 8000}),
        (SETTINGS | {"token": "a\0b"}, Code.INVALID_VALUE, "settings.token", {"kind": "line"}),
        (SETTINGS | {"key_id": "B1"}, Code.INVALID_VALUE, "settings", {"why": "key_id begins with A"}),
    ],
)
async def test_settings_are_what_the_kind_asks_for(channels, settings, code, param, facts):
    refusal = await refused(channels.draft("acme", None, Wishes(settings=settings)))
    assert (refusal.code, refusal.param, refusal.facts) == (code, param, facts)


async def test_what_was_pasted_loses_the_white_space_around_it(channels, vault):
    pasted = {"key_id": " A1\n", "key_secret": "\tvery secret \r\n", "token": " \u3000"}
    record = await add(channels, settings=SETTINGS | pasted)
    assert record.settings == {"key_id": "A1"}
    assert opened(record, vault.open) == {"key_secret": "very secret"}
    refusal = await refused(channels.draft("acme", None, Wishes(settings=SETTINGS | {"key_secret": " "})))
    assert (refusal.code, refusal.param) == (Code.MISSING_FIELD, "settings.key_secret")


@pytest.mark.parametrize("pasted", ["【驿站】", " 【 驿站 】 ", "驿站"])
def test_a_signature_is_kept_without_its_brackets(pasted):
    kind = replace(ACME, settings=(Setting("sign_name", ("signature", "签名")),))
    assert merged(kind, {}, {"sign_name": pasted}).plain == {"sign_name": "驿站"}


@pytest.mark.parametrize(
    ("wishes", "param"),
    [
        ({"rate_per_s": 100_001}, "rate_per_s"),
        ({"concurrency": 0}, "concurrency"),
        ({"weight": 1001}, "weight"),
        ({"cost": 1_000_000_001}, "cost"),
        ({"costs": {"CN": -1}}, "costs.CN"),
        ({"costs": {"XX": 1}}, "costs"),
        ({"countries": ["China"]}, "countries"),
        ({"countries": ["DE"]}, "countries"),  # which this vendor does not carry
        ({"callback_from": ["203.0.113"]}, "callback_from"),
        ({"callback_from": ["203.0.113.7"] * 65}, "callback_from"),
    ],
)
async def test_what_routing_looks_at_has_bounds(channels, wishes, param):
    refusal = await refused(channels.draft("acme", None, Wishes(settings=SETTINGS, **wishes)))
    assert (refusal.code, refusal.param) == (Code.INVALID_VALUE, param)


@pytest.mark.parametrize("name", ["", "-x", "a/b", "..", "a b", "通道", "x" * 101, "sandbox"])
async def test_names_are_plain_and_no_other_vendors(channels, name):
    refusal = await refused(channels.draft("acme", None, Wishes(settings=SETTINGS), name=name))
    assert (refusal.code, refusal.param) == (Code.INVALID_VALUE, "name")


async def test_no_vendor_twice_the_same_name_and_too_many_are_refused(channels, backend):
    for wanted, nearest in (("acmee", {"nearest": "acme"}), ("qqq", {})):
        refusal = await refused(channels.draft(wanted, None, Wishes()))
        assert (refusal.code, refusal.facts) == (Code.UNKNOWN_VENDOR, {"vendor": wanted} | nearest)
    await add(channels)
    again = await channels.draft("acme", None, Wishes(settings=SETTINGS), name="acme")
    assert (await refused(channels.add(again))).code is Code.ALREADY_EXISTS
    for number in range(CHANNELS_MAX - 1):
        await add(channels, name=f"c{number}")
    assert (await refused(channels.draft("acme", None, Wishes(settings=SETTINGS)))).code is Code.TOO_MANY


async def test_a_simulator_is_the_platforms_only(channels):
    made = await add(channels, vendor="sandbox", name="second", settings={})
    assert made.channel.simulated
    assert (await channels.check(made)).ok
    refusal = await refused(channels.draft("sandbox", 7, Wishes()))
    assert (refusal.code, refusal.facts) == (Code.INVALID_VALUE, {"allowed": "acme"})


async def test_a_change_leaves_what_it_does_not_name(channels, clock, vault):
    before = await add(channels, cost=45_000, costs={"US": 80_000}, countries=["CN"])
    clock.at += 1
    after = await channels.change("acme", None, Wishes(cost=40_000, settings={"region": "south"}))
    assert after == await channels.get("acme", None)
    assert (after.channel.cost, after.channel.costs) == (40_000, (("US", 80_000),))
    assert after.channel.countries == {"CN"}
    assert after.settings == {"key_id": "A1", "region": "south"}
    assert opened(after, vault.open) == opened(before, vault.open)
    assert after.channel.version != before.channel.version
    emptied = await channels.change("acme", None, Wishes(countries=[], costs={}, settings={"region": ""}))
    assert (emptied.channel.countries, emptied.channel.costs) == (frozenset(), ())
    assert emptied.settings == {"key_id": "A1"}


async def test_a_refused_change_changes_nothing(channels):
    before = await add(channels)
    assert (await refused(channels.change("acme", None, Wishes(cost=1, settings={"key_id": "B"})))).param
    assert await channels.get("acme", None) == before


async def test_another_address_needs_the_secrets_anew(channels):
    await add(channels, settings=SETTINGS | {"token": "t"})
    elsewhere = {"base_url": "https://elsewhere.example"}
    for given, missing in (({}, "key_secret"), ({"key_secret": "s"}, "token")):
        refusal = await refused(channels.change("acme", None, Wishes(settings=elsewhere | given)))
        assert (refusal.code, refusal.param) == (Code.MISSING_FIELD, f"settings.{missing}")
    record = await channels.get("acme", None)
    assert (await refused(channels.check(record, elsewhere))).code is Code.MISSING_FIELD
    moved = await channels.change("acme", None, Wishes(settings=elsewhere | {"key_secret": "s", "token": ""}))
    assert channels.secrets_of(moved) == ["key_secret"]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8025", "https://10.0.0.1", "https://localhost", "ftp://a.b"]
)
async def test_an_accounts_own_channel_may_not_call_inside(channels, url):
    refusal = await refused(channels.draft("acme", 7, Wishes(settings=SETTINGS | {"base_url": url})))
    assert (refusal.code, refusal.param) == (Code.INVALID_VALUE, "settings.base_url")
    assert refusal.facts["why"]
    assert await channels.draft("acme", None, Wishes(settings=SETTINGS | {"base_url": url}))


async def test_rotated_credentials_take_the_old_ones_place(channels, vault):
    before = await add(channels, settings=SETTINGS | {"token": "t"})
    after = await channels.rotate("acme", None, {"key_id": "A2", "key_secret": "new"}, callback=True)
    assert opened(after, vault.open) == {"key_secret": "new", "token": "t"}
    assert (after.settings["key_id"], after.generation) == ("A2", before.generation + 1)
    assert (await channels.rotate("acme", None, {"token": ""})).generation == after.generation


class Interrupted:
    """A store to which somebody else writes first, so many times, whenever a channel is saved."""

    def __init__(self, store, times, meanwhile):
        self.read, self._write = store.read, store.write
        self.times, self._meanwhile = times, meanwhile

    async def write(self, command):
        if isinstance(command, SaveChannel) and self.times:
            self.times -= 1
            await self._meanwhile()
        return await self._write(command)


@pytest.fixture
async def interrupted(backend, vault, acme, clock, channels):
    store = backend.open()
    rotations = iter(range(100))

    async def rotate():
        await channels.rotate("acme", None, {"key_secret": f"new {next(rotations)}"}, callback=True)

    between = Interrupted(store, 1, rotate)
    yield made_of(between, clock, vault, acme), between
    store.close()


async def test_a_change_undoes_no_rotation_that_another_process_makes_meanwhile(channels, interrupted, vault):
    await add(channels)
    after = await interrupted[0].change("acme", None, Wishes(weight=5, settings={"region": "south"}))
    assert after == await channels.get("acme", None)
    assert opened(after, vault.open) == {"key_secret": "new 0"}
    assert (after.generation, after.channel.weight, after.settings["region"]) == (2, 5, "south")


async def test_two_rotations_at_once_are_two(channels, interrupted):
    await add(channels)
    after = await interrupted[0].rotate("acme", None, {}, callback=True)
    assert (await channels.get("acme", None)).generation == after.generation == 3


async def test_who_is_interrupted_again_and_again_is_told_to_come_later(channels, interrupted):
    await add(channels)
    other, between = interrupted
    between.times = 100
    assert (await refused(other.move("acme", None, ChannelState.DRAINING))).code is Code.OVERLOADED
    assert between.times > 90
    assert (await channels.get("acme", None)).channel.state is ChannelState.ACTIVE


async def test_credentials_that_cannot_be_read_are_healed_by_new_ones(channels, backend, acme):
    await add(channels)
    backend.plant("UPDATE channels SET credentials = x'0102' WHERE name = 'acme'")
    refusal = await refused(channels.change("acme", None, Wishes(settings={"region": "south"})))
    assert refusal.param == "settings.key_secret"
    healed = await channels.rotate("acme", None, {"key_secret": "new"})
    assert channels.secrets_of(healed) == ["key_secret"]


async def test_draining_undraining_and_removing(channels):
    await add(channels, name="mine", owner=7)
    drained = await channels.move("mine", 7, ChannelState.DRAINING)
    assert drained.channel.state is ChannelState.DRAINING
    assert (await channels.move("mine", 7, ChannelState.ACTIVE)).channel.state is ChannelState.ACTIVE
    for owner in (None, 8):
        assert (await refused(channels.remove("mine", owner))).code is Code.NOT_FOUND
    await channels.remove("mine", 7)
    assert (await refused(channels.get("mine", 7))).code is Code.NOT_FOUND
    assert (await add(channels, name="mine", owner=7)).channel.name == "mine"


async def test_a_channel_that_a_route_names_is_not_removed_before_the_route_is(channels, backend, clock):
    store = backend.open()
    await store.write(SaveRoute(Rule(0, "mainland", 10, channels=("acme", "main")), clock.now()))
    for name in ("acme", "main"):
        await add(channels, name=name)
    refusal = await refused(channels.remove("main", None))
    assert (refusal.code, refusal.param, refusal.facts) == (Code.INVALID_VALUE, None, {"route": "mainland"})
    assert "mainland" in catalogue.explain(refusal, "en").detail
    await channels.remove("acme", None)  # the route means the vendor then, of which there is another
    await add(channels, name="main", owner=7)
    await channels.remove("main", 7)  # what is an account's own, no route of the operator's keeps
    await store.write(DropRoute("mainland"))
    await channels.remove("main", None)
    store.close()


async def test_a_vendor_is_asked_under_what_is_stored_or_about_to_be(channels, acme):
    record = await add(channels)
    told = await channels.check(record)
    assert (told.ok, told.asked, told.balance) == (True, True, Money("12.50", "CNY"))
    acme.says = Refused(Reason.AUTH, "40100", "wrong key")
    told = await channels.check(record, {"key_secret": "new"})
    assert told[:6] == (False, True, "auth", "40100", "wrong key", None)
    acme.says = NotSent("refused")
    assert (await channels.check(record)).detail == "refused"
    acme.says = None
    assert (await channels.check(record)).ok
    assert [asked["key_secret"] for asked in acme.asked] == [
        "very secret",
        "new",
        "very secret",
        "very secret",
    ]
    assert await channels.get("acme", None) == record  # asking stores nothing


async def test_what_cannot_be_connected_says_why(channels, backend):
    await add(channels)
    backend.plant("""UPDATE channels SET settings = '{"key_id": "B"}' WHERE name = 'acme'""")
    record = await channels.get("acme", None)
    assert channels.broken(record) == "key_id begins with A"
    assert await channels.check(record) == (False, False, None, None, None, "key_id begins with A", None)
