"""A hundred right codes at once: one success. A hundred wrong ones: five evaluated, then none is right."""

import asyncio
import itertools
from collections import Counter

from posthouse.core.otp import CHECKS_MAX
from posthouse.storage.engine.sqlite import SQLite
from soak.experiment import Outcome
from soak.premises import a_running, plant
from tests.e2e.client import Answer, Client, clients, soon
from tests.e2e.premises import key_of, rows
from tests.e2e.server import Server

ROWS = (42,)

CLIENTS = 100
DIGITS = 10
FAILED = "SELECT length(failed_at) / 8 FROM challenges WHERE number = ?"
RENEW = "UPDATE challenges SET checks_left = 5 WHERE number = '{to}'"
REVIVE = "UPDATE verifications SET state = 'pending' WHERE number = '{to}'"

_numbers = itertools.count(1)


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Check from a hundred connections at the same moment; planted: somebody renews what was used up."""
    names = ("codes", "successes", "successes with keys", "successes under one key", "evaluated", "too late")
    counted = Counter(dict.fromkeys(names, 0))
    most = 0
    async with a_running() as server, clients(server.port, key_of(server.data), CLIENTS) as callers:
        await asyncio.gather(*(caller.get("/v1/account") for caller in callers))  # all are connected
        for _ in range(scale):
            to, code = await _sent(callers[0], counted)
            counted["successes"] += _valid(await _together(callers, to, [code] * CLIENTS))
            if planted:
                for sql in (RENEW, REVIVE):
                    plant(server.data / SQLite.file, sql.format(to=to))
                counted["successes"] += _valid(await _together(callers, to, [code] * CLIENTS))
            to, code = await _sent(callers[0], counted)
            keys = [f"{to}-{place}" for place in range(CLIENTS)]
            first = await _together(callers, to, [code] * CLIENTS, keys)
            again = await _together(callers, to, [code] * CLIENTS, keys)  # as if every answer had been lost
            counted["successes with keys"] += _valid(again)
            counted["told otherwise"] += [each.body for each in again] != [each.body for each in first]
            to, code = await _sent(callers[0], counted)
            told = await _together(callers, to, [code] * CLIENTS, [to] * CLIENTS)
            counted["successes under one key"] += len({each.body for each in told if b"true" in each.body})
            counted["evaluated afresh under one key"] += sum(not each.replayed for each in told)
            most = max(most, await _wrong(server, callers, counted))
    return Outcome(
        injected=f"{scale} × {CLIENTS} right ones at once, with no key, many and one; {CLIENTS} wrong ones",
        counted=counted,
        bar=f"exactly 1 success a code; ≤ {CHECKS_MAX} wrong ones evaluated",
        held=counted["successes"] == counted["successes with keys"] == scale
        and counted["successes under one key"] == counted["evaluated afresh under one key"] == scale
        and 0 < most <= CHECKS_MAX
        and not counted["too late"] + counted["told otherwise"],
    )


async def _wrong(server: Server, callers: list[Client], counted: Counter[str]) -> int:
    """Wrong codes at once, then the right one; how many were evaluated."""
    to, code = await _sent(callers[0], counted)
    wrong = [f"{(int(code) + place) % 10**DIGITS:0{DIGITS}d}" for place in range(1, CLIENTS + 1)]
    told = await _together(callers, to, wrong)
    told += await _together(callers[:1], to, [code])
    counted["too late"] += _valid(told)
    [(evaluated,)] = rows(server.data / SQLite.file, FAILED, to)
    counted["evaluated"] += evaluated
    return int(evaluated)


async def _sent(caller: Client, counted: Counter[str]) -> tuple[str, str]:
    """A number and the code on its handset."""
    to = f"+86139{next(_numbers):06d}80"
    answer = await caller.post("/v1/sms/otp", {"to": to, "length": DIGITS})
    if not answer.json.get("request_id"):
        raise AssertionError(answer.body)
    texts: list[str] = []

    async def arrived() -> bool:
        shown = await caller.get(f"/v1/sandbox/messages?to=%2B{to[1:]}")
        texts[:] = [each["text"] for each in shown.json["data"]]
        return bool(texts)

    await soon(arrived, within_s=20, what="the code is on the handset")
    counted["codes"] += 1
    return to, "".join(char for char in texts[0].partition(",")[0] if char.isdecimal())


async def _together(
    callers: list[Client], to: str, codes: list[str], keys: list[str] | None = None
) -> list[Answer]:
    """Each client checks its code under its key, all at once."""
    asking = [
        caller.post("/v1/sms/verify", {"to": to, "code": code}, None if keys is None else keys[place])
        for place, (caller, code) in enumerate(zip(callers, codes, strict=True))
    ]
    return list(await asyncio.gather(*asking))


def _valid(answers: list[Answer]) -> int:
    return sum(answer.json.get("valid") is True for answer in answers)
