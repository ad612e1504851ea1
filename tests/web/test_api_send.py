"""`POST /api/sms/send`: the document's parameters, and what becomes of those that will not do."""

import json

import pytest

from posthouse.core.ids import MESSAGE, read
from posthouse.core.routing import Channel
from tests.web.api import PHONE, SEND, Api, said
from tests.web.house import House


@pytest.fixture
def api(house: House) -> Api:
    return Api(house)


async def test_a_message_is_accepted_and_its_id_is_the_one_there_is_everywhere(house, api):
    answer = await api.send(params={"code": "1234", "time": 5, "order": 10**30})
    document = answer.json()
    assert (answer.status, document["message"]) == (200, "短信发送成功")
    assert document["data"].keys() == {"message_id", "phone"}
    assert document["data"]["phone"] == "138****8000"
    [message] = house.store.messages.values()
    assert read(MESSAGE, document["data"]["message_id"]) == message.id
    assert (message.recipient, message.template_id, message.body) == ("+8613800138000", "123456", None)
    assert json.loads(message.params or "") == {
        "code": "1234",
        "time": "5",
        "order": str(10**30),
    }
    native = await house.client().get(f"/v1/sms/{document['data']['message_id']}")
    assert native.json()["to"] == "+8613800138000"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("+86 138-0013-8000", "138****8000"),
        ("１３８００１３８０００", "138****8000"),
        ("+15555550123", "+1555****0123"),
    ],
)
async def test_numbers_are_read_as_everywhere_and_shown_masked(api, written, shown):
    assert (await api.send(written)).json()["data"]["phone"] == shown


@pytest.mark.parametrize("params", [None, {}, []])
async def test_no_parameters_may_be_written_in_any_way_there_is(house, api, params):
    assert (await api.send(params=params)).status == 200
    assert [message.params for message in house.store.messages.values()] == [None]


async def test_what_the_document_does_not_name_is_passed_over(api):
    assert (await api.send(sign="x", extra={"a": [1]})).status == 200


def request(**changes: object) -> dict[str, object]:
    """A good request, but for these changes."""
    return {"phone": PHONE, "template_id": "1"} | changes


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"template_id": "1"}, "缺少必填字段 phone"),
        ({"phone": PHONE}, "缺少必填字段 template_id"),
        (request(phone=13800138000), "字段 phone 应为字符串"),
        (request(template_id=123456), "字段 template_id 应为字符串"),
        (request(template_id=""), "字段 template_id 应为非空值"),
        (request(template_id="1" * 65), "字段 template_id 不能超过 64 个字符"),
        (request(template_id="1\n2"), "字段 template_id 的取值无效"),
        (request(params="code=1"), "字段 params 应为对象"),
        (request(params=["1"]), "字段 params 应为对象"),
        (request(params={"a": True}), "字段 params.a 应为字符串或整数"),
        (request(params={"a": 12.5}), "字段 params.a 应为字符串或整数，小数请写成字符串"),
        (request(params={"a": "x\x00"}), "字段 params.a 的第 2 个字符 U+0000 无法发送"),
        (request(params={"a\x00": "x"}), "字段 params.a? 的第 2 个字符 U+0000 无法发送"),
        (request(params={"a": None}), "字段 params.a 应为字符串"),
        (request(params={"a": {}}), "字段 params.a 应为字符串"),
        (request(params={"a": "x" * 1001}), "字段 params.a 不能超过 1000 个字符"),
        (request(params={"": "x"}), "字段 params 应为名称不为空的对象"),
        (request(params=dict.fromkeys(map(str, range(51)), "")), "字段 params 最多包含 50 项"),
        (request(phone=""), "字段 phone 不是有效的手机号码：内容为空"),
        (request(phone="138001"), "字段 phone 不是有效的手机号码：位数不足"),
        (request(phone="call me"), "字段 phone 不是有效的手机号码：含有字母或其他符号"),
        (request(phone="1380013\u200b8000"), "字段 phone 的第 8 个字符是不可见字符 U+200B"),
        ([], "请求不符合该接口的要求"),
    ],
)
async def test_a_parameter_that_will_not_do_is_named(house, api, request_, message):
    status, told = said(await api.post(SEND, request_))
    assert (status, told[:7]) == (400, "请求参数错误：")
    assert told.startswith(f"请求参数错误：{message}"), told
    assert not house.store.messages


async def test_a_known_provider_without_a_channel_is_told_so_in_the_design_s_words(house, api):
    assert said(await api.send(provider="tencent")) == (400, "服务商 tencent 未配置通道")
    assert not house.store.messages


async def test_an_unknown_provider_is_told_so(api):
    assert said(await api.send(provider="pigeon")) == (400, "没有名为 pigeon 的服务商")


@pytest.mark.parametrize("provider", [None, ""])
async def test_without_a_provider_the_system_chooses(house, api, provider):
    assert (await api.send(provider=provider)).status == 200
    assert [message.pin for message in house.store.messages.values()] == [None]


async def test_a_provider_with_a_channel_is_kept_to(house, api):
    house.store.channels.append(Channel(2, "main", "tencent"))
    house.store.version += 1
    await house.services.directory.refresh()
    assert (await api.send(provider="tencent")).status == 200
    assert [message.pin for message in house.store.messages.values()] == ["tencent"]


async def test_an_empty_purse_is_told_in_the_document_s_words(house, api):
    house.store.available[1] = 49_999
    assert said(await api.send()) == (400, "发送失败:余额不足")
    assert not house.store.messages


async def test_a_repetition_under_one_key_is_the_first_reply_again(house, api):
    headers = {"idempotency-key": "order-1"}
    request = {"phone": PHONE, "template_id": "1"}
    first = await api.post(SEND, request, headers=headers)
    again = await api.post(SEND, request, headers=headers)
    assert again.body == first.body
    assert (first.headers.get("idempotent-replayed"), again.headers.get("idempotent-replayed")) == (
        None,
        "true",
    )
    assert len(house.store.messages) == 1


async def test_a_used_key_is_answered_even_when_the_request_would_be_refused_by_now(house, api):
    request = {"phone": PHONE, "template_id": "1", "provider": "sandbox", "idempotency_key": "order-1"}
    first = await api.post(SEND, request)
    house.store.channels.clear()
    house.store.version += 1
    await house.services.directory.refresh()
    assert (await api.post(SEND, request)).body == first.body


async def test_a_key_of_another_request_is_a_bad_parameter_here(api):
    headers = {"idempotency-key": "order-1"}
    await api.post(SEND, {"phone": PHONE, "template_id": "1"}, headers=headers)
    status, message = said(await api.post(SEND, {"phone": PHONE, "template_id": "2"}, headers=headers))
    assert status == 400
    assert message.startswith("请求参数错误：该幂等键已用于另一个内容不同的请求")


async def test_the_same_key_on_both_surfaces_marks_two_requests(house, api):
    await api.post(SEND, {"phone": PHONE, "template_id": "1", "idempotency_key": "k"})
    answer = await house.client().post(
        "/v1/sms/send", {"to": PHONE, "template_id": "1", "idempotency_key": "k"}
    )
    assert answer.status == 202
    assert len(house.store.messages) == 2
