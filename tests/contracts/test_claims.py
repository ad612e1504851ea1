"""Claims: lanes, due times, turns, leases and the fencing that holds when a lease has passed on."""

import pytest

from posthouse.core.message import Ending, Lane, Outcome
from posthouse.core.ports.life import Cancel, Claim, PutBack, Recover, Start, StartAttempts
from posthouse.core.verdict import Accepted, Deferred, NotSent, Reason, Refused, Unknown
from tests.contracts.build import HOUR, SECOND, World


async def test_a_claim_tells_all_that_a_dispatcher_needs(world: World):
    message = await world.accept(sender="Acme", signature="驿站", pin="sandbox", parts=2, reference="x")
    claimed = await world.take(message)
    for field in ("id", "account_id", "recipient", "country", "mode", "sender", "signature", "body", "pin"):
        assert getattr(claimed, field) == getattr(message, field)
    assert (claimed.lane, claimed.parts, claimed.expires_at) == (Lane.NOTIFICATION, 2, message.expires_at)
    assert claimed.attempts == ()


async def test_a_claim_takes_from_its_own_lane_only(world: World):
    otp = await world.accept(lane=Lane.OTP.value)
    campaign = await world.accept(lane=Lane.MARKETING.value)
    assert await world.claim(10) == []
    assert [claimed.id for claimed in await world.claim(10, lane=Lane.OTP)] == [otp.id]
    assert [claimed.id for claimed in await world.claim(10, lane=Lane.MARKETING)] == [campaign.id]


async def test_a_message_is_claimed_when_it_is_due_and_not_before(world: World):
    message = await world.accept(due_at=world.now + SECOND)
    assert await world.claim() == []
    world.later(SECOND)
    assert [claimed.id for claimed in await world.claim()] == [message.id]


@pytest.mark.parametrize(("later", "due"), [(31 * SECOND, 20 * SECOND), (19 * SECOND, 19 * SECOND)])
async def test_what_is_put_back_is_due_when_its_validity_ends_at_the_latest(world: World, later, due):
    message = await world.accept(expires_at=world.now + 20 * SECOND)
    claimed = await world.take(message)
    await world.write(PutBack(((claimed.id, claimed.token, world.now + later),)))
    assert (await world.get(message)).due_at == world.now + due


async def test_the_longest_due_come_first(world: World):
    messages = [await world.accept(due_at=world.now - n) for n in range(5)]
    assert [(await world.claim(1))[0].id for _ in range(5)] == [m.id for m in reversed(messages)]


async def test_a_leased_message_is_not_offered_twice(world: World):
    messages = await world.accept_many(5)
    first, second = await world.claim(3), await world.claim(10)
    assert len(first) == 3
    assert {c.id for c in first} | {c.id for c in second} == {message.id for message in messages}
    assert await world.claim(10) == []


async def test_claims_that_share_a_commit_share_out_the_messages(world: World):
    messages = await world.accept_many(9)
    answers = await world.together(*(Claim(Lane.NOTIFICATION, 4, world.lease(), world.now) for _ in range(4)))
    taken = [claimed.id for answer in answers for claimed in answer]
    assert sorted(taken) == [message.id for message in messages]
    assert [len(answer) for answer in answers] == [4, 4, 1, 0]


async def test_an_account_with_one_message_is_served_in_the_first_claim_beside_one_with_1000(world: World):
    rich, small = await world.account("rich", credit=10**10), await world.account("small")
    await world.accept_many(1000, account_id=rich)
    mine = await world.accept(account_id=small)
    first = await world.claim(20)
    assert mine.id in {claimed.id for claimed in first}
    assert len(first) == 20


async def test_turns_go_on_after_the_account_that_was_served_last(world: World):
    accounts = [await world.account(f"a{n}") for n in range(5)]
    for account_id in accounts:
        await world.accept_many(3, account_id=account_id)
    last, served = 0, []
    for _ in range(10):
        [claimed] = await world.claim(1, after_account=last)
        last = claimed.account_id
        served.append(last)
    assert served == accounts * 2


async def test_accounts_that_only_wait_for_a_later_time_do_not_keep_others_from_their_turn(world: World):
    for n in range(70):
        account_id = await world.account(f"waiting {n}")
        await world.accept(account_id=account_id, due_at=world.now + HOUR)
    ready = await world.account("ready")
    message = await world.accept(account_id=ready)
    assert [claimed.id for claimed in await world.claim(10)] == [message.id]


async def test_a_claim_of_more_than_there_is_takes_everything(world: World):
    others = [await world.account(f"a{n}") for n in range(3)]
    for number, account_id in enumerate(others):
        await world.accept_many(number * 10 + 1, account_id=account_id)
    assert len(await world.claim(1000)) == 33


async def test_a_lease_of_a_process_that_is_gone_is_offered_again_to_its_successor(world: World):
    message = await world.accept()
    await world.take(message)
    recovered = await world.restart()
    assert (recovered.freed, recovered.unknown) == (1, 0)
    assert [claimed.id for claimed in await world.claim()] == [message.id]


async def test_a_process_does_not_recover_its_own_leases(world: World):
    message = await world.accept()
    await world.restart()
    await world.take(message)
    from_itself = await world.write(Recover(world.owner, world.now))
    assert (from_itself.freed, from_itself.unknown) == (0, 0)
    assert await world.claim() == []


