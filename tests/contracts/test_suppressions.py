"""The list of numbers that an account does not write to: kept, and honoured wherever a message passes."""

from dataclasses import replace

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Lane
from posthouse.core.ports.admission import (
    FindSuppressed,
    GetSuppression,
    ListSuppressions,
    Recipient,
    Suppress,
    Suppression,
    Unsuppress,
)
from posthouse.core.ports.life import QueueScheduled
from posthouse.core.verdict import Deferred, Reason
from tests.contracts.build import HOUR, SECOND, TO, World, acceptances

OTHER = "+8613800138001"


def entry(world: World, row: int, number: str = TO, lane: Lane | None = None) -> Suppress:
    return Suppress(world.account_id, Suppression(row, number, lane, "asked for it", world.now))


async def refusal(world: World, command) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await world.write(command)
    return caught.value


async def listed(world: World, **wanted) -> list[int]:
    query = ListSuppressions(**{"account_id": world.account_id, "limit": 10} | wanted)
    return [each.row for each in await world.read(query)]


async def test_an_entry_is_kept_as_it_was_given(world: World):
    everything, marketing = entry(world, 1), entry(world, 2, lane=Lane.MARKETING)
    for command in (everything, marketing):
        assert await world.write(command) is None
        kept = await world.read(GetSuppression(world.account_id, command.suppression.row))
        assert kept == command.suppression
    assert await world.read(GetSuppression(world.account_id, 3)) is None


async def test_a_number_is_listed_once_for_each_purpose(world: World):
    for row, lane in enumerate((None, *Lane), start=1):
        await world.write(entry(world, row, lane=lane))
    for row, lane in enumerate((None, *Lane), start=10):
        again = await refusal(world, entry(world, row, lane=lane))
        assert (again.code, dict(again.facts)) == (Code.ALREADY_EXISTS, {"resource": "suppression"})
    answers = await world.together(entry(world, 20, OTHER), entry(world, 21, OTHER))
    assert [isinstance(answer, Refusal) for answer in answers] == [False, True]
    assert await listed(world) == [20, 4, 3, 2, 1]


async def test_the_same_key_puts_a_number_on_the_list_once(world: World):
    keyed = replace(entry(world, 1), once=world.once())
    assert await world.write(keyed) is None
    assert await world.write(replace(keyed, suppression=entry(world, 2).suppression)) == b"reply"
    await world.write(Unsuppress(world.account_id, 1))
    assert await world.write(keyed) == b"reply"
    other = replace(keyed, once=world.once(request=b"other"))
    assert (await refusal(world, other)).code is Code.IDEMPOTENCY_KEY_REUSED
    assert await listed(world) == []


async def test_an_entry_taken_off_is_gone_and_a_foreign_one_is_not_there(world: World):
    await world.write(entry(world, 1))
    other = await world.account("other")
    for command in (Unsuppress(other, 1), Unsuppress(world.account_id, 2)):
        gone = await refusal(world, command)
        assert (gone.code, dict(gone.facts)) == (Code.NOT_FOUND, {"resource": "suppression"})
    assert await world.read(GetSuppression(other, 1)) is None
    assert await listed(world, account_id=other) == []
    await world.write(Unsuppress(world.account_id, 1))
    assert await world.read(GetSuppression(world.account_id, 1)) is None
    assert (await refusal(world, Unsuppress(world.account_id, 1))).code is Code.NOT_FOUND
    await world.accept()


async def test_entries_are_listed_newest_first_by_page_and_by_number(world: World):
    for row in range(1, 6):
        await world.write(entry(world, row, f"+861380013800{row}"))
    await world.write(entry(world, 6, "+8613800138002", Lane.OTP))
    assert await listed(world, limit=2) == [6, 5]
    assert await listed(world, limit=10, before_row=5) == [4, 3, 2, 1]
    assert await listed(world, number="+8613800138002") == [6, 2]
    assert await listed(world, number="+8613800138002", limit=1) == [6]
    assert await listed(world, number="+8613800138002", before_row=6) == [2]
    assert await listed(world, number="+8613800138009") == []


