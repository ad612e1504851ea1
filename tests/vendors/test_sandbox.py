"""The simulator on a real SQLite file: every fate, and what survives."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pysqlite3
import pytest

from posthouse.core.message import Lane
from posthouse.core.ports.vendor import Outbound, Question, Told
from posthouse.core.vault import Vault
from posthouse.core.verdict import (
    Accepted,
    Deferred,
    Fate,
    NotSent,
    Reason,
    Receipt,
    Refused,
    Reply,
    Unknown,
)
from posthouse.vendors.sandbox import HandsetMessage, Sandbox

NOW = 1_800_000_000_000_000
CIPHER = Vault(bytes(32)).cipher("handsets")


@dataclass
class Story:
    """A sandbox whose sleeps advance the clock, and what it told us."""

    path: Path
    now_us: int = NOW
    receipts: list[Receipt] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    heard_at: list[int] = field(default_factory=list)
    failures: int = 0
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    until: Callable[[], bool] = bool

    def now(self) -> int:
        return self.now_us

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        await asyncio.sleep(0)
        if not event.is_set():
            self.now_us += round(seconds * 1_000_000)
        if self.until():
            self.enough.set()

    def open(self) -> Sandbox:
        return Sandbox(
            path=str(self.path),
            connect=lambda path: pysqlite3.connect(path, isolation_level=None),
            seal=CIPHER.seal,
            open=CIPHER.open,
            clock=self,
            wait=self.wait,
        )

    async def settle(self, receipts, replies) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError
        self.groups.append(len(receipts))
        self.receipts += receipts
        self.replies += replies
        self.heard_at.append(self.now_us)
        if self.until():
            self.enough.set()

    async def listen(self, sandbox: Sandbox, until: Callable[[], bool]) -> None:
        """Listen until the condition holds; the clock jumps over every sleep."""
        self.until = until
        self.enough.clear()
        listener = asyncio.create_task(sandbox.listen(self.settle))
        listener.add_done_callback(lambda _: self.enough.set())
        await self.enough.wait()
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)


@pytest.fixture
async def story(tmp_path):
    return Story(tmp_path / "handsets.db")


@pytest.fixture
async def sandbox(story):
    sandbox = story.open()
    yield sandbox
    await sandbox.close()


def asked(key: str) -> Question:
    return Question(key, "", "+8613800138000", NOW)


def offer(digits: str = "8000", *, number: int = 1, attempt: int = 1, **fields: Any) -> Outbound:
    values: dict[str, Any] = {
        "key": f"sms_{number:013d}.{attempt}",
        "message_id": number,
        "account_id": 1,
        "attempt": attempt,
        "to": f"+861380013{digits}",
        "country": "CN",
        "lane": Lane.NOTIFICATION,
        "sender": None,
        "text": "【驿站】hello",
        "template_id": None,
        "params": None,
        "parts": 1,
    }
    return Outbound(**(values | fields))


async def test_a_message_is_taken_and_delivered_within_100_ms(story, sandbox):
    [verdict] = await sandbox.send([offer()])
    assert isinstance(verdict, Accepted)
    await story.listen(sandbox, lambda: bool(story.receipts))
    [receipt] = story.receipts
    assert (receipt.reference, receipt.recipient) == (verdict.reference, "+8613800138000")
    assert receipt.fate is Fate.DELIVERED
    assert 30_000 <= story.heard_at[0] - NOW <= 100_000


@pytest.mark.parametrize(("digits", "reason"), [("0001", Reason.INVALID_NUMBER), ("0002", Reason.BLOCKED)])
async def test_a_refused_message_reaches_no_handset(sandbox, digits, reason):
    [verdict] = await sandbox.send([offer(digits)])
    assert isinstance(verdict, Refused)
    assert verdict.reason is reason
    assert await sandbox.handset(1, None, 10) == []


async def test_0003_gets_no_receipt(story, sandbox):
    [silent, other] = await sandbox.send([offer("0003"), offer(number=2)])
    assert isinstance(silent, Accepted)
    await story.listen(sandbox, lambda: story.now_us > NOW + 300_000_000)
    assert [receipt.reference for receipt in story.receipts] == [other.reference]


async def test_0004_gets_its_receipt_after_30_s(story, sandbox):
    await sandbox.send([offer("0004")])
    await story.listen(sandbox, lambda: bool(story.receipts))
    assert 30_000_000 <= story.heard_at[0] - NOW <= 30_100_000


async def test_0005_is_deferred_once_and_then_taken(sandbox):
    [first] = await sandbox.send([offer("0005")])
    assert isinstance(first, Deferred)
    assert (first.reason, first.after_s) == (Reason.VENDOR_TEMPORARY, 1.0)
    assert await sandbox.handset(1, None, 10) == []
    [second] = await sandbox.send([offer("0005", attempt=2)])
    assert isinstance(second, Accepted)
    assert len(await sandbox.handset(1, None, 10)) == 1


async def test_0006_gets_the_same_receipt_three_times(story, sandbox):
    await sandbox.send([offer("0006")])
    await story.listen(sandbox, lambda: bool(story.receipts))
    assert len(story.receipts) == 3
    assert len(set(story.receipts)) == 1


async def test_0007_answers(story, sandbox):
    [verdict] = await sandbox.send([offer("0007")])
    await story.listen(sandbox, lambda: bool(story.replies))
    [reply] = story.replies
    assert (reply.reference, reply.sender, reply.text) == (verdict.reference, "+8613800130007", "OK")
    assert story.receipts[0].fate is Fate.DELIVERED


async def test_0008_is_taken_but_its_answer_is_lost_until_somebody_asks(story, sandbox):
    outbound = offer("0008")
    [verdict] = await sandbox.send([outbound])
    assert isinstance(verdict, Unknown)
    assert len(await sandbox.handset(1, None, 10)) == 1
    [told] = await sandbox.query([asked(outbound.key)])
    assert isinstance(told.verdict, Accepted)
    await story.listen(sandbox, lambda: bool(story.receipts))
    assert story.receipts[0].reference == told.verdict.reference


async def test_0009_is_undelivered(story, sandbox):
    await sandbox.send([offer("0009")])
    await story.listen(sandbox, lambda: bool(story.receipts))
    [receipt] = story.receipts
    assert (receipt.fate, receipt.reason, receipt.code) == (Fate.UNDELIVERED, Reason.UNREACHABLE, "UNDELIV")


async def test_what_it_has_not_seen_it_says_so(sandbox):
    assert await sandbox.query([asked("sms_nothing.1")]) == [
        Told(NotSent("the simulator has no such message"))
    ]


async def test_a_handset_shows_its_own_messages_newest_first(sandbox):
    await sandbox.send([offer(number=1), offer(number=2, text="again", sender="ACME")])
    await sandbox.send([offer("8001", number=3), offer(number=4, account_id=2)])
    newest, oldest = await sandbox.handset(1, "+8613800138000", 10)
    assert newest == HandsetMessage(2, "+8613800138000", "ACME", "again", NOW)
    assert oldest.text == "【驿站】hello"
    assert [shown.message_id for shown in await sandbox.handset(1, None, 2)] == [3, 2]


async def test_a_vendors_own_template_is_shown_with_its_parameters(sandbox):
    template: dict[str, Any] = {
        "text": None,
        "template_id": "123456",
        "params": {"code": "1234", "name": "Li"},
    }
    await sandbox.send([offer(**template)])
    [shown] = await sandbox.handset(1, None, 1)
    assert shown.text == "[123456] code=1234 name=Li"


async def test_the_same_attempt_called_twice_shows_twice(sandbox):
    first, second = (await sandbox.send([offer()]))[0], (await sandbox.send([offer()]))[0]
    assert first != second
    assert [shown.message_id for shown in await sandbox.handset(1, None, 10)] == [1, 1]


async def test_no_text_lies_in_the_file(story, sandbox):
    await sandbox.send([offer(text="the secret is 424242")])
    await sandbox.close()
    held = b"".join(path.read_bytes() for path in story.path.parent.iterdir())
    assert b"8613800138000" in held
    assert b"424242" not in held


async def test_messages_and_owed_receipts_survive_a_reopened_file(story, sandbox):
    verdicts = await sandbox.send([offer(number=n) for n in range(1, 251)])
    await sandbox.close()
    again = story.open()
    await story.listen(again, lambda: len(story.receipts) >= 250)
    assert {receipt.reference for receipt in story.receipts} == {verdict.reference for verdict in verdicts}
    assert len(await again.handset(1, None, 1000)) == 250
    [told] = await again.query([asked(offer(number=77).key)])
    assert isinstance(told.verdict, Accepted)
    await again.close()


async def test_receipts_that_could_not_be_settled_come_again_and_settled_ones_do_not(story, sandbox):
    await sandbox.send([offer()])
    story.failures = 1
    await story.listen(sandbox, lambda: bool(story.receipts))
    assert story.receipts == []
    await story.listen(sandbox, lambda: story.now_us > NOW + 300_000_000)
    assert len(story.receipts) == 1


async def test_receipts_are_handed_over_in_groups_of_at_most_500(story, sandbox):
    for first in range(0, 1200, 100):
        await sandbox.send([offer(number=first + n) for n in range(100)])
    await story.listen(sandbox, lambda: len(story.receipts) == 1200)
    assert story.groups == [500, 500, 200]


async def test_old_messages_are_forgotten(story, sandbox):
    await sandbox.send([offer()])
    story.now_us += 8 * 86_400_000_000
    await sandbox.send([offer(number=2)])
    start = story.now_us
    await story.listen(sandbox, lambda: story.now_us > start + 300_000_000)
    assert [shown.message_id for shown in await sandbox.handset(1, None, 10)] == [2]


async def test_trouble_with_the_file_is_heard_by_the_caller_and_passes(tmp_path):
    story = Story(tmp_path / "missing" / "handsets.db")
    sandbox = story.open()
    with pytest.raises(pysqlite3.OperationalError):
        await sandbox.send([offer()])
    story.path.parent.mkdir()
    [verdict] = await sandbox.send([offer()])
    assert isinstance(verdict, Accepted)
    await sandbox.close()


@pytest.mark.parametrize(
    ("sender", "extend", "shown"),
    [
        (None, None, None),
        ("1069", None, "1069"),
        ("1069", {}, "1069"),
        ("1069", {"up": "12"}, "106912"),
        (None, {"up": "12"}, "12"),
        ("1069", {"sdk": "34"}, "106934"),
        ("1069", {"sdk": "34", "up": "12"}, "106912"),
        (None, {"other": "7"}, None),
    ],
)
async def test_the_handset_shows_the_sender_with_the_extension_code_behind_it(sandbox, sender, extend, shown):
    await sandbox.send([offer(sender=sender, extend=extend)])
    [message] = await sandbox.handset(1, None, 1)
    assert message.sender == shown
