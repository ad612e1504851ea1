"""Five hundred sends at once with money for a hundred: a hundred are accepted, nothing is below zero."""

import asyncio
from collections import Counter

from posthouse.core.ports.queries import CheckLedger
from posthouse.storage.engine.sqlite import SQLite
from soak.experiment import Outcome
from soak.premises import a_running, another_account, in_house
from tests.e2e.client import Answer, clients, soon
from tests.e2e.premises import PRICE, rows

ROWS = (32,)

CLIENTS, EACH, FUNDS_FOR = 100, 5, 100

OPEN = """SELECT count(*) FROM messages JOIN accounts ON accounts.id = account_id
    WHERE name = ? AND state <> 'delivered'"""


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Let poor accounts send, one after the other; planted: one has more than we think."""
    statuses: Counter[int] = Counter()
    counted: Counter[str] = Counter(
        {"accepted": 0, "refused": 0, "left or held": 0, "below zero": 0, "drifts": 0}
    )
    async with a_running() as server:
        for number in range(scale):
            name = f"poor-{number}"
            issued = await another_account(server.data, name, (FUNDS_FOR + planted) * PRICE)
            async with clients(server.port, issued.credential.key, CLIENTS) as callers:

                async def some(number: int) -> list[Answer]:
                    to = [f"+86139{number * EACH + turn:06d}11" for turn in range(EACH)]
                    return [await callers[number].send(each, "for money") for each in to]

                asking = asyncio.gather(*map(some, range(CLIENTS)))
                while not asking.done():
                    [(least,)] = rows(server.data / SQLite.file, "SELECT min(available) FROM balances")
                    counted["below zero"] += least < 0
                    await asyncio.sleep(0.01)
                statuses.update(answer.status for answers in asking.result() for answer in answers)
                await soon(
                    lambda: rows(server.data / SQLite.file, OPEN, name) == [(0,)],  # noqa: B023
                    within_s=20,
                    what="all are delivered",
                )
                balance = (await callers[0].get("/v1/account")).json["balance"]
                counted["left or held"] += (balance["available"], balance["held"]) != ("0.00", "0.00")
        audit = await in_house(server.data, lambda house: house.store.read(CheckLedger()))
    counted.update(accepted=statuses[202], refused=statuses[402], drifts=len(audit.drifts))
    return Outcome(
        injected=f"{scale} × {CLIENTS * EACH} sends, funds for {FUNDS_FOR}",
        counted=counted,
        bar=f"exactly {FUNDS_FOR} accepted each; never below zero; 0 drifts",
        held=statuses == {202: FUNDS_FOR * scale, 402: (CLIENTS * EACH - FUNDS_FOR) * scale}
        and not (counted["left or held"] + counted["below zero"] + counted["drifts"]),
        detail=str(dict(statuses)),
    )
