"""The machine of `tests/lives.py` over a real store: both say the same after every step, and money fits."""

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from posthouse.core.message import AGE_LIMIT_US, IN_DOUBT, Charge, Ending, Outcome, State
from posthouse.core.ports.changes import Late, Postpone
from posthouse.core.ports.life import (
    AgeMessages,
    Cancel,
    Claimed,
    Finish,
    QueueScheduled,
    RecordReplies,
    RecordVerdicts,
)
from posthouse.core.ports.queries import MessageRecord
from posthouse.core.routing import Next
from posthouse.core.verdict import (
    Accepted,
    Deferred,
    Fate,
    NotSent,
    Reason,
    Refused,
    Reply,
    Unknown,
    Verdict,
)
from tests.contracts.backends import ENGINES
from tests.contracts.build import CHANNEL, FUNDS, HOUR, PRICE, SECOND, TO
from tests.contracts.machine import OverStore, agrees
from tests.lives import Lives

VERDICTS: dict[Outcome, Verdict] = {
    Outcome.REFUSED: Refused(Reason.BALANCE),
    Outcome.DEFERRED: Deferred(Reason.RATE_LIMITED),
    Outcome.NOT_SENT: NotSent("no route"),
    Outcome.UNKNOWN: Unknown("timeout"),
}


