"""The guard against pumped traffic: how an account has set it, and what it held up."""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, Struct
from msgspec.structs import asdict

from posthouse.core.errors import Code, Refusal
from posthouse.core.guard import Guard, Rule, RuleMode, RuleSetting
from posthouse.core.guard_changes import FIELDS, Changes
from posthouse.core.ledger import from_micro
from posthouse.core.message import Mode
from posthouse.core.times import rfc3339_or_none
from posthouse.services.directory import Caller
from posthouse.web.body import SMALL, Form
from posthouse.web.dialects.v1.accounts import amount_of
from posthouse.web.dialects.v1.guard_wire import (
    FAULTS,
    BreakerReply,
    GuardChanges,
    GuardReply,
    RuleReply,
    SpendReply,
)
from posthouse.web.endpoint import Call, Nothing, Route
from posthouse.web.services import Services

Objections = Mapping[Rule, tuple[int, int]]


class OwnGuard:
    """The calls about the caller's guard."""

    def __init__(self, services: Services) -> None:
        self._guarding = services.guarding
        self._verify = services.verify
        self._clock = services.clock
        self._directory = services.directory

    async def get(self, call: Call[Nothing]) -> GuardReply:
        """The settings, and what the rules said of the last day's codes, of keys like the caller's."""
        return await self._shown(call.caller, await self._guarding.settings(call.caller.account.id))

    async def update(self, call: Call[GuardChanges]) -> GuardReply:
        """Change settings, which hold for both modes' codes. What was accepted before is sent."""
        caller = call.caller
        need_live(caller)
        settings = await self._guarding.change(caller.account.id, _changes(call.wanted))
        self._directory.forget()
        return await self._shown(caller, settings)

    async def _shown(self, caller: Caller, settings: Guard) -> GuardReply:
        account_id, mode = caller.account.id, caller.mode
        objections = await self._guarding.objections(account_id, mode)
        until = self._verify.paused_until(account_id, mode, self._clock.now())
        return of_guard(settings, objections, until)


def need_live(caller: Caller) -> None:
    """A test key, which may lie about anywhere, has no say about live codes."""
    if caller.mode is not Mode.LIVE:
        raise Refusal(Code.FORBIDDEN, mode=Mode.LIVE.value)


def of_guard(guard: Guard, objections: Objections, paused_until: int | None) -> GuardReply:
    """A guard as it is shown."""
    return GuardReply(
        countries=None if guard.countries is None else sorted(guard.countries),
        simulator=guard.simulator.value,
        spend=SpendReply(_amount(guard.spend_hour), _amount(guard.spend_day)),
        rules={rule.value: _rule(rule, guard.rules[rule], *objections.get(rule, (0, 0))) for rule in Rule},
        breaker=BreakerReply(paused_until is not None, rfc3339_or_none(paused_until)),
    )


def _rule(rule: Rule, setting: RuleSetting, refused: int, shadowed: int) -> RuleReply:
    shown = setting._asdict() | {"mode": setting.mode.value, "types": sorted(setting.types)}
    return RuleReply(
        refused_24h=refused, shadowed_24h=shadowed, **{name: shown[name] for name in FIELDS[rule]}
    )


def _amount(micro: int | None) -> str | None:
    return None if micro is None else from_micro(micro)


def _changes(wanted: GuardChanges) -> Changes:
    fields = _given(wanted)
    rules = fields.pop("rules", None)
    if fields.get("countries") is not None:
        fields["countries"] = frozenset(fields["countries"])
    if "simulator" in fields:
        fields["simulator"] = RuleMode(fields["simulator"])
    if "spend" in fields:
        for name, amount in _given(fields.pop("spend")).items():
            fields[f"spend_{name}"] = None if amount is None else amount_of(amount, f"spend.{name}")
    return Changes(
        fields,
        {} if rules is None else {Rule(name): _setting(each) for name, each in _given(rules).items()},
    )


def _setting(wanted: Struct) -> dict[str, Any]:
    setting = _given(wanted)
    if "mode" in setting:
        setting["mode"] = RuleMode(setting["mode"])
    if "types" in setting:
        setting["types"] = frozenset(setting["types"])
    return setting


def _given(wanted: Struct) -> dict[str, Any]:
    """The fields that a request has."""
    return {name: value for name, value in asdict(wanted).items() if value is not UNSET}


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The calls about the guard's settings."""
    guard = OwnGuard(services)
    return (
        Route(
            method="GET",
            path="/v1/guard",
            name="guard.get",
            summary="The guard against pumped traffic",
            form=Form(Nothing),
            handle=guard.get,
            reply=GuardReply,
            scope="guard:read",
        ),
        Route(
            method="PATCH",
            path="/v1/guard",
            name="guard.update",
            summary="Change the guard",
            form=Form(GuardChanges, faults=FAULTS),
            handle=guard.update,
            reply=GuardReply,
            scope="guard:write",
            body_max=SMALL,
            example={
                "countries": ["CN", "US"],
                "spend": {"hour": "10.00"},
                "rules": {"velocity_prefix": {"mode": "enforce", "per_hour": 30, "block_s": 3600}},
            },
        ),
    )
