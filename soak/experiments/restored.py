"""A backup taken at a random instant under load, and restored: nothing that was sent since is sent again."""

import asyncio
import random
import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

from posthouse.bootstrap.backup import back_up
from posthouse.bootstrap.restore import restore
from soak.experiment import Outcome
from soak.premises import a_server, directory, drifts, plant
from tests.e2e.client import Answer, Client, clients, soon
from tests.e2e.nursery import forked
from tests.e2e.premises import key_of, rows
from tests.e2e.server import Server, command
from tests.faults.load import sending

ROWS = (8,)

BACKUPS = 3
BATCH = 1000
"""Long enough a line that a backup finds messages in every state."""

SCHEDULED_AFTER_S = (0.2, 0.8, 3600.0)
SETTLES_WITHIN_S = 60.0

TRIED_AGAIN = "SELECT id FROM messages WHERE attempts > 1"

PURPOSES = ("otp", "notification", "marketing")
"""One probe for each lane: once they are delivered, whatever was due had its turn."""

BUSY = """SELECT count(*) FROM messages WHERE state IN ('queued', 'sending', 'unknown')
    AND id NOT IN (SELECT message_id FROM held_messages)"""

UNHOLD = """UPDATE messages SET
    due_at = (SELECT coalesce(h.due_at, h.held_at) FROM held_messages h WHERE h.message_id = id)
    WHERE state = 'queued' AND id IN (SELECT message_id FROM held_messages)"""


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Back up under load, go on, lose the machine; restore each backup beside what the vendor knows."""
    counted: Counter[str] = Counter(
        {
            "held": 0,
            "held in doubt": 0,
            "sent again unasked": 0,
            "in doubt sent again": 0,
            "sent again by the operator": 0,
            "sent for the first time": 0,
            "drifts": 0,
        }
    )
    detail: list[str] = []
    with directory() as kept:
        async with a_server() as lost:
            backups = await _lose(lost, kept, 1 if planted else BACKUPS * scale)
            for number, file in enumerate(backups):
                await _back(lost.data, file, kept / f"restored-{number}", counted, detail, planted=planted)
    wrong = counted["sent again unasked"] + counted["in doubt sent again"] + counted["drifts"]
    return Outcome(
        injected=f"{len(backups)} restores of backups taken under load",
        counted=counted,
        bar="0 sent again but by the operator, 0 drifts",
        held=not wrong and counted["held in doubt"] > 0,
        detail="; ".join(detail),
    )


async def _lose(server: Server, kept: Path, count: int) -> list[Path]:
    """Backups taken at random instants of a busy life, which goes on after the last and then ends."""
    await asyncio.to_thread(server.start)
    key, dice = key_of(server.data), random.SystemRandom()
    files = [kept / f"backup-{number}" for number in range(count)]
    async with (
        sending(server.port, key, seed=dice.randrange(1 << 32)) as journal,
        clients(server.port, key, 1) as [caller],
    ):
        for turn, file in enumerate(files):
            await _fill(caller, turn)
            await asyncio.sleep(dice.uniform(0, 0.3))
            await asyncio.to_thread(back_up, server.data, file, replace=False, progress=_unheard)
        await journal.has_acknowledged(len(journal.acknowledged) + 200)
        await soon(
            lambda: rows(server.data / "posthouse.db", BUSY)[0][0] < BATCH // 10,
            within_s=SETTLES_WITHIN_S,
            what="the batches are sent",
        )
    server.kill()
    return files


async def _fill(caller: Client, turn: int) -> None:
    """A long line, and schedules that come due before and after the loss."""
    for number, after_s in enumerate(SCHEDULED_AFTER_S):
        send_at = (datetime.now(UTC) + timedelta(seconds=after_s)).isoformat()
        _accepted(await caller.send(f"+86137{turn:03d}{number:03d}11", "at its time", send_at=send_at))
    to = [f"+86136{turn:02d}{number:04d}11" for number in range(BATCH)]
    _accepted(await caller.post("/v1/sms/batch", {"to": to, "body": "all of us"}))


def _accepted(answer: Answer) -> None:
    if answer.status != HTTPStatus.ACCEPTED:
        raise AssertionError(answer.body)


async def _back(
    lost: Path, file: Path, data: Path, counted: Counter[str], detail: list[str], *, planted: bool
) -> None:
    """Restore one backup, serve it, release what it holds, and see what the handsets got at each step."""
    secret = lost / "secret.key"
    restored = await asyncio.to_thread(
        restore, file, data, secret_key=secret, replace=False, progress=_unheard
    )
    for name in ("sandbox.db", "sandbox.db-wal", "key"):  # the vendor remembers, and so do we our key
        if (lost / name).exists():
            shutil.copy(lost / name, data / name)
    if planted:
        plant(data / "posthouse.db", UNHOLD)
    counted["held"] += sum(restored.held.values())
    # Where the lost life took two attempts, the vendor rightly says that the first came to nothing.
    doubtful = _ids(data, "SELECT id FROM messages WHERE state = 'unknown'") - _ids(lost, TRIED_AGAIN)
    known = _ids(data, "SELECT id FROM messages")
    before = _arrived(data)
    server = Server(data, forked)
    try:
        await asyncio.to_thread(server.start)
        await _had_their_turn(server)
        unasked = _more(before, _arrived(data)) & known & before.keys()
        await asyncio.to_thread(command, data, "messages", "release", "--all")
        await _had_their_turn(server)
        after = _arrived(data)
        await asyncio.to_thread(server.stop)
    finally:
        await asyncio.to_thread(server.close)
    more = (_more(before, after) & known) - unasked
    again = more & before.keys()
    found = await drifts(data)
    counted.update(
        {
            "held in doubt": len(doubtful),
            "sent again unasked": len(unasked),
            "in doubt sent again": len(again & doubtful),
            "sent again by the operator": len(again - doubtful),
            "sent for the first time": len(more - before.keys()),
            "drifts": found,
        }
    )
    if unasked or again & doubtful or found:
        detail.append(f"{file.name}: {sorted(unasked | again & doubtful)[:3]}, {found} drifts")


async def _had_their_turn(server: Server) -> None:
    """Everything that may be sent has been, and a message of each lane behind it."""
    async with clients(server.port, key_of(server.data), 1) as [caller]:
        for purpose in PURPOSES:
            told = await caller.send("+8613500000011", "a probe", purpose=purpose)
            path = f"/v1/sms/{told.json['sms_id']}"

            async def is_delivered(path: str = path) -> bool:
                return bool((await caller.get(path)).json["state"] == "delivered")

            await soon(is_delivered, within_s=SETTLES_WITHIN_S, what="the probe is delivered")
    await soon(
        lambda: rows(server.data / "posthouse.db", BUSY) == [(0,)],
        within_s=SETTLES_WITHIN_S,
        what="nothing is on its way",
        tick_s=0.05,
    )


def _arrived(data: Path) -> Counter[int]:
    """How often each message is on a handset."""
    return Counter(row[0] for row in rows(data / "sandbox.db", "SELECT message_id FROM handset"))


def _more(before: Counter[int], after: Counter[int]) -> set[int]:
    return {message_id for message_id, times in after.items() if times > before[message_id]}


def _ids(data: Path, sql: str) -> set[int]:
    return {row[0] for row in rows(data / "posthouse.db", sql)}


def _unheard(_what: str, _done: int, _total: int) -> None:
    """Nobody waits."""
