"""The disk fills up: callers get 503 and when to come again; the server goes on once there is space."""

import asyncio
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

from soak.experiment import Outcome
from soak.premises import a_server, afflicted, directory, lose_one
from tests.e2e.client import Client, clients, soon
from tests.e2e.nursery import forked
from tests.e2e.premises import key_of
from tests.e2e.server import Launch, Server
from tests.faults.load import Journal
from tests.faults.oracle import judge
from tests.faults.settling import settle

ROWS = (5,)

SPACE_MB = 12
BALLAST = "ballast"
RECOVERS_WITHIN_S = 10.0
CLIENTS = 4


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Fill a small file system beneath a server that is sending, hold it full, then give the space back."""
    counted = Counter({"503": 0, "without Retry-After": 0, "accepted": 0, "other": 0, "lost": 0, "drifts": 0})
    faults: list[str] = []
    slowest_s, ways = 0.0, set[str]()
    for _ in range(scale):
        with directory() as where, _small(where / "data") as launch:
            async with a_server(launch, where / "data") as server:
                await asyncio.to_thread(server.start)
                journal, recovery_s = await _fill(server, counted, full_s=0.5 * min(scale, 10))
                findings = await settle(server, journal)
                if planted:
                    lose_one(server.data)
                    findings = await asyncio.to_thread(judge, server.data, journal)
            ways.add("tmpfs" if launch is forked else "simulated")
            slowest_s = max(slowest_s, recovery_s)
            counted.update(lost=len(findings.lost), drifts=len(findings.drifts))
            faults += [f"{name}: {found[:3]}" for name, found in findings.faults.items()]
    counted["recovered after ms"] = round(slowest_s * 1000)
    wrong = counted["without Retry-After"] + counted["other"] + counted["lost"] + counted["drifts"]
    return Outcome(
        injected=f"{scale} full disks ({', '.join(ways)})",
        counted=counted,
        bar=f"503 with Retry-After; recovers ≤ {RECOVERS_WITHIN_S:.0f} s; 0 lost, drifts",
        held=counted["503"] > 0 and not wrong and not faults and slowest_s <= RECOVERS_WITHIN_S,
        detail="; ".join(faults),
    )


@contextmanager
def _small(data: Path) -> Iterator[Launch]:
    """A small file system of its own where one can be mounted, else a disk that says it is full."""
    data.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SPACE_MB}m,mode=0700", "posthouse-soak", str(data)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        yield afflicted(f"full-while:{data / BALLAST}")
        return
    try:
        yield forked
    finally:
        subprocess.run(["umount", str(data)], check=True, capture_output=True)


async def _fill(server: Server, counted: Counter[str], *, full_s: float) -> tuple[Journal, float]:
    """Send while the disk is empty, full, and empty again; answers how long the recovery took."""
    journal, enough = Journal(), asyncio.Event()
    ballast = server.data / BALLAST
    async with clients(server.port, key_of(server.data), CLIENTS) as callers, asyncio.TaskGroup() as group:
        for number, client in enumerate(callers):
            group.create_task(_send(client, f"c{number}", journal, counted, enough))
        await journal.has_acknowledged(20)
        await asyncio.to_thread(_take_all_space, ballast)
        await soon(lambda: counted["503"] > 0, within_s=20, what="the disk is full")
        await asyncio.sleep(full_s)
        ballast.unlink()
        freed_at, before = time.monotonic(), len(journal.acknowledged)
        await journal.has_acknowledged(before + CLIENTS)
        recovery_s = time.monotonic() - freed_at
        enough.set()
    return journal, recovery_s


def _take_all_space(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        try:
            free = shutil.disk_usage(ballast.parent).free
            while free and file.tell() < SPACE_MB << 20:
                file.write(bytes(4096))
        except OSError:
            pass


async def _send(
    client: Client, name: str, journal: Journal, counted: Counter[str], enough: asyncio.Event
) -> None:
    """Messages one after the other, each asked for under its key until it is accepted."""
    number = 0
    while not enough.is_set():
        number += 1
        key, to = f"{name}-{number}", f"+86139{number:06d}11"
        journal.asked[key] = to
        while (answer := await client.send(to, "x" * 300, key, reference=key)).status != HTTPStatus.ACCEPTED:
            if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
                counted["503"] += 1
                counted["without Retry-After"] += "retry-after" not in answer.headers
            else:
                counted["other"] += 1
            await asyncio.sleep(0.05)
        counted["accepted"] += 1
        journal.note(key, answer.json["sms_id"])
