"""The oracle: what the clients were told, what the handsets got and what the database says must agree.

It looks into the files themselves, with statements of its own: nothing that is judged here helps to judge.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from posthouse.core.ports.queries import CheckLedger
from posthouse.storage.engine.sqlite import connect
from tests.e2e.premises import inside
from tests.faults.load import Journal

FINAL = {"delivered", "undelivered", "expired", "failed", "canceled", "unconfirmed"}

ENDS: Mapping[str, str] = {"0001": "failed", "0002": "failed", "0009": "undelivered"}
"""How the sandbox's numbers end; all others are delivered."""

SEEN = """CREATE TEMP VIEW seen AS SELECT * FROM main.messages
    WHERE batch_id IS NULL OR batch_id NOT IN (SELECT id FROM batches WHERE state = 'staged')"""
"""The messages that are there for everyone: chunks of a batch that was cut off are not."""

UNSENT = {"failed", "expired", "canceled"}

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass
class Findings:
    """Counts, and lists of everything that must not be.

    Attributes:
        excused: messages that reached a handset twice because an attempt was `unknown` and the policy
            sent once more.
        lost: acknowledged, and not stored.
        open: neither final nor on the way to it.
        misfated: ended otherwise than the number says.
        doubled: more than one message for one idempotency key, or another than acknowledged.
        after_all: over without having been sent, and on a handset.
        unasked: stored, and nobody asked for it.
        repeated: on a handset more than once without an excuse.
        missing: `delivered`, and on no handset.
        ghosts: on a handset, and not stored.
        drifts: where the ledger does not add up.
        miscounted: counters that differ from a recount.
        broken: stories with gaps, leases without holder, files that fail their check.
    """

    messages: int = 0
    delivered: int = 0
    unknown_then_settled: int = 0
    excused: int = 0
    lost: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    misfated: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    after_all: list[str] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    ghosts: list[str] = field(default_factory=list)
    drifts: list[str] = field(default_factory=list)
    miscounted: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def faults(self) -> dict[str, list[str]]:
        """What must not be, where there is any."""
        lists = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: found for name, found in lists.items() if isinstance(found, list) and found}


def judge(data: Path, journal: Journal) -> Findings:
    """Compare the three records of a run, after the server has ended."""
    findings = Findings()
    house, sandbox = connect(str(data / "posthouse.db")), connect(str(data / "sandbox.db"))
    try:
        house.execute(SEEN)
        messages = _messages(house, journal, findings)
        _handsets(house, sandbox, messages, findings)
        _counters(house, findings)
        _stories(house, findings)
        _money(house, findings)
        for name, file in (("posthouse.db", house), ("sandbox.db", sandbox)):
            findings.broken += [
                f"{name}: {row[0]}" for row in _rows(file, "PRAGMA integrity_check") if row[0] != "ok"
            ]
    finally:
        house.close()
        sandbox.close()
    audit = inside(data, lambda opened: opened.store.read(CheckLedger()))
    findings.drifts += [f"{d.account_id} {d.what}: {d.expected} != {d.found}" for d in audit.drifts]
    return findings


def waiting(data: Path) -> int:
    """How many messages are on their way, and not yet final; may be asked while a server runs."""
    house = connect(str(data / "posthouse.db"))
    try:
        house.execute(SEEN)
        sql = "SELECT count(*) FROM seen WHERE state NOT IN (SELECT value FROM json_each(?))"
        return int(house.execute(sql, (json.dumps(sorted(FINAL)),)).fetchone()[0])
    finally:
        house.close()


def public(message_id: int) -> str:
    """The id as callers see it."""
    return "sms_" + "".join(_ALPHABET[message_id >> shift & 31] for shift in range(60, -1, -5))


def _messages(house: sqlite3.Connection, journal: Journal, findings: Findings) -> dict[int, str]:
    """Every message's state; each key has one message, the acknowledged one, ended as it must."""
    by_key: dict[str, list[str]] = {}
    states: dict[int, str] = {}
    for message_id, reference, recipient, state in _rows(
        house, "SELECT id, reference, recipient, state FROM seen"
    ):
        states[message_id] = state
        by_key.setdefault(reference, []).append(public(message_id))
        if state not in FINAL:
            findings.open.append(f"{public(message_id)} {state}")
        elif state != _end(recipient, canceled=reference in journal.canceled):
            findings.misfated.append(f"{public(message_id)} to {recipient}: {state}")
    findings.messages = len(states)
    findings.delivered = sum(state == "delivered" for state in states.values())
    findings.unasked += [f"{key}: {found}" for key, found in by_key.items() if key not in journal.asked]
    findings.doubled += [f"{key}: {found}" for key, found in by_key.items() if len(found) > 1]
    for key, sms_id in journal.acknowledged.items():
        found = by_key.get(key)
        if found is None:
            findings.lost.append(f"{key}: {sms_id}")
        elif sms_id not in found:
            findings.doubled.append(f"{key}: told {sms_id}, stored {found}")
    findings.doubled += [f"{key}: two answers" for key in journal.contradicted]
    return states


