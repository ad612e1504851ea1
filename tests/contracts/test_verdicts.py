"""Verdicts: what each kind makes of state, money and due time, and late news of a lease that passed on."""

import json
from dataclasses import replace

import pytest

from posthouse.core.message import AGE_LIMIT_US, Ending, Lane
from posthouse.core.ports.life import Finish, Forget, RecordVerdicts
from posthouse.core.routing import Next
from posthouse.core.verdict import Accepted, Deferred, Fate, NotSent, Reason, Refused, Unknown, Verdict
from tests.contracts.build import CHANNEL, HOUR, SECOND, TO, World

REFUSED = Refused(Reason.BALANCE, "E1", "no money left")


@pytest.mark.parametrize(
    ("verdict", "others_left", "state", "charge", "due_in", "look_in", "reason"),
    [
        (Accepted("ref"), False, "sent", "settled", None, AGE_LIMIT_US, None),
        (REFUSED, True, "queued", "held", 0, None, "balance"),
        (REFUSED, False, "failed", "released", None, None, "balance"),
        (Refused(Reason.BLOCKED), True, "failed", "released", None, None, "blocked"),
        (Deferred(Reason.RATE_LIMITED, 2.0), False, "queued", "held", 2 * SECOND, None, "rate_limited"),
        (NotSent("no route"), True, "queued", "held", 0, None, None),
        (NotSent("no route"), False, "queued", "held", SECOND, None, None),
        (Unknown("timeout"), True, "unknown", "held", None, SECOND, None),
    ],
)
async def test_a_verdict_decides_state_money_and_due_time(
    world: World, verdict, others_left, state, charge, due_in, look_in, reason
):
    message = await world.accept()
    await world.tried(message, verdict, others_left=others_left)
    record = await world.get(message)
    assert (record.state, record.charge, record.reason) == (state, charge, reason)
    assert record.due_at == (None if due_in is None else world.now + due_in)
    assert record.look_at == (None if look_in is None else world.now + look_in)


@pytest.mark.parametrize(
    ("verdict", "outcome", "reason", "code", "text", "kinds"),
    [
        (Accepted("ref"), "accepted", None, None, None, ["sent"]),
        (REFUSED, "refused", "balance", "E1", "no money left", ["refused", "failed"]),
        (
            Deferred(Reason.QUOTA, 1, "E2", "slow"),
            "deferred",
            "quota",
            "E2",
            "slow",
            ["deferred", "queued"],
        ),
        (NotSent("no route"), "not_sent", None, None, "no route", ["not_sent", "queued"]),
        (Unknown("timeout"), "unknown", None, None, "timeout", ["unknown"]),
    ],
)
async def test_a_verdict_can_be_read_back_with_the_vendors_own_words(
    world: World, verdict, outcome, reason, code, text, kinds
):
    message = await world.accept()
    await world.tried(message, verdict)
    [tried] = await world.attempts(message)
    assert (tried.outcome, tried.reason, tried.code, tried.text) == (outcome, reason, code, text)
    assert tried.answered_at == world.now
    assert [event.kind for event in await world.events(message)][2:] == kinds


@pytest.mark.parametrize(
    "verdict", [Accepted("ref"), REFUSED, Deferred(Reason.QUOTA, 1), NotSent("no route"), Unknown("timeout")]
)
async def test_the_call_that_a_verdict_comes_from_is_told_in_the_story(world: World, verdict):
    call = {"request": "POST https://api.acme.example/v2/sms", "ms": 35, "status": 200}
    for told in (json.dumps(call), None):
        message = await world.accept()
        await world.tried(message, replace(verdict, exchange=told), others_left=False)
        data = [json.loads(event.data or "{}") for event in (await world.events(message))[2:]]
        assert [each["exchange"] for each in data if "exchange" in each] == ([call] if told else [])
        world.later(AGE_LIMIT_US)
        await world.claim()


async def test_a_channel_without_receipts_leaves_the_message_sent_for_good(world: World):
    message = await world.accept()
    await world.tried(message, Accepted("ref"), receipts=False)
    record = await world.get(message)
    assert (record.state, record.charge, record.look_at) == ("sent", "settled", None)


async def test_a_second_attempt_has_the_second_number_and_the_first_acceptance_settles_once(world: World):
    message = await world.accept()
    await world.tried(message, REFUSED, others_left=True)
    claimed, attempt = await world.begun(message)
    assert attempt == 2
    await world.record(claimed, attempt, Accepted("ref"))
    assert [tried.outcome for tried in await world.attempts(message)] == ["refused", "accepted"]
    assert await world.purses() == (99, 0, 1)


