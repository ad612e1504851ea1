"""The metrics page, whatever the store does meanwhile."""

import asyncio
from typing import Any, cast

import pytest

from posthouse.bootstrap.figures import CONVERSIONS_EVERY_US, PREFIXES_MAX, Figures
from posthouse.core.message import Lane
from posthouse.core.ports.conversions import OTHER, Converted, ListConversions
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
        self.converted: list[Converted] = []
        self.counted: list[ListConversions] = []

    async def read(self, query: Any) -> Any:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        if self.mood is not None:
            raise self.mood
        if isinstance(query, ListConversions):
            self.counted.append(query)
            return self.converted
        return EMPTY

    def waiting(self) -> int:
        return 7


class Standing(VirtualClock):
    """A clock that somebody turns."""

    at = 1_800_000_000_000_000

    def now(self) -> int:
        return self.at


def of(store: Moody, clock: VirtualClock | None = None) -> Figures:
    return Figures(Metrics(), cast("Any", store), clock or VirtualClock())


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


CODES = [
    Converted("CN", "tencent-1", "+861380013", 40, 12),
    Converted("CN", "tencent-1", OTHER, 7, 7),
    Converted("US", "", OTHER, 3, 0),
]


async def test_the_page_shows_how_many_codes_of_a_day_were_used_by_country_channel_and_prefix():
    store = Moody()
    store.converted = CODES
    page = await of(store).page()
    told = b'{channel="tencent-1",country="CN",prefix="+861380013"}'
    assert b"posthouse_otp_ended" + told + b" 40.0" in page
    assert b"posthouse_otp_verified" + told + b" 12.0" in page
    assert b'posthouse_otp_verified{channel="none",country="US",prefix="other"} 0.0' in page
    assert [query.prefixes for query in store.counted] == [PREFIXES_MAX]


async def test_a_day_of_codes_is_counted_once_a_minute_and_what_is_no_more_is_shown_no_more():
    store, clock = Moody(), Standing()
    figures = of(store, clock)
    store.converted = CODES
    await figures.page()
    store.converted = CODES[:1]
    clock.at += CONVERSIONS_EVERY_US - 1
    assert b'prefix="other"' in await figures.page()
    clock.at += 1
    assert b'prefix="other"' not in await figures.page()
    clock.at -= 3600 * 1_000_000  # put back
    await figures.page()
    assert len(store.counted) == 3


async def test_codes_that_could_not_be_counted_are_counted_at_the_next_look():
    store = Moody()
    store.converted = CODES
    figures = of(store, Standing())
    store.mood = Unavailable()
    assert b"posthouse_otp_ended{" not in await figures.page()
    store.mood = None
    assert b"posthouse_otp_ended{" in await figures.page()
