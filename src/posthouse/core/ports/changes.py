"""Commands of senders who change their minds: another time for a message, the rest of a batch stopped."""

from dataclasses import dataclass

from posthouse.core.ports.life import Once
from posthouse.core.ports.store import Command


@dataclass(frozen=True, slots=True)
class Reschedule(Command[None]):
    """Move a scheduled message to another time.

    `validity_us` counts from then; None keeps it as long as it was. Refuses with NOT_FOUND and
    NOT_RESCHEDULABLE.
    """

    account_id: int
    message_id: int
    send_at: int
    validity_us: int | None
    at: int


@dataclass(frozen=True, slots=True)
class KeepReply(Command[bytes | None]):
    """Keep the reply to a request whose change is the same however often it is made.

    Answers the reply that was kept before, if any. Refuses with IDEMPOTENCY_KEY_REUSED.
    """

    once: Once
    at: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """What one step stopped; the next begins after the message `looked_to`, unless it is None."""

    canceled: int
    looked_to: int | None


@dataclass(frozen=True, slots=True)
class CancelBatch(Command[Stopped]):
    """Stop up to `limit` messages of a batch that no vendor may have, beginning after the id `after_id`.

    Refuses with NOT_FOUND.
    """

    account_id: int
    batch_id: int
    at: int
    limit: int
    after_id: int = 0
