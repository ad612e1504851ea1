"""`POST /api/sms/batch-send`: every number gets its answer, in the order of the request."""

import pytest

from posthouse.core.ids import BATCH as BATCH_ID
from posthouse.core.ids import MESSAGE, read
from tests.web.api import BATCH, Api, said
from tests.web.house import House


@pytest.fixture
def api(house: House) -> Api:
    return Api(house)


async def batch(api: Api, *phones: object, **more: object):
    return await api.post(BATCH, {"phones": list(phones), "template_id": "123456", **more})


async def test_a_batch_is_accepted_with_one_id_for_each_number(house, api):
    answer = await batch(api, "13800138000", "13900139000", params={"code": "1234"})
    document = answer.json()
    assert (answer.status, document["message"]) == (200, "短信发送成功")
    data = document["data"]
    assert data.keys() == {"batch_id", "total", "success_count", "failed_count", "results"}
    assert (data["total"], data["success_count"], data["failed_count"]) == (2, 2, 0)
    messages = list(house.store.messages.values())
    assert [read(MESSAGE, result["message_id"]) for result in data["results"]] == [m.id for m in messages]
    assert {message.batch_id for message in messages} == {read(BATCH_ID, data["batch_id"])}
    assert [(r["phone"], r["success"], r["message"]) for r in data["results"]] == [
        ("138****8000", True, "短信发送成功"),
        ("139****9000", True, "短信发送成功"),
    ]


async def test_bad_numbers_do_not_stop_the_others_and_say_what_is_wrong_with_them(house, api):
    answer = await batch(api, "12", "13800138000", "1390013900x", "13900139000")
    data = answer.json()["data"]
    assert (data["total"], data["success_count"], data["failed_count"]) == (4, 2, 2)
    assert [result["success"] for result in data["results"]] == [False, True, False, True]
    assert data["results"][0]["message_id"] is None
    assert data["results"][0]["message"].startswith(
        "请求参数错误：字段 phones[0] 不是有效的手机号码：位数不足"
    )
    assert data["results"][2]["message"].startswith("请求参数错误：字段 phones[2] 不是有效的手机号码")
    assert answer.json()["message"] == "部分短信发送失败：成功 2 条，失败 2 条"
    assert [m.recipient for m in house.store.messages.values()] == ["+8613800138000", "+8613900139000"]


async def test_a_number_that_comes_twice_is_sent_to_once_and_said_so(house, api):
    answer = await batch(api, "13800138000", "13900139000", "+86 138 0013 8000")
    data = answer.json()["data"]
    assert (data["total"], data["success_count"], data["failed_count"]) == (3, 3, 0)
    first, _, third = data["results"]
    assert (third["message_id"], third["success"], third["message"]) == (
        first["message_id"],
        True,
        "重复号码，已合并发送",
    )
    assert len(house.store.messages) == 2
    assert house.store.available[1] == 100_000_000 - 2 * 50_000


async def test_a_bad_number_that_comes_twice_is_bad_twice(api):
    data = (await batch(api, "12", "13800138000", "12")).json()["data"]
    assert [result["success"] for result in data["results"]] == [False, True, False]
    for place in (0, 2):
        assert f"字段 phones[{place}] 不是有效的手机号码" in data["results"][place]["message"]


async def test_a_hundred_numbers_are_counted_before_duplicates_are_merged(house, api):
    assert (await batch(api, *["13800138000"] * 100)).status == 200
    assert len(house.store.messages) == 1
    status, message = said(await batch(api, *["13800138000"] * 101))
    assert status == 400
    assert message == "请求参数错误：phones 最多 100 个手机号，请分批提交"
    assert len(house.store.messages) == 1


async def test_a_batch_of_which_nothing_can_be_accepted_is_refused_for_its_first_fault(house, api):
    status, message = said(await batch(api, "12", "x"))
    assert status == 400
    assert message.startswith("请求参数错误：字段 phones[0] 不是有效的手机号码：位数不足")
    assert not house.store.messages


async def test_a_fault_that_all_share_is_named_once(api):
    assert said(await batch(api, "13800138000", "12", provider="tencent")) == (
        400,
        "服务商 tencent 未配置通道",
    )


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"template_id": "1"}, "缺少必填字段 phones"),
        ({"phones": ["13800138000"]}, "缺少必填字段 template_id"),
        ({"phones": "13800138000", "template_id": "1"}, "字段 phones 应为数组"),
        ({"phones": ["13800138000", 5], "template_id": "1"}, "字段 phones[1] 应为字符串"),
        ({"phones": [], "template_id": "1"}, "phones 为空，请至少填写一个手机号"),
    ],
)
async def test_a_parameter_that_will_not_do_is_named(house, api, request_, message):
    status, told = said(await api.post(BATCH, request_))
    assert status == 400
    assert told.startswith("请求参数错误：")
    assert message in told
    assert not house.store.messages


async def test_a_batch_beyond_the_purse_is_refused_whole(house, api):
    house.store.available[1] = 99_999
    assert said(await batch(api, "13800138000", "13900139000")) == (400, "发送失败:余额不足")
    assert not house.store.messages
    assert house.store.available[1] == 99_999


async def test_a_repetition_under_one_key_is_the_first_reply_again(house, api):
    request = {"phones": ["13800138000", "12"], "template_id": "1"}
    first, again = [await api.post(BATCH, request, headers={"idempotency-key": "b"}) for _ in range(2)]
    assert again.body == first.body
    assert again.headers["idempotent-replayed"] == "true"
    assert len(house.store.messages) == 1
