"""Stand-ins for ports, for tests of decisions. What the real store does, `tests/contracts` says."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from posthouse.core.ids import STEP
from posthouse.core.message import Lane, Mode
from posthouse.core.otp import Codes
from posthouse.core.ports.admin import AccountStatus
from posthouse.core.ports.inbox import Inbound
from posthouse.core.ports.life import (
    Claim,
    Claimed,
    PastAttempt,
    RecordReplies,
    Settlement,
    SettleReceipts,
    StartAttempts,
)
from posthouse.core.ports.queries import AccountRecord
from posthouse.core.ports.reconciling import ClaimUnknown, Unanswered
from posthouse.core.ports.store import Command, Query
from posthouse.core.ports.templates import Own
from posthouse.core.ports.vendor import (
    Callback,
    Capabilities,
    Heard,
    Outbound,
    Question,
    Receipts,
    Settle,
    Told,
)
from posthouse.core.quiet import QuietHours
from posthouse.core.routing import Channel, UnknownPolicy
from posthouse.core.rules import Rule
from posthouse.core.template import Template
from posthouse.core.vault import Cipher
from posthouse.core.verdict import Accepted, Verdict
from posthouse.services.sealing import ParamsCipher

R = TypeVar("R")

DAY_US = 86_400_000_000

CODES = Codes(b"c" * 32)
CIPHER = ParamsCipher(Cipher(b"p" * 32), CODES)
"""Seals parameters wherever no real key is needed."""


class ScriptedStore:
    """Remembers commands; answers claims from `waiting` and starts as if every lease held.

    `failing` holds exceptions that the next writes of a kind raise instead; `answers`, what others and reads
    are answered, by their kind.
    """

    def __init__(self) -> None:
        self.commands: list[Any] = []
        self.waiting: dict[Lane, list[Claimed]] = defaultdict(list)
        self.unanswered: list[Unanswered] = []
        self.failing: dict[type, list[Exception]] = defaultdict(list)
        self.lost_leases: set[int] = set()
        self.counts: dict[type, list[int]] = defaultdict(list)
        self.answers: dict[type, Callable[[Any], Any]] = {}
        self.asked: list[Any] = []

    async def write(self, command: Command[R]) -> R:
        await asyncio.sleep(0)
        if failures := self.failing[type(command)]:
            raise failures.pop(0)
        self.commands.append(command)
        answer: Any = None
        if (told := self.answers.get(type(command))) is not None:
            answer = told(command)
        elif isinstance(command, Claim):
            line = self.waiting[command.lane]
            answer = [message._replace(token=command.lease.token) for message in line[: command.limit]]
            del line[: command.limit]
        elif isinstance(command, StartAttempts):
            answer = {s.message_id: 1 for s in command.starts if s.message_id not in self.lost_leases}
        elif isinstance(command, ClaimUnknown):
            answer, self.unanswered = self.unanswered, []
        elif isinstance(command, RecordReplies):
            answer = Inbound(len(command.replies))
        elif isinstance(command, SettleReceipts):
            answer = Settlement(len(command.receipts), 0, 0)
        elif counts := self.counts[type(command)]:
            answer = counts.pop(0)
        else:
            answer = 0
        return answer  # type: ignore[no-any-return] # each kind's answer, by the lines above

    async def read(self, query: Query[R]) -> R:
        await asyncio.sleep(0)
        self.asked.append(query)
        if (told := self.answers.get(type(query))) is None:
            raise NotImplementedError(query)
        return told(query)  # type: ignore[no-any-return] # each kind's answer

    def written(self, kind: Callable[..., R]) -> list[R]:
        """The commands of one kind, oldest first."""
        return [command for command in self.commands if type(command) is kind]


class FixedDirectory:
    """Accounts that all are alike and have the same templates, and the given channels."""

    def __init__(self, *channels: Channel) -> None:
        self.all = channels
        self.status = AccountStatus.APPROVED
        self.unknown_policy = UnknownPolicy.LEAVE
        self.quiet_hours: QuietHours | None = None
        self.owned = Own()
        self.ruled: tuple[Rule, ...] = ()
        self.gone = False

    def channels(self) -> tuple[Channel, ...]:
        return self.all

    def rules(self) -> tuple[Rule, ...]:
        return self.ruled

    async def account(self, account_id: int) -> AccountRecord:
        if self.gone:
            raise LookupError(account_id)
        return AccountRecord(
            account_id,
            "acme",
            self.status,
            "CN",
            "CNY",
            self.unknown_policy,
            0,
            quiet_hours=self.quiet_hours,
        )

    async def own(self, account_id: int) -> Own:
        return self.owned

    async def version(self, account_id: int, template_id: str, version: int) -> Template:
        template = self.owned.templates.get(template_id)
        if template is None or template.version != version:
            raise LookupError(account_id, template_id, version)
        return template


class ScriptedVendor:
    """Answers with `reply`; remembers what it was offered."""

    def __init__(
        self,
        reply: Callable[[Outbound], Verdict] = lambda outbound: Accepted(f"ref-{outbound.key}"),
        *,
        takes_s: float = 0,
        **capabilities: Any,
    ) -> None:
        reports = capabilities.pop("receipts", True)
        told = Receipts.PUSH if reports else Receipts.NONE
        self.capabilities = Capabilities(receipts=told, **capabilities)
        self.calls: list[list[Outbound]] = []
        self.known: dict[str, Verdict | Told | None] = {}
        self.asked: list[str] = []
        self.questions: list[Question] = []
        self.deaf = False
        self.in_flight = self.in_flight_max = 0
        self._reply = reply
        self._takes_s = takes_s

    async def send(self, outbounds: Sequence[Outbound]) -> list[Verdict]:
        self.calls.append(list(outbounds))
        self.in_flight += 1
        self.in_flight_max = max(self.in_flight_max, self.in_flight)
        try:
            await asyncio.sleep(self._takes_s)
            return [self._reply(outbound) for outbound in outbounds]
        finally:
            self.in_flight -= 1

    async def query(self, questions: Sequence[Question]) -> list[Told]:
        self.asked += [question.key for question in questions]
        if self.deaf:
            raise ConnectionResetError
        self.questions += questions
        said = [self.known.get(question.key) for question in questions]
        return [each if isinstance(each, Told) else Told(each) for each in said]

    async def listen(self, settle: Settle) -> None:
        raise NotImplementedError

    def hear(self, callback: Callback) -> Heard:
        raise NotImplementedError

    async def check(self) -> None:
        raise NotImplementedError


class CountedWakeups:
    """Counts wakes; waits sleep."""

    def __init__(self) -> None:
        self.wakes = 0
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self.wakes += 1
        self._woken.set()

    async def wait(self, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                await self._woken.wait()
        except TimeoutError:
            return
        self._woken.clear()


def claimed(number: int = 1, *, now: int, attempts: tuple[PastAttempt, ...] = (), **fields: Any) -> Claimed:
    """A claimed message, the `number`-th; the first goes to +8613800138000."""
    message = Claimed(
        id=number * STEP + 1,
        token=7,
        account_id=1,
        recipient=f"+86138{137_999 + number:08d}",
        country="CN",
        lane=Lane.NOTIFICATION,
        mode=Mode.LIVE,
        sender=None,
        signature=None,
        body="hello",
        template_id=None,
        params=None,
        encoding="gsm7",
        parts=1,
        pin=None,
        expires_at=now + DAY_US,
        template_version=None,
        extend=None,
        attempts=attempts,
    )
    return message._replace(**fields)
