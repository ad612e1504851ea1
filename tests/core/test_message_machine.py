"""The state table over attempts: row by row, over every life there is, and as a machine."""

from itertools import product

import pytest
from hypothesis import settings

from posthouse.core.message import (
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
    outcome_of,
    state_of,
)
from posthouse.core.verdict import Accepted, Deferred, NotSent, Reason, Refused, Unknown, Verdict
from tests.lives import Lives

test_the_promises_hold_whatever_happens = Lives.TestCase
test_the_promises_hold_whatever_happens.settings = settings(max_examples=150, stateful_step_count=30)

S, A, R, D, N, U = (
    Outcome.STARTED,
    Outcome.ACCEPTED,
    Outcome.REFUSED,
    Outcome.DEFERRED,
    Outcome.NOT_SENT,
    Outcome.UNKNOWN,
)
DELIVERED, UNDELIVERED = Outcome.DELIVERED, Outcome.UNDELIVERED

LIVES = [
    Life(outcomes, more, scheduled, ending)
    for count in range(4)
    for outcomes in product(Outcome, repeat=count)
    for more in (False, True)
    for scheduled in (False, True)
    for ending in (None, *Ending)
]
"""Every life of up to three attempts."""


@pytest.mark.parametrize(
    ("life", "state"),
    [
        (Life(more=True, scheduled=True), State.SCHEDULED),
        (Life(more=True), State.QUEUED),
        (Life((S,)), State.SENDING),
        (Life((A,)), State.SENT),
        (Life((U,)), State.UNKNOWN),
        (Life((R,)), State.FAILED),
        (Life((R,), more=True), State.QUEUED),
        (Life((N, D), more=True), State.QUEUED),
        (Life((DELIVERED,)), State.DELIVERED),
        (Life((UNDELIVERED,)), State.UNDELIVERED),
        (Life(ending=Ending.EXPIRED), State.EXPIRED),
        (Life(ending=Ending.CANCELED), State.CANCELED),
        (Life(), State.FAILED),
        (Life((A,), ending=Ending.AGED), State.UNCONFIRMED),
        (Life((U,), ending=Ending.AGED), State.UNCONFIRMED),
        (Life((U, R)), State.UNKNOWN),
        (Life((U,), more=True), State.QUEUED),
        (Life((U, S)), State.SENDING),
        (Life((U, A)), State.SENT),
        (Life((U, UNDELIVERED)), State.UNDELIVERED),
        (Life((UNDELIVERED, U)), State.UNKNOWN),
        (Life((UNDELIVERED, U), ending=Ending.AGED), State.UNCONFIRMED),
        (Life((A, UNDELIVERED)), State.SENT),
        (Life((A, UNDELIVERED), ending=Ending.AGED), State.UNCONFIRMED),
        (Life((U, D), ending=Ending.EXPIRED), State.UNKNOWN),
        (Life((A,), ending=Ending.EXPIRED), State.SENT),
        (Life((DELIVERED, S)), State.DELIVERED),
        (Life((UNDELIVERED, S)), State.SENDING),
        (Life((DELIVERED,), ending=Ending.CANCELED), State.CANCELED),
    ],
)
def test_the_table_row_by_row(life, state):
    assert state_of(life) is state


def test_every_life_has_a_state_and_a_charge():
    for life in LIVES:
        assert charge_of(life.outcomes, state_of(life)) in Charge


def test_failed_and_expired_need_that_no_attempt_was_taken_or_is_in_doubt():
    for life in LIVES:
        if state_of(life) in (State.FAILED, State.EXPIRED):
            assert not (IN_DOUBT - {Outcome.STARTED}) & set(life.outcomes)


def test_no_state_is_final_while_another_attempt_is_due():
    for life in LIVES:
        if life.more and life.ending is not Ending.CANCELED and DELIVERED not in life.outcomes:
            assert state_of(life) not in FINAL


def test_delivered_overrides_all_but_canceled():
    for life in LIVES:
        if DELIVERED in life.outcomes:
            canceled = life.ending is Ending.CANCELED
            assert state_of(life) is (State.CANCELED if canceled else State.DELIVERED)


@pytest.mark.parametrize("before", State)
def test_what_is_final_yields_to_delivered_alone_and_canceled_to_nothing(before):
    for life in LIVES:
        told = state_of(life)
        yields = before not in FINAL or (told is State.DELIVERED and before is not State.CANCELED)
        assert next_state(before, life) is (told if yields else before)


def test_what_was_taken_is_paid_and_what_ended_untaken_is_given_back():
    for life in LIVES:
        state = state_of(life)
        charge = charge_of(life.outcomes, state)
        if TAKEN & set(life.outcomes) or state is State.UNCONFIRMED:
            assert charge is Charge.SETTLED
        else:
            assert charge is (Charge.RELEASED if state in FINAL else Charge.HELD)


@pytest.mark.parametrize("told", [DELIVERED, UNDELIVERED])
@pytest.mark.parametrize("outcome", Outcome)
def test_a_receipt_overrides_everything_but_delivered(outcome, told):
    after = after_receipt(outcome, told)
    assert after is (DELIVERED if outcome is DELIVERED else told)
    assert after_receipt(after, told) is after


def test_receipts_in_any_order_come_to_the_same():
    for told in product([DELIVERED, UNDELIVERED], repeat=4):
        outcome = A
        for each in told:
            outcome = after_receipt(outcome, each)
        assert outcome is (DELIVERED if DELIVERED in told else UNDELIVERED)


def test_each_kind_of_verdict_gives_its_outcome():
    verdicts: list[Verdict] = [
        Accepted("r"),
        Refused(Reason.AUTH),
        Deferred(Reason.QUOTA),
        NotSent("x"),
        Unknown("y"),
    ]
    assert [outcome_of(verdict) for verdict in verdicts] == [A, R, D, N, U]
