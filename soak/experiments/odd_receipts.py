"""Receipts early, days late, a hundredfold, out of order, at odds, in parts: a small model says the same."""

import os
import random
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from unittest.mock import patch

from posthouse.core.message import AGE_LIMIT_US
from posthouse.core.ports.life import AgeMessages, Claimed, Finish, RecordVerdicts, SettleReceipts
from posthouse.core.routing import Next
from posthouse.core.verdict import Accepted, Fate, Reason, Receipt
from posthouse.services.call import key_of
from posthouse.storage import verdicts
from soak.experiment import Outcome
from soak.premises import a_world, drifts
from soak.receipt_model import EDGES, Model, Word
from tests.contracts.build import HOUR, PRICE, SECOND, TO, World

ROWS = (25,)

SEQUENCES, STEPS = 40, 14
TRIES_MAX = 4
REASONS = ("unreachable", "unknown", "vendor_temporary", "balance")
WAITS_US = (SECOND, HOUR, 20 * HOUR, 72 * HOUR, 73 * HOUR)
NEIGHBOUR = "+8613800138999"
"""Somebody in the same vendor call, of whom nothing is ever told."""

KINDS = ("delivered", "undelivered", "resend", "unconfirmed")
"""Events that receipts make, or that there are for want of one."""

SEED = int(os.environ.get("FAULTS_SEED") or random.SystemRandom().randrange(1 << 32))


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Play random sequences and compare after every step; planted: what comes early is forgotten."""
    counted = Counter({"receipts": 0, "steps": 0, "diverged": 0, "backwards": 0, "drifts": 0})
    detail: list[str] = []
    bug: AbstractContextManager[object] = nullcontext()
    if planted:
        bug = patch.object(verdicts, "match_parked", lambda *_: None)
    with bug:
        async with a_world() as (world, where):
            world.account_id = await world.account("receipts", 1_000_000 * PRICE)
            paid = 0
            for number in range(SEQUENCES * scale):
                play = Play(world, number, counted)
                if wrong := await play.run():
                    counted["diverged"] += 1
                    detail.append(f"FAULTS_SEED={SEED} sequence {number}: {wrong}; {play.story}")
                    break  # what it left in the line would be taken for the next one's
                paid += play.paid
            counted["settled"] = paid
            _, held, spent = await world.purses()
            counted["settled twice, or not"] = 0 if counted["diverged"] else abs(spent - paid) + held
            counted["drifts"] = await drifts(where)
    wrong_counts = ("diverged", "backwards", "settled twice, or not", "drifts")
    return Outcome(
        injected=f"{SEQUENCES * scale} random sequences (FAULTS_SEED={SEED})",
        counted=counted,
        bar="0 divergence: monotone, one settlement, one event a transition",
        held=not any(counted[name] for name in wrong_counts) and counted["delivered"] > 0,
        detail="; ".join(detail[:2]),
    )


class Play:
    """One message, and what vendors tell of it."""

    def __init__(self, world: World, number: int, counted: Counter[str]) -> None:
        self._world, self._number, self._counted = world, number, counted
        self._dice = random.Random(f"{SEED}/{number}")
        self._parts = self._dice.choice((1, 1, 1, 2, 3))
        # Either each part has a reference of its own, or a receipt says which part it is about.
        self._others = self._parts > 1 and self._dice.random() < 0.5
        self._shared = self._dice.random() < 0.3
        # Of some little is told, so that they wait, are sent again, and grow old.
        self._weights = self._dice.choice(((12, 3, 2, 2), (2, 6, 4, 4)))
        self._claims: list[Claimed] = []
        self._neighbour: Claimed | None = None
        self.story: list[str] = [f"{self._parts} parts{', own references' * self._others}"]
        self.paid = 0

    async def run(self) -> str:
        """What differed from the model, if anything did."""
        world, dice = self._world, self._dice
        self._message = await world.accept()
        self._model = Model(
            self._parts,
            elsewhere=dice.random() < 0.6,
            expires_at=self._message.expires_at,
            age_us=AGE_LIMIT_US,
        )
        await self._begin()
        before = "sending"
        for _ in range(STEPS):
            step = dice.choices((self._hear, self._answer, self._wait, self._again), self._weights)[0]
            await step()
            self._counted["steps"] += 1
            state, _ = await world.standing(self._message)
            if state != before and state not in EDGES[before]:
                self._counted["backwards"] += 1
            if state != self._model.state:
                return f"{state} instead of {self._model.state}"
            before = state
        await self._end()
        return await self._differs()

    async def _begin(self) -> None:
        claimed = await self._world.take(self._message)
        number = await self._world.start(claimed, channel=len(self._claims) + 1)
        self._claims.append(claimed)
        if number != len(self._claims):
            raise AssertionError(number)
        if self._shared and number == 1:
            self._shared = False
            other = await self._world.accept(recipient=NEIGHBOUR)
            self._neighbour = await self._world.take(other)
            await self._world.start(self._neighbour)
            await self._record(self._neighbour, 1, 1)
            self.paid += 1
            self.story.append("with a neighbour")

    def _reference(self, attempt: int, part: int) -> str:
        return f"r{self._number}.{attempt}" + (f"/{part}" if self._others and part > 1 else "")

    async def _record(self, claimed: Claimed, attempt: int, channel: int) -> None:
        others = range(2, self._parts + 1) if self._others and claimed is not self._neighbour else ()
        verdict = Accepted(
            self._reference(channel, 1), None, tuple(self._reference(channel, part) for part in others)
        )
        now = self._world.now
        following = Next(more=False, due_at=now + AGE_LIMIT_US)
        finish = Finish(claimed.id, claimed.token, attempt, channel, claimed.recipient, verdict, following)
        await self._world.write(RecordVerdicts((finish,), now))

    async def _answer(self) -> None:
        attempt = len(self._claims)
        self.story.append(f"taken {attempt}")
        await self._record(self._claims[-1], attempt, attempt)
        self._model.taken(attempt, self._world.now)

    async def _hear(self) -> None:
        attempt = self._dice.randint(1, len(self._claims))
        words = [self._word(attempt) for _ in range(self._dice.choice((1, 1, 2, 3)))]
        words *= self._dice.choice((1, 1, 1, 2, 10, 100))
        self._dice.shuffle(words)
        self._counted["receipts"] += len(words)
        self.story.append(f"hears {[*dict.fromkeys(words)]} ×{len(words)}")
        self._model.elsewhere = self._model.elsewhere and attempt < TRIES_MAX
        command = SettleReceipts(
            attempt, tuple(map(self._receipt, words)), self._world.now, self._model.elsewhere
        )
        await self._world.write(command)
        self._model.hears(words, self._world.now)

    def _word(self, attempt: int) -> Word:
        delivered = self._dice.random() < 0.4
        reason = "" if delivered else self._dice.choice(REASONS)
        # By our own key a part is known only where its reference is that of all.
        echoed = not self._others and self._dice.random() < 0.2
        return Word(attempt, delivered, self._dice.randint(1, self._parts), reason, echoed)

    def _receipt(self, word: Word) -> Receipt:
        numbered = (1, 1) if self._others else (word.part, self._parts)
        return Receipt(
            self._reference(word.attempt, word.part),
            TO if self._dice.random() < 0.5 else TO[3:],
            Fate.DELIVERED if word.delivered else Fate.UNDELIVERED,
            Reason(word.reason) if word.reason else None,
            "RAW",
            self._world.now,
            *numbered,
            key_of(self._message.id, word.attempt) if word.echoed else None,
        )

    async def _wait(self) -> None:
        self._world.later(self._dice.choice(WAITS_US))
        self.story.append(f"waits until {self._world.now}")
        await self._world.write(AgeMessages(self._world.now, 1000))
        self._model.ages(self._world.now)

    async def _again(self) -> None:
        if self._model.state == "queued":
            self.story.append("sent again")
            await self._begin()
            self._model.again()

    async def _end(self) -> None:
        await self._again()
        if self._model.state == "sending":
            await self._answer()

    async def _differs(self) -> str:
        """Attempts, story and neighbour, at the end."""
        world, model = self._world, self._model
        self.paid += model.charged
        outcomes = [attempt.outcome for attempt in await world.attempts(self._message)]
        happened = Counter(event.kind for event in await world.events(self._message))
        self._counted.update({name: model.events[name] for name in KINDS})
        told = {name: happened[name] for name in KINDS}
        state, charge = await world.standing(self._message)
        checks: tuple[tuple[object, object], ...] = (
            (state, model.state),
            (charge, "settled" if model.charged else "held"),
            (outcomes, [tried.outcome for tried in model.tries]),
            (told, {name: model.events[name] for name in told}),
        )
        wrong = [f"{found} instead of {expected}" for found, expected in checks if found != expected]
        if self._neighbour is not None:
            state, _ = await world.standing(self._neighbour)
            wrong += [] if state in {"sent", "unconfirmed"} else [f"the neighbour is {state}"]
        return "; ".join(wrong)
