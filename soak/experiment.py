"""What an experiment is: something is injected, what follows is counted, and a bar holds or does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one run found.

    Attributes:
        injected: what was done to the product, and how often.
        counted: what followed, by name.
        bar: what had to hold.
        held: whether it did.
        detail: what speaks against it, for whoever has to mend it.
    """

    injected: str
    counted: Mapping[str, float]
    bar: str
    held: bool
    detail: str = ""


class Experiment(Protocol):
    """A module of `soak.experiments`; its docstring is its sentence."""

    @property
    def ROWS(self) -> tuple[int, ...]:  # noqa: N802 - a constant of the module
        """The rows of the test matrix it stands for."""
        ...

    async def run(self, scale: int, *, planted: bool = False) -> Outcome:
        """Inject, count, judge; `scale` 1 is the smallest, `planted` puts in a bug that must be seen."""
        ...
