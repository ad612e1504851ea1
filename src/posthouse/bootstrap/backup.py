"""Take a backup: one encrypted file, made from a copy of the database while its server goes on."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

from sqlalchemy.exc import DBAPIError

from posthouse import __version__
from posthouse.bootstrap.archive import CHUNK, Manifest, Sealing
from posthouse.bootstrap.house import found, master_key, refuse_unfinished, revision
from posthouse.bootstrap.premises import BACKING_UP, Trouble, draft
from posthouse.core.vault import Vault
from posthouse.services.administer import OtherSecret
from posthouse.settings import FILE, load
from posthouse.storage import copying
from posthouse.storage.engine.sqlite import SQLite, driver
from posthouse.storage.migrating import head, knows

Progress = Callable[[str, int, int], None]
"""(what is being done, how much of it is, of how much)"""

ROOM = 64 << 20
"""What must be left on the disk of the data at any time: the server there goes on writing."""

FLUSHED = 8 * CHUNK
"""So much is left to the disk at once: the server's own flushes wait behind it."""


class BackedUp(NamedTuple):
    """What was made, and the bytes of it."""

    manifest: Manifest
    size: int


def back_up(data: Path, file: Path, *, replace: bool, progress: Progress) -> BackedUp:
    """Write a backup of an installation, served or not, into a new file (0600), whole or not at all.

    Raises:
        Trouble: there is no installation, no room, another file, or no right to write one.
        OtherSecret: the secret key is not the one of the data.
    """
    refuse_unfinished(data)
    if not found(data):
        raise Trouble(f"There is no installation in {data.absolute()}: give the right one with --data.")
    vault = Vault(master_key(data, load(data)))
    with _target(file, replace=replace) as target, _workshop(data) as workshop:
        manifest = _copy(data, workshop, vault, progress, onto=os.fstat(target.fileno()).st_dev)
        sources = {SQLite.file: workshop / SQLite.file, FILE: data / FILE}
        size = _write(target, manifest, sources, vault, _heeding(data, progress))
    return BackedUp(manifest, size)


@contextmanager
def _target(file: Path, *, replace: bool) -> Iterator[BinaryIO]:
    try:
        with draft(file, replace=replace) as target:
            yield target
    except OSError as error:
        raise Trouble(
            f"The backup {file} cannot be written ({error.strerror}): nothing was left of it; "
            "give a place where there is room and the right to write."
        ) from error


def _heeding(data: Path, progress: Progress) -> Progress:
    """A progress that stops us before the server has no room left; whoever else fills the disk."""

    def heed(what: str, done: int, total: int) -> None:
        if (free := shutil.disk_usage(data).free) < ROOM:
            raise Trouble(
                f"The disk of {data} is getting full ({free >> 20} MiB are free), and the server needs "
                "what is left: no backup was made; make room there, or name a file on another disk."
            )
        progress(what, done, total)

    return heed


@contextmanager
def _workshop(data: Path) -> Iterator[Path]:
    """A directory for the copy, inside the data's, where it is as safe as the data; one backup at a time."""
    workshop = data / BACKING_UP
    try:
        workshop.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(workshop, os.O_RDONLY)
    except OSError as error:
        raise Trouble(
            f"{data} is not ours to work in ({error.strerror}): run posthouse as its owner."
        ) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Trouble(f"Another backup of {data} is being made: wait until it is done.") from error
        for left in workshop.iterdir():  # by a backup that was killed
            left.unlink()
        try:
            yield workshop
        finally:
            shutil.rmtree(workshop, ignore_errors=True)
    finally:
        os.close(handle)


def _copy(data: Path, workshop: Path, vault: Vault, progress: Progress, *, onto: int) -> Manifest:
    copies = 2 if workshop.stat().st_dev == onto else 1  # the backup itself is another
    needed, free = copies * copying.size(data) + ROOM, shutil.disk_usage(data).free
    if free < needed:
        raise Trouble(
            f"The disk of {data} has no room for {'the backup and ' * (copies - 1)}the copy that it is "
            f"made of: it needs {needed >> 20} MiB, and {free >> 20} MiB are free."
        )
    copy = SQLite(workshop)
    copy.path.touch(mode=0o600)
    try:
        at = copying.copy(SQLite(data), copy, partial(_heeding(data, progress), "copying"))
        progress("checking", 0, 1)
        schema = revision(copy)
        if schema is None or not knows(schema):
            raise Trouble(
                f"The database in {data} has schema {schema} of another release: back it up with that one."
            )
        survey = copying.survey(copy)
        if survey.fault is not None:
            raise Trouble(
                f"The database in {data} is damaged ({survey.fault}), and no backup was made of it: "
                "keep the last one that is well, and stop the server."
            )
        if survey.secret not in (None, vault.fingerprint()):
            raise OtherSecret
        drifts = copying.drifts(copy) if schema == head() else None
    except (driver().Error, DBAPIError, OSError) as error:
        raise Trouble(
            f"The database in {data} could not be copied ({error}): `posthouse doctor` says what is wrong."
        ) from error
    finally:
        copy.sqlalchemy.dispose()
    progress("checking", 1, 1)
    pieces = {SQLite.file: copy.path.stat().st_size}
    if (data / FILE).exists():
        pieces[FILE] = (data / FILE).stat().st_size
    return Manifest(__version__, schema, at, survey.tables, survey.books, drifts, pieces)


def _write(
    file: BinaryIO, manifest: Manifest, sources: dict[str, Path], vault: Vault, progress: Progress
) -> int:
    """Seal every piece into the file; answers its size."""
    total, done = sum(manifest.pieces.values()), 0
    with Sealing(file, vault) as sealing:
        sealing.manifest(manifest)
        for name, size in manifest.pieces.items():
            with sources[name].open("rb") as source:
                left = size
                while left and (part := source.read(min(left, CHUNK))):
                    sealing.write(part)
                    left -= len(part)
                    done += len(part)
                    if done % FLUSHED == 0:
                        os.fdatasync(file.fileno())
                    progress("encrypting", done, total)
            if left:
                raise Trouble(f"{sources[name]} was changed while it was read: try again.")
    return file.tell()
