"""How channels do, as this process sees it: told by dispatch and by receipts, asked by routing."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

import structlog

from posthouse.core.confidence import wilson
from posthouse.core.health import BreakerState, HealthReport, Record, Standing, has_failed
from posthouse.core.ports.store import Clock
from posthouse.core.routing import Channel, ChannelState
from posthouse.core.verdict import Verdict
from posthouse.observe import Metrics

REFRESH_S = 1.0
"""How often figures are looked at anew while nothing breaks: plans are remembered in between."""

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class Healths(Protocol):
    """What dispatch tells, and routing asks."""

    def answered(self, channel_id: int, verdicts: Sequence[Verdict], seconds: float) -> None:
        """A call over the channel ended after so long."""
        ...

    def standings(self) -> tuple[Standing, ...]:
        """How channels do; the same tuple as long as that is the same, empty while all are sound."""
        ...

    def probes(self) -> tuple[int, ...]:
        """Channels that are down and of which it is time to see how they do."""
        ...

    def probe(self, channel_id: int) -> None:
        """One message goes over it now; nothing more until it is answered."""
        ...

    def spare(self, channel_id: int) -> None:
        """That message became no call; harmless where it did."""
        ...

    def down(self, channel_id: int) -> bool:
        """Whether a channel is left alone."""
        ...

    def rest_s(self, channel_id: int) -> float:
        """How long until a channel that is down may be tried again."""
        ...


class AllSound:
    """Nobody looks."""

    def answered(self, channel_id: int, verdicts: Sequence[Verdict], seconds: float) -> None:
        """Forgotten."""

    def standings(self) -> tuple[Standing, ...]:
        """Nothing to be said."""
        return ()

    def probes(self) -> tuple[int, ...]:
        """None is down."""
        return ()

    def probe(self, channel_id: int) -> None:
        """None is ever asked for."""

    def spare(self, channel_id: int) -> None:
        """None is ever made."""

    def down(self, channel_id: int) -> bool:
        """None is."""
        del channel_id
        return False

    def rest_s(self, channel_id: int) -> float:
        """At once."""
        del channel_id
        return 0.0


class _Watched(NamedTuple):
    label: str
    record: Record


class Health:
    """Remembers real channels while they are in use; what simulators fail was asked for by the number."""

    def __init__(
        self,
        clock: Clock,
        channels: Callable[[], Sequence[Channel]],
        metrics: Metrics,
        *,
        monotonic: Callable[[], float] | None = None,
    ) -> None:
        """`channels`: all, the same tuple as long as nothing changed.

        `monotonic`: seconds that never go back; else the event loop's.
        """
        self._clock = clock
        self._channels = channels
        self._metrics = metrics
        self._monotonic = monotonic
        self._known: Sequence[Channel] = ()
        self._labels: dict[int, str] = {}
        self._watched: dict[int, _Watched] = {}
        self._down: dict[int, int] = {}
        self._standings: tuple[Standing, ...] = ()
        self._looked_s: float | None = None

    def answered(self, channel_id: int, verdicts: Sequence[Verdict], seconds: float) -> None:
        """A call over the channel ended after so long."""
        watched = self._of(channel_id)
        if watched is None:
            return
        before = watched.record.breaker.state
        watched.record.answered(self._now_s(), seconds=seconds, failed=has_failed(verdicts))
        if watched.record.breaker.state is not before:
            self._turned(channel_id, watched, before)

    def receipts(self, channel_id: int, delivered: int, undelivered: int, lags_s: Iterable[float]) -> None:
        """Receipts of the channel were settled; `lags_s`: how long each delivered message had been sent."""
        watched = self._of(channel_id)
        if watched is not None:
            watched.record.heard(self._now_s(), delivered=delivered, undelivered=undelivered, lags_s=lags_s)

    def standings(self) -> tuple[Standing, ...]:
        """How channels do; the same tuple as long as that is the same, empty while all are sound."""
        self._follow()
        if not self._watched:
            return ()
        now_s = self._now_s()
        if self._looked_s is None or now_s - self._looked_s >= REFRESH_S:
            self._looked_s = now_s
            found = tuple(
                each.record.standing(channel_id, now_s) for channel_id, each in self._watched.items()
            )
            if all(each.sound for each in found):
                found = ()
            if found != self._standings:
                self._standings = found
        return self._standings

    def probes(self) -> tuple[int, ...]:
        """Channels that are down and of which it is time to see how they do."""
        self._follow()
        if not self._down:
            return ()
        now_s = self._now_s()
        return tuple(
            channel_id for channel_id in self._down if self._watched[channel_id].record.breaker.due(now_s)
        )

    def probe(self, channel_id: int) -> None:
        """One message goes over it now; nothing more until it is answered."""
        watched = self._of(channel_id)
        if watched is not None:
            watched.record.breaker.probe(self._now_s())

    def spare(self, channel_id: int) -> None:
        """That message became no call; harmless where it did."""
        watched = self._of(channel_id)
        if watched is not None:
            watched.record.breaker.spare(self._now_s())

    def down(self, channel_id: int) -> bool:
        """Whether a channel is left alone."""
        return channel_id in self._down

    def rest_s(self, channel_id: int) -> float:
        """How long until a channel that is down may be tried again."""
        watched = self._of(channel_id)
        return 0.0 if watched is None else watched.record.breaker.rest_s(self._now_s())

    def report(self, channel_id: int) -> HealthReport:
        """How a channel does, for people; all zeros for one that nobody used."""
        watched = self._of(channel_id)
        if watched is None:
            return HealthReport()
        breaker, standing = watched.record.breaker, watched.record.standing(channel_id, self._now_s())
        return HealthReport(
            breaker.state,
            standing.calls,
            standing.failed,
            wilson(standing.calls - standing.failed, standing.calls)[0],
            standing.receipt_p50_s,
            standing.delivered,
            standing.undelivered,
            self._down.get(channel_id),
            breaker.why,
        )

    def _turned(self, channel_id: int, watched: _Watched, before: BreakerState) -> None:
        """The breaker has opened, or closed."""
        self._looked_s = None
        breaker = watched.record.breaker
        if breaker.state is BreakerState.CLOSED:
            self._down.pop(channel_id, None)
            log.info("channel_closed", channel=watched.label)
        elif before is BreakerState.CLOSED:
            self._down[channel_id] = self._clock.now()
            log.warning("channel_open", channel=watched.label, why=breaker.why)
        self._metrics.channel_down(watched.label, down=breaker.state is not BreakerState.CLOSED)

    def _of(self, channel_id: int) -> _Watched | None:
        self._follow()
        watched = self._watched.get(channel_id)
        if watched is None and (label := self._labels.get(channel_id)) is not None:
            watched = self._watched[channel_id] = _Watched(label, Record())
        return watched

    def _follow(self) -> None:
        """Forget channels that are gone or no longer in use: nobody would ever see how they do."""
        channels = self._channels()
        if channels is self._known:
            return
        self._known = channels
        used = (each for each in channels if each.state is ChannelState.ACTIVE and not each.simulated)
        self._labels = {each.id: each.label for each in used}
        for channel_id in self._watched.keys() - self._labels.keys():
            self._metrics.channel_gone(self._watched.pop(channel_id).label)
            self._down.pop(channel_id, None)
            self._looked_s = None
        if not self._watched:
            self._standings = ()

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time() if self._monotonic is None else self._monotonic()
