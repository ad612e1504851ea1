"""A sync that fails: its callers get 503, nothing later depends on it, and the next commit is sound."""

import asyncio
import itertools
import random
import shutil
from collections import Counter
from http import HTTPStatus
from typing import Any

from posthouse.core.ports.store import Unavailable
from posthouse.storage.engine.sqlite import SQLite
from soak.disk import IOERR_FSYNC, OK, Disk, beneath, files
from soak.experiment import Outcome
from soak.experiments.power_cut import judge
from soak.power import cuts
from soak.premises import a_server, a_world, afflicted, directory, under
from tests.e2e.client import clients
from tests.e2e.premises import key_of
from tests.e2e.server import Launch
from tests.faults.load import Journal
from tests.faults.settling import settle

ROWS = (4,)

TURNS, WRITES, CUTS = 6, 12, 3
REQUESTS, EVERY = 60, 15


class Deaf(SQLite):
    """The planted bug: a writer that takes a failed commit for a good one."""

    def open_writer(self) -> Any:  # noqa: ANN401 - as the product's
        """A connection that hears no error."""
        return _Deaf(super().open_writer())


class _Deaf:
    """A connection, and its cursors, on which COMMIT never fails."""

    def __init__(self, really: Any) -> None:  # noqa: ANN401 - DB-API has no types
        self._really = really

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as above
        return getattr(self._really, name)

    def cursor(self) -> "_Deaf":
        """A cursor that is deaf too."""
        return _Deaf(self._really.cursor())

    def execute(self, sql: str, *values: object) -> Any:  # noqa: ANN401 - as above
        """Run it; a commit is said to be done."""
        try:
            return self._really.execute(sql, *values)
        except Exception:
            if sql != "COMMIT":
                raise
            self._really.connection.rollback()
            return self


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Fail the k-th sync beneath a store, then cut the power; fail some beneath a real server."""
    dice = random.Random(scale)
    counted = Counter({"failed syncs": 0, "failed writes": 0, "503": 0, "lost": 0, "broken": 0, "drifts": 0})
    for _ in range(TURNS * scale):
        await _store(dice, Deaf if planted else SQLite, counted)
    detail = "" if planted else await _server(afflicted(f"sync-fails:{EVERY}"), counted)
    if scale > 1 and shutil.which("strace"):
        syncs = "fsync,fdatasync"
        inject = f"inject={syncs}:error=EIO:when={EVERY * 4}+{EVERY}"
        strace = ("strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={syncs}", "-e", inject)
        detail += await _server(under(*strace), counted)
    right = counted["failed syncs"] == counted["failed writes"] and (planted or counted["503"] > 0)
    wrong = counted["lost"] + counted["broken"] + counted["drifts"]
    return Outcome(
        injected=f"{counted['failed syncs']} failed syncs, and every {EVERY}th of a server",
        counted=counted,
        bar="each fails its own writes alone (503); 0 lost, broken, drifts",
        held=right and not wrong and not detail,
        detail=detail,
    )


async def _store(dice: random.Random, engine: type[SQLite], counted: Counter[str]) -> None:
    """One store, one failed sync, then cuts."""
    wanted, syncs = dice.randrange(2, WRITES), itertools.count(1)
    async with a_world(engine) as (world, where):
        world.store.close()

        def on_sync(path: str) -> int:
            if not path.endswith("-wal") or next(syncs) != wanted:
                return OK
            counted["failed syncs"] += 1
            return IOERR_FSYNC

        before, disk = files(where), Disk(on_sync=on_sync)
        with beneath(disk):
            world.store = world.backend.open()
            for _ in range(WRITES):
                try:
                    disk.note(((await world.accept()).id, "queued"))
                except Unavailable:
                    counted["failed writes"] += 1
            log = disk.log.copy()
            world.store.close()
    with directory() as ends:
        for number, cut in enumerate(cuts(log, before, dice, CUTS)):
            counted.update(await judge(cut, ends / str(number)))


async def _server(launch: Launch, counted: Counter[str]) -> str:
    """A client that repeats what was answered 503; what is wrong in the end."""
    journal = Journal()
    async with a_server(launch) as server:
        await asyncio.to_thread(server.start)
        async with clients(server.port, key_of(server.data), 1) as [client]:
            for number in range(REQUESTS):
                key, to = f"s-{number}", f"+86139{number:06d}11"
                journal.asked[key] = to
                answer = await client.send(to, "on a bad disk", key, reference=key)
                if answer.status == HTTPStatus.SERVICE_UNAVAILABLE and "retry-after" in answer.headers:
                    counted["503"] += 1
                    answer = await client.send(to, "on a bad disk", key, reference=key)
                if answer.status == HTTPStatus.ACCEPTED:
                    journal.note(key, answer.json["sms_id"])
                else:
                    journal.refused[answer.status] += 1
        findings = await settle(server, journal)
    counted["lost"] += len(findings.lost)
    counted["drifts"] += len(findings.drifts)
    return f"{findings.faults or ''}{dict(journal.refused) or ''}"
