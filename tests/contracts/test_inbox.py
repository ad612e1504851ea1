"""What handsets wrote: whose it is, what it answers, what its keyword does, and how it is looked up."""

from dataclasses import replace
from typing import Any

import pytest

from posthouse.core.ids import MESSAGE, show, taken_at
from posthouse.core.keywords import Keyword
from posthouse.core.message import Lane
from posthouse.core.ports.admission import ListSuppressions, Suppress, Suppression
from posthouse.core.ports.channels import AddChannel, ChannelRecord
from posthouse.core.ports.inbox import GetInbound, Inbound, InboundText, ListInbox, WantedTexts
from posthouse.core.ports.life import Forget, NewMessage, RecordReplies, SettleReceipts
from posthouse.core.routing import Channel
from posthouse.core.verdict import Accepted, Fate, Receipt, Reply
from posthouse.storage import reading_inbox
from tests.contracts.build import CHANNEL, HOUR, NOW, SECOND, TO, World

OTHER = "+8613800138001"
DAY = 24 * HOUR
OPTED_OUT = [(Lane.NOTIFICATION, "opt_out"), (Lane.MARKETING, "opt_out")]


async def connect(world: World, *, owner: int | None = None, name: str = "main") -> None:
    """The first is `CHANNEL`."""
    await world.write(
        AddChannel(ChannelRecord(Channel(0, name, "http", account_id=owner), {}, b""), world.now)
    )


async def sent(world: World, reference: str = "ref", *, inbound: bool = True, **fields: Any) -> NewMessage:
    """A message that was taken by a channel which hands over what handsets write, or by another."""
    message = await world.accept(**fields)
    claimed, attempt = await world.begun(message)
    command = world.verdict(claimed, attempt, Accepted(reference))
    await world.write(replace(command, inbound=frozenset({CHANNEL} if inbound else {CHANNEL + 1})))
    return message


async def hear(world: World, text: str = "hi", **fields: Any) -> Inbound:
    """A text of its own, or the same one again."""
    reply = replace(Reply(f"mo-{world.now}", TO, text, world.now), **fields)
    return await world.write(RecordReplies(CHANNEL, (reply,), world.now))


async def heard(world: World, **wanted: Any) -> list[InboundText]:
    return (await world.read(ListInbox(WantedTexts(**wanted), limit=100))).texts


async def suppressed(world: World, account_id: int | None = None) -> list[tuple[Lane | None, str | None]]:
    found = await world.read(ListSuppressions(account_id or world.account_id, 10, TO))
    return [(entry.lane, entry.reason) for entry in reversed(found)]


async def replied(world: World, message: NewMessage) -> int:
    return [event.kind for event in await world.events(message)].count("replied")


async def test_a_text_is_kept_as_it_came_with_what_it_answers(world: World):
    await connect(world)
    message = await sent(world)
    world.later(SECOND)
    assert await hear(world, "ok", reference="ref", at=NOW, to="1069001") == Inbound(1)
    [text] = await heard(world)
    assert text == InboundText(
        text.row, world.account_id, message.id, TO, "1069001", "ok", None, "main", NOW, world.now
    )
    assert taken_at(text.row) == world.now
    assert await replied(world, message) == 1


async def test_the_reference_says_whose_it_is_before_all_else(world: World):
    await connect(world)
    first = await sent(world, "first")
    other = await world.account("other")
    await sent(world, "second", account_id=other)
    await hear(world, reference="first")
    [text] = await heard(world)
    assert (text.account_id, text.message_id) == (world.account_id, first.id)


async def test_else_it_is_of_the_account_that_wrote_last_and_answers_its_message(world: World):
    await connect(world)
    first = await sent(world, "first")
    await world.settle(Fate.DELIVERED, "first")
    await hear(world)
    other = await world.account("other")
    second = await sent(world, "second", account_id=other)
    world.later(SECOND)
    await hear(world)
    texts = await heard(world)
    assert [(text.account_id, text.message_id) for text in texts] == [
        (other, second.id),
        (world.account_id, first.id),
    ]
    assert [await replied(world, message) for message in (first, second)] == [1, 1]
    assert (await world.standing(first))[0] == "delivered"


async def test_of_channels_that_hear_no_handsets_nothing_is_remembered(world: World):
    await connect(world)
    await sent(world, inbound=False)
    await hear(world)
    assert world.backend.count("correspondents") == 0
    assert [text.account_id for text in await heard(world)] == [None]


