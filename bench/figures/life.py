"""The whole life on the sandbox: accepted, sent, receipt, delivered; on one core."""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from bench import wrk
from bench.bench import Bench
from bench.feed import feed
from bench.finding import Bar, Finding, Unit
from bench.installation import Installation
from bench.server import Server

NAME = "life"
DELIVERED = "delivered"
_LOOK_S = 0.05
_STALLED_S = 30.0


class Lives(NamedTuple):
    """One run: how many messages lived in how long, and what that cost."""

    messages: int
    seconds: float
    cpu_us: float
    note: str

    @property
    def per_s(self) -> float:
        """Messages a second, from the first send to the last delivery."""
        return self.messages / self.seconds


def measure(bench: Bench) -> Iterator[Finding]:
    """Single sends for some seconds, then batches, in turn; each run ends when nothing is open any more."""
    effort = bench.effort
    faults: list[str] = []

    def singles(server: Server) -> None:
        burst = wrk.send(server, core=bench.load_core, seconds=effort.life_s)
        faults.extend(burst.faults)

    def batches(server: Server) -> None:
        feed(server, effort.life_batched)

    runs: dict[str, list[Lives]] = {"single sends": [], "batches of 10,000": []}
    installation = bench.install(NAME)
    with bench.serve(installation) as server:
        _live(installation, server, lambda server: wrk.send(server, core=bench.load_core, seconds=1))
        for _ in range(effort.runs):
            for name, load in (("single sends", singles), ("batches of 10,000", batches)):
                lives = _live(installation, server, load)
                runs[name].append(lives)
                bench.say(f"{lives.per_s:,.0f}/s by {name}, {lives.cpu_us:.0f} µs each; {lives.note}")
        faults += _verify(installation, server)
    for name, lived in runs.items():
        yield Finding(
            figure=NAME,
            what=f"whole life with receipts, {name}",
            unit=Unit.PER_SECOND,
            runs=[one.per_s for one in lived],
            bar=Bar(3_000, 6_000),
            note=f"{lived[-1].messages:,} messages a run; {lived[-1].note}",
            faults=faults,
        )
        yield Finding(
            figure=NAME,
            what=f"server CPU per message, whole life, {name}",
            unit=Unit.MICROSECONDS,
            runs=[one.cpu_us for one in lived],
            faults=faults,
        )


def _live(installation: Installation, server: Server, load: Callable[[Server], object]) -> Lives:
    born = sum(installation.states().values())
    before = server.usage()
    start = time.perf_counter()
    load(server)
    end = _wait_until_final(installation)
    used = server.usage().since(before)
    messages = sum(installation.states().values()) - born
    return Lives(messages, end - start, used.cpu_us / max(1, messages), used.per_commit)


def _wait_until_final(installation: Installation) -> float:
    """The time when all were delivered, or when nothing has moved for long."""
    seen: dict[str, int] = {}
    moved = time.perf_counter()
    while True:
        states = installation.states()
        now = time.perf_counter()
        if states.keys() <= {DELIVERED}:
            return now
        if states != seen:
            seen, moved = states, now
        elif now - moved > _STALLED_S:
            return moved
        time.sleep(_LOOK_S)


def _verify(installation: Installation, server: Server) -> list[str]:
    """Every message is delivered, and its handset has it once."""
    total, states = server.total_sent(), installation.states()
    reached, again = installation.handsets()
    faults = []
    if states != {DELIVERED: total}:
        faults.append(f"of {total:,} messages: {', '.join(f'{n:,} {state}' for state, n in states.items())}")
    if reached != total:
        faults.append(f"{reached:,} of {total:,} messages reached a handset")
    if again:
        faults.append(f"{again:,} receptions too many")
    return faults
