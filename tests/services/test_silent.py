"""Codes of which nothing is heard, from the wish for one to the second channel, over a real store."""

import itertools
import json
from collections.abc import Sequence
from typing import Any

import pytest

from posthouse.core.ids import Ids
from posthouse.core.message import AGE_LIMIT_US, Lane, Mode, State
from posthouse.core.ports.admin import Role
from posthouse.core.ports.life import Finish, RecordVerdicts, SettleReceipts
from posthouse.core.ports.otp import FindChallenge, Verification
from posthouse.core.ports.queries import EventRecord, GetTrace, MessageRecord
from posthouse.core.ports.templates import Approval, ApprovalRecord, SaveTemplate, SetApproval, Subject
from posthouse.core.ports.vendor import Outbound
from posthouse.core.routing import CARRIED, CARRIED_THIS, Channel, ChannelState, Next
from posthouse.core.template import variables_of
from posthouse.core.verdict import Accepted, Deferred, Fate, NotSent, Reason, Receipt, Refused, Verdict
from posthouse.observe import Metrics
from posthouse.services.arrange import Arranger
from posthouse.services.challenge import SILENT_US, Challenges, CodeWanted
from posthouse.services.directory import Caller, Directory
from posthouse.services.dispatch import Dispatch
from posthouse.services.drafting import Drafting
from posthouse.services.silent import Resend
from posthouse.services.submit import Submit
from tests.contracts.backends import SQLiteBackend
from tests.contracts.build import SECOND, TO, World
from tests.fakes import CIPHER, CODES, CountedWakeups, ScriptedVendor
from tests.services.desk import SHANGHAI

ONE = Channel(1, "one", "smpp", cost=1)
TWO = Channel(2, "two", "twilio", cost=2, weight=0)
THREE = Channel(3, "three", "aliyun", cost=3, weight=0)
STRICT = Channel(2, "strict", "tencent", weight=0, approval=True)
SANDBOX = Channel(9, "sandbox", "sandbox", simulated=True)


class Routed(Directory):
    """A directory with the channels that a story says, whatever the store has."""

    given: tuple[Channel, ...] = ()

    def channels(self) -> tuple[Channel, ...]:
        return self.given

    def check_pin(self, account_id: int, pin: str) -> None:
        assert any(pin in channel.names for channel in self.given)


class Relay(World):
    """A store with what sends codes and what sends them again."""

    async def open(self) -> "Relay":
        await self.begin()
        self.verdicts: list[Verdict] = []
        self.vendors = {number: ScriptedVendor(self._verdict, receipts=True) for number in (1, 2, 3)}
        self.wakeups, metrics = CountedWakeups(), Metrics()
        kinds = frozenset({"smpp", "twilio", "aliyun", "tencent"})
        self.directory = Routed(self.store, pepper=b"p" * 32, vendors=kinds)
        drafting = Drafting(self.directory, SHANGHAI, CIPHER)
        clock: Any = self._clock()
        submit = Submit(
            self.store,
            clock,
            Ids(7),
            self.wakeups,
            drafting,
            zone=SHANGHAI,
            pepper=b"p" * 32,
            metrics=metrics,
        )
        self.challenges = Challenges(self.store, clock, Ids(8), submit, drafting, CIPHER)
        self.dispatch = Dispatch(
            store=self.store,
            clock=clock,
            arranger=Arranger(self.directory, clock, SHANGHAI, CIPHER),
            vendors=self.vendors,
            wakeups=self.wakeups,
            owner=self.owner,
            tokens=itertools.count(1000).__next__,
            metrics=metrics,
        )
        self.again = Resend(store=self.store, clock=clock, directory=self.directory, wakeups=self.wakeups)
        self.route(ONE, TWO, SANDBOX)
        return self

    def route(self, *channels: Channel) -> None:
        self.directory.given = channels

    def _verdict(self, outbound: Outbound) -> Verdict:
        return self.verdicts.pop(0) if self.verdicts else Accepted(f"ref-{outbound.key}")

    def _clock(self) -> Any:
        relay = self

        class Told:
            def now(self) -> int:
                return relay.now

        return Told()

    async def ask(self, **wanted: Any) -> None:
        """A code for a number, carried as far as it goes."""
        await self.directory.refresh()
        account = await self.directory.account(self.account_id)
        own = await self.directory.own(self.account_id)
        scopes = frozenset({"messages:write"})
        caller = Caller(account, {"*": 50_000}, "", Role.ACCOUNT, Mode.LIVE, scopes, None, own)
        await self.challenges.send(caller, CodeWanted(TO, **wanted), lambda _: b"reply", lambda _: None)
        await self.carry()

    async def carry(self) -> None:
        await self.dispatch.carry(await self.dispatch.claim(Lane.OTP, 100))

    async def silence(self, after_us: int = SILENT_US) -> int:
        """So much later codes are looked at, and those that are sent again are carried."""
        self.later(after_us)
        await self.directory.refresh()
        looked_at = await self.again.step()
        await self.carry()
        return looked_at

    def carried(self) -> dict[int, list[str]]:
        """What each channel was given."""
        return {
            number: [str(outbound.text or outbound.params) for call in vendor.calls for outbound in call]
            for number, vendor in self.vendors.items()
            if vendor.calls
        }

    async def newest(self) -> MessageRecord:
        return (await self.listed())[0]

    async def verification(self) -> Verification:
        found = await self.read(FindChallenge(self.account_id, Mode.LIVE, TO, "default", self.now))
        assert found.verification is not None
        return found.verification

    async def story(self, message: MessageRecord) -> Sequence[EventRecord]:
        trace = await self.read(GetTrace(self.account_id, message.id))
        assert trace is not None
        return trace.events

    async def whys(self, message: MessageRecord) -> dict[str, str]:
        """Why each channel was chosen or not, at the last decision."""
        decisions = [json.loads(each.data or "{}") for each in await self.story(message)]
        considered = [each["considered"] for each in decisions if "considered" in each][-1]
        return {step["channel"]: step["why"] for step in considered}


