"""Durable acceptance of batches."""

from collections.abc import Iterator
from statistics import median

from bench.bench import Bench
from bench.feed import BATCH, CONNECTIONS, Fed, feed
from bench.finding import Bar, Finding, Unit

NAME = "batch"
SIZES = (1_000, BATCH)


def measure(bench: Bench) -> Iterator[Finding]:
    """Batches of two sizes in turn, each in runs of as many recipients; nobody dispatches."""
    effort = bench.effort
    fed: dict[int, list[Fed]] = {size: [] for size in SIZES}
    cpu_us: dict[int, list[float]] = {size: [] for size in SIZES}
    notes: dict[int, str] = {}
    faults: list[str] = []
    with bench.serve(bench.install(NAME), api_only=True) as server:
        feed(server, CONNECTIONS * BATCH)
        total = server.total_sent()
        for _ in range(effort.runs):
            for size in SIZES:
                before = server.usage()
                run = feed(server, effort.batched, per_batch=size)
                used = server.usage().since(before)
                fed[size].append(run)
                cpu_us[size].append(used.cpu_us / run.messages)
                notes[size] = used.per_commit
                bench.say(
                    f"{run.messages / run.seconds:,.0f} recipients/s in batches of {size:,}; {notes[size]}"
                )
        grown = server.total_sent() - total
    counted = sum(run.messages for runs in fed.values() for run in runs)
    if grown != counted:
        faults.append(f"the account grew by {grown:,} where {counted:,} recipients were accepted")
    for size, runs in fed.items():
        yield Finding(
            figure=NAME,
            what=f"durable accept, batches of {size:,}, {CONNECTIONS} connections, recipients",
            unit=Unit.PER_SECOND,
            runs=[run.messages / run.seconds for run in runs],
            bar=Bar(20_000),
            note=f"{median(cpu_us[size]):.0f} µs CPU a recipient; {notes[size]}",
            faults=faults,
        )
