"""References of which no receipt came are found by age, page by page, and when rows were numbered anew."""

from posthouse.core.message import AGE_LIMIT_US
from posthouse.core.ports.holding import HoldOpen, Release
from posthouse.core.ports.polling import AwaitedPage, FindAwaited, Place
from posthouse.core.verdict import Accepted, Reason, Refused
from tests.contracts.build import CHANNEL, SECOND, World
from tests.contracts.heard import OTHER, UNDELIVERED, receipt, settle, take

AGE = 17 * 60 * SECOND
BOTH = frozenset({CHANNEL, OTHER})


async def look(
    world: World, place: Place | None = None, *, rows: int = 100, channels: frozenset[int] = BOTH
) -> AwaitedPage:
    """What is 17 minutes old, and younger than 72 hours."""
    since, until = world.now - AGE_LIMIT_US, world.now - AGE
    return await world.read(FindAwaited(place or Place(), since, until, channels, rows))


def names(page: AwaitedPage) -> list[str]:
    return [each.reference for each in page.awaited]


async def test_an_attempt_is_found_with_all_that_a_question_needs(world: World):
    started = world.now
    message = await world.sent()
    world.later(AGE - 1)
    page = await look(world)
    assert (page.awaited, page.place, page.more) == ([], Place(), False)
    world.later(1)
    page = await look(world)
    [found] = page.awaited
    assert found == (CHANNEL, message.id, 1, message.recipient, "ref", started)
    assert names(await look(world, page.place)) == []


async def test_only_what_is_still_awaited_of_the_channels_in_question_is_found(world: World):
    for reference in ("open", "delivered", "undelivered"):
        await world.sent(reference)
    await world.tried(await world.accept(), Refused(Reason.BLOCKED))
    await world.accept()
    await take(world, Accepted("elsewhere"), channel=OTHER)
    await settle(world, receipt("delivered"), receipt("undelivered", fate=UNDELIVERED))
    world.later(AGE)
    assert names(await look(world)) == ["open", "elsewhere"]
    assert names(await look(world, channels=frozenset({OTHER}))) == ["elsewhere"]
    world.later(AGE_LIMIT_US - AGE)
    assert names(await look(world)) == []


async def test_what_a_backup_brought_is_asked_about_once_nothing_is_held_any_more(world: World):
    await world.sent("before")
    waiting = await world.accept()
    last: int | None = 0
    while last is not None:
        last = await world.write(HoldOpen(world.now, 100, last))
    world.later(SECOND)
    await world.sent("after")
    world.later(AGE)
    assert names(await look(world)) == ["after"]
    await world.write(Release((waiting.id,), world.now))
    assert names(await look(world)) == ["before", "after"]


async def test_pages_go_on_where_the_last_ended_and_leave_the_young_for_later(world: World):
    for number in range(5):
        await world.sent(f"r{number}")
    world.later(AGE)
    await world.sent("young")
    page = await look(world, rows=2)
    assert (names(page), page.more) == (["r0", "r1"], True)
    page = await look(world, page.place, rows=2)
    assert (names(page), page.more) == (["r2", "r3"], True)
    page = await look(world, page.place, rows=2)
    assert (names(page), page.more) == (["r4"], False)
    world.later(AGE)
    assert names(await look(world, page.place)) == ["young"]


async def test_rows_that_are_numbered_anew_are_found_as_well(world: World):
    """SQLite gives the numbers of the newest rows again once they are gone."""
    for number in range(3):
        await world.sent(f"old{number}")
    world.later(AGE)
    place = (await look(world)).place
    await settle(world, *(receipt(f"old{number}") for number in range(3)))
    assert world.backend.count("vendor_references") == 0
    for number in range(5):
        await world.sent(f"new{number}")
    world.later(AGE)
    assert names(await look(world, place)) == [f"new{number}" for number in range(5)]


async def test_a_reference_that_came_round_again_holds_up_nobody(world: World):
    for number in range(3):
        await world.sent(f"r{number}")
    world.later(AGE)
    await world.sent("r1")
    page = await look(world)
    assert names(page) == ["r0", "r2"]