async def test_a_lease_forgotten_by_its_own_process_ends_a_minute_after_its_time(world: World):
    waiting, begun = await world.accept_many(2)
    [one, two] = await world.claim(2)
    assert await world.start(two) == 1
    world.later(70 * SECOND)
    assert (await world.write(Recover(world.owner, world.now))).freed == 0
    world.later(SECOND)
    recovered = await world.write(Recover(world.owner, world.now))
    assert (recovered.freed, recovered.unknown) == (1, 1)
    assert await world.start(one) is None
    assert (await world.get(waiting)).state == "queued"
    assert (await world.get(begun)).state == "unknown"


async def test_an_attempt_is_numbered_and_seen_before_its_call(world: World):
    message = await world.accept()
    _claimed, attempt = await world.begun(message)
    assert attempt == 1
    record = await world.get(message)
    assert (record.state, record.vendor, record.simulated, record.attempts) == ("sending", "sandbox", True, 1)
    [tried] = await world.attempts(message)
    assert (tried.number, tried.outcome, tried.started_at) == (1, "started", world.now)
    assert tried.answered_at is None
    assert [event.kind for event in await world.events(message)] == ["accepted", "sending"]


async def test_a_stale_token_starts_nothing(world: World):
    message = await world.accept()
    stale = await world.take(message)
    await world.restart()
    fresh = await world.take(message)
    assert await world.start(stale) is None
    assert await world.standing(message) == ("queued", "held")
    assert await world.start(fresh) == 1
    assert await world.start(fresh) is None  # nor does the right one start twice


async def test_a_message_is_started_once_however_often_it_is_asked_in_one_commit(world: World):
    message = await world.accept()
    claimed = await world.take(message)
    start = Start(claimed.id, claimed.token, 1, "sandbox", True, "{}")
    once, again = await world.together(*[StartAttempts((start, start), world.now, world.now + SECOND)] * 2)
    assert (once, again) == ({message.id: 1}, {})
    assert len(await world.attempts(message)) == 1


async def test_a_message_cancelled_after_its_claim_is_not_started(world: World):
    message = await world.accept()
    claimed = await world.take(message)
    await world.write(Cancel(world.account_id, message.id, world.now))
    assert await world.start(claimed) is None
    assert await world.standing(message) == ("canceled", "released")


async def test_a_message_put_back_is_offered_again_at_its_time(world: World):
    message = await world.accept()
    claimed = await world.take(message)
    await world.write(PutBack(((message.id, claimed.token, world.now + SECOND),)))
    assert await world.claim() == []
    world.later(SECOND)
    assert [again.id for again in await world.claim()] == [message.id]
    assert await world.start(claimed) is None


async def test_a_stale_token_puts_nothing_back(world: World):
    message = await world.accept()
    stale = await world.take(message)
    await world.restart()
    await world.take(message)
    await world.write(PutBack(((message.id, stale.token, world.now),)))
    assert await world.claim() == []


async def test_what_has_been_started_is_not_put_back_nor_ended(world: World):
    message = await world.accept()
    claimed, attempt = await world.begun(message)
    await world.write(PutBack(((message.id, claimed.token, world.now),)))
    await world.finish(claimed, Ending.EXPIRED, Reason.EXPIRED)
    assert await world.claim() == []
    assert await world.standing(message) == ("sending", "held")
    await world.record(claimed, attempt, Accepted("ref"))
    assert await world.standing(message) == ("sent", "settled")


async def test_a_stale_token_ends_nothing(world: World):
    message = await world.accept()
    stale = await world.take(message)
    await world.restart()
    await world.take(message)
    await world.finish(stale, Ending.EXPIRED, Reason.EXPIRED)
    assert await world.standing(message) == ("queued", "held")


@pytest.mark.parametrize(
    "verdict",
    [Refused(Reason.BLOCKED), Deferred(Reason.RATE_LIMITED), NotSent("refused"), Unknown("timeout")],
    ids=lambda verdict: type(verdict).__name__,
)
async def test_a_stale_verdict_other_than_accepted_changes_nothing(world: World, verdict):
    message = await world.accept()
    stale, attempt = await world.begun(message)
    await world.restart()
    before, story = await world.get(message), await world.events(message)
    assert await world.record(stale, attempt, verdict) == {}
    assert (await world.get(message), await world.events(message)) == (before, story)
    [tried] = await world.attempts(message)
    assert tried.outcome == "unknown"


async def test_a_started_attempt_without_a_verdict_is_unknown_after_a_crash_and_never_requeued(world: World):
    message = await world.accept()
    await world.begun(message)
    recovered = await world.restart()
    assert (recovered.freed, recovered.unknown) == (0, 1)
    assert await world.standing(message) == ("unknown", "held")
    [tried] = await world.attempts(message)
    assert tried.outcome == "unknown"
    world.later(24 * HOUR)
    assert await world.claim() == []
    assert (await world.restart()).unknown == 0


async def test_the_next_claim_tells_of_the_attempts_before(world: World):
    message = await world.accept()
    await world.tried(message, NotSent("refused"))
    world.later(HOUR)
    await world.tried(message, Deferred(Reason.RATE_LIMITED))
    world.later(HOUR)
    claimed = await world.take(message)
    assert [past.outcome for past in claimed.attempts] == [Outcome.NOT_SENT, Outcome.DEFERRED]
    assert await world.start(claimed) == 3