def _end(recipient: str, *, canceled: bool) -> str:
    return "canceled" if canceled else ENDS.get(recipient[-4:], "delivered")


def _handsets(
    house: sqlite3.Connection, sandbox: sqlite3.Connection, states: dict[int, str], findings: Findings
) -> None:
    """Nothing arrives twice without an excuse, and what is said to have arrived did."""
    doubtful = {row[0] for row in _rows(house, "SELECT message_id FROM events WHERE kind = 'unknown'")}
    findings.unknown_then_settled = sum(states.get(message_id) in FINAL for message_id in doubtful)
    arrived: dict[int, Counter[str]] = {}
    for message_id, key in _rows(sandbox, "SELECT message_id, key FROM handset"):
        arrived.setdefault(message_id, Counter())[key] += 1
    for message_id, keys in arrived.items():
        if message_id not in states:
            findings.ghosts.append(public(message_id))
        elif max(keys.values()) > 1 or (len(keys) > 1 and message_id not in doubtful):
            findings.repeated.append(f"{public(message_id)}: {dict(keys)}")
        elif len(keys) > 1:
            findings.excused += 1
        if states.get(message_id) in UNSENT:
            findings.after_all.append(f"{public(message_id)} {states[message_id]}")
    findings.missing += [
        public(message_id)
        for message_id, state in states.items()
        if state in ("delivered", "undelivered") and message_id not in arrived
    ]


def _counters(house: sqlite3.Connection, findings: Findings) -> None:
    """What lists and accounts show equals a recount."""
    counted = {
        "states": "SELECT account_id, state, count FROM state_counts WHERE count <> 0",
        "days": "SELECT account_id, 'all', sum(accepted) FROM daily_counts GROUP BY account_id",
        "totals": "SELECT id, 'all', total FROM accounts WHERE total <> 0",
    }
    recounts = {
        "states": "SELECT account_id, state, count(*) FROM seen GROUP BY account_id, state",
        "days": "SELECT account_id, 'all', count(*) FROM seen GROUP BY account_id",
        "totals": "SELECT account_id, 'all', count(*) FROM seen GROUP BY account_id",
    }
    for name, sql in counted.items():
        found, expected = set(_rows(house, sql)), set(_rows(house, recounts[name]))
        if found != expected:
            findings.miscounted.append(
                f"{name}: {sorted(found - expected)}, should be {sorted(expected - found)}"
            )


def _stories(house: sqlite3.Connection, findings: Findings) -> None:
    """Every story is numbered without a gap, attempts too, and nobody holds what is over."""
    gaps = """SELECT m.id FROM seen m LEFT JOIN events e ON e.message_id = m.id
        GROUP BY m.id HAVING count(e.id) <> m.events OR max(e.sequence) <> m.events
        OR count(DISTINCT e.sequence) <> m.events"""
    tries = """SELECT m.id FROM seen m LEFT JOIN attempts a ON a.message_id = m.id
        GROUP BY m.id HAVING count(a.number) <> m.attempts OR coalesce(max(a.number), 0) <> m.attempts"""
    held = "SELECT id FROM seen WHERE lease IS NOT NULL OR due_at IS NOT NULL"
    started = "SELECT message_id FROM attempts WHERE outcome = 'started'"
    for name, sql in (("events", gaps), ("attempts", tries), ("held", held), ("started", started)):
        findings.broken += [f"{name}: {public(row[0])}" for row in _rows(house, sql)]


def _money(house: sqlite3.Connection, findings: Findings) -> None:
    """Beside the product's own check: what is left is what was paid in, less what every message cost."""
    sql = """SELECT b.account_id, b.available, b.held, b.spent, b.funded,
        coalesce(sum(m.price) FILTER (WHERE m.charge = 'held'), 0),
        coalesce(sum(m.price) FILTER (WHERE m.charge = 'settled'), 0)
        FROM balances b LEFT JOIN seen m ON m.account_id = b.account_id GROUP BY b.account_id"""
    for account_id, available, held, spent, funded, holds, costs in _rows(house, sql):
        if (available, held, spent) != (funded - holds - costs, holds, costs):
            findings.drifts.append(f"{account_id}: has {available}, {held}, {spent}; paid in {funded}")


def _rows(file: sqlite3.Connection, sql: str) -> list[Any]:
    return file.execute(sql).fetchall()
