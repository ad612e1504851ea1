"""Receipts that never came: vendors that can be asked are, a few times in the life of a message.

Who was away for a while learns so what was told in vain meanwhile. Five rungs, by the age of the vendor's
reference; each looks along the references once, and from the start of the process on anew.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import islice, pairwise

import structlog

from posthouse.core.message import AGE_LIMIT_US
from posthouse.core.ports.polling import Awaited, FindAwaited, Place
from posthouse.core.ports.store import Clock, Overloaded, Store, Unavailable
from posthouse.core.ports.vendor import Settle, Vendor
from posthouse.services.apart import Apart
from posthouse.services.call import question_of

_MINUTE_US, _HOUR_US = 60_000_000, 3_600_000_000
AGES_US = (17 * _MINUTE_US, _HOUR_US, 6 * _HOUR_US, 24 * _HOUR_US, 60 * _HOUR_US)
"""When a reference is asked about; after 72 h nobody waits for it any more."""
LIMIT = 200
"""Questions of one step."""
OF_CHANNEL = 20
"""Of them, of one channel: with a step a second, its rate."""
ROWS, PAGES_MAX = 1000, 20
LINE_MAX = 1000
"""With so many questions in line nothing more is looked for."""
ASK_S = 30.0

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class Polling:
    """Asks vendors what became of what they took and told nothing of; call `step` once a second."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        vendors: Mapping[int, Vendor],
        settle_of: Callable[[int], Settle],
    ) -> None:
        """`vendors` by channel; `settle_of` makes a channel's `Settle`."""
        self._store = store
        self._clock = clock
        self._vendors = vendors
        self._settle_of = settle_of
        self._places = [Place()] * len(AGES_US)
        self._lines: dict[int, deque[Awaited]] = {}
        self._apart = Apart()
        self._mute: set[int] = set()

    async def step(self, limit: int = LIMIT) -> int:
        """Ask at most `limit` questions; answers how many there were.

        A channel whose vendor has not answered yet is asked nothing more, and holds up no other.
        """
        askable = frozenset(number for number, each in self._vendors.items() if each.capabilities.query)
        self._lines = {number: line for number, line in self._lines.items() if line and number in askable}
        if not askable:
            return 0
        await self._look(askable)
        asked: dict[int, list[Awaited]] = {}
        for channel_id, line in self._lines.items():
            count = 0 if self._apart.busy(channel_id) else min(len(line), OF_CHANNEL, limit)
            if not count:
                continue
            asked[channel_id] = [line.popleft() for _ in range(count)]
            limit -= count
        await self._apart.begin({number: self._ask(number, line) for number, line in asked.items()})
        return sum(map(len, asked.values()))

    async def end(self) -> None:
        """Wait for questions that are out; call `step` no more."""
        await self._apart.end()

    def drop(self) -> None:
        """Give up what is still out."""
        self._apart.drop()

    async def _look(self, askable: frozenset[int]) -> None:
        now = self._clock.now()
        # What is passed by, the next rung asks: no other is to wait for a vendor that does not answer.
        askable -= {number for number in self._mute if len(self._lines.get(number, ())) >= OF_CHANNEL}
        for rung, (age_us, next_us) in enumerate(pairwise((*AGES_US, AGE_LIMIT_US))):
            for _ in range(PAGES_MAX):
                if sum(map(len, self._lines.values())) >= LINE_MAX:
                    return
                query = FindAwaited(self._places[rung], now - next_us, now - age_us, askable, ROWS)
                page = await self._store.read(query)
                self._places[rung] = page.place
                for each in page.awaited:
                    self._lines.setdefault(each.channel_id, deque()).append(each)
                if not page.more:
                    break

    async def _ask(self, channel_id: int, awaited: Sequence[Awaited]) -> None:
        questions = [
            question_of(
                each.message_id,
                each.attempt,
                channel_id=channel_id,
                to=each.recipient,
                started_at=each.started_at,
                reference=each.reference,
            )
            for each in awaited
        ]
        vendor = self._vendors.get(channel_id)
        if vendor is None or not questions:
            return
        try:
            async with asyncio.timeout(ASK_S):
                told = await vendor.query(questions)
        # Whatever went wrong, the next rung asks again.
        except Exception as error:  # noqa: BLE001 - see above
            log.warning("poll_failed", channel_id=channel_id, error=type(error).__name__)
            if isinstance(error, TimeoutError):
                self._mute.add(channel_id)
                self._lines[channel_id] = deque(islice(self._lines.get(channel_id, ()), OF_CHANNEL))
            return
        self._mute.discard(channel_id)
        receipts = [each.receipt for each in told if each.receipt is not None]
        try:
            if receipts:
                await self._settle_of(channel_id)(receipts, [])
        except (Unavailable, Overloaded):
            self._lines.setdefault(channel_id, deque()).extendleft(reversed(awaited))
            raise
