"""What the contract suite builds its stories from: an engine, a clock that is told, and short verbs.

Every verb is one command or query of the port. A story ends with the ledger checked and the counters
compared with the messages, whatever it was about.
"""

import asyncio
import itertools
import threading
from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeVar

from posthouse.core.ids import STEP, Ids
from posthouse.core.ledger import Balance
from posthouse.core.message import AGE_LIMIT_US, Ending, Lane, Mode, State
from posthouse.core.ports.admin import AccountStatus, CreateAccount, NextBoot
from posthouse.core.ports.life import (
    Accept,
    Acceptance,
    Claim,
    Claimed,
    Ended,
    EndMessages,
    Finish,
    Lease,
    NewBatch,
    NewMessage,
    Once,
    RecordVerdicts,
    Recover,
    Recovered,
    Settlement,
    SettleReceipts,
    Start,
    StartAttempts,
)
from posthouse.core.ports.queries import (
    AttemptRecord,
    Audit,
    CheckLedger,
    EventRecord,
    GetAccount,
    GetGauges,
    GetMessage,
    GetStanding,
    GetTrace,
    ListMessages,
    MessageRecord,
    Wanted,
)
from posthouse.core.ports.reconciling import ClaimUnknown, Resolution, ResolveUnknown, Unanswered
from posthouse.core.ports.store import Command, Query
from posthouse.core.routing import after
from posthouse.core.verdict import Accepted, Fate, Reason, Receipt, Verdict
from tests.contracts.backends import SQLiteBackend
from tests.contracts.pages import check_pages

R = TypeVar("R")

NOW = 1_795_852_800_000_000  # 2026-11-28T08:00:00Z
DAY = 20261128
SECOND = 1_000_000
HOUR = 3600 * SECOND
PRICE = 50_000
FUNDS = 100 * PRICE
TO = "+8613800138000"
CHANNEL = 1


