"""Take a message in: check it, count and price it, hold the money, make it durable, wake the dispatcher.

A dialect parses its own words into `Submission`s, drafts them here, renders its reply from the
drafts and hands both back to be accepted in one command.
"""

import asyncio
import hmac
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import NamedTuple

from posthouse.core import phone, text
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import STEP, Ids
from posthouse.core.ledger import from_micro
from posthouse.core.message import VALIDITY_S, Lane, Mode, State
from posthouse.core.ports.admin import AccountStatus
from posthouse.core.ports.life import Accept, DropStaged, NewBatch, NewMessage, Once, Stage
from posthouse.core.ports.queries import FindReply, GetStanding
from posthouse.core.ports.store import Clock, Store, Wakeups
from posthouse.core.times import day_of, sending_time
from posthouse.observe import Metrics, detailed
from posthouse.services.directory import Caller, Directory
from posthouse.services.telling import tell

VALIDITY_MAX_S = 72 * 3600
BATCH_MAX = 10_000
KEY_MAX = 255
CHUNK = 500
_SLICE = 100
_CHUNKS_AT_ONCE = 4


class Submission(NamedTuple):
    """What a sender asks for, in the core's terms.

    Exactly one of `body` and `template_id`. A template's parameters come by name in `params` or by position
    in `values`. `metadata` is a JSON object as text; `send_at` is microseconds UTC; `validity_s` counts
    from `send_at`, or from now. Without a lane it is the template's, or `notification`. `extend` are
    extension codes for channels that take them: name → code.
    """

    to: str
    body: str | None = None
    template_id: str | None = None
    params: Mapping[str, str] | None = None
    sender: str | None = None
    signature: str | None = None
    send_at: int | None = None
    validity_s: int | None = None
    lane: Lane | None = None
    reference: str | None = None
    metadata: str | None = None
    pin: str | None = None
    values: Sequence[str] | None = None
    extend: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """One recipient of a batch that was not accepted."""

    index: int
    to: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class BatchDraft:
    """A batch checked and priced, not yet accepted."""

    batch: NewBatch
    messages: tuple[NewMessage, ...]
    rejected: tuple[Rejected, ...]


