"""Serve the API alone: `python -m bench.launch DIR PORT`.

The command line refuses `--role api` on SQLite, and rightly so: nobody would send what it accepts.
For the cost of acceptance and of waiting that is what is wanted: nothing competes with it.
"""

import signal
import sys
from pathlib import Path
from typing import NoReturn

from posthouse.bootstrap.house import open_house
from posthouse.bootstrap.premises import locked
from posthouse.bootstrap.server import Role, listen, serve
from posthouse.observe import Metrics, configure


def main(data: Path, port: int) -> None:
    """Serve the installation in `data` on the loopback interface until SIGTERM."""
    signal.signal(signal.SIGTERM, _leave)
    configure(json=False)
    with locked(data), listen("127.0.0.1", port) as listener:
        metrics = Metrics()
        house = open_house(data, metrics.committed)
        try:
            serve(house, metrics, listener, lambda: None, Role.API)
        finally:
            house.close()


def _leave(_signal: int, _frame: object) -> NoReturn:
    raise SystemExit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
