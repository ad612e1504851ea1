"""One-time passwords: codes accepted and checked, beside single sends of the same server in the same run."""

from collections.abc import Callable, Iterator

from bench import wrk
from bench.bench import Bench
from bench.finding import Bar, Finding, Unit
from bench.server import Server

NAME = "codes"

Load = Callable[..., wrk.Burst]


def measure(bench: Bench) -> Iterator[Finding]:
    """64 connections, a new number each time; nobody dispatches."""
    kinds: tuple[tuple[str, Load], ...] = (("accepted", wrk.otp), ("checked", wrk.verify))
    sends: list[wrk.Burst] = []
    bursts: dict[str, list[wrk.Burst]] = {what: [] for what, _ in kinds}
    cpu_us: dict[str, list[float]] = {what: [] for what, _ in kinds}
    with bench.serve(bench.install(NAME), api_only=True) as server:
        wrk.send(server, core=bench.load_core, seconds=bench.effort.warm_s)
        for _ in range(bench.effort.runs):
            sends.append(wrk.send(server, core=bench.load_core, seconds=bench.effort.run_s))
            for what, load in kinds:
                burst, used_us = _one(bench, server, load)
                bursts[what].append(burst)
                cpu_us[what].append(used_us)
                bench.say(f"{what}: {burst.per_s:,.0f}/s, {used_us:.0f} µs")
    for what, _ in kinds:
        faults = [fault for burst in (*sends, *bursts[what]) for fault in burst.faults]
        yield Finding(
            figure=NAME,
            what=f"codes {what} ÷ single sends accepted",
            unit=Unit.RATIO,
            runs=[one.per_s / send.per_s for one, send in zip(bursts[what], sends, strict=True)],
            note=f"p99 {bursts[what][-1].p99_us / 1000:.1f} ms",
            faults=faults,
        )
        yield Finding(
            figure=NAME,
            what=f"server CPU per code {what}",
            unit=Unit.MICROSECONDS,
            runs=cpu_us[what],
            bar=Bar(at_most=True),
            faults=faults,
        )


def _one(bench: Bench, server: Server, load: Load) -> tuple[wrk.Burst, float]:
    before = server.usage()
    burst = load(server, core=bench.load_core, seconds=bench.effort.run_s)
    return burst, server.usage().since(before).cpu_us / max(1, burst.good)
