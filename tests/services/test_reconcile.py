"""What becomes of an unanswered attempt: what the vendor knows, then what the policy says."""

import asyncio
import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from posthouse.core.ids import STEP
from posthouse.core.message import AGE_LIMIT_US, Lane
from posthouse.core.ports.life import RecordVerdicts
from posthouse.core.ports.reconciling import ResolveUnknown, Unanswered
from posthouse.core.ports.store import Unavailable
from posthouse.core.ports.vendor import Question, Settle, Told
from posthouse.core.routing import Channel, UnknownPolicy
from posthouse.core.verdict import Accepted, Fate, NotSent, Receipt, Reply
from posthouse.observe import Metrics
from posthouse.services.call import call_of, key_of
from posthouse.services.reconcile import Reconcile, resolve
from tests.fakes import CountedWakeups, FixedDirectory, ScriptedStore, ScriptedVendor
from tests.virtual_time import START_US, VirtualClock, in_virtual_time

S = 1_000_000
HOUR = 3600 * S


def unanswered(**fields: Any) -> Unanswered:
    message = Unanswered(
        id=5 * STEP,
        token=7,
        account_id=1,
        lane=Lane.NOTIFICATION,
        recipient="+8613800138000",
        attempt=1,
        channel_id=1,
        started_at=START_US,
        expires_at=START_US + 24 * HOUR,
        unknown_attempts=1,
    )
    return message._replace(**fields)


LEAVE, RESEND = UnknownPolicy.LEAVE, UnknownPolicy.RESEND


@pytest.mark.parametrize(
    ("lane", "policy", "unknown", "age", "can_ask", "resend", "due_in"),
    [
        # Before the policy's time: asked again with doubling waits, never past it.
        (Lane.OTP, LEAVE, 1, 0 * S, True, False, 1 * S),
        (Lane.OTP, LEAVE, 1, 1 * S, True, False, 1 * S),
        (Lane.OTP, LEAVE, 1, 2 * S, True, False, 2 * S),
        (Lane.OTP, LEAVE, 1, 4 * S, True, False, 1 * S),
        (Lane.NOTIFICATION, RESEND, 1, 8 * S, False, False, 8 * S),
        (Lane.MARKETING, RESEND, 1, 59 * S, True, False, 1 * S),
        # The policy's time: OTP once more, a notification by the account's choice, marketing never.
        (Lane.OTP, LEAVE, 1, 5 * S, True, True, 0),
        (Lane.OTP, LEAVE, 2, 5 * S, False, False, AGE_LIMIT_US - 5 * S),
        (Lane.NOTIFICATION, LEAVE, 1, 60 * S, False, False, AGE_LIMIT_US - 60 * S),
        (Lane.NOTIFICATION, RESEND, 1, 60 * S, False, True, 0),
        (Lane.NOTIFICATION, RESEND, 2, 60 * S, False, False, AGE_LIMIT_US - 60 * S),
        (Lane.MARKETING, RESEND, 1, 60 * S, False, False, AGE_LIMIT_US - 60 * S),
        # Afterwards a vendor that can be asked is, each hour, until 72 h.
        (Lane.MARKETING, RESEND, 1, 60 * S, True, False, HOUR),
        (Lane.NOTIFICATION, LEAVE, 1, AGE_LIMIT_US - 60 * S, True, False, 60 * S),
        # Nothing is sent after its validity.
        (Lane.NOTIFICATION, RESEND, 1, 25 * HOUR, False, False, AGE_LIMIT_US - 25 * HOUR),
    ],
)
def test_the_policy_speaks_at_its_time(lane, policy, unknown, age, can_ask, resend, due_in):
    message = unanswered(lane=lane, unknown_attempts=unknown)
    resolution = resolve(message, policy, now=START_US + age, can_ask=can_ask)
    assert (resolution.resend, resolution.due_at) == (resend, START_US + age + due_in)


