"""One number guessed at while codes are sent again: five tries a code, twenty a day, hits as by chance."""

import asyncio
import random
from collections import Counter
from math import sqrt

from posthouse.core.otp import CHECKS_MAX, FAILURES_MAX
from posthouse.services.directory import Caller
from posthouse.storage.engine.sqlite import SQLite
from soak.experiment import Outcome
from soak.passcodes import Desk, a_caller
from soak.premises import a_running, a_world, plant
from tests.contracts.build import HOUR, SECOND
from tests.e2e.client import Client, clients
from tests.e2e.premises import key_of, rows

ROWS = (40,)

NUMBERS, DAYS = 50, 2
"""At scale 1; the days are a hundred times as many at scale 10."""

DIGITS = 4
"""The shortest code, so that there are hits to count."""

BURST_S = (0, 60, 120, 300, 300)
"""An attacker's pauses: as short as the cooldown lets them be."""

DAY = 24 * HOUR
SIGMAS_MAX, ENOUGH, FEW = 3, 10, 5
"""Where hardly any hits are expected, few are as good as none; six would come once in ten million runs."""

CLIENTS, EACH = 20, 15
FORGET = "UPDATE challenges SET failed_at = x''"
FAILED = "SELECT sum(length(failed_at)) / 8 FROM challenges"


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Guess as fast as is let, for days; and over HTTP from many clients at once.

    Planted: a new code makes failures forgotten.
    """
    dice, counted = random.Random(scale), Counter[str]()
    async with a_world() as (world, where):
        desk = Desk(world)
        who = await a_caller(world, "shop")
        numbers = [_Number(f"+861390000{number:04d}") for number in range(NUMBERS)]
        for day in range(1 if planted else DAYS * scale**2):
            since = world.now
            for pause_s in BURST_S:
                world.now += pause_s * SECOND
                await asyncio.gather(*(number.burst(desk, who, dice, counted) for number in numbers))
                if planted:
                    plant(where / SQLite.file, FORGET)
            world.now = since + DAY + day % 3
        counted["most a code"] = max(number.most_a_code for number in numbers)
        counted["most a day"] = max(number.most_a_day() for number in numbers)
        expected = counted["evaluated"] / 10**DIGITS
    over_http = 0 if planted else await _over_http(counted)
    sigmas = abs(counted["hits"] - expected) / sqrt(expected)
    by_chance = sigmas <= SIGMAS_MAX if expected >= ENOUGH else counted["hits"] <= FEW
    return Outcome(
        injected=f"{counted['guesses']:,} guesses at {NUMBERS} numbers for days, {over_http} at one by HTTP",
        counted=counted,
        bar=f"≤ {CHECKS_MAX} evaluated a code, ≤ {FAILURES_MAX} a day; hits within {SIGMAS_MAX} σ of chance",
        held=0 < counted["most a code"] <= CHECKS_MAX
        and counted["most a day"] <= FAILURES_MAX
        and counted["evaluated over HTTP"] <= CHECKS_MAX
        and by_chance,
        detail=f"{expected:.1f} hits expected, {sigmas:.1f} σ off",
    )


class _Number:
    """One number, and what an attacker has achieved there."""

    def __init__(self, to: str) -> None:
        self.to = to
        self.failed: list[int] = []
        self.most_a_code = 0
        self._of_code: Counter[int] = Counter()

    async def burst(self, desk: Desk, who: Caller, dice: random.Random, counted: Counter[str]) -> None:
        """Have a code sent, if it is, and guess until nothing is looked at any more."""
        refused = await desk.send(who, self.to, length=DIGITS)
        counted["sent"] += refused is None
        code_id = (await desk.newest(who, self.to)).id
        for guess in dice.sample(range(10**DIGITS), 2 * CHECKS_MAX):
            desk.verify = desk.another_verify()  # the breaker is another row
            checked = await desk.check(who, self.to, f"{guess:0{DIGITS}d}")
            counted["guesses"] += 1
            if not (checked.wrong or checked.valid):
                return
            counted["evaluated"] += 1
            counted["hits"] += checked.valid
            self._of_code[code_id] += 1
            self.most_a_code = max(self.most_a_code, self._of_code[code_id])
            if checked.wrong:
                self.failed.append(desk.world.now)

    def most_a_day(self) -> int:
        """The most failed guesses within any 24 hours."""
        most, first = 0, 0
        for last, at in enumerate(self.failed):
            while self.failed[first] <= at - DAY:
                first += 1
            most = max(most, last - first + 1)
        return most


async def _over_http(counted: Counter[str]) -> int:
    """Guess at one number from many connections while asking for more codes."""
    to = "+8613900000011"
    async with a_running() as server, clients(server.port, key_of(server.data), CLIENTS) as callers:

        async def guess(caller: Client, place: int) -> int:
            told = []
            for turn in range(EACH):
                if turn % 5 == 0:
                    await caller.post("/v1/sms/otp", {"to": to, "length": 10})
                code = f"{place * EACH + turn:010d}"
                told.append(await caller.post("/v1/sms/verify", {"to": to, "code": code}))
            return sum(answer.body == b'{"valid":false}' for answer in told)

        alike = sum(await asyncio.gather(*(guess(caller, place) for place, caller in enumerate(callers))))
        [(evaluated,)] = rows(server.data / SQLite.file, FAILED)
    counted["evaluated over HTTP"] = evaluated
    counted["other answers"] = CLIENTS * EACH - alike
    return CLIENTS * EACH
