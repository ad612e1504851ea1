"""Commands of senders who change their minds: another time for a message, the rest of a batch stopped."""

from dataclasses import dataclass

from posthouse.core.ports.life import Once
from posthouse.core.ports.store import Command


@dataclass(frozen=True, slots=True)
class Moved:
    """How a message stood right after its move; `replayed`: a move of before, under the same key."""

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


@dataclass(frozen=True, slots=True)
class Stopped:
    """What one step stopped; the next begins after the message `looked_to`, unless it is None.

    With `replayed` this is what all steps stopped that were made under the same key before.
    """

    canceled: int
    looked_to: int | None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class CancelBatch(Command[Stopped]):
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
