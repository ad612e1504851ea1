"""Routing: who is a candidate and why not, in which order, and what follows a verdict."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posthouse.core.message import AGE_LIMIT_US, Lane, Mode
from posthouse.core.routing import (
    ATTEMPTS_MAX,
    BACKOFF_MAX_S,
    Ask,
    Channel,
    ChannelState,
    Next,
    UnknownPolicy,
    after,
    backoff_s,
    resend_unknown,
    route,
)
from posthouse.core.verdict import (
    ANOTHER_CHANNEL_MAY_TAKE_IT,
    Accepted,
    Deferred,
    NotSent,
    Reason,
    Refused,
    Unknown,
)

NOW = 1_795_852_800_000_000
SECOND = 1_000_000

SANDBOX = Channel(1, "sandbox", "sandbox", simulated=True)
TENCENT = Channel(2, "tencent-1", "tencent", cost=30)
ALIYUN = Channel(3, "aliyun-1", "aliyun", cost=20)
OWN = Channel(4, "own", "twilio", account_id=7)
ASK = Ask(account_id=7, country="CN", mode=Mode.LIVE)


def names(ask, *channels, draw=0):
    return [channel.name for channel in route(ask, channels, draw=draw).candidates]


def why(ask, channel, *others):
    [step] = [step for step in route(ask, (channel, *others)).steps if step.channel == channel.name]
    return step.why


@pytest.mark.parametrize(
    ("ask", "channels", "candidates"),
    [
        (ASK, (SANDBOX,), ["sandbox"]),
        (ASK, (SANDBOX, TENCENT), ["tencent-1"]),
        (ASK, (), []),
        (replace(ASK, mode=Mode.TEST), (SANDBOX, TENCENT), ["sandbox"]),
        (replace(ASK, trial=True), (SANDBOX, TENCENT), ["sandbox"]),
        (replace(ASK, mode=Mode.TEST), (TENCENT,), []),
        (replace(ASK, pin="tencent"), (TENCENT, ALIYUN), ["tencent-1"]),
        (replace(ASK, pin="aliyun-1"), (TENCENT, ALIYUN), ["aliyun-1"]),
        (replace(ASK, pin="sandbox"), (SANDBOX, TENCENT), []),
        (replace(ASK, pin="nobody"), (TENCENT, ALIYUN), []),
        (ASK, (replace(TENCENT, countries=frozenset({"US"})), ALIYUN), ["aliyun-1"]),
        (ASK, (replace(TENCENT, countries=frozenset({"US", "CN"})),), ["tencent-1"]),
        (ASK, (replace(TENCENT, state=ChannelState.DRAINING), ALIYUN), ["aliyun-1"]),
        (ASK, (replace(TENCENT, state=ChannelState.OFF), SANDBOX), []),
        (ASK, (OWN,), ["own"]),
        (replace(ASK, account_id=8), (OWN,), []),
        (replace(ASK, account_id=8), (OWN, SANDBOX), ["sandbox"]),
        (replace(ASK, refused_by=frozenset({2})), (TENCENT, ALIYUN), ["aliyun-1"]),
        (replace(ASK, refused_by=frozenset({2, 3})), (TENCENT, ALIYUN), []),
        (replace(ASK, failed_by=frozenset({3})), (TENCENT, ALIYUN), ["tencent-1", "aliyun-1"]),
        (replace(ASK, failed_by=frozenset({2, 3})), (TENCENT, ALIYUN), ["aliyun-1", "tencent-1"]),
    ],
)
def test_who_is_a_candidate_and_in_which_order(ask, channels, candidates):
    assert names(ask, *channels) == candidates


@pytest.mark.parametrize(
    ("reason", "ask", "channel"),
    [
        ("the simulator", ASK, SANDBOX),
        ("use the simulator only", replace(ASK, mode=Mode.TEST), TENCENT),
        ("use the simulator only", replace(ASK, trial=True), TENCENT),
        ("asked for aliyun", replace(ASK, pin="aliyun"), TENCENT),
        ("draining", ASK, replace(TENCENT, state=ChannelState.DRAINING)),
        ("off", ASK, replace(TENCENT, state=ChannelState.OFF)),
        ("does not carry CN", ASK, replace(TENCENT, countries=frozenset({"US"}))),
        ("refused", replace(ASK, refused_by=frozenset({2})), TENCENT),
        ("chosen", ASK, TENCENT),
    ],
)
def test_every_channel_is_told_with_its_reason(reason, ask, channel):
    assert reason in why(ask, channel, replace(ALIYUN, weight=0))


def test_anothers_channel_is_not_even_mentioned():
    decision = route(replace(ASK, account_id=8), (OWN, TENCENT))
    assert [step.channel for step in decision.steps] == ["tencent-1"]


def test_candidates_are_numbered_in_their_order_before_those_that_are_none():
    decision = route(ASK, (replace(SANDBOX), TENCENT, replace(ALIYUN, weight=0)))
    assert [(step.channel, step.why) for step in decision.steps[:2]] == [
        ("tencent-1", "chosen"),
        ("aliyun-1", "candidate 2"),
    ]
    assert decision.steps[2].channel == "sandbox"


def test_the_cheapest_goes_first_by_what_it_costs_in_the_country():
    assert names(ASK, TENCENT, ALIYUN) == ["aliyun-1", "tencent-1"]
    dear = replace(ALIYUN, costs=(("CN", 31), ("US", 1)))
    assert names(ASK, TENCENT, dear) == ["tencent-1", "aliyun-1"]
    assert names(replace(ASK, country="US"), TENCENT, dear) == ["aliyun-1", "tencent-1"]


def test_channels_of_equal_cost_share_by_weight_and_the_rest_follow_by_cost():
    heavy, light = replace(TENCENT, weight=3), replace(ALIYUN, weight=1, cost=30)
    spare = replace(OWN, weight=0, cost=0)
    firsts = Counter(names(ASK, heavy, light, spare, draw=draw)[0] for draw in range(400))
    assert firsts == {"tencent-1": 300, "aliyun-1": 100}
    for draw in range(4):
        assert names(ASK, heavy, light, spare, draw=draw)[-1] == "own"


def test_a_last_resort_is_used_when_nothing_else_is_left():
    spare = replace(ALIYUN, weight=0)
    assert names(replace(ASK, refused_by=frozenset({2})), TENCENT, spare) == ["aliyun-1"]
    assert names(replace(ASK, failed_by=frozenset({2})), TENCENT, spare) == ["aliyun-1", "tencent-1"]


channels = st.lists(
    st.builds(
        Channel,
        id=st.integers(1, 50),
        name=st.text("ab", max_size=3),
        vendor=st.sampled_from(["a", "b"]),
        account_id=st.sampled_from([None, 7, 8]),
        state=st.sampled_from(ChannelState),
        countries=st.sampled_from([frozenset(), frozenset({"CN"}), frozenset({"US"})]),
        weight=st.integers(0, 5),
        cost=st.integers(0, 9),
        simulated=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda channel: channel.id,
)
asks = st.builds(
    Ask,
    account_id=st.sampled_from([7, 8]),
    country=st.sampled_from(["CN", "US"]),
    mode=st.sampled_from(Mode),
    trial=st.booleans(),
    pin=st.sampled_from([None, "a", "b"]),
    refused_by=st.frozensets(st.integers(1, 50), max_size=3),
    failed_by=st.frozensets(st.integers(1, 50), max_size=3),
)


@given(asks, channels, st.integers(0, 2**62))
def test_a_candidate_can_always_carry_the_message_and_every_channel_has_one_reason(ask, some, draw):
    decision = route(ask, some, draw=draw)
    mine = [channel for channel in some if channel.account_id in (None, ask.account_id)]
    assert sorted(step.channel for step in decision.steps) == sorted(channel.name for channel in mine)
    assert len({channel.id for channel in decision.candidates}) == len(decision.candidates)
    for channel in decision.candidates:
        assert channel in mine
        assert channel.state is ChannelState.ACTIVE
        assert not channel.countries or ask.country in channel.countries
        assert channel.id not in ask.refused_by
        assert ask.pin in (None, channel.vendor, channel.name)
        if ask.mode is Mode.TEST or ask.trial:
            assert channel.simulated
    fresh = [channel for channel in decision.candidates if channel.id not in ask.failed_by]
    if fresh:
        assert decision.candidates[0].id not in ask.failed_by


def following(verdict, **facts):
    usual = {"lane": Lane.NOTIFICATION, "attempt": 1, "others_left": True, "receipts": True}
    return after(verdict, now=NOW, **(usual | facts))


def test_after_an_acceptance_the_receipt_is_waited_for_where_there_will_be_one():
    assert following(Accepted("r")) == Next(more=False, due_at=NOW + AGE_LIMIT_US)
    assert following(Accepted("r"), receipts=False) == Next(more=False, due_at=None)


@pytest.mark.parametrize("reason", Reason)
def test_a_refusal_goes_to_the_next_channel_at_once_where_another_may_take_it(reason):
    again = reason in ANOTHER_CHANNEL_MAY_TAKE_IT
    assert following(Refused(reason)) == Next(more=again, due_at=NOW if again else None)
    assert following(Refused(reason), others_left=False) == Next(more=False, due_at=None)


@pytest.mark.parametrize("reason", [Reason.INVALID_NUMBER, Reason.CONTENT, Reason.BLOCKED])
def test_what_is_wrong_with_the_message_is_wrong_everywhere(reason):
    assert not following(Refused(reason)).more


@pytest.mark.parametrize(("attempt", "wait_s"), [(1, 2), (2, 4), (3, 8), (9, 300), (40, 300)])
def test_a_deferral_waits_twice_as_long_each_time_and_at_most_five_minutes(attempt, wait_s):
    verdict = Deferred(Reason.RATE_LIMITED, after_s=2.0)
    due = Next(more=True, due_at=NOW + wait_s * SECOND)
    assert following(verdict, attempt=attempt, others_left=False) == due


def test_a_deferral_that_is_the_channels_own_goes_elsewhere_at_once_and_a_numbers_quota_does_not():
    assert following(Deferred(Reason.VENDOR_TEMPORARY, after_s=9)) == Next(more=True, due_at=NOW)
    assert following(Deferred(Reason.RATE_LIMITED, after_s=9)) == Next(more=True, due_at=NOW)
    assert following(Deferred(Reason.QUOTA, after_s=9)) == Next(more=True, due_at=NOW + 9 * SECOND)


def test_the_last_refusal_waits_for_a_channel_that_may_take_it_later():
    refused = Refused(Reason.BALANCE)
    assert following(refused, others_left=False, others_later=True, attempt=2) == Next(
        more=True, due_at=NOW + 2 * SECOND
    )
    content = Refused(Reason.CONTENT)
    assert not following(content, others_left=False, others_later=True).more


def test_what_was_not_sent_goes_elsewhere_at_once_or_waits_for_the_same_channel():
    assert following(NotSent("x")) == Next(more=True, due_at=NOW)
    assert following(NotSent("x"), others_left=False, attempt=3) == Next(more=True, due_at=NOW + 4 * SECOND)


@pytest.mark.parametrize("verdict", [Deferred(Reason.QUOTA), NotSent("x"), Refused(Reason.BALANCE)])
def test_the_tries_are_bounded(verdict):
    assert following(verdict, attempt=ATTEMPTS_MAX - 1).more
    assert following(verdict, attempt=ATTEMPTS_MAX) == Next(more=False, due_at=None)


@pytest.mark.parametrize("lane", Lane)
def test_an_unanswered_call_is_asked_about_after_a_second_and_never_sent_on(lane):
    assert following(Unknown("x"), lane=lane) == Next(more=False, due_at=NOW + SECOND)


@given(st.integers(1, 10_000), st.floats(0.1, 10_000))
def test_backoff_grows_and_is_bounded(attempt, first_s):
    assert 0 < backoff_s(attempt, first_s=first_s) <= BACKOFF_MAX_S
    assert backoff_s(attempt + 1, first_s=first_s) >= backoff_s(attempt, first_s=first_s)


@pytest.mark.parametrize(
    ("lane", "policy", "unknown_attempts", "resend"),
    [
        (Lane.OTP, UnknownPolicy.LEAVE, 1, True),
        (Lane.OTP, UnknownPolicy.RESEND, 2, False),
        (Lane.NOTIFICATION, UnknownPolicy.LEAVE, 1, False),
        (Lane.NOTIFICATION, UnknownPolicy.RESEND, 1, True),
        (Lane.NOTIFICATION, UnknownPolicy.RESEND, 2, False),
        (Lane.MARKETING, UnknownPolicy.RESEND, 1, False),
    ],
)
def test_the_policy_sends_an_otp_once_more_a_notification_by_choice_and_marketing_never(
    lane, policy, unknown_attempts, resend
):
    assert resend_unknown(lane, policy, unknown_attempts=unknown_attempts) is resend


CARRIED = replace(ASK, carried=frozenset({2}))


def test_a_channel_that_carried_the_same_code_goes_last_and_says_why():
    for draw in range(4):
        assert names(CARRIED, TENCENT, ALIYUN, draw=draw) == ["aliyun-1", "tencent-1"]
    assert why(CARRIED, TENCENT, ALIYUN) == "candidate 2; it carried the same code before"
    spare = replace(ALIYUN, weight=0)
    assert names(CARRIED, TENCENT, spare) == ["aliyun-1", "tencent-1"]


def test_a_channel_that_carried_the_same_code_still_serves_where_there_is_no_other():
    assert names(CARRIED, TENCENT) == ["tencent-1"]
    assert why(CARRIED, TENCENT) == "chosen"


def test_what_must_go_elsewhere_goes_elsewhere_or_nowhere():
    elsewhere = replace(CARRIED, elsewhere=True)
    assert names(elsewhere, TENCENT, ALIYUN) == ["aliyun-1"]
    assert names(elsewhere, TENCENT) == []
    assert why(elsewhere, TENCENT) == "it carried this message before"


def test_a_channel_without_a_connection_is_left_out_where_another_has_one():
    broken = replace(ASK, unconnected=frozenset({2}))
    assert names(broken, TENCENT, ALIYUN) == ["aliyun-1"]
    assert why(broken, TENCENT, ALIYUN) == "it cannot be connected as it is stored"
    assert names(broken, TENCENT) == ["tencent-1"]
    assert names(replace(broken, pin="tencent"), TENCENT, ALIYUN) == ["tencent-1"]
    both = replace(ASK, unconnected=frozenset({2, 3}))
    assert names(both, TENCENT, ALIYUN) == ["aliyun-1", "tencent-1"]


def test_an_accounts_own_channel_is_known_by_its_owner_too():
    assert (TENCENT.label, OWN.label) == ("tencent-1", "own@7")


def test_a_channel_that_did_not_deliver_it_is_left_out_and_says_why():
    again = replace(ASK, undelivered_by=frozenset({2}))
    assert names(again, TENCENT, ALIYUN) == ["aliyun-1"]
    assert "did not bring this message to the handset" in why(again, TENCENT)


@given(asks, channels)
def test_the_first_candidate_depends_on_the_rest_that_the_shares_leave_of_a_draw(ask, some):
    shares = route(ask, some).shares
    for draw in range(shares):
        assert route(ask, some, draw=draw) == route(ask, some, draw=draw + 3 * shares)
