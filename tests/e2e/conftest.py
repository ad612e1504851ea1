"""One server for all experiments that leave it running, made as users make it: `init`, then `serve`."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.e2e.house import House
from tests.e2e.premises import inside
from tests.e2e.server import Server, command


@pytest.fixture(scope="session")
def house(tmp_path_factory) -> Iterator[House]:
    """A running installation with its first key."""
    data = tmp_path_factory.mktemp("house") / "data"
    issued = command(data, "init")
    inside(data, lambda opened: opened.administer.credit("default", 1_000_000_000))
    server = Server(data)
    try:
        yield House(server.start(), issued["key"], issued)
    finally:
        server.close()


@pytest.fixture
def api(house) -> Iterator[httpx2.Client]:
    """A caller with the first key."""
    with house.caller() as api:
        yield api
