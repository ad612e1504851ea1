"""What every figure is given."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.effort import Effort
from bench.finding import Finding
from bench.installation import Installation, establish
from bench.server import Server


@dataclass(frozen=True, slots=True)
class Bench:
    """A place for data, an effort, and the two cores."""

    place: Path
    effort: Effort
    server_core: int
    load_core: int

    def install(self, name: str) -> Installation:
        """A fresh installation."""
        return establish(self.place / name)

    def serve(self, installation: Installation, *, api_only: bool = False) -> Server:
        """Its server, on the server's core, to be entered."""
        return Server(installation, core=self.server_core, api_only=api_only)

    @staticmethod
    def say(words: str) -> None:
        """Tell how far it has come."""
        print(f"  {words}", file=sys.stderr, flush=True)


Measure = Callable[[Bench], Iterable[Finding]]
"""A figure: takes the bench, gives its findings."""
