"""A code tried elsewhere, in another verification, account, mode or purpose, or for another amount: wrong."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from posthouse.core.errors import Code
from posthouse.core.message import Mode
from posthouse.services.directory import Caller
from posthouse.storage.engine.sqlite import SQLite
from soak.experiment import Outcome
from soak.passcodes import Desk, a_caller, of_account
from soak.premises import a_world, plant
from tests.contracts.build import HOUR, SECOND

ROWS = (43,)

NUMBERS = 3
DIGITS = 10
"""So long that none is right by chance."""

AMOUNT, PAYEE = "99.00 CNY", "ACME"
BOUND = {"amount": AMOUNT, "payee": PAYEE}
SHARED = """UPDATE challenges SET verification_id =
    (SELECT min(c.verification_id) FROM challenges c WHERE c.number = challenges.number)"""


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Have codes sent everywhere, and try each wherever it does not belong; planted: they are mixed up."""
    counted, detail = Counter({"tried": 0, "accepted": 0, "right": 0}), list[str]()
    async with a_world() as (world, where):
        desk = Desk(world)
        mine, theirs = await a_caller(world, "mine"), await a_caller(world, "theirs")
        for number in range(NUMBERS * scale):
            to = f"+861390000{number:04d}"
            async for name, who, given, code in _crossings(desk, mine, theirs, to):
                if planted:
                    plant(where / SQLite.file, SHARED)
                desk.verify = desk.another_verify()
                accepted = (await desk.check(who, given.pop("to", to), code, **given)).valid
                right = name == "right"
                counted["right" if right else "accepted"] += accepted
                counted["tried"] += not right
                if accepted and not right:
                    detail.append(name)
            world.later(HOUR)
    return Outcome(
        injected=f"codes for {NUMBERS * scale} numbers, {counted['tried']} tries where they do not belong",
        counted=counted,
        bar="0 accepted; where they belong, each is right",
        held=not counted["accepted"] and counted["right"] == 2 * NUMBERS * scale,
        detail=", ".join(detail[:5]),
    )


async def _crossings(
    desk: Desk, mine: Caller, theirs: Caller, to: str
) -> AsyncIterator[tuple[str, Caller, dict[str, Any], str]]:
    """(what differs, who checks, what the check says, the code), with codes waiting in all those places."""
    test, another = of_account(mine.account.id, Mode.TEST), f"+86138{to[6:]}"
    for who in (mine, theirs, test):
        await _sent(desk, who, to)
    await _sent(desk, mine, to, purpose="pay", **BOUND)
    await _sent(desk, mine, another, purpose="other")
    code, bound = await desk.code(mine, to), await desk.code(mine, to, "pay")
    request = (await desk.newest(mine, to)).id
    yield "account", theirs, {}, code
    yield "account and id", theirs, {"verification_id": request}, code
    yield "mode", test, {}, code
    yield "purpose", mine, {"purpose": "pay", **BOUND}, code
    yield "purpose that was never used", mine, {"purpose": "never"}, code
    yield "number", mine, {"to": another, "purpose": "other"}, code
    yield "bound where it was not", mine, dict(BOUND), code
    yield "not bound where it was", mine, {"purpose": "pay"}, bound
    yield "amount", mine, {"purpose": "pay", **BOUND, "amount": "9900 CNY"}, bound
    world = desk.world
    world.later(HOUR)
    await _sent(desk, mine, to, purpose="pay", **BOUND)
    bound = await desk.code(mine, to, "pay")
    yield "payee", mine, {"purpose": "pay", **BOUND, "payee": "ACME2"}, bound
    yield "swapped", mine, {"purpose": "pay", "amount": PAYEE, "payee": AMOUNT}, bound
    yield "id of another purpose", mine, {"purpose": "pay", **BOUND, "verification_id": request}, bound
    yield "right", mine, {"purpose": "pay", **BOUND}, bound
    world.later(HOUR)
    await _sent(desk, mine, to)
    first = await desk.newest(mine, to)
    code = await desk.code(mine, to)
    world.later(60 * SECOND)
    await _sent(desk, mine, to, amount=AMOUNT)  # another code in its place
    yield "verification", mine, {"amount": AMOUNT}, code
    yield "verification by its id", mine, {"verification_id": first.id}, code
    yield "right", mine, {"amount": AMOUNT}, await desk.code(mine, to)


async def _sent(desk: Desk, who: Caller, to: str, **wanted: Any) -> None:
    refused: Code | None = await desk.send(who, to, length=DIGITS, **wanted)
    if refused is not None:
        raise AssertionError(refused)
