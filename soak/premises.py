"""Where experiments happen: a store with verbs, or a real server, in a directory that goes with the block."""

import asyncio
import atexit
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

import httpx2

from posthouse.core.ports.admin import AccountStatus
from posthouse.core.ports.queries import CheckLedger
from posthouse.core.ports.store import Query
from posthouse.services.administer import Issued
from posthouse.storage.engine.sqlite import SQLite, connect
from posthouse.storage.store import Committed, Store
from tests.contracts.backends import SQLiteBackend
from tests.contracts.build import World
from tests.e2e.nursery import forked
from tests.e2e.premises import copy, furnish, inside
from tests.e2e.server import HOST, Launch, Process, Server

ROOT = Path(__file__).parent.parent

ONE = "(SELECT min(id) FROM messages WHERE state = 'delivered')"


@contextmanager
def directory() -> Iterator[Path]:
    """A directory of our own."""
    with TemporaryDirectory(prefix="posthouse-soak-") as name:
        yield Path(name)


class _Backend(SQLiteBackend):
    """The contract suite's, on an engine that may be told otherwise."""

    def __init__(self, where: Path, engine: Callable[[Path], SQLite]) -> None:
        super().__init__(where)
        self._where, self._engine = where, engine

    def open(self, committed: Committed | None = None) -> Store:
        """The store on this engine."""
        return Store(self._engine(self._where), committed)


@asynccontextmanager
async def a_world(engine: Callable[[Path], SQLite] = SQLite) -> AsyncIterator[tuple[World, Path]]:
    """A store with a funded account, and its directory; nothing is checked at the end."""
    with directory() as where:
        world = World(_Backend(where, engine))
        try:
            yield await world.begin(), where
        finally:
            world.store.close()


async def asked(where: Path, query: Query[Any]) -> Any:  # noqa: ANN401 - each query has its answer
    """What a fresh store in this directory answers."""
    store = Store(SQLite(where))
    try:
        return await store.read(query)
    finally:
        store.close()


async def drifts(where: Path) -> int:
    """In how many places the ledger does not add up."""
    return len((await asked(where, CheckLedger())).drifts)


def plant(file: Path, sql: str) -> None:
    """Damage that no command could do; it must change something."""
    connection = connect(str(file))
    try:
        if not connection.execute(sql).rowcount:
            raise LookupError(sql)
    finally:
        connection.close()


def lose_one(data: Path) -> None:
    """The bug every record of a run must show: an acknowledged message that is not there."""
    plant(data / SQLite.file, f"DELETE FROM messages WHERE id = {ONE}")  # noqa: S608 - our own words


@lru_cache(maxsize=1)
def _template() -> Path:
    where = Path(mkdtemp(prefix="posthouse-soak-template-"))
    atexit.register(shutil.rmtree, where, ignore_errors=True)
    furnish(where / "data")
    return where / "data"


@asynccontextmanager
async def a_server(launch: Launch = forked, data: Path | None = None) -> AsyncIterator[Server]:
    """A server that is not started yet, with funds for any load; `data` is an empty directory, if given."""
    template = await asyncio.to_thread(_template)
    with directory() as where:
        if data is None:
            data = copy(template, where / "data")
        else:
            shutil.copytree(template, data, dirs_exist_ok=True)
        server = Server(data, launch)
        try:
            yield server
        finally:
            await asyncio.to_thread(server.close)


@asynccontextmanager
async def a_running(launch: Launch = forked) -> AsyncIterator[Server]:
    """A server that answers."""
    async with a_server(launch) as server:
        yield await asyncio.to_thread(server.start)


def afflicted(affliction: str) -> Launch:
    """Starts a server with something wrong with it; see `soak.afflicted`."""
    return _launch(sys.executable, "-m", "soak.afflicted", affliction)


def under(*program: str) -> Launch:
    """Starts a server under another program."""
    return _launch(*program, sys.executable, "-m", "posthouse")


def _launch(*program: str) -> Launch:
    def launch(words: list[str], variables: dict[str, str], log: Path) -> Process:
        with log.open("ab") as output:
            return subprocess.Popen(
                [*program, *words],
                cwd=ROOT,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    return launch


async def in_house(data: Path, do: Callable[[Any], Awaitable[Any]]) -> Any:  # noqa: ANN401 - `do` decides
    """Do something with an open house, beside the server that may run in it."""
    return await asyncio.to_thread(inside, data, do)


async def another_account(
    data: Path, name: str = "other", balance: int = 100_000_000, scopes: frozenset[str] | None = None
) -> Issued:
    """An approved account with money, and a key of its own without a limit, with the usual scopes."""

    async def open_account(house: Any) -> Issued:  # noqa: ANN401 - as `in_house`
        await house.administer.create_account(name, balance=balance, status=AccountStatus.APPROVED)
        issued: Issued = await house.administer.create_key(name, limited=False, scopes=scopes)
        return issued

    issued: Issued = await in_house(data, open_account)
    return issued


def caller(port: int, key: str) -> httpx2.AsyncClient:
    """A client that shows a key."""
    return httpx2.AsyncClient(
        base_url=f"http://{HOST}:{port}", headers={"Authorization": f"Bearer {key}"}, timeout=30.0
    )
