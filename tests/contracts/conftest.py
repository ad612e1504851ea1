"""The contract suite takes an engine: what holds for one must hold for all."""

from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from tests.contracts.backends import ENGINES
from tests.contracts.build import World
from tests.contracts.codes import Desk
from tests.contracts.guarded import RICH, Gate


@pytest.fixture(params=ENGINES)
async def world(request, tmp_path) -> AsyncIterator[World]:
    with capture_logs():  # rendering a traceback takes longer than a test
        world = World(ENGINES[request.param](tmp_path))
        await world.begin()
        yield world
        await world.end()


@pytest.fixture
def desk(world: World) -> Desk:
    """Where codes are asked for and checked."""
    return Desk(world)


@pytest.fixture
async def gate(world: World) -> Gate:
    """The same under a guard, for an account that can pay for thousands."""
    return Gate(world, await world.account("busy", RICH))
