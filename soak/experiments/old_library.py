"""A SQLite that loses commits is refused at the start; a sound one survives two writers and checkpoints."""

import asyncio
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from posthouse.storage.engine.sqlite import SQLite, connect
from posthouse.storage.store import Store
from soak.experiment import Outcome
from soak.premises import ROOT, a_world, directory, drifts
from tests.contracts.build import World
from tests.e2e.premises import rows
from tests.e2e.server import environment

ROWS = (6,)

BROKEN = ((3, 51, 2), (3, 50, 6), (3, 44, 5), (3, 40, 1), (3, 7, 0))
DRIVERS = ("pysqlite3", "sqlite3")
MESSAGES = 30


class Hasty(SQLite):
    """The product's engine, with a checkpoint after every commit."""

    def open_writer(self) -> Any:  # noqa: ANN401 - as the product's
        """A writer that checkpoints every page."""
        connection = super().open_writer()
        connection.execute("PRAGMA wal_autocheckpoint=1")
        return connection


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Start with libraries that claim old versions; write from two stores while a third checkpoints."""
    counted = Counter({"refused": 0, "written": 0, "checkpoints": 0, "lost": 0, "broken": 0, "drifts": 0})
    versions = () if planted else BROKEN[: 1 + scale]
    for version in versions:
        counted["refused"] += await asyncio.to_thread(_is_refused, version)
    for _ in range(scale):
        await _stress(counted, planted=planted)
    return Outcome(
        injected=f"{len(versions)} old libraries; {scale} × 2 writers with checkpoints",
        counted=counted,
        bar="every old one refused, saying what to install; 0 lost, broken, drifts",
        held=counted["refused"] == len(versions)
        and counted["checkpoints"] > 0
        and not (counted["lost"] + counted["broken"] + counted["drifts"]),
    )


def _is_refused(version: tuple[int, ...]) -> bool:
    """Whether a start on a library that claims this version ends with the sentence that helps."""
    claims = f"sqlite_version_info = {version}\nsqlite_version = {'.'.join(map(str, version))!r}\n"
    with directory() as where:
        for name in DRIVERS:
            (where / f"{name}.py").write_text(claims)
        done = subprocess.run(
            [sys.executable, "-m", "posthouse", "init", "--data", str(where / "data")],
            check=False,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=environment() | {"PYTHONPATH": f"{where}:{environment().get('PYTHONPATH', '')}"},
        )
        made = (where / "data" / SQLite.file).exists()
    return done.returncode != 0 and "pip install" in done.stderr and not made


async def _stress(counted: Counter[str], *, planted: bool) -> None:
    over = threading.Event()
    async with a_world(Hasty) as (world, where):
        checkpoints = asyncio.get_running_loop().run_in_executor(None, _checkpoint, where, over)
        first, second = world.store, Store(Hasty(where))
        acknowledged = [
            each
            for ids in await asyncio.gather(*(_write(world, store) for store in (first, second)))
            for each in ids
        ]
        over.set()
        counted["checkpoints"] += await checkpoints
        second.close()
        world.store.close()
        if planted:
            _damage(where / SQLite.file)
        counted["written"] += len(acknowledged)
        counted["broken"] += rows(where / SQLite.file, "PRAGMA integrity_check") != [("ok",)]
        stored = {row[0] for row in rows(where / SQLite.file, "SELECT id FROM messages NOT INDEXED")}
        counted["lost"] += len(set(acknowledged) - stored)
        counted["drifts"] += await drifts(where)


async def _write(world: World, store: Store) -> list[int]:
    acknowledged = []
    for _ in range(MESSAGES):
        message = world.message()
        await store.write(world.acceptance(message))
        acknowledged.append(message.id)
    return acknowledged


def _checkpoint(where: Path, over: threading.Event) -> int:
    """Reset the log from a third connection, again and again."""
    connection = connect(str(where / SQLite.file))
    times = 0
    connection.execute("PRAGMA busy_timeout=20")  # who writes goes first
    try:
        while not over.wait(0.002):
            for kind in ("PASSIVE", "RESTART", "TRUNCATE"):
                times += not connection.execute(f"PRAGMA wal_checkpoint({kind})").fetchone()[0]
    finally:
        connection.close()
    return times


def _damage(file: Path) -> None:
    """The planted bug: a page of the index over messages that was never written."""
    [(root,)] = rows(file, "SELECT rootpage FROM sqlite_master WHERE name = 'ix_messages_account'")
    with file.open("r+b") as pages:
        pages.seek((root - 1) * 4096 + 100)
        pages.write(bytes(3000))
