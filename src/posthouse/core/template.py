"""Logical templates: a text with named places, and what may be put into them.

`{name}` is a place, `{{` and `}}` are braces; there is no expression language. A name is letters, digits and
underscores of any script, so that `{code}`, `{1}` and `{姓名}` are all places.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Lane
from posthouse.core.text import PARTS_MAX, TextProblem, forbidden, measure, problem, with_signature

TEXT_MAX = 1_530
"""Characters of a template's text as it is written: ten parts of GSM-7."""

VARIABLES_MAX = 50
NAME_MAX = 40
VALUE_MAX = 1_000
USUAL_LENGTH = 64
"""The longest value of a variable that declares no length of its own."""


class Variable(NamedTuple):
    """A named place, and the longest value it may get, in characters."""

    name: str
    max_length: int = USUAL_LENGTH


class Binding(NamedTuple):
    """A vendor's own template that says the same.

    Attributes:
        template_id: the vendor's id.
        parameters: (the vendor's name of a parameter, our variable), in the vendor's order; a vendor that
            takes its parameters by position calls them `1`, `2` and so on.
    """

    template_id: str
    parameters: tuple[tuple[str, str], ...] = ()

    def filled(self, params: Mapping[str, str]) -> dict[str, str]:
        """The vendor's parameters, in its order."""
        return {theirs: params[ours] for theirs, ours in self.parameters}


@dataclass(frozen=True, slots=True)
class Template:
    """One version of a logical template.

    Attributes:
        bindings: approved ones of this very version, by the vendor's or channel's name.
        deleted: it sends nothing any more, and its id is not used again.
    """

    id: str
    kind: Lane
    version: int
    text: str
    signature: str | None = None
    variables: tuple[Variable, ...] = ()
    bindings: Mapping[str, Binding] = field(default_factory=dict)
    deleted: bool = False

    def fill(self, params: Mapping[str, str], *, param: str = "params") -> str:
        """The text with its places filled.

        Refuses, by the variable's name below `param`, with MISSING_PARAM, UNKNOWN_PARAM and INVALID_PARAM.
        """
        if len(params) != len(self.variables):
            raise _misnamed(self.variables, params, param)
        for name, limit in self.variables:
            value = params.get(name)
            if value is None:
                raise _misnamed(self.variables, params, param)
            # Letters and digits are what most values are, and are told fastest.
            if len(value) > limit or not (value.isalnum() or _INJECTED.search(value) is None):
                raise _faulty(name, value, limit, param)
        return render(self.text, params)

    def filled_before(self, params: Mapping[str, str]) -> str:
        """The same of parameters that were checked when the message was accepted."""
        return render(self.text, params)


def render(text: str, values: Mapping[str, str]) -> str:
    """A template's text with its places filled, unchecked; every place must have a value."""
    pieces = list(_pieces(text))
    pieces[1::2] = [values[name] for name in pieces[1::2]]
    return "".join(pieces)


class Place(NamedTuple):
    """Where a variable stands in a text: from `start` until before `end`, braces included."""

    name: str
    start: int
    end: int


def places(text: str) -> tuple[Place, ...]:
    """Where the variables of a text stand, in order. Refuses as `names` does."""
    names(text)
    return tuple(
        Place(found["name"], *found.span()) for found in _BRACE.finditer(text) if found["name"] is not None
    )


def literal(text: str) -> str:
    """What a text says by itself: with all its places empty."""
    return "".join(_parsed(text)[::2])


def check(text: str, *, signature: str | None = None, param: str = "text") -> None:
    """Refuse the text of a template that could not be sent, whatever its variables hold.

    Refuses with INVALID_TEXT (a control character), INVALID_TEMPLATE, EMPTY_TEXT, TEXT_TOO_LONG (more parts
    than a message may have, even with empty values) and INVALID_VALUE (more than `TEXT_MAX` characters as it
    is written). A signature within the text is no fault, since it is sent as it stands: `lint` warns of it.
    """
    if culprit := forbidden(text):
        raise Refusal(Code.INVALID_TEXT, param=param, **culprit.facts())
    if not names(text) and problem(text, country=_ANYWHERE) is TextProblem.EMPTY:
        raise Refusal(Code.EMPTY_TEXT, param=param)
    shortest = with_signature(literal(text), signature)
    if problem(shortest, country=_ANYWHERE) is TextProblem.TOO_LONG:
        parts = measure(shortest, country=_ANYWHERE).parts
        raise Refusal(Code.TEXT_TOO_LONG, param=param, parts=parts, limit=PARTS_MAX)
    if len(text) > TEXT_MAX:
        raise Refusal(Code.INVALID_VALUE, param=param, length_max=TEXT_MAX)


