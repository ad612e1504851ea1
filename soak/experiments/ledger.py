"""The ledger beside a model of four plain numbers: whatever is posted, the two never part."""

import asyncio

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from posthouse.core.ledger import Balance, Book, Transfer
from soak.experiment import Outcome
from tests.core.test_ledger_machine import Ledgers

ROWS = (33,)

EXAMPLES, STEPS = 50, 40


class Leaky(Book):
    """The planted bug: a book that rounds."""

    def post(self, transfer: Transfer, at: int) -> bytes:
        """Post what ends in zero."""
        return super().post(transfer._replace(amount=transfer.amount // 10 * 10), at)


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Let Hypothesis drive a book and its model."""
    counted = {"posted": 0, "divergences": 0}
    detail = ""

    class Driven(Ledgers):
        def __init__(self) -> None:
            super().__init__()
            self.book = Leaky(1, Balance()) if planted else self.book

        def teardown(self) -> None:
            counted["posted"] += len(self.history)

    examples = EXAMPLES * scale
    bounds = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    try:
        await asyncio.to_thread(run_state_machine_as_test, Driven, settings=bounds)
    except AssertionError as error:
        counted["divergences"], detail = 1, str(error)[:200]
    return Outcome(
        injected=f"{examples} histories of up to {STEPS} steps",
        counted=counted,
        bar="0 divergences",
        held=not counted["divergences"] and counted["posted"] > 0,
        detail=detail,
    )
