"""Which way a message would go if it were sent now, and why: the decision of dispatch, without sending."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Protocol

from posthouse.core import phone, text
from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Lane, Mode
from posthouse.core.ports.admin import AccountStatus
from posthouse.core.ports.queries import AccountRecord, GetAccount
from posthouse.core.ports.routes import ListRoutes
from posthouse.core.ports.store import Clock, Store
from posthouse.core.ports.templates import Own
from posthouse.core.routing import Ask, Channel, Decision, Reviewed, route
from posthouse.core.rules import Rule, Subject, deciding, minute_of
from posthouse.core.template import Template
from posthouse.services.health import AllSound, Healths
from posthouse.services.passcode import CODE, MINUTES
from posthouse.services.plan import Figures, NoFigures
from posthouse.services.rendering import review_of


class Ways(Protocol):
    """What is asked of the directory."""

    def channels(self) -> tuple[Channel, ...]:
        """Every configured channel."""
        ...

    def check_pin(self, account_id: int, pin: str) -> None:
        """Refuse a vendor or channel that an account cannot ask for."""
        ...

    async def own(self, account_id: int) -> Own:
        """What an account has to say things with."""
        ...


@dataclass(frozen=True, slots=True)
class Case:
    """A message that is thought of; `foreign`: it names a vendor's own template."""

    subject: Subject
    mode: Mode
    trial: bool
    pin: str | None
    reviewed: Reviewed | None
    foreign: bool = False


class Foresight:
    """Decides as dispatch would."""

    def __init__(
        self,
        directory: Ways,
        clock: Clock,
        zone: tzinfo,
        health: Healths | None = None,
        figures: Figures | None = None,
        connected: Collection[int] | None = None,
    ) -> None:
        """`health` and `figures`: how channels do and codes fare; without them all are alike.

        `connected`: the channels that have a connection, as they come and go; None where nobody knows.
        """
        self._directory = directory
        self._clock = clock
        self._zone = zone
        self._health = health or AllSound()
        self._figures = figures or NoFigures()
        self._connected = connected

    def decide(self, case: Case, rules: Sequence[Rule], *, draw: int = 0) -> Decision:
        """The candidates in their order, by the operator's rules; `draw` chooses among equals."""
        subject = case.subject
        rule = deciding(rules, subject, minute_of(self._clock.now(), self._zone)) if rules else None
        channels = self._directory.channels()
        ids = frozenset(channel.id for channel in channels)
        ask = Ask(
            account_id=subject.account_id,
            country=subject.country,
            mode=case.mode,
            trial=case.trial,
            pin=case.pin,
            reviewed=case.reviewed,
            foreign=case.foreign,
            conversions=self._figures.of(subject.country) if subject.lane is Lane.OTP else (),
            rule=rule,
            standings=self._health.standings(),
            unconnected=ids.difference(ids if self._connected is None else self._connected),
        )
        return route(ask, channels, draw=draw)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: where to, for what, and in the name of which account."""

    to: str
    account: str
    purpose: Lane | None = None
    template_id: str | None = None
    body: str | None = None
    pin: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer; `parts`: 1 where there is no text."""

    account: AccountRecord
    number: phone.Number
    lane: Lane
    parts: int
    decision: Decision


class Explainer:
    """Answers operators, in any account's name."""

    def __init__(self, store: Store, directory: Ways, foresight: Foresight) -> None:
        self._store = store
        self._directory = directory
        self._foresight = foresight

    async def explain(self, asked: Question) -> Explanation:
        """Which way it would go with a live key.

        Refuses with NOT_FOUND, INVALID_NUMBER, UNKNOWN_VENDOR and VENDOR_NOT_CONFIGURED.
        """
        account: AccountRecord | None = await self._store.read(GetAccount(name=asked.account))
        if account is None:
            raise Refusal(Code.NOT_FOUND, param="account", resource="account")
        number = phone.read_field(asked.to, "to", region=account.region)
        pin = asked.pin
        if pin is not None:
            self._directory.check_pin(account.id, pin)
        own = await self._directory.own(account.id)
        template = own.templates.get(asked.template_id or "")
        lane = asked.purpose
        if lane is None:
            lane = Lane.NOTIFICATION if template is None else template.kind
        case = Case(
            Subject(account.id, lane, number.country, number.e164, asked.template_id),
            Mode.LIVE,
            account.status is AccountStatus.TRIAL,
            pin,
            None if template is None else _reviewed(template, own),
            foreign=asked.template_id is not None and template is None,
        )
        parts = 1 if asked.body is None else text.measure(asked.body, country=number.country).parts
        # Read anew: whoever has changed a rule asks at once what comes of it.
        rules: list[Rule] = await self._store.read(ListRoutes())
        decision = self._foresight.decide(case, rules)
        return Explanation(account, number, lane, parts, decision)


def _reviewed(template: Template, own: Own) -> Reviewed:
    """Who approved of a template, given all the values that it can have."""
    names = {CODE, MINUTES, *(variable.name for variable in template.variables)}
    return review_of(template, names, template.signature, own)
