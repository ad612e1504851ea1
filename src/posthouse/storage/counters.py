"""Numbers of the installation: the directory's version, the boots, the fingerprint of the master key."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import bindparam, insert, select, update

from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.admin import NextBoot, NoteSecret
from posthouse.storage.group import Group
from posthouse.storage.schema import counters, fixed
from posthouse.storage.singly import singly
from posthouse.storage.tx import Statement

C = TypeVar("C")
R = TypeVar("R")

_RAISE = Statement(
    update(counters)
    .ordered_values((counters.c.value, counters.c.value + fixed(1)))
    .where(counters.c.name == bindparam("counter"))
    .returning(counters.c.value),
    "counter",
)
_VALUE = Statement(select(counters.c.value).where(counters.c.name == bindparam("counter")), "counter")
_COUNTER = Statement(insert(counters), "name", "value")


def raising_version(do: Callable[[Group, C], R]) -> Callable[[Group, Sequence[C]], list[R | Refusal]]:
    """A handler for commands that are rare: one at a time; together they raise the directory's version."""
    each = singly(do)

    def handle(group: Group, commands: Sequence[C]) -> list[R | Refusal]:
        answers = each(group, commands)
        _raise(group, "directory")
        return answers

    return handle


def note_secret(group: Group, commands: Sequence[NoteSecret]) -> list[Refusal | None]:
    """Remember the first fingerprint; refuse any other."""
    answers: list[Refusal | None] = []
    for command in commands:
        row = group.tx.row(_VALUE, "secret")
        if row is None:
            group.tx.run(_COUNTER, "secret", command.fingerprint)
        answers.append(None if row is None or row[0] == command.fingerprint else Refusal(Code.FORBIDDEN))
    return answers


def next_boot(group: Group, commands: Sequence[NextBoot]) -> list[int]:
    """Count the starts of processes."""
    return [_raise(group, "boot") for _ in commands]


def _raise(group: Group, counter: str) -> int:
    row = group.tx.row(_RAISE, counter)
    if row is None:
        group.tx.run(_COUNTER, counter, 1)
        return 1
    return int(row[0])
