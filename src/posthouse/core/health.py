"""How channels do: what came of their calls and receipts of late, and when one is left alone for a while.

Nothing here looks at a clock: times are monotonic seconds, given.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from enum import StrEnum
from statistics import median
from typing import NamedTuple

from posthouse.core.confidence import wilson
from posthouse.core.verdict import Deferred, NotSent, Reason, Refused, Unknown, Verdict

CALLS_S, RECEIPTS_S = 60.0, 600.0
"""How far back calls count, and receipts."""

CALLS_ENOUGH, RECEIPTS_ENOUGH, LAGS_ENOUGH = 20, 20, 10
"""Calls, receipts and delays that a channel must have before it is judged, or others by it."""

WORSE = 0.9
"""How far below the best's a share must be."""

SLOWER, SLOW_S = 3.0, 5.0
"""How many times as long as the best's receipts take, and how long at least, before that is slow."""

IN_A_ROW = 5
FAILURES, SHARE, RECENT_S = 5, 0.4, 10.0
"""A breaker opens after so many failed calls in a row, or so many of late if they are such a share of all."""

AGAIN = 2
"""Failed calls after which it opens once more while its last opening is not forgotten."""

OPEN_S, OPEN_MAX_S = 1.0, 8.0
"""How long it is open; each time twice as long."""

SOUND_S = 30.0
"""After so long without trouble its openings are forgotten."""

PROBE_S = 10.0
"""A probe of which nothing is heard for so long never was: calls end sooner."""

_LAGS_MAX = 200


class BreakerState(StrEnum):
    """Whether a channel gets messages, gets none, or gets one to see how it does."""

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


class Window:
    """Two counts over the last `span_s` seconds, kept in a few slices."""

    def __init__(self, span_s: float, slices: int = 20) -> None:
        self._width_s = span_s / slices
        self._slices: deque[list[int]] = deque()
        self._count = slices
        self._all = self._bad = 0

    def add(self, now_s: float, count: int, bad: int) -> None:
        """`count` more, `bad` of which are bad."""
        self._drop(now_s)
        at = int(now_s / self._width_s)
        if not self._slices or self._slices[-1][0] != at:
            self._slices.append([at, 0, 0])
        newest = self._slices[-1]
        newest[1] += count
        newest[2] += bad
        self._all += count
        self._bad += bad

    def sums(self, now_s: float) -> tuple[int, int]:
        """How many there were, and how many bad ones."""
        self._drop(now_s)
        return self._all, self._bad

    def clear(self) -> None:
        """Begin anew."""
        self._slices.clear()
        self._all = self._bad = 0

    def _drop(self, now_s: float) -> None:
        first = int(now_s / self._width_s) - self._count + 1
        while self._slices and self._slices[0][0] < first:
            _, count, bad = self._slices.popleft()
            self._all -= count
            self._bad -= bad


class Breaker:
    """Takes a channel out when its calls fail, and lets one through now and then until one succeeds."""

    def __init__(self) -> None:
        self.state = BreakerState.CLOSED
        self.why = ""
        self._recent = Window(RECENT_S)
        self._in_a_row = 0
        self._open_s = 0.0
        self._until_s = 0.0
        self._probed_s = 0.0
        self.closed_s = 0.0

    def answered(self, now_s: float, *, began_s: float, failed: bool) -> None:
        """A call that began at `began_s` has ended; one from before a probe says nothing of how it is now."""
        if self.state is BreakerState.CLOSED and began_s >= self.closed_s:
            self._in_a_row = self._in_a_row + 1 if failed else 0
            self._recent.add(now_s, 1, failed)
            if failed:
                self._judge(now_s)
        elif self.state is BreakerState.PROBING and began_s >= self._probed_s:
            if failed:
                self._open(now_s, self.why)
            else:
                self._close(now_s)

    def due(self, now_s: float) -> bool:
        """Whether it is time to see how the channel does."""
        if self.state is BreakerState.OPEN:
            return now_s >= self._until_s
        return self.state is BreakerState.PROBING and now_s >= self._probed_s + PROBE_S

    def probe(self, now_s: float) -> None:
        """One call goes through now."""
        self.state = BreakerState.PROBING
        self._probed_s = now_s

    def spare(self, now_s: float) -> None:
        """The probe that went through became no call: the next one may go at once."""
        if self.state is BreakerState.PROBING:
            self.state, self._until_s = BreakerState.OPEN, now_s

    def rest_s(self, now_s: float) -> float:
        """How long until the channel may be tried again, or until it is known how it does."""
        if self.state is BreakerState.OPEN:
            return max(0.0, self._until_s - now_s)
        return 0.0 if self.state is BreakerState.CLOSED else OPEN_S

    def _judge(self, now_s: float) -> None:
        if self._open_s and now_s - self.closed_s > SOUND_S:
            self._open_s = 0.0
        calls, failures = self._recent.sums(now_s)
        if self._in_a_row >= IN_A_ROW:
            self._open(now_s, f"{self._in_a_row} calls in a row failed")
        elif failures >= (AGAIN if self._open_s else FAILURES) and failures >= SHARE * calls:
            self._open(now_s, f"{failures} of {calls} calls failed within {RECENT_S:.0f} s")

    def _open(self, now_s: float, why: str) -> None:
        self._open_s = min(OPEN_MAX_S, self._open_s * 2 or OPEN_S)
        self._until_s = now_s + self._open_s
        self.state, self.why = BreakerState.OPEN, why

    def _close(self, now_s: float) -> None:
        self.state, self.why = BreakerState.CLOSED, ""
        self._in_a_row, self.closed_s = 0, now_s
        self._recent.clear()


