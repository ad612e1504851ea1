"""Commands of a message's life: accept, claim, start, record, settle, cancel, age."""

from dataclasses import dataclass
from typing import NamedTuple

from posthouse.core.limits import RecipientLimits
from posthouse.core.message import Ending, Lane, Mode, Outcome, State
from posthouse.core.ports.inbox import Inbound
from posthouse.core.ports.store import Command
from posthouse.core.routing import Next
from posthouse.core.verdict import Reason, Receipt, Reply, Verdict


class NewMessage(NamedTuple):
    """A message as accepted. The fields are the columns of `messages`, in this order.

    Attributes:
        id: time-ordered (core/ids.py), the primary key.
        recipient: E.164.
        body: the caller's text, without signature; None with a template, and in the lane `otp`.
        template_id, params: the template and its parameters; a text is rendered from them at dispatch. They
            are JSON, in the lane `otp` sealed (services/sealing.py), as is the caller's text there.
        encoding, parts: as counted by core/text.py over signature and text.
        price: micro-units for all parts, held until settled.
        reference, metadata: the caller's own label, and JSON.
        pin: the vendor or channel the caller asked for.
        send_at: when to send; None for at once.
        expires_at: after this nothing is tried any more.
        due_at: when it joins its lane; None while it is scheduled.
        look_at: when it is to be put into its lane; None unless it is scheduled.
        simulated: it will go to the simulator, as things stand.
        template_version: of our own template; None where the template is the vendor's own.
        extend: extension codes for channels that take them, JSON: name → code.
        postponed_from: when it would have gone, had it not been moved out of quiet hours.
        verification_id: of the code it carries; `params` then say what the code is computed from.
        avoid: channels that carried the same code before, by their ids: another goes first.
    """

    id: int
    account_id: int
    batch_id: int | None
    recipient: str
    country: str
    lane: int
    state: str
    mode: str
    sender: str | None
    signature: str | None
    body: str | None
    template_id: str | None
    params: str | None
    encoding: str
    parts: int
    price: int
    reference: str | None
    metadata: str | None
    pin: str | None
    created_at: int
    send_at: int | None
    expires_at: int
    due_at: int | None
    look_at: int | None
    simulated: bool = False
    template_version: int | None = None
    extend: str | None = None
    postponed_from: int | None = None
    verification_id: int | None = None
    avoid: str | None = None


@dataclass(frozen=True, slots=True)
class Once:
    """An idempotency key and the reply that answers its repetitions.

    Scope is (account, operation, key); `fingerprint` is a keyed hash of the parsed request.
    """

    account_id: int
    operation: str
    key: str
    fingerprint: bytes
    reply: bytes


@dataclass(frozen=True, slots=True)
class NewBatch:
    """Many messages accepted together, with one hold; their ids are first_id, first_id + STEP and so on."""

    id: int
    account_id: int
    count: int
    amount: int
    first_id: int
    last_id: int
    reference: str | None
    created_at: int


@dataclass(frozen=True, slots=True)
class Acceptance:
    """`replayed` is the first reply of the same idempotency key; None when this was the first."""

    replayed: bytes | None = None


@dataclass(frozen=True, slots=True)
class Accept(Command[Acceptance]):
    """Key, messages, hold, counters and first events, all or nothing.

    `day` is the accounting day (yyyymmdd) in the configured zone. With `batch`, the messages are
    all of it (or, when they were staged before, none), and were admitted before (`Admit`); a message alone
    is admitted here, within `limits`.

    Refuses with INSUFFICIENT_BALANCE, IDEMPOTENCY_KEY_REUSED, RECIPIENT_SUPPRESSED and RECIPIENT_LIMITED.
    """

    account_id: int
    messages: tuple[NewMessage, ...]
    amount: int
    at: int
    day: int
    once: Once | None = None
    batch: NewBatch | None = None
    limits: RecipientLimits | None = None


@dataclass(frozen=True, slots=True)
class Stage(Command[None]):
    """Store a chunk of a large batch, out of everyone's sight until an `Accept` publishes the batch."""

    batch: NewBatch
    messages: tuple[NewMessage, ...]


@dataclass(frozen=True, slots=True)
class DropStaged(Command[int]):
    """Delete up to `limit` rows of batches (or of one) staged before `before` and never published.

    Their recipients do not count any more against the account's limits. Answers how many rows; fewer than
    `limit`: that was all.
    """

    before: int
    limit: int
    batch_id: int | None = None


class PastAttempt(NamedTuple):
    """An earlier attempt of a claimed message."""

    channel_id: int
    outcome: Outcome


