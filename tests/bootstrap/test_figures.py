"""The metrics page, whatever the store does meanwhile."""

import asyncio
from typing import Any, cast

import pytest

from posthouse.bootstrap.figures import Figures
from posthouse.core.message import Lane
from posthouse.core.ports.queries import Gauges
from posthouse.core.ports.store import Overloaded, Unavailable
from posthouse.observe import Metrics
from tests.virtual_time import VirtualClock

EMPTY = Gauges({"queued": 3}, dict.fromkeys(Lane, (0, None)), 0, None)


class Moody:
    """A store that answers, refuses, or does not come back."""

    def __init__(self) -> None:
        self.mood: Exception | None = None
        self.now = self.most = 0

    async def read(self, _query: Any) -> Gauges:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        if self.mood is not None:
            raise self.mood
        return EMPTY

    def waiting(self) -> int:
        return 7


def of(store: Moody) -> Figures:
    return Figures(Metrics(), cast("Any", store), VirtualClock())


async def test_the_page_shows_the_store_and_its_line():
    page = await of(Moody()).page()
    assert b'posthouse_messages{state="queued"} 3.0' in page
    assert b"posthouse_writer_line 7.0" in page
    assert b"posthouse_store_answers 1.0" in page


@pytest.mark.parametrize("mood", [Unavailable(), Overloaded(), TimeoutError()])
async def test_a_store_that_does_not_answer_leaves_a_page_that_says_so(mood):
    store = Moody()
    store.mood = mood
    assert b"posthouse_store_answers 0.0" in await of(store).page()


async def test_however_many_ask_the_store_is_asked_once_at_a_time():
    store = Moody()
    page = of(store)
    pages = await asyncio.gather(*(page.page() for _ in range(10)))
    assert len(pages) == 10
    assert store.most == 1
