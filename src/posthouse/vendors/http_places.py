"""Where things stand in what came over HTTP: the small language of the settings that say so.

A place is `json data.0.id`, `query name`, `form name`, `header name`, `text` (the whole body), `status` or
`key` (our own reference). `after "ID: "` behind it cuts a piece out, which ends at white space, a quotation
mark or `<`, or where `before ";"` says. Several places with commas between them are tried in turn.
"""

import re
from collections.abc import Collection
from typing import NamedTuple

from posthouse.vendors.http_said import Said, at, word

FOUND_MAX = 200
"""Characters of a reference, a code, a status: what is longer is not what was meant."""

ANSWER = frozenset({"json", "header", "text", "status", "key"})
CALLBACK = frozenset({"json", "query", "form", "header"})
"""Kinds of places in answers and in callbacks."""

_NAMED = frozenset({"json", "query", "form", "header"})
_TOKEN = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([=,])|([^\s,="']+))\s*""")
_PIECE_END = re.compile(r"""[\s"'<]""")


class Place(NamedTuple):
    """Where one thing stands."""

    kind: str
    name: str = ""
    after: str = ""
    before: str = ""

    def raw(self, said: Said) -> bytes | None:
        """The bytes that stand there; None for nothing."""
        if self.kind in {"query", "form"}:
            return (said.query if self.kind == "query" else said.form).get(self.name)
        text = self.whole(said)
        return None if text is None else text.encode(errors="replace")

    def whole(self, said: Said) -> str | None:
        """What stands there, however long; None for nothing."""
        match self.kind:
            case "json":  # first, since a callback may hold a hundred thousand
                text = word(at(said.json, self.name))
            case "header":
                text = said.headers.get(self.name.lower())
            case "status":
                text = str(said.status)
            case "key":
                text = said.key
            case "text":
                text = said.text
            case _:
                raw = self.raw(said)
                text = None if raw is None else raw.decode(errors="replace")
        return text if text is None or not self.after else self._piece(text)

    def find(self, said: Said) -> str | None:
        """What stands there, without white space around it; None for nothing, and for far too much."""
        text = self.whole(said)
        return text if text is not None and 0 < len(text := text.strip()) <= FOUND_MAX else None

    def _piece(self, text: str) -> str | None:
        _, mark, rest = text.partition(self.after)
        if not mark:
            return None
        rest = rest[: FOUND_MAX + 1]
        return rest.partition(self.before)[0] if self.before else _PIECE_END.split(rest, maxsplit=1)[0]


class Places(tuple[Place, ...]):
    """Places to be tried in turn."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str, *, kinds: Collection[str], where: str) -> "Places":
        """Read a setting called `where`; empty for none. Raises ValueError that says what is wrong."""
        left, found = tokens(text, where), list[Place]()
        while left:
            found.append(place(left, kinds=kinds, where=where))
            if left and left.pop(0) != (False, ","):
                raise ValueError(f"{where}: a comma is missing between two places")
        return cls(found)

    def find(self, said: Said) -> str | None:
        """What stands at the first of them that has something."""
        for one in self:
            if (text := one.find(said)) is not None:
                return text
        return None


Token = tuple[bool, str]
"""Whether it was quoted, and what it says."""


def tokens(text: str, where: str) -> list[Token]:
    """The words, quoted texts and signs of a setting."""
    found, end = list[Token](), 0
    while end < len(text):
        token = _TOKEN.match(text, end)
        if token is None:
            raise ValueError(f"{where}: a quotation mark is missing from character {end + 1} on")
        double, single, sign, word = token.groups()
        quoted = double if double is not None else single
        found.append((False, sign or word) if quoted is None else (True, quoted))
        end = token.end()
    return found


def place(left: list[Token], *, kinds: Collection[str], where: str) -> Place:
    """Take one place from the front of the tokens."""
    kind = taken(left, where)
    if kind not in kinds:
        raise ValueError(f"{where}: {kind[:40]!r} is no place; there are {', '.join(sorted(kinds))}")
    name = taken(left, where) if kind in _NAMED else ""
    cuts = {"after": "", "before": ""}
    while left and left[0] in {(False, cut) for cut in cuts}:
        cut = left.pop(0)[1]
        cuts[cut] = taken(left, where)
    if cuts["before"] and not cuts["after"]:
        raise ValueError(f"{where}: `before` needs an `after`")
    return Place(kind, name, **cuts)


def taken(left: list[Token], where: str) -> str:
    """Take one word or quoted text from the front of the tokens."""
    if not left or left[0] in {(False, ","), (False, "=")}:
        raise ValueError(f"{where}: it ends where a word is missing")
    return left.pop(0)[1]
