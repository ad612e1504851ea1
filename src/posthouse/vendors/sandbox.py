"""The simulator: an honest vendor whose handsets are rows. The last four digits choose a message's fate.

It answers at once and never sleeps inside a call. What it took survives `kill -9`, and so do the
receipts it owes: they are forgotten only after they were settled.
"""

import asyncio
import itertools
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from posthouse.core.ports.store import Clock
from posthouse.core.ports.vendor import (
    Callback,
    Capabilities,
    Forged,
    Heard,
    Outbound,
    Question,
    Receipts,
    Settle,
    Told,
)
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
    Verdict,
)
from posthouse.observe import failpoint
from posthouse.vendors.handsets import Connection, Due, Handsets, Received

GROUP_MAX = 500
TICK_US = 20_000
"""Receipts fall due on ticks, so that those of many calls are settled together."""
SLEEP_MAX_S = 60.0
KEPT_US = 7 * 86_400 * 1_000_000
FORGET_EVERY_US, FORGET_MAX = 60_000_000, 10_000

Cipher = Callable[[bytes, bytes], bytes]
"""(bytes, what they belong to) → bytes."""


@dataclass(frozen=True, slots=True)
class Script:
    """What the simulator does with a message.

    Attributes:
        refusal: its answer instead of taking the message…
        refusals: … for so many attempts.
        answer_lost: it takes the message, and the answer never arrives.
        fate, reason, code: what the receipts say.
        receipts: how many times they say it.
        after_us: how much later, rounded up to the next tick.
        reply: what the handset answers.
    """

    refusal: Refused | Deferred | None = None
    refusals: int = 1_000_000
    answer_lost: bool = False
    fate: Fate = Fate.DELIVERED
    reason: Reason | None = None
    code: str = "DELIVRD"
    receipts: int = 1
    after_us: int = 30_000
    reply: str | None = None


SCRIPTS: dict[str, Script] = {
    "0001": Script(refusal=Refused(Reason.INVALID_NUMBER, "0001", "simulated: invalid number")),
    "0002": Script(refusal=Refused(Reason.BLOCKED, "0002", "simulated: blocked")),
    "0003": Script(receipts=0),
    "0004": Script(after_us=30_000_000),
    "0005": Script(
        refusal=Deferred(Reason.VENDOR_TEMPORARY, after_s=1.0, code="0005", text="simulated: try again"),
        refusals=1,
    ),
    "0006": Script(receipts=3),
    "0007": Script(reply="OK"),
    "0008": Script(answer_lost=True),
    "0009": Script(fate=Fate.UNDELIVERED, reason=Reason.UNREACHABLE, code="UNDELIV"),
}
"""By the last four digits of the recipient."""

DELIVERED = Script()


def script_of(recipient: str) -> Script:
    """The fate of a number."""
    return SCRIPTS.get(recipient[-4:], DELIVERED)


@dataclass(frozen=True, slots=True)
class HandsetMessage:
    """What a simulated handset shows."""

    message_id: int
    to: str
    sender: str | None
    text: str
    received_at: int


