"""Which channel carries a claimed message: `core.routing`, remembered for messages that ask the same."""

import json
from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from typing import NamedTuple, Protocol

from posthouse.core.conversion import Conversion
from posthouse.core.health import Standing
from posthouse.core.ids import NODE_BITS
from posthouse.core.message import IN_DOUBT, TAKEN, Ending, Lane, Outcome
from posthouse.core.otp import DEAD
from posthouse.core.ports.life import Claimed, Ended, NewMessage, PastAttempt
from posthouse.core.routing import Ask, Channel, Decision, Reviewed, Step, route, standing
from posthouse.core.rules import Rule, Subject, deciding, minute_of
from posthouse.core.verdict import Reason
from posthouse.services.health import AllSound, Healths
from posthouse.services.rendering import Rendering

REMEMBERED_MAX = 10_000

PROBE = "it was left alone for a while, and is tried"
"""Why a message goes over a channel that is down."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The channel to try now (None: no channel would take it), and the decision as JSON.

    `others_left`: another candidate has not been tried, `others_later`: another may take it after a while.
    `hear_within_us`: after so long without a receipt another channel is to try. `probe`: it finds out about
    a channel that is down. `waits_for`: none takes it, but this one would if it were not draining.
    """

    channel: Channel | None
    others_left: bool
    decision: str
    others_later: bool = False
    hear_within_us: int | None = None
    probe: bool = False
    waits_for: Channel | None = None


class Ready(NamedTuple):
    """A claimed message that can be sent, and what it says.

    `reviewed`: who approved of that; left out (None) while no channel asks.
    """

    message: Claimed
    rendering: Rendering
    reviewed: Reviewed | None = None


class Planned(NamedTuple):
    """A message with the plan for it."""

    message: Claimed
    rendering: Rendering
    plan: Plan


@dataclass(frozen=True, slots=True)
class Load:
    """Messages for one channel, with their plans."""

    channel: Channel
    planned: list[Planned]

    @property
    def probe(self) -> bool:
        """Whether it finds out about a channel that is down; such a load is one message."""
        return self.planned[0].plan.probe

    @property
    def messages(self) -> list[Claimed]:
        """The messages alone."""
        return [planned.message for planned in self.planned]


class Loads(NamedTuple):
    """What each channel carries of a claim, what is over, and what waits for one that is down or draining."""

    loads: list[Load]
    ended: list[Ended]
    waiting: list[tuple[Claimed, Channel]]


def expired(message: Claimed, plan: Plan) -> Ended:
    """The end of a message whose validity ran out before it was sent."""
    return Ended(message.id, message.token, Ending.EXPIRED, Reason.EXPIRED, plan.decision)


def suppressed(message: Claimed) -> Ended:
    """The end of a message whose recipient wants no more of them."""
    why = '{"why":"the recipient is on the suppression list"}'
    return Ended(message.id, message.token, None, Reason.BLOCKED, why)


def dead(message: Claimed) -> Ended:
    """The end of a message whose code was used, canceled, locked or replaced."""
    return Ended(message.id, message.token, Ending.CANCELED, None, DEAD)


class Figures(Protocol):
    """How codes fare: `services.conversion.Conversions`."""

    def of(self, country: str) -> tuple[Conversion, ...]:
        """The channels that carried codes there of late; equal as long as nothing changed."""
        ...


class NoFigures:
    """Nobody counts."""

    def of(self, country: str) -> tuple[Conversion, ...]:
        """Nothing."""
        del country
        return ()


@dataclass(frozen=True, slots=True)
class _Spread:
    """The plans of one kind of message, by the place of the first channel among those it is drawn from.

    `ends`: as in `core.routing.Decision`.
    """

    ends: tuple[int, ...]
    plans: dict[int, Plan]


_NONE: frozenset[int] = frozenset()


