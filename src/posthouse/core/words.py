"""Words that an account's messages must not hold."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from operator import add

from posthouse.core.errors import Code, Refusal
from posthouse.core.text import forbidden, invisible

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
        shortest = list(_shortest(self._words))
        lengths: dict[str, set[int]] = {}
        for word in shortest:
            lengths.setdefault(word[:_HEAD], set()).add(len(word))
        self._lengths = {head: tuple(sorted(found)) for head, found in lengths.items()}
        self._begun = {
            word[:length] for word in shortest for length in _shorter(self._lengths[word[:_HEAD]], len(word))
        }

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
            if (word := self._word_at(folded, start, self._lengths[head])) is not None:
                return word
        return None

    def _word_at(self, folded: str, start: int, lengths: Sequence[int]) -> str | None:
        """The word that begins here: halved among its possible lengths, of which there may be fifty."""
        low, high = 0, len(lengths)
        while low < high:
            middle = (low + high) // 2
            part = folded[start : start + lengths[middle]]
            if part in self._words:
                return part
            if part in self._begun:
                low = middle + 1
            else:
                high = middle
        return None


_HEAD = 2


def _shortest(words: Iterable[str]) -> Iterator[str]:
    """Without those that begin with another one, which is found in their place."""
    last = None
    for word in sorted(words):
        if last is None or not word.startswith(last):
            last = word
            yield word


def _shorter(lengths: Sequence[int], wanted: int) -> Iterator[int]:
    """The lengths that a search by halves looks at, and goes beyond, on its way to one of them."""
    low, high = 0, len(lengths)
    while low < high:
        middle = (low + high) // 2
        if lengths[middle] < wanted:
            yield lengths[middle]
            low = middle + 1
        else:
            high = middle


def words_of(given: Sequence[str]) -> tuple[str, ...]:
    """A list of words as it may be stored, each once, in the order they were given.

    A word is one line that shows something. Refuses with INVALID_VALUE and INVALID_TEXT by place: `words[3]`.
    """
    words = tuple(dict.fromkeys(given))
    if len(words) > WORDS_MAX:
        raise Refusal(Code.INVALID_VALUE, param="words", items_max=WORDS_MAX)
    for index, word in enumerate(given):
        _check_word(word, f"words[{index}]")
    return words


def _check_word(word: str, param: str) -> None:
    if all(char.isspace() or invisible(char) for char in word):
        raise Refusal(Code.INVALID_VALUE, param=param, kind="filled")
    if len(word) > WORD_MAX:
        raise Refusal(Code.INVALID_VALUE, param=param, length_max=WORD_MAX)
    if (culprit := forbidden(word)) is not None:
        raise Refusal(Code.INVALID_TEXT, param=param, **culprit.facts())
    if word.splitlines() != [word]:
        raise Refusal(Code.INVALID_VALUE, param=param)


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
