"""The life of a message as a state machine over the pure functions; `tests/contracts` drives a store by it.

The rules are everything that can happen to a message, in any order: attempts and their verdicts, late
news, receipts in any order, cancels, ends, ageing, crashes. The invariants are the promises of README.md,
section 2.
"""

from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from posthouse.core.message import (
    CANCELABLE,
    FINAL,
    IN_DOUBT,
    TAKEN,
    Charge,
    Ending,
    Life,
    Outcome,
    State,
    after_receipt,
    charge_of,
    next_state,
)

TRIES_AGAIN = (Outcome.REFUSED, Outcome.DEFERRED, Outcome.NOT_SENT)


@dataclass
class Model:
    """A message driven by the pure functions alone, as storage drives it."""

    outcomes: list[Outcome] = field(default_factory=list)
    state: State = State.QUEUED
    charge: Charge = Charge.HELD
    told: list[tuple[State, Charge, int]] = field(default_factory=list)

    def move(self, *, more: bool = False, ending: Ending | None = None) -> None:
        self.state = next_state(self.state, Life(tuple(self.outcomes), more, ending=ending))
        if self.charge is Charge.HELD:
            self.charge = charge_of(self.outcomes, self.state)
        self.told.append((self.state, self.charge, len(self.outcomes)))

    @property
    def waiting(self) -> bool:
        return self.state is State.QUEUED

    @property
    def last_unknown(self) -> int:
        return max(number for number, each in enumerate(self.outcomes, 1) if each is Outcome.UNKNOWN)

    @property
    def cancelable(self) -> bool:
        return self.state in CANCELABLE and not IN_DOUBT & set(self.outcomes)

    @property
    def late(self) -> list[int]:
        """The attempts whose acceptance would be news from a lease that has passed on."""
        over = self.state is State.DELIVERED
        waits = (Outcome.UNKNOWN, Outcome.STARTED) if over else (Outcome.UNKNOWN,)
        return [number for number, outcome in enumerate(self.outcomes, 1) if outcome in waits]

    def answer(self, number: int, outcome: Outcome, *, more: bool = False) -> None:
        """The verdict of attempt `number`; what was taken once is not tried again."""
        self.outcomes[number - 1] = outcome
        self.move(more=more and outcome in TRIES_AGAIN and Outcome.ACCEPTED not in self.outcomes)

    def receipt(self, number: int, told: Outcome) -> None:
        """What became of attempt `number`; once all is over, only delivery is news."""
        if (self.state in FINAL and told is not Outcome.DELIVERED) or self.state is State.CANCELED:
            return
        self.outcomes[number - 1] = after_receipt(self.outcomes[number - 1], told)
        self.move(more=self.waiting)


