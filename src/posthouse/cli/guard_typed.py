"""The guard's settings as they are typed, and what a refusal of theirs is called at a command line."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posthouse.cli import show
from posthouse.core.errors import Refusal

if TYPE_CHECKING:
    from posthouse.core.guard import Rule, RuleMode
    from posthouse.core.guard_changes import Changes

NONE, ALL = "none", "all"

CountriesOption = Annotated[
    str | None,
    typer.Option(metavar="CN,US|all", help="The countries whose numbers get codes, by their two letters."),
]
SpendHourOption = Annotated[
    str | None, typer.Option(metavar="AMOUNT|none", help="The most that codes may cost in any hour.")
]
SpendDayOption = Annotated[
    str | None, typer.Option(metavar="AMOUNT|none", help="The most that they may cost in any day.")
]
RuleOption = Annotated[
    list[str] | None,
    typer.Option("--rule", metavar="RULE=MODE", help="enforce, shadow or off; repeatable."),
]
PerHourOption = Annotated[
    list[str] | None,
    typer.Option("--per-hour", metavar="RULE=N|none", help="Codes in any hour; repeatable."),
]
BlockOption = Annotated[
    list[str] | None,
    typer.Option(
        "--block-s",
        metavar="RULE=SECONDS|none",
        help="How long what trips a rule stays blocked; repeatable.",
    ),
]
TypesOption = Annotated[
    str | None,
    typer.Option(metavar="TYPE,TYPE|none", help="Types of numbers that get no codes, as premium_rate,voip."),
]
MinSendsOption = Annotated[
    int | None, typer.Option(metavar="N", help="Verifications of a prefix before its conversion is judged.")
]

_OPTIONS = {
    "countries": "--countries",
    "simulator": "--simulator",
    "spend.hour": "--spend-hour",
    "spend.day": "--spend-day",
}
_OF_RULES = {
    "mode": "--rule",
    "per_hour": "--per-hour",
    "block_s": "--block-s",
    "types": "--types",
    "min_sends": "--min-sends",
}
_ALONE = frozenset({"types", "min_sends"})
"""Fields that only one rule has: their options do not name it."""


def changes(
    *,
    countries: str | None,
    simulator: str | None,
    spend_hour: str | None,
    spend_day: str | None,
    modes: Sequence[str],
    per_hour: Sequence[str],
    block_s: Sequence[str],
    types: str | None,
    min_sends: int | None,
) -> "Changes":
    """What is to be different.

    Raises:
        BadParameter: it cannot be understood.
    """
    from posthouse.core.guard import Rule, RuleMode
    from posthouse.core.guard_changes import Changes

    fields: dict[str, Any] = {}
    if countries is not None:
        words = frozenset(word.upper() for word in _words(countries))
        fields["countries"] = None if countries == ALL else words
    if simulator is not None:
        fields["simulator"] = RuleMode(simulator)
    for name, amount in (("spend_hour", spend_hour), ("spend_day", spend_day)):
        if amount is not None:
            fields[name] = None if amount == NONE else show.amount(amount)
    rules: dict[Rule, dict[str, Any]] = {}
    for name, pairs, read in (
        ("mode", modes, _mode),
        ("per_hour", per_hour, _number),
        ("block_s", block_s, _number),
    ):
        for rule, value in _by_rule(name, pairs, read):
            rules.setdefault(rule, {})[name] = value
    if types is not None:
        kinds = frozenset() if types == NONE else frozenset(_words(types))
        rules.setdefault(Rule.NUMBER_TYPE, {})["types"] = kinds
    if min_sends is not None:
        rules.setdefault(Rule.CONVERSION, {})["min_sends"] = min_sends
    return Changes(fields, rules)


def retold(refusal: Refusal) -> Refusal:
    """The same refusal with its field called by the option that it was typed with."""
    field = refusal.param or ""
    option = _OPTIONS.get(field)
    if option is None and field.startswith("rules."):
        _, rule, name = field.split(".")
        option = _OF_RULES[name] if name in _ALONE else f"{_OF_RULES[name]} {rule}"
    return refusal if option is None else Refusal(refusal.code, param=option, **refusal.facts)


def more(rule: Mapping[str, Any]) -> str | None:
    """What only some rules have, for people."""
    if "min_sends" in rule:
        return f"from {rule['min_sends']} verifications"
    return " ".join(rule["types"]) or NONE if "types" in rule else None


def _by_rule(name: str, pairs: Sequence[str], read: Callable[[str, str], Any]) -> "list[tuple[Rule, Any]]":
    from posthouse.core.guard import Rule
    from posthouse.core.guard_changes import FIELDS

    option, found = _OF_RULES[name], []
    having = [rule for rule in Rule if name in FIELDS[rule]]
    for pair in pairs:
        rule, sign, value = pair.partition("=")
        if not sign or rule not in having:
            raise typer.BadParameter(
                f"{pair!r}: write RULE=… with one of {', '.join(having)}.", param_hint=option
            )
        found.append((Rule(rule), read(value, option)))
    return found


def _mode(value: str, option: str) -> "RuleMode":
    from posthouse.core.guard import RuleMode

    if value not in set(RuleMode):
        raise typer.BadParameter(f"{value!r} is no mode: use {', '.join(RuleMode)}.", param_hint=option)
    return RuleMode(value)


_DIGITS_MAX = 9


def _number(value: str, option: str) -> int | None:
    if value == NONE:
        return None
    if not (value.isascii() and value.isdecimal()) or len(value) > _DIGITS_MAX:
        raise typer.BadParameter(f"{value!r} is no number: use one, or none.", param_hint=option)
    return int(value)


def _words(typed: str) -> list[str]:
    return [word for word in (each.strip() for each in typed.split(",")) if word]
