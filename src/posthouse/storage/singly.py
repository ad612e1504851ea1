"""Handlers for commands that are decided one at a time."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from posthouse.core.errors import Refusal
from posthouse.storage.group import Group

C = TypeVar("C")
R = TypeVar("R")


def singly(do: Callable[[Group, C], R]) -> Callable[[Group, Sequence[C]], list[R | Refusal]]:
    """A handler that does each command in turn; a refusal is an answer, and stops no other."""

    def handle(group: Group, commands: Sequence[C]) -> list[R | Refusal]:
        answers: list[R | Refusal] = []
        for command in commands:
            try:
                answers.append(do(group, command))
            except Refusal as refusal:
                answers.append(refusal)
        return answers

    return handle
