"""Rules of the platform's operator: which messages go over which channels first, or over no others."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from posthouse.core.message import Lane
from posthouse.core.quiet import QuietHours, quiet_hours

RULES_MAX = 200
"""Each message is held against all of them."""

ENTRIES_MAX = 300
"""Entries of one list of a rule."""

POSITION_MAX = 1_000_000
RECEIPT_MIN_S, RECEIPT_MAX_S = 5, 86_400


@dataclass(frozen=True, slots=True)
class When:
    """Which messages a rule applies to: all that is said must hold, and an empty list says nothing.

    Attributes:
        accounts: by their ids.
        purposes: lanes.
        countries: ISO regions.
        prefixes: what numbers begin with, as `+8613`.
        templates: ids, the account's own or a vendor's.
        hours: of the day, on the configured zone's clocks.
    """

    accounts: frozenset[int] = frozenset()
    purposes: frozenset[Lane] = frozenset()
    countries: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    templates: frozenset[str] = frozenset()
    hours: QuietHours | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; of those that apply, the one with the lowest position decides.

    Attributes:
        channels: names of channels or vendors, in the order in which they are tried.
        only: no others are.
        receipt_within_s: how long a receipt is waited for before another channel is tried; None for as long
            as it takes.
    """

    id: int
    name: str
    position: int
    when: When = When()
    channels: tuple[str, ...] = ()
    only: bool = False
    receipt_within_s: int | None = None

    def place(self, names: Iterable[str]) -> int | None:
        """Where a channel of these names stands in its order, from 0; None where it is not named."""
        places = [self.channels.index(name) for name in names if name in self.channels]
        return min(places, default=None)


@dataclass(frozen=True, slots=True)
class Subject:
    """What rules look at of a message; `number` is E.164."""

    account_id: int
    lane: Lane
    country: str
    number: str
    template_id: str | None


def deciding(rules: Sequence[Rule], subject: Subject, minute: int) -> Rule | None:
    """The rule that decides, the first of these; `minute`: of the day, on the configured zone's clocks."""
    return next((rule for rule in rules if _applies(rule.when, subject, minute)), None)


def _applies(when: When, subject: Subject, minute: int) -> bool:
    return (
        (not when.accounts or subject.account_id in when.accounts)
        and (not when.purposes or subject.lane in when.purposes)
        and (not when.countries or subject.country in when.countries)
        and (not when.prefixes or subject.number.startswith(when.prefixes))
        and (not when.templates or subject.template_id in when.templates)
        and (when.hours is None or _within(when.hours, minute))
    )


def _within(hours: QuietHours, minute: int) -> bool:
    if hours.start < hours.end:
        return hours.start <= minute < hours.end
    return minute >= hours.start or minute < hours.end


def minute_of(at: int, zone: tzinfo) -> int:
    """The minute of the day at this moment (microseconds UTC), on the zone's clocks."""
    local = datetime.fromtimestamp(at // 1_000_000, zone)
    return local.hour * 60 + local.minute


def as_json(rule: Rule) -> str:
    """What is stored of a rule beside its name and position."""
    when = rule.when
    return json.dumps(
        {
            "accounts": sorted(when.accounts),
            "purposes": [lane.label for lane in sorted(when.purposes)],
            "countries": sorted(when.countries),
            "prefixes": list(when.prefixes),
            "templates": sorted(when.templates),
            "hours": None if when.hours is None else str(when.hours),
            "channels": list(rule.channels),
            "only": rule.only,
            "receipt_within_s": rule.receipt_within_s,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def from_json(rule_id: int, name: str, position: int, stored: str) -> Rule:
    """The rule that was stored."""
    of: Mapping[str, Any] = json.loads(stored)
    hours = of.get("hours")
    when = When(
        frozenset(of.get("accounts", ())),
        frozenset(map(Lane.of, of.get("purposes", ()))),
        frozenset(of.get("countries", ())),
        tuple(of.get("prefixes", ())),
        frozenset(of.get("templates", ())),
        None if hours is None else quiet_hours(hours),
    )
    return Rule(
        rule_id,
        name,
        position,
        when,
        tuple(of.get("channels", ())),
        bool(of.get("only")),
        of.get("receipt_within_s"),
    )
