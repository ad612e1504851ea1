"""Admission against a model that keeps every acceptance for ever: both let the same messages in."""

from dataclasses import replace

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from posthouse.core.errors import Code, Refusal
from posthouse.core.limits import RecipientLimits
from posthouse.core.message import Lane, Mode
from posthouse.core.ports.admission import Admit, Recipient, Suppress, Suppression, Unsuppress
from posthouse.core.ports.life import Cancel, DropStaged, Forget, NewBatch, NewMessage
from tests.contracts.backends import ENGINES
from tests.contracts.build import HOUR, PRICE, SECOND
from tests.contracts.machine import OverStore, agrees

NUMBERS = ("+8613800138000", "+8613800138001")
LIMITS = {Lane.NOTIFICATION: RecipientLimits(2, 3, 5), Lane.MARKETING: RecipientLimits(hour=1)}
WINDOWS = (60 * SECOND, HOUR, 24 * HOUR)

recipients = st.builds(Recipient, st.sampled_from(NUMBERS), st.sampled_from(sorted(Lane)))
modes = st.sampled_from(sorted(Mode))


class Admissions(OverStore):
    """Each rule does the same to the store and to the model."""

    def __init__(self) -> None:
        super().__init__()
        self.account_id = self.run(self.world.account("rich", credit=10_000 * PRICE))
        self.accepted: list[tuple[Recipient, Mode, int]] = []
        self.messages: list[tuple[NewMessage, Recipient]] = []
        self.listed: dict[int, tuple[str, Lane | None]] = {}
        self.admitted: list[tuple[NewBatch, Mode, list[Recipient]]] = []
        self.row = 0

    def expected(self, to: Recipient, mode: Mode) -> Code | None:
        """What the model says to one more for this recipient, now; it is counted if it may pass."""
        if any(number == to.number and lane in (None, to.lane) for number, lane in self.listed.values()):
            return Code.RECIPIENT_SUPPRESSED
        now = self.world.now
        for limit, length in zip(LIMITS.get(to.lane, RecipientLimits()), WINDOWS, strict=True):
            within = sum(tuple(other) == (to, mode) and at > now - length for *other, at in self.accepted)
            if limit is not None and within >= limit:
                return Code.RECIPIENT_LIMITED
        self.accepted.append((to, mode, now))
        return None

    @rule(seconds=st.sampled_from([1, 30, 60, 1200, 3600, 40_000, 86_400]))
    def time_passes(self, seconds: int) -> None:
        self.world.later(seconds * SECOND)

    @rule(wanted=st.lists(recipients, min_size=1, max_size=6), mode=modes)
    def messages_come_together(self, wanted: list[Recipient], mode: Mode) -> None:
        commands = [
            replace(self.world.acceptance(self.message(to, mode)), limits=LIMITS.get(to.lane))
            for to in wanted
        ]
        answers = self.run(self.world.together(*commands))
        got = [answer.code if isinstance(answer, Refusal) else None for answer in answers]
        assert got == [self.expected(to, mode) for to in wanted]
        for command, to, code in zip(commands, wanted, got, strict=True):
            if code is None:
                self.messages.append((command.messages[0], to))

    def message(self, to: Recipient, mode: Mode) -> NewMessage:
        return self.world.message(
            account_id=self.account_id, recipient=to.number, lane=to.lane.value, mode=mode.value
        )

    @precondition(lambda self: self.messages)
    @rule(last=st.booleans())
    def a_message_is_canceled(self, last: bool) -> None:
        message, to = self.messages.pop(-1 if last else 0)
        self.run(self.world.write(Cancel(self.account_id, message.id, self.world.now)))
        self.accepted.remove((to, Mode(message.mode), message.created_at))

    @rule(wanted=st.lists(recipients, min_size=1, max_size=6), mode=modes)
    def a_batch_is_admitted(self, wanted: list[Recipient], mode: Mode) -> None:
        batch, _ = self.world.batch(len(wanted), account_id=self.account_id)
        admit = Admit(batch, mode, tuple(wanted), tuple(LIMITS.items()))
        answers = self.run(self.world.write(admit))
        got = [None if answer is None else answer.code for answer in answers]
        assert got == [self.expected(to, mode) for to in wanted]
        passed = [to for to, code in zip(wanted, got, strict=True) if code is None]
        self.admitted.append((batch, mode, passed))

    @precondition(lambda self: self.admitted)
    @rule(last=st.booleans())
    def a_batch_is_not_accepted(self, last: bool) -> None:
        batch, mode, passed = self.admitted.pop(-1 if last else 0)
        self.run(self.world.write(DropStaged(batch.created_at + 1, 100, batch.id)))
        for to in passed:
            self.accepted.remove((to, mode, batch.created_at))

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
    agrees(Admissions, engine, examples=30)
