"""The guard, as acceptance asks it: what its rules have against a code, and what is counted of it.

Commands come one at a time, so what a rule counts is what was accepted: no bound is overshot.
"""

from collections.abc import Iterator
from typing import NamedTuple

from posthouse.core.guard import Objection, Rule, RuleMode
from posthouse.core.ports.guard import Asked, Entry, EntryKind, EntryList
from posthouse.core.ports.otp import Verification
from posthouse.core.pumping import (
    DAY_US,
    HOUR_US,
    SLICE_US,
    Counted,
    Tally,
    converts_badly,
    frees_at,
    prefixes,
    seconds_until,
    slice_of,
    ten_thousand,
    thousand,
)
from posthouse.storage import guard_counts
from posthouse.storage.guard_entries import Match, block, forget_expired, matching
from posthouse.storage.tx import Tx


class Weighed(NamedTuple):
    """What the rules say: the objection that refuses, and those that only would have."""

    refused: Objection | None = None
    shadowed: tuple[Rule, ...] = ()


def weigh(tx: Tx, asked: Asked) -> Weighed:
    """Hold the rules against a code that is wanted; what trips a rule is blocked, and counted."""
    guard = asked.guard
    only_noted = asked.simulated and guard.simulator is not RuleMode.ENFORCE
    said: dict[Rule, Counted] = {}
    refused: Objection | None = None
    for finding in _Weighing(tx, asked).findings():
        rule = finding.rule
        if only_noted or guard.rules[rule].mode is RuleMode.SHADOW:
            said[rule] = Counted.SHADOWED
            continue
        refused = _hold_up(tx, asked, finding)
        said[rule] = Counted.REFUSED
        break
    if not said:
        return _NOTHING
    guard_counts.add_objections(tx, (asked.account_id, asked.mode._value_), said, asked.at)
    return Weighed(refused, tuple(rule for rule, each in said.items() if each is Counted.SHADOWED))


_NOTHING = Weighed()


class _Finding(NamedTuple):
    """What one rule has to say.

    Attributes:
        until: when that may be over; None: not by itself.
        blocked: it stands on a list.
        blocks: what goes onto the list for it.
    """

    rule: Rule
    until: int | None = None
    blocked: bool = False
    of_address: bool = False
    blocks: str | None = None


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
            # What somebody put there by hand holds even for what is safe.
            rule = entry.rule or Rule.BLOCKLIST
            if not entry.safe and self._on(rule) and (entry.rule is None or not safe):
                yield _Finding(rule, entry.expires_at, blocked=True, of_address=entry.of_address)
        if not safe:
            yield from self._counted()

    def _counted(self) -> Iterator[_Finding]:
        """What is against it by what was sent before."""
        asked = self._asked
        prefix, range_ = thousand(asked.number), ten_thousand(asked.number)
        subjects = [prefix, range_] if asked.address is None else [prefix, range_, asked.address]
        tallies = self._counts.tallies(subjects)
        for rule, counted, subject in (
            (Rule.VELOCITY_PREFIX, Counted.PREFIX, prefix),
            (Rule.VELOCITY_RANGE, Counted.RANGE, range_),
            (Rule.VELOCITY_ADDRESS, Counted.ADDRESS, asked.address),
        ):
            if counted in tallies and self._on(rule):
                yield from self._velocity(rule, counted, subject or "", tallies[counted].sent)
        account = self._rules[Rule.VELOCITY_ACCOUNT]
        if account.per_hour is not None and self._on(Rule.VELOCITY_ACCOUNT):
            sent, _ = self._counts.of_account(HOUR_US)
            yield from self._velocity(Rule.VELOCITY_ACCOUNT, Counted.ACCOUNT, "", sent)
        if self._on(Rule.SPEND):
            yield from self._spend()
        if self._on(Rule.CONVERSION):
            for counted, subject in ((Counted.PREFIX, prefix), (Counted.RANGE, range_)):
                if counted in tallies:
                    yield from self._conversion(counted, subject, tallies[counted])

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
            yield _Finding(rule, until, of_address=of_address, blocks=subject or None)

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

    def _conversion(self, counted: Counted, subject: str, own: Tally) -> Iterator[_Finding]:
        country, min_sends = self._asked.country, self._rules[Rule.CONVERSION].min_sends
        if min_sends is None or own.begun < min_sends:
            return
        everywhere = self._counts.tallies([country]).get(Counted.COUNTRY, own)
        if converts_badly(own, everywhere, min_sends):
            slices = self._counts.slices(counted, subject, HOUR_US, "begun")
            excess, kept_us = own.begun + 1 - min_sends, HOUR_US + SLICE_US[counted]
            yield _Finding(Rule.CONVERSION, frees_at(slices, excess=excess, kept_us=kept_us), blocks=subject)


_RULES = {rule: place for place, rule in enumerate(Rule)}


def _precedence(entry: Match) -> tuple[int, bool, int]:
    place = -1 if entry.rule is None else _RULES[entry.rule]
    return place, entry.expires_at is not None, -(entry.expires_at or 0)


def count_sent(tx: Tx, asked: Asked) -> None:
    """Count a code that was accepted."""
    whose, begun = (asked.account_id, asked.mode._value_), int(asked.begins)
    subjects = [
        (Counted.PREFIX, thousand(asked.number), 0),
        (Counted.RANGE, ten_thousand(asked.number), 0),
        (Counted.COUNTRY, asked.country, 0),
        (Counted.ACCOUNT, "", asked.price),
    ]
    if asked.address is not None:
        subjects.append((Counted.ADDRESS, asked.address, 0))
    guard_counts.add(
        tx,
        [
            (*whose, counted._value_, subject, slice_of(counted, asked.at), 1, begun, 0, spent)
            for counted, subject, spent in subjects
        ],
    )


def count_verified(tx: Tx, verification: Verification) -> None:
    """Count a code that came to be used, where its sending was counted."""
    if verification.fixed is not None:
        return
    whose, number = (verification.account_id, verification.mode), verification.number
    guard_counts.add(
        tx,
        [
            (*whose, counted._value_, subject, slice_of(counted, verification.created_at), 0, 0, 1, 0)
            for counted, subject in (
                (Counted.PREFIX, thousand(number)),
                (Counted.RANGE, ten_thousand(number)),
                (Counted.COUNTRY, verification.country),
            )
        ],
    )


def count_ended(tx: Tx, verification: Verification, channel_id: int, *, verified: bool) -> None:
    """Count a verification that is over, by the hour it began and the channel that took its code last.

    Channel 0: none did. Test numbers do not count.
    """
    if verification.fixed is not None:
        return
    begun_at = verification.created_at
    guard_counts.add_ended(
        tx,
        verification.account_id,
        begun_at - begun_at % HOUR_US,
        verification.country,
        ten_thousand(verification.number),
        channel_id,
        verification.mode,
        verified=verified,
    )


def forget_counts(tx: Tx, now: int, limit: int) -> int:
    """Drop up to `limit` counters that no rule needs any more, and entries that have expired; how many."""
    entries = forget_expired(tx, now, limit)
    return entries + guard_counts.forget_old(tx, now, limit - entries)
