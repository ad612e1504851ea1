"""What dispatch decides: channels, groups, deadlines, ends, and what it does when the store fails."""

import itertools
import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from posthouse.core.message import Ending, Lane, Mode, Outcome
from posthouse.core.ports.admin import AccountStatus
from posthouse.core.ports.life import Claim, EndMessages, PastAttempt, PutBack, RecordVerdicts, StartAttempts
from posthouse.core.ports.store import Overloaded, Unavailable
from posthouse.core.routing import Channel
from posthouse.core.verdict import Accepted, Deferred, NotSent, Reason, Refused, Unknown
from posthouse.observe import Metrics
from posthouse.services.arrange import Arranger
from posthouse.services.call import call_of
from posthouse.services.dispatch import Dispatch
from posthouse.services.health import Health
from tests.fakes import CIPHER, CountedWakeups, FixedDirectory, ScriptedStore, ScriptedVendor, claimed
from tests.virtual_time import START_US, VirtualClock, in_virtual_time

SANDBOX = Channel(1, "sandbox", "sandbox", simulated=True)
TENCENT = Channel(2, "tencent-1", "tencent", cost=1)
ALIYUN = Channel(3, "aliyun-1", "aliyun", cost=2, weight=0)
SHANGHAI = ZoneInfo("Asia/Shanghai")


class World:
    """A dispatch among fakes."""

    def __init__(
        self, *channels: Channel, directory: FixedDirectory | None = None, **vendors: ScriptedVendor
    ) -> None:
        self.store = ScriptedStore()
        self.directory = directory or FixedDirectory(*channels)
        self.vendors = {c.id: vendors.get(c.vendor, ScriptedVendor(recipients_max=100)) for c in channels}
        self.wakeups = CountedWakeups()
        self.metrics = Metrics()
        clock = VirtualClock()
        self.health = Health(clock, lambda: self.directory.all, self.metrics)
        self.dispatch = Dispatch(
            store=self.store,
            clock=clock,
            arranger=Arranger(self.directory, clock, SHANGHAI, CIPHER, health=self.health),
            vendors=self.vendors,
            wakeups=self.wakeups,
            owner=1,
            tokens=itertools.count(100).__next__,
            metrics=self.metrics,
        )

    def finishes(self) -> list[Any]:
        return [finish for command in self.store.written(RecordVerdicts) for finish in command.finishes]


@in_virtual_time
async def test_a_claim_leases_for_ten_seconds_and_the_next_one_starts_after_the_last_account():
    world = World(SANDBOX)
    world.store.waiting[Lane.OTP] = [
        claimed(1, now=START_US, account_id=5),
        claimed(2, now=START_US, account_id=9),
    ]
    first = await world.dispatch.claim(Lane.OTP, 2)
    await world.dispatch.claim(Lane.OTP, 2)
    assert [message.account_id for message in first] == [5, 9]
    one, two = world.store.written(Claim)
    assert (one.after_account, two.after_account) == (0, 9)
    assert one.lease.until == START_US + 10_000_000
    assert one.lease.token != two.lease.token


@in_virtual_time
async def test_a_group_is_started_in_one_command_before_one_call_and_recorded_in_one():
    world = World(SANDBOX)
    await world.dispatch.carry([claimed(n, now=START_US) for n in range(1, 101)])
    assert [type(command) for command in world.store.commands] == [StartAttempts, RecordVerdicts]
    [call] = world.vendors[1].calls
    assert len(call) == 100
    assert len(world.finishes()) == 100


@in_virtual_time
async def test_a_call_carries_no_more_recipients_than_the_vendor_takes():
    world = World(SANDBOX, sandbox=ScriptedVendor(recipients_max=40))
    await world.dispatch.carry([claimed(n, now=START_US) for n in range(1, 101)])
    assert sorted(len(call) for call in world.vendors[1].calls) == [20, 40, 40]


@in_virtual_time
async def test_the_vendor_gets_the_signed_text_and_a_key_of_the_attempt():
    world = World(SANDBOX)
    await world.dispatch.carry([claimed(1, now=START_US, signature="驿站", lane=Lane.OTP)])
    [[outbound]] = world.vendors[1].calls
    assert outbound.text == "【驿站】hello"
    assert outbound.key.startswith("sms_")
    assert outbound.key.endswith(".1")


@in_virtual_time
async def test_a_vendors_own_template_is_passed_with_its_parameters_and_never_fails_over_to_another_vendor():
    world = World(TENCENT, ALIYUN, tencent=ScriptedVendor(lambda _: Refused(Reason.TEMPLATE)))
    message = claimed(1, now=START_US, body=None, template_id="123456", params='{"code":"1234"}')
    await world.dispatch.carry([message])
    [[outbound]] = world.vendors[2].calls
    assert (outbound.text, outbound.template_id, outbound.params) == (None, "123456", {"code": "1234"})
    [finish] = world.finishes()
    assert not finish.next.more
    again = message._replace(attempts=(PastAttempt(2, Outcome.DEFERRED),))
    await world.dispatch.carry([again])
    assert len(world.vendors[2].calls) == 2
    assert world.vendors[3].calls == []


