"""The dispatcher's loop: claim what there is room for, carry it; when told to stop, finish what was begun."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from posthouse.core.message import Lane
from posthouse.core.ports.life import Claimed
from posthouse.core.ports.store import Overloaded, Unavailable, Wakeups
from posthouse.observe import Metrics, failpoint
from posthouse.workers.pace import Wait, backoff_s, rest

IN_FLIGHT_MAX = 512
OTP_RESERVED = 64
POLL_S = 0.5

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class Carrier(Protocol):
    """What the loop drives: `services.dispatch.Dispatch`."""

    async def claim(self, lane: Lane, limit: int) -> list[Claimed]:
        """Lease up to `limit` messages of a lane."""
        ...

    async def carry(self, claimed: Sequence[Claimed], done: Callable[[int], None]) -> None:
        """Send them; `done` hears how many are off our hands."""
        ...


class Dispatcher:
    """Holds at most `in_flight_max` messages, `otp_reserved` of these places for OTP alone."""

    def __init__(
        self,
        *,
        dispatch: Carrier,
        wakeups: Wakeups,
        metrics: Metrics,
        stop: asyncio.Event,
        in_flight_max: int = IN_FLIGHT_MAX,
        otp_reserved: int = OTP_RESERVED,
        wait: Wait = rest,
    ) -> None:
        self._dispatch = dispatch
        self._wakeups = wakeups
        self._metrics = metrics
        self._stop = stop
        self._in_flight_max = in_flight_max
        self._others_max = in_flight_max - otp_reserved
        self._wait = wait
        self._held: dict[Lane, int] = dict.fromkeys(Lane, 0)
        self._groups: set[asyncio.Task[None]] = set()
        self._look = asyncio.Event()

    async def run(self, *, drain_s: float = 9.0) -> None:
        """Dispatch until `stop`, then give the calls in flight `drain_s` to end.

        What does not end stays in the database: started attempts as unanswered, the rest in line.
        """
        nudges = [asyncio.create_task(self._relay()), asyncio.create_task(self._nudge_on_stop())]
        try:
            await self._dispatch_until_stopped()
            await self._drain(drain_s)
        finally:
            for task in (*nudges, *self._groups):
                task.cancel()
            await asyncio.gather(*nudges, *self._groups, return_exceptions=True)

    async def _dispatch_until_stopped(self) -> None:
        failures = 0
        while not self._stop.is_set():
            self._look.clear()
            try:
                found = await self._claim_all()
            except (Unavailable, Overloaded) as error:
                failures += 1
                log.warning("store_busy", loop="dispatcher", error=type(error).__name__, failures=failures)
            except Exception as error:
                failures += 1
                log.exception("loop_failed", loop="dispatcher", error=type(error).__name__, failures=failures)
            else:
                failures = 0
                if not found:
                    await self._wait(self._look, POLL_S)
                continue
            await self._wait(self._stop, backoff_s(failures))

    async def _claim_all(self) -> bool:
        """One claim for each lane, in order, as far as there is room; whether any found something."""
        found = False
        for lane in Lane:
            room = self._room(lane)
            if room <= 0 or self._stop.is_set():
                continue
            if claimed := await self._dispatch.claim(lane, room):
                found = True
                self._spawn(lane, claimed)
        return found

    def _room(self, lane: Lane) -> int:
        total = sum(self._held.values())
        free = self._in_flight_max - total
        if lane is Lane.OTP:
            return free
        return min(free, self._others_max - (total - self._held[Lane.OTP]))

    def _spawn(self, lane: Lane, claimed: list[Claimed]) -> None:
        self._hold(lane, len(claimed))
        group = asyncio.create_task(self._carry(lane, claimed))
        self._groups.add(group)
        group.add_done_callback(self._groups.discard)

    async def _carry(self, lane: Lane, claimed: list[Claimed]) -> None:
        left = len(claimed)

        def done(count: int) -> None:
            nonlocal left
            left -= count
            self._hold(lane, -count)
            self._look.set()

        try:
            await self._dispatch.carry(claimed, done)
        except Exception as error:
            log.exception("carry_failed", lane=lane.label, error=type(error).__name__, count=left)
        finally:
            done(left)

    def _hold(self, lane: Lane, count: int) -> None:
        self._held[lane] += count
        self._metrics.in_flight(sum(self._held.values()))

    async def _drain(self, drain_s: float) -> None:
        failpoint("draining")
        if self._groups:
            log.info("draining", groups=len(self._groups), messages=sum(self._held.values()))
            await asyncio.wait(self._groups, timeout=drain_s)
        if self._groups:
            log.warning("drain_cut_short", messages=sum(self._held.values()))

    async def _relay(self) -> None:
        while True:
            await self._wakeups.wait(POLL_S)
            self._look.set()

    async def _nudge_on_stop(self) -> None:
        await self._stop.wait()
        self._look.set()
