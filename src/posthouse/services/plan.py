"""Which channel carries a claimed message: `core.routing`, remembered for messages that ask the same."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from posthouse.core.conversion import Conversion
from posthouse.core.ids import NODE_BITS
from posthouse.core.message import IN_DOUBT, TAKEN, Ending, Lane, Outcome
from posthouse.core.otp import DEAD
from posthouse.core.ports.life import Claimed, Ended, NewMessage, PastAttempt
from posthouse.core.routing import Ask, Channel, Decision, Reviewed, Step, note_of, route, standing
from posthouse.core.verdict import Reason
from posthouse.services.rendering import Rendering

REMEMBERED_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Plan:
    """The channel to try now (None: no channel would take it), and the decision as JSON.

    `others_left`: another candidate has not been tried.
    """

    channel: Channel | None
    others_left: bool
    decision: str


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
    def messages(self) -> list[Claimed]:
        """The messages alone."""
        return [planned.message for planned in self.planned]


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
    """The plans of one kind of message: `total` is the sum of the weights they are spread over."""

    total: int
    plans: dict[int, Plan]


class Planner:
    """Routes messages. Thousands of a campaign differ in nothing that routing looks at."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self._channels: tuple[Channel, ...] = ()
        self._spreads: dict[tuple[object, ...], _Spread] = {}
        self._encoded: dict[Decision, str] = {}

    def plan(self, ready: Ready, channels: tuple[Channel, ...], *, trial: bool) -> Plan:
        """Choose the channel. Plans are remembered as long as `channels` is the same tuple."""
        if channels is not self._channels or len(self._spreads) > REMEMBERED_MAX:
            self._channels = channels
            self._spreads.clear()
            self._encoded.clear()
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
        )
        spread = self._spreads.get(kind)
        if spread is None:
            spread = self._spreads[kind] = self._spread(ready, trial=trial)
        draw = (message.id >> NODE_BITS) % spread.total
        known = spread.plans.get(draw)
        if known is None:
            known = spread.plans[draw] = self._plan(ready, draw, trial=trial)
        return known

    def loads(
        self,
        messages: Sequence[Ready],
        channels: tuple[Channel, ...],
        *,
        trials: Mapping[int, bool],
        now: int,
    ) -> tuple[list[Load], list[Ended]]:
        """What each channel carries of these, and what is over: expired, or without a channel."""
        loads: dict[int, Load] = {}
        ended: list[Ended] = []
        for ready in messages:
            message = ready.message
            plan = self.plan(ready, channels, trial=trials[message.account_id])
            channel = plan.channel
            if message.expires_at <= now:
                ended.append(expired(message, plan))
            elif channel is None:
                ended.append(Ended(message.id, message.token, None, Reason.UNROUTABLE, plan.decision))
            else:
                load = loads.get(channel.id)
                if load is None:
                    load = loads[channel.id] = Load(channel, [])
                load.planned.append(Planned(message, ready.rendering, plan))
        return list(loads.values()), ended

    def _spread(self, ready: Ready, *, trial: bool) -> _Spread:
        return _Spread(route(self._ask(ready, trial=trial), self._channels).shares, {})

    def _plan(self, ready: Ready, draw: int, *, trial: bool) -> Plan:
        ask = self._ask(ready, trial=trial)
        decision = route(ask, self._channels, draw=draw)
        if ask.foreign:
            decision = of_one_vendor(decision, self._first_vendor(ready.message.attempts))
        encoded = self._encoded.get(decision)
        if encoded is None:
            encoded = self._encoded[decision] = encode(decision)
        if not decision.candidates:
            return Plan(None, others_left=False, decision=encoded)
        channel, *others = decision.candidates
        return Plan(channel, any(other.id not in ask.failed_by for other in others), encoded)

    def _conversions(self, message: Claimed) -> tuple[Conversion, ...]:
        """Of codes only: nobody types in what else is sent."""
        return self._figures.of(message.country) if message.lane is Lane.OTP else ()

    def _ask(self, ready: Ready, *, trial: bool) -> Ask:
        message = ready.message
        refused = frozenset(past.channel_id for past in message.attempts if past.outcome is Outcome.REFUSED)
        tried = frozenset(past.channel_id for past in message.attempts)
        # Only a code of which nothing was heard is in line again after a vendor took it.
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
            failed_by=tried - refused,
            carried=carried,
            elsewhere=again,
            reviewed=ready.reviewed,
            foreign=foreign(message),
            conversions=self._conversions(message),
        )

    def _first_vendor(self, attempts: tuple[PastAttempt, ...]) -> str | None:
        first = attempts[0].channel_id if attempts else None
        return next((channel.vendor for channel in self._channels if channel.id == first), None)


def foreign(message: Claimed | NewMessage) -> bool:
    """Whether the message names a template that is not its account's, and so a vendor's own."""
    return message.template_id is not None and message.template_version is None


def encode(decision: Decision) -> str:
    """The decision as it is stored with the attempt."""
    considered = [{"channel": step.channel, "why": step.why} for step in decision.steps]
    return json.dumps({"considered": considered}, ensure_ascii=False, separators=(",", ":"))


def of_one_vendor(decision: Decision, vendor: str | None) -> Decision:
    """Only this vendor's channels (the best candidate's, when None).

    A template id is one vendor's own: with another vendor it would mean another text.
    """
    if vendor is None:
        if not decision.candidates:
            return decision
        vendor = decision.candidates[0].vendor
    own = tuple(channel for channel in decision.candidates if channel.vendor == vendor)
    whys = {channel.name: f"the template is {vendor}'s own" for channel in decision.candidates}
    notes = {step.channel: note_of(step.why) for step in decision.steps}
    for index, channel in enumerate(own):
        whys[channel.name] = standing(index, notes[channel.name])
    steps = tuple(Step(step.channel, whys.get(step.channel, step.why)) for step in decision.steps)
    return Decision(own, steps)