class World:
    """A store with one funded account (`self.account_id`), driven by verbs."""

    def __init__(self, backend: SQLiteBackend) -> None:
        self.backend = backend
        self.now = NOW
        self.owner = 0
        self.account_id = 0
        self.groups: list[int] = []
        self.damaged = False
        self._gate, self._entered = threading.Event(), threading.Event()
        self._gate.set()
        self._ids = Ids(1)
        self._tokens = itertools.count(1)
        self.store = backend.open(self._committed)

    async def begin(self) -> "World":
        self.owner = await self.write(NextBoot())
        self.account_id = await self.account("acme")
        return self

    async def end(self) -> None:
        self._gate.set()
        try:
            if not self.damaged:
                await self.check()
        finally:
            self.store.close()

    async def check(self) -> Audit:
        """The ledger adds up, and the counters agree with the messages."""
        audit = await self.audit()
        assert audit.drifts == ()
        everything = await self.listed(account_id=None)
        counted = (await self.read(GetGauges(self.now))).by_state
        assert {state: n for state, n in counted.items() if n} == Counter(m.state for m in everything)
        await check_pages(self.read, self.account_id, everything)
        for message in everything:
            assert message.due_at is None or message.look_at is None
            assert message.state == State.QUEUED or message.due_at is None
        return audit

    async def audit(self) -> Audit:
        return await self.read(CheckLedger())

    def plant(self, sql: str) -> None:
        self.damaged = True
        self.backend.plant(sql)

    # ---------------------------------------------------------------------------------------- the port

    async def write(self, command: Command[R]) -> R:
        return await self.store.write(command)

    async def read(self, query: Query[R]) -> R:
        return await self.store.read(query)

    async def together(self, *commands: Command[Any]) -> list[Any]:
        """Write commands that wait together, so that they share a commit; refusals are answers."""
        self._entered.clear()
        self._gate.clear()
        primer = asyncio.create_task(self.write(NextBoot()))
        await asyncio.to_thread(self._entered.wait)  # the writer is busy with the primer's commit
        tasks = [asyncio.create_task(self.write(command)) for command in commands]
        await asyncio.sleep(0)  # every task has put its command in line
        self._gate.set()
        await primer
        return await asyncio.gather(*tasks, return_exceptions=True)

    def _committed(self, commands: int, _rows: int, _seconds: float) -> None:
        self.groups.append(commands)
        self._entered.set()
        self._gate.wait()

    async def restart(self) -> Recovered:
        """A new process takes over: a new boot id, and every other owner's leases end."""
        self.store.close()
        self.store = self.backend.open(self._committed)
        self.owner = await self.write(NextBoot())
        return await self.write(Recover(self.owner, self.now))

    # ------------------------------------------------------------------------------------------- verbs

    async def account(self, name: str, credit: int = FUNDS) -> int:
        await self.write(CreateAccount(name, AccountStatus.APPROVED, credit, self.now))
        made = await self.read(GetAccount(name=name))
        return 0 if made is None else made.id

    def message(self, **fields: Any) -> NewMessage:
        """A message as `submit` would draft it; with `send_at` it is scheduled."""
        send_at = fields.get("send_at")
        message = NewMessage(
            id=self._ids.take(self.now),
            account_id=self.account_id,
            batch_id=None,
            recipient=TO,
            country="CN",
            lane=Lane.NOTIFICATION.value,
            state=(State.SCHEDULED if send_at else State.QUEUED).value,
            mode=Mode.LIVE.value,
            sender=None,
            signature=None,
            body="hello",
            template_id=None,
            params=None,
            encoding="gsm7",
            parts=1,
            price=PRICE,
            reference=None,
            metadata=None,
            pin=None,
            created_at=self.now,
            send_at=None,
            expires_at=(send_at or self.now) + 24 * HOUR,
            due_at=None if send_at else self.now,
            look_at=send_at,
        )
        return message._replace(**fields)

    def acceptance(self, *messages: NewMessage, once: Once | None = None) -> Accept:
        amount = sum(message.price for message in messages)
        return Accept(messages[0].account_id, messages, amount, self.now, DAY, once)

    async def accept(self, **fields: Any) -> NewMessage:
        message = self.message(**fields)
        await self.write(self.acceptance(message))
        return message

    async def accept_many(self, count: int, **fields: Any) -> list[NewMessage]:
        messages = [self.message(**fields) for _ in range(count)]
        for at in range(0, count, 100):
            await self.write(self.acceptance(*messages[at : at + 100]))
        return messages

    def batch(self, count: int, **fields: Any) -> tuple[NewBatch, tuple[NewMessage, ...]]:
        """A batch and its messages, not yet stored."""
        batch_id, first = self._ids.take(self.now), self._ids.take(self.now, count)
        messages = tuple(self.message(id=first + n * STEP, batch_id=batch_id, **fields) for n in range(count))
        amount = sum(message.price for message in messages)
        last = first + (count - 1) * STEP
        return NewBatch(
            batch_id, messages[0].account_id, count, amount, first, last, None, self.now
        ), messages

    def publish(self, batch: NewBatch, *messages: NewMessage, once: Once | None = None) -> Accept:
        return Accept(batch.account_id, messages, batch.amount, self.now, DAY, once, batch)

    def once(self, key: str = "key", request: bytes = b"request", reply: bytes = b"reply") -> Once:
        return Once(self.account_id, "send", key, request, reply)

    def lease(self, token: int | None = None) -> Lease:
        return Lease(self.owner, token or next(self._tokens), self.now + 10 * SECOND)

    async def claim(
        self, limit: int = 10, *, lane: Lane = Lane.NOTIFICATION, after_account: int = 0
    ) -> list[Claimed]:
        return await self.write(Claim(lane, limit, self.lease(), self.now, after_account))

    async def take(self, message: NewMessage) -> Claimed:
        """Lease this message, which must be next in its lane."""
        [claimed] = await self.claim(1, lane=Lane(message.lane))
        assert claimed.id == message.id
        return claimed

    async def start(
        self, claimed: Claimed, *, token: int | None = None, channel: int = CHANNEL
    ) -> int | None:
        """Commit "attempt started"; the attempt's number, or None when the lease had passed on."""
        start = Start(claimed.id, token or claimed.token, channel, "sandbox", True, '{"considered":[]}')
        started = await self.write(StartAttempts((start,), self.now, self.now + 10 * SECOND))
        return started.get(claimed.id)

    async def begun(self, message: NewMessage) -> tuple[Claimed, int]:
        """Lease a message and start its next attempt."""
        claimed = await self.take(message)
        attempt = await self.start(claimed)
        assert attempt is not None
        return claimed, attempt

    def verdict(
        self,
        claimed: Any,
        attempt: int,
        verdict: Verdict,
        *,
        others_left: bool = False,
        receipts: bool = True,
    ) -> RecordVerdicts:
        """A verdict with what `core.routing.after` lets follow it. `claimed` has id, token, lane."""
        following = after(
            verdict,
            lane=claimed.lane,
            attempt=attempt,
            others_left=others_left,
            now=self.now,
            receipts=receipts,
        )
        finish = Finish(claimed.id, claimed.token, attempt, CHANNEL, claimed.recipient, verdict, following)
        return RecordVerdicts((finish,), self.now)

    async def record(self, claimed: Any, attempt: int, verdict: Verdict, **options: bool) -> dict[int, State]:
        return await self.write(self.verdict(claimed, attempt, verdict, **options))

    async def tried(self, message: NewMessage, verdict: Verdict, **options: bool) -> Claimed:
        """Lease, start, answer: one whole attempt."""
        claimed, attempt = await self.begun(message)
        await self.record(claimed, attempt, verdict, **options)
        return claimed

    async def sent(self, reference: str = "ref", **fields: Any) -> NewMessage:
        """A message that a vendor took."""
        message = await self.accept(**fields)
        await self.tried(message, Accepted(reference))
        return message

    async def settle(
        self, fate: Fate, reference: str = "ref", *, to: str = TO, reason: Reason | None = None
    ) -> Settlement:
        receipt = Receipt(reference, to, fate, reason, "RAW", self.now)
        return await self.write(SettleReceipts(CHANNEL, (receipt,), self.now))

    async def finish(self, claimed: Claimed, ending: Ending | None, reason: Reason) -> None:
        ended = Ended(claimed.id, claimed.token, ending, reason, "{}")
        await self.write(EndMessages((ended,), self.now))

    async def unanswered(self, limit: int = 10) -> list[Unanswered]:
        """Lease the unknown messages that are due for a look."""
        return await self.write(ClaimUnknown(limit, self.lease(), self.now))

    async def resolve(self, asked: Unanswered, *, resend: bool, due_at: int | None = None) -> None:
        """The policy's word for one of them."""
        due_at = self.now if due_at is None else due_at
        await self.write(ResolveUnknown((Resolution(asked.id, asked.token, resend, due_at),), self.now))

    async def resend(self, message: NewMessage) -> None:
        """The policy sends an unknown message once more."""
        [asked] = await self.unanswered()
        assert asked.id == message.id
        await self.resolve(asked, resend=True)

    def later(self, microseconds: int = AGE_LIMIT_US) -> None:
        self.now += microseconds

    # ----------------------------------------------------------------------------------------- looking

    async def get(self, message: NewMessage | Claimed) -> MessageRecord:
        record = await self.read(GetMessage(message.account_id, message.id))
        assert record is not None
        return record

    async def standing(self, message: NewMessage | Claimed) -> tuple[str, str]:
        """State and charge."""
        record = await self.get(message)
        return record.state, record.charge

    async def events(self, message: NewMessage) -> list[EventRecord]:
        trace = await self.read(GetTrace(message.account_id, message.id))
        assert trace is not None
        assert [event.sequence for event in trace.events] == list(range(1, len(trace.events) + 1))
        return list(trace.events)

    async def attempts(self, message: NewMessage) -> list[AttemptRecord]:
        trace = await self.read(GetTrace(message.account_id, message.id))
        assert trace is not None
        return list(trace.attempts)

    async def count(self) -> int:
        """How many messages the account sees."""
        return len(await self.listed())

    async def listed(self, **wanted: Any) -> list[MessageRecord]:
        """The messages that are wanted, of the account if no other is named, newest first."""
        query = ListMessages(Wanted(**{"account_id": self.account_id} | wanted), limit=100_000)
        return (await self.read(query)).messages

    async def balance(self, account_id: int | None = None) -> Balance:
        standing = await self.read(GetStanding(account_id or self.account_id, DAY))
        assert standing is not None
        return standing.balance

    async def purses(self, account_id: int | None = None) -> tuple[int, int, int]:
        """Available, held, spent: in units of one message's price."""
        balance = await self.balance(account_id)
        return balance.available // PRICE, balance.held // PRICE, balance.spent // PRICE


def acceptances(answers: Sequence[Any]) -> list[Acceptance]:
    """The commands that were accepted."""
    return [answer for answer in answers if isinstance(answer, Acceptance)]
