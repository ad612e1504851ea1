"""The clock jumps by an hour and by a year, in nights that have an hour twice or not at all."""

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from posthouse.core.message import Lane
from posthouse.core.ports.life import QueueScheduled, Recover
from posthouse.storage.engine.sqlite import SQLite
from soak.dispatching import Office
from soak.experiment import Outcome
from soak.premises import a_world, drifts
from tests.contracts.build import HOUR, SECOND, World
from tests.e2e.client import soon
from tests.e2e.premises import rows

ROWS = (28,)

BERLIN = ZoneInfo("Europe/Berlin")
NIGHTS = (datetime(2027, 3, 28, tzinfo=UTC), datetime(2027, 10, 31, tzinfo=UTC))
"""Midnights (UTC) before the clocks of Berlin go forward, and back."""

TICK_US, HOURS = 300 * SECOND, 4
YEAR_US = 365 * 24 * HOUR
JUMPS = (HOUR, -HOUR, YEAR_US, -YEAR_US)
CALL_S = 0.5
"""Long enough for a busy machine to do what is done during a call."""

LIMIT = 100
SOON_S = 10.0


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Live through both nights, and through calls during which the clock jumps.

    Planted: leases that end by a clock that leaps.
    """
    dice = random.Random(scale)
    names = ("scheduled", "sent", "unconfirmed", "early", "late", "twice", "lost", "held", "drifts")
    counted = Counter(dict.fromkeys(names, 0))
    for _ in range(scale):
        for night in NIGHTS:
            async with a_world() as (world, where):
                await _night(world, where, night, dice, counted)
        for jump in JUMPS:
            async with a_world() as (world, where):
                await _during_a_call(world, where, jump, counted, planted=planted)
    wrong = sum(counted[name] for name in ("early", "late", "twice", "lost", "held", "drifts"))
    return Outcome(
        injected=f"{counted['jumps']} jumps of ±1 h and ±1 y in {2 * scale} nights, {4 * scale} during calls",
        counted=counted,
        bar="no message twice, early, late or lost; calls end by their own clock; no lease left",
        held=not wrong and counted["sent"] > 0,
    )


async def _night(
    world: World, where: Path, night: datetime, dice: random.Random, counted: Counter[str]
) -> None:
    """A message for every ten minutes on the wall's clock; time passes, and for moments it is wrong."""
    office = Office(world)
    true = world.now = _us(night - timedelta(hours=1))
    due: dict[int, int] = {}
    for minutes in range(0, HOURS * 60, 10):
        wall = (night + timedelta(minutes=minutes)).astimezone(BERLIN)  # as a sender says it, with its offset
        message = await world.accept(send_at=_us(wall))
        due[message.id] = _us(wall)
    counted["scheduled"] += len(due)
    sent_at: dict[int, list[tuple[int, int]]] = {each: [] for each in due}
    seen = 0
    for _ in range((HOURS + 2) * HOUR // TICK_US):
        true += TICK_US
        jumps = [0] if dice.random() < 0.8 else [dice.choice((HOUR, -HOUR, -YEAR_US)), 0]
        for jump in jumps:
            counted["jumps"] += jump != 0
            world.now = true + jump
            await _work(world, office)
            for call in office.vendor.calls[seen:]:
                for outbound in call:
                    sent_at[outbound.message_id].append((world.now, true))
            seen = len(office.vendor.calls)
    world.now = true
    for message_id, moments in sent_at.items():
        counted["twice"] += len(moments) > 1
        for shown, really in moments:
            # By the clock that is shown; what a clock that runs ahead calls due is due.
            counted["early"] += shown < due[message_id]
            counted["late"] += really > due[message_id] + TICK_US
    await _count(where, counted)


async def _during_a_call(
    world: World, where: Path, jump: int, counted: Counter[str], *, planted: bool
) -> None:
    """Messages are with the vendor when the clock jumps, and everybody looks after them by the new time."""
    office = Office(world, takes_s=CALL_S)
    for lane in Lane:
        for _ in range(3):
            await world.accept(lane=lane.value)
    carrying = [
        asyncio.create_task(office.dispatch.carry(await office.dispatch.claim(lane, LIMIT))) for lane in Lane
    ]
    await office.janitor.round()
    await soon(
        lambda: office.vendor.in_flight == len(Lane), within_s=SOON_S, what="all are called", tick_s=0.001
    )
    true = world.now
    world.now += jump
    counted["jumps"] += 1
    if planted:
        await world.write(Recover(world.owner, world.now))
    for _ in range(2):
        await _work(world, office)
    async with asyncio.timeout(SOON_S):
        await asyncio.gather(*carrying)
    world.now = true + SECOND
    await _work(world, office)
    sent = Counter(outbound.message_id for call in office.vendor.calls for outbound in call)
    counted["twice"] += sum(times > 1 for times in sent.values())
    await _count(where, counted)


async def _work(world: World, office: Office) -> None:
    """One round of the scheduler, the dispatcher, the reconciler and the janitor."""
    await world.write(QueueScheduled(world.now, LIMIT))
    await office.janitor.round()
    for lane in Lane:
        if claimed := await office.dispatch.claim(lane, LIMIT):
            await office.dispatch.carry(claimed)
    await office.reconcile.step()


async def _count(where: Path, counted: Counter[str]) -> None:
    states = Counter(row[0] for row in rows(where / SQLite.file, "SELECT state FROM messages"))
    counted["sent"] += states["sent"]
    counted["unconfirmed"] += states["unconfirmed"]
    counted["lost"] += sum(states.values()) - states["sent"] - states["unconfirmed"]
    held = "SELECT count(*) FROM messages WHERE lease IS NOT NULL"
    counted["held"] += rows(where / SQLite.file, held)[0][0]
    counted["drifts"] += await drifts(where)


def _us(moment: datetime) -> int:
    return round(moment.timestamp()) * SECOND
