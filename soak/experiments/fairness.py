"""One tenant has 95 % of the traffic: the others wait as long as they would alone, counted in turns."""

from collections import Counter

from posthouse.core.message import Lane
from posthouse.storage.engine.sqlite import SQLite
from soak.dispatching import Office
from soak.experiment import Outcome
from soak.premises import a_world
from tests.contracts.build import PRICE, SECOND
from tests.e2e.premises import rows

ROWS = (35,)

ROUNDS, CLAIM = 30, 32
"""A round takes one claim's worth of messages; more come in than that, so a line builds up."""

QUIET, LOUD = 3, 57
"""What the quiet tenants (together) and the loud one send a round: 5 % and 95 %."""

TIMES = 2


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Let the quiet ones send alone, then beside the loud one; planted: all stand in one line."""
    rounds = ROUNDS * scale
    alone, _ = await _traffic(rounds, loud=0, one_line=False)
    beside, left = await _traffic(rounds, loud=LOUD, one_line=planted)
    before, after = _p99(alone), _p99(beside)
    return Outcome(
        injected=f"{rounds} rounds of {QUIET} quiet and {LOUD} loud messages, {CLAIM} sent a round",
        counted={"p99 alone, rounds": before, "p99 beside, rounds": after, "loud left in line": left},
        bar=f"p99 of the others ≤ {TIMES} × alone",
        held=after <= TIMES * before and left > 0,
    )


async def _traffic(rounds: int, *, loud: int, one_line: bool) -> tuple[list[int], int]:
    """How many rounds each quiet message waited until the vendor had it, and what is left of the others."""
    async with a_world() as (world, where):
        office = Office(world)
        funds = 100_000 * PRICE
        tenants = [await world.account(f"quiet-{number}", funds) for number in range(QUIET)]
        noisy = await world.account("loud", funds)
        came: dict[int, int] = {}
        waits: list[int] = []
        seen = 0
        for now in range(rounds):
            if loud:
                await world.accept_many(loud, account_id=noisy)
            for tenant in tenants:
                message = await world.accept(account_id=noisy if one_line else tenant)
                came[message.id] = now
            if claimed := await office.dispatch.claim(Lane.NOTIFICATION, CLAIM):
                await office.dispatch.carry(claimed)
            sent = Counter(outbound.message_id for call in office.vendor.calls[seen:] for outbound in call)
            waits += [now - came.pop(each) + 1 for each in sent if each in came]
            seen = len(office.vendor.calls)
            world.later(SECOND)
        waits += [rounds - since + 1 for since in came.values()]
        [(left,)] = rows(where / SQLite.file, "SELECT count(*) FROM messages WHERE state = 'queued'")
        return waits, left


def _p99(waits: list[int]) -> int:
    return sorted(waits)[len(waits) * 99 // 100]
