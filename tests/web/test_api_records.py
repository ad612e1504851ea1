"""`GET /api/sms/records` and `GET /api/account/info`."""

import pytest

from posthouse.core.message import Progress
from posthouse.core.ports.admin import AccountStatus
from posthouse.core.ports.queries import PageMessages
from tests.web.api import ACCOUNT, RECORDS, Api, said
from tests.web.house import NOW, House

SECOND = 1_000_000


@pytest.fixture
def api(house: House) -> Api:
    return Api(house)


async def test_records_are_shown_newest_first_with_local_times_and_integer_ids(house, api):
    await api.send("13800138000")
    house.clock.at += 3 * SECOND
    await api.send("+15555550123", "7")
    answer = await api.get(RECORDS)
    assert answer.json() == {
        "success": True,
        "data": {
            "records": [
                {
                    "id": 2,
                    "phone": "+1555****0123",
                    "template_id": "7",
                    "status": "pending",
                    "created_at": "2026-11-28 16:00:03",
                },
                {
                    "id": 1,
                    "phone": "138****8000",
                    "template_id": "123456",
                    "status": "pending",
                    "created_at": "2026-11-28 16:00:00",
                },
            ],
            "total": 2,
            "page": 1,
            "per_page": 10,
        },
    }


async def test_a_text_of_the_other_surface_has_no_template(house, api):
    await house.client().post("/v1/sms/send", {"to": "13800138000", "body": "hi"})
    [record] = (await api.get(RECORDS)).json()["data"]["records"]
    assert record["template_id"] is None


async def test_pages_follow_one_another(api):
    for _ in range(5):
        await api.send()
    seen = []
    for page in (1, 2, 3, 4):
        data = (await api.get(f"{RECORDS}?page={page}&per_page=2")).json()["data"]
        assert (data["total"], data["page"], data["per_page"]) == (5, page, 2)
        seen += [record["id"] for record in data["records"]]
    assert seen == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("", PageMessages(1)),
        ("?page=3&per_page=100", PageMessages(1, offset=200, limit=100)),
        ("?status=success", PageMessages(1, Progress.SUCCESS)),
        ("?status=&start_time=&end_time=", PageMessages(1)),
        ("?_=1700000000&unheard=of", PageMessages(1)),
        ("?start_time=2026-11-28%2016:00:00", PageMessages(1, since=NOW)),
        ("?end_time=2026-11-28+15:59:59", PageMessages(1, until=NOW)),
        (
            "?start_time=2026-11-28+16:00:00&end_time=2026-11-28+16:00:00",
            PageMessages(1, since=NOW, until=NOW + SECOND),
        ),
        ("?end_time=9999-12-31+23:59:59", PageMessages(1, until=253_402_271_999_000_000 + SECOND)),
        ("?start_time=0001-01-01+00:00:00", PageMessages(1, since=-62_135_625_943_000_000)),
    ],
)
async def test_what_is_asked_for_is_what_the_query_says(house, api, query, asked):
    questions = []
    read = house.store.read

    async def listening(question):
        questions.append(question)
        return await read(question)

    await api.get(ACCOUNT)  # the key is known from here on
    house.store.read = listening
    assert (await api.get(f"{RECORDS}{query}")).status == 200
    assert questions == [asked]


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=1.5", "page"),
        ("page=x", "page"),
        ("page=99999999999999999999999", "page"),
        ("per_page=0", "per_page"),
        ("per_page=101", "per_page"),
        ("status=delivered", "status"),
        ("start_time=2026-11-28", "start_time"),
        ("start_time=2026-11-28T16:00:00", "start_time"),
        ("start_time=2026-13-01+00:00:00", "start_time"),
        ("end_time=2026-02-30+00:00:00", "end_time"),
        ("end_time=yesterday", "end_time"),
        ("end_time=2026-11-28+24:00:00", "end_time"),
        ("page=1&page=2", "page"),
    ],
)
async def test_a_value_that_will_not_do_is_named(api, query, param):
    status, message = said(await api.get(f"{RECORDS}?{query}"))
    assert status == 400
    assert message.startswith(f"请求参数错误：字段 {param} ")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("per_page=101", "字段 per_page 应在 1 到 100 之间"),
        ("start_time=2026-11-28+16:00:01&end_time=2026-11-28+16:00:00", "end_time 早于 start_time"),
        ("status=delivered", "字段 status 只能取以下值：pending, success, failed"),
        ("end_time=yesterday", "字段 end_time 不是 YYYY-MM-DD HH:mm:ss 格式的时间"),
    ],
)
async def test_what_would_do_is_told(api, query, message):
    assert message in said(await api.get(f"{RECORDS}?{query}"))[1]


@pytest.mark.parametrize(
    ("micros", "shown"),
    [
        (100_000_000, "100.00"),
        (99_950_000, "99.95"),
        (0, "0.00"),
        (1, "0.000001"),
        (123_456_789_012_345, "123456789.012345"),
    ],
)
async def test_the_balance_is_a_number_to_the_last_digit(house, api, micros, shown):
    house.store.available[1] = micros
    answer = await api.get(ACCOUNT)
    assert (
        answer.body
        == (
            f'{{"success":true,"data":{{"balance":{shown},"total_sent":0,"today_sent":0,'
            '"verification_status":"approved"}}'
        ).encode()
    )


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        (AccountStatus.PENDING, "pending"),
        (AccountStatus.APPROVED, "approved"),
        (AccountStatus.REJECTED, "rejected"),
        (AccountStatus.TRIAL, "pending"),
    ],
)
async def test_every_account_has_a_verification_status_of_the_document_s(house, api, status, shown):
    house.store.accounts[1] = house.store.accounts[1]._replace(status=status)
    assert (await api.get(ACCOUNT)).json()["data"]["verification_status"] == shown
