"""What the guard is asked before a code is sent, and what it keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from posthouse.core.guard import Guard, Objection, Rule
from posthouse.core.guard_changes import Changes
from posthouse.core.message import Mode
from posthouse.core.ports.life import Once
from posthouse.core.ports.store import Command, Query

__all__ = ["Asked", "Objection"]

PLATFORM = 0
"""Whose entries hold for every account."""

ENTRIES_MAX = 10_000
"""Entries that an account puts on one of its lists; rules add at most as many of theirs."""

PREFIXES_MAX = 100_000
"""Of the platform's list."""


class Asked(NamedTuple):
    """A code that somebody wants sent.

    Attributes:
        number: E.164.
        kind: the type of number, as `phone.kind` says.
        address: the end user's, as `pumping.address_of` writes it; None: not told.
        price: micro-units that it would cost.
        simulated: nobody would pay for it.
        begins: the verification is new: a resend is counted once more, but converts no worse for it.
        at: now; for a new verification also when it was created.
    """

    account_id: int
    mode: Mode
    number: str
    country: str
    kind: str
    address: str | None
    price: int
    simulated: bool
    begins: bool
    guard: Guard
    at: int


class EntryList(StrEnum):
    """What an entry is for."""

    BLOCK = "block"
    SAFE = "safe"


class EntryKind(StrEnum):
    """What an entry holds for."""

    PREFIX = "prefix"
    ADDRESS = "address"


class Entry(NamedTuple):
    """A prefix (`+23767`) or an address that gets no code, or that no rule is held against.

    Attributes:
        rule: the rule that put it there; None: somebody did.
        mode: of whose keys; None: of both.
        expires_at: None: never.
    """

    row: int
    account_id: int
    list: EntryList
    kind: EntryKind
    value: str
    rule: Rule | None
    mode: Mode | None
    created_at: int
    expires_at: int | None


@dataclass(frozen=True, slots=True)
class SetGuard(Command[Guard]):
    """Change an account's settings; answers them as they are then. Refuses with NOT_FOUND."""

    account_id: int
    changes: Changes


@dataclass(frozen=True, slots=True)
class SaveEntry(Command[bytes | None]):
    """Put an entry on a list; one like it is replaced: of the same account, value, mode and rule.

    Answers the stored reply of a used idempotency key. Refuses with TOO_MANY and IDEMPOTENCY_KEY_REUSED.
    """

    entry: Entry
    once: Once | None = None


@dataclass(frozen=True, slots=True)
class DropEntry(Command[Entry]):
    """Take an entry off its list, by its row; answers what it was. Refuses with NOT_FOUND."""

    account_id: int
    list: EntryList
    row: int


@dataclass(frozen=True, slots=True)
class ListEntries(Query[list[Entry]]):
    """Entries that hold for an account, the platform's included, newest first, below `before_row`.

    `value`: only those of just this prefix or address.
    """

    account_id: int
    list: EntryList
    now: int
    limit: int
    before_row: int | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class ChangePrefixes(Command[None]):
    """Put prefixes on the platform's list and take others off it; what is so already stays so.

    `first_row`: the first of as many ids in a row as there are prefixes to add.
    """

    add: tuple[str, ...]
    remove: tuple[str, ...]
    first_row: int
    at: int


@dataclass(frozen=True, slots=True)
class GetPrefixes(Query[list[str]]):
    """The platform's list of prefixes, in their order."""


@dataclass(frozen=True, slots=True)
class CountObjections(Query[Mapping[Rule, tuple[int, int]]]):
    """How often each rule refused, and would have refused, an account's codes since `since`.

    `mode`: of whose keys; None: of both. Rules that said nothing are left out.
    """

    account_id: int
    since: int
    mode: Mode | None = None