class LivesInStore(OverStore, Lives):
    """Each hook does to a stored message what the rule did to the model."""

    def __init__(self) -> None:
        super().__init__()
        self.held: Claimed | None = None
        self.tokens: dict[int, Claimed] = {}
        self.stale: list[Claimed] = []

    # ------------------------------------------------------------------------------------------- hooks

    def on_begin(self, scheduled: bool) -> None:
        send_at = self.world.now + HOUR if scheduled else None
        years = self.world.now + 10**6 * HOUR
        self.message = self.run(self.world.accept(send_at=send_at, expires_at=years))

    def on_due(self) -> None:
        self.world.later(HOUR)
        assert self.run(self.world.write(QueueScheduled(self.world.now, 10))) == 1

    def take(self) -> Claimed:
        if self.held is None:
            self.world.later(HOUR)
            self.held = self.run(self.world.take(self.message))
        held, self.held = self.held, None
        return held

    def on_start(self) -> None:
        claimed = self.take()
        number = self.run(self.world.start(claimed))
        assert number == len(self.model.outcomes)
        self.tokens[number] = claimed

    def finish(self, token: int, number: int, outcome: Outcome, more: bool) -> None:
        now = self.world.now
        if outcome is Outcome.ACCEPTED:
            verdict: Verdict = Accepted(f"ref {number}")
            following = Next(more=False, due_at=now + AGE_LIMIT_US)
        elif outcome is Outcome.UNKNOWN:
            verdict, following = VERDICTS[outcome], Next(more=False, due_at=now + SECOND)
        else:
            verdict, following = VERDICTS[outcome], Next(more=more, due_at=now if more else None)
        finish = Finish(self.message.id, token, number, CHANNEL, TO, verdict, following)
        assert self.run(self.world.write(RecordVerdicts((finish,), now))) == {
            self.message.id: self.model.state
        }

    def on_answer(self, number: int, outcome: Outcome, more: bool) -> None:
        self.finish(self.tokens[number].token, number, outcome, more)

    def on_late_acceptance(self, number: int) -> None:
        self.finish(self.tokens[number].token, number, Outcome.ACCEPTED, more=False)
        self.let_go()

    def let_go(self) -> None:
        """Whoever holds the message holds it in vain."""
        if self.held is not None and self.model.state is not State.QUEUED:
            self.stale.append(self.held)
            self.held = None

    def can_ask(self) -> bool:
        """It has a look coming within the hour; after the last try's refusal it only waits to age."""
        record = self.record()
        return record.look_at is not None and record.look_at <= self.world.now + HOUR

    def on_reconcile(self, number: int, outcome: Outcome, more: bool) -> None:
        self.world.later(SECOND)
        [asked] = self.run(self.world.unanswered())
        assert asked.attempt == number
        self.finish(asked.token, number, outcome, more)

    def on_resend(self) -> None:
        self.world.later(SECOND)
        self.run(self.world.resend(self.message))

    def on_receipt(self, number: int, told: Outcome) -> None:
        self.run(self.world.settle(Fate(told.value), f"ref {number}"))
        self.let_go()

    def on_reply(self) -> None:
        reply = Reply(f"ref {max(1, len(self.model.outcomes))}", TO, "STOP", self.world.now)
        self.run(self.world.write(RecordReplies(CHANNEL, (reply,), self.world.now)))

    def on_cancel(self) -> None:
        self.run(self.world.write(Cancel(self.world.account_id, self.message.id, self.world.now)))
        self.let_go()

    def on_end(self, ending: Ending | None) -> None:
        self.run(self.world.finish(self.take(), ending, Reason.EXPIRED))

    def on_age(self) -> None:
        self.world.later(AGE_LIMIT_US)
        self.run(self.world.write(AgeMessages(self.world.now, 10)))
        assert self.run(self.world.unanswered()) == []

    def on_crash(self) -> None:
        if self.held is not None:
            self.stale.append(self.held)
            self.held = None
        self.run(self.world.restart())

    # ------------------------------------------------------------------- what only a store can be asked

    @precondition(lambda self: self.model.waiting and self.held is None)
    @rule()
    def lease(self) -> None:
        self.world.later(HOUR)
        self.held = self.run(self.world.take(self.message))

    def postpone(self, claimed: Claimed) -> None:
        late = Late(claimed.id, claimed.token, self.world.now + HOUR)
        self.run(self.world.write(Postpone((late,), self.world.now)))

    @precondition(lambda self: self.held is not None and not self.model.outcomes)
    @rule()
    def what_nobody_has_tried_waits_for_another_time_and_comes_back(self) -> None:
        self.stale.append(self.take())
        self.postpone(self.stale[-1])
        assert self.record().state == State.SCHEDULED
        self.on_due()

    @precondition(lambda self: self.held is not None and not IN_DOUBT.isdisjoint(self.model.outcomes))
    @rule()
    def what_a_handset_may_have_is_not_postponed(self) -> None:
        if self.held is not None:
            self.postpone(self.held)

    @precondition(lambda self: self.stale)
    @rule()
    def a_stale_lease_starts_and_ends_nothing(self) -> None:
        assert self.run(self.world.start(self.stale[-1])) is None
        self.run(self.world.finish(self.stale[-1], Ending.EXPIRED, Reason.EXPIRED))
        self.postpone(self.stale[-1])

    @precondition(lambda self: self.model.outcomes)
    @rule(outcome=st.sampled_from(sorted(VERDICTS)))
    def a_stale_verdict_changes_nothing_unless_it_is_an_acceptance(self, outcome: Outcome) -> None:
        number = len(self.model.outcomes)
        following = Next(more=True, due_at=self.world.now)
        finish = Finish(self.message.id, 10**9, number, CHANNEL, TO, VERDICTS[outcome], following)
        assert self.run(self.world.write(RecordVerdicts((finish,), self.world.now))) == {}

    def record(self) -> MessageRecord:
        return self.run(self.world.get(self.message))

    def check_invariants(self, *args: Any, **options: Any) -> None:
        super().check_invariants(*args, **options)
        if not hasattr(self, "message"):
            return
        record = self.record()
        assert (record.state, record.charge) == (self.model.state.value, self.model.charge.value)
        made = self.run(self.world.attempts(self.message))
        assert [attempt.outcome for attempt in made] == [outcome.value for outcome in self.model.outcomes]
        balance = self.run(self.world.balance())
        charge = self.model.charge
        assert (balance.available, balance.held, balance.spent) == (
            FUNDS - PRICE * (charge is not Charge.RELEASED),
            PRICE * (charge is Charge.HELD),
            PRICE * (charge is Charge.SETTLED),
        )
        # Whoever is not final has somebody or something to bring it on.
        waits = record.due_at is not None or record.look_at is not None
        if record.state in ("scheduled", "unknown", "sent"):
            assert waits
        if record.state == "queued":
            assert waits or self.held is not None


@pytest.mark.parametrize("engine", ENGINES)
def test_the_store_and_the_pure_functions_agree_whatever_happens(engine):
    agrees(LivesInStore, engine, examples=40)
