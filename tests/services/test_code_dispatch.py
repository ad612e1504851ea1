"""Codes as vendors are given them: the same one once more where nobody knows its fate, and no dead one."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from posthouse.core.ids import Ids
from posthouse.core.message import Lane
from posthouse.core.otp import LENGTH, PURPOSE
from posthouse.core.ports.otp import CancelVerification, CheckCode, FindChallenge, Verification
from posthouse.core.ports.queries import MessageRecord
from posthouse.core.verdict import Accepted, Deferred, Reason, Refused, Unknown, Verdict
from posthouse.services.challenge import Challenges, CodeWanted
from posthouse.services.drafting import Drafting
from soak.dispatching import Office, Told
from soak.premises import a_world
from tests.contracts.build import World
from tests.fakes import CIPHER, CODES
from tests.services.codes import SANDBOX, SECOND
from tests.services.desk import SHANGHAI, TO, Desk, caller


class House:
    """Codes for one number over a real store, and a vendor that answers so, one call after the other."""

    def __init__(self, world: World, verdicts: Iterator[Verdict], challenges: Challenges) -> None:
        self.world = world
        self.calls: list[tuple[int, str]] = []
        self._office = Office(world, lambda _: next(verdicts))
        self._challenges = challenges
        self._who = caller(id=world.account_id)
        self._since = world.now

    async def ask(self, length: int = LENGTH) -> Verification:
        """Ask for a code; its verification."""
        await self._challenges.send(self._who, CodeWanted(TO, length=length), lambda _: b"", lambda _: None)
        asked = FindChallenge(self.world.account_id, self._who.mode, TO, PURPOSE, self.world.now)
        verification = (await self.world.read(asked)).verification
        assert verification is not None
        return verification

    async def check(self, code: str) -> None:
        mode, now = self._who.mode, self.world.now
        given = CheckCode(self.world.account_id, mode, TO, PURPOSE, None, code, b"", CODES, now)
        await self.world.write(given)

    async def runs(self, seconds: int) -> list[tuple[int, str]]:
        """What the vendor is given while so much time passes: when, and what text."""
        office, before = self._office, len(self.calls)
        for _ in range(seconds * 2):
            await office.reconcile.step()
            await office.dispatch.carry(await office.dispatch.claim(Lane.OTP, 10))
            for call in office.vendor.calls[len(self.calls) :]:
                second = (self.world.now - self._since) // SECOND
                self.calls += [(second, outbound.text or "") for outbound in call]
            self.world.later(SECOND // 2)
        return self.calls[before:]

    async def oldest(self) -> MessageRecord:
        return (await self.world.listed())[-1]


@asynccontextmanager
async def a_house(*verdicts: Verdict) -> AsyncIterator[House]:
    """At its end the books are looked at."""
    async with a_world() as (world, _):
        desk = Desk(SANDBOX)
        await desk.directory.refresh()
        drafting = Drafting(desk.directory, SHANGHAI, CIPHER)
        challenges = Challenges(world.store, Told(world), Ids(3), desk.submit, drafting, CIPHER)
        yield House(world, iter(verdicts), challenges)
        await world.check()


async def test_a_code_whose_sending_was_not_answered_goes_once_more_after_five_seconds_the_same():
    async with a_house(Unknown("timeout"), Unknown("timeout")) as house:
        await house.ask()
        [(first_s, first), (second_s, second)] = await house.runs(60)
    assert first == second
    assert (first_s, second_s) == (0, 5)


async def test_a_code_that_a_vendor_puts_off_is_tried_again_the_same():
    async with a_house(Deferred(Reason.VENDOR_TEMPORARY, after_s=1.0), Accepted("ref")) as house:
        await house.ask()
        calls = await house.runs(10)
    assert len(calls) == 2
    assert len({text for _, text in calls}) == 1


@pytest.mark.parametrize("ending", ["verified", "canceled", "locked", "replaced"])
@pytest.mark.parametrize(
    ("first", "standing"),
    [
        (Unknown("timeout"), ("unknown", "held")),
        (Deferred(Reason.VENDOR_TEMPORARY, after_s=90.0), ("canceled", "released")),
    ],
    ids=["unanswered", "put off"],
)
async def test_a_code_that_counts_no_more_is_not_sent_again(first, standing, ending):
    async with a_house(first, Accepted("ref")) as house:
        verification = await house.ask()
        [(_, text)] = await house.runs(1)
        code = CODES.code(verification.seed)
        assert code in text
        living: list[str] = []
        if ending == "canceled":
            await house.world.write(
                CancelVerification(house.world.account_id, verification.id, house.world.now)
            )
        elif ending == "replaced":
            house.world.later(61 * SECOND)
            living = [CODES.code((await house.ask(length=8)).seed)]
        else:
            wrong = f"{(int(code) + 1) % 10**6:06d}"
            for _ in range(5):
                await house.check(code if ending == "verified" else wrong)
        calls = await house.runs(200)
        assert [each in text for (_, text), each in zip(calls, living, strict=True)] == [True] * len(living)
        message = await house.oldest()
        assert (message.state, message.charge) == standing


async def test_a_code_that_a_vendor_would_not_take_is_asked_for_again_at_once():
    async with a_house(Refused(Reason.BLOCKED), Accepted("ref")) as house:
        first = await house.ask()
        await house.runs(1)
        assert (await house.oldest()).state == "failed"
        again = await house.ask()
        assert again.id == first.id
        assert len(await house.runs(1)) == 1
