"""The watch: what an operator should hear of, told when it begins and when it ends, not at every message."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

import structlog

from posthouse.core.message import Outcome
from posthouse.core.ports.queries import CheckBooks
from posthouse.core.ports.store import Clock, Store
from posthouse.core.verdict import Reason
from posthouse.observe import Metrics
from posthouse.workers.pace import Wait, repeat, rest

OVERLOAD_EVERY_S = 1.0
CHANNELS_EVERY_S = 10.0
BOOKS_EVERY_S = 60.0
CALM_AFTER = 5
"""Looks in a row without trouble after which it is over."""

FIRST_AUDIT_S = 900.0
"""After the start, so that whoever restarts often is audited too, and no start is slowed."""

QUIET_HOUR = 4
"""The hour of the day, in the configured zone, of the audit from the first transfer on."""

SHOWN = 3
"""How many drifts are told in words."""

FAILED = (Outcome.UNKNOWN.value, Outcome.NOT_SENT.value)
UNUSABLE = frozenset({Reason.AUTH.value, Reason.FORBIDDEN.value, Reason.BALANCE.value, Reason.QUOTA.value})
"""Reasons that the operator of a vendor account must see to."""

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Audited:
    """What a whole check of the ledger found: how many drifts, and the first few in words."""

    drifts: int
    what: tuple[str, ...] = ()


class AuditFailed(Exception):
    """The check did not come to an end; the message says why, in our own words."""


Audit = Callable[[], Awaitable[Audited]]
"""Checks the ledger from the first transfer on, without standing in anybody's way."""


class Spell:
    """Trouble that begins and ends: tells either once."""

    def __init__(self) -> None:
        self._calm = 0
        self._lasts = False

    def look(self, *, troubled: bool) -> bool | None:
        """True when trouble begins, False when it is over, None while nothing changes."""
        if troubled:
            self._calm = 0
            began, self._lasts = not self._lasts, True
            return True if began else None
        self._calm += 1
        if self._lasts and self._calm >= CALM_AFTER:
            self._lasts = False
            return False
        return None


class Watch:
    """Looks at the metrics each few seconds, at the books each minute, at the whole ledger each night."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        metrics: Metrics,
        audit: Audit,
        zone: tzinfo,
        stop: asyncio.Event,
        wait: Wait = rest,
    ) -> None:
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._audit = audit
        self._zone = zone
        self._stop = stop
        self._wait = wait
        self._overload = Spell()
        self._turned_away = 0.0
        self._channels: dict[str, Spell] = defaultdict(Spell)
        self._seen: Mapping[tuple[str, str, str], float] = {}

    async def requests(self) -> None:
        """Tell when requests begin to be turned away, and when that is over; until `stop`."""
        await repeat(
            "overload", self.look_at_load, every_s=OVERLOAD_EVERY_S, stop=self._stop, wait=self._wait
        )

    async def run(self) -> None:
        """Channels, books and audits, until `stop`."""
        async with asyncio.TaskGroup() as loops:
            for name, step, every_s in (
                ("channels", self.look_at_channels, CHANNELS_EVERY_S),
                ("books", self.look_at_books, BOOKS_EVERY_S),
            ):
                loops.create_task(repeat(name, step, every_s=every_s, stop=self._stop, wait=self._wait))
            loops.create_task(self._audits())

    async def look_at_load(self) -> bool:
        """Compare how many were turned away with the last look."""
        turned_away = self._metrics.turned_away()
        change = self._overload.look(troubled=turned_away > self._turned_away)
        if change:
            log.warning("overload_began", turned_away=int(turned_away - self._turned_away))
        elif change is False:
            log.info("overload_ended", turned_away_since_start=int(turned_away))
        self._turned_away = turned_away
        return False

    async def look_at_channels(self) -> bool:
        """Compare what went wrong on each channel with the last look."""
        seen = _troubles(self._metrics)
        news: dict[str, dict[str, int]] = defaultdict(dict)
        for (channel, kind, what), count in seen.items():
            if kind and (more := int(count - self._seen.get((channel, kind, what), 0))):
                news[channel][what] = more
        for channel in {channel for channel, _, _ in seen}:
            change = self._channels[channel].look(troubled=channel in news)
            if change:
                log.warning("channel_trouble", channel=channel, **news[channel])
            elif change is False:
                log.info("channel_recovered", channel=channel)
        self._seen = seen
        return False

    async def look_at_books(self) -> bool:
        """Whether every account's purses add up."""
        since = self._clock.now()
        drifts = await self._store.read(CheckBooks())
        what = tuple(f"account {drift.account_id}, {drift.what}" for drift in drifts[:SHOWN])
        self._tell("books", since, Audited(len(drifts), what))
        return False

    async def look_at_ledger(self) -> bool:
        """Recompute everything."""
        since = self._clock.now()
        self._tell("full", since, await self._audit())
        return False

    async def _audits(self) -> None:
        pause_s = FIRST_AUDIT_S
        while not self._stop.is_set():
            await self._wait(self._stop, pause_s)
            if self._stop.is_set():
                return
            try:
                await self.look_at_ledger()
            except AuditFailed as error:
                log.error("audit_failed", why=str(error))  # noqa: TRY400 - where it was raised says nothing
            except Exception as error:
                log.exception("loop_failed", loop="audit", error=type(error).__name__)
            pause_s = until_quiet_s(self._clock.now(), self._zone)

    def _tell(self, check: str, since: int, audited: Audited) -> None:
        now = self._clock.now()
        seconds = (now - since) / 1_000_000
        self._metrics.checked(check, drifts=audited.drifts, at_s=now / 1_000_000, seconds=seconds)
        if audited.drifts:
            log.error("ledger_drifts", check=check, drifts=audited.drifts, what=audited.what)
        elif check == "full":
            log.info("ledger_balances", check=check, seconds=round(seconds, 3))


def until_quiet_s(now: int, zone: tzinfo) -> float:
    """Seconds until the next quiet hour begins."""
    local = datetime.fromtimestamp(now / 1_000_000, UTC).astimezone(zone)
    quiet = local.replace(hour=QUIET_HOUR, minute=0, second=0, microsecond=0)
    if quiet <= local:
        quiet += timedelta(days=1)
    return quiet.timestamp() - now / 1_000_000


def _troubles(metrics: Metrics) -> dict[tuple[str, str, str], float]:
    """What every channel said so far, by channel, whether it is trouble, and what it was."""
    verdicts = {
        (channel, "failed" if outcome in FAILED else "", outcome): count
        for (channel, outcome), count in metrics.by_channel().items()
    }
    reasons = {
        (channel, "reason", reason): count
        for (channel, reason), count in metrics.reasons_by_channel().items()
        if reason in UNUSABLE
    }
    return verdicts | reasons
