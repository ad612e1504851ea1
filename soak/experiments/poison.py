"""A message that nobody can read, or that fells its vendor: set apart in five tries, and the others go on."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from posthouse.core.message import Lane
from posthouse.core.ports.life import Claimed
from posthouse.core.ports.vendor import Outbound
from posthouse.core.verdict import Verdict
from posthouse.services.quarantine import POISON, TRIES_MAX, Quarantine
from posthouse.storage.engine.sqlite import SQLite
from soak.dispatching import Office, taken
from soak.experiment import Outcome
from soak.premises import a_world, drifts, plant
from tests.contracts.build import SECOND, World
from tests.e2e.premises import rows

ROWS = (36,)

SOUND, UNREADABLE, FELLING = 40, 2, 2
ROUNDS = 30
CLAIM = 16

UNREAD = (
    "UPDATE messages SET template_id = 'x', body = NULL, params = '{broken' WHERE reference = 'unreadable'"
)
FELLS = "felling"


class Forgetful(Office):
    """The planted bug: a dispatch that gives what it cannot read back to the line, for ever."""

    def __init__(self, world: World, reply: Callable[[Outbound], Verdict] = taken) -> None:
        super().__init__(world, reply)
        self.dispatch._quarantine = Never()  # noqa: SLF001 - a bug is planted where no option leads


class Never(Quarantine):
    """Counts, and never has enough."""

    def failed(self, message: Claimed) -> None:
        """Once more, then."""


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Put bad messages among good ones and dispatch, second after second."""
    counted: Counter[str] = Counter({"sound sent": 0, "set apart": 0, "most tries": 0, "still in line": 0})
    for _ in range(scale):
        async with a_world() as (world, where):
            await _one(world, where, Forgetful if planted else Office, counted)
    return Outcome(
        injected=f"{(UNREADABLE + FELLING) * scale} poisonous messages among {SOUND * scale}",
        counted=counted,
        bar=f"set apart in ≤ {TRIES_MAX} tries; all others sent once; 0 drifts",
        held=counted["sound sent"] == SOUND * scale
        and counted["set apart"] == (UNREADABLE + FELLING) * scale
        and counted["most tries"] <= TRIES_MAX
        and not counted["still in line"] + counted["sent twice"] + counted["drifts"],
    )


async def _one(world: World, where: Path, office_of: type[Office], counted: Counter[str]) -> None:
    tries: Counter[int] = Counter()

    def reply(outbound: Outbound) -> Verdict:
        if outbound.text == FELLS:
            raise ZeroDivisionError
        return taken(outbound)

    office = office_of(world, reply)
    bodies = ["hello"] * SOUND + [FELLS] * FELLING
    for number in range(SOUND + FELLING):
        await world.accept(
            body=bodies[number], lane=(Lane.MARKETING if bodies[number] == FELLS else Lane.OTP)
        )
    for _ in range(UNREADABLE):
        await world.accept(reference="unreadable", lane=Lane.OTP.value)
    plant(where / SQLite.file, UNREAD)
    for _ in range(ROUNDS):
        for lane in Lane:
            while claimed := await office.dispatch.claim(lane, CLAIM):
                tries.update(message.id for message in claimed)
                await _carry(office, claimed)
        world.later(SECOND)
    sent = Counter(outbound.message_id for call in office.vendor.calls for outbound in call)
    states = Counter(row[0] for row in rows(where / SQLite.file, "SELECT state FROM messages"))
    counted["sound sent"] += states["sent"]
    counted["set apart"] += states["failed"] + states["unknown"]
    counted["still in line"] += states["queued"] + states["sending"]
    counted["sent twice"] += sum(times > 1 for times in sent.values())
    counted["most tries"] = max(counted["most tries"], *tries.values())
    counted["drifts"] += await drifts(where)


async def _carry(office: Office, claimed: list[Claimed]) -> None:
    """As the dispatcher's loop does: a failure is noted, and the loop goes on."""
    try:
        await office.dispatch.carry(claimed)
    except POISON:
        return
