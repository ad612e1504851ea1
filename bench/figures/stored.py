"""Acceptance beside millions of stored messages, and beside none."""

import os
from collections.abc import Iterator
from statistics import median
from typing import NamedTuple

from bench import wrk
from bench.bench import Bench
from bench.feed import BATCH, feed
from bench.finding import Bar, Finding, Unit
from bench.server import Server

NAME = "stored"
_STEP = 25 * BATCH


def measure(bench: Bench) -> Iterator[Finding]:
    """Two installations, both served, loaded in turn."""
    effort, core = bench.effort, bench.load_core
    full: list[_Burst] = []
    empty: list[_Burst] = []
    much, none = bench.install(f"{NAME}-many"), bench.install(f"{NAME}-none")
    with bench.serve(much, api_only=True) as of_many:
        for done in range(0, effort.stored, _STEP):
            feed(of_many, min(_STEP, effort.stored - done))
            bench.say(f"{min(done + _STEP, effort.stored):,} stored")
        os.sync()  # else the kernel writes the fill back while we measure
        with bench.serve(none, api_only=True) as of_none:
            for server in (of_many, of_none):
                wrk.send(server, core=core, seconds=effort.warm_s)
            for _ in range(effort.runs):
                empty.append(_burst(of_none, core=core, seconds=effort.run_s))
                full.append(_burst(of_many, core=core, seconds=effort.run_s))
                bench.say(f"{full[-1].per_s:,.0f}/s beside {empty[-1].per_s:,.0f}/s")
    yield Finding(
        figure=NAME,
        what=f"durable accept with {effort.stored:,} stored messages ÷ with none",
        unit=Unit.RATIO,
        runs=[many.per_s / few.per_s for many, few in zip(full, empty, strict=True)],
        bar=Bar(0.85),
        note=f"{_told(full)} beside {_told(empty)}",
        faults=[fault for burst in (*full, *empty) for fault in burst.faults],
    )


class _Burst(NamedTuple):
    """What counts here of one run; the CPU time tells more where the machine is not quiet."""

    per_s: float
    cpu_us: float
    faults: list[str]


def _burst(server: Server, *, core: int, seconds: int) -> _Burst:
    before = server.usage()
    burst = wrk.send(server, core=core, seconds=seconds)
    return _Burst(burst.per_s, server.usage().since(before).cpu_us / max(1, burst.good), burst.faults)


def _told(bursts: list[_Burst]) -> str:
    rate, cpu = median(burst.per_s for burst in bursts), median(burst.cpu_us for burst in bursts)
    return f"{rate:,.0f}/s at {cpu:,.0f} µs CPU"
