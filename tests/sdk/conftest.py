"""A server for the clients, made as users make one: `serve` in an empty directory, as `make run` has it."""

from collections.abc import Iterator

import pytest

from posthouse_sdk import Client
from tests.e2e.house import House
from tests.e2e.premises import key_of
from tests.e2e.server import HOST, Server

CREDENTIALS = ("POSTHOUSE_API_KEY", "POSTHOUSE_BASE_URL", "INFRAI_API_KEY", "INFRAI_BASE_URL")


@pytest.fixture(scope="session")
def house(tmp_path_factory) -> Iterator[House]:
    """A running installation with its first key, and money."""
    server = Server(tmp_path_factory.mktemp("sdk") / "data")
    try:
        house = House(server.start(), key_of(server.data))
        with Client(house.key, f"http://{HOST}:{server.port}") as client:
            client.accounts.credit("default", amount="1000")
        yield house
    finally:
        server.close()


@pytest.fixture(scope="session")
def base_url(house) -> str:
    return f"http://{HOST}:{house.server.port}"


@pytest.fixture
def client(house, base_url) -> Iterator[Client]:
    """A client with the first key."""
    with Client(house.key, base_url) as client:
        yield client


@pytest.fixture
def nobody(tmp_path, monkeypatch):
    """A user with an empty home and nothing set."""
    for name in CREDENTIALS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path
