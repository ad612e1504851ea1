"""Take a backup: one encrypted file, made from a copy of the database while its server goes on."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.exc import DBAPIError

from posthouse import __version__
from posthouse.bootstrap.archive import CHUNK, Manifest, Sealing
from posthouse.bootstrap.house import found, master_key, revision
from posthouse.bootstrap.premises import Trouble
from posthouse.core.vault import Vault
from posthouse.services.administer import OtherSecret
from posthouse.settings import FILE, load
from posthouse.storage import copying
from posthouse.storage.engine.sqlite import SQLite, driver
from posthouse.storage.migrating import knows

Progress = Callable[[str, int, int], None]
"""(what is being done, how much of it is, of how much)"""

ROOM = 64 << 20
"""What must be left on the disk of the data when the copy is on it: the server there goes on writing."""

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
    if not found(data):
        raise Trouble(f"There is no installation in {data.absolute()}: give the right one with --data.")
    _refuse_overwriting(file, replace=replace)
    vault = Vault(master_key(data, load(data)))
    with _workshop(data) as workshop:
        manifest = _copy(data, workshop, vault, progress)
        sources = {SQLite.file: workshop / SQLite.file, FILE: data / FILE}
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            draft.unlink(missing_ok=True)  # of a backup that was killed
            size = _write(draft, manifest, sources, vault, progress)
            _refuse_overwriting(file, replace=replace)
            draft.replace(file)
            sync(file.absolute().parent)
        except OSError as error:
            raise Trouble(
                f"The backup {file} cannot be written ({error.strerror}): nothing was left of it; "
                "give a place where there is room and the right to write."
            ) from error
        finally:
            draft.unlink(missing_ok=True)
    return BackedUp(manifest, size)


def _refuse_overwriting(file: Path, *, replace: bool) -> None:
    if file.is_dir():
        raise Trouble(f"{file} is a directory: name the file that the backup is to be.")
    if file.exists() and not replace:
        raise Trouble(f"{file} is there already: give another name, or --force to write over it.")


@contextmanager
def _workshop(data: Path) -> Iterator[Path]:
    """A directory for the copy, inside the data's, where it is as safe as the data; one backup at a time."""
    workshop = data / ".backup"
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


def _copy(data: Path, workshop: Path, vault: Vault, progress: Progress) -> Manifest:
    needed, free = copying.size(data) + ROOM, shutil.disk_usage(data).free
    if free < needed:
        raise Trouble(
            f"The disk of {data} has no room for the copy that a backup is made of: "
            f"it needs {needed >> 20} MiB, and {free >> 20} MiB are free."
        )
    copy = SQLite(workshop)
    copy.path.touch(mode=0o600)
    try:
        at = copying.copy(SQLite(data), copy, partial(progress, "copying"))
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
        drifts = copying.drifts(copy)
    except (driver().Error, DBAPIError) as error:
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
    draft: Path, manifest: Manifest, sources: dict[str, Path], vault: Vault, progress: Progress
) -> int:
    """Seal every piece into the draft; answers its size, once it is on the disk."""
    total, done = sum(manifest.pieces.values()), 0
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
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
                            os.fdatasync(handle)
                        progress("encrypting", done, total)
                if left:
                    raise Trouble(f"{sources[name]} was changed while it was read: try again.")
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def sync(directory: Path) -> None:
    """See a new name on the disk."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
