"""Events of all messages, in the order in which they were written."""

import pytest

from posthouse.core.ports.life import Stage
from posthouse.core.ports.queries import EventPage, ListEvents
from posthouse.core.verdict import Accepted, NotSent
from tests.contracts.build import SECOND, World


async def listed(world: World, limit: int = 100, **where: int) -> EventPage:
    return await world.store.read(ListEvents(limit, world.now - 10 * SECOND, **where))


async def test_nothing_has_happened_yet(world: World):
    assert await listed(world) == EventPage([], 0)
    assert await listed(world, after_id=7) == EventPage([], 7)


async def test_a_follower_sees_each_event_once_and_in_order(world: World):
    first = await world.accept()
    page = await listed(world, after_id=0)
    assert [(event.message_id, event.kind) for event in page.events] == [(first.id, "accepted")]
    second = await world.accept()
    assert [event.message_id for event in (await listed(world, after_id=page.next_after)).events] == [
        second.id
    ]
    seen, after = [], 0
    while (page := await listed(world, limit=1, after_id=after)).events:
        seen += [event.message_id for event in page.events]
        after = page.next_after
    assert seen == [first.id, second.id]


async def test_the_last_events_come_oldest_first_and_lead_on_to_the_next(world: World):
    messages = [await world.accept() for _ in range(3)]
    page = await listed(world, limit=2)
    assert [event.message_id for event in page.events] == [message.id for message in messages[1:]]
    before = await listed(world, limit=2, before_id=page.events[0].id)
    assert [event.message_id for event in before.events] == [messages[0].id]
    assert (await listed(world, after_id=page.next_after)).events == []


async def test_events_of_a_call_name_its_vendor_and_others_none(world: World):
    message = await world.accept()
    await world.tried(message, NotSent("no route"), others_left=True)
    world.later(SECOND)
    await world.tried(message, Accepted("r-1"))
    page = await world.store.read(ListEvents(100, world.now, after_id=0))
    told = [(event.kind, event.vendor) for event in page.events]
    assert told == [
        ("accepted", None),
        ("sending", "sandbox"),
        ("not_sent", "sandbox"),
        ("queued", None),
        ("sending", "sandbox"),
        ("sent", "sandbox"),
    ]
    assert {event.recipient for event in page.events} == {message.recipient}


@pytest.mark.parametrize("patience", [10, 0])
async def test_a_batch_appears_as_a_whole_and_a_forgotten_one_holds_nobody_up(world: World, patience):
    batch, messages = world.batch(3)
    await world.write(Stage(batch, messages))
    other = await world.accept()
    world.later(SECOND)

    async def read() -> list[int]:
        page = await world.store.read(ListEvents(100, world.now - patience * SECOND, after_id=0))
        return [event.message_id for event in page.events]

    if not patience:
        assert await read() == [other.id]
        return
    assert await read() == []
    await world.write(world.publish(batch))
    assert await read() == [*(message.id for message in messages), other.id]
