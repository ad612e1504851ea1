"""What receipts must make of a message, said once more and shorter than the product says it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

ROUTE_LOCAL = {
    "auth",
    "forbidden",
    "balance",
    "invalid_sender",
    "template",
    "vendor_temporary",
    "rate_limited",
    "unroutable",
}
FINAL = {"delivered", "undelivered", "unconfirmed"}

EDGES = {
    "queued": {"sending", "delivered"},
    "sending": {"sent", "delivered", "undelivered", "queued"},
    "sent": {"delivered", "undelivered", "unconfirmed", "queued"},
    "undelivered": {"delivered"},
    "unconfirmed": {"delivered"},
    "delivered": set[str](),
}
"""Where a message may go from each state, other than nowhere: never back from what a handset has."""


class Word(NamedTuple):
    """A receipt, as far as it matters."""

    attempt: int
    delivered: bool
    part: int = 1
    reason: str = ""
    echoed: bool = False


@dataclass
class Tried:
    """One attempt: `outcome` as the product calls it; `came`: parts that were delivered."""

    outcome: str = "started"
    came: set[int] = field(default_factory=set)
    parked: dict[tuple[bool, int], Word] = field(default_factory=dict)


class Model:
    """One message. Times are microseconds."""

    def __init__(self, parts: int, *, elsewhere: bool, expires_at: int, age_us: int) -> None:
        """`elsewhere`: there is another channel."""
        self.parts, self.elsewhere = parts, elsewhere
        self.tries = [Tried()]
        self.state = "sending"
        self.events: Counter[str] = Counter()
        self._expires_at, self._age_us, self._aged_at = expires_at, age_us, 0

    @property
    def charged(self) -> bool:
        """Whether it was paid for."""
        return any(each.outcome in {"accepted", "delivered", "undelivered"} for each in self.tries)

    def again(self) -> None:
        """The next attempt begins."""
        self.tries.append(Tried())
        self.state = "sending"

    def taken(self, number: int, now: int) -> None:
        """The vendor's yes to this attempt came, and what had come before it counts."""
        tried = self.tries[number - 1]
        if tried.outcome != "started":
            return
        tried.outcome = "accepted"
        if self.state not in FINAL:
            self.state, self._aged_at = "sent", now + self._age_us
        early, tried.parked = tried.parked, {}
        for word in early.values():
            self._apply(word, now, elsewhere=False)

    def hears(self, words: Sequence[Word], now: int) -> None:
        """Receipts of one attempt that came together."""
        number = words[0].attempt
        tried = self.tries[number - 1]
        if tried.outcome == "started" and any(word.echoed for word in words):
            self.taken(number, now)
        for word in words:
            if tried.outcome == "started":
                tried.parked.setdefault((word.delivered, word.part), word)
            else:
                self._apply(word, now, elsewhere=self.elsewhere)

    def ages(self, now: int) -> None:
        """Somebody looks for what was not heard of for too long."""
        if self.state == "sent" and now >= self._aged_at:
            self.state = "unconfirmed"
            self.events["unconfirmed"] += 1

    def _apply(self, word: Word, now: int, *, elsewhere: bool) -> None:
        tried = self.tries[word.attempt - 1]
        if tried.outcome == "delivered":
            return
        if word.delivered:
            tried.came.add(word.part)
            if len(tried.came) == self.parts:
                tried.outcome = self.state = "delivered"
                self.events["delivered"] += 1
        elif tried.outcome == "accepted" and self.state not in FINAL:
            tried.outcome = "undelivered"
            others = {each.outcome for each in self.tries}
            local = elsewhere and word.reason in ROUTE_LOCAL and now < self._expires_at
            if local and self.state == "sent" and others == {"undelivered"}:
                self.state = "queued"
                self.events["resend"] += 1
                return
            self.events["undelivered"] += 1
            if self.state == "sent" and others == {"undelivered"}:
                self.state = "undelivered"
