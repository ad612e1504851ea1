"""Pumped traffic beside people's: ten thousand numbers of one range, each from another address."""

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx2

from soak.experiment import Outcome
from soak.premises import a_running, another_account, caller
from tests.e2e.client import Client, clients
from tests.e2e.premises import PRICE
from tests.e2e.server import Server

ROWS = (47,)

NUMBERS, PLANTED = 10_000, 1_000
RANGE = "+861380013"
PEOPLE = 500
"""Within a few hundred ranges, as a town has them; some of them behind one address."""

HEADS, SHARED, HOUSEHOLDS = 300, 25, 10
VERIFY = 0.8
"""How many of the people type their code."""

PUMPS, CLIENTS = 40, 16
CAPPED, CAP = 200, 50
"""Codes that are asked for at once, and what the cap has money for."""

LEAK_MAX, FOUND_WITHIN_S, FALSE_MAX = 0.01, 60.0, 0.001
CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
REFUSED = {HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}


@dataclass
class Traffic:
    """What became of codes that were asked for."""

    asked: int = 0
    sent: int = 0
    verified: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    last_sent: float = 0.0

    async def ask(self, client: Client, to: str, address: str) -> bool:
        """Ask for one code; whether it was sent."""
        self.asked += 1
        answer = await client.post("/v1/sms/otp", {"to": to, "ip": address})
        if answer.status == HTTPStatus.OK:
            self.sent += 1
            self.last_sent = time.monotonic()
            return True
        if answer.status not in REFUSED:
            raise AssertionError(answer.body)
        self.refused[answer.json["code"]] += 1
        return False


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Pump beside people, then let people alone, then exceed a cap; planted: rules that only note."""
    people = _people(PEOPLE * scale if not planted else 100)
    numbers = [f"{RANGE}{last:04}" for last in range(NUMBERS if not planted else PLANTED)]
    random.Random(47).shuffle(numbers)
    mode = "shadow" if planted else "enforce"
    async with a_running() as server:
        async with _guarded(server, "pumped", mode) as (api, key):
            since = time.monotonic()
            pumped, beside = await asyncio.gather(_pump(server, key, numbers), _visit(server, key, people))
            counted_too = await _refused_of(api) - sum((pumped.refused + beside.refused).values())
        async with _guarded(server, "replayed", mode) as (_, key):
            alone = await _visit(server, key, people)
        over = await _overspend(server, mode)
    found_s = max(pumped.last_sent - since, 0.0)
    false = beside.asked - beside.sent + alone.asked - alone.sent
    visits = beside.asked + alone.asked
    return Outcome(
        injected=f"{len(numbers):,} numbers of a range, {len(people):,} people beside and once more alone",
        counted={
            "leaked": pumped.sent,
            "stopped after ms": round(found_s * 1000),
            "people refused": false,
            "of visits": visits,
            "verified": beside.verified + alone.verified,
            "over the cap": over,
            "counted wrongly": abs(counted_too),
        },
        bar=f"leak ≤ {LEAK_MAX:.0%}, ≤ {FOUND_WITHIN_S:.0f} s; refused ≤ {FALSE_MAX:.1%}; cap not overshot",
        held=pumped.sent <= LEAK_MAX * len(numbers)
        and found_s <= FOUND_WITHIN_S
        and false <= FALSE_MAX * visits
        and beside.verified + alone.verified > VERIFY * visits / 2
        and not over
        and not counted_too,
        detail=f"{dict(pumped.refused)} {dict(beside.refused)} {dict(alone.refused)}",
    )


@asynccontextmanager
async def _guarded(
    server: Server, name: str, mode: str, **changes: Any
) -> AsyncIterator[tuple[httpx2.AsyncClient, str]]:
    """An account whose rules are in this mode, for the simulator too: its API and its key."""
    issued = await another_account(server.data, name, 10**12)
    key = issued.credential.key
    rules = {rule: {"mode": mode} for rule in _RULES}
    async with caller(server.port, key) as api:
        changed = await api.patch("/v1/guard", json={"simulator": "enforce", "rules": rules, **changes})
        changed.raise_for_status()
        yield api, key


_RULES = ("velocity_prefix", "velocity_range", "velocity_address", "spend", "conversion")


def _people(count: int) -> list[tuple[str, str]]:
    """Numbers, each once, and their users' addresses."""
    rng = random.Random(11)
    heads = [
        f"+861{rng.choice('5789')}{rng.randrange(10**5):05}" for _ in range(HEADS * max(count // PEOPLE, 1))
    ]
    numbers: dict[str, str] = {}
    while len(numbers) < count:
        # The simulator does as told by numbers whose last four digits begin with zeros.
        number = f"{rng.choice(heads)}{rng.randrange(1_000, 10_000)}"
        place = len(numbers)
        shared = place % HOUSEHOLDS == 0
        address = (
            f"198.51.{place // (HOUSEHOLDS * SHARED) % 256}.1"
            if shared
            else f"2001:db8:{place // 65536:x}:{place % 65536:x}::{rng.randrange(1, 65536):x}"
        )
        numbers.setdefault(number, address)
    return list(numbers.items())


async def _pump(server: Server, key: str, numbers: Sequence[str]) -> Traffic:
    traffic, rng = Traffic(), random.Random(13)

    async def some(client: Client, share: Iterable[str]) -> None:
        for to in share:
            address = f"203.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(256)}"
            await traffic.ask(client, to, address)

    async with clients(server.port, key, PUMPS) as callers:
        await asyncio.gather(*(some(client, numbers[place::PUMPS]) for place, client in enumerate(callers)))
    return traffic


async def _visit(server: Server, key: str, people: Sequence[tuple[str, str]]) -> Traffic:
    """People ask for a code, and most read it from the handset and type it."""
    traffic, rng = Traffic(), random.Random(17)

    async def some(client: Client, share: Iterable[tuple[str, str]]) -> None:
        for to, address in share:
            types = rng.random() < VERIFY
            if await traffic.ask(client, to, address) and types:
                code = await _read(client, to)
                answer = await client.post("/v1/sms/verify", {"to": to, "code": code})
                traffic.verified += answer.json["valid"]

    async with clients(server.port, key, CLIENTS) as callers:
        await asyncio.gather(*(some(client, people[place::CLIENTS]) for place, client in enumerate(callers)))
    return traffic


async def _read(client: Client, to: str) -> str:
    """The code on a handset, as soon as it is there."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        shown = (await client.get(f"/v1/sandbox/messages?to=%2B{to[1:]}")).json["data"]
        if shown and (found := CODE.search(shown[0]["text"])):
            return found[0]
        await asyncio.sleep(0.02)
    raise AssertionError(f"no code for {to[:5]}…")


async def _overspend(server: Server, mode: str) -> int:
    """How many codes more than a cap has money for are sent when many are asked for at once."""
    spend = {"hour": f"{CAP * PRICE / 1_000_000:.2f}"}
    traffic = Traffic()
    async with (
        _guarded(server, "capped", mode, spend=spend) as (_, key),
        clients(server.port, key, CAPPED) as callers,
    ):
        await asyncio.gather(
            *(
                traffic.ask(client, f"+8613{place:04}01000", f"203.0.113.{place}")
                for place, client in enumerate(callers)
            )
        )
    return traffic.sent - CAP


async def _refused_of(api: httpx2.AsyncClient) -> int:
    """What the guard itself says that it refused."""
    rules = (await api.get("/v1/guard")).json()["rules"]
    return sum(rule["refused_24h"] for rule in rules.values())
