"""The contract suite takes an engine: what holds for one must hold for all."""

from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from tests.contracts.backends import ENGINES
from tests.contracts.build import World


@pytest.fixture(params=ENGINES)
async def world(request, tmp_path) -> AsyncIterator[World]:
    with capture_logs():  # rendering a traceback takes longer than a test
        world = World(ENGINES[request.param](tmp_path))
        await world.begin()
        yield world
        await world.end()
