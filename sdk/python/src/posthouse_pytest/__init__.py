"""pytest's view of the simulated handsets: the fixture `sms_outbox`.

Loaded by pytest itself in every run, so it imports the client only when a test asks for the fixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from posthouse_pytest.outbox import Outbox


@pytest.fixture(scope="session")
def posthouse_base_url() -> str | None:
    """The server whose handsets are looked at; override it, or leave it to the environment."""
    return None


@pytest.fixture(scope="session")
def posthouse_api_key() -> str | None:
    """The key of the account whose messages are looked at; override it, or leave it to the environment."""
    return None


@pytest.fixture
def sms_outbox(posthouse_base_url: str | None, posthouse_api_key: str | None) -> Iterator[Outbox]:
    """What simulated handsets got since the test began."""
    from posthouse_pytest.outbox import Outbox  # noqa: PLC0415 - see above
    from posthouse_sdk import Client, PosthouseError  # noqa: PLC0415

    with Client(posthouse_api_key, posthouse_base_url) as client:
        try:
            outbox = Outbox(client)
        except PosthouseError as error:
            # The way there through the client says nothing more.
            pytest.fail(f"sms_outbox: {error}", pytrace=False)
        yield outbox
