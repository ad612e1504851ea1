"""Commands of senders who change their minds: another time for a message, the rest of a batch stopped."""

from dataclasses import dataclass
from datetime import tzinfo
from typing import NamedTuple

from posthouse.core.ports.life import Once
from posthouse.core.ports.store import Command
from posthouse.core.quiet import QuietHours


class QuietRule(NamedTuple):
    """An account's quiet hours on the clocks of a zone: its marketing messages are moved behind them."""

    hours: QuietHours
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Moved:
    """How a message stood right after its move; `replayed`: a move of before, under the same key.

    `send_at` is later than asked for where that lies in quiet hours.
    """

    send_at: int
    expires_at: int
    updated_at: int
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Reschedule(Command[Moved]):
    """Move a scheduled message to another time.

    `validity_us` counts from then; None keeps it as long as it was. With `once` it is moved once, however
    often that is asked; its reply is written by the store. Refuses with NOT_FOUND, NOT_RESCHEDULABLE,
    SEND_AT_IN_PAST, SEND_AT_TOO_FAR and IDEMPOTENCY_KEY_REUSED.
    """

    account_id: int
    message_id: int
    send_at: int
    validity_us: int | None
    at: int
    once: Once | None = None
    quiet: QuietRule | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """How many messages of a batch one step changed; the next begins after `looked_to`, unless it is None.

    With `replayed` this is what all steps changed that were made under the same key before.
    """

    changed: int
    looked_to: int | None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class RescheduleBatch(Command[Step]):
    """Move up to `limit` messages of a batch that are still scheduled, beginning after the id `after_id`.

    Each stays valid as long as it was. With `once` the first step (`after_id` 0) is made once; its reply,
    written by the store, says how far the steps have come. Only the first step looks at the time: a move
    that has begun is brought to its end. Refuses with NOT_FOUND, SEND_AT_IN_PAST, SEND_AT_TOO_FAR and
    IDEMPOTENCY_KEY_REUSED.
    """

    account_id: int
    batch_id: int
    send_at: int
    at: int
    limit: int
    after_id: int = 0
    once: Once | None = None
    quiet: QuietRule | None = None


class Late(NamedTuple):
    """A leased message that must wait for the end of quiet hours, at `until`."""

    message_id: int
    token: int
    until: int


@dataclass(frozen=True, slots=True)
class Postpone(Command[None]):
    """Make claimed messages that nobody has, or may have, `scheduled` again, and tell of it.

    Validity moves along whole. Messages whose lease is no longer this token's, or that a vendor took or may
    have taken, are left alone.
    """

    messages: tuple[Late, ...]
    at: int


@dataclass(frozen=True, slots=True)
class CancelBatch(Command[Step]):
    """Stop up to `limit` messages of a batch that no vendor may have, beginning after the id `after_id`.

    With `once` the first step (`after_id` 0) is made once; its reply, written by the store, says how far the
    steps have come. Refuses with NOT_FOUND and IDEMPOTENCY_KEY_REUSED.
    """

    account_id: int
    batch_id: int
    at: int
    limit: int
    after_id: int = 0
    once: Once | None = None
