"""Messages whose call had no usable answer: ask the vendor, and let the policy speak when it cannot say.

found                      → its verdict, as if the call had answered
authoritatively not found  → not sent: back to the line
nobody can say             → asked again after 1 s, 2 s, 4 s … until the policy's time
… and the policy's time    → sent once more, or left `unknown` until 72 h make it `unconfirmed`
"""

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Mapping, Sequence
from typing import Any

import structlog

from posthouse.core.message import AGE_LIMIT_US, UNKNOWN_SETTLES_AFTER_US, Lane, outcome_of
from posthouse.core.ports.life import Finish, Lease, RecordVerdicts
from posthouse.core.ports.reconciling import ClaimUnknown, Resolution, ResolveUnknown, Unanswered
from posthouse.core.ports.store import Clock, Overloaded, Store, Unavailable, Wakeups
from posthouse.core.ports.vendor import NOTHING_TOLD, Settle, Told, Vendor
from posthouse.core.routing import RECONCILE_FIRST_US, UnknownPolicy, after, resend_unknown
from posthouse.core.verdict import Accepted, Unknown, Verdict
from posthouse.observe import Metrics
from posthouse.services.apart import Apart
from posthouse.services.arrange import ChannelDirectory
from posthouse.services.call import question_of
from posthouse.services.dispatch import CALL_S, LEASE_US
from posthouse.services.insist import insist

LIMIT = 500
PRESSING_S = 1.0
"""What a vendor has at least for an answer about codes that are to be sent once more."""
ASK_AGAIN_US = 3600 * 1_000_000
"""How often a vendor that can be asked still is, once the policy has spoken."""

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class Reconcile:
    """Learns, or decides, what became of unanswered attempts."""

    def __init__(  # noqa: PLR0913 - what dispatch is given too, and two more
        self,
        *,
        store: Store,
        clock: Clock,
        directory: ChannelDirectory,
        vendors: Mapping[int, Vendor],
        wakeups: Wakeups,
        owner: int,
        tokens: Callable[[], int],
        metrics: Metrics,
        settle_of: Callable[[int], Settle],
    ) -> None:
        """`vendors` by channel; `settle_of` makes a channel's `Settle`."""
        self._store = store
        self._clock = clock
        self._directory = directory
        self._vendors = vendors
        self._wakeups = wakeups
        self._owner = owner
        self._tokens = tokens
        self._metrics = metrics
        self._settle_of = settle_of
        self._apart = Apart()

    async def step(self, limit: int = LIMIT) -> int:
        """Look at up to `limit` due messages; answers how many there were.

        A vendor that takes long is waited for apart, and asked nothing more until then.
        """
        now = self._clock.now()
        lease = Lease(self._owner, self._tokens(), now + LEASE_US)
        unanswered = await self._store.write(ClaimUnknown(limit, lease, now))
        alike: dict[tuple[int, bool], list[Unanswered]] = {}
        for message in unanswered:
            alike.setdefault((message.channel_id, _presses(message, now)), []).append(message)
        work: dict[Hashable, Coroutine[Any, Any, None]] = {}
        busy: list[Unanswered] = []
        for about, messages in alike.items():
            if self._apart.busy(about):
                busy += messages
            else:
                work[about] = self._channel(about[0], messages, pressing=about[1])
        if busy:
            await self._leave(busy)
        await self._apart.begin(work)
        return len(unanswered)

    async def end(self) -> None:
        """Wait for questions that are out; call `step` no more."""
        await self._apart.end()

    def drop(self) -> None:
        """Give up what is still out."""
        self._apart.drop()

    async def _leave(self, messages: list[Unanswered]) -> None:
        """Their vendor still owes answers about others: ask in a moment; what presses is not asked about."""
        now = self._clock.now()
        resolutions = [
            resolve(message, UnknownPolicy.LEAVE, now=now, can_ask=True)
            if _presses(message, now)
            else Resolution(message.id, message.token, resend=False, due_at=now + RECONCILE_FIRST_US)
            for message in messages
        ]
        await insist(self._store, ResolveUnknown(tuple(resolutions), now))
        if any(each.resend for each in resolutions):
            self._wakeups.wake()

    async def _channel(self, channel_id: int, messages: list[Unanswered], *, pressing: bool) -> None:
        vendor = self._vendors.get(channel_id)
        can_ask = vendor is not None and vendor.capabilities.query
        reports = vendor is not None and vendor.capabilities.reports
        inbound = vendor is not None and vendor.capabilities.inbound
        told = [NOTHING_TOLD] * len(messages)
        if vendor is not None and can_ask:
            told = [_whole(each) for each in await self._ask(vendor, messages, pressing=pressing)]
        finishes: list[Finish] = []
        resolutions: list[Resolution] = []
        now = self._clock.now()
        for message, (verdict, _) in zip(messages, told, strict=True):
            if verdict is None or isinstance(verdict, Unknown):
                policy = (await self._directory.account(message.account_id)).unknown_policy
                resolutions.append(resolve(message, policy, now=now, can_ask=can_ask))
            else:
                finishes.append(_finish(message, verdict, now=now, receipts=reports))
        if finishes:
            hearing = frozenset([channel_id]) if inbound else frozenset[int]()
            await insist(self._store, RecordVerdicts(tuple(finishes), now, hearing))
            name = next((c.label for c in self._directory.channels() if c.id == channel_id), "gone")
            for finish in finishes:
                self._metrics.verdicts(name, outcome_of(finish.verdict))
        if resolutions:
            await insist(self._store, ResolveUnknown(tuple(resolutions), now))
        if any(finish.next.more for finish in finishes) or any(each.resend for each in resolutions):
            self._wakeups.wake()
        await self._settle(channel_id, told)

    async def _settle(self, channel_id: int, told: Sequence[Told]) -> None:
        """What the vendor told beyond the verdicts; if that is lost, services/polling.py asks again."""
        taken = [each for each in told if isinstance(each.verdict, Accepted)]
        receipts = [each.receipt for each in taken if each.receipt is not None]
        if not receipts:
            return
        try:
            await self._settle_of(channel_id)(receipts, [])
        except (Unavailable, Overloaded) as error:
            log.warning("poll_failed", channel_id=channel_id, error=type(error).__name__)

    async def _ask(self, vendor: Vendor, messages: list[Unanswered], *, pressing: bool) -> Sequence[Told]:
        nobody_can_say = [NOTHING_TOLD] * len(messages)
        questions = [
            question_of(
                message.id,
                message.attempt,
                channel_id=message.channel_id,
                to=message.recipient,
                started_at=message.started_at,
            )
            for message in messages
        ]
        try:
            async with asyncio.timeout(self._pressing_s(messages) if pressing else CALL_S):
                told = await vendor.query(questions)
        # A question that fails leaves everything as it was: there is time to ask again.
        except Exception as error:  # noqa: BLE001 - see above
            log.warning("query_failed", channel_id=messages[0].channel_id, error=type(error).__name__)
            return nobody_can_say
        return told if len(told) == len(questions) else nobody_can_say

    def _pressing_s(self, messages: list[Unanswered]) -> float:
        """How long their vendor may think about it: hardly longer than until the policy's time."""
        begun = min(message.started_at for message in messages)
        left_us = begun + UNKNOWN_SETTLES_AFTER_US[Lane.OTP] - self._clock.now()
        return min(CALL_S, max(PRESSING_S, left_us / 1_000_000))


