"""Commands and queries about the operator's routing rules. Every change raises the directory's version."""

from dataclasses import dataclass

from posthouse.core.ports.life import Once
from posthouse.core.ports.store import Command, Query
from posthouse.core.rules import Rule


@dataclass(frozen=True, slots=True)
class SaveRoute(Command[bytes | None]):
    """Write a rule: a new one where its id is 0, else in place of the one with its id; the name stays.

    Answers the stored reply where the idempotency key was used before. Refuses with ALREADY_EXISTS,
    TOO_MANY, NOT_FOUND and IDEMPOTENCY_KEY_REUSED.
    """

    rule: Rule
    at: int
    once: Once | None = None


@dataclass(frozen=True, slots=True)
class DropRoute(Command[None]):
    """Forget a rule. Refuses with NOT_FOUND."""

    name: str


@dataclass(frozen=True, slots=True)
class ListRoutes(Query[list[Rule]]):
    """All rules, in the order in which they are held against messages."""
