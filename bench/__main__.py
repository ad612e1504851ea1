"""`python -m bench [--quick] [--only NAME…] [--json FILE]`: the figures of this machine.

The report goes to standard output, the way there to standard error. Data lie in `var/bench`, or in
BENCH_DIR, and are removed at the end: deleting large files while measuring would stall the disk.

Exit codes: 0 measured; 1 a figure is worth nothing (answers other than 2xx, messages missing); 2 not
understood, or something is missing here. A bar that did not hold is told by the report.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from bench import machine, report
from bench.bench import Bench, Measure
from bench.effort import FULL, QUICK
from bench.figures import accept, batch, codes, life, memory, restart, stored, templates, vendors
from bench.finding import Finding
from bench.installation import remove

FIGURES: Mapping[str, Measure] = {
    figure.NAME: figure.measure
    for figure in (accept, batch, codes, life, memory, restart, stored, templates, vendors)
}


def main() -> int:
    """Measure what was asked for."""
    wanted = _arguments()
    if (sentence := machine.lacking()) is not None:
        print(sentence, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leave by the same way as Ctrl-C does
    base = Path(os.environ.get("BENCH_DIR") or Path(__file__).parent.parent / "var" / "bench")
    place = base / f"run-{os.getpid()}"
    place.mkdir(parents=True)
    server_core, load_core = machine.cores()
    os.sched_setaffinity(0, {load_core})
    try:
        bench = Bench(place, QUICK if wanted.quick else FULL, server_core, load_core)
        conditions = machine.conditions(place)
        findings = [finding for name in wanted.only or FIGURES for finding in _measure(name, bench)]
        print(report.markdown(conditions, findings))
        if wanted.json is not None:
            wanted.json.write_text(report.document(conditions, findings) + "\n", encoding="utf-8")
    finally:
        remove(base, place)
    return 1 if any(finding.faults for finding in findings) else 0


def _measure(name: str, bench: Bench) -> list[Finding]:
    print(f"{name} …", file=sys.stderr, flush=True)
    start = time.perf_counter()
    found = list(FIGURES[name](bench))
    bench.say(f"took {time.perf_counter() - start:.0f} s")
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure this machine.")
    parser.add_argument("--quick", action="store_true", help="small and short: to see that it works")
    parser.add_argument("--only", nargs="+", choices=FIGURES, metavar="NAME", help=f"of {', '.join(FIGURES)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the findings there")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
