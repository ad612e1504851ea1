"""What the operator sees: structured events, metrics, and the places where a crash can be rehearsed."""

import logging
import os
import signal
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from posthouse.core.message import Lane, Outcome
from posthouse.core.verdict import Fate

# ------------------------------------------------------------------------------------------- failpoints

FAILPOINTS = frozenset(
    {
        "before-transaction",
        "mid-transaction",
        "before-commit",
        "after-commit",
        "claimed",
        "attempt-committed",
        "vendor-taken",
        "vendor-replied",
        "receipt-taken",
        "receipt-settled",
        "draining",
    }
)
"""Every place where `POSTHOUSE_FAILPOINT` can kill the process."""

_armed: str | None = None
_left = 0


class UnknownFailpoint(ValueError):
    """`POSTHOUSE_FAILPOINT` names a place that does not exist."""


def arm(spec: str | None) -> None:
    """Choose where to die: `name`, or `name:N` for the N-th time it is reached; None or empty for nowhere.

    Raises:
        UnknownFailpoint: listing the names there are.
    """
    global _armed, _left
    _armed, _left = None, 0
    if not spec:
        return
    name, _, times = spec.partition(":")
    if name not in FAILPOINTS or (times and not (times.isascii() and times.isdigit() and int(times) > 0)):
        names = ", ".join(sorted(FAILPOINTS))
        raise UnknownFailpoint(
            f"POSTHOUSE_FAILPOINT={spec!r} is no failpoint: use one of {names}, "
            "or name:N to stop at the N-th time (N from 1)."
        )
    _armed, _left = name, int(times or 1)


def failpoint(name: str) -> None:
    """Die here, as by `kill -9`, if the process was started to; else do nothing, quickly."""
    global _left  # noqa: PLW0603 - one per process, so that an unarmed look costs nothing
    if _armed is None or name != _armed:
        return
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)


# --------------------------------------------------------------------------------------------- logging


def configure(*, json: bool, level: int = logging.INFO) -> None:
    """Send events to standard error, as JSON lines or for eyes, and arm `POSTHOUSE_FAILPOINT`.

    An event is a name and facts, never prose: `log.info("claimed", lane="otp", count=12)`. Numbers
    are masked and texts, codes and keys left out by whoever logs. Levels below `level` cost next to
    nothing.

    Raises:
        UnknownFailpoint: see `arm`.
    """
    arm(os.environ.get("POSTHOUSE_FAILPOINT"))
    shown: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if json
        else [
            # The pretty traceback would show local variables, and with them numbers and texts.
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


# --------------------------------------------------------------------------------------------- metrics


class _Accepted(Collector):
    """Counts kept in a plain dict, shown when somebody looks: a counter's lock costs more than the count."""

    def __init__(self, counts: Mapping[tuple[int, str, int], int]) -> None:
        self._counts = counts

    def collect(self) -> Iterator[CounterMetricFamily]:
        family = CounterMetricFamily(
            "posthouse_messages_accepted", "Messages made durable.", labels=["account", "mode", "lane"]
        )
        for (account_id, mode, lane), count in list(self._counts.items()):
            family.add_metric([str(account_id), mode, Lane(lane).label], count)
        yield family


_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


class Metrics:
    """The numbers on `/metrics`. No label ever holds a number, a text or a key."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._accepted: dict[tuple[int, str, int], int] = defaultdict(int)
        self.registry.register(_Accepted(self._accepted))
        self._group = Histogram(
            "posthouse_commit_commands",
            "Commands that shared one commit.",
            buckets=_SIZES,
            registry=self.registry,
        )
        self._rows = Counter("posthouse_commit_rows", "Rows written by commits.", registry=self.registry)
        self._verdicts = Counter(
            "posthouse_verdicts",
            "What vendors said, one per recipient.",
            ["channel", "outcome"],
            registry=self.registry,
        )
        self._ambiguous = Counter(
            "posthouse_ambiguous",
            "Vendor calls, per recipient, that left bytes behind and brought no usable answer.",
            registry=self.registry,
        )
        self._receipts = Counter(
            "posthouse_receipts", "Receipts made durable.", ["fate"], registry=self.registry
        )
        self._claims = Histogram(
            "posthouse_claim_messages",
            "Messages taken by one claim that found any.",
            ["lane"],
            buckets=_SIZES,
            registry=self.registry,
        )
        self._in_flight = Gauge(
            "posthouse_in_flight", "Messages held by this dispatcher.", registry=self.registry
        )
        # Looking a child up by its labels costs microseconds, a dictionary a fraction of one.
        self._verdict_children: dict[tuple[str, str], Counter] = {}
        self._fates = {fate: self._receipts.labels(fate.value) for fate in Fate}
        self._lanes = {lane: self._claims.labels(lane.label) for lane in Lane}

    def accepted(self, account_id: int, mode: str, lane: int, count: int = 1) -> None:
        """Messages were committed for an account; called from the event loop only, for every message."""
        self._accepted[account_id, mode, lane] += count

    def committed(self, commands: int, rows: int) -> None:
        """A group of commands reached the disk."""
        self._group.observe(commands)
        self._rows.inc(rows)

    def verdicts(self, channel: str, outcome: Outcome, count: int = 1) -> None:
        """A vendor answered, or did not."""
        key = (channel, outcome)
        child = self._verdict_children.get(key)
        if child is None:
            child = self._verdict_children[key] = self._verdicts.labels(channel, outcome.value)
        child.inc(count)
        if outcome is Outcome.UNKNOWN:
            self._ambiguous.inc(count)

    def receipts(self, fate: Fate, count: int = 1) -> None:
        """Receipts were settled."""
        self._fates[fate].inc(count)

    def claimed(self, lane: Lane, count: int) -> None:
        """A claim found messages."""
        self._lanes[lane].observe(count)

    def in_flight(self, count: int) -> None:
        """So many messages are held now."""
        self._in_flight.set(count)

    def page(self) -> bytes:
        """Everything in the Prometheus text format."""
        return generate_latest(self.registry)
