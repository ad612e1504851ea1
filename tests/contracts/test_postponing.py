"""Claimed messages that must wait after all: scheduled again, told of, and never one that was tried."""

import json

import pytest

from posthouse.core.message import Lane, State
from posthouse.core.ports.changes import Late, Postpone, Reschedule
from posthouse.core.ports.life import AgeMessages, Cancel, Claimed, QueueScheduled, Start, StartAttempts
from posthouse.core.ports.reconciling import ClaimUnknown, Resolution, ResolveUnknown
from posthouse.core.verdict import Accepted, Deferred, NotSent, Reason, Refused, Unknown, Verdict
from tests.contracts.build import CHANNEL, HOUR, SECOND, World


def postpone(world: World, *claimed: Claimed, until: int, token: int | None = None) -> Postpone:
    late = tuple(Late(each.id, token or each.token, until) for each in claimed)
    return Postpone(late, world.now)


async def test_a_postponed_message_waits_for_its_time_and_goes_then(world: World):
    message = await world.accept(lane=Lane.MARKETING.value)
    world.later(SECOND)
    claimed, until = await world.take(message), world.now + 10 * HOUR
    await world.write(postpone(world, claimed, until=until))
    record = await world.get(message)
    assert (record.state, record.send_at, record.look_at, record.due_at) == ("scheduled", until, until, None)
    assert (record.charge, record.updated_at) == ("held", world.now)
    world.later(10 * HOUR - 1)
    assert await world.write(QueueScheduled(world.now, 10)) == 0
    world.later(1)
    assert await world.write(QueueScheduled(world.now, 10)) == 1
    await world.tried(message, Accepted("ref"))
    assert await world.standing(message) == ("sent", "settled")


async def test_the_story_tells_from_when_to_when_and_why(world: World):
    message = await world.accept()
    claimed = await world.take(message)
    await world.write(postpone(world, claimed, until=world.now + HOUR))
    _, postponed, scheduled = await world.events(message)
    assert [postponed.kind, scheduled.kind] == ["postponed", "scheduled"]
    assert json.loads(postponed.data or "") == {
        "from": "2026-11-28T08:00:00.000000Z",
        "to": "2026-11-28T09:00:00.000000Z",
        "why": "quiet_hours",
    }


async def test_validity_moves_along_whole(world: World):
    at_once = await world.accept(expires_at=world.now + 20 * SECOND)
    world.later(15 * SECOND)
    until = world.now + HOUR
    await world.write(postpone(world, await world.take(at_once), until=until))
    assert (await world.get(at_once)).expires_at == until + 20 * SECOND
    waited = await world.accept(send_at=world.now + SECOND, expires_at=world.now + 6 * SECOND)
    world.later(4 * SECOND)
    await world.write(QueueScheduled(world.now, 10))
    await world.write(postpone(world, await world.take(waited), until=until))
    assert (await world.get(waited)).expires_at == until + 5 * SECOND


async def test_the_record_keeps_when_it_would_first_have_gone(world: World):
    start = world.now
    plain = await world.accept()
    await world.write(postpone(world, await world.take(plain), until=start + HOUR))
    assert (await world.get(plain)).postponed_from == start
    scheduled = await world.accept(send_at=start + HOUR)
    moved_before = await world.accept(send_at=start + HOUR, postponed_from=start - HOUR)
    world.later(HOUR)
    await world.write(QueueScheduled(world.now, 10))
    claimed = await world.claim()
    await world.write(postpone(world, *claimed, until=start + 9 * HOUR))
    kept = [(await world.get(each)).postponed_from for each in (plain, scheduled, moved_before)]
    assert kept == [start, start + HOUR, start - HOUR]
    world.later(8 * HOUR)
    await world.write(QueueScheduled(world.now, 10))
    await world.write(postpone(world, *await world.claim(), until=world.now + HOUR))
    again = [(await world.get(each)).postponed_from for each in (plain, scheduled, moved_before)]
    assert again == kept


async def test_whose_lease_has_passed_on_cannot_postpone(world: World):
    message = await world.accept()
    claimed = await world.take(message)
    await world.write(postpone(world, claimed, until=world.now + HOUR, token=claimed.token + 1))
    assert (await world.get(message)).state == State.QUEUED
    await world.write(postpone(world, claimed, until=world.now + HOUR))
    await world.write(postpone(world, claimed, until=world.now + 2 * HOUR))  # in vain: it has let go
    record = await world.get(message)
    assert (record.state, record.send_at) == ("scheduled", world.now + HOUR)
    assert await world.start(claimed) is None