class Submit:
    """Drafts submissions and accepts the drafts."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        wakeups: Wakeups,
        directory: Directory,
        *,
        zone: tzinfo,
        pepper: bytes,
        metrics: Metrics,
    ) -> None:
        """`zone` decides the accounting day; `pepper` keys the fingerprints of requests."""
        self._store = store
        self._clock = clock
        self._ids = ids
        self._wakeups = wakeups
        self._directory = directory
        self._zone = zone
        self._pepper = pepper
        self._metrics = metrics
        self._day = (0, 0, 0)
        self._asked: tuple[str | None, ...] | None = None
        self._measured: tuple[str, int] | Refusal = ("", 0)

    def draft(self, caller: Caller, wanted: Submission) -> NewMessage:
        """The message that would be stored. Refuses whatever is wrong with the submission."""
        self.may_send(caller)
        now = self._clock.now()
        return self._draft(caller, wanted, now, self._ids.take(now), None)

    async def draft_batch(
        self, caller: Caller, wanted: Sequence[Submission], *, reference: str | None = None
    ) -> BatchDraft:
        """All messages that would be stored, and those refused by their index; yields between slices."""
        self.may_send(caller)
        now = self._clock.now()
        batch_id = self._ids.take(now)
        first_id = self._ids.take(now, len(wanted))
        messages: list[NewMessage] = []
        rejected: list[Rejected] = []
        for index, submission in enumerate(wanted):
            if index % _SLICE == _SLICE - 1:
                await asyncio.sleep(0)
            try:
                messages.append(self._draft(caller, submission, now, first_id + index * STEP, batch_id))
            except Refusal as refusal:
                rejected.append(Rejected(index, submission.to, refusal))
        batch = NewBatch(
            id=batch_id,
            account_id=caller.account.id,
            count=len(messages),
            amount=sum(message.price for message in messages),
            first_id=first_id,
            last_id=first_id + max(len(wanted) - 1, 0) * STEP,
            reference=reference,
            created_at=now,
        )
        return BatchDraft(batch, tuple(messages), tuple(rejected))

    async def accept(self, message: NewMessage, once: Once | None = None) -> bytes | None:
        """Make one draft durable. Answers the stored reply when the idempotency key was used before."""
        day = self._accounting_day(message.created_at)
        done = await self._store.write(
            Accept(message.account_id, (message,), message.price, message.created_at, day, once)
        )
        if done.replayed is None:
            self._wakeups.wake()
            self._metrics.accepted(message.mode, message.lane)
            if detailed():
                tell("accepted", message.id, message.recipient, parts=message.parts)
        return done.replayed

    async def accept_batch(self, draft: BatchDraft, once: Once | None = None) -> bytes | None:
        """Make a whole batch durable and visible at once, however many chunks that takes."""
        batch, messages = draft.batch, draft.messages
        day = self._accounting_day(batch.created_at)
        chunked = len(messages) > CHUNK
        if chunked and (short := await self._short_of_funds(batch, day)) is not None:
            if once is not None:  # another request with the same key may just have spent them
                used = FindReply(once.account_id, once.operation, once.key, once.fingerprint)
                if (replayed := await self._store.read(used)) is not None:
                    return replayed
            raise short
        if chunked:
            await self._stage(batch, messages)
            messages = ()
        try:
            done = await self._store.write(
                Accept(batch.account_id, messages, batch.amount, batch.created_at, day, once, batch)
            )
        except Refusal:
            if chunked:
                await self._drop(batch)
            raise
        if done.replayed is not None:
            if chunked:
                await self._drop(batch)
            return done.replayed
        self._wakeups.wake()
        self._count(draft.messages)
        return None

    def _count(self, messages: Sequence[NewMessage]) -> None:
        for (mode, lane), count in Counter((each.mode, each.lane) for each in messages).items():
            self._metrics.accepted(mode, lane, count)
        if detailed():
            for each in messages:
                tell("accepted", each.id, each.recipient, parts=each.parts)

    async def _stage(self, batch: NewBatch, messages: tuple[NewMessage, ...]) -> None:
        chunks = [messages[start : start + CHUNK] for start in range(0, len(messages), CHUNK)]
        for start in range(0, len(chunks), _CHUNKS_AT_ONCE):
            await asyncio.gather(
                *(self._store.write(Stage(batch, chunk)) for chunk in chunks[start : start + _CHUNKS_AT_ONCE])
            )

    async def _short_of_funds(self, batch: NewBatch, day: int) -> Refusal | None:
        """What the hold would say, asked before a chunk is stored."""
        standing = await self._store.read(GetStanding(batch.account_id, day))
        available = 0 if standing is None else standing.balance.available
        if batch.amount <= available:
            return None
        return Refusal(
            Code.INSUFFICIENT_BALANCE, needed=from_micro(batch.amount), available=from_micro(available)
        )

    async def _drop(self, batch: NewBatch) -> None:
        """Take back the chunks of a batch that was not accepted: nothing of it stays stored."""
        command = DropStaged(batch.created_at + 1, CHUNK, batch.id)
        while await self._store.write(command) >= CHUNK:
            pass

    def once(self, caller: Caller, operation: str, key: str, request: bytes, reply: bytes) -> Once:
        """The idempotency record of this request; `request` is its canonical form."""
        return Once(caller.account.id, operation, key, self._fingerprint_of(caller, request), reply)

    def fingerprint(self, request: bytes) -> bytes:
        """A keyed hash under which a request is remembered without being stored."""
        return hmac.digest(self._pepper, request, "sha256")

    def _fingerprint_of(self, caller: Caller, request: bytes) -> bytes:
        """In test mode it is another request: a rehearsal must not stand in for the real thing."""
        return self.fingerprint(request if caller.mode is Mode.LIVE else caller.mode.value.encode() + request)

    async def replay(self, caller: Caller, operation: str, key: str, request: bytes) -> bytes | None:
        """The first reply of a used key, for requests that would be refused by now.

        Refuses with IDEMPOTENCY_KEY_REUSED when the key belongs to another request.
        """
        fingerprint = self._fingerprint_of(caller, request)
        return await self._store.read(FindReply(caller.account.id, operation, key, fingerprint))

    def may_send(self, caller: Caller) -> None:
        """Refuse unless the key may send and the account is verified (or on trial)."""
        caller.need("messages:write")
        if caller.account.status not in (AccountStatus.APPROVED, AccountStatus.TRIAL):
            raise Refusal(Code.ACCOUNT_NOT_VERIFIED, status=caller.account.status.value)

    def _draft(
        self, caller: Caller, wanted: Submission, now: int, message_id: int, batch_id: int | None
    ) -> NewMessage:
        account = caller.account
        number = self._number(caller, wanted.to)
        encoding, parts = self._measure(wanted, number.country)
        if wanted.pin is not None and not self._directory.may_pin(account.id, wanted.pin):
            code = (
                Code.VENDOR_NOT_CONFIGURED if wanted.pin in self._directory.vendors else Code.UNKNOWN_VENDOR
            )
            raise Refusal(code, param="vendor", vendor=wanted.pin[:40])
        send_at = None if wanted.send_at is None else sending_time(wanted.send_at, now)
        begin = send_at or now
        lane = Lane.NOTIFICATION if wanted.lane is None else wanted.lane
        validity_s = wanted.validity_s if wanted.validity_s is not None else VALIDITY_S[lane]
        if not 0 < validity_s <= VALIDITY_MAX_S:
            raise Refusal(Code.INVALID_VALIDITY, param="validity_s", limit=VALIDITY_MAX_S)
        prices = caller.prices
        price = prices.get(number.country)
        if price is None:
            price = prices.get("*", 0)
        return NewMessage(
            message_id,
            account.id,
            batch_id,
            number.e164,
            number.country,
            lane.value,
            State.QUEUED.value if send_at is None else State.SCHEDULED.value,
            caller.mode.value,
            wanted.sender,
            wanted.signature,
            wanted.body,
            wanted.template_id,
            _as_json(wanted.params),
            encoding,
            parts,
            price * parts,
            wanted.reference,
            wanted.metadata,
            wanted.pin,
            now,
            send_at,
            begin + validity_s * 1_000_000,
            now if send_at is None else None,
            send_at,
            caller.mode is Mode.TEST
            or account.status is AccountStatus.TRIAL
            or self._directory.simulates(account.id),
        )

    def _number(self, caller: Caller, to: str) -> phone.Number:
        account = caller.account
        try:
            number = phone.parse(to, region=account.region)
        except phone.BadNumber as error:
            raise error.refusal("to") from None
        if account.strict_numbers and not phone.valid(number):
            raise phone.BadNumber(phone.NumberProblem.UNASSIGNED).refusal("to")
        return number

    def _measure(self, wanted: Submission, country: str) -> tuple[str, int]:
        """Encoding and parts; remembered, since a batch asks the same for every recipient."""
        asked = (wanted.body, wanted.signature, wanted.template_id, country)
        if asked != self._asked:
            try:
                self._measured = _measure(wanted, country)
            except Refusal as refusal:
                self._measured = refusal
            self._asked = asked
        if isinstance(self._measured, Refusal):
            raise self._measured.with_traceback(None)
        return self._measured

    def _accounting_day(self, at: int) -> int:
        """The date in the configured zone as yyyymmdd, remembered for the rest of the hour."""
        start, end, day = self._day
        if not start <= at < end:
            day = day_of(at, self._zone)
            hour = at - at % 900_000_000  # every zone's offset is a multiple of 15 minutes
            self._day = (hour, hour + 900_000_000, day)
        return day


def _as_json(given: Mapping[str, str] | None) -> str | None:
    return json.dumps(given, ensure_ascii=False, separators=(",", ":")) if given else None


def _measure(wanted: Submission, country: str) -> tuple[str, int]:
    if wanted.body is None:
        if wanted.template_id is None:
            raise Refusal(Code.CONTENT_MISSING, param="body")
        return text.Encoding.UCS2.value, 1  # the vendor's own template: its length is not ours to know
    if wanted.template_id is not None:
        raise Refusal(Code.CONTENT_CONFLICT, param="body")
    full = text.with_signature(wanted.body, wanted.signature)
    problem = text.problem(wanted.body, country=country)
    if problem is None and full is not wanted.body:
        problem = text.problem(full, country=country)
    if problem is not None:
        raise _bad_text(problem, wanted.body, full, country)
    measure = text.measure(full, country=country)
    return measure.encoding.value, measure.parts


_COUNTED_MAX = 2_000
"""Of a text with more characters than this nobody needs to know how many parts too long it is."""


def _bad_text(problem: text.TextProblem, body: str, full: str, country: str) -> Refusal:
    match problem:
        case text.TextProblem.EMPTY:
            return Refusal(Code.EMPTY_TEXT, param="body")
        case text.TextProblem.TOO_LONG:
            counted = len(full) <= _COUNTED_MAX
            parts = {"parts": text.measure(full, country=country).parts} if counted else {}
            return Refusal(Code.TEXT_TOO_LONG, param="body", limit=text.PARTS_MAX, **parts)
        case _:
            culprit = text.forbidden(body)
            return Refusal(Code.INVALID_TEXT, param="body", **({} if culprit is None else culprit.facts()))
