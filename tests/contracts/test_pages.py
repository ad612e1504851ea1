"""Pages by number: what the counters say is what a look at every message would."""

import itertools
import random
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from posthouse.core.ids import EPOCH_US, taken_at
from posthouse.core.ids import HOUR as ID_HOUR
from posthouse.core.message import Ending, Progress
from posthouse.core.ports.life import Cancel, DropStaged, Forget, RecordReplies, Stage
from posthouse.core.ports.queries import MessageLine, PageMessages, RecordPage
from posthouse.core.verdict import Accepted, Deferred, Fate, Reason, Refused, Reply, Unknown
from tests.contracts.build import CHANNEL, HOUR, PRICE, SECOND, TO, World
from tests.contracts.pages import progress_in

ALL = (None, *Progress)


async def page(world: World, progress: Progress | None = None, **more: int) -> RecordPage:
    return await world.read(PageMessages(world.account_id, progress, **more))


async def expected(world: World, query: PageMessages) -> RecordPage:
    """The same page, by a look at every message."""
    wanted = [
        MessageLine(record.id, record.number, record.recipient, record.template_id, progress_in(record))
        for record in await world.listed(account_id=query.account_id)
        if query.progress in (None, progress_in(record))
        and (query.since is None or taken_at(record.id) >= query.since)
        and (query.until is None or taken_at(record.id) < query.until)
    ]
    return RecordPage(wanted[query.offset : query.offset + query.limit], len(wanted))


async def taken(world: World, name: str, *fates: Fate, receipts: bool = True) -> None:
    """A message that a vendor took, and what was heard of it."""
    await world.tried(await world.accept(), Accepted(name), receipts=receipts)
    for fate in fates:
        await world.settle(fate, name)


async def batch(world: World, *, published: bool) -> None:
    whole, messages = world.batch(4)
    await world.write(Stage(whole, messages))
    if published:
        await world.write(world.publish(whole))


ENDED: list[Callable[[World, str], Coroutine[Any, Any, Any]]] = [
    taken,
    lambda world, name: taken(world, name, receipts=False),
    lambda world, name: taken(world, name, Fate.DELIVERED, receipts=False),
    lambda world, name: taken(world, name, Fate.DELIVERED),
    lambda world, name: taken(world, name, Fate.UNDELIVERED),
    lambda world, name: taken(world, name, Fate.UNDELIVERED, Fate.DELIVERED),
    lambda world, _: world.accept(send_at=world.now + 1000 * HOUR),
    lambda world, _: batch(world, published=False),
]
"""Lives that leave nothing in the line."""


async def refused(world: World, _: str) -> None:
    await world.tried(await world.accept(), Refused(Reason.INVALID_NUMBER))


async def unanswered(world: World, _: str) -> None:
    await world.tried(await world.accept(), Unknown("no answer"))


async def canceled(world: World, _: str) -> None:
    await world.write(Cancel(world.account_id, (await world.accept()).id, world.now))


async def expired(world: World, _: str) -> None:
    await world.finish(await world.take(await world.accept()), Ending.EXPIRED, Reason.EXPIRED)