@pytest.mark.parametrize(
    "verdict",
    [Deferred(Reason.RATE_LIMITED), NotSent("no line"), Refused(Reason.UNROUTABLE)],
    ids=("deferred", "not sent", "refused"),
)
async def test_what_was_tried_in_vain_waits_as_if_nobody_had_tried(world: World, verdict: Verdict):
    message = await world.accept(lane=Lane.MARKETING.value)
    claimed, attempt = await world.begun(message)
    await world.write(postpone(world, claimed, until=world.now + HOUR))
    assert (await world.get(message)).state == State.SENDING
    await world.record(claimed, attempt, verdict, others_left=True)
    world.later(SECOND)
    until = world.now + HOUR
    await world.write(postpone(world, await world.take(message), until=until))
    record = await world.get(message)
    assert (record.state, record.send_at, record.charge) == ("scheduled", until, "held")
    assert (record.postponed_from, record.expires_at) == (
        message.created_at,
        until + message.expires_at - message.created_at,
    )
    world.later(HOUR)
    await world.write(QueueScheduled(world.now, 10))
    await world.tried(message, Accepted("ref"))
    assert await world.standing(message) == ("sent", "settled")


async def test_what_a_handset_may_have_is_left_to_whoever_holds_it(world: World):
    message = await world.accept()
    claimed, attempt = await world.begun(message)
    await world.record(claimed, attempt, Unknown("no answer"))
    world.later(HOUR)
    [asked] = await world.write(ClaimUnknown(10, world.lease(), world.now))
    await world.write(ResolveUnknown((Resolution(asked.id, asked.token, True, world.now),), world.now))
    again = await world.take(message)
    await world.write(postpone(world, again, until=world.now + HOUR))
    record = await world.get(message)
    assert (record.state, record.send_at, record.postponed_from) == ("queued", None, None)
    assert await world.start(again) == 2


async def test_what_was_canceled_or_is_not_there_is_left_alone(world: World):
    message = await world.accept()
    claimed = await world.take(message)
    await world.write(Cancel(message.account_id, message.id, world.now))
    unknown = claimed._replace(id=5)
    await world.write(postpone(world, claimed, unknown, until=world.now + HOUR))
    assert await world.standing(message) == ("canceled", "released")


@pytest.mark.parametrize("postponed_first", [True, False], ids=("postponed first", "started first"))
async def test_a_postponement_and_a_start_in_one_commit_agree_on_one_of_them(
    world: World, postponed_first: bool
):
    message = await world.accept()
    claimed = await world.take(message)
    start = Start(claimed.id, claimed.token, CHANNEL, "sandbox", True, "{}")
    wait = postpone(world, claimed, until=world.now + HOUR)
    begin = StartAttempts((start,), world.now, world.now + 10 * SECOND)
    answers = await (world.together(wait, begin) if postponed_first else world.together(begin, wait))
    assert world.groups[-1] == 2
    started = answers[1] if postponed_first else answers[0]
    assert started == ({} if postponed_first else {message.id: 1})
    assert (await world.get(message)).state == ("scheduled" if postponed_first else "sending")


async def test_the_same_message_twice_in_one_commit_is_postponed_once(world: World):
    claimed = await world.take(await world.accept())
    once, twice = (postpone(world, claimed, until=world.now + hours * HOUR) for hours in (1, 2))
    await world.together(once, twice)
    assert world.groups[-1] == 2
    assert (await world.get(claimed)).send_at == world.now + HOUR


async def test_a_postponed_message_can_be_moved_canceled_and_survives_a_restart(world: World):
    moved, canceled, kept = [await world.accept() for _ in range(3)]
    claimed = await world.claim()
    until = world.now + HOUR
    await world.write(postpone(world, *claimed, until=until))
    recovered = await world.restart()
    assert (recovered.freed, recovered.unknown) == (0, 0)
    await world.write(Reschedule(moved.account_id, moved.id, until + HOUR, None, world.now))
    await world.write(Cancel(canceled.account_id, canceled.id, world.now))
    assert (await world.get(moved)).postponed_from is None
    assert await world.standing(canceled) == ("canceled", "released")
    world.later(HOUR)
    assert await world.write(QueueScheduled(world.now, 10)) == 1
    assert await world.write(AgeMessages(world.now, 10)) == 0
    assert (await world.get(kept)).state == State.QUEUED