@pytest.fixture
async def relay(tmp_path):
    relay = await Relay(SQLiteBackend(tmp_path)).open()
    yield relay
    await relay.end()


async def test_a_code_of_which_nothing_is_heard_goes_out_once_more_over_another_channel(relay):
    await relay.ask()
    assert await relay.silence(SILENT_US - 1) == 0
    wakes = relay.wakeups.wakes
    assert await relay.silence(1) == 1
    assert relay.wakeups.wakes == wakes + 1
    code = CODES.code((await relay.verification()).seed)
    (first,), (second,) = relay.carried().values()
    assert first == second
    assert code in first
    message = await relay.newest()
    assert (message.state, message.attempts, await relay.count()) == (State.SENT, 2, 1)
    assert await relay.whys(message) == {
        "two": "chosen",
        "one": CARRIED_THIS,
        "sandbox": "the simulator serves test keys, trial accounts and installations without a real channel",
    }
    assert await relay.purses() == (99, 0, 1)
    assert await relay.silence() == 0
    assert [len(calls) for calls in relay.carried().values()] == [1, 1]


async def test_with_one_channel_nobody_looks_and_nothing_is_written(relay):
    for channels in ((ONE, SANDBOX), (ONE, Channel(2, "two", "twilio", state=ChannelState.DRAINING))):
        relay.route(*channels)
        await relay.ask()
        assert await relay.silence(61 * SECOND) == 0
        assert (await relay.newest()).state == State.SENT
        assert (await relay.verification()).silent_at is not None


async def test_a_code_that_was_delivered_is_looked_at_once_and_stays(relay):
    await relay.ask()
    [[outbound]] = relay.vendors[1].calls
    receipt = Receipt(f"ref-{outbound.key}", TO, Fate.DELIVERED, None, "", relay.now)
    await relay.write(SettleReceipts(1, (receipt,), relay.now))
    assert await relay.silence() == 1
    assert await relay.silence() == 0
    assert (await relay.newest()).state == State.DELIVERED


@pytest.mark.parametrize("left", [(ONE,), (ONE, Channel(2, "two", "twilio", countries=frozenset({"US"})))])
async def test_where_the_other_channel_is_gone_by_then_it_is_sent_as_before_and_charged_once(relay, left):
    await relay.ask()
    before = await relay.newest()
    relay.later(SILENT_US)
    assert await relay.again.step() == 1
    assert (await relay.newest()).state == State.QUEUED
    relay.route(*left)
    await relay.carry()
    message = await relay.newest()
    assert (message.state, message.charge, message.reason) == (State.SENT, "settled", None)
    assert message.look_at == before.look_at == before.created_at + AGE_LIMIT_US
    assert (await relay.whys(message))["one"] == CARRIED_THIS
    assert list(relay.carried()) == [1]
    assert await relay.purses() == (99, 0, 1)


@pytest.mark.parametrize("other", [{"countries": frozenset({"US"})}, {"account_id": 77}])
async def test_a_channel_that_could_not_carry_it_is_no_other_way(relay, other):
    values: dict[str, Any] = {"countries": frozenset(), "account_id": None} | other
    relay.route(ONE, Channel(2, "two", "twilio", **values))
    await relay.ask()
    assert await relay.silence() == 1
    assert [each.kind for each in await relay.story(await relay.newest())].count("resend") == 0


async def test_whoever_asked_for_a_channel_gets_no_other(relay):
    await relay.ask(pin="one")
    assert await relay.silence() == 1
    assert list(relay.carried()) == [1]


async def test_a_channel_that_refused_it_is_not_tried_again(relay):
    relay.verdicts = [Refused(Reason.BALANCE)]
    await relay.ask()
    await relay.carry()
    assert await relay.silence() == 1
    assert [len(calls) for calls in relay.carried().values()] == [1, 1]


async def test_one_that_could_not_be_reached_is(relay):
    relay.verdicts = [NotSent("no route")]
    await relay.ask()
    await relay.carry()
    assert await relay.silence() == 1
    assert [len(calls) for calls in relay.carried().values()] == [2, 1]


