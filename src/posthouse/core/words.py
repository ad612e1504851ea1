"""Words that an account's messages must not hold."""

import unicodedata
from collections.abc import Iterable

from posthouse.core.errors import Code, Refusal

WORDS_MAX = 10_000
WORD_MAX = 50


class WordList:
    """Finds the first of its words in a text, however it is cased, full-width or half."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        """`words` as an operator writes them."""
        by_first: dict[str, list[str]] = {}
        for word in words:
            if folded := _folded(word):
                by_first.setdefault(folded[0], []).append(folded)
        self._by_first = {first: tuple(sorted(found, key=len)) for first, found in by_first.items()}

    def __bool__(self) -> bool:
        return bool(self._by_first)

    def check(self, text: str, *, param: str | None) -> None:
        """Refuse with SENSITIVE_WORD (`word`) a text that holds one."""
        if not self._by_first:
            return
        folded = _folded(text)
        for start, char in enumerate(folded):
            words = self._by_first.get(char)
            if words is not None and folded.startswith(words, start):
                word = next(word for word in words if folded.startswith(word, start))
                raise Refusal(Code.SENSITIVE_WORD, param=param, word=word)


def _folded(text: str) -> str:
    """Compatibility forms, cases, and characters that show nothing are all one."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if unicodedata.category(char) != "Cf")
