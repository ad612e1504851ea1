"""Durable acceptance of single messages, beside a fixed reply of the same server in the same run."""

from collections.abc import Iterator
from statistics import median

from bench import wrk
from bench.bench import Bench
from bench.finding import Bar, Finding, Unit

NAME = "accept"


def measure(bench: Bench) -> Iterator[Finding]:
    """64 connections, one message each at a time; nobody dispatches."""
    effort, core = bench.effort, bench.load_core
    sends: list[wrk.Burst] = []
    fixed: list[wrk.Burst] = []
    cpu_us: list[float] = []
    notes: list[str] = []
    with bench.serve(bench.install(NAME), api_only=True) as server:
        wrk.fixed(server, core=core, seconds=1)
        wrk.send(server, core=core, seconds=effort.warm_s)
        total = server.total_sent()
        for _ in range(effort.runs):
            fixed.append(wrk.fixed(server, core=core, seconds=effort.run_s))
            before = server.usage()
            sends.append(wrk.send(server, core=core, seconds=effort.run_s))
            used = server.usage().since(before)
            cpu_us.append(used.cpu_us / max(1, sends[-1].good))
            notes.append(used.per_commit)
            bench.say(f"{sends[-1].per_s:,.0f}/s beside {fixed[-1].per_s:,.0f}/s; {notes[-1]}")
        grown = server.total_sent() - total
    faults = [fault for burst in (*sends, *fixed) for fault in burst.faults]
    counted = sum(burst.good for burst in sends)
    # What is in flight when wrk hangs up is accepted, and not counted by it.
    if not counted <= grown <= counted + effort.runs * wrk.CONNECTIONS:
        faults.append(f"the account grew by {grown:,} where wrk counted {counted:,} answers")
    last = sends[-1]
    ratios = [send.per_s / reply.per_s for send, reply in zip(sends, fixed, strict=True)]
    yield Finding(
        figure=NAME,
        what="durable accept ÷ fixed reply of the same server",
        unit=Unit.RATIO,
        runs=ratios,
        bar=Bar(0.25, 0.40),
        note=f"fixed reply {median(burst.per_s for burst in fixed):,.0f}/s",
        faults=faults,
    )
    yield Finding(
        figure=NAME,
        what=f"durable accept, single sends, {wrk.CONNECTIONS} connections",
        unit=Unit.PER_SECOND,
        runs=[burst.per_s for burst in sends],
        bar=Bar(6_000, 10_000),
        note=f"{notes[-1]}; p50 {last.p50_us / 1000:.1f} ms, p99 {last.p99_us / 1000:.1f} ms; "
        f"{counted:,} answers of 202, {grown:,} messages stored",
        faults=faults,
    )
    yield Finding(
        figure=NAME,
        what="server CPU per accepted message",
        unit=Unit.MICROSECONDS,
        runs=cpu_us,
        bar=Bar(aim=90, at_most=True),
        faults=faults,
    )
