"""What the state machines over a real store share: a fresh store for every example, and its end."""

import asyncio
from collections.abc import Coroutine
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from structlog.testing import capture_logs

from tests.contracts.backends import ENGINES
from tests.contracts.build import World

R = TypeVar("R")


class OverStore(RuleBasedStateMachine):
    """A machine with a world of its own."""

    engine = ""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(capture_logs())
        directory = Path(self.stack.enter_context(TemporaryDirectory()))
        self.runner = self.stack.enter_context(asyncio.Runner())
        self.world = World(ENGINES[self.engine](directory))
        self.run(self.world.begin())

    def run(self, work: Coroutine[Any, Any, R]) -> R:
        """The result of this work."""
        return self.runner.run(work)

    def teardown(self) -> None:
        """Close the store and forget it."""
        try:
            self.run(self.world.end())
        finally:
            self.stack.close()


def agrees(machine: type[OverStore], engine: str, examples: int) -> None:
    """Run as many examples of the machine over this engine, 25 steps each; none may fail."""
    run_state_machine_as_test(
        type("Machine", (machine,), {"engine": engine}),
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