class World:
    def __init__(self, **capabilities: Any) -> None:
        self.store = ScriptedStore()
        self.vendor = ScriptedVendor(**capabilities)
        self.wakeups = CountedWakeups()
        self.vendors = {1: self.vendor}
        self.settled: list[tuple[int | Receipt, ...]] = []
        self.unavailable = False
        self.reconcile = Reconcile(
            store=self.store,
            clock=VirtualClock(),
            directory=FixedDirectory(Channel(1, "one", "one")),
            vendors=self.vendors,
            wakeups=self.wakeups,
            owner=1,
            tokens=itertools.count(1).__next__,
            metrics=Metrics(),
            settle_of=self.settle_of,
        )

    def settle_of(self, channel_id: int) -> Settle:
        async def settle(receipts: Sequence[Receipt], replies: Sequence[Reply]) -> None:
            assert not replies
            assert self.store.written(RecordVerdicts), "the verdict comes first"
            if self.unavailable:
                raise Unavailable
            self.settled.append((channel_id, *receipts))

        return settle


@in_virtual_time
async def test_what_the_vendor_has_is_recorded_and_what_it_certainly_lacks_goes_back_to_the_line():
    world = World(query=True)
    found, missing, unclear = unanswered(id=1 * STEP), unanswered(id=2 * STEP), unanswered(id=3 * STEP)
    world.vendor.known = {key_of(found.id, 1): Accepted("ref"), key_of(missing.id, 1): NotSent("none")}
    world.store.unanswered = [found, missing, unclear]
    assert await world.reconcile.step() == 3
    one, two = world.store.written(RecordVerdicts)[0].finishes
    assert (one.verdict, one.next.more) == (Accepted("ref"), False)
    assert (two.verdict, two.next.more, two.next.due_at) == (NotSent("none"), True, START_US)
    [resolution] = world.store.written(ResolveUnknown)[0].resolutions
    assert (resolution.message_id, resolution.resend) == (unclear.id, False)
    assert world.wakeups.wakes == 1


@pytest.mark.parametrize("inbound", [True, False])
@in_virtual_time
async def test_of_what_was_found_it_is_remembered_who_wrote_where_handsets_may_answer(inbound):
    world = World(query=True, inbound=inbound)
    message = unanswered()
    world.vendor.known = {key_of(message.id, 1): Accepted("ref")}
    world.store.unanswered = [message]
    await world.reconcile.step()
    [command] = world.store.written(RecordVerdicts)
    assert command.inbound == ({1} if inbound else set())


class Hanging(ScriptedVendor):
    """Does not answer for a while."""

    def __init__(self, seconds: float = 1000) -> None:
        super().__init__(query=True)
        self.seconds = seconds

    async def query(self, questions: Sequence[Question]) -> list[Told]:
        told = await super().query(questions)
        await asyncio.sleep(self.seconds)
        return told


@in_virtual_time
async def test_a_vendor_that_hangs_holds_up_no_other():
    world, time = World(query=True), asyncio.get_running_loop().time
    world.vendors[2] = hanging = Hanging()
    for number in range(1, 41):
        began = time()
        world.store.unanswered = [
            unanswered(id=number * STEP, started_at=START_US),
            unanswered(id=(100 + number) * STEP, channel_id=2, started_at=START_US),
        ]
        assert await world.reconcile.step() == 2
        assert time() - began <= 0.25
        await asyncio.sleep(0.25)
    assert len(world.vendor.asked) == 40
    assert len(hanging.asked) <= 3
    await asyncio.sleep(10)
    later = [each for command in world.store.written(ResolveUnknown) for each in command.resolutions]
    # Each of them is looked at again, whether it was asked about or not.
    assert len({each.message_id for each in later}) == len(later) == 80
    assert not any(each.resend for each in later)


@in_virtual_time
async def test_a_code_does_not_wait_for_a_vendor_that_hangs():
    world, time = World(), asyncio.get_running_loop().time
    world.vendors[1] = Hanging()
    code = unanswered(lane=Lane.OTP, started_at=START_US)
    seen: list[Any] = []
    await asyncio.sleep(1)
    while not any(each.resend for each in seen) and time() < 20:
        waiting = not seen or VirtualClock().now() >= seen[-1].due_at
        world.store.unanswered = [code] if waiting else []
        await world.reconcile.step()
        seen = [each for command in world.store.written(ResolveUnknown) for each in command.resolutions]
        await asyncio.sleep(0.25)
    assert 5 <= time() <= 6.5


