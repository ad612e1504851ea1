"""The data directory itself: its lock, its first key. Imports nothing heavy: some commands must be quick."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SECRET_FILE, KEY_FILE, LOCK_FILE = "secret.key", "key", "lock"

_TRIES, _PAUSE_S = 5, 0.1


class Trouble(Exception):
    """Something an operator can mend; the message is one sentence that says how."""


def make_directory(data: Path) -> None:
    """Create the data directory (0700) where it is missing.

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
    """Write a small secret (0600), whole or not at all, and see it on the disk; what is there stays."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)  # fails, instead of replacing, where there is one
    except FileExistsError:
        pass
    finally:
        draft.unlink()
