"""Resident memory: idle, and with a million messages that wait."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bench.bench import Bench
from bench.feed import feed
from bench.finding import Bar, Finding, Unit

NAME = "memory"
_SETTLE_S = 3.0
_BUSY_S = 10.0


def measure(bench: Bench) -> Iterator[Finding]:
    """Half of the messages are due in hours, half now on a channel that takes one a second."""
    waiting = bench.effort.waiting
    installation = bench.install(NAME)
    with bench.serve(installation) as server:
        time.sleep(_SETTLE_S)
        idle, _ = server.memory_mb()
    bench.say(f"{idle:,.0f} MB idle")
    with bench.serve(installation, api_only=True) as server:
        time.sleep(_SETTLE_S)
        before, _ = server.memory_mb()
        later = (datetime.now(UTC) + timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M:%SZ")
        feed(server, waiting // 2, send_at=later)
        feed(server, waiting // 2)
        time.sleep(_SETTLE_S)
        after, peak = server.memory_mb()
    bench.say(f"{after - before:,.0f} MB more with {waiting:,} accepted")
    installation.slow_down(1)
    with bench.serve(installation) as server:
        time.sleep(_BUSY_S)
        working, working_peak = server.memory_mb()
    states = installation.states()
    bench.say(f"{working - idle:,.0f} MB more after a restart with them; {states}")
    faults = [] if sum(states.values()) == waiting else [f"{sum(states.values()):,} of {waiting:,} are there"]
    if states.get("delivered", 0) > waiting // 100:
        faults.append(f"{states['delivered']:,} were delivered and do not wait")
    at_most = Bar(150, at_most=True)
    yield Finding(figure=NAME, what="memory, idle", unit=Unit.MEGABYTES, runs=[idle], bar=at_most)
    yield Finding(
        figure=NAME,
        what=f"memory that {waiting:,} waiting messages add while they are accepted",
        unit=Unit.MEGABYTES,
        runs=[after - before],
        bar=at_most,
        note=f"from {before:,.0f} MB; {peak - before:,.0f} MB at the highest",
        faults=faults,
    )
    yield Finding(
        figure=NAME,
        what=f"memory that {waiting:,} waiting messages add after a restart, half of them due",
        unit=Unit.MEGABYTES,
        runs=[working - idle],
        bar=at_most,
        note=f"{working_peak - idle:,.0f} MB at the highest",
        faults=faults,
    )