async def test_what_a_vendor_put_off_has_twenty_seconds_from_when_it_was_sent(relay):
    relay.verdicts = [Deferred(Reason.RATE_LIMITED, after_s=15)]
    await relay.ask()
    relay.later(15 * SECOND)
    await relay.carry()
    assert [len(calls) for calls in relay.carried().values()] == [1, 1]
    assert await relay.silence(5 * SECOND) == 1
    assert await relay.silence(14 * SECOND) == 0
    assert [len(calls) for calls in relay.carried().values()] == [1, 1]
    assert await relay.silence(SECOND) == 1
    assert [len(calls) for calls in relay.carried().values()] == [2, 1]  # it only put it off


async def test_what_has_not_reached_a_vendor_yet_is_looked_at_again(relay):
    relay.verdicts = [Deferred(Reason.RATE_LIMITED, after_s=30)]
    relay.route(ONE, SANDBOX)
    await relay.ask()
    relay.route(ONE, TWO, SANDBOX)
    assert await relay.silence() == 1
    assert await relay.silence(10 * SECOND) == 0  # it goes out now
    assert await relay.silence(10 * SECOND) == 1
    assert [len(calls) for calls in relay.carried().values()] == [1, 1]
    assert await relay.silence(10 * SECOND) == 1
    assert [len(calls) for calls in relay.carried().values()] == [2, 1]


async def test_a_code_that_is_asked_for_again_goes_another_way_and_then_the_third(relay):
    relay.route(ONE, TWO, THREE)
    await relay.ask()
    assert await relay.silence() == 1
    relay.later(60 * SECOND)
    await relay.ask()
    assert [len(calls) for calls in relay.carried().values()] == [1, 1, 1]
    assert (await relay.whys(await relay.newest()))["one"] == f"candidate 2; {CARRIED}"
    assert await relay.silence() == 1
    assert [len(calls) for calls in relay.carried().values()] == [1, 1, 1]
    assert len({text for calls in relay.carried().values() for text in calls}) <= 2  # minutes differ


async def test_a_channel_that_takes_approved_templates_only_is_another_way_once_it_has_approved(relay):
    text = "Your code is {code}"
    await relay.write(
        SaveTemplate(relay.account_id, 9, "own", "Own", Lane.OTP, text, None, variables_of(text), relay.now)
    )
    relay.route(ONE, STRICT)
    await relay.ask(template_id="own")
    assert await relay.silence() == 1
    assert list(relay.carried()) == [1]
    bound = ApprovalRecord(1, "tencent", "888", (("1", "code"),), Approval.APPROVED, None, relay.now)
    await relay.write(SetApproval(relay.account_id, Subject.TEMPLATE, "own", bound))
    relay.later(301 * SECOND)
    await relay.ask(template_id="own")
    assert await relay.silence() == 1
    assert [len(calls) for calls in relay.carried().values()] == [2, 1]
    [[outbound]] = relay.vendors[2].calls
    assert outbound.template_id == "888"


async def test_the_usual_text_is_no_way_for_a_channel_that_takes_approved_templates_only(relay):
    relay.route(ONE, STRICT)
    await relay.ask()
    assert await relay.silence() == 1
    assert [each.kind for each in await relay.story(await relay.newest())].count("resend") == 0


async def text(relay, **fields: Any) -> None:
    """A message that is no code, of which something must be heard within 30 s."""
    message = await relay.accept(**fields)
    [claimed] = await relay.claim(1)
    assert await relay.start(claimed, channel=1) == 1
    following = Next(more=False, due_at=relay.now + AGE_LIMIT_US)
    finish = Finish(message.id, claimed.token, 1, 1, TO, Accepted("first"), following, 30 * SECOND)
    await relay.write(RecordVerdicts((finish,), relay.now))
    await relay.directory.refresh()


@pytest.mark.parametrize(
    ("fields", "channels", "resent"),
    [
        ({}, (ONE, TWO), True),
        ({}, (ONE, STRICT), False),  # it takes approved templates only
        ({"pin": "one"}, (ONE, TWO), False),
        ({"template_id": "T1", "body": None}, (ONE, TWO), False),  # the template is another vendor's own
        ({"template_id": "T1", "body": None}, (ONE, Channel(2, "two", "smpp")), True),
    ],
)
async def test_a_message_with_a_deadline_goes_another_way_where_there_is_one(relay, fields, channels, resent):
    relay.route(*channels)
    await text(relay, **fields)
    relay.later(30 * SECOND - 1)
    assert await relay.again.step() == 0
    relay.later(1)
    wakes = relay.wakeups.wakes
    assert await relay.again.step() == 1
    assert relay.wakeups.wakes == wakes + resent
    assert (await relay.newest()).state == (State.QUEUED if resent else State.SENT)
    assert await relay.again.step() == 0
    await relay.dispatch.carry(await relay.dispatch.claim(Lane.NOTIFICATION, 100))
    assert list(relay.carried()) == ([2] if resent else [])
    assert (await relay.newest()).state == State.SENT
    assert await relay.purses() == (99, 0, 1)