async def test_a_message_is_refused_by_purpose_or_by_every_purpose(world: World):
    await world.write(entry(world, 1, lane=Lane.MARKETING))
    await world.write(entry(world, 2, OTHER))
    await world.accept(lane=Lane.OTP.value)
    refused = await refusal(world, world.acceptance(world.message(lane=Lane.MARKETING.value)))
    assert (refused.code, refused.param) == (Code.RECIPIENT_SUPPRESSED, "to")
    for lane in Lane:
        command = world.acceptance(world.message(recipient=OTHER, lane=lane.value))
        assert (await refusal(world, command)).code is Code.RECIPIENT_SUPPRESSED
    other = await world.account("other")
    await world.accept(account_id=other, lane=Lane.MARKETING.value)
    assert await world.purses() == (99, 1, 0)


async def test_within_one_commit_only_the_suppressed_are_refused(world: World):
    await world.write(entry(world, 1, OTHER))
    commands = [world.acceptance(world.message(recipient=to)) for to in (TO, OTHER, TO)]
    answers = await world.together(*commands)
    assert [isinstance(answer, Refusal) for answer in answers] == [False, True, False]
    assert len(acceptances(answers)) == 2


async def test_a_repetition_is_answered_even_when_its_number_has_been_listed_since(world: World):
    first = world.acceptance(world.message(), once=world.once())
    await world.write(first)
    await world.write(entry(world, 1))
    again = world.acceptance(world.message(), once=world.once())
    assert (await world.write(again)).replayed == b"reply"


async def test_of_a_batch_the_suppressed_are_found_by_their_place(world: World):
    recipients = tuple(Recipient(number, lane) for number in (TO, OTHER) for lane in Lane)
    asked = FindSuppressed(world.account_id, recipients)
    assert await world.read(asked) == [False] * 6
    await world.write(entry(world, 1, lane=Lane.NOTIFICATION))
    await world.write(entry(world, 2, OTHER))
    assert await world.read(asked) == [False, True, False, True, True, True]
    other = await world.account("other")
    assert await world.read(replace(asked, account_id=other)) == [False] * 6
    many = tuple(Recipient(f"+86138{n:08d}", Lane.OTP) for n in range(2000))
    await world.write(entry(world, 3, many[1234].number))
    found = await world.read(FindSuppressed(world.account_id, many))
    assert [index for index, suppressed in enumerate(found) if suppressed] == [1234]


async def test_a_claim_says_whose_recipient_has_been_listed_since(world: World):
    other = await world.account("other")
    messages = [
        await world.accept(),
        await world.accept(recipient=OTHER),
        await world.accept(account_id=other),
        await world.accept(send_at=world.now + HOUR),
    ]
    await world.write(entry(world, 1))
    world.later(HOUR)
    assert await world.write(QueueScheduled(world.now, 10)) == 1
    claimed = {each.id: each.suppressed for each in await world.claim(10)}
    assert claimed == {each.id: each is messages[0] or each is messages[3] for each in messages}


@pytest.mark.parametrize(
    ("lane", "suppressed"),
    [(None, True), (Lane.NOTIFICATION, True), (Lane.MARKETING, False)],
    ids=("every", "its own", "another"),
)
async def test_a_claim_tells_purposes_apart(world: World, lane: Lane | None, suppressed: bool):
    message = await world.accept()
    await world.write(entry(world, 1, lane=lane))
    await world.write(entry(world, 2, OTHER))
    assert (await world.take(message)).suppressed is suppressed


async def test_a_message_that_is_tried_again_is_looked_up_again_and_ends_with_its_money_back(world: World):
    message = await world.accept()
    assert not (await world.tried(message, Deferred(Reason.RATE_LIMITED))).suppressed
    await world.write(entry(world, 1))
    world.later(HOUR)
    claimed = await world.take(message)
    assert claimed.suppressed
    await world.finish(claimed, None, Reason.BLOCKED)
    assert await world.standing(message) == ("failed", "released")
    assert (await world.get(message)).reason == "blocked"


async def test_who_is_taken_off_the_list_gets_what_still_waits(world: World):
    message = await world.accept(send_at=world.now + HOUR)
    await world.write(entry(world, 1))
    await world.write(Unsuppress(world.account_id, 1))
    world.later(HOUR + SECOND)
    await world.write(QueueScheduled(world.now, 10))
    assert not (await world.take(message)).suppressed
