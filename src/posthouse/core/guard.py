"""The guard against pumping: who asks for codes only to have them paid for, and what holds them up.

The rules, their settings and what they say; how numbers are judged is in `core/pumping.py`, and what they
are judged by is gathered by the store. The names of rules are public. Sources of the bounds: the guides of
Twilio (Fraud Guard, 12 h blocks of prefixes) and Vonage (velocity and conversion a network) on inflated
traffic.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from posthouse.core.errors import Code, Fact, Refusal

if TYPE_CHECKING:
    from posthouse.core.ports.guard import Asked


class Rule(StrEnum):
    """What is looked at, in this order."""

    COUNTRY = "country"
    NUMBER_TYPE = "number_type"
    BLOCKLIST = "blocklist"
    VELOCITY_PREFIX = "velocity_prefix"
    VELOCITY_RANGE = "velocity_range"
    VELOCITY_ADDRESS = "velocity_address"
    VELOCITY_ACCOUNT = "velocity_account"
    SPEND = "spend"
    CONVERSION = "conversion"


class RuleMode(StrEnum):
    """Whether a rule refuses, only notes what it would refuse, or is not asked."""

    ENFORCE = "enforce"
    SHADOW = "shadow"
    OFF = "off"


class RuleSetting(NamedTuple):
    """One rule as an account has it.

    Attributes:
        per_hour: codes in any hour (velocity); None: no bound.
        block_s: how long what tripped the rule stays blocked.
        types: kinds of numbers that get no code (number_type).
        min_sends: verifications before a prefix is judged (conversion).
    """

    mode: RuleMode = RuleMode.ENFORCE
    per_hour: int | None = None
    block_s: int | None = None
    types: frozenset[str] = frozenset()
    min_sends: int | None = None


USUAL: Mapping[Rule, RuleSetting] = MappingProxyType(
    {
        Rule.COUNTRY: RuleSetting(),
        Rule.NUMBER_TYPE: RuleSetting(
            types=frozenset({"premium_rate", "shared_cost", "uan", "voicemail", "pager"})
        ),
        Rule.BLOCKLIST: RuleSetting(),
        Rule.VELOCITY_PREFIX: RuleSetting(per_hour=30, block_s=3_600),
        Rule.VELOCITY_RANGE: RuleSetting(per_hour=90, block_s=3_600),
        Rule.VELOCITY_ADDRESS: RuleSetting(per_hour=60, block_s=3_600),
        Rule.VELOCITY_ACCOUNT: RuleSetting(),
        Rule.SPEND: RuleSetting(),
        Rule.CONVERSION: RuleSetting(min_sends=20, block_s=43_200),
    }
)
"""The settings of an account that has changed nothing."""


class Guard(NamedTuple):
    """An account's settings.

    Attributes:
        countries: ISO regions whose numbers get codes; None: all.
        simulator: whether the usual bounds refuse simulated sends too, or only note them (`notes_only`).
        spend_hour, spend_day: micro-units; None: no bound.
    """

    countries: frozenset[str] | None = None
    simulator: RuleMode = RuleMode.SHADOW
    spend_hour: int | None = None
    spend_day: int | None = None
    rules: Mapping[Rule, RuleSetting] = USUAL

    def notes_only(self, rule: Rule, *, simulated: bool) -> bool:
        """Whether what a rule has to say refuses nothing.

        Nobody pays for a simulated code, so there the usual bounds do not stand in anybody's way: what the
        account has set itself, or put on a list, does.
        """
        if self.rules[rule].mode is RuleMode.SHADOW:
            return True
        usual = self.rules[rule] == USUAL[rule] and rule not in _WISHED_FOR
        return simulated and usual and self.simulator is not RuleMode.ENFORCE


_WISHED_FOR = frozenset({Rule.COUNTRY, Rule.BLOCKLIST, Rule.SPEND})
"""Rules that say nothing unless somebody has named countries, entries or amounts."""

UNCHANGED_GUARD = Guard()


class Objection(NamedTuple):
    """What a rule has against a code being sent.

    Attributes:
        retry_after_s: when that may be over; None where time does not help.
        blocked: its prefix or address is on a list; otherwise this one code would be too many.
        of_address: it is about the end user's address and not about the number.
    """

    rule: Rule
    retry_after_s: int | None = None
    blocked: bool = False
    of_address: bool = False


def refusal(objection: Objection, asked: "Asked") -> Refusal:
    """What to tell a caller whose code an objection holds up."""
    if objection.rule is Rule.COUNTRY:
        return Refusal(Code.COUNTRY_NOT_ALLOWED, param="to", country=asked.country)
    if objection.rule is Rule.NUMBER_TYPE:
        return Refusal(Code.NUMBER_TYPE_NOT_ALLOWED, param="to")
    facts: dict[str, Fact] = {"rule": objection.rule.value}
    if objection.retry_after_s is not None:
        facts["retry_after_s"] = objection.retry_after_s
    code = Code.GUARD_BLOCKED if objection.blocked else Code.GUARD_LIMITED
    return Refusal(code, param=_PARAMS.get(objection.rule, "ip" if objection.of_address else "to"), **facts)


_PARAMS: Mapping[Rule, None] = {Rule.VELOCITY_ACCOUNT: None, Rule.SPEND: None}
"""Rules that no field of one request is at fault for."""


def as_json(guard: Guard) -> str | None:
    """As it is stored: what differs from the usual; None for nothing."""
    changed: dict[str, Any] = {}
    if guard.countries is not None:
        changed["countries"] = sorted(guard.countries)
    if guard.simulator is not UNCHANGED_GUARD.simulator:
        changed["simulator"] = guard.simulator.value
    for name in ("spend_hour", "spend_day"):
        if (amount := getattr(guard, name)) is not None:
            changed[name] = amount
    rules = {rule.value: _plain(setting) for rule, setting in guard.rules.items() if setting != USUAL[rule]}
    if rules:
        changed["rules"] = rules
    return json.dumps(changed, separators=(",", ":")) if changed else None


def from_json(stored: str | None) -> Guard:
    """The settings that were stored."""
    if stored is None:
        return UNCHANGED_GUARD
    given = json.loads(stored)
    countries = given.get("countries")
    rules = {Rule(name): _setting(each) for name, each in given.get("rules", {}).items()}
    return Guard(
        None if countries is None else frozenset(countries),
        RuleMode(given.get("simulator", UNCHANGED_GUARD.simulator)),
        given.get("spend_hour"),
        given.get("spend_day"),
        {**USUAL, **rules},
    )


def _plain(setting: RuleSetting) -> dict[str, Any]:
    return setting._asdict() | {"types": sorted(setting.types)}


def _setting(plain: dict[str, Any]) -> RuleSetting:
    return RuleSetting(**plain | {"mode": RuleMode(plain["mode"]), "types": frozenset(plain["types"])})
