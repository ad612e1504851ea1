"""Acceptance: key, message, hold, counters and first event in one; refusals before the first write."""

import asyncio

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.queries import GetMessage, GetStanding, GetTrace
from tests.contracts.build import DAY, FUNDS, PRICE, World, acceptances


async def test_an_accepted_message_is_held_counted_numbered_and_has_its_first_event(world: World):
    message = await world.accept(reference="order 7", metadata='{"a":1}', sender="Acme")
    record = await world.get(message)
    assert (record.state, record.charge, record.number, record.attempts) == ("queued", "held", 1, 0)
    assert (record.reference, record.metadata, record.sender) == ("order 7", '{"a":1}', "Acme")
    assert (record.body, record.recipient, record.price) == (message.body, message.recipient, PRICE)
    assert (record.created_at, record.updated_at, record.due_at) == (world.now, world.now, world.now)
    assert record.simulated is False
    standing = await world.read(GetStanding(world.account_id, DAY))
    assert standing is not None
    assert (standing.balance.available, standing.balance.held) == (FUNDS - PRICE, PRICE)
    assert (standing.total, standing.today) == (1, 1)
    [event] = await world.events(message)
    assert (event.sequence, event.kind, event.at) == (1, "accepted", world.now)


async def test_messages_of_an_account_are_numbered_in_order_whatever_other_accounts_do(world: World):
    other = await world.account("other")
    mine = await world.accept_many(3)
    foreign = await world.accept(account_id=other)
    last = await world.accept()
    assert [(await world.get(message)).number for message in [*mine, last, foreign]] == [1, 2, 3, 4, 1]


async def test_a_message_of_another_account_is_not_found(world: World):
    other = await world.account("other")
    message = await world.accept()
    assert await world.read(GetMessage(other, message.id)) is None
    assert await world.read(GetTrace(other, message.id)) is None
    assert await world.read(GetMessage(None, message.id)) is not None
    assert await world.listed(account_id=other) == []


async def test_a_message_without_funds_is_refused_and_nothing_is_stored(world: World):
    poor = await world.account("poor", credit=PRICE - 1)
    message = world.message(account_id=poor)
    with pytest.raises(Refusal) as refused:
        await world.write(world.acceptance(message))
    assert refused.value.code is Code.INSUFFICIENT_BALANCE
    assert refused.value.facts == {"needed": "0.05", "available": "0.049999"}
    assert await world.read(GetMessage(poor, message.id)) is None
    standing = await world.read(GetStanding(poor, DAY))
    assert standing is not None
    assert (standing.total, standing.today) == (0, 0)
    assert (standing.balance.available, standing.balance.held) == (PRICE - 1, 0)


async def test_a_refusal_among_others_leaves_no_gap_in_their_numbers(world: World):
    big = world.message(price=FUNDS * 2)
    one, two = world.message(), world.message()
    answers = await world.together(*(world.acceptance(message) for message in (one, big, two)))
    assert [type(answer).__name__ for answer in answers] == ["Acceptance", "Refusal", "Acceptance"]
    assert [(await world.get(message)).number for message in (one, two)] == [1, 2]


async def test_of_500_sends_at_once_with_funds_for_100_exactly_100_are_accepted(world: World):
    commands = [world.acceptance(world.message()) for _ in range(500)]
    answers = await asyncio.gather(*map(world.write, commands), return_exceptions=True)
    assert len(acceptances(answers)) == 100
    assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {Code.INSUFFICIENT_BALANCE}
    assert await world.purses() == (0, 100, 0)
    assert await world.count() == 100


async def test_of_500_sends_in_one_commit_with_funds_for_100_exactly_100_are_accepted(world: World):
    answers = await world.together(*(world.acceptance(world.message()) for _ in range(500)))
    assert world.groups[-1] == 500
    assert len(acceptances(answers)) == 100
    assert await world.purses() == (0, 100, 0)


async def test_a_message_that_costs_nothing_is_accepted_by_an_empty_account(world: World):
    empty = await world.account("empty", credit=0)
    message = await world.accept(account_id=empty, price=0)
    assert await world.standing(message) == ("queued", "held")


async def test_what_was_accepted_is_there_after_a_restart(world: World):
    messages = await world.accept_many(5)
    await world.restart()
    assert [await world.standing(message) for message in messages] == [("queued", "held")] * 5
    assert await world.purses() == (95, 5, 0)


async def test_a_bad_command_fails_alone_and_the_good_ones_beside_it_are_committed(world: World):
    there = await world.accept()
    good = [world.message() for _ in range(4)]
    bad = there  # its id is taken: the insert must fail
    commands = [world.acceptance(message) for message in (*good[:2], bad, *good[2:])]
    answers = await world.together(*commands)
    assert len(acceptances(answers)) == 4
    assert isinstance(answers[2], Exception)
    assert not isinstance(answers[2], Refusal)
    assert [(await world.get(message)).number for message in good] == [2, 3, 4, 5]
    assert await world.purses() == (95, 5, 0)


async def test_a_bad_command_of_one_kind_does_not_take_other_kinds_with_it(world: World):
    message = await world.accept()
    stranger = world.message(account_id=999)
    claim, start = await world.take(message), world.message()
    answers = await world.together(world.acceptance(stranger), world.acceptance(start))
    assert isinstance(answers[0], Exception)
    assert await world.start(claim) == 1
    assert await world.standing(start) == ("queued", "held")


async def test_a_caller_who_left_before_the_commit_does_not_fail_the_others(world: World):
    messages = [world.message() for _ in range(3)]
    tasks = [asyncio.create_task(world.write(world.acceptance(message))) for message in messages]
    await asyncio.sleep(0)
    tasks[1].cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert len(acceptances(answers)) == 2
    assert isinstance(answers[1], asyncio.CancelledError)
    # In line is in line: the command of the one who left is committed with the rest.
    assert [await world.standing(message) for message in messages] == [("queued", "held")] * 3
