"""One installation to copy, and servers that end with their test."""

import pytest

from tests.e2e.nursery import forked
from tests.e2e.premises import copy, furnish
from tests.e2e.server import Server


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A furnished data directory, to be copied."""
    data = tmp_path_factory.mktemp("template") / "data"
    furnish(data)
    return data


@pytest.fixture
def server(template, tmp_path):
    """A server that is not started yet, with funds for any load."""
    server = Server(copy(template, tmp_path / "data"), forked)
    yield server
    server.close()
