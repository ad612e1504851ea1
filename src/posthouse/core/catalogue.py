"""Refusals in words: the message catalogue in English and Simplified Chinese.

The entries themselves stand in `core/catalogue_entries/`, by topic. Here a refusal meets its entry.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from posthouse.core.catalogue_entries import CATALOGUE, REASONS, Entry, Language, Text
from posthouse.core.catalogue_entries.words import WORDS
from posthouse.core.errors import Code, Refusal

__all__ = [
    "CATALOGUE",
    "REASONS",
    "Described",
    "Entry",
    "Explained",
    "Language",
    "Text",
    "entries",
    "entries_of",
    "explain",
    "negotiate",
]


@dataclass(frozen=True, slots=True)
class Explained:
    """A refusal in one language, ready for a dialect to lay out."""

    code: Code
    title: str
    detail: str
    suggested_action: str
    param: str | None
    retryable: bool


def explain(refusal: Refusal, language: Language) -> Explained:
    """Put `refusal` into words; never raises, whatever its facts hold or lack."""
    entry = CATALOGUE[refusal.code]
    param = _shown(refusal.param) if refusal.param else None
    known = {
        name: _worded(name, refusal.facts[name], language) for name in entry.facts if name in refusal.facts
    }
    known["param"] = param
    sentence = next(
        (text for text in entry.precise if _needs(text.of(language)) <= _told(known)), entry.detail
    )
    return Explained(
        code=refusal.code,
        title=entry.title.of(language),
        detail=_filled(sentence.of(language), known, language),
        suggested_action=entry.instead.get(sentence, entry.action).of(language),
        param=param,
        retryable=entry.retryable,
    )


@dataclass(frozen=True, slots=True)
class Described:
    """A code or a reason in one language, whatever the case: what a reference says of it.

    A *code* is why we refused a request; a *reason* is why a vendor or carrier refused a message.
    """

    name: str
    kind: Literal["code", "reason"]
    title: str
    detail: str
    suggested_action: str
    retryable: bool


def entries(language: Language) -> tuple[Described, ...]:
    """The whole catalogue: the codes in the order of a request's way, then the reasons."""
    return (
        *_described("code", CATALOGUE.items(), language),
        *_described("reason", REASONS.items(), language),
    )


def entries_of(name: str, language: Language) -> tuple[Described, ...]:
    """What is called `name`: a code, a reason, one of each (`rate_limited`), or nothing."""
    return tuple(entry for entry in entries(language) if entry.name == name)


def _described(
    kind: Literal["code", "reason"], found: Iterable[tuple[str, Entry]], language: Language
) -> Iterable[Described]:
    for name, entry in found:
        title, detail, action = (text.of(language) for text in (entry.title, entry.detail, entry.action))
        yield Described(str(name), kind, title, detail, action, entry.retryable)


def _filled(sentence: str, known: dict[str, str | None], language: Language) -> str:
    param = known["param"]
    # One pass over the template: braces inside a value are text like any other.
    filled = _PLACEHOLDER.sub(lambda found: known[found[1]] or "", sentence)
    if param is None or "param" in _needs(sentence):
        return filled
    return f"{filled}字段：{param}。" if language == "zh" else f"{filled} Field: {param}."


_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def _needs(sentence: str) -> set[str]:
    return set(_PLACEHOLDER.findall(sentence))


def _told(known: dict[str, str | None]) -> set[str]:
    return {name for name, value in known.items() if value is not None}


_INTEGER_MAX = 10**12
_SHOWN_MAX = 120
_LONG_NUMBER = re.compile(r"\d{8,}(?!\.?\d)")  # an amount goes on behind its point


def _worded(name: str, value: object, language: Language) -> str | None:
    """One fact as the reader should see it, or None where it says nothing usable."""
    if isinstance(value, int):
        if abs(value) > _INTEGER_MAX:
            return None
        return str(value) if language == "zh" else f"{value:,}"
    if not isinstance(value, str) or not value:
        return None
    if name in WORDS:
        word = WORDS[name].get(value)
        return None if word is None else word.of(language)
    return _shown(value)


def _shown(value: str) -> str:
    """A caller's or our own word made harmless: short, printable, and no phone number.

    Services pass no phone numbers, but an unknown field's *name* is the caller's to choose.
    """
    head = _LONG_NUMBER.sub("****", value[: _SHOWN_MAX + 1])
    printable = "".join(character if character.isprintable() else "?" for character in head)
    return printable if len(value) <= _SHOWN_MAX else f"{printable[:_SHOWN_MAX]}…"


_HEADER_MAX = 200
_RANGE = re.compile(
    r"\s*(?P<tag>\*|[a-z]{1,8}(?:[-_][a-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*(?P<q>0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?",
    re.ASCII | re.IGNORECASE,
)


def negotiate(accept_language: str | None) -> Language:
    """The language to answer in, by an `Accept-Language` header (RFC 9110, 12.5.4); English by default.

    Between equal weights a named language beats `*`, and the one named first beats the other. Ranges we
    cannot read are skipped; of a header over 200 characters only the whole ranges in the first 200 count.
    """
    header = accept_language or ""
    if len(header) > _HEADER_MAX:
        header = header[:_HEADER_MAX].rpartition(",")[0]
    wishes: dict[str, tuple[float, int, int]] = {}
    for position, item in enumerate(header.split(",")):
        found = _RANGE.fullmatch(item)
        if found is None:
            continue
        language = re.split("[-_]", found["tag"].lower())[0]
        wish = (float(found["q"] or 1), int(language != "*"), -position)
        wishes[language] = max(wish, wishes.get(language, wish))
    anything = wishes.get("*", (0.0, 0, 0))
    chinese, english = wishes.get("zh", anything), wishes.get("en", anything)
    return "zh" if chinese[0] > 0 and chinese > english else "en"
