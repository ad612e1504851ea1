"""From the line to the vendor: claim → route → commit "attempt started" → call → record the verdicts.

The order is the promise. An attempt is on disk before a byte leaves, so a crash can leave it
unanswered but never unseen; and what a vendor said is insisted on until it is on disk too. A
message whose call has no usable answer is `Unknown`, and left to `services/reconcile.py`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence

import structlog

from posthouse.core.ids import MESSAGE, show
from posthouse.core.message import Lane, Outcome, outcome_of
from posthouse.core.ports.changes import Late, Postpone
from posthouse.core.ports.life import (
    Claim,
    Claimed,
    Ended,
    EndMessages,
    Finish,
    Lease,
    PutBack,
    RecordVerdicts,
    Start,
    StartAttempts,
)
from posthouse.core.ports.store import Clock, Overloaded, Store, Unavailable, Wakeups
from posthouse.core.ports.vendor import Outbound, Vendor
from posthouse.core.routing import Channel, ChannelState, after
from posthouse.core.verdict import Deferred, NotSent, Refused, Verdict
from posthouse.observe import Metrics, detailed, failpoint
from posthouse.services.arrange import Arranger
from posthouse.services.call import call_of, offer, outbound
from posthouse.services.coalesce import cut
from posthouse.services.gate import Gate, Gates, Place
from posthouse.services.insist import insist
from posthouse.services.plan import Load, expired
from posthouse.services.quarantine import Quarantine
from posthouse.services.telling import tell

LEASE_US = 10_000_000
CALL_S = 8.0
"""From the commit of "attempt started" to the verdict; ends inside the lease."""

SOON_US = 1_000_000
"""When to look again at messages given back for want of a connection, or of the store."""

DRAINING_S = 2.0
"""How long what only a draining channel could carry rests: it may take messages again at any moment."""

REASONED = (Refused, Deferred)
"""Verdicts that come with a reason."""

_NONE: frozenset[int] = frozenset()

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class Dispatch:
    """Takes messages from the line and brings them to their vendors."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        arranger: Arranger,
        vendors: Mapping[int, Vendor],
        wakeups: Wakeups,
        owner: int,
        tokens: Callable[[], int],
        metrics: Metrics,
    ) -> None:
        """`vendors`: the connection of each channel, by its id. `tokens` never repeats a fencing token."""
        self._store = store
        self._clock = clock
        self._vendors = vendors
        self._wakeups = wakeups
        self._owner = owner
        self._tokens = tokens
        self._metrics = metrics
        self._arranger = arranger
        self._gates = Gates()
        self._health = arranger.health
        self._quarantine = Quarantine()
        self._began: dict[int, int] = {}
        self._turn: dict[Lane, int] = dict.fromkeys(Lane, 0)

    async def claim(self, lane: Lane, limit: int) -> list[Claimed]:
        """Lease up to `limit` due messages of a lane; the accounts take turns from claim to claim."""
        now = self._clock.now()
        lease = Lease(self._owner, self._tokens(), now + LEASE_US)
        claimed = await self._store.write(Claim(lane, limit, lease, now, self._turn[lane]))
        if claimed:
            failpoint("claimed")
            self._turn[lane] = claimed[-1].account_id
            self._metrics.claimed(lane, len(claimed))
        return claimed

    async def carry(
        self, claimed: Sequence[Claimed], done: Callable[[int], None] = lambda _count: None
    ) -> None:
        """Send messages of one claim; `done` hears how many are off our hands, call by call."""
        try:
            arranged = await self._arranger.arrange(claimed, self._vendors)
            loads, back = list(self._cut(arranged.loads)), self._resting(arranged.waiting)
        except Exception as error:
            # A lease does not end by itself while we live: give back what was not begun.
            ours = not isinstance(error, Unavailable | Overloaded)
            await self._put_back(claimed, self._quarantine.pause_us() if ours else SOON_US)
            done(len(claimed))
            raise
        calls = self._calls(loads, back, done)
        if back:
            calls.append(self._give_back(back, done))
        if arranged.ended:
            calls.append(self._end(arranged.ended, done))
        if arranged.late:
            calls.append(self._postpone(arranged.late, done))
        if arranged.faulty:
            calls.append(self._set_apart(arranged.faulty, done))
        # A fault in one call must not cut another off in the middle, as a TaskGroup would.
        for result in await asyncio.gather(*calls, return_exceptions=True):
            if isinstance(result, BaseException):
                raise result

    async def _set_apart(
        self, faulty: Sequence[tuple[Claimed, Exception]], done: Callable[[int], None]
    ) -> None:
        """Give back what failed by itself, and end what did too often; raises the first of the errors."""
        back: list[Claimed] = []
        ended: list[Ended] = []
        for message, error in faulty:
            if (end := self._quarantine.failed(message)) is None:
                back.append(message)
            else:
                ended.append(end)
                log.error("quarantined", message_id=show(MESSAGE, message.id), error=type(error).__name__)
        if ended:
            await self._end(ended, done)
        if back:
            await self._put_back(back, SOON_US)
            done(len(back))
        raise faulty[0][1]

    def _cut(self, loads: list[Load]) -> Iterator[Load]:
        """Cut each channel's load into what one call may carry."""
        for load in loads:
            vendor = self._vendors.get(load.channel.id)
            if vendor is None:
                yield load
            else:
                yield from cut(load, vendor.capabilities, self._gates.of(load.channel).burst)

    def _calls(
        self, loads: Sequence[Load], back: list[tuple[Claimed, int]], done: Callable[[int], None]
    ) -> list[Awaitable[None]]:
        """The calls that find a place before their gate; the others go `back`, each for so many µs."""
        calls: list[Awaitable[None]] = []
        for load in loads:
            channel = load.channel
            vendor = self._vendors.get(channel.id)
            if vendor is None:
                back += [(message, SOON_US) for message in load.messages]
                continue
            gate = self._gates.of(channel)
            place = gate.admit(len(load.planned), urgent=load.planned[0].message.lane is Lane.OTP)
            if place.later_s:
                back += [(message, _us(place.later_s)) for message in load.messages]
                continue
            if load.probe:
                self._health.probe(channel.id)
            calls.append(self._call(vendor, gate, place, load, done))
        return calls

    async def _call(
        self, vendor: Vendor, gate: Gate, place: Place, load: Load, done: Callable[[int], None]
    ) -> None:
        """One vendor call, from the place before the gate to the recorded verdicts."""
        channel_id = load.channel.id
        try:
            try:
                finishes = await self._past_the_gate(vendor, gate, place, load)
            finally:
                if load.probe:
                    self._health.spare(channel_id)
            inbound = frozenset([channel_id]) if vendor.capabilities.inbound else _NONE
            await self._record(finishes, inbound)
        finally:
            done(len(load.planned))

    async def _past_the_gate(self, vendor: Vendor, gate: Gate, place: Place, load: Load) -> list[Finish]:
        """What came of the call, or nothing where the load went back to the line."""
        if later_s := await gate.enter(place):
            await self._put_back(load.messages, _us(later_s))
            return []
        if not self._health.down(load.channel.id):
            gate.up()
        elif not load.probe:
            gate.give_up(urgent=place.urgent)  # while they waited: another may be found for them
            await self._put_back(load.messages, 0)
            self._wakeups.wake()
            return []
        try:
            return await self._attempt(vendor, await self._still_valid(load))
        finally:
            gate.leave(urgent=place.urgent)

    async def _attempt(self, vendor: Vendor, load: Load) -> list[Finish]:
        channel = load.channel
        now = self._clock.now()
        began_at = self._beginning(channel.id, now)
        deadline_s = asyncio.get_running_loop().time() + CALL_S
        starts = [
            Start(message.id, message.token, channel.id, channel.vendor, channel.simulated, plan.decision)
            for message, _, plan in load.planned
        ]
        if not starts:
            return []
        try:
            attempts = await self._store.write(StartAttempts(tuple(starts), began_at, now + LEASE_US))
        except Overloaded:
            await self._put_back(load.messages, SOON_US)
            return []
        except Unavailable:
            return await self._take_back(load)
        failpoint("attempt-committed")
        # Who lost the lease in the meantime must not be sent.
        if len(attempts) < len(load.planned):
            load = Load(channel, [planned for planned in load.planned if planned.message.id in attempts])
        call = call_of(channel.id, began_at)
        outbounds = [
            outbound(message, rendering, channel, attempts[message.id], call)
            for message, rendering, _ in load.planned
        ]
        if not outbounds:
            return []
        if detailed():
            for message in load.messages:
                tell("sending", message.id, message.recipient, channel=channel.label)
        verdicts = await self._offer(vendor, outbounds, channel, deadline_s)
        failpoint("vendor-replied")
        return self._finishes(load, attempts, verdicts, receipts=vendor.capabilities.reports)

    def _beginning(self, channel_id: int, now: int) -> int:
        """When a call begins, by which it is known for ever: no two of a channel in the same microsecond."""
        before = self._began.get(channel_id, 0)
        if before - SOON_US < now <= before:  # a clock that was put back further is believed
            now = before + 1
        self._began[channel_id] = now
        return now

    async def _offer(
        self, vendor: Vendor, outbounds: Sequence[Outbound], channel: Channel, deadline_s: float
    ) -> Sequence[Verdict]:
        """The call itself, counted and timed."""
        loop, metrics, name = asyncio.get_running_loop(), self._metrics, channel.label
        since_s = loop.time()
        metrics.calling(name, len(outbounds))
        try:
            verdicts = await offer(vendor, outbounds, channel=name, deadline_s=deadline_s)
        finally:
            metrics.calling(name, -len(outbounds))
            metrics.called(name, loop.time() - since_s)
        if since_s < deadline_s:  # else it was our store that took too long
            self._health.answered(channel.id, verdicts, loop.time() - since_s)
        return verdicts

    def _finishes(
        self, load: Load, attempts: Mapping[int, int], verdicts: Sequence[Verdict], *, receipts: bool
    ) -> list[Finish]:
        now = self._clock.now()
        channel = load.channel
        finishes: list[Finish] = []
        for (message, _, plan), verdict in zip(load.planned, verdicts, strict=True):
            attempt, others_left = attempts[message.id], plan.others_left
            lane = message.lane
            following = after(
                verdict,
                lane=lane,
                attempt=attempt,
                others_left=others_left,
                now=now,
                receipts=receipts,
                others_later=plan.others_later,
            )
            if following.more and following.due_at == now:
                self._metrics.failover(verdict.reason if isinstance(verdict, REASONED) else "not_sent")
            finishes.append(
                Finish(
                    message.id,
                    message.token,
                    attempt,
                    channel.id,
                    message.recipient,
                    verdict,
                    following,
                    plan.hear_within_us if receipts else None,
                )
            )
        self._count(channel.label, verdicts)
        if detailed():
            for message, verdict in zip(load.messages, verdicts, strict=True):
                outcome = outcome_of(verdict).value
                tell("answered", message.id, message.recipient, channel=channel.label, outcome=outcome)
        return finishes

    def _count(self, channel: str, verdicts: Sequence[Verdict]) -> None:
        counts: dict[Outcome, int] = {}  # a `Counter` takes 5 µs to make
        for verdict in verdicts:
            outcome = outcome_of(verdict)
            counts[outcome] = counts.get(outcome, 0) + 1
            if isinstance(verdict, REASONED):
                self._metrics.reason(channel, verdict.reason)
        for outcome, count in counts.items():
            self._metrics.verdicts(channel, outcome, count)

    async def _record(self, finishes: list[Finish], inbound: frozenset[int] = _NONE) -> None:
        if not finishes:
            return
        now = self._clock.now()
        await insist(self._store, RecordVerdicts(tuple(finishes), now, inbound))
        if any(finish.next.more and (finish.next.due_at or 0) <= now for finish in finishes):
            self._wakeups.wake()

    async def _take_back(self, load: Load) -> list[Finish]:
        """Nobody knows whether the starts are on disk, but no byte left: close those that are.

        Messages whose start is not on disk are still leased to us, and go back to the line.
        """
        attempts = {message.id: len(message.attempts) + 1 for message in load.messages}
        verdicts = [NotSent("the store did not confirm the attempt")] * len(attempts)
        await self._record(self._finishes(load, attempts, verdicts, receipts=False))
        await self._put_back(load.messages, 0)
        return []

    async def _still_valid(self, load: Load) -> Load:
        """What the wait at the gate has left of the load; the rest is ended."""
        now = self._clock.now()
        ended = [expired(message, plan) for message, _, plan in load.planned if message.expires_at <= now]
        if not ended:
            return load
        await insist(self._store, EndMessages(tuple(ended), now))
        return Load(load.channel, [planned for planned in load.planned if planned.message.expires_at > now])

    async def _end(self, ended: list[Ended], done: Callable[[int], None]) -> None:
        try:
            await insist(self._store, EndMessages(tuple(ended), self._clock.now()))
        finally:
            done(len(ended))

    def _resting(self, waiting: Sequence[tuple[Claimed, Channel]]) -> list[tuple[Claimed, int]]:
        """In how many µs to try again what waits for channels that are down or draining."""
        now, back = self._clock.now(), list[tuple[Claimed, int]]()
        for message, channel in waiting:
            draining = channel.state is ChannelState.DRAINING
            rest_s = DRAINING_S if draining else self._health.rest_s(channel.id)
            urgent = message.lane is Lane.OTP
            left_s = (message.expires_at - now) / 1_000_000
            back.append((message, _us(self._gates.of(channel).down_s(rest_s, left_s, urgent=urgent))))
        return back

    async def _postpone(self, late: list[Late], done: Callable[[int], None]) -> None:
        try:
            await insist(self._store, Postpone(tuple(late), self._clock.now()))
        finally:
            done(len(late))

    async def _put_back(self, messages: Iterable[Claimed], later_us: int) -> None:
        await self._give_back([(message, later_us) for message in messages])

    async def _give_back(
        self, back: Sequence[tuple[Claimed, int]], done: Callable[[int], None] = lambda _count: None
    ) -> None:
        """Put messages back into line, each for in so many µs: no attempt is made in vain."""
        now = self._clock.now()
        returned = [(message.id, message.token, now + later_us) for message, later_us in back]
        try:
            await insist(self._store, PutBack(tuple(returned)))
        finally:
            done(len(back))


def _us(seconds: float) -> int:
    return int(seconds * 1_000_000)
