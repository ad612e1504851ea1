"""What one entry of the message catalogue is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class Text:
    """One thing said twice: each language is written for its own readers."""

    en: str
    zh: str

    def of(self, language: Language) -> str:
        """The wording in `language`."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Entry:
    """What we say about one code or reason.

    Attributes:
        title: a few words, without a full stop.
        detail: what is wrong and where, true whatever is known; holds no placeholder.
        action: how to put it right.
        retryable: whether the same request, unchanged, may succeed later.
        precise: better details with `{fact}` placeholders, most precise first; the first whose facts are all
            known replaces `detail`. `{param}`, the field at fault, may stand in any of them.
        instead: the action for precise sentences that `action` does not fit.
        facts: every fact a placeholder may name, with what it holds.
    """

    title: Text
    detail: Text
    action: Text
    retryable: bool = False
    precise: tuple[Text, ...] = ()
    instead: Mapping[Text, Text] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
