"""Who of a batch gets a message: suppressed numbers, limits, and what is counted back."""

from collections.abc import Sequence
from typing import Any

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.limits import RecipientLimits
from posthouse.core.message import Lane
from posthouse.core.ports.admission import Admit, FindSuppressed
from posthouse.core.ports.life import Accept, Acceptance, DropStaged, Once, Stage
from posthouse.core.ports.store import Overloaded, Unavailable
from posthouse.services.batching import CHUNK, BatchDraft
from posthouse.services.submission import Submission
from tests.services.desk import NOW, TO, Desk, caller

LIMITED: dict[str, Any] = {"recipient_limits": {Lane.NOTIFICATION: RecipientLimits(day=1)}}
ONCE = Once(1, "sms.batch", "key", b"print", b"reply")


def numbers(count: int) -> list[str]:
    return [f"+86138{number:08d}" for number in range(count)]


def wanted(*to: str, **fields: Any) -> list[Submission]:
    return [Submission(each, "hello", **fields) for each in to]


class Counter(Desk):
    """A desk whose store turns some numbers down."""

    def __init__(self, *turned_down: str) -> None:
        super().__init__()
        self.turned_down = turned_down
        self.store.answers |= {
            Admit: lambda asked: [self._limited(each.number) for each in asked.recipients],
            FindSuppressed: lambda asked: [each.number in turned_down for each in asked.recipients],
        }

    def _limited(self, number: str) -> Refusal | None:
        if number not in self.turned_down:
            return None
        return Refusal(Code.RECIPIENT_LIMITED, param="to", limit=1, window="day", retry_after_s=9)

    def dropped(self) -> list[int | None]:
        """The batches that were taken back, with all that was counted for them."""
        return [command.batch_id for command in self.store.written(DropStaged)]


def codes(draft: BatchDraft) -> list[tuple[int, Code]]:
    return [(each.index, each.refusal.code) for each in draft.rejected]


async def test_a_suppressed_number_is_rejected_by_its_index_among_the_others():
    one, two, three = numbers(3)
    desk = Counter(two)
    draft = await desk.submit.draft_batch(caller(), wanted(one, two, "nonsense", three))
    assert codes(draft) == [(1, Code.RECIPIENT_SUPPRESSED), (2, Code.INVALID_NUMBER)]
    assert [message.recipient for message in draft.messages] == [one, three]
    assert (draft.batch.count, draft.batch.amount) == (2, 100_000)
    assert draft.rejected[0].to == two
    assert desk.store.commands == []


async def test_an_account_with_limits_has_its_recipients_counted_and_turned_down_at_once():
    one, two = numbers(2)
    desk = Counter(one)
    draft = await desk.submit.draft_batch(caller(**LIMITED), wanted(one, two))
    assert codes(draft) == [(0, Code.RECIPIENT_LIMITED)]
    [admit] = desk.store.written(Admit)
    assert (admit.batch.id, admit.batch.created_at) == (draft.batch.id, NOW)
    assert admit.limits == ((Lane.NOTIFICATION, RecipientLimits(day=1)),)
    assert await desk.submit.accept_batch(draft) is None
    assert desk.dropped() == []


async def test_limits_of_another_purpose_count_nobody():
    desk = Counter()
    await desk.submit.draft_batch(caller(**LIMITED), wanted(*numbers(2), lane=Lane.OTP))
    assert desk.store.commands == []


async def test_a_long_batch_is_asked_about_in_chunks():
    desk = Counter()
    await desk.submit.draft_batch(caller(**LIMITED), wanted(*numbers(CHUNK + 1)))
    assert [len(command.recipients) for command in desk.store.written(Admit)] == [CHUNK, 1]


async def test_a_draft_that_is_not_to_be_accepted_counts_nobody():
    one, two, three = numbers(3)
    desk, seen, drafted = Counter(two), [], []

    def judge(draft: BatchDraft) -> None:
        seen.append(len(draft.rejected))
        drafted.append(draft.batch.id)
        if draft.rejected:
            raise Refusal(Code.BATCH_REFUSED)

    with pytest.raises(Refusal):
        await desk.submit.draft_batch(caller(**LIMITED), wanted(one, two, three), judge=judge)
    assert seen == [0, 1]
    assert desk.dropped() == drafted[-1:]
    desk.store.commands.clear()
    with pytest.raises(Refusal):
        await desk.submit.draft_batch(caller(**LIMITED), wanted("nonsense", one), judge=judge)
    assert desk.store.commands == []


