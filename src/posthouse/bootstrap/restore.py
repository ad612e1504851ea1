"""Restore a backup: open it beside what is there, check it, hold what is open, then put it in place."""

import asyncio
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy.exc import DBAPIError

from posthouse.bootstrap.archive import Manifest, Opening, Unusable
from posthouse.bootstrap.backup import Progress
from posthouse.bootstrap.house import found, master_key
from posthouse.bootstrap.premises import RESTORING, SECRET_FILE, Trouble, locked, write_once
from posthouse.bootstrap.replacing import put_in_place, take_back
from posthouse.core.message import State
from posthouse.core.ports.channels import ListChannelRecords, SaveChannel
from posthouse.core.ports.holding import CountHeld, HoldOpen, LeapBoot
from posthouse.core.vault import Vault
from posthouse.settings import FILE, load
from posthouse.storage import copying
from posthouse.storage.engine.sqlite import SQLite, driver
from posthouse.storage.migrating import head, knows, migrate
from posthouse.storage.store import Store

HELD_AT_ONCE = 2000
LEAP = 1 << 20
"""More processes than any installation starts. The boot number is raised by this, and by chance once more:
nothing that was drawn from it after the backup is drawn again."""

_PULL = "pull"
"""The setting, `on` or `off`, of every kind of vendor that has queues to be emptied."""

_PIECES = frozenset({SQLite.file, FILE})
"""What a backup is made of; another name, which could lead anywhere, is not written."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in place.

    Attributes:
        held: how many messages are held, by state.
        quieted: channels that emptied their vendors' queues, and do so no more.
        aside: where the old installation is now.
    """

    manifest: Manifest
    held: dict[State, int]
    quieted: tuple[str, ...]
    aside: Path | None


def restore(
    file: Path, data: Path, *, secret_key: Path | None, replace: bool, progress: Progress
) -> Restored:
    """Make the data directory what the backup was taken of: wholly, or it stays as it was.

    Raises:
        Trouble: a server runs there, an installation is there, or the backup will not do.
    """
    if not file.is_file():
        raise Trouble(f"There is no backup {file}: give the file that `posthouse backup` made.")
    with locked(data):
        take_back(data)
        if found(data) and not replace:
            raise Trouble(
                f"There is an installation in {data} already: restore into another directory, "
                "or have it moved aside with --replace."
            )
        master = _master(file, data, secret_key)
        with _workshop(data) as workshop:
            try:
                manifest = _unpack(file, workshop, Vault(master), progress)
                progress("checking", 0, 1)
                held, quieted = _make_ready(file, workshop, manifest)
                _leave_key(data, workshop, master)
                aside = put_in_place(data, workshop, master)
            except (driver().Error, DBAPIError) as error:
                raise Trouble(
                    f"{data} cannot take the database ({error}), and is as it was: make room there."
                ) from error
            except OSError as error:
                raise Trouble(
                    f"{error.filename or data} cannot be used ({error.strerror}): "
                    f"make room in {data}, and see that it is ours."
                ) from error
    progress("checking", 1, 1)
    return Restored(manifest, held, quieted, aside)


def _master(file: Path, data: Path, secret_key: Path | None) -> bytes:
    settings = load(data)
    if secret_key is not None:
        settings = msgspec.structs.replace(settings, secret_key="", secret_key_file=str(secret_key))
    elif not (settings.secret_key or settings.secret_key_file or (data / SECRET_FILE).exists()):
        raise Trouble(
            f"{file} opens only with the secret key of its installation, which is not in it: "
            f"give that file ({SECRET_FILE}) with --secret-key."
        )
    return master_key(data, settings)


