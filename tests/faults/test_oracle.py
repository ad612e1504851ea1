"""The judge is tried too: every fault planted into a clean record must be found, and found as what it is."""

import asyncio
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest

from posthouse.storage.engine.sqlite import connect
from tests.e2e.nursery import forked
from tests.e2e.premises import copy, key_of
from tests.e2e.server import Server, command
from tests.faults.load import Journal, sending
from tests.faults.oracle import judge
from tests.faults.settling import settle


@dataclass
class Record:
    """A run without faults: its files, and what its clients know."""

    data: Path
    journal: Journal


@pytest.fixture
def clean(template, tmp_path):
    """Where nothing went wrong."""
    server = Server(copy(template, tmp_path / "clean"), forked)

    async def run():
        async with sending(server.port, key_of(server.data), seed=1) as journal:
            await journal.has_acknowledged(80)
        return journal, await settle(server, journal)

    try:
        server.start()
        journal, findings = asyncio.run(run())
    finally:
        server.close()
    assert findings.faults == {}
    assert findings.messages >= 80
    return Record(server.data, journal)


ONE = "(SELECT min(id) FROM messages WHERE state = 'delivered' AND attempts = 1)"

_AGAIN = (
    "INSERT INTO handset SELECT max(id) + 1, KEY, message_id, account_id, recipient, sender, sealed,"
    " 'again', received_at, NULL FROM handset"
)

PLANTED = {
    "a second handset row of the same attempt": (
        "sandbox.db",
        _AGAIN.replace("KEY", "key"),
        {"repeated"},
    ),
    "a second attempt on the handset though none was unknown": (
        "sandbox.db",
        _AGAIN.replace("KEY", "key || '2'"),
        {"repeated"},
    ),
    "a message on a handset that nobody stored": (
        "sandbox.db",
        "UPDATE handset SET message_id = 1 WHERE id = (SELECT min(id) FROM handset)",
        {"ghosts", "missing"},
    ),
    "a failed message on a handset": (
        "posthouse.db",
        "UPDATE messages SET state = 'failed' WHERE id = ONE",
        {"after_all", "misfated", "miscounted", "drifts"},
    ),
    "a delivered message on no handset": (
        "sandbox.db",
        "DELETE FROM handset WHERE id = (SELECT min(id) FROM handset)",
        {"missing"},
    ),
    "a lost message": (
        "posthouse.db",
        "DELETE FROM messages WHERE id = ONE",
        {"lost", "ghosts", "drifts", "miscounted"},
    ),
    "a second message for one key": (
        "posthouse.db",
        "UPDATE messages SET reference = (SELECT max(reference) FROM messages) WHERE id = ONE",
        {"doubled", "lost"},
    ),
    "a message that nobody asked for": (
        "posthouse.db",
        "UPDATE messages SET reference = 'nobody' WHERE id = ONE",
        {"unasked", "lost"},
    ),
    "a message that is not final": (
        "posthouse.db",
        "UPDATE messages SET state = 'sent' WHERE id = ONE",
        {"open", "miscounted", "drifts"},
    ),
    "a message that ended wrongly": (
        "posthouse.db",
        "UPDATE messages SET state = 'undelivered' WHERE id = ONE",
        {"misfated", "miscounted", "drifts"},
    ),
    "a lease that nobody gave back": (
        "posthouse.db",
        "UPDATE messages SET lease = 1 WHERE id = ONE",
        {"broken"},
    ),
    "a gap in a story": (
        "posthouse.db",
        "DELETE FROM events WHERE message_id = ONE AND sequence = 2",
        {"broken"},
    ),
    "an attempt without a verdict": (
        "posthouse.db",
        "UPDATE attempts SET outcome = 'started' WHERE message_id = ONE",
        {"broken"},
    ),
    "a wrong count": (
        "posthouse.db",
        "UPDATE accounts SET total = total + 1 WHERE id = (SELECT min(account_id) FROM messages)",
        {"miscounted", "drifts"},
    ),
    "money from nowhere": ("posthouse.db", "UPDATE balances SET available = available + 1", {"drifts"}),
    "a transfer that was changed": (
        "posthouse.db",
        "UPDATE transfers SET amount = amount + 1 WHERE id = (SELECT max(id) FROM transfers)",
        {"drifts"},
    ),
    "a transfer that went missing": (
        "posthouse.db",
        "DELETE FROM transfers WHERE id = (SELECT max(id) FROM transfers)",
        {"drifts"},
    ),
}


def test_every_planted_fault_is_found(clean, tmp_path):
    for number, (name, (file, sql, expected)) in enumerate(PLANTED.items()):
        data = tmp_path / f"planted-{number}"
        shutil.copytree(clean.data, data)
        plant(data / file, sql)
        assert judge(data, clean.journal).faults.keys() == expected, name
        if name in SEEN_BY_THE_COMMAND:
            assert command(data, "ledger", "check", exit_code=3)["drifts"], name
    assert judge(clean.data, clean.journal).faults == {}


SEEN_BY_THE_COMMAND = {"a lost message", "money from nowhere", "a transfer that was changed"}


def plant(file: Path, sql: str) -> None:
    connection: sqlite3.Connection = connect(str(file))
    try:
        assert connection.execute(sql.replace("ONE", ONE)).rowcount > 0, sql
    finally:
        connection.close()