async def test_a_message_refused_everywhere_gives_all_its_money_back(world: World):
    message = await world.accept()
    for _ in range(5):
        await world.tried(message, REFUSED, others_left=True)
    await world.tried(message, REFUSED)
    assert await world.standing(message) == ("failed", "released")
    assert await world.purses() == (100, 0, 0)


async def test_a_deferral_never_outlives_the_validity(world: World):
    message = await world.accept(expires_at=world.now + SECOND)
    await world.tried(message, Deferred(Reason.RATE_LIMITED, 60.0))
    assert (await world.get(message)).due_at == world.now + SECOND


async def test_a_command_answers_the_states_of_those_it_changed(world: World):
    messages = await world.accept_many(3)
    pairs = [(claimed, await world.start(claimed)) for claimed in await world.claim(3)]
    verdicts: list[Verdict] = [Accepted("a"), Refused(Reason.BLOCKED), Unknown("?")]
    over = Next(more=False, due_at=None)
    finishes = tuple(
        Finish(claimed.id, claimed.token, attempt or 0, CHANNEL, TO, verdict, over)
        for (claimed, attempt), verdict in zip(pairs, verdicts, strict=True)
    )
    states = await world.write(RecordVerdicts(finishes, world.now))
    assert {message_id: state.value for message_id, state in states.items()} == {
        message.id: state for message, state in zip(messages, ("sent", "failed", "unknown"), strict=True)
    }
    assert await world.write(RecordVerdicts(finishes, world.now)) == {}


async def test_a_verdict_written_twice_counts_once(world: World):
    message = await world.accept()
    claimed, attempt = await world.begun(message)
    finish = Finish(
        message.id, claimed.token, attempt, CHANNEL, TO, Accepted("ref"), Next(more=False, due_at=None)
    )
    await world.together(*[RecordVerdicts((finish,), world.now)] * 3)
    assert await world.purses() == (99, 0, 1)
    assert [event.kind for event in await world.events(message)] == ["accepted", "sending", "sent"]


async def test_a_verdict_for_an_attempt_or_message_that_is_not_there_changes_nothing(world: World):
    message = await world.accept()
    claimed, _ = await world.begun(message)
    assert await world.record(claimed, 2, Accepted("ref")) == {}
    assert await world.record(claimed, 0, Accepted("ref")) == {}
    assert await world.record(claimed._replace(id=17), 1, Accepted("ref")) == {}
    assert await world.standing(message) == ("sending", "held")


async def test_a_vendor_that_repeats_its_reference_spoils_no_other_verdict(world: World):
    first = await world.sent("same")
    second = await world.sent("same")
    assert await world.standing(second) == ("sent", "settled")
    await world.settle(Fate.DELIVERED, "same")
    # References that come round again belong to the newest message.
    assert (await world.standing(first))[0] == "sent"
    assert (await world.standing(second))[0] == "delivered"


async def test_a_late_acceptance_after_a_crash_settles_and_makes_it_sent(world: World):
    message = await world.accept()
    claimed, attempt = await world.begun(message)
    await world.restart()
    await world.record(claimed, attempt, Accepted("ref"))
    record = await world.get(message)
    assert (record.state, record.charge, record.look_at) == ("sent", "settled", world.now + AGE_LIMIT_US)
    await world.settle(Fate.DELIVERED)
    assert await world.standing(message) == ("delivered", "settled")


async def test_a_late_acceptance_stops_the_second_try_that_waits(world: World):
    message = await world.accept(lane=Lane.OTP.value)
    stale, attempt = await world.begun(message)
    await world.restart()
    await world.resend(message)
    assert (await world.get(message)).state == "queued"
    await world.record(stale, attempt, Accepted("ref"))
    assert await world.standing(message) == ("sent", "settled")
    assert await world.claim(lane=Lane.OTP) == []


async def test_a_late_acceptance_stops_the_second_try_that_is_leased(world: World):
    message = await world.accept(lane=Lane.OTP.value)
    stale, attempt = await world.begun(message)
    await world.restart()
    await world.resend(message)
    holder = await world.take(message)
    await world.record(stale, attempt, Accepted("ref"))
    assert await world.start(holder) is None
    assert await world.standing(message) == ("sent", "settled")


