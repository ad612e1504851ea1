"""Words that an account's messages must not hold."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from operator import add

from posthouse.core.errors import Code, Refusal
from posthouse.core.text import invisible

WORDS_MAX = 10_000
WORD_MAX = 50


class WordList:
    """Finds one of its words in a text: in any case or width, and with what shows nothing in between."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        """`words` as an operator writes them, each on one line."""
        written = "\n".join(words)
        # All at once: that is many times faster than one by one.
        folded = map(str.strip, _folded(written).split("\n"))
        self._words = {word: given for word, given in zip(folded, written.split("\n"), strict=True) if word}
        self._letters = frozenset(word for word in self._words if len(word) == 1)
        lengths: dict[str, set[int]] = {}
        for word in self._words:
            lengths.setdefault(word[:2], set()).add(len(word))
        self._lengths = {head: tuple(sorted(found)) for head, found in lengths.items()}

    def __bool__(self) -> bool:
        return bool(self._words)

    def check(self, text: str, *, param: str | None) -> None:
        """Refuse with SENSITIVE_WORD (`word`, as the operator wrote it) a text that holds one."""
        if self._words and (found := self._found(_folded(text))) is not None:
            raise Refusal(Code.SENSITIVE_WORD, param=param, word=self._words[found])

    def _found(self, folded: str) -> str | None:
        if not self._letters.isdisjoint(folded):
            return next(char for char in folded if char in self._letters)
        # By two characters, of which nearly all begin no word; then by the lengths of those that they begin.
        heads = enumerate(map(add, folded, folded[1:]))
        for start, head in [found for found in heads if found[1] in self._lengths]:
            for length in self._lengths[head]:
                if (word := folded[start : start + length]) in self._words:
                    return word
        return None


def _folded(text: str) -> str:
    """Compatibility forms, cases, and characters that show nothing are all one."""
    if not text.isascii():
        if hidden := [char for char in set(text) if _hidden(char)]:
            text = text.translate(dict.fromkeys(map(ord, hidden)))
        text = unicodedata.normalize("NFKC", text)
    # Folding can take letters apart that belong together.
    return unicodedata.normalize("NFKC", text.casefold())


@lru_cache(maxsize=8192)
def _hidden(char: str) -> bool:
    return invisible(char) and not char.isspace()