class Claimed(NamedTuple):
    """A message leased to one dispatcher; `token` fences every later write about it.

    `suppressed`: its recipient has come onto the account's list since it was accepted. `dead`: the code it
    carries counts no more.
    """

    id: int
    token: int
    account_id: int
    recipient: str
    country: str
    lane: Lane
    mode: Mode
    sender: str | None
    signature: str | None
    body: str | None
    template_id: str | None
    params: str | None
    encoding: str
    parts: int
    pin: str | None
    expires_at: int
    template_version: int | None
    extend: str | None
    attempts: tuple[PastAttempt, ...]
    verification_id: int | None = None
    avoid: frozenset[int] = frozenset()
    suppressed: bool = False
    dead: bool = False


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds messages, under which fencing token, until when."""

    owner: int
    token: int
    until: int


@dataclass(frozen=True, slots=True)
class Claim(Command[list[Claimed]]):
    """Lease up to `limit` due messages of a lane; accounts take turns, starting after `after_account`."""

    lane: Lane
    limit: int
    lease: Lease
    now: int
    after_account: int = 0


class Start(NamedTuple):
    """An attempt about to be made. `decision` is JSON: the channels considered, and why."""

    message_id: int
    token: int
    channel_id: int
    vendor: str
    simulated: bool
    decision: str


@dataclass(frozen=True, slots=True)
class StartAttempts(Command[dict[int, int]]):
    """Commit "attempt started" before any byte leaves; answers {message id: attempt number}.

    Messages whose lease is no longer this token's are left out: they must not be sent.
    """

    starts: tuple[Start, ...]
    at: int
    lease_until: int


class Finish(NamedTuple):
    """The verdict of one attempt, and what follows it.

    `hear_within_us`: how long after "accepted" a receipt is waited for before another channel is tried; None
    for as long as it takes.
    """

    message_id: int
    token: int
    attempt: int
    channel_id: int
    recipient: str
    verdict: Verdict
    next: Next
    hear_within_us: int | None = None


@dataclass(frozen=True, slots=True)
class RecordVerdicts(Command[dict[int, State]]):
    """Write verdicts, references and money; match receipts that came too early.

    Answers the new state of each message whose token still held. `inbound`: channels whose vendors hand over
    what handsets send; of these it is remembered who wrote last to a number.
    """

    finishes: tuple[Finish, ...]
    at: int
    inbound: frozenset[int] = frozenset()


class Ended(NamedTuple):
    """A leased message that will not be tried again: expired, without any channel, or with a dead code.

    What a handset may have is not canceled: it waits for its receipt as before.
    """

    message_id: int
    token: int
    ending: Ending | None
    reason: Reason | None
    decision: str


@dataclass(frozen=True, slots=True)
class EndMessages(Command[None]):
    """Finish leased messages without a further attempt and release what they held."""

    ended: tuple[Ended, ...]
    at: int


@dataclass(frozen=True, slots=True)
class PutBack(Command[None]):
    """Give leased messages back to the line, due at the given times: (message id, token, due_at).

    What expires before is due when it does.
    """

    messages: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a group of receipts.

    Attributes:
        applied: told something new; of a message in several parts, each part that came.
        parked: were of references that nobody knows yet.
        ignored: told nothing new.
        lags_us: how long each delivered message had been sent.
        resent: messages in line once more, for another channel.
        dropped: parked receipts that gave way to newer ones.
    """

    applied: int
    parked: int
    ignored: int
    lags_us: tuple[int, ...] = ()
    resent: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class SettleReceipts(Command[Settlement]):
    """Apply receipts of one channel; park those whose reference nobody knows yet, up to a bound.

    One that names an unanswered attempt by our own key stands for the answer that was lost. `elsewhere`:
    there are other channels; what this one's route kept from the handset is tried once more.
    """

    channel_id: int
    receipts: tuple[Receipt, ...]
    at: int
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class RecordReplies(Command[Inbound]):
    """Store what handsets wrote, and do what their keywords ask for."""

    channel_id: int
    replies: tuple[Reply, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Cancel(Command[bool]):
    """Stop a message that is scheduled or queued and that no vendor may have.

    Answers whether the idempotency key was used before. Refuses with NOT_FOUND, NOT_CANCELABLE and
    IDEMPOTENCY_KEY_REUSED.
    """

    account_id: int
    message_id: int
    at: int
    once: Once | None = None


@dataclass(frozen=True, slots=True)
class QueueScheduled(Command[int]):
    """Move scheduled messages whose time has come into their lanes; answers how many."""

    now: int
    limit: int


@dataclass(frozen=True, slots=True)
class AgeMessages(Command[int]):
    """End as `unconfirmed` what was taken 72 h ago and never heard of; answers how many."""

    now: int
    limit: int


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a start found: leases set free, and attempts without a verdict, which are now unknown."""

    freed: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Recover(Command[Recovered]):
    """Take over from processes that are gone: every lease not owned by `owner`, or long over, ends.

    A started attempt without a verdict becomes unknown; it is never requeued on a guess.
    """

    owner: int
    now: int


@dataclass(frozen=True, slots=True)
class Forget(Command[int]):
    """Delete, in bounded steps, keys, parked receipts and references past their time, and counters at 0."""

    now: int
    limit: int