@in_virtual_time
async def test_the_decision_names_every_channel_and_why():
    world = World(SANDBOX, TENCENT)
    await world.dispatch.carry([claimed(1, now=START_US)])
    [start] = world.store.written(StartAttempts)[0].starts
    considered = json.loads(start.decision)["considered"]
    assert considered[0] == {"channel": "tencent-1", "why": "chosen"}
    assert considered[1]["channel"] == "sandbox"
    assert (start.channel_id, start.vendor, start.simulated) == (2, "tencent", False)


@in_virtual_time
async def test_a_trial_account_and_a_test_key_use_the_simulator():
    world = World(SANDBOX, TENCENT)
    await world.dispatch.carry([claimed(1, now=START_US, mode=Mode.TEST)])
    world.directory.status = AccountStatus.TRIAL
    await world.dispatch.carry([claimed(2, now=START_US, account_id=2)])
    assert len(world.vendors[1].calls) == 2
    assert world.vendors[2].calls == []


@in_virtual_time
async def test_equal_channels_share_by_weight():
    one = Channel(2, "tencent-1", "tencent", weight=3)
    two = Channel(3, "tencent-2", "tencent", weight=1)
    world = World(one, two)
    await world.dispatch.carry([claimed(n, now=START_US) for n in range(400)])
    sent = {channel_id: sum(map(len, vendor.calls)) for channel_id, vendor in world.vendors.items()}
    assert sent == {2: 300, 3: 100}


@in_virtual_time
async def test_a_message_past_its_validity_is_ended_and_not_sent():
    world = World(SANDBOX)
    await world.dispatch.carry([claimed(1, now=START_US, expires_at=START_US), claimed(2, now=START_US)])
    [ended] = world.store.written(EndMessages)[0].ended
    assert (ended.ending, ended.reason) == (Ending.EXPIRED, Reason.EXPIRED)
    assert [len(call) for call in world.vendors[1].calls] == [1]


@in_virtual_time
async def test_a_message_that_no_channel_would_take_is_ended_as_unroutable_with_the_decision():
    world = World(Channel(2, "tencent-1", "tencent", countries=frozenset({"US"})))
    await world.dispatch.carry([claimed(1, now=START_US)])
    [ended] = world.store.written(EndMessages)[0].ended
    assert (ended.ending, ended.reason) == (None, Reason.UNROUTABLE)
    assert "does not carry CN" in ended.decision


@in_virtual_time
async def test_a_refusal_of_the_channel_goes_to_the_next_candidate_at_once():
    world = World(TENCENT, ALIYUN, tencent=ScriptedVendor(lambda _: Refused(Reason.BALANCE)))
    await world.dispatch.carry([claimed(1, now=START_US)])
    [finish] = world.finishes()
    assert finish.next.more
    assert finish.next.due_at == START_US
    assert world.wakeups.wakes == 1
    await world.dispatch.carry([claimed(1, now=START_US, attempts=(PastAttempt(2, Outcome.REFUSED),))])
    assert len(world.vendors[3].calls) == 1


@in_virtual_time
async def test_the_last_candidates_refusal_ends_the_tries():
    world = World(TENCENT, tencent=ScriptedVendor(lambda _: Refused(Reason.BALANCE)))
    await world.dispatch.carry([claimed(1, now=START_US)])
    assert not world.finishes()[0].next.more
    assert world.wakeups.wakes == 0


@in_virtual_time
async def test_a_deferral_is_tried_again_later_without_a_wake_up():
    world = World(TENCENT, tencent=ScriptedVendor(lambda _: Deferred(Reason.RATE_LIMITED, after_s=2.0)))
    await world.dispatch.carry([claimed(1, now=START_US)])
    [finish] = world.finishes()
    assert finish.next.due_at == START_US + 2_000_000
    assert world.wakeups.wakes == 0


@in_virtual_time
async def test_a_call_without_an_answer_ends_inside_the_lease_and_is_unknown():
    world = World(TENCENT, tencent=ScriptedVendor(takes_s=60, recipients_max=2))
    await world.dispatch.carry([claimed(1, now=START_US), claimed(2, now=START_US)])
    [start], [record] = world.store.written(StartAttempts), world.store.written(RecordVerdicts)
    assert record.at == START_US + 8_000_000 < start.lease_until
    assert [type(finish.verdict) for finish in record.finishes] == [Unknown, Unknown]
    assert b"posthouse_ambiguous_total 2.0" in world.metrics.page()


