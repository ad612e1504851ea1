"""A disk to experiment with, beneath the very SQLite that the product uses.

The driver's library exports its functions, so a second VFS is registered in it: a copy of the default one
whose files have `xWrite`, `xTruncate` and `xSync` of our own. What they do is noted, in order, and each may
be told to fail or to take its time. The `-shm` file is mapped memory and never durable: it is not noted.
"""

import ctypes
import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from posthouse.storage.engine.sqlite import driver

OK, FULL, IOERR_FSYNC = 0, 13, 10 | (4 << 8)
"""SQLite's result codes."""


class Written(NamedTuple):
    """Bytes given to a file."""

    path: str
    offset: int
    data: bytes


class Truncated(NamedTuple):
    """A file cut to a size."""

    path: str
    size: int


class Synced(NamedTuple):
    """A file brought to the disk, or (`whole` false) an attempt at it."""

    path: str
    whole: bool


class Deleted(NamedTuple):
    """A file's name taken out of its directory, which is not synced by that."""

    path: str


class Noted(NamedTuple):
    """Something the experiment wants to find again at this place."""

    what: Any


Happening = Written | Truncated | Synced | Deleted | Noted

Says = Callable[[str], int]
"""Asked with a file's path before anything is done to it; OK lets it happen, another code is the answer."""


def _nothing(_path: str) -> int:
    return OK


class Disk:
    """What happened to the files opened while it was in place; `on_write` and `on_sync` decide what may."""

    def __init__(self, *, on_write: Says = _nothing, on_sync: Says = _nothing) -> None:
        self.log: list[Happening] = []
        self.on_write = on_write
        self.on_sync = on_sync

    def note(self, what: object) -> None:
        """Remember that this had happened by now."""
        self.log.append(Noted(what))


@contextmanager
def beneath(disk: Disk) -> Iterator[Disk]:
    """Put the disk beneath every file that SQLite opens within the block."""
    library = _library()
    default = library.sqlite3_vfs_find(None)
    ours = _vfs(default.contents, disk)
    library.sqlite3_vfs_register(ctypes.byref(ours), 1)
    try:
        yield disk
    finally:
        library.sqlite3_vfs_register(default, 1)
        library.sqlite3_vfs_unregister(ctypes.byref(ours))


_POINTER, _INT, _INT64 = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64
# A name is handed on as the pointer it is: SQLite keeps it, and looks for parameters behind its end.
_OPEN = ctypes.CFUNCTYPE(_INT, _POINTER, _POINTER, _POINTER, _INT, _POINTER)
_DELETE = ctypes.CFUNCTYPE(_INT, _POINTER, ctypes.c_char_p, _INT)
_CLOSE = ctypes.CFUNCTYPE(_INT, _POINTER)
_WRITE = ctypes.CFUNCTYPE(_INT, _POINTER, _POINTER, _INT, _INT64)
_TRUNCATE = ctypes.CFUNCTYPE(_INT, _POINTER, _INT64)
_SYNC = ctypes.CFUNCTYPE(_INT, _POINTER, _INT)


class _Methods(ctypes.Structure):
    """`sqlite3_io_methods`, version 3."""

    _fields_ = (
        ("version", _INT),
        ("close", _CLOSE),
        ("read", _POINTER),
        ("write", _WRITE),
        ("truncate", _TRUNCATE),
        ("sync", _SYNC),
        ("others", _POINTER * 13),
    )


class _Vfs(ctypes.Structure):
    """`sqlite3_vfs`, version 3."""

    _fields_ = (
        ("version", _INT),
        ("file_size", _INT),
        ("path_max", _INT),
        ("next", _POINTER),
        ("name", ctypes.c_char_p),
        ("data", _POINTER),
        ("open", _OPEN),
        ("delete", _DELETE),
        ("others", _POINTER * 14),
    )


_kept: list[object] = []
"""SQLite holds pointers to these for as long as a file is open: they live as long as the process."""


def _library() -> Any:  # noqa: ANN401 - ctypes makes its functions up
    name = driver().__name__
    module = importlib.import_module("_sqlite3" if name == "sqlite3" else f"{name}._sqlite3")
    library = ctypes.CDLL(str(module.__file__))
    library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    library.sqlite3_vfs_find.argtypes = [ctypes.c_char_p]
    return library


def _vfs(default: _Vfs, disk: Disk) -> _Vfs:
    """A copy of the default VFS whose files we hear of."""
    ours = _Vfs.from_buffer_copy(default)
    ours.name = b"noting-%d" % len(_kept)
    really_open, really_delete = default.open, default.delete
    tables: dict[int, _Methods] = {}
    paths: dict[int, str] = {}

    def opened(vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        code: int = really_open(vfs, name, file, flags, out)
        place = ctypes.cast(file, ctypes.POINTER(_POINTER))
        theirs = place[0]
        if code == OK and name and theirs:
            if theirs not in tables:
                tables[theirs] = _methods(_Methods.from_address(theirs), disk, paths)
            paths[file] = ctypes.string_at(name).decode()
            place[0] = ctypes.addressof(tables[theirs])
        return code

    def delete(vfs: int, name: bytes, sync: int) -> int:
        code: int = really_delete(vfs, name, sync)
        if code == OK:
            disk.log.append(Deleted(name.decode()))
        return code

    ours.open, ours.delete = _OPEN(opened), _DELETE(delete)
    _kept.extend((ours, tables))
    return ours


def _methods(theirs: _Methods, disk: Disk, paths: dict[int, str]) -> _Methods:
    """A copy of a file's methods that note what they do."""
    ours = _Methods.from_buffer_copy(theirs)
    really_write, really_truncate, really_sync = theirs.write, theirs.truncate, theirs.sync

    def write(file: int, data: int, count: int, offset: int) -> int:
        path = paths[file]
        code: int = disk.on_write(path) or really_write(file, data, count, offset)
        if code == OK:
            disk.log.append(Written(path, offset, ctypes.string_at(data, count)))
        return code

    def truncate(file: int, size: int) -> int:
        code: int = really_truncate(file, size)
        if code == OK:
            disk.log.append(Truncated(paths[file], size))
        return code

    def sync(file: int, flags: int) -> int:
        path = paths[file]
        code: int = disk.on_sync(path) or really_sync(file, flags)
        disk.log.append(Synced(path, code == OK))
        return code

    ours.write, ours.truncate, ours.sync = _WRITE(write), _TRUNCATE(truncate), _SYNC(sync)
    return ours


def files(directory: Path) -> dict[str, bytes]:
    """What the files of a directory hold, as they would after a sync."""
    return {str(path): path.read_bytes() for path in directory.iterdir() if not path.name.endswith("-shm")}
