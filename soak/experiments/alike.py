"""Known, unknown, expired, wrong, used and locked: the same answer, the same statements, the same time."""

import random
import time
from math import sqrt
from pathlib import Path
from statistics import fmean, variance
from typing import Any

import msgspec

from posthouse.core.otp import CHECKS_MAX, TTL_S
from posthouse.core.ports.otp import CheckCode, Checked
from posthouse.services.directory import Caller
from posthouse.storage import store
from posthouse.storage.engine.sqlite import SQLite
from posthouse.web.dialects.v1.otp_wire import VerifyReply
from soak.experiment import Outcome
from soak.passcodes import Desk, a_caller
from soak.premises import a_world
from tests.contracts.build import HOUR, SECOND

ROWS = (44,)

SAMPLES = 20
"""Of each kind at scale 1; ten thousand at scale 10, which is judged by the clock too."""

TIMED_FROM, T_MAX = 10, 4.5
KINDS = ("unknown", "wrong", "expired", "used", "locked", "foreign id")


class Watched(SQLite):
    """The engine, with every statement of its writer noted."""

    def __init__(self, directory: Path, seen: list[str]) -> None:
        super().__init__(directory)
        self._seen = seen

    def open_writer(self) -> Any:  # noqa: ANN401 - as there
        """The connection that writes."""
        connection = super().open_writer()
        connection.set_trace_callback(self._seen.append)
        return connection


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Check codes of every kind in turns; planted: numbers that nobody knows are answered at once."""
    dice, seen = random.Random(scale), list[str]()
    samples = SAMPLES * scale if scale < TIMED_FROM else SAMPLES * 50 * scale
    handler = store.HANDLERS[CheckCode]
    if planted:
        store.HANDLERS[CheckCode] = _hasty(handler)
    try:
        async with a_world(lambda where: Watched(where, seen)) as (world, _):
            found = await _sampled(
                Desk(world), await a_caller(world, "shop", codes=10**9), samples, dice, seen
            )
    finally:
        store.HANDLERS[CheckCode] = handler
    bodies = {body for each in found.values() for body in each.bodies}
    stories = {story for each in found.values() for story in each.stories}
    most = max(
        abs(_t(found[one].times_us, found[other].times_us))
        for place, one in enumerate(KINDS)
        for other in KINDS[:place]
    )
    timed = scale >= TIMED_FROM
    return Outcome(
        injected=f"{samples:,} checks of each of {len(KINDS)} kinds, in turns",
        counted={"answers": len(bodies), "ways through the store": len(stories), "most |t|": round(most, 1)},
        bar="one answer, one way" + (f"; Welch |t| < {T_MAX}" if timed else ""),
        held=bodies == {b'{"valid":false}'} and len(stories) == 1 and (most < T_MAX or not timed),
        detail="; ".join(f"{name} {fmean(each.times_us):.0f} µs" for name, each in found.items())
        + ("" if len(stories) == 1 else f"; {stories}"),
    )


class _Kind:
    def __init__(self) -> None:
        self.bodies: set[bytes] = set()
        self.stories: set[tuple[str, ...]] = set()
        self.times_us: list[float] = []


async def _sampled(
    desk: Desk, who: Caller, samples: int, dice: random.Random, seen: list[str]
) -> dict[str, _Kind]:
    """Rounds of one check of every kind, in another order each time."""
    found = {name: _Kind() for name in KINDS}
    turn = 0
    while turn < samples:
        to = {name: f"+86139{turn:06d}{place:02d}" for place, name in enumerate(KINDS)}
        code = await _prepared(desk, who, to)
        desk.verify = desk.another_verify()  # the breaker is another row
        # A code has four wrong checks that do not lock it.
        for _ in range(min(CHECKS_MAX - 1, samples - turn)):
            for name in dice.sample(KINDS, len(KINDS)):
                given = {"verification_id": 1} if name == "foreign id" else {}
                asked = f"{(int(code[name]) + 1) % 10**6:06d}" if name in ("wrong", "locked") else code[name]
                seen.clear()
                since = time.perf_counter_ns()
                checked = await desk.check(who, to[name], asked, **given)
                found[name].times_us.append((time.perf_counter_ns() - since) / 1000)
                found[name].stories.add(tuple(map(_form, seen)))
                found[name].bodies.add(msgspec.json.encode(VerifyReply(valid=checked.valid)))
            turn += 1
    return found


async def _prepared(desk: Desk, who: Caller, to: dict[str, str]) -> dict[str, str]:
    """Everything that a number can have behind it; the codes that would be right."""
    code = {"unknown": "123456"}
    for name in ("expired", *(name for name in KINDS if name not in ("unknown", "expired"))):
        refused = await desk.send(who, to[name])
        if refused is not None:
            raise AssertionError(refused)
        code[name] = await desk.code(who, to[name])
        if name == "expired":
            desk.world.later((TTL_S + 1) * SECOND)
    await desk.check(who, to["used"], code["used"])
    for _ in range(CHECKS_MAX):
        await desk.check(who, to["locked"], f"{(int(code['locked']) + 1) % 10**6:06d}")
    desk.world.later(HOUR // 3600)
    return code


def _form(statement: str) -> str:
    """A statement without its values: what it does, and to which table."""
    words = statement.split()
    named = next((words[place + 1] for place, word in enumerate(words[:-1]) if word in ("FROM", "INTO")), "")
    return f"{words[0]} {named if words[0] != 'UPDATE' else words[1]}"


def _hasty(handler: Any) -> Any:  # noqa: ANN401 - a handler
    def check(group: Any, commands: Any) -> Any:  # noqa: ANN401 - as handlers are
        return handler(group, [each for each in commands if each.code != "123456"]) or [Checked()]

    return check


def _t(one: list[float], other: list[float]) -> float:
    """Welch's t of two kinds, without the slowest fiftieth: what the disk did is not what we did."""
    a, b = (sorted(each)[: max(len(each) * 49 // 50, 2)] for each in (one, other))
    return (fmean(a) - fmean(b)) / sqrt(variance(a) / len(a) + variance(b) / len(b) or 1.0)
