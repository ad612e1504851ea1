"""What every test of the web layer begins with."""

from collections.abc import AsyncIterator

import pytest

from tests.web.client import Client
from tests.web.house import House, build
from tests.web.office import Office, open_office


@pytest.fixture
async def house() -> House:
    return await build()


@pytest.fixture
async def client(house: House) -> Client:
    return house.client()


@pytest.fixture
async def office(tmp_path) -> AsyncIterator[Office]:
    office = await open_office(tmp_path)
    yield office
    office.store.close()