def _refused(_: Accept) -> Acceptance:
    raise Refusal(Code.INSUFFICIENT_BALANCE)


@pytest.mark.parametrize(
    "answer",
    [_refused, lambda _: Acceptance(b"the first reply")],
)
async def test_recipients_of_a_batch_that_is_refused_or_was_accepted_before_are_counted_back(answer):
    desk = Counter()
    desk.store.answers[Accept] = answer
    draft = await desk.submit.draft_batch(caller(**LIMITED), wanted(*numbers(2)))
    try:
        assert await desk.submit.accept_batch(draft, ONCE) == b"the first reply"
    except Refusal as refusal:
        assert refusal.code is Code.INSUFFICIENT_BALANCE  # noqa: PT017 - one of two ways it may end
    assert desk.dropped() == [draft.batch.id]
    assert desk.wakeups.wakes == 0


@pytest.mark.parametrize("failure", [Unavailable(), Overloaded()], ids=("unavailable", "overloaded"))
async def test_a_batch_that_the_store_failed_on_is_taken_back_unless_it_is_stored_after_all(failure):
    desk = Counter()
    draft = await desk.submit.draft_batch(caller(**LIMITED), wanted(*numbers(2)))
    desk.store.failing[Accept] = [failure]
    with pytest.raises(type(failure)):
        await desk.submit.accept_batch(draft)
    assert desk.dropped() == [draft.batch.id]  # what is published it leaves alone


async def test_a_short_batch_of_which_nothing_is_stored_leaves_nothing_to_take_back():
    desk = Counter()
    desk.store.answers[Accept] = _refused
    draft = await desk.submit.draft_batch(caller(), wanted(*numbers(2)))
    with pytest.raises(Refusal):
        await desk.submit.accept_batch(draft)
    assert desk.dropped() == []


async def test_who_was_counted_is_counted_back_where_the_store_fails_half_way_through_a_long_batch(
    monkeypatch,
):
    desk = Counter()
    write = desk.store.write

    async def failing(command: Any) -> Any:
        if isinstance(command, Admit) and len(command.recipients) == 1:
            raise Overloaded
        return await write(command)

    monkeypatch.setattr(desk.store, "write", failing)
    with pytest.raises(Overloaded):
        await desk.submit.draft_batch(caller(**LIMITED), wanted(*numbers(CHUNK + 1)))
    [admit] = desk.store.written(Admit)
    assert desk.dropped() == [admit.batch.id]


async def test_a_store_that_cannot_count_back_does_not_hide_why_the_batch_was_refused():
    desk = Counter()
    desk.store.answers[Accept] = _refused
    draft = await desk.submit.draft_batch(caller(**LIMITED), wanted(*numbers(2)))
    desk.store.failing[DropStaged] = [Unavailable()]
    with pytest.raises(Refusal):
        await desk.submit.accept_batch(draft)


async def test_a_batch_without_messages_asks_nothing():
    desk = Counter()
    draft = await desk.submit.draft_batch(caller(**LIMITED), wanted("nonsense"))
    assert codes(draft) == [(0, Code.INVALID_NUMBER)]
    assert desk.store.commands == desk.store.asked == []


@pytest.mark.parametrize(
    ("lane", "limits"),
    [(Lane.NOTIFICATION, RecipientLimits(day=1)), (Lane.OTP, None)],
)
async def test_a_single_message_is_admitted_as_it_is_accepted(lane, limits):
    desk, who = Desk(), caller(**LIMITED)
    message = desk.submit.draft(who, Submission(TO, "hello", lane=lane))
    await desk.submit.accept(who, message)
    [accept] = desk.store.written(Accept)
    assert accept.limits == limits
    assert desk.store.asked == []


def _staged(desk: Desk) -> Sequence[Stage]:
    return desk.store.written(Stage)


async def test_a_short_batch_is_accepted_in_one_command():
    desk = Counter()
    draft = await desk.submit.draft_batch(caller(), wanted(*numbers(3)))
    await desk.submit.accept_batch(draft)
    [accept] = desk.store.written(Accept)
    assert (len(accept.messages), len(_staged(desk)), desk.wakeups.wakes) == (3, 0, 1)
