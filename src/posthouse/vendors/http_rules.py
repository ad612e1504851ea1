"""Whether an answer means "taken": the small language of the setting `success`.

A condition is `status 202`, `status 200-299`, or a place (`http_places.py`) with `=`, `starts` or `contains`
and a word or a quoted text. `and` joins conditions, a comma separates alternatives. There is no more to it,
so no rule takes long, and none reaches for anything but the answer.
"""

import re
from typing import NamedTuple

from posthouse.vendors.http_places import ANSWER, Place, Token, place, taken, tokens
from posthouse.vendors.http_said import Said

_STATUS = re.compile(r"([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?")
_OPERATORS = ("=", "starts", "contains")


class Condition(NamedTuple):
    """One half-sentence of a rule; `place` is None where it is about the status from `low` to `high`."""

    place: Place | None
    operator: str = ""
    value: str = ""
    low: int = 0
    high: int = 0

    def holds(self, said: Said) -> bool:
        """Whether it is so."""
        if self.place is None:
            return self.low <= said.status <= self.high
        text = (self.place.whole(said) or "").strip()
        match self.operator:
            case "=":
                return text == self.value
            case "starts":
                return text.startswith(self.value)
        return self.value in text


class Rule(NamedTuple):
    """Alternatives, each of one condition or more."""

    alternatives: tuple[tuple[Condition, ...], ...]

    @classmethod
    def parse(cls, text: str, *, where: str) -> "Rule":
        """Read a setting called `where`. Raises ValueError that says what is wrong."""
        left = tokens(text, where)
        alternatives = [_alternative(left, where)]
        while left:
            if left.pop(0) != (False, ","):
                raise ValueError(f"{where}: `and` or a comma is missing between two conditions")
            alternatives.append(_alternative(left, where))
        return cls(tuple(alternatives))

    def holds(self, said: Said) -> bool:
        """Whether one of the alternatives is so, in all of its conditions."""
        return any(all(condition.holds(said) for condition in each) for each in self.alternatives)


def _alternative(left: list[Token], where: str) -> tuple[Condition, ...]:
    found = [_condition(left, where)]
    while left and left[0] == (False, "and"):
        del left[0]
        found.append(_condition(left, where))
    return tuple(found)


def _condition(left: list[Token], where: str) -> Condition:
    if left and left[0] == (False, "status"):
        del left[0]
        word = taken(left, where)
        status = _STATUS.fullmatch(word)
        if status is None:
            raise ValueError(f"{where}: {word[:40]!r} is no HTTP status; write 202 or 200-299")
        return Condition(None, low=int(status[1]), high=int(status[2] or status[1]))
    where_it_stands = place(left, kinds=ANSWER - {"status", "key"}, where=where)
    quoted, operator = left.pop(0) if left else (False, "")
    if quoted or operator not in _OPERATORS:
        raise ValueError(
            f"{where}: one of {', '.join(_OPERATORS)} is missing behind `{where_it_stands.kind}`"
        )
    if not (value := taken(left, where)):
        # Everything starts with nothing: such a rule would take every answer for a yes.
        raise ValueError(f"{where}: nothing to compare with behind {operator}")
    return Condition(where_it_stands, operator, value)
