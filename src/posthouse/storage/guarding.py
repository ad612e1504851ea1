"""The guard, as acceptance asks it: what its rules have against a code, and what is counted of it.

Commands come one at a time, so what a rule counts is what was accepted: no bound is overshot.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from posthouse.core.guard import Objection, Rule, RuleMode
from posthouse.core.limits import DAY_US
from posthouse.core.ports.guard import Asked, Entry, EntryKind, EntryList
from posthouse.core.ports.otp import Verification
from posthouse.core.pumping import (
    HOUR_US,
    SLICE_US,
    Counted,
    Tally,
    converts_badly,
    frees_at,
    is_conspicuous,
    peopled,
    prefixes,
    seconds_until,
    slice_of,
    ten_thousand,
    thousand,
    within,
)
from posthouse.storage import guard_counts
from posthouse.storage.guard_entries import Match, block, forget_expired, matching
from posthouse.storage.tx import Tx


class Weighed(NamedTuple):
    """What the rules say of a code: the objection that refuses it, or those that only would have."""

    refused: Objection | None = None
    shadowed: tuple[Rule, ...] = ()


def weigh(tx: Tx, asked: Asked) -> Weighed:
    """Hold the rules against a code that is wanted; what refuses it is counted, what trips a rule blocked.

    Nothing is written otherwise: the code may yet be refused for something else. See `count_sent`.
    """
    guard = asked.guard
    said: dict[Rule, Counted] = {}
    for finding in _Weighing(tx, asked).findings():
        rule = finding.rule
        if guard.notes_only(rule, simulated=asked.simulated) and not finding.of_platform:
            said[rule] = Counted.SHADOWED
            continue
        refused = _hold_up(tx, asked, finding)
        said[rule] = Counted.REFUSED
        guard_counts.add_objections(tx, (asked.account_id, asked.mode._value_), said, asked.at)
        return Weighed(refused)
    return Weighed(shadowed=tuple(said)) if said else _NOTHING


_NOTHING = Weighed()


class _Finding(NamedTuple):
    """What one rule has to say.

    Attributes:
        until: when that may be over; None: not by itself.
        blocked: it stands on a list.
        blocks: what goes onto the list for it.
        of_platform: the account has no say in it.
    """

    rule: Rule
    until: int | None = None
    blocked: bool = False
    of_address: bool = False
    blocks: str | None = None
    of_platform: bool = False


def _hold_up(tx: Tx, asked: Asked, finding: _Finding) -> Objection:
    """The objection that refuses; what tripped the rule is put on the list, if there is room.

    It stays there at least until the hour has room again: else it would trip the rule once more.
    """
    rule, at, of_address = finding.rule, asked.at, finding.of_address
    block_s = asked.guard.rules[rule].block_s
    if finding.blocks is not None and block_s is not None:
        kind = EntryKind.ADDRESS if of_address else EntryKind.PREFIX
        until = max(at + block_s * 1_000_000, finding.until or 0)
        entry = Entry(
            0,
            asked.account_id,
            EntryList.BLOCK,
            kind,
            finding.blocks,
            rule,
            asked.mode,
            at,
            until,
        )
        if block(tx, entry):
            return Objection(rule, seconds_until(until, at), blocked=True, of_address=of_address)
    return Objection(rule, seconds_until(finding.until, at), finding.blocked, of_address)


class _Weighing:
    """One code under the rules' eyes. What a rule needs is looked up when it is its turn."""

    def __init__(self, tx: Tx, asked: Asked) -> None:
        self._tx = tx
        self._asked = asked
        self._rules = asked.guard.rules
        self._counts = guard_counts.Whose(tx, asked.account_id, asked.mode.value, asked.at)
        self._ranges: dict[str, Tally] | None = None

    def findings(self) -> Iterator[_Finding]:
        """What there is against it, in the order of the rules; looked for as long as it is asked."""
        asked, guard = self._asked, self._asked.guard
        if self._on(Rule.COUNTRY) and guard.countries is not None and asked.country not in guard.countries:
            yield _Finding(Rule.COUNTRY)
        if self._on(Rule.NUMBER_TYPE) and asked.kind in self._rules[Rule.NUMBER_TYPE].types:
            yield _Finding(Rule.NUMBER_TYPE)
        entries = self._entries()
        safe = any(entry.safe for entry in entries)
        for entry in entries:
            # What somebody put there by hand holds even for what is safe; the platform's for whoever asks.
            rule = entry.rule or Rule.BLOCKLIST
            holds = entry.of_platform or self._on(rule)
            if not entry.safe and holds and (entry.rule is None or not safe):
                yield _Finding(
                    rule,
                    entry.expires_at,
                    blocked=True,
                    of_address=entry.of_address,
                    of_platform=entry.of_platform,
                )
        if not safe:
            yield from self._counted()

    def _counted(self) -> Iterator[_Finding]:
        """What is against it by what was sent before."""
        asked = self._asked
        subjects = _subjects(asked.number, asked.country)
        if asked.address is not None:
            subjects[Counted.ADDRESS] = asked.address
        tallies = self._counts.tallies(subjects)
        for rule, counted in _VELOCITY:
            if counted in tallies and self._on(rule):
                yield from self._velocity(rule, counted, subjects[counted], tallies[counted].sent)
        account = self._rules[Rule.VELOCITY_ACCOUNT]
        if account.per_hour is not None and self._on(Rule.VELOCITY_ACCOUNT):
            of_hour, _ = self._counts.of_account(HOUR_US)
            yield from self._velocity(Rule.VELOCITY_ACCOUNT, Counted.ACCOUNT, "", of_hour.sent)
        if self._on(Rule.SPEND):
            yield from self._spend()
        if self._on(Rule.CONVERSION):
            for counted in (Counted.PREFIX, Counted.RANGE):
                if counted in tallies:
                    yield from self._conversion(counted, subjects, tallies[counted])

    def _on(self, rule: Rule) -> bool:
        return self._rules[rule].mode is not RuleMode.OFF

    def _entries(self) -> list[Match]:
        """Those that hold for it: by hand first, then in the order of the rules; what lasts longest first."""
        asked = self._asked
        values = prefixes(asked.number)
        if asked.address is not None:
            values.append(asked.address)
        found = matching(self._tx, asked.account_id, asked.mode, values, asked.at)
        if len(found) > 1:
            found.sort(key=_precedence)
        return found

    def _velocity(self, rule: Rule, counted: Counted, subject: str, sent: int) -> Iterator[_Finding]:
        limit = self._rules[rule].per_hour
        if limit is not None and (excess := sent + 1 - limit) > 0:
            slices = self._counts.slices(counted, subject, HOUR_US, "sent")
            until = frees_at(slices, excess=excess, kept_us=HOUR_US + SLICE_US[counted])
            of_address = counted is Counted.ADDRESS
            yield _Finding(rule, until, of_address=of_address, blocks=self._blocked(counted))

    def _spend(self) -> Iterator[_Finding]:
        guard, price = self._asked.guard, self._asked.price
        ends: list[int | None] = []
        for cap, window_us in ((guard.spend_hour, HOUR_US), (guard.spend_day, DAY_US)):
            if cap is None:
                continue
            excess = self._counts.of_account(window_us)[1] + price - cap
            if excess > 0:
                slices = self._counts.slices(Counted.ACCOUNT, "", window_us, "spent")
                kept_us = window_us + SLICE_US[Counted.ACCOUNT]
                ends.append(frees_at(slices, excess=excess, kept_us=kept_us))
        if ends:
            yield _Finding(Rule.SPEND, None if None in ends else max(end for end in ends if end is not None))

    def _blocked(self, counted: Counted) -> str | None:
        """What goes onto the list where there is too much of it; None: nothing does."""
        asked = self._asked
        if counted is Counted.ADDRESS:
            return asked.address
        return _PREFIXES[counted](asked.number) if counted in _PREFIXES else None

    def _conversion(
        self, counted: Counted, subjects: Mapping[Counted, str], own: Tally
    ) -> Iterator[_Finding]:
        min_sends = self._rules[Rule.CONVERSION].min_sends
        if min_sends is None or not is_conspicuous(own, min_sends):
            return
        others = self._others(subjects[Counted.RANGE], own)
        if converts_badly(own, others, lambda: self._counts.of_account(DAY_US)[0], min_sends):
            slices = self._counts.slices(counted, subjects[counted], HOUR_US, "begun")
            until = frees_at(slices, excess=own.begun + 1 - min_sends, kept_us=HOUR_US + SLICE_US[counted])
            yield _Finding(Rule.CONVERSION, until, blocks=self._blocked(counted))

    def _others(self, range_: str, own: Tally) -> Tally:
        """The country's ranges that people may be behind, without what is compared with them."""
        ranges = self._ranges
        if ranges is None:
            ranges = self._ranges = self._counts.ranges(self._asked.country)
        around = ranges.get(range_, own)
        begun, verified = around.begun - own.begun, around.verified - own.verified
        rest = Tally(0, max(begun, 0), max(verified, 0))
        return peopled((ranges | {range_: rest}).values())


