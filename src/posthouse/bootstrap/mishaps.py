"""What can befall the data directory, in one sentence each; imports nothing heavy."""

import errno
import os
from pathlib import Path

ROOM_MIN_BYTES = 1 << 20
"""With less a database cannot even keep its own books."""


def is_full(data: Path) -> bool:
    """Whether there is hardly any room on the disk of a directory."""
    try:
        disk = os.statvfs(data if data.exists() else data.parent)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < ROOM_MIN_BYTES


def full(data: Path) -> str:
    """The disk is full."""
    there = data if data.exists() else data.parent  # what is half written is removed
    return (
        f"The disk that holds {data} is full: make room (`df -h {there}` shows it), then try again; "
        "what was accepted before is safe."
    )


def of_database(error: object, data: Path) -> str:
    """Why the database cannot be used, by what SQLite says of it."""
    said = str(error).lower()
    if "is full" in said or is_full(data):
        return full(data)
    if "locked" in said or "busy" in said:
        return f"The database in {data} is busy with a long write of another process: try again in a moment."
    if "readonly" in said or "unable to open" in said:
        return (
            f"This user cannot write the database in {data} ({error}): run posthouse as its owner, "
            f"or hand it over with `chown -R USER {data}`."
        )
    return (
        f"The database {data / 'posthouse.db'} cannot be used ({error}): `posthouse doctor` looks closer; "
        "if it is damaged, put back a copy that is whole."
    )


def of_system(error: OSError, data: Path) -> str | None:
    """What the operating system refused; None where nothing can be said of it."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        if isinstance(error.filename, str):
            return full(Path(error.filename))
        return full(data) if is_full(data) else _FULL_OUTPUT
    if error.filename is None:
        return None
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"This user may not use {error.filename} ({error.strerror}): {hand_over(Path(error.filename))}."
        )
    return f"{error.filename} cannot be used ({error.strerror}): check that it is there and whose it is."


def hand_over(path: Path) -> str:
    """How this user may come to use what is another's."""
    try:
        owner = path.owner()
    except (OSError, KeyError):  # where it lies is not ours to look at, or its owner has no name
        return "run posthouse as its owner, or chown it"
    return f"it belongs to {owner}: run posthouse as {owner}, or `chown {os.geteuid()} {path}`"


_FULL_OUTPUT = (
    "Standard output goes to a file or a device that is full: make room there, or send it elsewhere; "
    "what was asked for may be done already."
)
