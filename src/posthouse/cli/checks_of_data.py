"""What `doctor` looks at inside an installation: its secrets, its database, its books, its backlog."""

import asyncio
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from posthouse.bootstrap.house import House, Trouble, open_house, revision
from posthouse.bootstrap.mishaps import hand_over
from posthouse.bootstrap.premises import KEY_FILE, SECRET_FILE, first_key, held
from posthouse.cli.checks_of_channels import examine_channels
from posthouse.cli.finding import Finding, well, wrong
from posthouse.core.ids import EPOCH_US
from posthouse.core.keys import lookup_of, prove
from posthouse.core.ports.queries import CheckLedger, FindKey, GetGauges, ListEvents
from posthouse.settings import Settings, read
from posthouse.storage.engine.sqlite import SQLite, connect, driver
from posthouse.storage.migrating import head

QUICK_CHECK_MAX_S = 10.0
CLOCK_SLACK_US = 2_000_000
LATE_S = 60


def examine_data(data: Path, settings: Settings) -> Iterator[Finding]:
    """Every check of what an installation holds."""
    yield _secret(data, settings)
    yield from _key_file(data)
    yield from _database(data)


def _secret(data: Path, settings: Settings) -> Finding:
    name = "secret key"
    if settings.secret_key:
        return well(name, f"from {read(data).origins['secret_key'].place}")
    path = Path(settings.secret_key_file) if settings.secret_key_file else data / SECRET_FILE
    try:
        path.open("rb").close()
    except PermissionError:
        return wrong(name, f"{path} may not be read by this user", hand_over(path))
    except OSError:
        return wrong(
            name,
            f"{path} cannot be read",
            "put back the file that belongs to this data; no other will do",
        )
    mode = stat.S_IMODE(path.stat().st_mode)
    return Finding(name, not mode & 0o077, f"{path} ({mode:04o})", f"chmod 600 {path}")


def _key_file(data: Path) -> Iterator[Finding]:
    """The first key, where it was left: whoever reads it rules this installation."""
    path = data / KEY_FILE
    if path.exists():
        mode = stat.S_IMODE(path.stat().st_mode)
        yield Finding("key file", not mode & 0o077, f"{path} ({mode:04o})", f"chmod 600 {path}")


def _database(data: Path) -> Iterator[Finding]:
    engine = SQLite(data)
    try:
        schema = revision(engine)
    except Trouble as error:
        yield wrong("schema", "the database cannot be opened", str(error))
        return
    finally:
        engine.sqlalchemy.dispose()
    yield Finding("schema", schema == head(), str(schema), f"run `posthouse migrate --data {data}`")
    yield _integrity(engine)
    if schema != head():
        return
    try:
        house = open_house(data)
    except Trouble as error:
        yield wrong("opening", "the installation cannot be opened", str(error))
        return
    try:
        yield from asyncio.run(_inside(house))
    finally:
        house.close()


def _integrity(engine: SQLite) -> Finding:
    """SQLite's own quick check, stopped after ten seconds: on a large file it may take minutes."""
    name = "integrity"
    end = time.monotonic() + QUICK_CHECK_MAX_S
    connection = connect(str(engine.path))
    connection.set_progress_handler(lambda: time.monotonic() > end, 10_000)
    try:
        told = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except driver().Error as error:
        if time.monotonic() > end:
            return well(name, f"nothing wrong in the first {QUICK_CHECK_MAX_S:.0f} s of a large database")
        told = str(error)
    finally:
        connection.close()
    return Finding(name, told == "ok", told, "stop the server and put back a copy that is whole")


async def _inside(house: House) -> list[Finding]:
    return [
        await _clock(house),
        *await _first_key(house),
        await _ledger(house),
        *await _open_messages(house),
        *await examine_channels(house),
    ]


async def _clock(house: House) -> Finding:
    """Nothing here can have happened in the future: if it did, the clock went back since."""
    name, now = "clock", house.clock.now()
    told = time.strftime("%Y-%m-%d %H:%M:%S %Z")
    fix = "set the clock (`timedatectl set-ntp true`): schedules, validity and receipts go by it"
    if now < EPOCH_US:
        return wrong(name, f"{told} lies before this software", fix)
    page = await house.store.read(ListEvents(limit=1, staged_since=now))
    behind = page.events[0].at - now if page.events else 0
    if behind > CLOCK_SLACK_US:
        return wrong(name, f"{told} is {behind / 1_000_000:,.0f} s behind what was written last", fix)
    return well(name, f"{told}, not behind anything that was written")


async def _open_messages(house: House) -> list[Finding]:
    """What is held, what waits in line, and whether anybody works on it."""
    now = house.clock.now()
    gauges = await house.store.read(GetGauges(now))
    found = [
        wrong(
            "held messages",
            f"{gauges.held:,} are held since a backup was restored: none is sent before it is released",
            f"see them with `posthouse messages release --all --dry-run --data {house.data}`; "
            "without --dry-run they are sent",
        )
    ] * bool(gauges.held)
    waiting = sum(count for count, _ in gauges.waiting.values())
    since = [due for _, due in gauges.waiting.values() if due is not None]
    late_s = (now - min(since)) / 1_000_000 if since else 0
    if not waiting or (held(house.data) is not None and late_s < LATE_S):
        return [*found, well("backlog", f"{waiting:,} messages wait in line")]
    told = f"{waiting:,} messages wait, the first since {max(late_s, 0):,.0f} s"
    if held(house.data) is None:
        fix = f"no server runs: start one with `posthouse serve --data {house.data}`"
    else:
        fix = "`posthouse tail --errors` and the server's log tell what holds them up"
    return [*found, wrong("backlog", told, fix)]


async def _first_key(house: House) -> list[Finding]:
    """Where the first key was left, it also proves that the secret key is the one of this data."""
    name, key = "first key", first_key(house.data)
    lookup = lookup_of(key) if key else None
    stored = await house.store.read(FindKey(lookup)) if lookup else None
    if key is None or stored is None:
        return []
    if prove(key, house.vault.derive("keys")) != stored.token_hash:
        return [
            wrong(
                name,
                "the secret key does not belong to this data: no issued key will work",
                "put back the secret key that this data was made with",
            )
        ]
    return [well(name, "fits the secret key" if stored.revoked_at is None else "revoked")]


async def _ledger(house: House) -> Finding:
    audit = await house.store.read(CheckLedger())
    told = f"{len(audit.drifts)} drifts" if audit.drifts else f"no drift in {audit.transfers:,} transfers"
    return Finding(
        "ledger",
        not audit.drifts,
        told,
        f"run `posthouse ledger check --data {house.data}` and read each line",
    )
