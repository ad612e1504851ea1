"""What every test of the web layer begins with."""

import pytest

from tests.web.client import Client
from tests.web.house import House, build


@pytest.fixture
async def house() -> House:
    return await build()


@pytest.fixture
async def client(house: House) -> Client:
    return house.client()
