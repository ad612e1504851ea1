"""Put a proven installation in the place of another: wholly, or all of the other comes back.

The database goes aside first and comes last. So there is none in between, and whoever looks then finds
the mark in the directory of what went aside, and makes no empty installation.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from posthouse.bootstrap.house import found
from posthouse.bootstrap.premises import KEY_FILE, SECRET_FILE, UNFINISHED, Trouble, sync, unfinished
from posthouse.settings import FILE
from posthouse.storage import copying
from posthouse.storage.engine.sqlite import SQLite, driver

_DATABASE = (SQLite.file, *(f"{SQLite.file}-{kind}" for kind in ("wal", "shm", "journal")))
_OF_ITS_KEY = ("sandbox.db", "sandbox.db-wal", "sandbox.db-shm", KEY_FILE, SECRET_FILE)
"""What another installation's secret key makes useless; else it stays. The simulator's handsets, too:
the world outside does not go back in time with us."""
_HANDSETS = "sandbox-*.db*"
"""Of further simulators."""
_HEADER = b"SQLite format 3\0"
_NEW = (SECRET_FILE, FILE, SQLite.file)


def put_in_place(data: Path, workshop: Path, master: bytes) -> Path | None:
    """Move what is in the way aside, and the new in; answers where the old is.

    Raises:
        Trouble: a process has the old database open, or what was moved aside could not be moved back.
    """
    new = [name for name in _NEW if (workshop / name).exists()]
    if FILE in new and (data / FILE).exists():  # this machine's own settings stay
        new.remove(FILE)
    for name in new:
        _flush(workshop / name)
    if found(data):
        _fold(data)
    old_key = data / SECRET_FILE
    another = old_key.exists() and old_key.read_text("ascii", "replace").strip() != master.hex()
    wanted = (*_DATABASE, *(_of_its_key(data) if another else ()))
    old = [name for name in wanted if (data / name).exists()]
    added = [name for name in new if not (data / name).exists()]
    aside = data / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}" if old else None
    try:
        if aside is not None:
            _mark(aside, added)
            for name in old:
                (data / name).replace(aside / name)
            sync(aside)
            sync(data)
        for name in new:
            if name == SQLite.file:
                sync(data)  # what it needs is there before it is
            (workshop / name).replace(data / name)
        sync(data)
    except BaseException:
        _bring_back(data, aside, added)
        raise
    for mark in data.glob(f"replaced-*/{UNFINISHED}"):
        with suppress(OSError):
            mark.unlink()
    return aside


def take_back(data: Path) -> None:
    """Undo what a restore that was killed had begun."""
    if not found(data) and (aside := unfinished(data)) is not None:
        _bring_back(data, aside, (aside / UNFINISHED).read_text("ascii").split())


def _fold(data: Path) -> None:
    """Have one file hold all of the old database; one that is damaged goes aside with its log."""
    with (data / SQLite.file).open("rb") as file:
        if file.read(len(_HEADER)) != _HEADER:  # opening such a one may drop its log
            return
    try:
        copying.fold(SQLite(data))
    except driver().OperationalError as error:
        if "locked" in str(error):
            raise Trouble(f"Another process has the database in {data} open: end it first.") from error
    except driver().Error:
        pass


def _mark(aside: Path, added: Iterable[str]) -> None:
    """A directory for the old, which says what had no old until all is in its place."""
    aside.mkdir(mode=0o700)
    mark = aside / UNFINISHED
    mark.write_text("\n".join(added), encoding="ascii")
    _flush(mark)
    sync(aside)
    sync(aside.parent)


def _bring_back(data: Path, aside: Path | None, added: Iterable[str]) -> None:
    """The database last, and the new one first: neither ever stands beside the log of the other."""
    try:
        for name in added:
            (data / name).unlink(missing_ok=True)
        if aside is None:
            return
        if (aside / SQLite.file).exists():
            (data / SQLite.file).unlink(missing_ok=True)
        for name in (*_of_its_key(aside), *reversed(_DATABASE)):
            if (aside / name).exists():
                (aside / name).replace(data / name)
    except OSError as error:
        raise Trouble(
            f"The restore into {data} did not end, and what was there could not be moved back "
            f"({error.strerror}): it is in {aside or data}; see that {data} can be written, and "
            "restore again."
        ) from error
    with suppress(OSError):
        sync(data)
        (aside / UNFINISHED).unlink()
        aside.rmdir()


def _flush(file: Path) -> None:
    with file.open("rb") as written:
        os.fsync(written.fileno())


def _of_its_key(place: Path) -> tuple[str, ...]:
    return (*_OF_ITS_KEY, *sorted(path.name for path in place.glob(_HANDSETS)))
