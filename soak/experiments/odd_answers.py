"""Vendors' answers that nobody expects: taken is what was taken, and no receipt finds another's message."""

import json
from collections import Counter
from pathlib import Path

from aiohttp import web

from posthouse.core.verdict import Accepted, Verdict
from posthouse.storage.engine.sqlite import SQLite
from posthouse.vendors.adapter import Adapter, Outbound, Response
from posthouse.vendors.registry import ADAPTERS
from posthouse.vendors.tencent import Tencent
from soak.callbacks import News
from soak.experiment import Outcome
from soak.odd_words import TONGUES, Odd, Said, counts, oddities
from soak.premises import a_world
from soak.receiving import Branch, Door, Wired, a_branch, plain
from tests.contracts.build import PRICE, World
from tests.e2e.premises import rows
from tests.vendors.peer import Asked, Failure, Peer, serving

ROWS = (23,)

REPEATED = 6
"""Messages of one vendor that all get one id."""

_STATES = {"sent": Said.TAKEN, "unknown": Said.UNCLEAR, "failed": Said.NOT, "queued": Said.NOT}


class Gullible(Tencent):
    """The planted bug: HTTP 200 means yes, whatever it says."""

    def read(self, batch: list[Outbound], response: Response) -> list[Verdict]:  # type: ignore[override]  # planted
        """All are taken."""
        return [Accepted(f"2019:{number}") for number, _ in enumerate(batch)]


class Reciting(Peer):
    """Answers with what it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.says = Odd("nothing", b"", ())

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """The whole answer, or the beginning of it."""
        await request.read()
        odd = self.says
        if not odd.cut:
            return web.Response(status=odd.status, body=odd.body, content_type=odd.kind)
        answer = web.StreamResponse(status=odd.status, headers={"Content-Type": odd.kind})
        answer.content_length = len(odd.body) + 1
        await answer.prepare(request)
        await answer.write(odd.body)
        if request.transport is not None:
            request.transport.close()
        return answer

    async def answer(self, asked: Asked) -> web.Response:
        """Not asked."""
        raise NotImplementedError

    def error(self, asked: Asked, failure: Failure) -> web.Response:
        """Not asked."""
        raise NotImplementedError


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Say it all to every adapter, and look at the messages; planted: one of them believes everything."""
    counted = Counter({"answers": 0, "taken, unclear or not": 0, "believed": 0, "misread": 0, "misled": 0})
    detail: list[str] = []
    kinds: dict[str, type[Adapter]] = {"tencent": Gullible} if planted else {n: ADAPTERS[n] for n in TONGUES}
    for _ in range(scale):
        async with a_world() as (world, where), serving(peer := Reciting()) as at:
            world.account_id = await world.account("vendors", 100_000 * PRICE)
            async with a_branch(
                world, *(Wired(name, at, made=made) for name, made in kinds.items())
            ) as branch:
                stage = Stage(world, where, branch, peer, counted)
                for kind in kinds:
                    detail += await stage.recite(kind)
                door = await branch.app()
                for kind in kinds:
                    detail += await stage.repeat(kind, door)
    return Outcome(
        injected=f"{counted['answers']} answers to {', '.join(kinds)}; ids given {REPEATED * scale} times",
        counted=counted,
        bar="taken only what was; unclear is unknown; 0 mis-correlated",
        held=not counted["believed"] + counted["misread"] + counted["misled"] and counted["answers"] > 0,
        detail="; ".join(detail[:5]),
    )


class Stage:
    """Where a vendor recites and its messages are looked at."""

    def __init__(
        self, world: World, where: Path, branch: Branch, peer: Reciting, counted: Counter[str]
    ) -> None:
        self._world, self._branch, self._peer, self._counted = world, branch, peer, counted
        self._file = where / SQLite.file
        self._numbers = 0

    async def recite(self, kind: str) -> list[str]:
        """Every oddity once; what was wrong."""
        tongue = TONGUES[kind]
        wrong: list[str] = []
        names = self._fresh(kind, tongue.at_once)
        stand_ins = [*names[0], *names[1]]
        odds = [*oddities(tongue, *names), *(counts(*names) if kind == "tencent" else ())]
        for odd in odds:
            numbers, ids = self._fresh(kind, tongue.at_once)
            body = odd.body
            for stand_in, own in zip(stand_ins, numbers + ids, strict=True):
                body = body.replace(stand_in.removeprefix("+").encode(), own.removeprefix("+").encode())
            found = await self._sent(kind, numbers, odd._replace(body=body))
            self._counted["answers"] += 1
            for number, said, (state, reference) in zip(numbers, odd.says, found, strict=True):
                self._counted["taken, unclear or not"] += 1
                heard = _STATES.get(state)
                own = ids[0 if tongue.whole else numbers.index(number)]
                right = heard is said and (said is not Said.TAKEN or reference == own)
                believed = heard is Said.TAKEN and said is not Said.TAKEN
                self._counted["believed"] += believed
                self._counted["misread"] += not right and not believed
                if not right:
                    wrong.append(f"{kind}, {odd.name}: {said.value}, and it is {state} {reference or ''}")
        return wrong

    async def repeat(self, kind: str, door: Door) -> list[str]:
        """Give one id to every message, and tell of some of them; what was wrong."""
        tongue = TONGUES[kind]
        numbers, ids = self._fresh(kind, REPEATED)
        for number in numbers:
            odd = Odd("an id again", json.dumps(tongue.fine([number], ids[:1])).encode(), (Said.TAKEN,))
            await self._sent(kind, [number], odd)
        stranger = f"+86139{self._numbers:08d}"
        told = numbers[::2]
        # Again, when the first is settled and forgotten; and of somebody who got nothing.
        for number in (*told, *told, stranger):
            await door.tell(kind, News(ids[0], number))
        states = [state for number in numbers for state, _ in self._found(kind, [number])]
        wrong = [
            f"{kind}: {number} is {state} by an id that others had too"
            for number, state in zip(numbers, states, strict=True)
            if (state == "delivered") is not (number in told)
        ]
        self._counted["misled"] += len(wrong)
        return wrong

    def _fresh(self, kind: str, count: int) -> tuple[list[str], list[str]]:
        first = self._numbers + 1
        self._numbers += count
        places = range(first, first + count)
        ids = [f"SM{place:032x}" if kind == "twilio" else f"id-{place:08d}" for place in places]
        return [f"+86138{place:08d}" for place in places], ids

    async def _sent(self, kind: str, numbers: list[str], odd: Odd) -> list[tuple[str, str | None]]:
        self._peer.says = odd
        for number in numbers:
            await self._world.accept(recipient=number, pin=kind, **plain(kind))
        await self._branch.send()
        return self._found(kind, numbers)

    def _found(self, kind: str, numbers: list[str]) -> list[tuple[str, str | None]]:
        sql = """SELECT m.recipient, m.state, r.reference FROM messages m
            LEFT JOIN vendor_references r ON r.message_id = m.id WHERE m.pin = '{}' AND m.recipient IN ({})"""
        asked = sql.format(kind, ",".join(f"'{number}'" for number in numbers))
        found = {recipient: (state, reference) for recipient, state, reference in rows(self._file, asked)}
        return [found[number] for number in numbers]
