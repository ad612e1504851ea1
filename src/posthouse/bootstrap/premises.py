"""The data directory itself: its lock, its first key, files of one's own.

Imports nothing heavy: some commands must be quick.
"""

import fcntl
import os
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

SECRET_FILE, KEY_FILE, LOCK_FILE = "secret.key", "key", "lock"

UNFINISHED = ".unfinished"
"""The mark in a directory `replaced-…` that what is in it was moved aside by a restore that has not ended."""

BACKING_UP, RESTORING = ".backup", ".restoring"
"""Where a backup and a restore have their copies, in the clear."""

_TRIES, _PAUSE_S = 5, 0.1


class Trouble(Exception):
    """Something an operator can mend; the message is one sentence that says how."""


class Occupied(Trouble):
    """What is there already is not written over."""


def make_directory(data: Path) -> None:
    """Create the data directory where it is missing; a fresh or empty one is 0700.

    Raises:
        Trouble: it cannot be one.
    """
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Trouble(
            f"{data} cannot be the data directory ({error.strerror}): "
            "give another with --data, or mend its path."
        ) from error
    with suppress(OSError):  # from now on it is ours alone
        if data.stat().st_mode & 0o007 and not any(data.iterdir()):
            data.chmod(0o700)
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        raise Trouble(
            f"The data directory {data} is not ours to write: "
            "run posthouse as its owner, or chown it to this user."
        )


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Hold the directory's lock: one server at a time, so that leases of the dead can be told.

    Raises:
        Trouble: another server holds it.
    """
    make_directory(data)
    with (data / LOCK_FILE).open("a") as lock:
        for tries_left in reversed(range(_TRIES)):  # a passing look at the lock holds it for a moment
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                if not tries_left:
                    raise Trouble(
                        f"Another posthouse serves {data} already: "
                        "stop it first, or give this one another --data."
                    ) from error
                time.sleep(_PAUSE_S)
        lock.truncate(0)
        yield


def reached_at(host: str, port: int) -> str:
    """How a client on this machine reaches the server that listens there."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - any address is asked for
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def tell_address(data: Path, address: str) -> None:
    """Write into the lock where the server that holds it can be reached."""
    (data / LOCK_FILE).write_text(address + "\n", encoding="ascii")


def held(data: Path) -> str | None:
    """Where the server that holds the lock is reached (empty: it has not said yet); None: nobody holds it."""
    try:
        with (data / LOCK_FILE).open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return lock.read().strip()
            return None
    except OSError:
        return None


def keep_first_key(data: Path, key: str) -> None:
    """Leave the first key in the data directory (0600), so that it can be shown again.

    One that is there already is of a start that ended before the store knew it.
    """
    (data / KEY_FILE).unlink(missing_ok=True)
    write_once(data / KEY_FILE, key)


def first_key(data: Path) -> str | None:
    """The key that the first start left."""
    try:
        return (data / KEY_FILE).read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def write_once(path: Path, text: str) -> None:
    """Write a small secret; what is there stays."""
    with suppress(Occupied), draft(path, replace=False) as file:
        file.write(f"{text}\n".encode())


@contextmanager
def draft(path: Path, *, replace: bool) -> Iterator[BinaryIO]:
    """A file of one's own (0600) that is there once it is whole and on the disk, or not at all.

    Raises:
        Trouble: what is there is not to be replaced (Occupied), or is no file.
        OSError: with the name of the file.
    """
    _make_sure_of(path, replace=replace)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        new.unlink(missing_ok=True)  # of a process that was killed
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(new, flags, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _make_sure_of(path, replace=replace)
        _name(new, path, replace=replace)
        sync(path.absolute().parent)
    except OSError as error:
        if error.filename in (None, new, str(new)):
            error.filename = str(path)
        raise
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)


def _make_sure_of(path: Path, *, replace: bool) -> None:
    try:
        mode = path.lstat().st_mode
    except OSError:  # if it is more than missing, opening it says so
        return
    if stat.S_ISDIR(mode):
        raise Trouble(f"{path} is a directory: name a file.")
    if not stat.S_ISREG(mode):
        raise Occupied(f"{path} is a link or a device, which is not replaced: name a file.")
    if not replace:
        raise _occupied(path)


def _name(new: Path, path: Path, *, replace: bool) -> None:
    """Give the new file its name."""
    if not replace:
        try:
            path.hardlink_to(new)  # fails, instead of replacing, where there is one
        except FileExistsError as error:
            raise _occupied(path) from error
        except OSError:  # a file system without links
            pass
        else:
            return
    new.replace(path)


def _occupied(path: Path) -> Occupied:
    return Occupied(f"{path} is there already: give another name, or --force to write over it.")


def sync(directory: Path) -> None:
    """See a new name on the disk."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def unfinished(data: Path) -> Path | None:
    """Where a restore that did not end left what was in the directory."""
    return max((mark.parent for mark in data.glob(f"replaced-*/{UNFINISHED}")), default=None)


def sweep(data: Path) -> None:
    """Remove what killed backups and restores left beside an installation that serves.

    Only for who holds the directory's lock; what was moved aside stays.
    """
    shutil.rmtree(data / RESTORING, ignore_errors=True)
    for mark in data.glob(f"replaced-*/{UNFINISHED}"):
        with suppress(OSError):
            mark.unlink()
    with suppress(OSError):  # none is there, or one is being made: that has a lock of its own
        handle = os.open(data / BACKING_UP, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(data / BACKING_UP, ignore_errors=True)
        finally:
            os.close(handle)