async def test_who_is_told_of_by_a_receipt_before_its_answer_wrote_too(world: World):
    await connect(world)
    message = await world.accept()
    claimed, attempt = await world.begun(message)
    key = f"{show(MESSAGE, message.id)}.{attempt}"
    receipt = Receipt("ref", TO, Fate.DELIVERED, key=key)
    await world.write(SettleReceipts(CHANNEL, (receipt,), world.now))
    await world.record(claimed, attempt, Accepted("ref"))
    assert await hear(world, "STOP") == Inbound(1, opted_out=(TO,))
    assert await suppressed(world) == OPTED_OUT


async def test_what_comes_in_over_an_accounts_own_channel_is_its_own(world: World):
    owner = await world.account("owner")
    await connect(world, owner=owner)
    await hear(world, "TD")
    [text] = await heard(world)
    assert (text.account_id, text.message_id) == (owner, None)
    assert await suppressed(world, owner) == OPTED_OUT
    await sent(world)  # another account's, from before the channel was the owner's alone
    world.later(SECOND)
    await hear(world)
    assert {text.account_id for text in await heard(world)} == {owner}


async def test_a_number_is_another_persons_and_a_channel_another_inbox(world: World):
    await connect(world)
    await connect(world, name="second")
    await sent(world)
    await hear(world, sender=OTHER)
    await world.write(RecordReplies(CHANNEL + 1, (Reply("mo", TO, "hi", world.now),), world.now))
    assert [text.account_id for text in await heard(world)] == [None, None]


async def test_stop_suppresses_notifications_and_marketing_and_no_passwords(world: World):
    await connect(world)
    await sent(world)
    waiting = await world.accept(lane=Lane.MARKETING.value)
    assert await hear(world, "ＴＤ") == Inbound(1, opted_out=(TO,))
    assert await suppressed(world) == OPTED_OUT
    assert (await world.take(waiting)).suppressed
    code = await world.accept(lane=Lane.OTP.value)
    assert not (await world.take(code)).suppressed
    [text] = await heard(world)
    assert (text.keyword, text.text) == (Keyword.STOP, "ＴＤ")


async def test_entries_that_exist_stay_as_they_are(world: World):
    await connect(world)
    await sent(world)
    mine = Suppression(NOW, TO, Lane.MARKETING, "asked by phone", NOW)
    await world.write(Suppress(world.account_id, mine))
    await hear(world, "STOP")
    assert sorted(await suppressed(world), key=str) == sorted(
        [(Lane.MARKETING, "asked by phone"), (Lane.NOTIFICATION, "opt_out")], key=str
    )
    world.later(SECOND)
    assert await hear(world, "START") == Inbound(1, opted_in=(TO,))
    assert await suppressed(world) == [(Lane.MARKETING, "asked by phone")]
    world.later(SECOND)
    assert await hear(world, "START") == Inbound(1)


async def test_help_is_only_marked(world: World):
    await connect(world)
    await sent(world)
    assert await hear(world, "help") == Inbound(1)
    assert [text.keyword for text in await heard(world)] == [Keyword.HELP]
    assert await suppressed(world) == []


async def test_told_ten_times_it_happens_once_whatever_came_between(world: World):
    await connect(world)
    message = await sent(world)
    await hear(world, "STOP", reference="mo", at=NOW)
    world.later(SECOND)
    await hear(world, "START")
    for _ in range(9):
        world.later(SECOND)
        assert await hear(world, "STOP", reference="mo", at=NOW) == Inbound()
    assert await suppressed(world) == []
    assert len(await heard(world)) == 2
    assert await replied(world, message) == 2


async def test_within_one_callback_the_last_word_counts_in_whichever_order_it_is_told(world: World):
    await connect(world)
    await sent(world)
    told = (Reply("b", TO, "START", NOW + 2), Reply("a", TO, "STOP", NOW + 1))
    answer = await world.write(RecordReplies(CHANNEL, told, world.now))
    assert answer == Inbound(2, opted_out=(TO,), opted_in=(TO,))
    assert await suppressed(world) == []
    assert [text.text for text in await heard(world)] == ["START", "STOP"]


async def test_with_nobody_to_stop_it_is_kept_and_told(world: World):
    await connect(world)
    assert await hear(world, "STOP") == Inbound(1, unheard=(TO,))
    [text] = await heard(world, unclaimed=True)
    assert (text.account_id, text.keyword) == (None, Keyword.STOP)
    assert world.backend.count("suppressions") == 0


async def test_what_no_database_takes_is_replaced_and_what_is_too_long_is_cut(world: World):
    await connect(world)
    await hear(world, "a\ud83d\ude4f\ud800b" + "x" * 20_000, to="9" * 50)
    [text] = await heard(world)
    assert text.text.startswith("a🙏\ufffdb")
    assert len(text.text) < 10_001
    assert text.receiver == "9" * 40


