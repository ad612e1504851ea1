"""Admission against a model that keeps every acceptance for ever: both let the same messages in."""

import asyncio
from collections.abc import Coroutine
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from structlog.testing import capture_logs

from posthouse.core.errors import Code, Refusal
from posthouse.core.limits import RecipientLimits
from posthouse.core.message import Lane
from posthouse.core.ports.admission import Admit, Dismiss, Recipient, Suppress, Suppression, Unsuppress
from posthouse.core.ports.life import Forget
from tests.contracts.backends import ENGINES
from tests.contracts.build import HOUR, PRICE, SECOND, World

R = TypeVar("R")

NUMBERS = ("+8613800138000", "+8613800138001")
LIMITS = {Lane.NOTIFICATION: RecipientLimits(2, 3, 5), Lane.MARKETING: RecipientLimits(hour=1)}
WINDOWS = (60 * SECOND, HOUR, 24 * HOUR)

recipients = st.builds(Recipient, st.sampled_from(NUMBERS), st.sampled_from(sorted(Lane)))


class Admissions(RuleBasedStateMachine):
    """Each rule does the same to the store and to the model."""

    engine = ""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(capture_logs())
        directory = Path(self.stack.enter_context(TemporaryDirectory()))
        self.runner = self.stack.enter_context(asyncio.Runner())
        self.world = World(ENGINES[self.engine](directory))
        self.run(self.world.begin())
        self.account_id = self.run(self.world.account("rich", credit=10_000 * PRICE))
        self.accepted: list[tuple[Recipient, int]] = []
        self.listed: dict[int, tuple[str, Lane | None]] = {}
        self.admitted: list[Dismiss] = []
        self.row = 0

    def run(self, work: Coroutine[Any, Any, R]) -> R:
        return self.runner.run(work)

    def teardown(self) -> None:
        try:
            self.run(self.world.end())
        finally:
            self.stack.close()

    def expected(self, to: Recipient) -> Code | None:
        """What the model says to one more for this recipient, now; it is counted if it may pass."""
        if any(number == to.number and lane in (None, to.lane) for number, lane in self.listed.values()):
            return Code.RECIPIENT_SUPPRESSED
        now = self.world.now
        for limit, length in zip(LIMITS.get(to.lane, RecipientLimits()), WINDOWS, strict=True):
            within = sum(other == to and at > now - length for other, at in self.accepted)
            if limit is not None and within >= limit:
                return Code.RECIPIENT_LIMITED
        self.accepted.append((to, now))
        return None

    @rule(seconds=st.sampled_from([1, 30, 60, 1200, 3600, 40_000, 86_400]))
    def time_passes(self, seconds: int) -> None:
        self.world.later(seconds * SECOND)

    @rule(wanted=st.lists(recipients, min_size=1, max_size=6))
    def messages_come_together(self, wanted: list[Recipient]) -> None:
        commands = [
            replace(
                self.world.acceptance(
                    self.world.message(account_id=self.account_id, recipient=to.number, lane=to.lane.value)
                ),
                limits=LIMITS.get(to.lane),
            )
            for to in wanted
        ]
        answers = self.run(self.world.together(*commands))
        got = [answer.code if isinstance(answer, Refusal) else None for answer in answers]
        assert got == [self.expected(to) for to in wanted]

    @rule(wanted=st.lists(recipients, min_size=1, max_size=6))
    def a_batch_is_admitted(self, wanted: list[Recipient]) -> None:
        admit = Admit(self.account_id, tuple(wanted), tuple(LIMITS.items()), self.world.now)
        answers = self.run(self.world.write(admit))
        got = [None if answer is None else answer.code for answer in answers]
        assert got == [self.expected(to) for to in wanted]
        passed = tuple(to for to, code in zip(wanted, got, strict=True) if code is None)
        self.admitted.append(Dismiss(self.account_id, passed, self.world.now))

    @precondition(lambda self: self.admitted)
    @rule()
    def the_last_batch_is_not_accepted(self) -> None:
        dismiss = self.admitted.pop()
        self.run(self.world.write(dismiss))
        for to in dismiss.recipients:
            self.accepted.remove((to, dismiss.at))

    @rule(number=st.sampled_from(NUMBERS), lane=st.sampled_from([None, *sorted(Lane)]))
    def a_number_is_listed(self, number: str, lane: Lane | None) -> None:
        self.row += 1
        entry = Suppression(self.row, number, lane, None, self.world.now)
        command = Suppress(self.account_id, entry)
        if (number, lane) in self.listed.values():
            with pytest.raises(Refusal, match=Code.ALREADY_EXISTS):
                self.run(self.world.write(command))
        else:
            self.run(self.world.write(command))
            self.listed[self.row] = (number, lane)

    @precondition(lambda self: self.listed)
    @rule()
    def everybody_is_taken_off_the_list(self) -> None:
        for row in self.listed:
            self.run(self.world.write(Unsuppress(self.account_id, row)))
        self.listed.clear()

    @rule()
    def what_is_old_is_forgotten(self) -> None:
        self.run(self.world.write(Forget(self.world.now, 2)))


@pytest.mark.parametrize("engine", ENGINES)
def test_the_store_lets_in_what_a_model_with_a_perfect_memory_lets_in(engine):
    machine = type("Machine", (Admissions,), {"engine": engine})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=30,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