async def _rest(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass


class Sandbox:
    """The vendor. `connect` opens its file; `seal` and `open` encrypt the texts in it."""

    capabilities = Capabilities(
        recipients_max=100, receipts=Receipts.PUSH, query=True, simulated=True, senders=True
    )

    def __init__(
        self,
        *,
        path: str,
        connect: Callable[[str], Connection],
        seal: Cipher,
        open: Cipher,
        clock: Clock,
        wait: Callable[[asyncio.Event, float], Awaitable[None]] = _rest,
    ) -> None:
        """`wait` returns when the event is set or the seconds are over."""
        self._handsets = Handsets(path, connect)
        self._seal = seal
        self._open = open
        self._clock = clock
        self._wait = wait
        self._news = asyncio.Event()
        self._asleep_until = 0
        # References never repeat, whatever process opens the file next.
        self._prefix = f"sim-{secrets.token_hex(6)}-"
        self._numbers = itertools.count(1)

    async def send(self, outbounds: Sequence[Outbound]) -> list[Verdict]:
        """Take what the scripts let pass; the verdicts are given after the commit."""
        now = self._clock.now()
        taken: list[Received] = []
        verdicts: list[Verdict] = []
        for outbound in outbounds:
            script = script_of(outbound.to)
            if script.refusal is not None and outbound.attempt <= script.refusals:
                verdicts.append(script.refusal)
                continue
            reference = f"{self._prefix}{next(self._numbers)}"
            taken.append(self._received(outbound, script, reference, now))
            lost = script.answer_lost
            verdicts.append(Unknown("simulated: the answer was lost") if lost else Accepted(reference))
        if taken:
            await self._handsets.receive(taken)
            if any(row.due_at is not None and row.due_at < self._asleep_until for row in taken):
                self._news.set()
            failpoint("vendor-taken")
        return verdicts

    async def query(self, questions: Sequence[Question]) -> list[Told]:
        """Every key it has seen was taken; that it has not seen one is certain."""
        references = await self._handsets.references([question.key for question in questions])
        unseen = Told(NotSent("the simulator has no such message"))
        return [
            Told(Accepted(references[question.key])) if question.key in references else unseen
            for question in questions
        ]

    def hear(self, callback: Callback) -> Heard:
        """Its handsets are rows: nobody calls."""
        del callback
        msg = "the simulator sends no callbacks"
        raise Forged(msg)

    async def check(self) -> None:
        """It is always there."""

    async def listen(self, settle: Settle) -> None:
        """Hand over receipts as they fall due, and forget each group once it is settled."""
        settled: list[int] = []
        forget_at = self._clock.now()
        while True:
            self._news.clear()
            # Until it is known how long there is to sleep, every call is news.
            self._asleep_until = 1 << 62
            now = self._clock.now()
            due, next_at = await self._handsets.due(settled, now, GROUP_MAX)
            settled = [row.id for row in due]
            if due:
                await settle(*_news(due))
            elif now >= forget_at:
                await self._handsets.forget(now - KEPT_US, FORGET_MAX)
                forget_at = now + FORGET_EVERY_US
            else:
                self._asleep_until = now + int(SLEEP_MAX_S * 1_000_000) if next_at is None else next_at
                await self._wait(self._news, max(0, self._asleep_until - now) / 1_000_000)

    async def handset(self, account_id: int, to: str | None, limit: int) -> list[HandsetMessage]:
        """What an account's simulated handsets (or one of them) received, newest first."""
        return [
            HandsetMessage(row.message_id, row.recipient, row.sender, self._shown(row), row.received_at)
            for row in await self._handsets.newest(account_id, to, limit)
        ]

    async def close(self) -> None:
        """Close the file after the calls that wait."""
        await self._handsets.close()

    def _shown(self, row: Received) -> str:
        return self._open(row.sealed, row.reference.encode()).decode()

    def _received(self, outbound: Outbound, script: Script, reference: str, now: int) -> Received:
        due_at = (now + script.after_us + TICK_US - 1) // TICK_US * TICK_US
        return Received(
            outbound.key,
            outbound.message_id,
            outbound.account_id,
            outbound.to,
            _sender(outbound),
            self._seal(_text(outbound).encode(), reference.encode()),
            reference,
            now,
            due_at if script.receipts else None,
        )


def _sender(outbound: Outbound) -> str | None:
    """Who is shown: the sender with the extension code behind it, where there is one."""
    codes = outbound.extend or {}
    shown = (outbound.sender or "") + (codes.get("up") or codes.get("sdk") or "")
    return shown or None


def _text(outbound: Outbound) -> str:
    """The text, or a template as the simulator shows it: `[123456] code=1234`."""
    if outbound.text is not None:
        return outbound.text
    params = outbound.params or {}
    return " ".join([f"[{outbound.template_id}]", *(f"{name}={value}" for name, value in params.items())])


def _news(due: list[Due]) -> tuple[list[Receipt], list[Reply]]:
    receipts: list[Receipt] = []
    replies: list[Reply] = []
    for row in due:
        script = script_of(row.recipient)
        receipt = Receipt(row.reference, row.recipient, script.fate, script.reason, script.code, row.due_at)
        receipts += [receipt] * script.receipts
        if script.reply is not None:
            replies.append(Reply(row.reference, row.recipient, script.reply, row.due_at))
    return receipts, replies