class Lives(RuleBasedStateMachine):
    """The rules; each calls the hook of its name, which a subclass may fill in."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()

    # The hooks: what happens to a real message when the same thing happens to the model.
    def on_begin(self, scheduled: bool) -> None: ...
    def on_due(self) -> None: ...
    def on_start(self) -> None: ...
    def on_answer(self, number: int, outcome: Outcome, more: bool) -> None: ...
    def on_late_acceptance(self, number: int) -> None: ...
    def on_reconcile(self, number: int, outcome: Outcome, more: bool) -> None: ...
    def on_resend(self) -> None: ...
    def on_receipt(self, number: int, told: Outcome) -> None: ...
    def on_reply(self) -> None: ...
    def on_cancel(self) -> None: ...
    def on_end(self, ending: Ending | None) -> None: ...
    def on_age(self) -> None: ...
    def on_crash(self) -> None: ...

    def can_ask(self) -> bool:
        """Whether the unknown message is due for a look before it ages."""
        return True

    @initialize(scheduled=st.booleans())
    def begin(self, scheduled: bool) -> None:
        self.model.state = State.SCHEDULED if scheduled else State.QUEUED
        self.on_begin(scheduled)

    @precondition(lambda self: self.model.state is State.SCHEDULED)
    @rule()
    def due(self) -> None:
        self.model.move(more=True)
        self.on_due()

    @precondition(lambda self: self.model.waiting)
    @rule()
    def start(self) -> None:
        self.model.outcomes.append(Outcome.STARTED)
        self.model.move()
        self.on_start()

    @precondition(lambda self: self.model.state is State.SENDING)
    @rule(outcome=st.sampled_from([Outcome.ACCEPTED, Outcome.UNKNOWN, *TRIES_AGAIN]), more=st.booleans())
    def answer(self, outcome: Outcome, more: bool) -> None:
        number = len(self.model.outcomes)
        self.model.answer(number, outcome, more=more)
        self.on_answer(number, outcome, more)

    @precondition(lambda self: self.model.late)
    @rule(data=st.data())
    def late_acceptance(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(self.model.late))
        self.model.answer(number, Outcome.ACCEPTED)
        self.on_late_acceptance(number)

    @precondition(lambda self: self.model.state is State.UNKNOWN and self.can_ask())
    @rule(outcome=st.sampled_from([Outcome.ACCEPTED, *TRIES_AGAIN]), more=st.booleans())
    def reconcile(self, outcome: Outcome, more: bool) -> None:
        number = self.model.last_unknown
        self.model.answer(number, outcome, more=more)
        self.on_reconcile(number, outcome, more)

    @precondition(lambda self: self.model.state is State.UNKNOWN and self.can_ask())
    @rule()
    def resend(self) -> None:
        self.model.move(more=True)
        self.on_resend()

    @precondition(lambda self: not TAKEN.isdisjoint(self.model.outcomes))
    @rule(data=st.data(), told=st.sampled_from([Outcome.DELIVERED, Outcome.UNDELIVERED]))
    def receipt(self, data: st.DataObject, told: Outcome) -> None:
        taken = [number for number, each in enumerate(self.model.outcomes, 1) if each in TAKEN]
        number = data.draw(st.sampled_from(taken))
        self.model.receipt(number, told)
        self.on_receipt(number, told)

    @rule()
    def reply(self) -> None:
        """A handset's answer changes nothing."""
        self.on_reply()

    @precondition(lambda self: self.model.cancelable)
    @rule()
    def cancel(self) -> None:
        self.model.move(ending=Ending.CANCELED)
        self.on_cancel()

    @precondition(lambda self: self.model.waiting)
    @rule(ending=st.sampled_from([Ending.EXPIRED, None]))
    def end(self, ending: Ending | None) -> None:
        self.model.move(ending=ending)
        self.on_end(ending)

    @precondition(lambda self: self.model.state in (State.SENT, State.UNKNOWN))
    @rule()
    def age(self) -> None:
        self.model.move(ending=Ending.AGED)
        self.on_age()

    @rule()
    def crash(self) -> None:
        """Whatever was in flight is unknown; whatever was leased is free."""
        if self.model.state is State.SENDING:
            self.model.answer(len(self.model.outcomes), Outcome.UNKNOWN)
        self.on_crash()

    @invariant()
    def a_final_state_yields_to_delivered_alone_and_canceled_to_nothing(self) -> None:
        for (before, _, _), (after, _, _) in pairwise(self.model.told):
            if before in FINAL and after is not before:
                assert after is State.DELIVERED
                assert before is not State.CANCELED

    @invariant()
    def no_attempt_follows_a_final_state(self) -> None:
        attempts = {tried for state, _, tried in self.model.told if state in FINAL}
        assert attempts <= {len(self.model.outcomes)}

    @invariant()
    def failed_expired_and_canceled_mean_that_no_handset_can_have_it(self) -> None:
        if self.model.state in (State.FAILED, State.EXPIRED, State.CANCELED):
            assert not IN_DOUBT & set(self.model.outcomes)
            assert self.model.charge is Charge.RELEASED

    @invariant()
    def delivered_is_exactly_what_was_delivered(self) -> None:
        assert (self.model.state is State.DELIVERED) is (Outcome.DELIVERED in self.model.outcomes)

    @invariant()
    def what_was_taken_or_may_have_been_is_paid_in_the_end(self) -> None:
        if TAKEN & set(self.model.outcomes) or self.model.state is State.UNCONFIRMED:
            assert self.model.charge is Charge.SETTLED

    @invariant()
    def money_moves_once_and_is_never_held_after_the_end(self) -> None:
        charges = [Charge.HELD, *(charge for _, charge, _ in self.model.told)]
        assert sum(one is not other for one, other in pairwise(charges)) <= 1
        if self.model.state in FINAL | {State.SENT}:
            assert self.model.charge is not Charge.HELD

    @invariant()
    def the_state_says_what_is_going_on(self) -> None:
        outcomes = self.model.outcomes
        in_flight = bool(outcomes) and outcomes[-1] is Outcome.STARTED
        if in_flight:
            assert self.model.state in (State.SENDING, State.DELIVERED)
        match self.model.state:
            case State.SENDING:
                assert in_flight
            case State.SENT:
                assert Outcome.ACCEPTED in outcomes
            case State.UNKNOWN:
                assert Outcome.UNKNOWN in outcomes
            case State.QUEUED:
                assert Outcome.ACCEPTED not in outcomes
            case State.SCHEDULED:
                assert outcomes == []
