"""Servers for all experiments that leave them running, made as users make them."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.e2e.house import House
from tests.e2e.notification import Here, begun
from tests.e2e.premises import inside
from tests.e2e.server import Server, command


@pytest.fixture(scope="session")
def house(tmp_path_factory) -> Iterator[House]:
    """A running installation with its first key: `init`, then `serve`."""
    data = tmp_path_factory.mktemp("house") / "data"
    issued = command(data, "init")
    inside(data, lambda opened: opened.administer.credit("default", 1_000_000_000))
    server = Server(data)
    try:
        yield House(server.start(), issued["key"], issued)
    finally:
        server.close()


@pytest.fixture(scope="session")
def here(tmp_path_factory) -> Iterator[Here]:
    """A running installation with nothing made but a key: `serve` in an empty directory."""
    with begun(tmp_path_factory.mktemp("notification") / "data") as here:
        yield here


@pytest.fixture
def api(house) -> Iterator[httpx2.Client]:
    """A caller with the first key."""
    with house.caller() as api:
        yield api
