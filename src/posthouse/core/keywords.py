"""Words by which handsets speak to whoever wrote to them: stop, start again, help.

A text is a keyword only as a whole: "I will stop by" is none, nor is "stop please". The words are those of
Twilio's list (https://help.twilio.com/articles/223134027, read 2026-11-22), which is what carriers in North
America ask for, and those that Chinese marketing texts name (回T退订, 拒收请回复R).
"""

import re
import unicodedata
from enum import StrEnum

LOOKED_AT_MAX = 100
"""A text of more characters is no keyword."""


class Keyword(StrEnum):
    """What a handset asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"


WORDS: dict[Keyword, tuple[str, ...]] = {
    # Neither `no` nor `n`, neither `yes` nor `ok`: these answer questions of many kinds.
    Keyword.STOP: (
        *("stop", "stopall", "unsubscribe", "end", "quit", "revoke", "optout", "cancel", "remove"),
        *("arret", "arrete", "arrett"),
        *("t", "td", "r"),
        *("退订", "退订回t", "回t退订", "退订回td", "回td退订", "取消订阅", "拒收", "拒收回r", "回r拒收"),
        *("退訂", "取消訂閱"),
    ),
    Keyword.START: ("start", "unstop", "订阅", "恢复", "恢复订阅", "重新订阅", "訂閱", "恢復", "恢復訂閱"),
    Keyword.HELP: ("help", "info", "aide", "帮助", "幫助"),
}

_KEYWORDS = {word: keyword for keyword, words in WORDS.items() for word in words}

_SIGNATURE = re.compile(r"【[^】]*】")
_AROUND = frozenset("PSZCM")
"""First letters of the categories of punctuation, symbols, blanks, invisible characters and marks."""


def keyword_of(text: str) -> Keyword | None:
    """What the text asks for, if it is a keyword and nothing else.

    Case, width and accents make no difference, nor do blanks and hyphens, nor punctuation, quotes and a
    【signature】 around it.
    """
    return None if len(text) > LOOKED_AT_MAX else _KEYWORDS.get(_folded(text))


def _folded(text: str) -> str:
    flat = unicodedata.normalize("NFKD", text).casefold()
    flat = "".join(char for char in flat if not unicodedata.category(char).startswith(("M", "C", "Z", "Pd")))
    signed = _SIGNATURE.match(flat)
    behind = _bare(flat[signed.end() :]) if signed else ""
    return behind or _bare(flat)


def _bare(text: str) -> str:
    """Without what is neither letter nor digit at both ends."""
    kept = [place for place, char in enumerate(text) if unicodedata.category(char)[0] not in _AROUND]
    return text[kept[0] : kept[-1] + 1] if kept else ""
