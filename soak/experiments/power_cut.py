"""Power cut: unsynced writes are dropped, kept or torn; what was acknowledged is there all the same."""

import asyncio
import random
from collections import Counter
from pathlib import Path
from typing import Any

from posthouse.core.verdict import Accepted
from posthouse.storage.engine.sqlite import SQLite
from soak.disk import Disk, beneath, files
from soak.experiment import Outcome
from soak.power import Cut, cuts
from soak.premises import a_world, directory, drifts
from tests.contracts.build import World
from tests.e2e.premises import rows

ROWS = (3,)

CUTS = 20
"""A run at scale 1; ten times as many by default."""

MESSAGES, CLIENTS = 60, 6

STAGES = {"queued": 0, "sending": 1, "sent": 2}


class Cramped(SQLite):
    """The product's engine with checkpoints all the time, so that cuts meet them."""

    def open_writer(self) -> Any:  # noqa: ANN401 - as the product's
        """A writer that checkpoints every fifty pages."""
        connection = super().open_writer()
        connection.execute("PRAGMA wal_autocheckpoint=50")
        return connection


class Careless(Cramped):
    """The planted bug: commits that do not wait for the disk."""

    def open_writer(self) -> Any:  # noqa: ANN401 - as the product's
        """A writer that is quicker than it may be."""
        connection = super().open_writer()
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Cut at random places of the log; open what is left; look for every acknowledgement."""
    dice = random.Random(scale)
    counted = Counter(cuts=0, acknowledged=0, lost=0, broken=0, drifts=0)
    for turn in range(scale):
        engine = Careless if planted else (Cramped, SQLite)[turn % 2]
        async with a_world(engine) as (world, where):
            world.store.close()
            before, disk = files(where), Disk()
            with beneath(disk):
                world.store = world.backend.open()
                await _load(world, disk)
                log = disk.log.copy()
                world.store.close()
        with directory() as ends:
            for number, cut in enumerate(cuts(log, before, dice, CUTS)):
                counted.update(cuts=1, acknowledged=len(cut.noted))
                counted["harmed writes"] += cut.harmed
                counted.update(await judge(cut, ends / str(number)))
    return Outcome(
        injected=f"{counted['cuts']} power cuts",
        counted=counted,
        bar="0 lost, broken, drifts",
        held=not (counted["lost"] or counted["broken"] or counted["drifts"]),
    )


async def _load(world: World, disk: Disk) -> None:
    """Clients that send, and a dispatcher; each acknowledgement is noted in the disk's log."""

    async def client() -> None:
        for _ in range(MESSAGES // CLIENTS):
            message = await world.accept()
            disk.note((message.id, "queued"))

    async def dispatcher() -> None:
        for _ in range(MESSAGES):
            for claimed in await world.claim(5):
                attempt = await world.start(claimed)
                disk.note((claimed.id, "sending"))
                if attempt is not None:
                    await world.record(claimed, attempt, Accepted(f"ref-{claimed.id}"))
                    disk.note((claimed.id, "sent"))
            await asyncio.sleep(0)

    await asyncio.gather(dispatcher(), *(client() for _ in range(CLIENTS)))


async def judge(cut: Cut, where: Path) -> Counter[str]:
    """Open the files as the next start would, and count what is wrong with them."""
    file = cut.lay_out(where) / SQLite.file
    stored = dict(rows(file, "SELECT id, state FROM messages"))
    return Counter(
        broken=int(rows(file, "PRAGMA integrity_check") != [("ok",)]),
        lost=sum(STAGES.get(stored.get(each, ""), -1) < STAGES[state] for each, state in cut.noted),
        drifts=await drifts(where),
    )
