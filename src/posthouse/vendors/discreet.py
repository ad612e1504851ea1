"""Vendors' words without what a message says and to whom: a refusal may quote the text, or a whole request.

Words that repeat a piece of the message, escaped for an address or for JSON or not, are dropped as a whole.
So are a few that only look like it: the reason stays, and the code nearly always.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import unquote_plus

from posthouse.core.ports.vendor import Outbound
from posthouse.core.verdict import Accepted, Deferred, Refused, Verdict

WORDS_MAX = 500
"""Characters that are kept. Adapters hand over more: half a code would not be found, and says enough."""
DROPPED = "…"

# Of the shortest code, of a phrase that is no vendor's by chance, and of a number's end.
_PIECE, _PHRASE, _TAIL = 4, 16, 7
_RUN = re.compile(r"[A-Za-z0-9\x80-\U0010ffff]+")
_TELLING = re.compile(r"[0-9\x80-\U0010ffff]")
_DIGITS = re.compile(r"[0-9]{4,}")
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\+?[0-9](?:[ ().\-]{0,2}[0-9]){6,}")
_ESCAPES = 3
"""How often one escaped text is put into another, at most."""
_JSON_CHAR = re.compile(r"\\+u([0-9a-fA-F]{4})")


class _Said(NamedTuple):
    """What the messages of a call say."""

    values: frozenset[str]
    pieces: frozenset[str]
    phrases: frozenset[str]
    words: frozenset[str]
    tails: frozenset[str]

    def within(self, told: str) -> bool:
        """Whether it holds anything of that."""
        return (
            any(value in told for value in self.values)
            or not self.pieces.isdisjoint(_windows(told, _PIECE))
            or not self.phrases.isdisjoint(_windows(told, _PHRASE))
            or not self.words.isdisjoint(_WORD.findall(told))
        )

    def numbers(self, told: str) -> bool:
        """Whether it holds the end of a number."""
        return not self.tails.isdisjoint(_windows(re.sub(r"[^0-9]", "", told), _TAIL))

    def mask(self, found: re.Match[str]) -> str:
        """A number without all but its last digits, where it is one of theirs."""
        return f"****{found[0][-4:]}" if self.numbers(found[0]) else found[0]


def discreet(verdicts: Sequence[Verdict], batch: Sequence[Outbound] = ()) -> list[Verdict]:
    """The verdicts with the vendor's words cut to what may be kept; `batch`: all that one call carried."""
    if all(isinstance(verdict, Accepted) for verdict in verdicts):
        return list(verdicts)
    said, kept = _said(batch), dict[str, str]()

    def keep(words: str) -> str:
        if words not in kept:
            kept[words] = _kept(words, said)
        return kept[words]

    found = list[Verdict]()
    for verdict in verdicts:
        if isinstance(verdict, Refused | Deferred):
            # Codes are single words and of few digits: only a whole piece of the message says anything.
            code = DROPPED if any(value in verdict.code for value in said.values) else verdict.code
            found.append(replace(verdict, code=_NUMBER.sub(said.mask, code), text=keep(verdict.text)))
        elif isinstance(verdict, Accepted):
            found.append(verdict)
        else:
            found.append(replace(verdict, detail=keep(verdict.detail)))
    return found


def _said(batch: Sequence[Outbound]) -> _Said:
    params = {value for each in batch for value in (each.params or {}).values()}
    texts = {each.text for each in batch if each.text is not None}
    runs = {run for value in params | texts for run in _RUN.findall(value) if _TELLING.search(run)}
    return _Said(
        values=frozenset(
            {value for value in params | texts if len(value) >= _PIECE}.union(*map(_DIGITS.findall, runs))
        ),
        pieces=frozenset(piece for run in runs for piece in _windows(run, _PIECE) if _TELLING.search(piece)),
        phrases=frozenset(piece for text in params | texts for piece in _windows(text, _PHRASE)),
        words=frozenset(value for value in params if 0 < len(value) < _PIECE),
        tails=frozenset(each.to[-_TAIL:] for each in batch),
    )


def _kept(words: str, said: _Said) -> str:
    masked = _NUMBER.sub(said.mask, words)
    if any(said.within(form) or said.numbers(form) for form in _forms(masked)):
        return DROPPED
    return masked[:WORDS_MAX]


def _forms(words: str) -> Iterator[str]:
    """The words as they stand, and what they were before somebody escaped them."""
    yield words
    for _ in range(_ESCAPES):
        before = html.unescape(unquote_plus(_JSON_CHAR.sub(_char, words))).replace("\\", "")
        if before == words:
            return
        yield (words := before)


def _char(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))


def _windows(text: str, size: int) -> Iterator[str]:
    return (text[at : at + size] for at in range(len(text) - size + 1))