_PREFIXES = {Counted.PREFIX: thousand, Counted.RANGE: ten_thousand}
_VELOCITY = (
    (Rule.VELOCITY_PREFIX, Counted.PREFIX),
    (Rule.VELOCITY_RANGE, Counted.RANGE),
    (Rule.VELOCITY_ADDRESS, Counted.ADDRESS),
)
_RULES = {rule: place for place, rule in enumerate(Rule)}


def _precedence(entry: Match) -> tuple[int, bool, int]:
    place = -1 if entry.rule is None else _RULES[entry.rule]
    return place, entry.expires_at is not None, -(entry.expires_at or 0)


def _subjects(number: str, country: str) -> dict[Counted, str]:
    """What a number is counted under."""
    return {Counted.PREFIX: thousand(number), Counted.RANGE: within(country, ten_thousand(number))}


def count_sent(tx: Tx, asked: Asked, shadowed: Iterable[Rule]) -> None:
    """Count a code that was accepted, and the rules that would have refused it."""
    whose, begun = (asked.account_id, asked.mode._value_), int(asked.begins)
    subjects = _subjects(asked.number, asked.country) | {Counted.ACCOUNT: ""}
    if asked.address is not None:
        subjects[Counted.ADDRESS] = asked.address
    guard_counts.add(
        tx,
        [
            (
                *whose,
                counted._value_,
                subject,
                slice_of(counted, asked.at),
                1,
                begun,
                0,
                asked.price if counted is Counted.ACCOUNT else 0,
            )
            for counted, subject in subjects.items()
        ],
    )
    if shadowed:
        guard_counts.add_objections(tx, whose, dict.fromkeys(shadowed, Counted.SHADOWED), asked.at)


def count_verified(tx: Tx, verification: Verification) -> None:
    """Count a code that came to be used, where its sending was counted."""
    if verification.fixed is not None:
        return
    whose = (verification.account_id, verification.mode)
    subjects = _subjects(verification.number, verification.country) | {Counted.ACCOUNT: ""}
    guard_counts.add(
        tx,
        [
            (*whose, counted._value_, subject, slice_of(counted, verification.created_at), 0, 0, 1, 0)
            for counted, subject in subjects.items()
        ],
    )


def forget_counts(tx: Tx, now: int, limit: int) -> int:
    """Drop up to `limit` counters that no rule needs any more, and entries that have expired; how many."""
    entries = forget_expired(tx, now, limit)
    return entries + guard_counts.forget_old(tx, now, limit - entries)
