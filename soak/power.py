"""The power goes: what a disk may hold then, computed from the log of what was written and synced."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from soak.disk import Deleted, Happening, Noted, Synced, Truncated, Written

SECTOR = 512
"""The unit that a disk writes whole or not at all."""

KEPT, TORN = 0.4, 0.7
"""A write that was not synced is kept, or (up to here) torn, or gone."""

HALF = 0.5


@dataclass
class _File:
    """One file: what is safe, what was written since, and the file of this name that was deleted before.

    A new file is found under its name once it was synced (SQLite then syncs the directory); until then the
    old one may be.
    """

    safe: bytearray = field(default_factory=bytearray)
    since: list[Written | Truncated] = field(default_factory=list)
    deleted: "_File | None" = None


@dataclass(frozen=True, slots=True)
class Cut:
    """One end: the files as they are found, what was noted before, and how many writes were harmed."""

    files: Mapping[str, bytes]
    noted: Sequence[Any]
    harmed: int

    def lay_out(self, directory: Path) -> Path:
        """Write the files into a directory."""
        directory.mkdir()
        for path, data in self.files.items():
            (directory / Path(path).name).write_bytes(data)
        return directory


def cuts(
    log: Sequence[Happening], before: Mapping[str, bytes], dice: random.Random, count: int
) -> Iterator[Cut]:
    """So many ends at random places of the log, in order, the last at its end; `before`: how it began."""
    files = {path: _File(bytearray(data)) for path, data in before.items()}
    noted: list[Any] = []
    at = 0
    for place in sorted([*(dice.randrange(len(log)) for _ in range(count - 1)), len(log)]):
        for happening in log[at:place]:
            if isinstance(happening, Noted):
                noted.append(happening.what)
            else:
                files[happening.path] = _follow(files.get(happening.path) or _File(), happening)
        at = place
        harmed = [0]
        found = {path: _after(file, dice, harmed) for path, file in files.items()}
        yield Cut(found, tuple(noted), harmed[0])


def _follow(file: _File, happening: Written | Truncated | Synced | Deleted) -> _File:
    """The file after it."""
    if isinstance(happening, Deleted):
        return _File(deleted=file)
    if not isinstance(happening, Synced):
        file.since.append(happening)
        return file
    if happening.whole:
        file.deleted = None
        for change in file.since:
            _apply(file.safe, change)
    # After a failed sync the kernel may call its pages clean: no later sync brings them to the disk.
    file.since.clear()
    return file


def _apply(data: bytearray, change: Written | Truncated) -> None:
    if isinstance(change, Truncated):
        del data[change.size :]
        return
    data.extend(bytes(max(0, change.offset - len(data))))
    data[change.offset : change.offset + len(change.data)] = change.data


def _after(file: _File, dice: random.Random, harmed: list[int]) -> bytes:
    """The safe part, and of the rest what chance has left."""
    if file.deleted is not None and dice.random() < KEPT:
        return _after(file.deleted, dice, harmed)
    data = bytearray(file.safe)
    for change in file.since:
        fate = dice.random()
        if fate < KEPT:
            _apply(data, change)
            continue
        harmed[0] += 1
        if fate < TORN and isinstance(change, Written):
            for at in range(0, len(change.data), SECTOR):
                if dice.random() < HALF:
                    sector = change.data[at : at + SECTOR]
                    _apply(data, Written(change.path, change.offset + at, sector))
    return bytes(data)