def names(text: str) -> tuple[str, ...]:
    """The variables of a text, each once, in the order they first appear.

    Refuses with INVALID_TEMPLATE (`fault`: `brace`, `name` or `many`; `position` from 1).
    """
    found = tuple(dict.fromkeys(_parsed(text)[1::2]))
    if len(found) > VARIABLES_MAX:
        raise Refusal(Code.INVALID_TEMPLATE, param="text", fault="many", limit=VARIABLES_MAX)
    return found


def variables_of(text: str, lengths: Mapping[str, int] | None = None) -> tuple[Variable, ...]:
    """The variables of a text, with the lengths that are declared for them.

    Refuses with INVALID_TEMPLATE, with UNKNOWN_PARAM (a length for a name that the text does not have) and
    with INVALID_VALUE (a length out of range).
    """
    found, lengths = names(text), lengths or {}
    for name, length in lengths.items():
        if name not in found:
            raise Refusal(Code.UNKNOWN_PARAM, param=f"variables.{name[:NAME_MAX]}", known=_listed(found))
        if not 1 <= length <= VALUE_MAX:
            raise Refusal(Code.INVALID_VALUE, param=f"variables.{name}", minimum=1, maximum=VALUE_MAX)
    return tuple(Variable(name, lengths.get(name, USUAL_LENGTH)) for name in found)


@lru_cache(maxsize=4096)
def _pieces(text: str) -> tuple[str, ...]:
    """Of a text that messages are rendered from: kept, and so only of those that passed `check`."""
    return _parsed(text)


def _parsed(text: str) -> tuple[str, ...]:
    """Literal, name, literal, name … literal."""
    pieces: list[str] = []
    between: list[str] = []
    end = 0
    for found in _BRACE.finditer(text):
        between.append(text[end : found.start()])
        end = found.end()
        token = found[0]
        if token in ("{{", "}}"):
            between.append(token[0])
        elif found["name"] is None:
            raise Refusal(Code.INVALID_TEMPLATE, param="text", fault="brace", position=found.start() + 1)
        elif not _NAME.fullmatch(found["name"]):
            raise Refusal(Code.INVALID_TEMPLATE, param="text", fault="name", position=found.start() + 1)
        else:
            pieces += ["".join(between), found["name"]]
            between.clear()
    pieces.append("".join(between) + text[end:])
    return tuple(pieces)


_BRACE = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}]*)\}|[{}]")
_NAME = re.compile(rf"\w{{1,{NAME_MAX}}}")
_INJECTED = re.compile("[【】\ufe3b\ufe3c\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
"""What would let a value pass for a signature (the upright forms too) or for another message."""
_ANYWHERE = ""
"""No country with rules of its own."""


def _misnamed(variables: Sequence[Variable], params: Mapping[str, str], param: str) -> Refusal:
    known = dict(variables)
    listed = _listed(tuple(known))
    for name in known:
        if params.get(name) is None:
            return Refusal(Code.MISSING_PARAM, param=f"{param}.{name}", known=listed)
    strange = next(name for name in params if name not in known)
    return Refusal(Code.UNKNOWN_PARAM, param=f"{param}.{strange[:NAME_MAX]}", known=listed)


def _listed(known: Sequence[str]) -> str:
    return ", ".join(known)


def _faulty(name: str, value: str, limit: int, param: str) -> Refusal:
    where = f"{param}.{name}"
    if len(value) > limit:
        return Refusal(Code.INVALID_PARAM, param=where, length=len(value), limit=limit)
    injected = _INJECTED.search(value)
    fault = "line_break" if injected is not None and injected[0].isspace() else "brackets"
    return Refusal(Code.INVALID_PARAM, param=where, fault=fault)
