"""What stands before a channel: a token bucket for its rate, and slots for its calls in flight.

OTP has its own share of both: one burst of the bucket and a quarter of the slots are out of the
others' reach, so that a campaign on the same channel never stands in its way.

What waits here holds a place in the dispatcher's prefetch, which all channels share. So nobody waits who
would wait in vain, and no channel fills more than half of the prefetch while others have work.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from posthouse.core.routing import Channel
from posthouse.services.slots import Slots

PATIENCE_S = 1.0
"""Who would have to wait longer goes back to the line, so that a slow channel never fills the prefetch."""

BURST_S = 0.05
"""How much of the rate may go at once."""

LATER_MAX_S = 300.0
"""The farthest due time given to messages that were sent back."""

AHEAD = 0.8
"""They come back a little sooner than calls end, so that no slot stays empty."""

SLOWEST_STEP_S = 0.005
"""And at least so many a second: a channel that hangs may be quick again at any moment."""

WAITING_MAX, URGENT_MAX = 224, 32
"""Messages that may wait before one gate while others have work: half of what the dispatcher holds."""

BUSY_S = 5.0
"""A channel that was used within so long has work."""

CALL_S = 0.005
"""How long a call is thought to take before the first has ended."""

DOWN_PER_S, DOWN_MAX_S = 500, 120.0
"""How messages come back whose channel is down: so many a second, none after longer."""

TOGETHER_S = 0.1
"""All but codes come back so far apart, many at once: each alone costs the commits of one that is sent."""

_GOLDEN = 0.618034
"""Its multiples, without what stands before the point, lie as evenly as can be."""


class Ladder:
    """Due times one behind the other, so that what is sent back does not come all at once."""

    def __init__(self) -> None:
        self._promised_s = 0.0
        self._beyond = 0

    def after(self, now_s: float, wait_s: float, step_s: float, most_s: float) -> float:
        """The next one, in seconds from now: at least `wait_s`, `step_s` behind the one before.

        What would come after more than `most_s` is spread over the later half of that, and takes no place.
        """
        at_s = max(self._promised_s, now_s + wait_s)
        if at_s < now_s + most_s:
            self._promised_s = at_s + step_s
            return at_s - now_s
        self._beyond += 1
        return most_s * (1 - self._beyond * _GOLDEN % 1 / 2)


class Bucket:
    """A token bucket by the generic cell rate algorithm; times are monotonic seconds, given.

    In no second more than the rate: it fills by so much less as may go at once, what is urgent included.
    """

    def __init__(self, rate_per_s: int) -> None:
        """`rate_per_s` 0 means no limit."""
        self.burst = max(1, math.ceil(rate_per_s * BURST_S)) if rate_per_s else 0
        # One at a time leaves nothing to overdraw.
        self._reach = 2 * self.burst if self.burst > 1 else self.burst
        self.interval_s = 1 / (rate_per_s - self._reach + 1) if rate_per_s else 0.0
        self._empty_until = 0.0

    def take(self, count: int, now_s: float, *, urgent: bool = False) -> float:
        """Take `count` (at most `burst`) tokens and return 0, or take none and return the seconds to wait.

        `urgent` may overdraw the bucket by one more burst, which the others pay back.
        """
        reach_s = self.interval_s * (self._reach if urgent else self.burst)
        filled_at = max(self._empty_until, now_s) + count * self.interval_s
        wait_s = filled_at - reach_s - now_s
        if wait_s > 1e-9:  # noqa: PLR2004 - below a nanosecond it is rounding
            return wait_s
        self._empty_until = filled_at
        return 0.0

    def empty_s(self, now_s: float) -> float:
        """How long it will be empty."""
        return max(0.0, self._empty_until - now_s)


class Place(NamedTuple):
    """What a call of so many `messages` has before a gate: a slot, or a place in the line for one.

    Or neither: then `later_s` says in how many seconds to try again.
    """

    messages: int
    urgent: bool
    slot: bool = False
    later_s: float = 0.0


class Gate:
    """The gate of one channel: `admit` and `enter` before a call, `leave` after it."""

    def __init__(self, channel: Channel, alone: Callable[["Gate"], bool] = lambda _: True) -> None:
        """`alone`: whether no other channel than that of this gate has work."""
        slots = max(1, channel.concurrency)
        shared = max(1, slots - max(1, slots // 4))
        self._bucket = Bucket(channel.rate_per_s)
        self._slots = Slots(slots, shared)
        self._width = {True: slots, False: shared}
        self._calls = {True: 0, False: 0}
        self._messages = {True: 0, False: 0}
        self._ladder = Ladder()
        self._down: dict[bool, Ladder] = {}
        self._call_s = CALL_S
        self._began: deque[float] = deque()
        self._alone = alone
        self.used_s = -math.inf

    @property
    def burst(self) -> int | None:
        """The most messages one call may carry here; None for no limit."""
        return self._bucket.burst or None

    def admit(self, count: int, *, urgent: bool) -> Place:
        """A place before the gate for a call of `count` messages, with a slot if one is free.

        There is none where the wait would be in vain, or too many wait while other channels have work. Who
        has a place must `enter`.
        """
        now_s = self.used_s = asyncio.get_running_loop().time()
        if self._slots.take(urgent=urgent):
            return Place(count, urgent, slot=True)
        wait_s = self._wait_s(now_s, urgent=urgent)
        if wait_s > PATIENCE_S or self._crowded(count, urgent=urgent):
            return Place(count, urgent, later_s=self._later(count, now_s, wait_s, urgent=urgent))
        self._calls[urgent] += 1
        self._messages[urgent] += count
        return Place(count, urgent)

    async def enter(self, place: Place) -> float:
        """Wait, a second at most, for a slot and for a token for each message; 0 for a slot that is ours.

        Else in how many seconds to try again.
        """
        count, urgent, loop = place.messages, place.urgent, asyncio.get_running_loop()
        deadline_s = loop.time() + PATIENCE_S
        if not place.slot:
            try:
                if not await self._slots.wait(deadline_s, urgent=urgent):
                    return self._later(count, loop.time(), PATIENCE_S, urgent=urgent)
            finally:
                self._calls[urgent] -= 1
                self._messages[urgent] -= count
        try:
            while wait_s := self._bucket.take(count, loop.time(), urgent=urgent):
                if loop.time() + wait_s > deadline_s:
                    self._slots.leave(urgent=urgent)
                    return self._later(count, loop.time(), PATIENCE_S, urgent=urgent)
                await asyncio.sleep(wait_s)
        except asyncio.CancelledError:
            self._slots.leave(urgent=urgent)
            raise
        self._began.append(loop.time())
        return 0.0

    def leave(self, *, urgent: bool) -> None:
        """Give the slot back."""
        # Whichever call it was that ended: taken as the oldest, they last as long on average.
        lasted_s = asyncio.get_running_loop().time() - self._began.popleft()
        self._call_s += (lasted_s - self._call_s) / 8
        self._slots.leave(urgent=urgent)

    def give_up(self, *, urgent: bool) -> None:
        """Give the slot back without a call."""
        self._began.pop()
        self._slots.leave(urgent=urgent)

    def down_s(self, rest_s: float, left_s: float, *, urgent: bool) -> float:
        """In how many seconds a message should come again whose channel rests for so long.

        `left_s`: how long it is still valid. It looks again before half of that is over, unless the channel
        rests longer, and never after its end.
        """
        now_s = asyncio.get_running_loop().time()
        ladder = self._down.setdefault(urgent, Ladder())
        most_s = min(rest_s + DOWN_MAX_S, left_s / 2)
        later_s = ladder.after(now_s, rest_s, 1 / DOWN_PER_S, most_s)
        return min(left_s, max(rest_s, later_s if urgent else _together(now_s, later_s)))

    def up(self) -> None:
        """The channel has calls: whoever waits for it the next time that it is down, begins anew."""
        self._down.clear()

    def _crowded(self, count: int, *, urgent: bool) -> bool:
        waiting = self._messages[urgent]
        room = URGENT_MAX if urgent else WAITING_MAX
        return waiting > 0 and waiting + count > room and not self._alone(self)

    def _wait_s(self, now_s: float, *, urgent: bool) -> float:
        """How long who comes now would wait, by the rate and how long calls take, with those in flight."""
        slot_s = (self._calls[urgent] + 1) * self._lasts_s(now_s) / self._width[urgent]
        bucket = self._bucket
        ahead = self._messages[True] + self._messages[False] - bucket.burst
        return max(slot_s, bucket.empty_s(now_s) + ahead * bucket.interval_s)

    def _lasts_s(self, now_s: float) -> float:
        """How long a call takes: those that ended of late, or the oldest in flight."""
        return max(self._call_s, now_s - self._began[0] if self._began else 0.0)

    def _later(self, count: int, now_s: float, wait_s: float, *, urgent: bool) -> float:
        by_calls = min(AHEAD * self._lasts_s(now_s) / self._width[False], SLOWEST_STEP_S)
        step_s = max(by_calls, count * self._bucket.interval_s)
        later_s = self._ladder.after(now_s, wait_s, step_s, LATER_MAX_S)
        return later_s if urgent else _together(now_s, later_s)


def _together(now_s: float, later_s: float) -> float:
    """A little later, together with others."""
    return math.ceil((now_s + later_s) / TOGETHER_S) * TOGETHER_S - now_s


class Gates:
    """One gate for each channel; a changed rate or concurrency makes a new one."""

    def __init__(self) -> None:
        self._gates: dict[int, tuple[int, int, Gate]] = {}

    def of(self, channel: Channel) -> Gate:
        """The channel's gate."""
        known = self._gates.get(channel.id)
        if known is not None and known[:2] == (channel.rate_per_s, channel.concurrency):
            return known[2]
        gate = Gate(channel, self._alone)
        self._gates[channel.id] = (channel.rate_per_s, channel.concurrency, gate)
        return gate

    def _alone(self, gate: Gate) -> bool:
        """Whether no other channel has had work of late."""
        since_s = asyncio.get_running_loop().time() - BUSY_S
        return all(other is gate or other.used_s < since_s for _, _, other in self._gates.values())
