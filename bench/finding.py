"""What was measured: a value with its bar, whether it held, and what makes it worth nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from statistics import median


class Unit(Enum):
    """How a value is written: its sign, and its decimals."""

    RATIO = ("", 2)
    PER_SECOND = ("/s", 0)
    MICROSECONDS = ("µs", 1)
    SECONDS = ("s", 2)
    MEGABYTES = ("MB", 0)

    def write(self, value: float) -> str:
        """The value as a report shows it."""
        sign, decimals = self.value
        return f"{value:,.{decimals}f}{'' if sign.startswith('/') or not sign else ' '}{sign}"


@dataclass(frozen=True, slots=True)
class Bar:
    """A limit that must hold, and the value that is hoped for."""

    limit: float | None = None
    aim: float | None = None
    at_most: bool = False

    def held(self, value: float) -> bool | None:
        """Whether the limit holds; None where there is none."""
        if self.limit is None:
            return None
        return value <= self.limit if self.at_most else value >= self.limit

    @property
    def sign(self) -> str:
        """The direction."""
        return "≤" if self.at_most else "≥"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report: the median of its runs.

    Attributes:
        figure: the name for `--only`.
        what: what was measured, for people.
        runs: one value a run.
        note: what else was seen, as rows and commands a commit.
        faults: why it is worth nothing, as answers other than 2xx.
    """

    figure: str
    what: str
    unit: Unit
    runs: Sequence[float]
    bar: Bar = field(default_factory=Bar)
    note: str = ""
    faults: Sequence[str] = ()

    @property
    def value(self) -> float:
        """The median."""
        return median(self.runs)

    @property
    def held(self) -> bool | None:
        """Whether the bar held; never with faults, None without a bar."""
        return False if self.faults else self.bar.held(self.value)