def _presses(message: Unanswered, now: int) -> bool:
    """Whether it is a code that the policy sends once more within seconds, whoever answers."""
    return message.lane is Lane.OTP and message.unknown_attempts == 1 and now < message.expires_at


def _whole(told: Told) -> Told:
    """What a vendor told; a receipt alone says as well that the vendor took it."""
    if told.verdict is None and told.receipt is not None and told.receipt.reference:
        return told._replace(verdict=Accepted(told.receipt.reference))
    return told


def resolve(message: Unanswered, policy: UnknownPolicy, *, now: int, can_ask: bool) -> Resolution:
    """What follows when nobody can say; `can_ask`: the vendor may know more another time."""
    settles_at = message.started_at + UNKNOWN_SETTLES_AFTER_US[message.lane]
    if now < settles_at:
        # The wait doubles with the age: looks at 1 s, 2 s, 4 s … after the call.
        wait_us = max(RECONCILE_FIRST_US, now - message.started_at)
        return Resolution(message.id, message.token, resend=False, due_at=min(now + wait_us, settles_at))
    resend = resend_unknown(message.lane, policy, unknown_attempts=message.unknown_attempts)
    if resend and now < message.expires_at:
        return Resolution(message.id, message.token, resend=True, due_at=now)
    aged_at = message.started_at + AGE_LIMIT_US
    due_at = min(now + ASK_AGAIN_US, aged_at) if can_ask else aged_at
    return Resolution(message.id, message.token, resend=False, due_at=due_at)


def _finish(message: Unanswered, verdict: Verdict, *, now: int, receipts: bool) -> Finish:
    # Whether another channel is left, routing will see: it knows who refused and who failed.
    following = after(
        verdict, lane=message.lane, attempt=message.attempt, others_left=True, now=now, receipts=receipts
    )
    return Finish(
        message.id, message.token, message.attempt, message.channel_id, message.recipient, verdict, following
    )
