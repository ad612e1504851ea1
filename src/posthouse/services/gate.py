"""What stands before a channel: a token bucket for its rate, and slots for its calls in flight.

OTP has its own share of both: one burst of the bucket and a quarter of the slots are out of the
others' reach, so that a campaign on the same channel never stands in its way.
"""

import asyncio
import math

from posthouse.core.routing import Channel

PATIENCE_S = 1.0
"""Who would have to wait longer goes back to the line, so that a slow channel never fills the prefetch."""

BURST_S = 0.1
"""How much of the rate may go at once."""

LATER_MAX_S = 300.0
"""The farthest due time given to messages that were sent back."""


class Bucket:
    """A token bucket by the generic cell rate algorithm; times are monotonic seconds, given."""

    def __init__(self, rate_per_s: int) -> None:
        """`rate_per_s` 0 means no limit."""
        self.burst = max(1, math.ceil(rate_per_s * BURST_S)) if rate_per_s else 0
        self._interval = 1 / rate_per_s if rate_per_s else 0.0
        self._empty_until = 0.0
        self._promised = 0.0

    def take(self, count: int, now_s: float, *, urgent: bool = False) -> float:
        """Take `count` (at most `burst`) tokens and return 0, or take none and return the seconds to wait.

        `urgent` may overdraw the bucket by one more burst, which the others pay back.
        """
        reach = self._interval * self.burst * (2 if urgent else 1)
        filled_at = max(self._empty_until, now_s) + count * self._interval
        wait_s = filled_at - reach - now_s
        if wait_s > 1e-9:  # noqa: PLR2004 - below a nanosecond it is rounding
            return wait_s
        self._empty_until = filled_at
        return 0.0

    def later(self, count: int, now_s: float) -> float:
        """Seconds after which `count` messages should come again, one group behind the other."""
        at = min(max(self._promised, self._empty_until, now_s + PATIENCE_S), now_s + LATER_MAX_S)
        self._promised = at + count * self._interval
        return at - now_s


class Gate:
    """The gate of one channel: `enter` before a call, `leave` after it."""

    def __init__(self, channel: Channel) -> None:
        slots = max(1, channel.concurrency)
        self._bucket = Bucket(channel.rate_per_s)
        self._slots = asyncio.Semaphore(slots)
        self._shared = asyncio.Semaphore(max(1, slots - max(1, slots // 4)))

    @property
    def burst(self) -> int | None:
        """The most messages one call may carry here; None for no limit."""
        return self._bucket.burst or None

    async def enter(self, count: int, *, urgent: bool) -> float:
        """Wait, a second at most, for a slot and for `count` tokens.

        Returns 0 when the call may be made, with a slot held until `leave`. Otherwise the seconds
        after which the messages should come again; nothing is held then.
        """
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + PATIENCE_S
        if not urgent and not await _acquired(self._shared, deadline_s):
            return self._bucket.later(count, loop.time())
        try:
            if not await _acquired(self._slots, deadline_s):
                self._leave_shared(urgent=urgent)
                return self._bucket.later(count, loop.time())
        except asyncio.CancelledError:
            self._leave_shared(urgent=urgent)
            raise
        try:
            while wait_s := self._bucket.take(count, loop.time(), urgent=urgent):
                if loop.time() + wait_s > deadline_s:
                    self.leave(urgent=urgent)
                    return self._bucket.later(count, loop.time())
                await asyncio.sleep(wait_s)
        except asyncio.CancelledError:
            self.leave(urgent=urgent)
            raise
        return 0.0

    def leave(self, *, urgent: bool) -> None:
        """Give the slot back."""
        self._slots.release()
        self._leave_shared(urgent=urgent)

    def _leave_shared(self, *, urgent: bool) -> None:
        if not urgent:
            self._shared.release()


async def _acquired(slots: asyncio.Semaphore, deadline_s: float) -> bool:
    if not slots.locked():
        return await slots.acquire()
    try:
        async with asyncio.timeout_at(deadline_s):
            return await slots.acquire()
    except TimeoutError:
        return False


class Gates:
    """One gate for each channel; a changed rate or concurrency makes a new one."""

    def __init__(self) -> None:
        self._gates: dict[int, tuple[int, int, Gate]] = {}

    def of(self, channel: Channel) -> Gate:
        """The channel's gate."""
        known = self._gates.get(channel.id)
        if known is not None and known[:2] == (channel.rate_per_s, channel.concurrency):
            return known[2]
        gate = Gate(channel)
        self._gates[channel.id] = (channel.rate_per_s, channel.concurrency, gate)
        return gate
