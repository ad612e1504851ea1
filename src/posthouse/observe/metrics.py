"""The numbers on `/metrics`. No label ever holds a number, a text, a key or anything else without a bound.

Prefixes that ten thousand numbers share are labels, but only the most used. Accounts are none: there may be
ten thousand. What one of them sent, its own counters tell. A channel's label is `core.routing.Channel.label`.
"""

from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

from posthouse import __version__
from posthouse.core.errors import Code
from posthouse.core.message import Lane, Outcome, State
from posthouse.core.ports.conversions import Converted
from posthouse.core.ports.queries import Gauges
from posthouse.core.verdict import Fate, Reason
from posthouse.observe.tally import Level, Spread, Tally

_COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_COMMIT_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)
_CALL_S = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 8)
_RECEIPT_S = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600, 21_600, 86_400, 259_200)

NOWHERE = "none"
"""In place of the channel of codes that none took."""

_LANES = {lane.value: lane.label for lane in Lane}
_CLASSES = {first: f"{first}xx" for first in range(1, 6)}


class Metrics:
    """What is counted while it happens; one for a process. Counting costs a look into a dict."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        build = Level(registry, "posthouse_build_info", "The release that runs.", "version")
        build.set(__version__, to=1)
        self._life(registry)
        self._vendors(registry)
        self._surfaces(registry)
        self._store(registry)
        self._codes(registry)

    def _life(self, registry: CollectorRegistry) -> None:
        self._accepted = Tally(
            registry, "posthouse_messages_accepted", "Messages made durable.", "mode", "lane"
        )
        self._claims = Spread(
            registry,
            "posthouse_claim_messages",
            "Messages taken by one claim that found any.",
            "lane",
            bounds=_COUNTS,
        )
        self._in_flight = Level(registry, "posthouse_in_flight", "Messages held by this dispatcher.")
        self._in_flight.set(to=0)

    def _vendors(self, registry: CollectorRegistry) -> None:
        self._verdicts = Tally(
            registry, "posthouse_verdicts", "What vendors said, one per recipient.", "channel", "outcome"
        )
        self._reasons = Tally(
            registry,
            "posthouse_vendor_reasons",
            "Why vendors refused or deferred, one per recipient.",
            "channel",
            "reason",
        )
        self._ambiguous = Tally(
            registry,
            "posthouse_ambiguous",
            "Vendor calls, per recipient, that left bytes behind and brought no usable answer.",
        )
        self._calling = Level(
            registry, "posthouse_attempts_in_flight", "Attempts that a vendor has yet to answer.", "channel"
        )
        self._calls = Spread(
            registry, "posthouse_call_seconds", "How long vendor calls took.", "channel", bounds=_CALL_S
        )
        self._down = Level(
            registry,
            "posthouse_channel_down",
            "Whether a channel is left alone since its calls failed.",
            "channel",
        )
        self._failovers = Tally(
            registry, "posthouse_failovers", "Messages that went on to another channel at once.", "reason"
        )
        self._receipts = Tally(registry, "posthouse_receipts", "Receipts made durable.", "channel", "fate")
        self._lags = Spread(
            registry,
            "posthouse_receipt_lag_seconds",
            "From sent to delivered.",
            "channel",
            bounds=_RECEIPT_S,
        )

        self._callbacks = Tally(
            registry,
            "posthouse_callbacks",
            "Callbacks of vendors, by what came of them.",
            "channel",
            "outcome",
        )
        self._misread = Tally(
            registry,
            "posthouse_callback_rows_unreadable",
            "Rows of callbacks that could not be read, beside others that could.",
            "channel",
        )
        self._dropped = Tally(
            registry,
            "posthouse_receipts_dropped",
            "Receipts of unknown messages that gave way to newer ones.",
            "channel",
        )

    def _surfaces(self, registry: CollectorRegistry) -> None:
        self._requests = Tally(registry, "posthouse_http_requests", "Requests answered.", "route", "status")
        self._refused = Tally(registry, "posthouse_refused", "Requests refused.", "surface", "code")
        self._replays = Tally(
            registry, "posthouse_replays", "Requests answered with the stored reply of their key.", "route"
        )

    def _store(self, registry: CollectorRegistry) -> None:
        self._group = Spread(
            registry, "posthouse_commit_commands", "Commands that shared one commit.", bounds=_COUNTS
        )
        self._commit = Spread(
            registry, "posthouse_commit_seconds", "How long commit groups took.", bounds=_COMMIT_S
        )
        self._rows = Tally(registry, "posthouse_commit_rows", "Rows written by commits.")
        self._line = Level(registry, "posthouse_writer_line", "Commands that wait for a commit.")
        self._answers = Level(registry, "posthouse_store_answers", "Whether the store answered this look.")
        self._states = Level(registry, "posthouse_messages", "Messages in each state.", "state")
        self._waiting = Level(
            registry, "posthouse_waiting", "Messages in line, a million of each lane at most.", "lane"
        )
        self._oldest = Level(
            registry, "posthouse_waiting_age_seconds", "How long the oldest due message waits.", "lane"
        )
        self._held = Level(registry, "posthouse_held", "Messages held since a restore, a million at most.")
        self._late = Level(
            registry, "posthouse_scheduler_lag_seconds", "How late the latest scheduled message is."
        )
        self._drifts = Level(
            registry, "posthouse_ledger_drifts", "Places where the books did not balance.", "check"
        )
        self._checked = Level(
            registry, "posthouse_ledger_checked_timestamp_seconds", "When the check last ended.", "check"
        )
        self._check = Level(
            registry, "posthouse_ledger_check_seconds", "How long the last check took.", "check"
        )

    def _codes(self, registry: CollectorRegistry) -> None:
        labels = ("country", "channel", "prefix")
        self._ended = Level(
            registry, "posthouse_otp_ended", "Live verifications of a day that ended.", *labels
        )
        self._verified = Level(
            registry, "posthouse_otp_verified", "Those of them whose code was used.", *labels
        )

    # --------------------------------------------------------------------------------------- messages

    def accepted(self, mode: str, lane: int, count: int = 1) -> None:
        """Messages were committed; called for every message."""
        self._accepted.add(mode, _LANES[lane], count=count)

    def claimed(self, lane: Lane, count: int) -> None:
        """A claim found messages."""
        self._claims.observe(count, _LANES[lane])

    def in_flight(self, count: int) -> None:
        """So many messages are held now."""
        self._in_flight.set(to=count)

    # ---------------------------------------------------------------------------------------- vendors

    def calling(self, channel: str, count: int) -> None:
        """So many attempts more, or fewer, wait for a vendor's answer."""
        self._calling.change(channel, by=count)

    def called(self, channel: str, seconds: float) -> None:
        """A vendor call ended, one way or another."""
        self._calls.observe(seconds, channel)

    def verdicts(self, channel: str, outcome: Outcome, count: int = 1) -> None:
        """A vendor answered, or did not."""
        self._verdicts.add(channel, outcome._value_, count=count)
        if outcome is Outcome.UNKNOWN:
            self._ambiguous.add(count=count)

    def reason(self, channel: str, reason: Reason) -> None:
        """A vendor refused or deferred one recipient, and said why."""
        self._reasons.add(channel, reason._value_)

    def channel_down(self, channel: str, *, down: bool) -> None:
        """A channel's breaker has opened, or closed."""
        self._down.set(channel, to=down)

    def channel_gone(self, channel: str) -> None:
        """A channel is no longer used: its breaker says nothing."""
        self._down.drop(channel)

    def failover(self, reason: str) -> None:
        """A message goes on to another channel; the vendor's reason, or the outcome that has none."""
        self._failovers.add(reason)

    def receipts(self, channel: str, fate: Fate, count: int = 1) -> None:
        """Receipts were settled."""
        self._receipts.add(channel, fate._value_, count=count)

    def receipt_lag(self, channel: str, seconds: float) -> None:
        """A message was delivered so long after it was sent."""
        self._lags.observe(seconds, channel)

    def called_back(self, channel: str, outcome: str) -> None:
        """A vendor called a channel's address, or somebody else did."""
        self._callbacks.add(channel, outcome)

    def rows_unreadable(self, channel: str, count: int) -> None:
        """So many rows of a callback were passed over."""
        self._misread.add(channel, count=count)

    def receipts_dropped(self, channel: str, count: int) -> None:
        """So many parked receipts gave way."""
        self._dropped.add(channel, count=count)

    def by_channel(self) -> Mapping[tuple[str, ...], float]:
        """Verdicts so far, by channel and outcome."""
        return self._verdicts.all()

    def reasons_by_channel(self) -> Mapping[tuple[str, ...], float]:
        """Refusals and deferrals so far, by channel and reason."""
        return self._reasons.all()

    # --------------------------------------------------------------------------------------- surfaces

    def answered(self, route: str, status: int) -> None:
        """A request was answered; called for every request."""
        self._requests.add(route, _CLASSES.get(status // 100, "other"))

    def refused(self, surface: str, code: Code) -> None:
        """A request was refused."""
        self._refused.add(surface, code._value_)

    def replayed(self, route: str) -> None:
        """A request was answered with the stored reply of its idempotency key."""
        self._replays.add(route)

    def turned_away(self) -> float:
        """Requests refused so far because there were too many."""
        return sum(count for (_, code), count in self._refused.all().items() if code == Code.OVERLOADED)

    # ------------------------------------------------------------------------------------------ store

    def committed(self, commands: int, rows: int, seconds: float) -> None:
        """A group of commands reached the disk; called by the writer's thread."""
        self._group.observe(commands)
        self._commit.observe(seconds)
        self._rows.add(count=rows)

    def checked(self, check: str, *, drifts: int, at_s: float, seconds: float) -> None:
        """The ledger was checked: `books` are sums, `full` is from the first transfer on."""
        self._drifts.set(check, to=drifts)
        self._checked.set(check, to=at_s)
        self._check.set(check, to=seconds)

    # ------------------------------------------------------------------------------------------- page

    def converted(self, figures: Sequence[Converted]) -> None:
        """How many codes were used; what was told before is forgotten."""
        places = [(each.country, each.channel or NOWHERE, each.prefix) for each in figures]
        self._ended.replace(dict(zip(places, (each.ended for each in figures), strict=True)))
        self._verified.replace(dict(zip(places, (each.verified for each in figures), strict=True)))

    def page(self, *, line: int = 0, gauges: Gauges | None = None, now: int = 0) -> bytes:
        """Everything in the Prometheus text format.

        `line`: commands that wait for the writer; `gauges`: what the store says at `now`, None where
        it did not answer: its numbers are those of the last time then.
        """
        self._line.set(to=line)
        self._answers.set(to=gauges is not None)
        if gauges is not None:
            self._take(gauges, now)
        return generate_latest(self._registry)

    def _take(self, gauges: Gauges, now: int) -> None:
        for state in State:
            self._states.set(state.value, to=gauges.by_state.get(state.value, 0))
        for lane in Lane:
            count, due_at = gauges.waiting[lane]
            self._waiting.set(lane.label, to=count)
            self._oldest.set(lane.label, to=_seconds_since(due_at, now))
        self._held.set(to=gauges.held)
        self._late.set(to=_seconds_since(gauges.scheduled_since, now))


def _seconds_since(at: int | None, now: int) -> float:
    return 0.0 if at is None else max(0, now - at) / 1_000_000
