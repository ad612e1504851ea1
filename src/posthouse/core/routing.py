"""Which channel carries a message, and what follows when it does not: order, failover, backoff."""

from bisect import bisect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

from posthouse.core.conversion import Conversion, outdone
from posthouse.core.health import Standing, poor
from posthouse.core.message import AGE_LIMIT_US, UNKNOWN_SETTLES_AFTER_US, Lane, Mode
from posthouse.core.rules import Rule
from posthouse.core.verdict import (
    ANOTHER_CHANNEL_MAY_TAKE_IT,
    Accepted,
    Deferred,
    NotSent,
    Refused,
    Unknown,
    Verdict,
)

ATTEMPTS_MAX = 50
BACKOFF_FIRST_S, BACKOFF_MAX_S = 0.5, 300.0
RECONCILE_FIRST_US = 1_000_000
"""How soon after an unanswered call the vendor is asked what became of it."""

CARRIED = "it carried the same code before"
CARRIED_THIS = "it carried this message before"
UNCONNECTED = "it cannot be connected as it is stored"


class ChannelState(StrEnum):
    """Whether a channel takes new messages; a draining one only finishes what it has."""

    ACTIVE = "active"
    DRAINING = "draining"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Channel:
    """One configured connection to a vendor, as routing sees it.

    Attributes:
        account_id: whose own it is; None for the platform's.
        countries: ISO regions it carries; empty means all.
        weight: share among candidates that are equal in rank and cost, 0 only as a last resort.
        rate_per_s: messages a second it may be given; 0 means no limit.
        concurrency: calls in flight at once.
        cost: micro-units a part, our price; `costs`, where it is another: (country, micro-units).
        version: another number after each change of its settings or credentials.
        simulated: a simulator, for tests and trials only.
        approval: its vendor carries approved templates under approved signatures only, and no free text.
    """

    id: int
    name: str
    vendor: str
    account_id: int | None = None
    state: ChannelState = ChannelState.ACTIVE
    countries: frozenset[str] = frozenset()
    weight: int = 1
    rate_per_s: int = 0
    concurrency: int = 8
    cost: int = 0
    simulated: bool = False
    approval: bool = False
    costs: tuple[tuple[str, int], ...] = ()
    version: int = 0

    def cost_in(self, country: str) -> int:
        """What a part costs us there, in micro-units."""
        return next((cost for where, cost in self.costs if where == country), self.cost)

    @property
    def label(self) -> str:
        """What operators know it by, in logs and figures: owners may have channels of the same name."""
        return self.name if self.account_id is None else f"{self.name}@{self.account_id}"

    @property
    def names(self) -> tuple[str, str]:
        """Under which vendors' reviews are written down: for this channel alone, or for all of its vendor."""
        return self.name, self.vendor


class Reviewed(NamedTuple):
    """A version of a template under a signature, and who approved of them.

    Attributes:
        bound: vendors and channels that have an approved template of their own for this very version.
        signed: vendors and channels where the signature is approved; None without a signature.
    """

    template_id: str
    version: int
    bound: frozenset[str]
    signed: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Ask:
    """What routing needs to know of a message.

    `pin` is the vendor or channel the caller named; `refused_by` are the channels that refused it,
    `undelivered_by` those that took it and did not bring it to the handset; `failed_by` those that could
    not be reached or asked us to wait. `carried` are those that brought the same code before, which others
    should bring now; with `elsewhere`, others alone may. `reviewed` is None for a free text; `foreign`: it
    names a vendor's own template, which that vendor knows: `template_of`, where it has been tried.
    `conversions` say how codes to the country fare; none for what is no code. `rule`: the operator's that
    decides; `standings`: how channels do; `unconnected`: those without a connection, which wait for one
    only where there is no other.
    """

    account_id: int
    country: str
    mode: Mode
    trial: bool = False
    pin: str | None = None
    refused_by: frozenset[int] = frozenset()
    failed_by: frozenset[int] = frozenset()
    carried: frozenset[int] = frozenset()
    elsewhere: bool = False
    reviewed: Reviewed | None = None
    foreign: bool = False
    template_of: str | None = None
    conversions: tuple[Conversion, ...] = ()
    undelivered_by: frozenset[int] = frozenset()
    rule: Rule | None = None
    standings: tuple[Standing, ...] = ()
    unconnected: frozenset[int] = frozenset()

    @property
    def simulated(self) -> bool:
        """Whether it goes to the simulator whatever channels there are, and no rule says which."""
        return self.mode is Mode.TEST or self.trial


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a decision: a channel and why it is, or is not, a candidate."""

    channel: str
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The candidates in the order they will be tried, and the reason for every channel.

    `ends`: where the draws of each channel that could be the first end; draws between two are alike.
    `rule`: the name of the operator's rule that decided, if one did. `draining`: what would be candidates,
    were they not to take anything new.
    """

    candidates: tuple[Channel, ...]
    steps: tuple[Step, ...]
    ends: tuple[int, ...] = (1,)
    rule: str | None = None
    draining: tuple[Channel, ...] = ()

    @property
    def shares(self) -> int:
        """The sum of the weights that the first one is drawn by; draws that leave the same rest are alike."""
        return self.ends[-1]


