"""Commands and queries of holding: what a restored backup must not send on a guess waits for an operator."""

from dataclasses import dataclass
from typing import NamedTuple

from posthouse.core.message import State
from posthouse.core.ports.store import Command, Query

HOLDABLE = frozenset({State.SCHEDULED, State.QUEUED, State.UNKNOWN})
"""The states a held message may be in; one that was being sent is `unknown` by then."""


@dataclass(frozen=True, slots=True)
class HoldOpen(Command[int | None]):
    """Take up to `limit` open messages after `after_id` out of every line, and remember when they were due.

    As many pending verifications are canceled: their codes may have been used since, and count no more.
    A started attempt without a verdict becomes unknown; messages that a vendor took go on waiting for
    their receipts, for 72 hours from now. Answers the last id it looked at, None once there is nothing left.
    """

    at: int
    limit: int
    after_id: int = 0


@dataclass(frozen=True, slots=True)
class Release(Command[int]):
    """Put held messages back to where they were, due at once if their time has passed; answers how many.

    Those that are not held are left alone.
    """

    message_ids: tuple[int, ...]
    at: int


@dataclass(frozen=True, slots=True)
class LeapBoot(Command[None]):
    """Raise the boot number by `by`: over all those that were drawn after the backup was taken."""

    by: int


class HeldMessage(NamedTuple):
    """A held message, when something was to happen to it (microseconds UTC), and since when it is held."""

    id: int
    state: State
    due_at: int | None
    look_at: int | None
    held_at: int


@dataclass(frozen=True, slots=True)
class ListHeld(Query[list[HeldMessage]]):
    """Held messages after an id, oldest first; of all states when none is named."""

    states: frozenset[State] = frozenset()
    limit: int = 500
    after_id: int = 0


@dataclass(frozen=True, slots=True)
class CountHeld(Query[dict[State, int]]):
    """How many messages are held, by state; empty when none is."""