@in_virtual_time
async def test_codes_wait_for_no_answers_about_others():
    world = World(query=True)
    world.vendors[1] = hanging = Hanging(7)
    world.store.unanswered = [unanswered()]
    await world.reconcile.step()
    code = unanswered(id=6 * STEP, lane=Lane.OTP)
    world.store.unanswered = [code]
    await world.reconcile.step()
    assert hanging.asked == [key_of(5 * STEP, 1), key_of(code.id, 1)]


@in_virtual_time
async def test_at_the_end_answers_that_are_out_are_waited_for():
    world = World(query=True)
    message = unanswered()
    world.vendors[1] = hanging = Hanging(3)
    hanging.known = {key_of(message.id, 1): Accepted("ref")}
    world.store.unanswered = [message]
    await world.reconcile.step()
    assert world.store.written(RecordVerdicts) == []
    await world.reconcile.end()
    assert len(world.store.written(RecordVerdicts)) == 1


@in_virtual_time
async def test_a_vendor_without_a_query_is_not_asked():
    world = World(query=False)
    world.store.unanswered = [unanswered()]
    await world.reconcile.step()
    assert world.vendor.asked == []
    assert len(world.store.written(ResolveUnknown)) == 1


@in_virtual_time
async def test_a_failed_question_and_a_vanished_channel_leave_it_undecided():
    world = World(query=True)
    world.vendor.deaf = True
    world.store.unanswered = [unanswered(), unanswered(id=6 * STEP, channel_id=99)]
    await world.reconcile.step()
    resolutions = [r for command in world.store.written(ResolveUnknown) for r in command.resolutions]
    assert [resolution.resend for resolution in resolutions] == [False, False]
    assert world.store.written(RecordVerdicts) == []


@in_virtual_time
async def test_an_otp_that_nobody_can_account_for_is_sent_once_more_after_five_seconds():
    world = World(query=False)
    world.store.unanswered = [unanswered(lane=Lane.OTP, started_at=START_US - 5 * S)]
    world.store.failing[ResolveUnknown] = [Unavailable()]
    await world.reconcile.step()
    [resolution] = world.store.written(ResolveUnknown)[0].resolutions
    assert resolution.resend
    assert world.wakeups.wakes == 1


@in_virtual_time
async def test_the_question_names_attempt_call_number_and_time():
    world = World(query=True)
    message = unanswered(attempt=2)
    world.store.unanswered = [message]
    await world.reconcile.step()
    key, call = key_of(message.id, 2), call_of(1, START_US)
    assert world.vendor.questions == [Question(key, call, message.recipient, START_US)]


@in_virtual_time
async def test_a_receipt_that_comes_with_the_answer_is_settled_after_it():
    world = World(query=True)
    message, other = unanswered(), unanswered(id=6 * STEP)
    receipt = Receipt("ref", message.recipient, Fate.DELIVERED)
    # A receipt alone says as well that the vendor took it.
    world.vendor.known = {
        key_of(message.id, 1): Told(Accepted("ref"), receipt),
        key_of(other.id, 1): Told(None, receipt),
    }
    world.store.unanswered = [message, other]
    await world.reconcile.step()
    finishes = world.store.written(RecordVerdicts)[0].finishes
    assert [finish.verdict for finish in finishes] == [Accepted("ref"), Accepted("ref")]
    assert world.settled == [(1, receipt, receipt)]


@in_virtual_time
async def test_a_receipt_that_cannot_be_stored_is_left_for_another_time():
    world = World(query=True)
    world.unavailable = True
    message = unanswered()
    receipt = Receipt("ref", message.recipient, Fate.DELIVERED)
    world.vendor.known = {key_of(message.id, 1): Told(Accepted("ref"), receipt)}
    world.store.unanswered = [message]
    assert await world.reconcile.step() == 1
    assert world.settled == []