async def test_accounts_see_their_own_and_operators_nobodys_too(world: World):
    await connect(world)
    await sent(world)
    await hear(world)
    await hear(world, sender=OTHER)
    other = await world.account("other")
    mine, nobodys = (
        (await heard(world, account_id=world.account_id))[0],
        (await heard(world, unclaimed=True))[0],
    )
    assert (mine.sender, nobodys.sender) == (TO, OTHER)
    assert len(await heard(world)) == 2
    assert await heard(world, account_id=other) == []
    assert await world.read(GetInbound(world.account_id, mine.row)) == mine
    assert await world.read(GetInbound(other, mine.row, unclaimed=True)) is None
    assert await world.read(GetInbound(other, nobodys.row)) is None
    assert await world.read(GetInbound(other, nobodys.row, unclaimed=True)) == nobodys
    assert await world.read(GetInbound(other, 5)) is None


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, [4, 3, 2, 1, 0]),
        ({"sender": OTHER}, [3, 1]),
        ({"receiver": "1069002"}, [4, 2, 0]),
        ({"keyword": Keyword.STOP}, [2]),
        ({"keyword": Keyword.STOP, "sender": OTHER}, []),
        ({"channel": "main"}, [4, 3, 2, 1, 0]),
        ({"channel": "second"}, []),
        ({"since": NOW + 2 * SECOND}, [4, 3, 2]),
        ({"until": NOW + 2 * SECOND}, [1, 0]),
        ({"since": NOW + SECOND, "until": NOW + 2 * SECOND}, [1]),
    ],
)
async def test_lists_are_filtered_newest_first(world: World, wanted: dict[str, Any], expected: list[int]):
    await connect(world)
    for number in range(5):
        sender, receiver = (OTHER, "1069001") if number % 2 else (TO, "1069002")
        await hear(world, "STOP" if number == 2 else str(number), sender=sender, to=receiver)
        world.later(SECOND)
    found = await heard(world, **wanted)
    assert [(text.received_at - NOW) // SECOND for text in found] == expected


async def test_lists_go_on_below_a_row_and_look_at_so_many_at_once(world: World, monkeypatch):
    monkeypatch.setattr(reading_inbox, "LOOKED_AT_MAX", 3)
    await connect(world)
    texts = tuple(Reply(f"mo-{n}", TO if n else OTHER, str(n), NOW) for n in range(8))
    await world.write(RecordReplies(CHANNEL, texts, world.now))
    for wanted, pages in ((WantedTexts(), [2, 2, 2, 2]), (WantedTexts(sender=OTHER), [0, 0, 1])):
        before: int | None = None
        sizes: list[int] = []
        while before is not None or not sizes:
            page = await world.read(ListInbox(wanted, 2, before))
            sizes.append(len(page.texts))
            before = page.next_before
        assert sizes == pages


async def test_rows_never_go_back_even_where_the_clock_does(world: World):
    await connect(world)
    await hear(world, "one", reference="1")
    world.later(-HOUR)
    await hear(world, "two", reference="2")
    assert [text.text for text in await heard(world)] == ["two", "one"]


async def test_who_wrote_is_forgotten_after_90_days_and_what_came_in_is_kept(world: World):
    await connect(world)
    await sent(world)
    await hear(world, reference="1")
    world.later(90 * DAY)
    await world.write(Forget(world.now, 100))
    await hear(world, reference="2")
    world.later(1)
    await hear(world, reference="3")
    assert [text.account_id for text in await heard(world)] == [None, world.account_id, world.account_id]
    world.later(30 * DAY)  # rows go by periods of thirty days
    await world.write(Forget(world.now, 100))
    assert world.backend.count("correspondents") == 0
    assert len(await heard(world)) == 3


async def test_who_wrote_last_is_found_across_periods(world: World):
    await connect(world)
    for days in range(0, 90, 20):
        last = await sent(world)
        await hear(world, reference=str(days))
        [text, *_] = await heard(world)
        assert (text.account_id, text.message_id) == (world.account_id, last.id)
        world.later(20 * DAY)


async def test_who_wrote_last_is_found_after_a_clock_was_put_back(world: World):
    await connect(world)
    period = 30 * DAY
    world.later(period - world.now % period)
    await sent(world)
    world.later(-SECOND)
    last = await sent(world)
    await hear(world, reference="1")
    world.later(50 * DAY)
    ahead = await sent(world)
    world.later(-50 * DAY)
    await hear(world, reference="2")
    assert [text.message_id for text in await heard(world)] == [ahead.id, last.id]
