"""Many messages at once: drafted one by one, admitted, and accepted in one command."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from operator import attrgetter

from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import STEP, Ids
from posthouse.core.ledger import from_micro
from posthouse.core.limits import RecipientLimits
from posthouse.core.message import Lane, Mode
from posthouse.core.ports.admission import Admit, FindSuppressed, Recipient
from posthouse.core.ports.life import Accept, DropStaged, NewBatch, NewMessage, Once, Stage
from posthouse.core.ports.queries import FindReply, GetStanding
from posthouse.core.ports.store import Clock, Overloaded, Store, Unavailable, Wakeups
from posthouse.observe import Metrics, detailed
from posthouse.services.directory import Caller
from posthouse.services.drafting import Drafting
from posthouse.services.moulding import Mould
from posthouse.services.submission import Submission
from posthouse.services.telling import tell

CHUNK = 500
_SLICE = 100
_CHUNKS_AT_ONCE = 4

_LANE = attrgetter("lane")
_LANES = tuple(Lane)
"""By their numbers: a tenth of what the enumeration itself takes to look one up."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """One recipient of a batch that was not accepted."""

    index: int
    to: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class BatchDraft:
    """A batch checked and priced, not yet accepted.

    `noted`: its recipients were counted against the account's limits, and go back with it.
    """

    batch: NewBatch
    mode: Mode
    messages: tuple[NewMessage, ...]
    rejected: tuple[Rejected, ...]
    noted: bool = False


Judge = Callable[[BatchDraft], None]
"""Refuses a draft that is not to be accepted as it is."""


class Batching:
    """Drafts batches and accepts the drafts."""

    def __init__(
        self, store: Store, clock: Clock, ids: Ids, wakeups: Wakeups, drafting: Drafting, *, metrics: Metrics
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._wakeups = wakeups
        self._drafting = drafting
        self._metrics = metrics

    async def draft(
        self, caller: Caller, wanted: Sequence[Submission], reference: str | None, judge: Judge
    ) -> BatchDraft:
        """All messages that would be stored, and those refused by their index; yields between slices.

        `judge` is asked before recipients are counted, and once more where some of them were turned down.
        """
        now = self._clock.now()
        batch_id = self._ids.take(now)
        first_id = self._ids.take(now, len(wanted))
        mould = Mould(self._drafting, caller, now, batch_id)
        messages: list[NewMessage] = []
        rejected: list[Rejected] = []
        for index, submission in enumerate(wanted):
            if index % _SLICE == _SLICE - 1:
                await asyncio.sleep(0)
            try:
                message = mould.draft(submission, first_id + index * STEP)
            except Refusal as refusal:
                rejected.append(Rejected(index, submission.to, refusal))
            else:
                messages.append(message)
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
        draft = BatchDraft(batch, caller.mode, tuple(messages), tuple(rejected))
        judge(draft)
        admitted = await self._admit(caller, draft, wanted)
        if len(admitted.messages) != len(draft.messages):
            try:
                judge(admitted)
            except Refusal:
                await self._drop(admitted)
                raise
        return admitted

    async def accept(self, draft: BatchDraft, once: Once | None, day: int) -> bytes | None:
        """Make a whole batch durable and visible at once, however many chunks that takes.

        Answers the stored reply when the idempotency key was used before.
        """
        try:
            replayed = await self._accept(draft, once, day)
        except (Refusal, Overloaded, Unavailable):
            await self._drop(draft)
            raise
        if replayed is not None:
            await self._drop(draft)
            return replayed
        self._wakeups.wake()
        self._count(draft.mode, draft.messages)
        return None

    async def _admit(self, caller: Caller, draft: BatchDraft, wanted: Sequence[Submission]) -> BatchDraft:
        """The draft without those that are suppressed or had enough; the others are counted."""
        batch, account = draft.batch, caller.account
        limits = tuple(account.recipient_limits.items())
        if limits:
            lanes = {message.lane for message in draft.messages}
            limits = tuple(limit for limit in limits if limit[0] in lanes)
            draft = replace(draft, noted=bool(limits))
        refused: dict[int, Refusal] = {}
        for start in range(0, len(draft.messages), CHUNK):
            chunk = draft.messages[start : start + CHUNK]
            try:
                answers = await self._ask(draft, chunk, limits)
            except (Unavailable, Overloaded):  # the chunks before this one are counted
                await self._drop(draft)
                raise
            if any(answers):
                refused |= {
                    message.id: answer for message, answer in zip(chunk, answers, strict=True) if answer
                }
        if not refused:
            return draft
        accepted = tuple(message for message in draft.messages if message.id not in refused)
        rejected = list(draft.rejected)
        for message_id, refusal in refused.items():
            index = (message_id - batch.first_id) // STEP
            rejected.append(Rejected(index, wanted[index].to, refusal))
        return replace(
            draft,
            batch=replace(batch, count=len(accepted), amount=sum(message.price for message in accepted)),
            messages=accepted,
            rejected=tuple(sorted(rejected, key=lambda each: each.index)),
        )

    async def _ask(
        self,
        draft: BatchDraft,
        messages: Sequence[NewMessage],
        limits: tuple[tuple[Lane, RecipientLimits], ...],
    ) -> Sequence[Refusal | None]:
        recipients = tuple(Recipient(message.recipient, _LANES[message.lane]) for message in messages)
        if limits:
            return await self._store.write(Admit(draft.batch, draft.mode, recipients, limits))
        suppressed = await self._store.read(FindSuppressed(draft.batch.account_id, recipients))
        if not any(suppressed):
            return ()
        return [Refusal(Code.RECIPIENT_SUPPRESSED, param="to") if each else None for each in suppressed]

    async def _accept(self, draft: BatchDraft, once: Once | None, day: int) -> bytes | None:
        batch, messages = draft.batch, draft.messages
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
        done = await self._store.write(
            Accept(batch.account_id, messages, batch.amount, batch.created_at, day, once, batch)
        )
        return done.replayed

    def _count(self, mode: Mode, messages: Sequence[NewMessage]) -> None:
        for lane, count in Counter(map(_LANE, messages)).items():
            self._metrics.accepted(mode.value, lane, count)
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

    async def _drop(self, draft: BatchDraft) -> None:
        """Take back all that is stored of a batch, unless it was accepted and nobody could tell us."""
        if not draft.noted and len(draft.messages) <= CHUNK:
            return
        command = DropStaged(draft.batch.created_at + 1, CHUNK, draft.batch.id)
        with suppress(Unavailable, Overloaded):  # the janitor and the next start see to it, too
            while await self._store.write(command) >= CHUNK:
                pass