async def history(world: World, chance: random.Random) -> None:
    """Lives of all kinds over some hours, with hours in between that have none."""
    world.account_id = await world.account("busy", credit=10_000 * PRICE)
    lives = [*ENDED, refused, unanswered, canceled, expired] * 7
    chance.shuffle(lives)
    for each, live in enumerate(lives):
        if chance.random() < 0.3:
            world.later(chance.choice([1, SECOND, HOUR // 3, HOUR, 5 * HOUR]))
        if chance.random() < 0.1:  # the last microsecond of an hour, so that the next message opens another
            world.later(HOUR - 1 - world.now % HOUR)
        await live(world, f"ref{each}")
    await batch(world, published=True)
    await world.accept_many(3, template_id="123456", body=None)


@pytest.mark.parametrize("seed", range(4))
async def test_every_page_is_what_a_look_at_every_message_shows(world: World, seed):
    chance = random.Random(seed)
    await history(world, chance)
    everything = await world.listed()
    assert {progress_in(record) for record in everything} == set(Progress)
    times = [taken_at(record.id) for record in everything]
    hours = sorted({time - time % HOUR for time in times})
    edges: list[int | None] = [None, *times[::9], *(time + 1 for time in times[::13]), *hours]
    edges += [hours[-1] + HOUR, hours[0] - HOUR, 0, EPOCH_US - 1, 1 << 62]
    for progress, _ in itertools.product(ALL, range(60)):
        query = PageMessages(
            world.account_id,
            progress,
            chance.choice(edges),
            chance.choice(edges),
            chance.choice([0, 0, 1, 5, 10, 37, 80, 10**12]),
            chance.choice([1, 3, 10, 100]),
        )
        assert await world.read(query) == await expected(world, query), query


async def test_pages_one_after_the_other_show_everything_once(world: World):
    for _ in range(5):
        await world.accept_many(5)
        world.later(HOUR // 2)
    shown = [line for offset in range(0, 28, 4) for line in (await page(world, offset=offset, limit=4)).lines]
    assert [line.number for line in shown] == list(range(25, 0, -1))
    assert (await page(world, offset=25)).lines == []
    assert (await page(world, offset=25)).total == 25


async def test_counters_that_came_down_to_nothing_are_dropped_after_a_day_in_bounded_steps(world: World):
    def rows() -> int:
        return world.backend.count("hourly_counts")

    for reference in "abc":
        await world.sent(reference)
        await world.settle(Fate.DELIVERED, reference)
        world.later(HOUR)
    waiting = await world.accept()
    whole = await page(world)
    assert rows() == 3 * 4 + 1  # queued, sending, sent, delivered
    world.later(20 * HOUR)
    assert await world.write(Forget(world.now, 100)) == 0
    world.later(4 * HOUR)
    await world.write(Cancel(world.account_id, waiting.id, world.now))
    assert [await world.write(Forget(world.now, 4)) for _ in range(4)] == [4, 4, 1, 0]
    assert rows() == 3 + 2
    world.later(HOUR)
    assert await world.write(Forget(world.now, 4)) == 1
    assert rows() == 3 + 1
    assert (await page(world)).total == whole.total == 4


async def test_a_counter_that_was_dropped_comes_back(world: World):
    message = await world.accept()
    await world.tried(message, Unknown("no answer"))
    world.later(25 * HOUR)
    assert await world.write(Forget(world.now, 100)) == 2
    await world.resend(message)
    assert (await page(world, Progress.PENDING)).total == 1


async def test_an_empty_account_has_an_empty_page(world: World):
    for progress in ALL:
        assert await page(world, progress) == RecordPage([], 0)


async def test_a_range_that_ends_before_it_begins_has_nothing(world: World):
    await world.accept()
    assert await page(world, since=world.now + SECOND, until=world.now) == RecordPage([], 0)


async def test_the_end_of_a_range_is_not_in_it_and_its_beginning_is(world: World):
    message = await world.accept()
    at = taken_at(message.id)
    assert (await page(world, since=at)).total == 1
    assert (await page(world, since=at + 1)).total == 0
    assert (await page(world, until=at)).total == 0
    assert (await page(world, until=at + 1)).total == 1


async def test_other_accounts_are_not_shown(world: World):
    other = await world.account("other")
    await world.accept(account_id=other)
    assert await page(world) == RecordPage([], 0)


async def test_a_staged_batch_is_neither_shown_nor_counted_until_it_is_published(world: World):
    kept = await world.accept()
    batch, messages = world.batch(6)
    await world.write(Stage(batch, messages))
    whole, cut = PageMessages(world.account_id), PageMessages(world.account_id, since=world.now - 1)
    for query in (whole, cut):
        found = await world.read(query)
        assert ([line.id for line in found.lines], found.total) == ([kept.id], 1)
    await world.write(world.publish(batch))
    assert (await page(world)).total == 7


async def test_what_was_swept_unpublished_was_never_counted(world: World):
    batch, messages = world.batch(6)
    await world.write(Stage(batch, messages))
    world.later(HOUR)
    assert await world.write(DropStaged(world.now, 100)) == 6
    assert await page(world) == RecordPage([], 0)


async def test_ids_that_run_ahead_into_the_next_hour_are_paged_by_their_own_time(world: World):
    world.later(HOUR - 2 - world.now % HOUR)
    batch, messages = world.batch(5)  # its last ids are taken in the next hour
    await world.write(world.publish(batch, *messages))
    boundary = world.now - world.now % HOUR + HOUR
    assert messages[0].id // ID_HOUR != messages[-1].id // ID_HOUR
    before, after = await page(world, until=boundary), await page(world, since=boundary)
    assert before.total + after.total == 5
    assert all(taken_at(line.id) < boundary for line in before.lines)
    assert all(taken_at(line.id) >= boundary for line in after.lines)
    assert before.lines
    assert after.lines


async def test_sent_is_a_success_where_no_receipt_will_come_and_pending_where_one_may(world: World):
    await world.tried(await world.accept(), Accepted("final"), receipts=False)
    await world.sent("open")
    assert [line.number for line in (await page(world, Progress.SUCCESS)).lines] == [1]
    assert [line.number for line in (await page(world, Progress.PENDING)).lines] == [2]
    await world.settle(Fate.DELIVERED, "final")  # against all expectation
    await world.settle(Fate.UNDELIVERED, "open", reason=Reason.UNREACHABLE)
    assert [line.number for line in (await page(world, Progress.SUCCESS)).lines] == [1]
    assert [line.number for line in (await page(world, Progress.FAILED)).lines] == [2]
    assert (await page(world, Progress.PENDING)).total == 0


async def test_a_reply_leaves_a_final_sent_final(world: World):
    await world.tried(await world.accept(), Accepted("final"), receipts=False)
    reply = Reply("final", TO, "thank you", world.now)
    await world.write(RecordReplies(CHANNEL, (reply,), world.now))
    assert (await page(world, Progress.SUCCESS)).total == 1


async def test_a_message_that_goes_back_to_the_line_stays_pending(world: World):
    await world.tried(await world.accept(), Deferred(Reason.RATE_LIMITED))
    assert (await page(world, Progress.PENDING)).total == 1
