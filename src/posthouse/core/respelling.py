"""Texts that a few characters keep out of GSM-7: where these stand, and how GSM-7 could spell them."""

import unicodedata
from dataclasses import dataclass

from posthouse.core.text import Culprit, Encoding, invisible, measure

POSITIONS_MAX = 100


@dataclass(frozen=True, slots=True)
class Misfit:
    """A character that forced UCS-2.

    `positions` count code points from 0, the first 100. `instead` is what GSM-7 could show in its place
    (empty: nothing is lost without it); None where nothing would do.
    """

    char: str
    name: str
    positions: tuple[int, ...]
    instead: str | None


def misfits(text: str, culprits: tuple[Culprit, ...]) -> tuple[Misfit, ...]:
    """The culprits of a text's measure, everywhere they stand."""
    return tuple(_misfit(text, culprit) for culprit in culprits)


def respelled(text: str) -> str:
    """The text with every character that GSM-7 has not, and has a likeness of, replaced."""
    return "".join(char if _fits(char) else _instead(char, char) for char in text)


def respell(char: str) -> str | None:
    """What GSM-7 has in place of a character that it has not; None if nothing."""
    known = _ALIKE.get(char)
    if known is not None:
        return known
    if unicodedata.category(char) == "Zs":
        return " "
    if invisible(char) or "\u0300" <= char <= "\u036f":  # a loose accent: its letter stays
        return ""
    if unicodedata.decomposition(char).startswith(("<super>", "<sub>")):
        return None  # 10² is not 102
    plain = unicodedata.normalize("NFKC", char)
    if not _fits(plain):
        letters = unicodedata.normalize("NFKD", char)
        plain = "".join(each for each in letters if not unicodedata.combining(each))
    return plain if plain.strip() and _fits(plain) else None


def _misfit(text: str, culprit: Culprit) -> Misfit:
    char = culprit.char
    positions: list[int] = []
    at = culprit.position
    while at >= 0 and len(positions) < POSITIONS_MAX:
        positions.append(at)
        at = text.find(char, at + 1)
    return Misfit(char, unicodedata.name(char, "UNNAMED CHARACTER"), tuple(positions), respell(char))


def _instead(char: str, otherwise: str) -> str:
    found = respell(char)
    return otherwise if found is None else found


def _fits(text: str) -> bool:
    return measure(text, country=_ANYWHERE).encoding is Encoding.GSM7


_ANYWHERE = ""
"""No country with rules of its own."""

_ALIKE = {
    "\u2018": "'",
    "\u2019": "'",
    "\u201a": "'",
    "\u201b": "'",
    "\u2032": "'",
    "\u02bc": "'",
    "\u00b4": "'",
    "`": "'",
    "\u2039": "<",
    "\u203a": ">",
    "\u201c": '"',
    "\u201d": '"',
    "\u201e": '"',
    "\u201f": '"',
    "\u2033": '"',
    "\u00ab": '"',
    "\u00bb": '"',
    "\u2010": "-",
    "\u2011": "-",
    "\u2012": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2015": "-",
    "\u2212": "-",
    "\u2026": "...",
    "\u2022": "-",
    "\u00b7": ".",
    "\u00d7": "x",
    "\u00f7": "/",
    "\u00a9": "(C)",
    "\u00ae": "(R)",
    "\u2122": "(TM)",
    "\u2044": "/",
    "\u00a6": "|",
    "\u0131": "i",
    "\u0142": "l",
    "\u0141": "L",
    "\u0111": "d",
    "\u0110": "D",
    "\u0152": "OE",
    "\u0153": "oe",
    "\u00a0": " ",
    "\u3001": ",",
    "\u3002": ".",
    "\u2028": "\n",
    "\u2029": "\n",
    "\t": " ",
}
"""Characters with a likeness that Unicode's own decompositions do not know, or spell otherwise."""
