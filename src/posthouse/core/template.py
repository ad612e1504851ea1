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

TEXT_MAX = 1_530
"""Characters of a template's text: ten parts of GSM-7."""

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
            _refuse_names(self.variables, params, param)
        pieces = list(_pieces(self.text))
        values: dict[str, str] = {}
        for name, limit in self.variables:
            value = params.get(name)
            if value is None:
                _refuse_names(self.variables, params, param)
            elif len(value) > limit or _INJECTED.search(value) is not None:
                raise _faulty(name, value, limit, param)
            else:
                values[name] = value
        pieces[1::2] = [values[name] for name in pieces[1::2]]
        return "".join(pieces)

    def filled_before(self, params: Mapping[str, str]) -> str:
        """The same of parameters that were checked when the message was accepted."""
        pieces = list(_pieces(self.text))
        pieces[1::2] = [params[name] for name in pieces[1::2]]
        return "".join(pieces)


def names(text: str) -> tuple[str, ...]:
    """The variables of a text, each once, in the order they first appear.

    Refuses with INVALID_TEMPLATE (`fault`: `brace`, `name` or `many`; `position` from 1).
    """
    found = tuple(dict.fromkeys(_pieces(text)[1::2]))
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
    """Literal, name, literal, name … literal."""
    pieces: list[str] = []
    literal: list[str] = []
    end = 0
    for found in _BRACE.finditer(text):
        literal.append(text[end : found.start()])
        end = found.end()
        token = found[0]
        if token in ("{{", "}}"):
            literal.append(token[0])
        elif found["name"] is None:
            raise Refusal(Code.INVALID_TEMPLATE, param="text", fault="brace", position=found.start() + 1)
        elif not _NAME.fullmatch(found["name"]):
            raise Refusal(Code.INVALID_TEMPLATE, param="text", fault="name", position=found.start() + 1)
        else:
            pieces += ["".join(literal), found["name"]]
            literal.clear()
    pieces.append("".join(literal) + text[end:])
    return tuple(pieces)


_BRACE = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}]*)\}|[{}]")
_NAME = re.compile(rf"\w{{1,{NAME_MAX}}}")
_INJECTED = re.compile("[【】\n\r\v\f\x85\u2028\u2029]")
"""What would let a value pass for a signature or for another message."""


def _refuse_names(variables: Sequence[Variable], params: Mapping[str, str], param: str) -> None:
    known = [variable.name for variable in variables]
    for name in known:
        if name not in params:
            raise Refusal(Code.MISSING_PARAM, param=f"{param}.{name}", known=_listed(known))
    for name in params:
        if name not in known:
            raise Refusal(Code.UNKNOWN_PARAM, param=f"{param}.{name[:NAME_MAX]}", known=_listed(known))


def _listed(known: Sequence[str]) -> str:
    return ", ".join(known)


def _faulty(name: str, value: str, limit: int, param: str) -> Refusal:
    where = f"{param}.{name}"
    if len(value) > limit:
        return Refusal(Code.INVALID_PARAM, param=where, length=len(value), limit=limit)
    injected = _INJECTED.search(value)
    fault = "brackets" if injected is not None and injected[0] in "【】" else "line_break"
    return Refusal(Code.INVALID_PARAM, param=where, fault=fault)
