"""What vendors say, cut to what is stored of it: their words are untrusted, and have no end by themselves."""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from posthouse.core.verdict import Accepted, Receipt, Reply, Unknown, Verdict

REFERENCE_MAX, CODE_MAX, NUMBER_MAX, TEXT_MAX = 200, 100, 16, 10_000
PARTS_MAX = 255
"""As many as a message's parts are numbered."""

_MINUTE_US = 60_000_000

# Halves of characters, which no encoding has, and the character that ends texts elsewhere.
_BROKEN = re.compile("[\ud800-\udfff\0]")
_MAY_BREAK = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")


def json_of(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    """JSON whose texts can all be stored.

    Raises:
        ValueError, RecursionError: it is none.
    """
    told = json.loads(body)
    return _mended(told) if _MAY_BREAK.search(body) else told


def bounded(verdict: Verdict, exchange: str | None = None) -> Verdict:
    """A verdict whose reference can be stored; one without a usable reference is not known to be taken.

    `exchange`: the call that it comes from, where it does not say so itself.
    """
    exchange = exchange or verdict.exchange
    if not isinstance(verdict, Accepted):
        return replace(verdict, exchange=exchange)
    reference, others = verdict.reference, verdict.others
    if not 0 < len(reference) <= REFERENCE_MAX or (others and not _usable(others)):
        return Unknown("taken, under a reference that cannot be used", exchange)
    return Accepted(reference, verdict.parts, others, exchange)


def _usable(others: Sequence[str]) -> bool:
    return len(others) < PARTS_MAX and all(0 < len(each) <= REFERENCE_MAX for each in others)


def receipts_of(receipts: Iterable[Receipt]) -> list[Receipt]:
    """Those whose reference and number may be ours."""
    return [
        replace(each, code=each.code[:CODE_MAX]) if len(each.code) > CODE_MAX else each
        for each in receipts
        if len(each.reference) <= REFERENCE_MAX
        and len(each.recipient) <= NUMBER_MAX
        and 1 <= each.part <= each.parts <= PARTS_MAX
    ]


def replies_of(replies: Iterable[Reply], *, now: int) -> list[Reply]:
    """Those that come from a number; of a text without end the beginning.

    One without a reference is told from others by its words, and if the vendor says no time either, by the
    minute of `now`, microseconds UTC: later the same words are said once more, such as a second STOP.
    """
    return [
        replace(each, text=each.text[:TEXT_MAX], reference=each.reference or _named(each, now))
        if len(each.text) > TEXT_MAX or not each.reference
        else each
        for each in replies
        if 0 < len(each.sender) <= NUMBER_MAX and len(each.reference) <= REFERENCE_MAX
    ]


def _named(reply: Reply, now: int) -> str:
    said = f"{reply.sender}\n{reply.at or now // _MINUTE_US}\n{reply.text}"
    return hashlib.sha256(said.encode(errors="surrogatepass")).hexdigest()[:32]


def _mended(told: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(told, str):
        return _BROKEN.sub("\ufffd", told)
    if isinstance(told, list):
        return [_mended(each) for each in told]
    if isinstance(told, dict):
        return {_BROKEN.sub("\ufffd", name): _mended(each) for name, each in told.items()}
    return told
