"""What is to be done with claimed messages: carried by a channel, left for later, ended, or set apart."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Protocol

from posthouse.core.message import IN_DOUBT, Lane
from posthouse.core.ports.admin import AccountStatus
from posthouse.core.ports.changes import Late
from posthouse.core.ports.life import Claimed, Ended
from posthouse.core.ports.queries import AccountRecord
from posthouse.core.ports.store import Clock
from posthouse.core.ports.templates import Own
from posthouse.core.routing import Channel, Reviewed
from posthouse.core.rules import Rule
from posthouse.services.health import AllSound, Healths
from posthouse.services.plan import Figures, Load, NoFigures, Planner, Ready, dead, suppressed
from posthouse.services.quarantine import POISON
from posthouse.services.rendering import Rendering, Unreadable, Versions, likeness, render, reviewed
from posthouse.services.sealing import ParamsCipher


class ChannelDirectory(Versions, Protocol):
    """What dispatch asks of the directory."""

    def channels(self) -> tuple[Channel, ...]:
        """Every configured channel; the same tuple as long as nothing changed."""
        ...

    def rules(self) -> tuple[Rule, ...]:
        """The operator's rules, in their order."""
        ...

    async def account(self, account_id: int) -> AccountRecord:
        """An account that exists."""
        ...

    async def own(self, account_id: int) -> Own:
        """What an account has to say things with."""
        ...


_NO_FIGURES = NoFigures()


@dataclass(frozen=True, slots=True)
class Arranged:
    """What each channel carries, what is over, what waits for its account's quiet hours to end.

    `faulty`: what fails by itself, and how; `waiting`: what waits for its channel, down or draining.
    """

    loads: list[Load]
    ended: list[Ended]
    late: list[Late]
    faulty: list[tuple[Claimed, Exception]] = field(default_factory=list)
    waiting: list[tuple[Claimed, Channel]] = field(default_factory=list)


class Arranger:
    """Looks at the messages of one claim together."""

    def __init__(
        self,
        directory: ChannelDirectory,
        clock: Clock,
        zone: tzinfo,
        cipher: ParamsCipher,
        figures: Figures = _NO_FIGURES,
        health: Healths | None = None,
    ) -> None:
        """`zone`: by whose clocks hours are quiet; `cipher` opens what was sealed at acceptance.

        `figures` say how codes fare that channels carry, `health` how channels do: dispatch tells it how
        calls end. Without them nobody knows.
        """
        self._directory = directory
        self._clock = clock
        self._zone = zone
        self._cipher = cipher
        self.health = health or AllSound()
        self._planner = Planner(figures, self.health)
        self._channels: tuple[Channel, ...] = ()
        self._channel_ids: frozenset[int] = frozenset()

    async def arrange(self, claimed: Sequence[Claimed], connected: Iterable[int]) -> Arranged:
        """Plan for every message; raises what none of them is to blame for.

        `connected`: the channels that have a connection.
        """
        sound: list[Ready] = []
        faulty: list[tuple[Claimed, Exception]] = []
        said: dict[object, Rendering] = {}  # most messages of a campaign say what another of the claim does
        for message in claimed:
            try:
                like = likeness(message)
                rendering = said.get(like)
                if rendering is None:
                    rendering = await render(message, self._directory, self._cipher)
                    if like is not None:
                        said[like] = rendering
            except Unreadable as error:
                faulty.append((message, error))
            else:
                sound.append(Ready(message, rendering))
        try:
            arranged = await self._plan(sound, connected)
        except POISON:
            alone_plans = (self._plan([each], connected) for each in sound)
            plans = await asyncio.gather(*alone_plans, return_exceptions=True)
            alone = list(zip(sound, plans, strict=True))
            sound = [ready for ready, plan in alone if not isinstance(plan, POISON)]
            if not sound:
                raise  # whom nobody can route is not to blame
            faulty += [(ready.message, plan) for ready, plan in alone if isinstance(plan, POISON)]
            arranged = await self._plan(sound, connected)
        return Arranged(arranged.loads, arranged.ended, arranged.late, faulty, arranged.waiting)

    async def _plan(self, messages: Sequence[Ready], connected: Iterable[int]) -> Arranged:
        directory, now = self._directory, self._clock.now()
        channels = directory.channels()
        account_ids = {ready.message.account_id for ready in messages}
        accounts = {account_id: await directory.account(account_id) for account_id in account_ids}
        if any(channel.approval for channel in channels):
            messages = await self._with_reviews(messages)
        sendable: list[Ready] = []
        blocked: list[Ended] = []
        late: list[Late] = []
        for ready in messages:
            message = ready.message
            if message.expires_at <= now:
                sendable.append(ready)  # the planner ends it
            elif message.dead:
                blocked.append(dead(message))
            elif message.suppressed:
                blocked.append(suppressed(message))
            elif (until := self._quiet_until(message, accounts[message.account_id], now)) > now:
                late.append(Late(message.id, message.token, until))
            else:
                sendable.append(ready)
        trials = {number: each.status is AccountStatus.TRIAL for number, each in accounts.items()}
        if channels is not self._channels:
            self._channels, self._channel_ids = channels, frozenset(channel.id for channel in channels)
        planned = self._planner.loads(
            sendable,
            channels,
            trials=trials,
            now=now,
            rules=directory.rules(),
            zone=self._zone,
            unconnected=self._channel_ids.difference(connected),
        )
        return Arranged(planned.loads, planned.ended + blocked, late, waiting=planned.waiting)

    async def _with_reviews(self, messages: Sequence[Ready]) -> list[Ready]:
        """Who approved of what they say: messages that share a rendering share that, too."""
        known: dict[int, Reviewed | None] = {}
        found: list[Ready] = []
        for ready in messages:
            message, rendering = ready.message, ready.rendering
            if rendering.bindings is None:
                found.append(ready)
                continue
            if id(rendering) not in known:
                own = await self._directory.own(message.account_id)
                known[id(rendering)] = reviewed(message, rendering, own)
            found.append(Ready(message, rendering, known[id(rendering)]))
        return found

    def _quiet_until(self, message: Claimed, account: AccountRecord, now: int) -> int:
        """When a marketing message may go that no handset has or may yet get; any other goes on."""
        if message.lane is not Lane.MARKETING or account.quiet_hours is None:
            return now
        if any(past.outcome in IN_DOUBT for past in message.attempts):
            return now
        return account.quiet_hours.over(now, self._zone)
