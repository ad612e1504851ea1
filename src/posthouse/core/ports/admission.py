"""Who gets no message: suppressed numbers, and those that had as many as their sender allows."""

from dataclasses import dataclass
from typing import NamedTuple

from posthouse.core.errors import Refusal
from posthouse.core.limits import RecipientLimits
from posthouse.core.message import Lane, Mode
from posthouse.core.ports.life import NewBatch, Once
from posthouse.core.ports.store import Command, Query


class Suppression(NamedTuple):
    """A number that an account does not write to; `lane` None: for no purpose at all."""

    row: int
    number: str
    lane: Lane | None
    reason: str | None
    created_at: int


@dataclass(frozen=True, slots=True)
class Suppress(Command[bytes | None]):
    """Put a number on the list. Answers the stored reply where the idempotency key was used before.

    Refuses with ALREADY_EXISTS (the same number for the same purpose) and IDEMPOTENCY_KEY_REUSED.
    """

    account_id: int
    suppression: Suppression
    once: Once | None = None


@dataclass(frozen=True, slots=True)
class Unsuppress(Command[None]):
    """Take one off the list, by its row. Refuses with NOT_FOUND."""

    account_id: int
    row: int


@dataclass(frozen=True, slots=True)
class GetSuppression(Query[Suppression | None]):
    """One entry of the list, by its row."""

    account_id: int
    row: int


@dataclass(frozen=True, slots=True)
class ListSuppressions(Query[list[Suppression]]):
    """Entries below the row `before_row`, newest first; only those of `number`, where it is given."""

    account_id: int
    limit: int
    number: str | None = None
    before_row: int | None = None


class Recipient(NamedTuple):
    """To whom, and for which purpose."""

    number: str
    lane: Lane


@dataclass(frozen=True, slots=True)
class Admit(Command[list[Refusal | None]]):
    """Before a batch is accepted: who of it may get a message; those that may are counted at once.

    One answer for each recipient, in order: None, RECIPIENT_SUPPRESSED or RECIPIENT_LIMITED. Messages of
    test keys are counted apart from live ones (`mode`). The batch is stored out of everyone's sight, as by
    `Stage`; with `DropStaged`, what was counted for it goes too. Its `count` and `amount` may still change.
    """

    batch: NewBatch
    mode: Mode
    recipients: tuple[Recipient, ...]
    limits: tuple[tuple[Lane, RecipientLimits], ...]


@dataclass(frozen=True, slots=True)
class FindSuppressed(Query[list[bool]]):
    """Of each recipient, in order, whether it is on the account's list."""

    account_id: int
    recipients: tuple[Recipient, ...]
