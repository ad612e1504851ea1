"""Take a message in: check it, count and price it, hold the money, make it durable, wake the dispatcher.

A dialect parses its own words into `Submission`s, drafts them here, renders its reply from the
drafts and hands both back to be accepted in one command.
"""

import hmac
from collections.abc import Sequence
from datetime import tzinfo

from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import Ids
from posthouse.core.message import Lane, Mode
from posthouse.core.ports.admin import AccountStatus
from posthouse.core.ports.life import Accept, NewMessage, Once
from posthouse.core.ports.queries import FindReply
from posthouse.core.ports.store import Clock, Store, Wakeups
from posthouse.core.times import day_of
from posthouse.observe import Metrics, detailed
from posthouse.services.batching import BatchDraft, Batching, Judge
from posthouse.services.directory import Caller
from posthouse.services.drafting import Drafting
from posthouse.services.rendering import Rendering
from posthouse.services.submission import Submission
from posthouse.services.telling import tell

BATCH_MAX = 10_000
KEY_MAX = 255


class Submit:
    """Drafts submissions and accepts the drafts."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        wakeups: Wakeups,
        drafting: Drafting,
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
        self._zone = zone
        self._pepper = pepper
        self._metrics = metrics
        self._drafting = drafting
        self._batching = Batching(store, clock, ids, wakeups, drafting, metrics=metrics)
        self._day = (0, 0, 0)

    def draft(self, caller: Caller, wanted: Submission) -> NewMessage:
        """The message that would be stored. Refuses whatever is wrong with the submission."""
        self.may_send(caller)
        now = self._clock.now()
        return self._drafting.draft(caller, wanted, now, self._ids.take(now), None)

    async def draft_batch(
        self,
        caller: Caller,
        wanted: Sequence[Submission],
        *,
        reference: str | None = None,
        judge: Judge = lambda _draft: None,
    ) -> BatchDraft:
        """All messages that would be stored, and those refused by their index; yields between slices.

        Recipients are counted against the account's limits here, so that a draft says all that is refused.
        `judge` refuses a draft that is not to be accepted as it is; nobody is counted then.
        """
        self.may_send(caller)
        return await self._batching.draft(caller, wanted, reference, judge)

    def rendering(self, caller: Caller, message: NewMessage) -> Rendering:
        """What a draft of this caller's says."""
        return self._drafting.rendering(caller, message)

    async def accept(self, caller: Caller, message: NewMessage, once: Once | None = None) -> bytes | None:
        """Make one draft durable. Answers the stored reply when the idempotency key was used before."""
        done = await self._store.write(self.acceptance(caller, message, once))
        if done.replayed is None:
            self.accepted(message)
        return done.replayed

    def acceptance(self, caller: Caller, message: NewMessage, once: Once | None) -> Accept:
        """The command that makes a draft durable."""
        day = self._accounting_day(message.created_at)
        limits = caller.account.recipient_limits
        most = limits.get(Lane(message.lane)) if limits else None
        return Accept(
            message.account_id, (message,), message.price, message.created_at, day, once, limits=most
        )

    def accepted(self, message: NewMessage) -> None:
        """Tell those who wait for work that a message is durable."""
        self._wakeups.wake()
        self._metrics.accepted(message.mode, message.lane)
        if detailed():
            tell("accepted", message.id, message.recipient, parts=message.parts)

    async def accept_batch(self, draft: BatchDraft, once: Once | None = None) -> bytes | None:
        """Make a whole batch durable and visible at once. Answers as `accept` does."""
        return await self._batching.accept(draft, once, self._accounting_day(draft.batch.created_at))

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

    def _accounting_day(self, at: int) -> int:
        """The date in the configured zone as yyyymmdd, remembered for the rest of the hour."""
        start, end, day = self._day
        if not start <= at < end:
            day = day_of(at, self._zone)
            hour = at - at % 900_000_000  # every zone's offset is a multiple of 15 minutes
            self._day = (hour, hour + 900_000_000, day)
        return day