def route(ask: Ask, channels: Iterable[Channel], *, draw: int = 0) -> Decision:
    """Order the channels that can carry the message.

    `draw` spreads equal candidates by weight: any integer that varies from message to message.
    """
    mine = [channel for channel in channels if channel.account_id in (None, ask.account_id)]
    nothing_real = all(channel.simulated for channel in mine)
    template_of = _template_of(ask, mine, nothing_real=nothing_real) if ask.foreign else None
    candidates: list[Channel] = []
    draining: list[Channel] = []
    steps: list[Step] = []
    for channel in mine:
        why = _objection(ask, channel, nothing_real=nothing_real)
        if why is None and template_of not in (None, channel.vendor):
            why = f"the template is {template_of}'s own"
        if why is None and channel.state is not ChannelState.ACTIVE:
            why = f"the channel is {channel.state}"
            if channel.state is ChannelState.DRAINING:
                draining.append(channel)
        if why is None:
            candidates.append(channel)
        else:
            steps.append(Step(channel.name, why))
    connected = [channel for channel in candidates if channel.id not in ask.unconnected]
    if connected and len(connected) < len(candidates):
        steps += [Step(each.name, UNCONNECTED) for each in candidates if each.id in ask.unconnected]
        candidates = connected
    notes = _notes(ask, candidates)
    ordered, ends = _ordered(ask, candidates, notes, draw)
    chosen = [
        Step(channel.name, standing(index, notes.get(channel.id, "")))
        for index, channel in enumerate(ordered)
    ]
    rule = None if ask.rule is None or ask.simulated else ask.rule.name
    return Decision(tuple(ordered), tuple(chosen + steps), ends, rule, tuple(draining))


def _template_of(ask: Ask, mine: Iterable[Channel], *, nothing_real: bool) -> str | None:
    """Whose a template is that is none of ours, whatever state that vendor's channels are in and how they do.

    That of the oldest channel whose vendor carries templates, else of the oldest at all; before these comes
    the first one that the rule names, if it carries templates or the rule is about templates.
    """
    if ask.template_of is not None:
        return ask.template_of
    rule = None if ask.simulated else ask.rule

    def rank(channel: Channel) -> tuple[bool, int, int]:
        place = None if rule is None else rule.place(channel.names)
        if rule is not None and place is not None and (channel.approval or rule.when.templates):
            return False, place, channel.id
        return True, not channel.approval, channel.id

    simulated = ask.simulated or nothing_real
    able = [
        channel
        for channel in mine
        if channel.simulated == simulated
        and (ask.pin is None or ask.pin in channel.names)
        and not _ruled_out(ask, channel)
    ]
    return min(able, key=rank).vendor if able else None


def standing(place: int, note: str = "") -> str:
    """The reason of the candidate in this place, from 0 on."""
    placed = "chosen" if place == 0 else f"candidate {place + 1}"
    return f"{placed}; {note}" if note else placed


def _notes(ask: Ask, candidates: list[Channel]) -> dict[int, str]:
    """Why some candidates stand behind others that are their equals; the weightiest reason for each."""
    if len(candidates) <= 1:
        return {}
    ids = {channel.id for channel in candidates}
    standings = [each for each in ask.standings if each.channel_id in ids]
    notes = {each.channel_id: down(each) for each in standings if each.down}
    for channel_id in ids & ask.carried:
        notes.setdefault(channel_id, CARRIED)
    for channel_id, why in poor(standings).items():
        notes.setdefault(channel_id, why)
    if ask.conversions and ask.pin is None:
        for each in outdone(each for each in ask.conversions if each.channel_id in ids).values():
            fewer = f"fewer codes sent over it are used: {each.verified} of {each.ended}"
            notes.setdefault(each.channel_id, fewer)
    return notes


def down(standing: Standing) -> str:
    """What there is against a channel whose breaker is open."""
    return f"it is left alone for a while: {standing.down}"


def _objection(ask: Ask, channel: Channel, *, nothing_real: bool) -> str | None:  # noqa: PLR0911 - a list
    """Why this channel could not carry the message if it were active; None when it could."""
    simulate = ask.simulated
    if channel.simulated and not (simulate or nothing_real):
        return "the simulator serves test keys, trial accounts and installations without a real channel"
    if simulate and not channel.simulated:
        return "test keys and trial accounts use the simulator only"
    if ask.pin is not None and ask.pin not in (channel.vendor, channel.name):
        return f"the sender asked for {ask.pin}"
    if channel.countries and ask.country not in channel.countries:
        return f"it does not carry {ask.country}"
    if channel.id in ask.refused_by:
        return "it refused this message"
    if channel.id in ask.undelivered_by:
        return "its route did not bring this message to the handset"
    if ask.elsewhere and channel.id in ask.carried:
        return CARRIED_THIS
    if _ruled_out(ask, channel):
        return f"rule {ask.rule.name if ask.rule else ''} allows other channels only"
    return None if ask.foreign or not channel.approval else _unapproved(ask.reviewed, channel)