@contextmanager
def _workshop(data: Path) -> Iterator[Path]:
    """A directory for what is not proven yet; inside the data's, which may be a disk of its own."""
    workshop = data / RESTORING
    shutil.rmtree(workshop, ignore_errors=True)  # of a restore that was killed
    workshop.mkdir(mode=0o700)
    try:
        yield workshop
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _unpack(file: Path, workshop: Path, vault: Vault, progress: Progress) -> Manifest:
    """Decrypt every piece into the workshop."""
    try:
        with file.open("rb") as source:
            archive = Opening(source, vault)
            manifest = archive.manifest
            if not knows(manifest.schema) or not {SQLite.file} <= manifest.pieces.keys() <= _PIECES:
                raise Trouble(
                    f"{file} was made by release {manifest.release} of posthouse (schema {manifest.schema}), "
                    f"which is newer than this one (schema {head()}): restore it with that release."
                )
            total, done = sum(manifest.pieces.values()), 0
            for name in manifest.pieces:
                (workshop / name).touch(mode=0o600)
            for name, plain in archive.pieces():
                with (workshop / name).open("ab") as piece:
                    piece.write(plain)
                done += len(plain)
                progress("decrypting", done, total)
    except Unusable as error:
        raise Trouble(f"{file} {error}") from error
    return manifest


def _make_ready(file: Path, workshop: Path, manifest: Manifest) -> tuple[dict[State, int], tuple[str, ...]]:
    """Check the database, migrate it, hold what is open; answers what is held, and who pulls no more."""
    engine = SQLite(workshop)
    try:
        survey = copying.survey(engine)
        fault = survey.fault or _difference(survey, manifest)
        if fault is None:
            if manifest.schema != head():
                migrate(engine.sqlalchemy)
            made = asyncio.run(_hold(engine))
            drifts = manifest.drifts if manifest.schema != head() else copying.drifts(engine)
            if drifts == manifest.drifts:
                engine.sqlalchemy.dispose()
                copying.fold(engine)
                return made
            fault = f"its ledger shows {drifts} drifts, and {manifest.drifts} when it was made"
    finally:
        engine.sqlalchemy.dispose()
    raise Trouble(f"{file} opens, but what is in it is not whole ({fault}): take another backup.")


def _difference(survey: copying.Survey, manifest: Manifest) -> str | None:
    for table in sorted(survey.tables.keys() | manifest.tables.keys()):
        found, expected = survey.tables.get(table), manifest.tables.get(table)
        if found != expected:
            return f"{found} rows in {table}, and {expected} when it was made"
    return None if survey.books == manifest.books else "other balances than when it was made"


async def _hold(engine: SQLite) -> tuple[dict[State, int], tuple[str, ...]]:
    store = Store(engine)
    try:
        await store.write(LeapBoot(LEAP + secrets.randbelow(LEAP)))
        now = time.time_ns() // 1000
        last: int | None = 0
        while last is not None:
            last = await store.write(HoldOpen(now, HELD_AT_ONCE, last))
        return await store.read(CountHeld()), await _quiet(store, now)
    finally:
        store.close()


async def _quiet(store: Store, now: int) -> tuple[str, ...]:
    """Take channels off their vendors' queues, which give everything once; answers their names.

    The installation that the backup was taken of may be running, and would never learn what was pulled here.
    """
    pulling = [each for each in await store.read(ListChannelRecords()) if each.settings.get(_PULL) == "on"]
    for record in pulling:
        silent = record._replace(settings=record.settings | {_PULL: "off"})
        await store.write(SaveChannel(silent, max(now, record.changed_at + 1)))
    return tuple(record.channel.name for record in pulling)


def _leave_key(data: Path, workshop: Path, master: bytes) -> None:
    """See that the restored installation will find its secret key."""
    settings = load(data if (data / FILE).exists() else workshop)
    if not settings.secret_key and not settings.secret_key_file:
        write_once(workshop / SECRET_FILE, master.hex())
    elif master_key(data, settings) != master:
        raise Trouble(
            f"The settings (POSTHOUSE_SECRET_KEY, POSTHOUSE_SECRET_KEY_FILE or {FILE}) name another secret "
            "key than the one that opens the backup: take it out of them, or set it to that one."
        )
