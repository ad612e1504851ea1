"""Which channel carries a code: what its planner remembers, and what it must not mix up."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

from posthouse.core.conversion import Conversion
from posthouse.core.message import Lane, Outcome
from posthouse.core.ports.conversions import GetConversions
from posthouse.core.ports.life import PastAttempt
from posthouse.core.routing import Channel
from posthouse.core.verdict import NotSent
from posthouse.observe import Metrics
from posthouse.services.conversion import WINDOW_US, Conversions
from posthouse.services.health import Health
from posthouse.services.plan import REMEMBERED_MAX, Plan, Planner, Ready
from posthouse.services.rendering import Rendering
from tests.fakes import ScriptedStore, claimed
from tests.virtual_time import START_US, VirtualClock, in_virtual_time

ONE, TWO = Channel(1, "one", "smpp", cost=1), Channel(2, "two", "twilio", cost=2)
SANDBOX = Channel(9, "sandbox", "sandbox", simulated=True)
CHANNELS = (ONE, TWO, SANDBOX)
SAID = Rendering("hello", None, None, None)
BAD = (Conversion(1, 40, 12), Conversion(2, 40, 36))


class Told:
    """Figures that a story says."""

    def __init__(self, **figures: tuple[Conversion, ...]) -> None:
        self.figures = figures

    def of(self, country: str) -> tuple[Conversion, ...]:
        return self.figures.get(country, ())


def plans(planner: Planner, ready: Ready, channels: tuple[Channel, ...]) -> list[Plan]:
    """The plan for a message; none where no channel takes it."""
    found = planner.loads([ready], channels, trials={ready.message.account_id: False}, now=START_US)
    return [planned.plan for load in found.loads for planned in load.planned]


def otp(**fields: Any) -> Ready:
    """The same message, but for `fields`; drawn, it goes over channel 1."""
    return Ready(claimed(0, **{"now": START_US, "lane": Lane.OTP} | fields), SAID)


def plan(planner: Planner, **fields: Any) -> Plan:
    [found] = plans(planner, otp(**fields), CHANNELS)
    return found


def chosen(planner: Planner, **fields: Any) -> str | None:
    channels = [found.channel for found in plans(planner, otp(**fields), CHANNELS)]
    return channels[0].name if channels and channels[0] else None


def whys(planned: Plan) -> dict[str, str]:
    return {step["channel"]: step["why"] for step in json.loads(planned.decision)["considered"]}


def test_what_carried_the_code_before_is_told_apart_from_what_did_not():
    planner = Planner(Told())
    assert chosen(planner) == "one"
    assert chosen(planner, avoid=frozenset({1})) == "two"
    assert chosen(planner, avoid=frozenset({1, 2})) == "one"
    assert chosen(planner) == "one"
    assert whys(plan(planner, avoid=frozenset({1})))["one"] == "candidate 2; it carried the same code before"


def test_the_one_that_carried_it_takes_it_where_the_other_refuses():
    planned = plan(Planner(Told()), avoid=frozenset({1}))
    assert planned.others_left
    refused = (PastAttempt(2, Outcome.REFUSED),)
    assert chosen(Planner(Told()), avoid=frozenset({1}), attempts=refused) == "one"


def test_what_a_vendor_took_goes_over_another_channel_or_none():
    planner = Planner(Told())
    taken = PastAttempt(1, Outcome.ACCEPTED)
    assert chosen(planner, attempts=(taken,)) == "two"
    assert chosen(planner, attempts=(PastAttempt(1, Outcome.UNDELIVERED),)) == "two"
    assert chosen(planner, attempts=(taken,), avoid=frozenset({2})) is None
    assert chosen(planner, attempts=(taken, PastAttempt(2, Outcome.UNKNOWN))) is None
    # Of an unanswered call alone its policy says what follows: elsewhere, or the same way.
    assert chosen(planner, attempts=(PastAttempt(1, Outcome.UNKNOWN),)) == "two"
    assert (
        chosen(planner, attempts=(PastAttempt(1, Outcome.UNKNOWN), PastAttempt(2, Outcome.REFUSED))) == "one"
    )


def test_codes_go_by_how_codes_fare_in_their_country_and_other_messages_do_not():
    planner = Planner(Told(CN=BAD))
    assert chosen(planner) == "two"
    assert whys(plan(planner))["one"] == "candidate 2; fewer codes sent over it are used: 12 of 40"
    assert chosen(planner, country="US") == "one"
    assert chosen(planner, lane=Lane.NOTIFICATION) == "one"
    assert chosen(planner, pin="smpp") == "one"


def test_figures_that_change_change_the_plan():
    told = Told()
    planner = Planner(told)
    assert chosen(planner) == "one"
    told.figures = {"CN": BAD}
    assert chosen(planner) == "two"
    told.figures = {}
    assert chosen(planner) == "one"


def test_equal_channels_share_by_weight_whatever_is_left_out():
    planner = Planner(Told(CN=(*BAD, Conversion(3, 40, 36))))
    channels = (ONE, Channel(2, "two", "twilio", weight=3), Channel(3, "three", "aliyun"))
    names = [
        found.channel
        for n in range(400)
        for found in plans(planner, Ready(claimed(n, now=START_US, lane=Lane.OTP), SAID), channels)
    ]
    assert [sum(each is channel for each in names) for channel in channels] == [0, 300, 100]


@in_virtual_time
async def test_figures_are_those_of_the_last_hour_and_kept_until_they_are_read_again():
    store = ScriptedStore()
    store.answers[GetConversions] = lambda _: {"CN": BAD}
    conversions = Conversions(store, VirtualClock(), lambda: CHANNELS)
    assert conversions.of("CN") == ()
    await conversions.refresh()
    assert (conversions.of("CN"), conversions.of("US")) == (BAD, ())
    assert store.asked == [GetConversions(START_US - WINDOW_US)]


@in_virtual_time
async def test_where_there_is_nothing_to_choose_between_no_figures_are_read():
    store = ScriptedStore()
    store.answers[GetConversions] = lambda _: {"CN": BAD}
    channels: tuple[Channel, ...] = CHANNELS
    conversions = Conversions(store, VirtualClock(), lambda: channels)
    await conversions.refresh()
    channels = (ONE, SANDBOX)
    await conversions.refresh()
    assert conversions.of("CN") == ()
    assert len(store.asked) == 1


class Looked(tuple[Channel, ...]):
    """Channels that count how often somebody looks through any of them."""

    __slots__ = ()
    looks: ClassVar[int] = 0

    def __iter__(self) -> Iterator[Channel]:
        Looked.looks += 1
        return super().__iter__()


def numbered(*numbers: int, **fields: Any) -> list[Ready]:
    return [Ready(claimed(n, now=START_US, **fields), SAID) for n in numbers]


def test_what_is_remembered_has_a_bound_however_many_weights_and_accounts_there_are():
    channels = Looked((Channel(1, "one", "smpp", weight=100), Channel(2, "two", "twilio", weight=99)))
    planner, before = Planner(Told()), Looked.looks
    for account_id in (1, 2, 3):
        for ready in numbered(*range(200), account_id=account_id):
            plans(planner, ready, channels)
    assert Looked.looks == before + 3 * 3, "once to see among whom it is drawn, and once for each of them"
    [ready] = numbered(1)
    for account_id in range(REMEMBERED_MAX + 2):
        other = ready._replace(message=ready.message._replace(account_id=account_id))
        plans(planner, other, channels)
    before = Looked.looks
    plans(planner, ready, channels)
    assert Looked.looks == before + 2, "the first were forgotten"


@in_virtual_time
async def test_a_channel_that_is_down_and_never_used_costs_no_message_a_decision_of_its_own():
    channels = Looked((ONE, TWO))
    health = Health(VirtualClock(), lambda: channels, Metrics())
    planner = Planner(Told(), health)
    for _ in range(5):
        health.answered(2, [NotSent("refused")], 0.0)
    await asyncio.sleep(1)
    assert health.probes() == (2,)
    messages = numbered(*range(500))
    planner.loads(messages[:1], channels, trials={1: False}, now=START_US)
    before = Looked.looks
    [load] = planner.loads(messages, channels, trials={1: False}, now=START_US).loads
    assert (load.channel, len(load.planned)) == (ONE, 500)
    assert Looked.looks == before


@in_virtual_time
async def test_one_message_of_a_claim_is_a_probe_of_each_channel_that_is_due():
    channels = (replace(ONE, weight=3), replace(TWO, cost=1))
    health = Health(VirtualClock(), lambda: channels, Metrics())
    planner = Planner(Told(), health)
    for channel in channels:
        for _ in range(5):
            health.answered(channel.id, [NotSent("refused")], 0.0)
    await asyncio.sleep(1)
    found = planner.loads(numbered(*range(40)), channels, trials={1: False}, now=START_US)
    assert [(load.channel.id, load.probe, len(load.planned)) for load in found.loads] == [
        (1, True, 1),
        (2, True, 1),
    ]
    assert len(found.waiting) == 38
