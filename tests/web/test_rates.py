"""How often a key may call."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posthouse.core.keys import prove
from posthouse.web.rates import Rates
from tests.web.house import NOW, PEPPER

SECOND = 1_000_000


def take(rates: Rates, limit: int, now: int, key: str = "k") -> bool:
    return rates.take(key, limit, now).left >= 0


def taken_at_once(rates: Rates, limit: int, now: int) -> int:
    count = 0
    while take(rates, limit, now):
        count += 1
    return count


@given(st.integers(1, 3000))
def test_a_second_holds_as_many_calls_as_the_limit_says(limit):
    rates = Rates()
    assert taken_at_once(rates, limit, NOW) == limit
    assert taken_at_once(rates, limit, NOW + SECOND) == limit


@pytest.mark.parametrize("limit", [300_000, 700_000, SECOND])
def test_a_limit_that_no_microsecond_divides_means_just_that(limit):
    assert taken_at_once(Rates(), limit, NOW) == limit


@given(st.integers(1, 50), st.lists(st.integers(0, SECOND), max_size=200))
def test_over_any_time_it_lets_pass_the_limit_a_second_and_one_second_s_worth_more(limit, pauses):
    rates, now, passed = Rates(), NOW, 0
    for pause in pauses:
        now += pause
        passed += take(rates, limit, now)
    assert passed <= limit * (1 + (now - NOW) / SECOND) + 1e-6


def test_what_is_refused_costs_nothing():
    rates = Rates()
    assert [take(rates, 2, NOW) for _ in range(50)].count(True) == 2
    assert take(rates, 2, NOW + SECOND // 2)
    assert not take(rates, 2, NOW + SECOND // 2)


def test_every_key_has_a_bucket_of_its_own():
    rates = Rates()
    assert [take(rates, 1, NOW, key) for key in ("a", "b", "a", "b")] == [True, True, False, False]


def test_keys_that_call_no_more_are_forgotten():
    rates = Rates()
    for number in range(10_000):
        take(rates, 5, NOW, f"k{number}")
    take(rates, 5, NOW + 10 * SECOND, "late")
    assert len(rates._empty_at) == 1  # noqa: SLF001 - what is kept cannot be seen from outside


async def test_what_is_left_is_told_with_every_answer_the_429_too(house):
    client = house.client(rate_limit=2)
    answers = [await client.get("/v1/account") for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert [answer.headers["ratelimit"] for answer in answers] == [
        '"key";r=1;t=1',
        '"key";r=0;t=1',
        '"key";r=0;t=1',
    ]
    assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"key";q=2;w=1'}
    assert answers[2].headers["retry-after"] == "1"
    house.clock.at += SECOND // 2
    assert (await client.get("/v1/account")).status == 200
    assert (await client.get("/v1/account")).status == 429


async def test_a_key_without_a_limit_is_told_of_none(house):
    answer = await house.client().get("/v1/account")
    assert answer.status == 200
    assert "ratelimit" not in answer.headers


async def test_one_bucket_for_both_surfaces(house):
    client = house.client(rate_limit=2)
    [lookup] = house.store.credentials
    secret = "s" * 32
    record = house.store.credentials[lookup]
    house.store.credentials[lookup] = record._replace(secret_hash=prove(secret, PEPPER))
    pair = {"authorization": "", "x-api-key": f"sk_{lookup}", "x-api-secret": secret}
    answers = [
        await client.get("/v1/account"),
        await client.get("/api/account/info", headers=pair),
        await client.get("/api/account/info", headers=pair),
    ]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[2].json() == {"success": False, "message": answers[2].json()["message"]}
    assert answers[2].headers["retry-after"] == "1"
    assert answers[2].headers["ratelimit"] == '"key";r=0;t=1'
