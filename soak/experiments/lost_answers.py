"""Vendors take messages and their answers get lost: codes go out twice at most, all else once, holds stay."""

from collections import Counter
from itertools import cycle

from posthouse.core.message import Lane
from posthouse.core.verdict import NotSent, Unknown
from posthouse.storage.engine.sqlite import SQLite
from soak.carriage import Carriage, Link, as_it_is, carrying, judge, misread
from soak.experiment import Outcome
from soak.passcodes import Desk, a_caller
from soak.vendor import (
    Conduct,
    HostileVendor,
    repeated,
    take,
    take_and_drop,
    take_and_reset,
    take_and_stop_short,
)
from tests.contracts.build import HOUR, SECOND
from tests.e2e.premises import rows

ROWS = (18,)

EACH = 24
"""Messages of each kind, at scale 1."""

ONE_IN = 4
"""Answers that are lost: so few that no breaker opens, which is another row."""

LOOKS_S = (0, 1, 1, 2, 1, 1, 4, 10, 20, 19, 2, 60)
"""Seconds between looks: a code is sent again 5 s after its call, and 60 s decide about all else."""

IN_DOUBT = "SELECT count(*), count(*) FILTER (WHERE charge = 'held') FROM messages WHERE state = 'unknown'"
SETTLED = """SELECT m.state, m.charge,
    (SELECT count(*) FROM transfers t WHERE t.message_id = m.id AND t.kind = 'settle')
    FROM messages m WHERE EXISTS (SELECT 1 FROM events e WHERE e.message_id = m.id AND e.kind = 'unknown')"""


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Lose answers in three ways, wait for the policies, then let receipts come, each three times.

    Planted: a connection that was dropped counts as if nothing had been sent.
    """
    first, second = HostileVendor(_losing()), HostileVendor(_losing())
    wrap = misread(Unknown, NotSent) if planted else as_it_is
    async with (
        first.open(),
        second.open(),
        carrying(Link("first", first.url), Link("second", second.url), real=False, wrap=wrap) as carriage,
    ):
        vendors = (first, second)
        codes = await _send(carriage, EACH * scale)
        for pause_s in LOOKS_S:
            carriage.world.later(pause_s * SECOND)
            for _ in range(scale + 1):
                await carriage.turn()
        file = carriage.where / SQLite.file
        [(doubtful, held)] = rows(file, IN_DOUBT)
        found = await judge(carriage, vendors)
        again = repeated(vendors)
        is_code = {offer.message: offer.to in codes for vendor in vendors for offer in vendor.taken}
        texts = {
            message: len({o.text for v in vendors for o in v.taken if o.message == message})
            for message in again
        }
        await _report(carriage, vendors)
        late = Counter(rows(file, SETTLED))
        after = await judge(carriage, vendors)
    counted: dict[str, float] = {
        "messages": 3 * EACH * scale,
        "answers lost": sum(len(vendor.taken) // ONE_IN for vendor in vendors),
        "in doubt": doubtful,
        "of these held": held,
        "codes sent twice": sum(is_code[message] for message in again),
        "codes sent more often": sum(is_code[message] for message, more in again.items() if more > 1),
        "with another code": sum(texts[message] > 1 for message in again),
        "others sent twice": sum(not is_code[message] for message in again),
        "settled once, late": late["delivered", "settled", 1],
        "settled otherwise": late.total() - late["delivered", "settled", 1],
        "lost": found["lost"],
        "stuck": found["stuck"] + after["stuck"],
        "drifts": found["drifts"] + after["drifts"],
    }
    wrong = (
        "codes sent more often",
        "with another code",
        "others sent twice",
        "settled otherwise",
        "lost",
        "stuck",
        "drifts",
    )
    return Outcome(
        injected=f"1 of {ONE_IN} answers of {counted['messages']:,} lost after the message was taken",
        counted=counted,
        bar="a code goes out twice at most, as the same; all else once; holds stay; receipts settle once",
        held=not any(counted[name] for name in wrong)
        and doubtful == held > 0
        and counted["codes sent twice"] > 0
        and counted["settled once, late"] > doubtful,
        detail=str(dict(late)),
    )


def _losing() -> Conduct:
    ways = cycle([take_and_drop, take_and_reset, take_and_stop_short])

    async def conduct(vendor: HostileVendor, *of: object) -> None:
        lost = len(vendor.offers) % ONE_IN == 0
        await (next(ways) if lost else take)(vendor, *of)  # type: ignore[arg-type] # handed on as they came

    return conduct


async def _send(carriage: Carriage, each: int) -> frozenset[str]:
    """So many messages of each kind; the numbers that get codes."""
    await carriage.accept(each)
    await carriage.accept(each, lane=Lane.MARKETING.value)
    desk, who = Desk(carriage.world), await a_caller(carriage.world, "shop")
    numbers = [f"+861380{number:07d}" for number in range(each)]
    for to in numbers:
        if (refused := await desk.send(who, to)) is not None:
            raise AssertionError(refused)
    return frozenset(numbers)


async def _report(carriage: Carriage, vendors: tuple[HostileVendor, ...]) -> None:
    """Tell thrice that whatever was taken has arrived, under our own reference: at once, again, and late."""
    for pause in (0, 0, HOUR):
        carriage.world.later(pause)
        for channel, vendor in enumerate(vendors, 1):
            await carriage.hear(channel, *(offer.delivered for offer in vendor.taken))
