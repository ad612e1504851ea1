"""Changes to an account's guard: what may be said of which rule, and within which bounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from posthouse.core.errors import Code, Refusal
from posthouse.core.guard import Guard, Rule, RuleMode
from posthouse.core.ledger import AMOUNT_MAX
from posthouse.core.number_kinds import KINDS
from posthouse.core.phone import REGIONS

PER_HOUR_MAX = 1_000_000
BLOCK_MIN_S, BLOCK_MAX_S = 60, 2_592_000
MIN_SENDS_MAX = 10_000

_VELOCITY = frozenset({"mode", "per_hour", "block_s"})
_MODE = frozenset({"mode"})
FIELDS: Mapping[Rule, frozenset[str]] = MappingProxyType(
    {
        Rule.COUNTRY: _MODE,
        Rule.NUMBER_TYPE: _MODE | {"types"},
        Rule.BLOCKLIST: _MODE,
        Rule.VELOCITY_PREFIX: _VELOCITY,
        Rule.VELOCITY_RANGE: _VELOCITY,
        Rule.VELOCITY_ADDRESS: _VELOCITY,
        Rule.VELOCITY_ACCOUNT: _MODE | {"per_hour"},
        Rule.SPEND: _MODE,
        Rule.CONVERSION: _MODE | {"min_sends", "block_s"},
    }
)
"""What can be set of each rule; what is blocked is a prefix or an address, so no account ever is."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be different; what is absent stays.

    Attributes:
        fields: of `Guard`, but its rules, by name.
        rules: of each rule, fields of its `RuleSetting`, by name.
    """

    fields: Mapping[str, Any] = field(default_factory=dict)
    rules: Mapping[Rule, Mapping[str, Any]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.fields) or any(self.rules.values())


def changed(guard: Guard, changes: Changes) -> Guard:
    """The settings as they are then."""
    rules = {rule: setting._replace(**changes.rules.get(rule, {})) for rule, setting in guard.rules.items()}
    return guard._replace(**changes.fields, rules=rules)


def check(changes: Changes) -> None:
    """Refuse with INVALID_VALUE or UNKNOWN_FIELD what cannot be set; fields are named as `/v1/guard` does."""
    if not (changes.fields.get("countries") or frozenset()) <= REGIONS:
        raise Refusal(Code.INVALID_VALUE, param="countries", kind="country")
    if changes.fields.get("simulator") is RuleMode.OFF:
        raise Refusal(Code.INVALID_VALUE, param="simulator", allowed="enforce, shadow")
    for name in ("hour", "day"):
        amount = changes.fields.get(f"spend_{name}")
        if amount is not None and not 0 <= amount <= AMOUNT_MAX:
            raise Refusal(Code.INVALID_VALUE, param=f"spend.{name}", kind="amount")
    for rule, fields in changes.rules.items():
        _check_rule(rule, fields)


_BOUNDS = {
    "per_hour": (1, PER_HOUR_MAX),
    "block_s": (BLOCK_MIN_S, BLOCK_MAX_S),
    "min_sends": (1, MIN_SENDS_MAX),
}


def _check_rule(rule: Rule, fields: Mapping[str, Any]) -> None:
    place = f"rules.{rule.value}"
    for name in fields.keys() - FIELDS[rule]:
        raise Refusal(Code.UNKNOWN_FIELD, param=f"{place}.{name}")
    for name, (minimum, maximum) in _BOUNDS.items():
        value = fields.get(name)
        if value is not None and not minimum <= value <= maximum:
            raise Refusal(Code.INVALID_VALUE, param=f"{place}.{name}", minimum=minimum, maximum=maximum)
    if "min_sends" in fields and fields["min_sends"] is None:
        raise Refusal(Code.INVALID_VALUE, param=f"{place}.min_sends", minimum=1, maximum=MIN_SENDS_MAX)
    if not fields.get("types", KINDS) <= KINDS:
        raise Refusal(Code.INVALID_VALUE, param=f"{place}.types", allowed=", ".join(sorted(KINDS)))
