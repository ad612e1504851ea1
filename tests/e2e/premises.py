"""A data directory with money in it, made once and copied for whoever needs one."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from posthouse.bootstrap.house import House, keep_first_key, open_house, prepare
from posthouse.storage.engine.sqlite import connect

R = TypeVar("R")

PRICE = 50_000
"""Of one part, in micro-units, as `init` sets it."""

_FUNDS = 1_000_000 * PRICE


def furnish(data: Path) -> None:
    """What `init` does, and enough money for any load."""
    prepare(data)

    async def fill(house: House) -> None:
        issued = await house.administer.initialise()
        assert issued is not None
        keep_first_key(data, issued.credential.key)
        await house.administer.credit("default", _FUNDS)

    inside(data, fill)


def copy(template: Path, data: Path) -> Path:
    """An installation of one's own."""
    shutil.copytree(template, data)
    return data


def key_of(data: Path) -> str:
    """The operator's key."""
    return (data / "key").read_text().strip()


@contextmanager
def opened(data: Path) -> Iterator[House]:
    """The house, for as long as the block runs."""
    house = open_house(data)
    try:
        yield house
    finally:
        house.close()


def rows(file: Path, sql: str, *values: object) -> list[Any]:
    """What a statement finds in a database file, whether a server has it open or not."""
    connection = connect(str(file))
    try:
        found: list[Any] = connection.execute(sql, values).fetchall()
        return found
    finally:
        connection.close()


def inside(data: Path, do: Callable[[House], Awaitable[R]]) -> R:
    """Do something in the house, whether a server runs in it or not."""

    async def run() -> R:
        return await do(house)

    with opened(data) as house:
        return asyncio.run(run())
