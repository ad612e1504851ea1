"""`kill -9` with a backlog: how long until the server is ready again."""

import time
from collections.abc import Iterator

from bench.bench import Bench
from bench.feed import BATCH, feed
from bench.finding import Bar, Finding, Unit

NAME = "restart"
_WORK_S = 0.5


def measure(bench: Bench) -> Iterator[Finding]:
    """Each time the server is killed at work, with messages in flight and the others waiting."""
    effort = bench.effort
    seconds: list[float] = []
    waited: list[int] = []
    installation = bench.install(NAME)
    with bench.serve(installation, api_only=True) as server:
        feed(server, effort.backlog + 2 * BATCH)
        server.kill()
    for _ in range(effort.runs):
        states = installation.states()
        waited.append(sum(count for state, count in states.items() if state != "delivered"))
        with bench.serve(installation) as server:
            seconds.append(server.ready_s)
            time.sleep(_WORK_S)
            server.kill()
        bench.say(f"ready after {server.ready_s:.2f} s with {waited[-1]:,} open")
    lowest = min(waited)
    faults = [] if lowest >= effort.backlog else [f"only {lowest:,} were open at the last start"]
    yield Finding(
        figure=NAME,
        what=f"ready after kill -9 with {effort.backlog:,} waiting, process start included",
        unit=Unit.SECONDS,
        runs=seconds,
        bar=Bar(2.0, at_most=True),
        note=f"{', '.join(f'{count:,}' for count in waited)} open",
        faults=faults,
    )