class Standing(NamedTuple):
    """How a channel did of late, for routing.

    Attributes:
        down: its breaker is open, or waits for what a probe says: why; empty for neither.
        calls, failed: of the last minute.
        delivered, undelivered: receipts of the last ten minutes.
        receipt_p50_s: how long half of the delivered took, where enough were.
    """

    channel_id: int
    down: str = ""
    calls: int = 0
    failed: int = 0
    delivered: int = 0
    undelivered: int = 0
    receipt_p50_s: float | None = None

    @property
    def sound(self) -> bool:
        """Whether there is nothing to be said against it, whatever the others do."""
        slow = self.receipt_p50_s is not None and self.receipt_p50_s > SLOW_S
        return not (self.down or self.failed or self.undelivered or slow)


class HealthReport(NamedTuple):
    """The same for people.

    Attributes:
        success_low: the share of calls that succeed, at least, at 95 % confidence; 0 without any.
        opened_at: when the breaker opened, microseconds UTC; None while it is closed.
        why: what it opened for.
    """

    state: BreakerState = BreakerState.CLOSED
    calls: int = 0
    failed: int = 0
    success_low: float = 0.0
    receipt_p50_s: float | None = None
    delivered: int = 0
    undelivered: int = 0
    opened_at: int | None = None
    why: str = ""


class Record:
    """What is remembered of one channel."""

    def __init__(self) -> None:
        self.breaker = Breaker()
        self._calls = Window(CALLS_S)
        self._receipts = Window(RECEIPTS_S)
        self._lags: deque[tuple[float, float]] = deque(maxlen=_LAGS_MAX)

    def answered(self, now_s: float, *, seconds: float, failed: bool) -> None:
        """A call ended that took so long."""
        before, began_s = self.breaker.state, now_s - seconds
        if began_s >= self.breaker.closed_s:
            self._calls.add(now_s, 1, failed)
        self.breaker.answered(now_s, began_s=began_s, failed=failed)
        if before is not BreakerState.CLOSED and self.breaker.state is BreakerState.CLOSED:
            self._calls.clear()  # it is used again at once, and judged by what it does from here on

    def heard(self, now_s: float, *, delivered: int, undelivered: int, lags_s: Iterable[float]) -> None:
        """Receipts came."""
        if delivered or undelivered:
            self._receipts.add(now_s, delivered + undelivered, undelivered)
        self._lags.extend((now_s, lag_s) for lag_s in lags_s)

    def standing(self, channel_id: int, now_s: float) -> Standing:
        """How it does now."""
        calls, failed = self._calls.sums(now_s)
        receipts, undelivered = self._receipts.sums(now_s)
        while self._lags and self._lags[0][0] < now_s - RECEIPTS_S:
            self._lags.popleft()
        half_s = median(lag_s for _, lag_s in self._lags) if len(self._lags) >= LAGS_ENOUGH else None
        down = self.breaker.why if self.breaker.state is not BreakerState.CLOSED else ""
        return Standing(channel_id, down, calls, failed, receipts - undelivered, undelivered, half_s)


# Not what is forbidden: vendors say that of one destination too.
_OF_CHANNEL = frozenset({Reason.VENDOR_TEMPORARY, Reason.AUTH, Reason.BALANCE})


def has_failed(verdicts: Sequence[Verdict]) -> bool:
    """Whether more than half of what a call answered speaks against its channel.

    That a vendor is asked too often does not: it answers.
    """
    bad = 0
    for verdict in verdicts:
        if isinstance(verdict, (NotSent, Unknown)):
            bad += 1
        elif isinstance(verdict, (Refused, Deferred)):
            bad += verdict.reason in _OF_CHANNEL
    return 2 * bad > len(verdicts)


def poor(standings: Iterable[Standing]) -> dict[int, str]:
    """Which of these do certainly worse than the best of them, and in what; by the channel's id.

    Where all do alike, none is poor, and the traffic stays where it is.
    """
    every = list(standings)
    if len(every) <= 1:
        return {}
    said: dict[int, str] = {}
    slow = [each for each in every if each.receipt_p50_s is not None]
    best_s = min((each.receipt_p50_s or 0.0 for each in slow), default=0.0)
    for each in slow:
        half_s = each.receipt_p50_s or 0.0
        if half_s > SLOW_S and half_s > SLOWER * best_s:
            said[each.channel_id] = f"its receipts take {half_s:.1f} s, others' {best_s:.1f} s"
    delivered = {e.channel_id: (e.delivered, e.delivered + e.undelivered) for e in every}
    for channel_id, (good, count) in _worse(delivered, RECEIPTS_ENOUGH).items():
        said[channel_id] = f"fewer of its messages arrive: {good} of {count}"
    calls = {each.channel_id: (each.calls - each.failed, each.calls) for each in every}
    for channel_id, (good, count) in _worse(calls, CALLS_ENOUGH).items():
        said[channel_id] = f"fewer of its calls succeed: {good} of {count}"
    return said


def _worse(shares: dict[int, tuple[int, int]], enough: int) -> dict[int, tuple[int, int]]:
    judged = {channel_id: share for channel_id, share in shares.items() if share[1] >= enough}
    best = WORSE * max((wilson(*share)[0] for share in judged.values()), default=0.0)
    return {channel_id: share for channel_id, share in judged.items() if wilson(*share)[1] < best}
