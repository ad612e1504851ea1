"""What an account lets pass, checked before it is stored: its limits, and the words it does not."""

from collections.abc import Sequence

from posthouse.core.errors import Code, Refusal
from posthouse.core.limits import LIMIT_MAX, Limits
from posthouse.core.text import forbidden, invisible
from posthouse.core.words import WORD_MAX, WORDS_MAX


def check_limits(limits: Limits) -> None:
    """Refuse with INVALID_VALUE a limit that is not from 1 to `LIMIT_MAX`."""
    for lane, each in limits.items():
        for window, limit in each._asdict().items():
            if limit is not None and not 1 <= limit <= LIMIT_MAX:
                param = f"recipient_limits.{lane.label}.{window}"
                raise Refusal(Code.INVALID_VALUE, param=param, minimum=1, maximum=LIMIT_MAX)


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