class Planner:
    """Routes messages. Thousands of a campaign differ in nothing that routing looks at."""

    def __init__(self, figures: Figures, health: Healths | None = None) -> None:
        self._figures = figures
        self._health = health or AllSound()
        self._channels: tuple[Channel, ...] = ()
        self._standings: tuple[Standing, ...] = ()
        self._unconnected = _NONE
        self._plans = 0
        self._spreads: dict[tuple[object, ...], _Spread] = {}
        self._encoded: dict[Decision, str] = {}

    def _look(self, channels: tuple[Channel, ...], unconnected: frozenset[int]) -> None:
        """Forget the plans made for other channels than these (another tuple), or for how they did before."""
        standings = self._health.standings()
        if (
            channels is not self._channels
            or standings is not self._standings
            or unconnected != self._unconnected
            or self._plans > REMEMBERED_MAX
        ):
            self._channels = channels
            self._standings = standings
            self._unconnected = unconnected
            self._plans = 0
            self._spreads.clear()
            self._encoded.clear()

    def _remembered(self, ready: Ready, *, trial: bool, rule: Rule | None, probes: frozenset[int]) -> Plan:
        """The plan as it would be were nothing known of how the channels in `probes` do."""
        message = ready.message
        kind = (
            message.account_id,
            message.country,
            message.mode,
            trial,
            message.pin,
            foreign(message),
            ready.reviewed,
            message.attempts,
            message.avoid,
            self._conversions(message),
            rule,
            _hear_within_us(message, rule),
            probes,
        )
        spread = self._spreads.get(kind)
        if spread is None:
            ask = self._ask(ready, trial=trial, rule=rule, probes=probes)
            spread = self._spreads[kind] = _Spread(route(ask, self._channels).ends, {})
        draw = (message.id >> NODE_BITS) % spread.ends[-1]
        place = bisect(spread.ends, draw)
        known = spread.plans.get(place)
        if known is None:
            known = self._plan(ready, self._ask(ready, trial=trial, rule=rule, probes=probes), draw, probes)
            spread.plans[place] = known
            self._plans += 1
        return known

    def loads(
        self,
        messages: Sequence[Ready],
        channels: tuple[Channel, ...],
        *,
        trials: Mapping[int, bool],
        now: int,
        rules: Sequence[Rule] = (),
        zone: tzinfo = UTC,
        unconnected: frozenset[int] = _NONE,
    ) -> Loads:
        """What each channel carries of these, what is over (expired, or without a channel), and what waits.

        `rules` in their order; `zone`: by whose clocks their hours go. `unconnected`: channels without a
        connection. Who calls a plan's channel that is a probe tells the health so.
        """
        loads: dict[int, Load] = {}
        ended: list[Ended] = []
        waiting: list[tuple[Claimed, Channel]] = []
        self._look(channels, unconnected)
        minute = minute_of(now, zone) if rules else 0
        probes = frozenset(self._health.probes())
        down = {each.channel_id for each in self._standings if each.down}
        for ready in messages:
            message, trial = ready.message, trials[ready.message.account_id]
            rule = deciding(rules, subject_of(message), minute) if rules else None
            plan = self._remembered(ready, trial=trial, rule=rule, probes=_NONE)
            if message.expires_at <= now:
                ended.append(expired(message, plan))
                continue
            planned = plan
            if probes:
                probing = self._remembered(ready, trial=trial, rule=rule, probes=probes)
                if probing.probe and probing.channel is not None:
                    planned = probing
                    probes -= {probing.channel.id}
            channel = planned.channel
            if channel is None and plan.waits_for is not None:
                waiting.append((message, plan.waits_for))
            elif channel is None:
                ended.append(Ended(message.id, message.token, None, Reason.UNROUTABLE, plan.decision))
            elif planned is plan and channel.id in down:
                waiting.append((message, channel))
            else:
                load = loads.get(channel.id)
                if load is None:
                    load = loads[channel.id] = Load(channel, [])
                load.planned.append(Planned(message, ready.rendering, planned))
        return Loads(list(loads.values()), ended, waiting)

    def _plan(self, ready: Ready, ask: Ask, draw: int, probes: frozenset[int]) -> Plan:
        decision = route(ask, self._channels, draw=draw)
        probe = bool(decision.candidates) and decision.candidates[0].id in probes
        if probe:
            first, *rest = decision.steps
            decision = replace(decision, steps=(Step(first.channel, standing(0, PROBE)), *rest))
        encoded = self._encoded.get(decision)
        if encoded is None:
            encoded = self._encoded[decision] = encode(decision)
        if not decision.candidates:
            waits_for = decision.draining[0] if decision.draining else None
            return Plan(None, others_left=False, decision=encoded, waits_for=waits_for)
        channel, *others = decision.candidates
        not_now = ask.failed_by | {each.channel_id for each in ask.standings if each.down}
        return Plan(
            channel,
            any(other.id not in not_now for other in others),
            encoded,
            bool(others or decision.draining),
            _hear_within_us(ready.message, ask.rule) if others else None,
            probe,
        )

    def _conversions(self, message: Claimed) -> tuple[Conversion, ...]:
        """Of codes only: nobody types in what else is sent."""
        return self._figures.of(message.country) if message.lane is Lane.OTP else ()

    def _ask(self, ready: Ready, *, trial: bool, rule: Rule | None, probes: frozenset[int]) -> Ask:
        message = ready.message
        undelivered = _with(message, Outcome.UNDELIVERED)
        refused = _with(message, Outcome.REFUSED)
        tried = frozenset(past.channel_id for past in message.attempts)
        # Only what was not heard of, or did not arrive, is in line again after a vendor took it.
        again = any(past.outcome in TAKEN for past in message.attempts)
        carried = message.avoid
        if again:
            carried |= {past.channel_id for past in message.attempts if past.outcome in IN_DOUBT}
        return Ask(
            account_id=message.account_id,
            country=message.country,
            mode=message.mode,
            trial=trial,
            pin=message.pin,
            refused_by=refused,
            # An unanswered channel too: the policy's second try goes elsewhere if it can.
            failed_by=tried - refused - undelivered,
            carried=carried,
            elsewhere=again,
            reviewed=ready.reviewed,
            foreign=foreign(message),
            template_of=self._first_vendor(message.attempts) if foreign(message) else None,
            conversions=self._conversions(message),
            undelivered_by=undelivered,
            rule=rule,
            standings=tuple(each for each in self._standings if each.channel_id not in probes),
            unconnected=self._unconnected,
        )

    def _first_vendor(self, attempts: tuple[PastAttempt, ...]) -> str | None:
        first = attempts[0].channel_id if attempts else None
        return next((channel.vendor for channel in self._channels if channel.id == first), None)


def _with(message: Claimed, outcome: Outcome) -> frozenset[int]:
    return frozenset(past.channel_id for past in message.attempts if past.outcome is outcome)


def _hear_within_us(message: Claimed, rule: Rule | None) -> int | None:
    """How long a receipt is waited for: once, not for marketing, and codes are looked after elsewhere."""
    if rule is None or rule.receipt_within_s is None or message.lane is Lane.MARKETING:
        return None
    if message.verification_id is not None or any(past.outcome in TAKEN for past in message.attempts):
        return None
    return rule.receipt_within_s * 1_000_000


def subject_of(message: Claimed | NewMessage) -> Subject:
    """What rules look at of it."""
    return Subject(
        message.account_id,
        Lane(message.lane),
        message.country,
        message.recipient,
        message.template_id,
    )


def foreign(message: Claimed | NewMessage) -> bool:
    """Whether the message names a template that is not its account's, and so a vendor's own."""
    return message.template_id is not None and message.template_version is None


def encode(decision: Decision) -> str:
    """The decision as it is stored with the attempt."""
    told: dict[str, object] = {} if decision.rule is None else {"rule": decision.rule}
    told["considered"] = [{"channel": step.channel, "why": step.why} for step in decision.steps]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
