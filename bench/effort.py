"""How much is done for a figure: in full for the record, quickly to see that it works."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """The size of everything that is measured; `runs` are what the medians are taken of."""

    runs: int
    warm_s: int
    run_s: int
    life_s: int
    life_batched: int
    batched: int
    waiting: int
    backlog: int
    stored: int
    rendered: int
    called: int
    beside_s: float


FULL = Effort(
    runs=3,
    warm_s=3,
    run_s=5,
    life_s=6,
    life_batched=100_000,
    batched=120_000,
    waiting=1_000_000,
    backlog=100_000,
    stored=3_000_000,
    rendered=200_000,
    called=40_000,
    beside_s=8.0,
)

QUICK = Effort(
    runs=3,
    warm_s=1,
    run_s=1,
    life_s=2,
    life_batched=20_000,
    batched=40_000,
    waiting=100_000,
    backlog=20_000,
    stored=300_000,
    rendered=20_000,
    called=10_000,
    beside_s=2.0,
)
