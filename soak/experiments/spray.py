"""Wrong codes over many numbers: the account's checks pause at once, and nobody else's do."""

import asyncio
import time
from collections import Counter
from http import HTTPStatus

from posthouse.services.verify import FAILED_MAX
from soak.experiment import Outcome
from soak.premises import a_running, afflicted, another_account
from tests.e2e.client import Answer, Client, clients
from tests.e2e.nursery import forked
from tests.e2e.premises import key_of

ROWS = (41,)

NUMBERS, CLIENTS = 100, 10
OPENS_WITHIN_S = 60.0
DIGITS = 10


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Have many codes sent, guess once at each from several connections; planted: no breaker."""
    counted = Counter({"evaluated before": 0, "evaluated after": 0, "refused": 0, "refused elsewhere": 0})
    numbers = [f"+86139{number:06d}00" for number in range(NUMBERS * scale)]
    async with a_running(afflicted("no-breaker") if planted else forked) as server:
        other = await another_account(server.data)
        async with (
            clients(server.port, key_of(server.data), CLIENTS) as callers,
            clients(server.port, other.credential.key, 1) as [bystander],
        ):
            shares = [numbers[place::CLIENTS] for place in range(CLIENTS)]
            await asyncio.gather(*map(_fill, callers, shares))
            since = time.monotonic()
            opened: list[float] = []
            await asyncio.gather(
                *(
                    _spray(caller, share, opened, counted)
                    for caller, share in zip(callers, shares, strict=True)
                )
            )
            told = await _guess(bystander, numbers[0])
            counted["refused elsewhere"] = int(told.status != HTTPStatus.OK)
    opened_s = min(opened, default=float("inf")) - since
    counted["opened after ms"] = round(opened_s * 1000) if opened else -1
    return Outcome(
        injected=f"one guess at each of {len(numbers):,} numbers, {CLIENTS} clients",
        counted=counted,
        bar=f"pauses ≤ {OPENS_WITHIN_S:.0f} s, after {FAILED_MAX} guesses and those in flight; 0 later",
        held=opened_s <= OPENS_WITHIN_S
        and counted["evaluated before"] <= FAILED_MAX + CLIENTS
        and not counted["evaluated after"] + counted["refused elsewhere"],
    )


async def _fill(caller: Client, numbers: list[str]) -> None:
    for to in numbers:
        answer = await caller.post("/v1/sms/otp", {"to": to, "length": DIGITS})
        if answer.status != HTTPStatus.OK:
            raise AssertionError(answer.body)


async def _spray(caller: Client, numbers: list[str], opened: list[float], counted: Counter[str]) -> None:
    for to in numbers:
        late = bool(opened)
        answer = await _guess(caller, to)
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS and answer.json["code"] == "checks_paused":
            opened.append(time.monotonic())
            counted["refused"] += 1
        else:
            counted["evaluated after" if late else "evaluated before"] += 1


async def _guess(caller: Client, to: str) -> Answer:
    return await caller.post("/v1/sms/verify", {"to": to, "code": "0" * DIGITS})