@pytest.mark.parametrize("broken", ["raises", "miscounts"])
def test_a_vendor_that_fails_after_the_call_began_is_unknown_and_never_a_failover(broken):
    class Broken(ScriptedVendor):
        async def send(self, outbounds):
            if broken == "raises":
                raise ZeroDivisionError
            return [Accepted("one")]

    @in_virtual_time
    async def story():
        world = World(TENCENT, ALIYUN, tencent=Broken(recipients_max=2))
        await world.dispatch.carry([claimed(1, now=START_US), claimed(2, now=START_US)])
        assert [type(finish.verdict) for finish in world.finishes()] == [Unknown, Unknown]
        assert not any(finish.next.more for finish in world.finishes())

    story()


@in_virtual_time
async def test_a_message_whose_lease_has_passed_on_is_not_sent():
    world = World(SANDBOX)
    messages = [claimed(1, now=START_US), claimed(2, now=START_US)]
    world.store.lost_leases = {messages[0].id}
    await world.dispatch.carry(messages)
    [[outbound]] = world.vendors[1].calls
    assert outbound.message_id == messages[1].id
    assert len(world.finishes()) == 1


@in_virtual_time
async def test_an_unconfirmed_start_is_never_sent_but_closed_and_given_back():
    world = World(SANDBOX)
    world.store.failing[StartAttempts] = [Unavailable()]
    await world.dispatch.carry([claimed(1, now=START_US)])
    assert world.vendors[1].calls == []
    assert [type(command) for command in world.store.commands] == [RecordVerdicts, PutBack]
    [finish] = world.finishes()
    assert finish.attempt == 1
    assert isinstance(finish.verdict, NotSent)


@in_virtual_time
async def test_a_verdict_is_insisted_on_until_the_store_has_it():
    world = World(SANDBOX)
    world.store.failing[RecordVerdicts] = [Unavailable(), Overloaded(), Unavailable()]
    await world.dispatch.carry([claimed(1, now=START_US)])
    assert len(world.vendors[1].calls) == 1
    assert len(world.finishes()) == 1


@in_virtual_time
async def test_messages_of_a_channel_that_has_no_connection_yet_go_back_for_a_second():
    world = World(TENCENT)
    world.vendors.clear()
    await world.dispatch.carry([claimed(1, now=START_US)])
    [(_, _, due_at)] = world.store.written(PutBack)[0].messages
    assert due_at == START_US + 1_000_000


@in_virtual_time
async def test_messages_that_cannot_be_routed_for_a_fault_of_ours_are_given_back():
    world = World(SANDBOX)

    world.directory.gone = True
    off_our_hands: list[int] = []
    with pytest.raises(LookupError):
        await world.dispatch.carry([claimed(1, now=START_US)], off_our_hands.append)
    assert len(world.store.written(PutBack)) == 1
    assert off_our_hands == [1]


@in_virtual_time
async def test_done_hears_of_every_message_once_call_by_call():
    world = World(SANDBOX, sandbox=ScriptedVendor(recipients_max=2))
    counts: list[int] = []
    messages = [claimed(n, now=START_US) for n in range(1, 6)]
    await world.dispatch.carry([*messages, claimed(9, now=START_US, expires_at=0)], counts.append)
    assert sorted(counts) == [1, 1, 2, 2]


@in_virtual_time
async def test_a_slow_channel_gives_back_what_it_cannot_take_within_a_second_and_keeps_its_rate():
    world = World(Channel(1, "slow", "slow", rate_per_s=10, concurrency=4))
    await world.dispatch.carry([claimed(n, now=START_US) for n in range(1, 101)])
    sent = sum(map(len, world.vendors[1].calls))
    back = [due_at for command in world.store.written(PutBack) for _, _, due_at in command.messages]
    assert sent + len(back) == 100
    assert 8 <= sent <= 12
    assert min(back) >= START_US + 1_000_000
    assert max(back) >= START_US + 8_000_000


@in_virtual_time
async def test_every_call_over_a_channel_has_a_reference_of_its_own_that_its_start_tells():
    world = World(TENCENT, tencent=ScriptedVendor(recipients_max=2))
    await world.dispatch.carry([claimed(n, now=START_US) for n in range(1, 6)])
    started = [command.at for command in world.store.written(StartAttempts)]
    assert len(set(started)) == 3
    calls = [{outbound.call for outbound in call} for call in world.vendors[2].calls]
    assert sorted(calls, key=str) == sorted(({call_of(2, at)} for at in started), key=str)
    assert call_of(2, 255) == "2-ff"


@in_virtual_time
async def test_who_writes_last_is_remembered_for_channels_that_hear_handsets_alone():
    world = World(TENCENT, SANDBOX, tencent=ScriptedVendor(inbound=True))
    await world.dispatch.carry([claimed(1, now=START_US)])
    await world.dispatch.carry([claimed(2, now=START_US, mode=Mode.TEST)])
    assert [command.inbound for command in world.store.written(RecordVerdicts)] == [{2}, set()]
