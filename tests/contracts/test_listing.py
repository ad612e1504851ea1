"""Lists of messages: every filter, pages that meet without gap or overlap, and a bound on each look."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posthouse.core.ids import taken_at
from posthouse.core.message import Lane, State
from posthouse.core.ports.life import Cancel, Stage
from posthouse.core.ports.queries import ListMessages, MessagePage, Wanted
from posthouse.storage.listing import LOOKED_AT_MAX
from tests.contracts.build import HOUR, PRICE, SECOND, TO, World

OTHER_TO = "+15555550123"


async def page(world: World, limit: int = 20, before: int | None = None, **wanted) -> MessagePage:
    return await world.read(ListMessages(Wanted(**{"account_id": world.account_id} | wanted), limit, before))


async def found(world: World, **wanted) -> list[int]:
    return [message.id for message in await world.listed(**wanted)]


async def test_pages_are_newest_first_and_meet_without_gap_or_overlap(world: World):
    ids = [message.id for message in await world.accept_many(7)][::-1]
    first = await page(world, 3)
    second = await page(world, 3, first.next_before)
    last = await page(world, 3, second.next_before)
    assert [m.id for each in (first, second, last) for m in each.messages] == ids
    assert (len(last.messages), last.next_before) == (1, None)


async def test_a_page_that_takes_the_last_message_says_that_it_is_the_last(world: World):
    await world.accept_many(3)
    assert (await page(world, 3)).next_before is None
    assert (await page(world, 2)).next_before is not None
    assert await page(world, 3, account_id=world.account_id + 1) == MessagePage([], None)


async def test_a_list_shows_one_account_or_all(world: World):
    mine = await world.accept()
    other = await world.account("other")
    theirs = await world.accept(account_id=other)
    assert await found(world) == [mine.id]
    assert await found(world, account_id=other) == [theirs.id]
    assert await found(world, account_id=None) == [theirs.id, mine.id]


@pytest.mark.parametrize("mine", [True, False])
async def test_each_filter_finds_its_own_and_nothing_else(world: World, mine):
    plain = await world.accept()
    scheduled = await world.accept(send_at=world.now + HOUR)
    abroad = await world.accept(recipient=OTHER_TO)
    labelled = await world.accept(reference="order-4711")
    urgent = await world.accept(lane=Lane.OTP.value)
    canceled = await world.accept()
    await world.write(Cancel(world.account_id, canceled.id, world.now))
    whose = {} if mine else {"account_id": None}
    assert await found(world, state=frozenset({State.SCHEDULED}), **whose) == [scheduled.id]
    ended = frozenset({State.CANCELED, State.SCHEDULED, State.DELIVERED})
    assert await found(world, state=ended, **whose) == [canceled.id, scheduled.id]
    assert await found(world, recipient=OTHER_TO, **whose) == [abroad.id]
    assert await found(world, reference="order-4711", **whose) == [labelled.id]
    assert await found(world, lane=Lane.OTP, **whose) == [urgent.id]
    assert await found(world, lane=Lane.NOTIFICATION, recipient=TO, state=frozenset({State.QUEUED})) == [
        labelled.id,
        plain.id,
    ]
    assert await found(world, recipient=OTHER_TO, reference="order-4711", **whose) == []


async def test_time_is_that_of_acceptance_its_end_excluded(world: World):
    at = []
    for _ in range(3):
        world.later(SECOND)
        at.append((world.now, (await world.accept()).id))
    (one, first), (two, second), (three, third) = at
    assert await found(world, since=two) == [third, second]
    assert await found(world, until=two) == [first]
    assert await found(world, since=one, until=three) == [second, first]
    assert await found(world, since=two + 1, until=three) == []
    assert await found(world, since=three, until=one) == []


async def test_time_goes_on_in_the_ids_when_the_clock_is_set_back(world: World):
    before = await world.accept()
    world.later(-2 * HOUR)
    after = await world.accept()
    assert after.created_at < before.created_at
    at, then = taken_at(before.id), taken_at(after.id)
    assert at < then
    assert await found(world, since=at) == [after.id, before.id]
    assert await found(world, since=then) == [after.id]
    assert await found(world, until=then) == [before.id]
    assert await found(world, until=then + 1) == [after.id, before.id]
    assert await found(world, until=at, account_id=None) == []


async def test_the_messages_of_a_batch_have_times_of_their_own(world: World):
    batch, messages = world.batch(3)
    await world.write(world.publish(batch, *messages))
    times = [taken_at(message.id) for message in messages]
    assert await found(world, since=times[1], until=times[2]) == [messages[1].id]


@pytest.mark.parametrize("at", [-62_135_596_800_000_000, 0, 253_402_300_799_999_999])
async def test_times_at_the_ends_of_the_calendar_are_only_times(world: World, at):
    message = await world.accept()
    early = at < world.now
    assert await found(world, since=at) == ([message.id] if early else [])
    assert await found(world, until=at) == ([] if early else [message.id])


async def test_a_batch_is_found_whole_and_alone(world: World):
    await world.accept()
    batch, messages = world.batch(3)
    await world.write(world.publish(batch, *messages))
    stray = await world.accept(reference="r")
    assert await found(world, batch_id=batch.id) == [message.id for message in messages][::-1]
    assert await found(world, batch_id=batch.id, reference="r") == []
    assert await found(world, batch_id=stray.id) == []
    assert await found(world, batch_id=batch.id, account_id=world.account_id + 1) == []


async def test_a_staged_batch_is_in_no_list(world: World):
    batch, messages = world.batch(2, reference="r")
    await world.write(Stage(batch, messages))
    for wanted in ({}, {"batch_id": batch.id}, {"reference": "r"}, {"state": frozenset({State.QUEUED})}):
        assert await found(world, **wanted) == []
    await world.write(world.publish(batch))
    assert len(await found(world, reference="r", state=frozenset({State.QUEUED}))) == 2


async def test_hours_without_a_message_in_the_wanted_state_are_passed_over(world: World):
    old = await world.accept(send_at=world.now + 100 * HOUR)
    for _ in range(3):
        world.later(2 * HOUR)
        await world.accept_many(2)
    state = frozenset({State.SCHEDULED})
    assert await found(world, state=state) == [old.id]
    assert await found(world, state=state, until=world.now) == [old.id]
    assert await found(world, state=state, since=old.created_at + 1) == []
    assert await page(world, before=old.id, state=state) == MessagePage([], None)


async def test_one_look_goes_through_a_bounded_number_of_rows_and_the_next_goes_on_there(world: World):
    rich = await world.account("rich", credit=10**6 * PRICE)
    needle = await world.accept(account_id=rich, reference="needle")
    batch, messages = world.batch(LOOKED_AT_MAX, account_id=rich)
    await world.write(world.publish(batch, *messages))
    first = await page(world, account_id=rich, reference="needle")
    assert first.messages == []
    assert first.next_before is not None
    assert needle.id < first.next_before <= messages[0].id
    second = await page(world, before=first.next_before, account_id=rich, reference="needle")
    assert [message.id for message in second.messages] == [needle.id]
    assert second.next_before is None
    for whose in (rich, None):  # without a filter nothing is looked at in vain
        unfiltered = await page(world, LOOKED_AT_MAX + 1, account_id=whose)
        assert len(unfiltered.messages) == LOOKED_AT_MAX + 1


KINDS = st.fixed_dictionaries(
    {
        "recipient": st.sampled_from([TO, OTHER_TO]),
        "reference": st.sampled_from([None, "a", "b"]),
        "lane": st.sampled_from([lane.value for lane in Lane]),
        "scheduled": st.booleans(),
        "pause": st.sampled_from([1, SECOND, HOUR]),
    }
)
ASKED = st.fixed_dictionaries(
    {},
    optional={
        "recipient": st.sampled_from([TO, OTHER_TO]),
        "reference": st.sampled_from(["a", "b", "none"]),
        "lane": st.sampled_from(list(Lane)),
        "state": st.frozensets(st.sampled_from([State.QUEUED, State.SCHEDULED, State.SENT])),
        "since": st.integers(0, 12),
        "until": st.integers(0, 12),
    },
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(kinds=st.lists(KINDS, min_size=1, max_size=12), asked=ASKED, limit=st.integers(1, 5))
async def test_a_walk_through_the_pages_finds_what_a_look_at_all_messages_finds(world, kinds, asked, limit):
    account = await world.account(f"walk-{world.message().id}")
    names = ("recipient", "reference", "lane")
    stored = []
    for kind in kinds:
        world.later(kind["pause"])
        send_at = world.now + 500 * HOUR if kind["scheduled"] else None
        fields = {name: kind[name] for name in names}
        stored.append(await world.accept(account_id=account, send_at=send_at, **fields))
    wanted = dict(asked)
    for end in ("since", "until"):
        if end in wanted:
            wanted[end] = taken_at(stored[min(wanted[end], len(stored) - 1)].id)
    expected = [
        message.id
        for message in reversed(stored)
        if all(getattr(message, name) == wanted.get(name, getattr(message, name)) for name in names)
        and (not wanted.get("state") or message.state in wanted["state"])
        and wanted.get("since", 0) <= taken_at(message.id) < wanted.get("until", 1 << 62)
    ]
    walked, before, pages = [], None, 0
    while True:
        each = await page(world, limit, before, account_id=account, **wanted)
        walked += [message.id for message in each.messages]
        pages, before = pages + 1, each.next_before
        if before is None:
            break
    assert walked == expected
    assert max(Counter(walked).values(), default=1) == 1
    assert pages <= len(stored) + 1
