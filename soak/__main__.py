"""`python -m soak [ROW…] [--scale N]`: the experiments of reliability, as a table.

Each injects something into the real product, counts what follows, and holds it against a bar. Each is also
run once, at its smallest, with a bug planted: a checker that does not see it is worth nothing.

Exit codes: 0 all held; 2 not understood; 3 a bar did not hold, or a planted bug was not seen.
"""

import argparse
import asyncio
import sys
import time

import structlog
from rich.console import Console
from rich.table import Table

from soak.experiment import Experiment, Outcome
from soak.experiments import EXPERIMENTS

SCALE = 10
"""Ten to twenty minutes for all of them."""

NOT_HELD = 3


def main() -> int:
    """Run what was asked for, and print the table."""
    wanted = _arguments()
    # What the product logs while it is tormented would fill the screen.
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory(), processors=[lambda *_: ((), {})])
    table = Table("row", "injected", "counted", "bar", "held", "planted bug", show_lines=True)
    right = True
    for experiment in _chosen(wanted.rows):
        rows = ", ".join(map(str, experiment.ROWS))
        print(f"{rows}: {_sentence(experiment)}", file=sys.stderr, flush=True)
        since = time.perf_counter()
        outcome = asyncio.run(experiment.run(wanted.scale))
        seen = not asyncio.run(experiment.run(1, planted=True)).held
        print(f"   {time.perf_counter() - since:.0f} s {outcome.detail}", file=sys.stderr, flush=True)
        right = right and outcome.held and seen
        table.add_row(rows, *_cells(outcome), "seen" if seen else "[bold]NOT SEEN[/]")
    console = Console() if sys.stdout.isatty() else Console(width=160)
    console.print(table)
    return 0 if right else NOT_HELD


def _cells(outcome: Outcome) -> tuple[str, str, str, str]:
    counted = ", ".join(f"{name} {count:,}" for name, count in outcome.counted.items())
    return outcome.injected, counted, outcome.bar, "yes" if outcome.held else "[bold]NO[/]"


def _sentence(experiment: Experiment) -> str:
    return (experiment.__doc__ or "").partition("\n")[0]


def _chosen(rows: list[int]) -> list[Experiment]:
    return [each for each in EXPERIMENTS if not rows or not set(rows).isdisjoint(each.ROWS)]


def _arguments() -> argparse.Namespace:
    known = sorted(row for each in EXPERIMENTS for row in each.ROWS)
    parser = argparse.ArgumentParser(prog="python -m soak", description="Torment Posthouse, and count.")
    parser.add_argument("rows", nargs="*", type=int, metavar="ROW", help=f"of {', '.join(map(str, known))}")
    parser.add_argument("--scale", type=int, default=SCALE, metavar="N", help=f"how much; {SCALE} by default")
    wanted = parser.parse_args()
    if not set(wanted.rows) <= set(known) or wanted.scale < 1:
        parser.error(f"a row is one of {', '.join(map(str, known))}, a scale at least 1")
    return wanted


if __name__ == "__main__":
    sys.exit(main())
