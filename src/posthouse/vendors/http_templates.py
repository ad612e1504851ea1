"""Texts with places to fill in, for requests that are described by configuration.

`{name}` stands for a value, `{name|filter}` for one that is coded first, `{{` and `}}` for braces. There are
no expressions, so a template can say nothing but the values in its list; and what surrounds a value decides
how it is escaped, so a value never becomes syntax.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape

Values = Mapping[str, str | None]
"""What the names stand for; None and missing `params.…` are nothing."""

PARAMS = "params."
"""In front of the name of a parameter of the caller's template."""

_TOKEN = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]")
_PLACE = re.compile(r"\{\s*([\w.\-]+)\s*(?:\|\s*(\w+)\s*)?\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def _url(value: str) -> str:
    return quote(value, safe="")


_as_json = json.JSONEncoder(ensure_ascii=False).encode  # `json.dumps` makes one for every text


def _in_json(value: str) -> str:
    return _as_json(value)[1:-1]


def _xml(value: str) -> str:
    return escape(value, {'"': "&quot;", "'": "&apos;"})


def _header(value: str) -> str:
    """A line break would begin another header."""
    return _CONTROL.sub(" ", value)


Escape = Callable[[str], str]

FILTERS: Mapping[str, Escape] = {
    "url": _url,
    "json": _as_json,
    "xml": _xml,
    "hex_utf16": lambda value: value.encode("utf-16-be").hex().upper(),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
}

ESCAPES: Mapping[str, Escape] = {
    "url": _url,
    "json": _in_json,
    "xml": _xml,
    "header": _header,
    "plain": lambda value: value,
}
"""By what surrounds a value; in `json` it stands between quotation marks that the template has."""


class _Place(NamedTuple):
    name: str
    code: Escape | None
    empty: str
    escape: Escape

    def filled(self, values: Values) -> str:
        value = values.get(self.name)
        if value is None:
            return self.empty
        return self.escape(value if self.code is None else self.code(value))


class Template:
    """One text; `fill` puts values into it."""

    def __init__(
        self, text: str, *, names: AbstractSet[str], around: str, where: str, start: int = 0
    ) -> None:
        """Compile it. `around`: a key of `ESCAPES`; `start`: characters of the setting `where` before it.

        Raises ValueError that says what is wrong and at which character, from 1.
        """
        self._parts: list[str | _Place] = []
        end = 0
        for token in _TOKEN.finditer(text):
            self._parts.append(text[end : token.start()])
            end = token.end()
            told = token[0]
            if told in {"{{", "}}"}:
                self._parts.append(told[0])
                continue
            at = f"{where}, character {start + token.start() + 1}"
            if len(told) == 1:
                raise ValueError(
                    f"{at}: a {told} without its other half; write {told * 2} for the brace itself"
                )
            self._parts.append(_place(told, names=names, around=around, at=at))
        self._parts.append(text[end:])
        self._parts = [part for part in self._parts if part]

    @property
    def names(self) -> frozenset[str]:
        """The values that it needs."""
        return frozenset(part.name for part in self._parts if isinstance(part, _Place))

    def fill(self, values: Values) -> str:
        """The text with its values."""
        return "".join([part if isinstance(part, str) else part.filled(values) for part in self._parts])


class Pairs:
    """`name=value` pairs joined by `&`, as in a query or a form.

    A pair whose value is one place is left out where there is nothing to put there: many vendors refuse an
    empty `from=`.
    """

    def __init__(self, text: str, *, names: AbstractSet[str], where: str, start: int = 0) -> None:
        """Compile it; arguments and errors as for `Template`."""
        self._pairs: list[tuple[Template, str | None]] = []
        for pair in text.split("&"):
            whole = _PLACE.fullmatch(pair.partition("=")[2])
            template = Template(pair, names=names, around="url", where=where, start=start)
            self._pairs.append((template, whole[1] if whole else None))
            start += len(pair) + 1

    @property
    def names(self) -> frozenset[str]:
        """The values that they need."""
        return frozenset[str]().union(*(template.names for template, _ in self._pairs))

    def fill(self, values: Values) -> str:
        """The pairs with their values, those with none left out."""
        return "&".join(
            template.fill(values) for template, name in self._pairs if name is None or values.get(name)
        )


def _place(told: str, *, names: AbstractSet[str], around: str, at: str) -> _Place:
    found = _PLACE.fullmatch(told)
    if found is None:
        raise ValueError(f"{at}: {told[:40]} is no placeholder; write {{name}} or {{name|filter}}")
    name, filter_ = found.groups()
    known = PARAMS in names if name.startswith(PARAMS) and name != PARAMS else name in names - {PARAMS}
    if not known:
        raise ValueError(f"{at}: there is no {{{name}}} here; there are {', '.join(sorted(names))}")
    if filter_ is not None and filter_ not in FILTERS:
        raise ValueError(f"{at}: there is no filter {filter_}; there are {', '.join(FILTERS)}")
    if filter_ == around == "json":
        # A whole JSON value, its own quotation marks included.
        return _Place(name, FILTERS["json"], "null", ESCAPES["plain"])
    # What escapes for these surroundings anyway is not done twice.
    return _Place(name, None if filter_ in {None, around} else FILTERS[filter_ or ""], "", ESCAPES[around])