def _ruled_out(ask: Ask, channel: Channel) -> bool:
    """Whether the rule has no place for it; what the sender asks for by name, no rule takes away."""
    rule = ask.rule
    if rule is None or not rule.only or ask.simulated or ask.pin is not None:
        return False
    return rule.place(channel.names) is None


def _unapproved(reviewed: Reviewed | None, channel: Channel) -> str | None:
    """What a vendor that carries approved templates only has not approved of; None when it has."""
    if reviewed is None:
        return "it takes approved templates only"
    if reviewed.bound.isdisjoint(channel.names):
        return f"template {reviewed.template_id} version {reviewed.version} has no approved binding there"
    if reviewed.signed is not None and reviewed.signed.isdisjoint(channel.names):
        return "the signature is not approved there"
    return None


def _ordered(
    ask: Ask, candidates: list[Channel], notes: Mapping[int, str], draw: int
) -> tuple[list[Channel], tuple[int, ...]]:
    """The candidates in their order, and the weights that were drawn from, each added to those before."""
    if len(candidates) <= 1:
        return candidates, (1,)
    down_ids = {each.channel_id for each in ask.standings if each.down}
    last = ask.failed_by | ask.carried
    rule = None if ask.simulated else ask.rule

    def rank(channel: Channel) -> tuple[bool, bool, int, bool, bool, int]:
        place = None if rule is None else rule.place(channel.names)
        return (
            channel.id in down_ids,
            channel.id in last,
            len(rule.channels) if rule is not None and place is None else place or 0,
            channel.weight == 0,
            channel.id in notes,
            channel.cost_in(ask.country),
        )

    ranks = {channel.id: rank(channel) for channel in candidates}
    rest = sorted(candidates, key=lambda channel: ranks[channel.id])
    foremost = ranks[rest[0].id]
    if foremost[1] or foremost[3]:
        return rest, (1,)
    equals = [channel for channel in rest if ranks[channel.id] == foremost]
    ends = tuple(accumulate(channel.weight for channel in equals))
    first = equals[bisect(ends, draw % ends[-1])]
    return [first, *(other for other in rest if other is not first)], ends


class Next(NamedTuple):
    """What follows a verdict: another attempt (`more`) or none; `due_at` is when to look again."""

    more: bool
    due_at: int | None


def after(
    verdict: Verdict,
    *,
    lane: Lane,
    attempt: int,
    others_left: bool,
    now: int,
    receipts: bool,
    others_later: bool = False,
) -> Next:
    """What follows the verdict of attempt number `attempt` (from 1); times in microseconds.

    `others_left`: another candidate has not been tried. `others_later`: another may take it after a while.
    `receipts`: the channel reports delivery.
    """
    if isinstance(verdict, Accepted):
        return Next(more=False, due_at=now + AGE_LIMIT_US if receipts else None)
    if isinstance(verdict, Unknown):
        return Next(more=False, due_at=now + min(RECONCILE_FIRST_US, UNKNOWN_SETTLES_AFTER_US[lane]))
    elsewhere = isinstance(verdict, NotSent) or verdict.reason in ANOTHER_CHANNEL_MAY_TAKE_IT
    if attempt >= ATTEMPTS_MAX:
        return Next(more=False, due_at=None)
    if elsewhere and others_left:
        return Next(more=True, due_at=now)
    if isinstance(verdict, Refused) and not (elsewhere and others_later):
        return Next(more=False, due_at=None)
    first_s = max(verdict.after_s, BACKOFF_FIRST_S) if isinstance(verdict, Deferred) else 1.0
    return Next(more=True, due_at=now + int(backoff_s(attempt, first_s=first_s) * 1_000_000))


def backoff_s(attempt: int, *, first_s: float = 1.0) -> float:
    """Seconds before the attempt that follows number `attempt`: doubling, at most five minutes."""
    return min(BACKOFF_MAX_S, first_s * 2.0 ** min(attempt - 1, 16))


class UnknownPolicy(StrEnum):
    """What an account wants when a notification's fate cannot be learnt."""

    LEAVE = "leave"
    RESEND = "resend"


def resend_unknown(lane: Lane, policy: UnknownPolicy, *, unknown_attempts: int) -> bool:
    """Whether the policy sends once more after an unknown attempt: OTP once, marketing never."""
    if unknown_attempts != 1 or lane is Lane.MARKETING:
        return False
    return lane is Lane.OTP or policy is UnknownPolicy.RESEND