@pytest.mark.parametrize(
    ("second", "state"),
    [
        (Accepted("two"), "sent"),
        (Refused(Reason.BLOCKED), "sent"),
        (Deferred(Reason.RATE_LIMITED), "sent"),
        (NotSent("no route"), "sent"),
        (Unknown("timeout"), "sent"),
    ],
)
async def test_a_late_acceptance_beside_a_second_try_in_flight_leaves_it_its_verdict(
    world: World, second, state
):
    message = await world.accept(lane=Lane.OTP.value)
    stale, attempt = await world.begun(message)
    await world.restart()
    await world.resend(message)
    holder, again = await world.begun(message)
    await world.record(stale, attempt, Accepted("one"))
    assert await world.standing(message) == ("sending", "settled")
    await world.record(holder, again, second, others_left=True)
    assert await world.standing(message) == (state, "settled")
    # Whatever the second verdict was, what was taken is followed for its 72 hours and not a second less.
    assert (await world.get(message)).look_at == world.now + AGE_LIMIT_US
    assert await world.purses() == (99, 0, 1)
    await world.settle(Fate.DELIVERED, "one")
    assert (await world.standing(message))[0] == "delivered"


async def test_a_crash_beside_a_late_acceptance_does_not_end_the_wait_for_its_receipt(world: World):
    message = await world.accept(lane=Lane.OTP.value)
    stale, attempt = await world.begun(message)
    await world.restart()
    await world.resend(message)
    await world.begun(message)
    await world.record(stale, attempt, Accepted("one"))
    await world.restart()
    record = await world.get(message)
    assert (record.state, record.look_at) == ("sent", world.now + AGE_LIMIT_US)


async def test_a_late_acceptance_while_the_vendor_is_being_asked_outlives_the_answer(world: World):
    message = await world.accept()
    stale, attempt = await world.begun(message)
    await world.restart()
    [asked] = await world.unanswered()
    await world.record(stale, attempt, Accepted("ref"))
    assert await world.standing(message) == ("sent", "settled")
    await world.resolve(asked, resend=True)
    record = await world.get(message)
    assert (record.state, record.look_at) == ("sent", world.now + AGE_LIMIT_US)


async def test_a_late_acceptance_does_not_reopen_what_has_ended(world: World):
    message = await world.accept()
    stale, attempt = await world.begun(message)
    await world.restart()
    world.later(AGE_LIMIT_US)
    assert await world.unanswered() == []
    assert await world.standing(message) == ("unconfirmed", "settled")
    await world.record(stale, attempt, Accepted("ref"))
    assert await world.standing(message) == ("unconfirmed", "settled")
    await world.settle(Fate.DELIVERED)
    assert await world.standing(message) == ("delivered", "settled")


async def test_a_message_that_no_channel_would_take_fails_and_is_released(world: World):
    message = await world.accept()
    await world.finish(await world.take(message), None, Reason.UNROUTABLE)
    record = await world.get(message)
    assert (record.state, record.charge, record.reason) == ("failed", "released", "unroutable")
    assert await world.purses() == (100, 0, 0)


async def test_a_message_whose_validity_ends_before_any_attempt_expires_and_is_released(world: World):
    message = await world.accept()
    await world.finish(await world.take(message), Ending.EXPIRED, Reason.EXPIRED)
    record = await world.get(message)
    assert (record.state, record.charge, record.reason) == ("expired", "released", "expired")
    assert [event.kind for event in await world.events(message)] == ["accepted", "expired"]


@pytest.mark.parametrize("ending", [Ending.EXPIRED, None])
async def test_an_end_after_an_unknown_attempt_stays_unknown_and_ends_unconfirmed(world: World, ending):
    message = await world.accept(lane=Lane.OTP.value)
    await world.tried(message, Unknown("timeout"))
    world.later(SECOND)
    await world.resend(message)
    await world.finish(await world.take(message), ending, Reason.EXPIRED)
    assert await world.standing(message) == ("unknown", "held")
    world.later(AGE_LIMIT_US)
    assert await world.unanswered() == []
    assert await world.standing(message) == ("unconfirmed", "settled")
    assert await world.purses() == (99, 0, 1)


async def test_references_are_forgotten_after_a_week(world: World):
    await world.sent()
    world.later(7 * 24 * HOUR)
    await world.write(Forget(world.now, 10))
    assert world.backend.count("vendor_references") == 1
    world.later(1)
    await world.write(Forget(world.now, 10))
    assert world.backend.count("vendor_references") == 0
    assert (await world.settle(Fate.DELIVERED)).parked == 1
