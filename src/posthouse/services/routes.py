"""The operator's routing rules: made, changed, forgotten. Servers go by them within a second."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Lane
from posthouse.core.phone import REGIONS
from posthouse.core.ports.channels import ListChannels
from posthouse.core.ports.life import Once
from posthouse.core.ports.queries import AccountRecord, GetAccount
from posthouse.core.ports.routes import DropRoute, ListRoutes, SaveRoute
from posthouse.core.ports.store import Clock, Store
from posthouse.core.pumping import prefix_of
from posthouse.core.quiet import quiet_hours
from posthouse.core.rules import ENTRIES_MAX, POSITION_MAX, RECEIPT_MAX_S, RECEIPT_MIN_S, Rule
from posthouse.services.naming import check_plain

STEP = 10
"""How far apart rules stand that are given no position, so that others fit in between."""

RESERVED = frozenset({"explain"})
"""Names that are a call's."""

_SHOWN = 40


class Routes:
    """Rules, by their names."""

    def __init__(self, store: Store, clock: Clock, vendors: Collection[str]) -> None:
        """`vendors`: the kinds that a rule may name, with or without a channel of theirs."""
        self._store = store
        self._clock = clock
        self._vendors = vendors

    async def all(self) -> list[Rule]:
        """In the order in which they are held against messages."""
        return await self._store.read(ListRoutes())

    async def get(self, name: str) -> Rule:
        """One rule. Refuses with NOT_FOUND."""
        found = next((rule for rule in await self.all() if rule.name == name), None)
        if found is None:
            raise Refusal(Code.NOT_FOUND, resource="route")
        return found

    async def draft(self, name: str, fields: Mapping[str, Any]) -> Rule:
        """A new rule, behind all others where no position is given; nothing is stored yet.

        `fields` by their names in `/v1/routes`. Refuses with INVALID_VALUE, MISSING_FIELD, UNKNOWN_VENDOR and
        NOT_FOUND.
        """
        if check_plain(name) in RESERVED:
            raise Refusal(Code.INVALID_VALUE, param="name", kind="id")
        last = max((rule.position for rule in await self.all()), default=0)
        return await self._changed(Rule(0, name, last + STEP), fields)

    async def save(self, rule: Rule, once: Once | None = None) -> bytes | None:
        """Store it; answers the stored reply where its idempotency key was used before.

        Refuses with ALREADY_EXISTS and TOO_MANY.
        """
        return await self._store.write(SaveRoute(rule, self._clock.now(), once))

    async def change(self, name: str, fields: Mapping[str, Any]) -> Rule:
        """Change what is given; answers the rule as it is then. Refuses as `draft` does."""
        rule = await self._changed(await self.get(name), fields)
        await self.save(rule)
        return rule

    async def drop(self, name: str) -> Rule:
        """Forget a rule; answers what it was. Refuses with NOT_FOUND."""
        rule = await self.get(name)
        await self._store.write(DropRoute(name))
        return rule

    async def accounts(self, rule: Rule) -> list[str]:
        """The names of its accounts, in their order."""
        found = [await self._store.read(GetAccount(account_id)) for account_id in rule.when.accounts]
        return sorted(account.name for account in found if account is not None)

    async def _changed(self, rule: Rule, fields: Mapping[str, Any]) -> Rule:
        given = dict(fields)
        for name, value in given.items():
            if isinstance(value, list) and len(value) > ENTRIES_MAX:
                raise Refusal(Code.INVALID_VALUE, param=name, items_max=ENTRIES_MAX)
        when: dict[str, Any] = {}
        if "accounts" in given:
            when["accounts"] = frozenset([(await self._account(name)).id for name in given.pop("accounts")])
        if "channels" in given:
            given["channels"] = await self._channels(given["channels"])
        for name in _WHEN.keys() & given.keys():
            when[name] = _WHEN[name](given.pop(name))
        changed = replace(rule, **given, when=replace(rule.when, **when))
        _within(changed.position, "position", 0, POSITION_MAX)
        if changed.receipt_within_s is not None:
            _within(changed.receipt_within_s, "receipt_within_s", RECEIPT_MIN_S, RECEIPT_MAX_S)
        if not changed.channels and (changed.only or changed.receipt_within_s is None):
            raise Refusal(Code.MISSING_FIELD, param="channels")
        return changed

    async def _account(self, name: str) -> AccountRecord:
        account: AccountRecord | None = await self._store.read(GetAccount(name=name))
        if account is None:
            raise Refusal(Code.NOT_FOUND, param="accounts", resource="account", name=name[:_SHOWN])
        return account

    async def _channels(self, names: Sequence[str]) -> tuple[str, ...]:
        """Each once, and each a channel's or a vendor's."""
        known = {each.name for each in await self._store.read(ListChannels())} | set(self._vendors)
        for name in names:
            if name not in known:
                raise Refusal(Code.UNKNOWN_VENDOR, param="channels", vendor=name[:_SHOWN])
        return tuple(dict.fromkeys(names))


def _within(value: int, param: str, least: int, most: int) -> None:
    if value < least:
        raise Refusal(Code.INVALID_VALUE, param=param, minimum=least)
    if value > most:
        raise Refusal(Code.INVALID_VALUE, param=param, maximum=most)


def _lanes(labels: Sequence[str]) -> frozenset[Lane]:
    try:
        return frozenset(map(Lane.of, labels))
    except KeyError:
        raise Refusal(
            Code.INVALID_VALUE, param="purposes", allowed=", ".join(lane.label for lane in Lane)
        ) from None


def _countries(names: Sequence[str]) -> frozenset[str]:
    regions = frozenset(name.upper() for name in names)
    if not regions <= REGIONS:
        raise Refusal(Code.INVALID_VALUE, param="countries", kind="country")
    return regions


def _prefixes(written: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(prefix_of(prefix, "prefixes") for prefix in written))


def _hours(written: str | None) -> Any:  # noqa: ANN401 - quiet hours, or none
    try:
        return None if written is None else quiet_hours(written)
    except Refusal:
        raise Refusal(Code.INVALID_VALUE, param="hours", kind="hours") from None


_WHEN: Mapping[str, Any] = {
    "purposes": _lanes,
    "countries": _countries,
    "prefixes": _prefixes,
    "templates": frozenset,
    "hours": _hours,
}
"""How what is given becomes what is held against messages; accounts are looked up."""
