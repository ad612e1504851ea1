"""A revoked key stops within a second, while it is in use."""

import asyncio
import time
from http import HTTPStatus
from typing import Any

from soak.experiment import Outcome
from soak.premises import a_running, another_account, in_house
from tests.e2e.client import Client, clients
from tests.e2e.server import Server

ROWS = (50,)

CLIENTS = 4
STOPS_WITHIN_S = 1.0
GIVES_UP_S = 2.0


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Revoke keys under the hands of their users, as the command line does; planted: forget to."""
    times: list[float] = []
    again = 0
    async with a_running() as server:
        for number in range(3 * scale if not planted else 1):
            issued = await another_account(server.data, f"account-{number}")
            async with clients(server.port, issued.credential.key, CLIENTS) as callers:
                using = asyncio.gather(*map(_use, callers))
                await asyncio.sleep(0.05 * (number % 9))
                if not planted:
                    await _revoke(server, issued.credential.lookup)
                revoked_at = time.monotonic()
                stopped = await using
                times += [each - revoked_at for each in stopped]
                for caller in callers:
                    again += (await caller.get("/v1/account")).status != HTTPStatus.UNAUTHORIZED
    slowest_s = max(times)
    return Outcome(
        injected=f"{len(times) // CLIENTS} keys revoked, {CLIENTS} clients each",
        counted={"slowest ms": round(slowest_s * 1000), "worked again": again},
        bar=f"stops ≤ {STOPS_WITHIN_S:.0f} s, for good",
        held=slowest_s <= STOPS_WITHIN_S and not again,
    )


async def _use(client: Client) -> float:
    """Ask until it is refused, or for too long; answers when that was."""
    until = time.monotonic() + GIVES_UP_S
    while time.monotonic() < until:
        if (await client.get("/v1/account")).status == HTTPStatus.UNAUTHORIZED:
            break
        await asyncio.sleep(0.005)
    return time.monotonic()


async def _revoke(server: Server, lookup: str) -> None:
    async def revoke(house: Any) -> None:  # noqa: ANN401 - a house
        await house.administer.revoke_key(lookup)

    await in_house(server.data, revoke)
