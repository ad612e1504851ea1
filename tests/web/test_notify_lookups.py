"""`POST /notify/template` and `POST /notify/status`."""

import pytest

from posthouse.core.ids import BATCH, MESSAGE, show
from posthouse.core.message import State
from tests.web.house import House
from tests.web.notify import SENTENCE, STATUS, TEMPLATE, Notify, own, said, template

PARAMS = {"name": "张三", "code": "123456"}
FILLED = {"template_id": "1", "params": PARAMS}


@pytest.fixture
def notify(house: House) -> Notify:
    house.store.owns[1] = own(
        template("signed", "{a}您好", signature="驿站"), template("gone", "您好", deleted=True)
    )
    return Notify(house)


# -------------------------------------------------------------------------------------------- the template


async def test_a_template_is_filled_and_nothing_is_sent(house, notify):
    answer = await notify.post(TEMPLATE, FILLED)
    assert (answer.status, answer.json()) == (200, {"content": SENTENCE})
    assert not house.store.messages


async def test_a_number_is_as_good_as_its_digits(notify):
    request = FILLED | {"params": {"name": "张三", "code": 123456}}
    assert (await notify.post(TEMPLATE, request)).json() == {"content": SENTENCE}


async def test_the_template_s_signature_stands_in_front_as_on_a_handset(notify):
    request = {"template_id": "signed", "params": {"a": "张三"}}
    assert (await notify.post(TEMPLATE, request)).json() == {"content": "【驿站】张三您好"}


@pytest.mark.parametrize("params", [{}, {"params": None}, {"params": {}}, {"params": []}])
async def test_no_parameters_may_be_written_in_any_way_there_is(house, notify, params):
    house.store.owns[1] = own(template("plain", "您好"))
    assert (await notify.post(TEMPLATE, {"template_id": "plain", **params})).json() == {"content": "您好"}


@pytest.mark.parametrize("template_id", ["2", "gone", "", "SMS_1234"])
async def test_a_template_that_is_not_there_is_404(notify, template_id):
    status, told = said(await notify.post(TEMPLATE, {"template_id": template_id}))
    assert (status, told.startswith("当前账户下没有该模板")) == (404, True)


async def test_a_template_of_another_account_is_404(house, notify):
    house.store.owns[2] = own(template("theirs", "您好"))
    assert (await notify.post(TEMPLATE, {"template_id": "theirs"})).status == 404


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        ({}, "缺少必填字段 template_id"),
        ({"template_id": 1}, "字段 template_id 应为字符串"),
        ({"template_id": "1" * 65}, "字段 template_id 不能超过 64 个字符"),
        (FILLED | {"params": ["张三", "123456"]}, "字段 params 应为对象"),
        (FILLED | {"params": "x"}, "字段 params 应为对象"),
        (FILLED | {"params": {"name": "张三"}}, "缺少变量 params.code，该模板的变量为：name, code"),
        (FILLED | {"params": PARAMS | {"x": "y"}}, "模板中没有变量 params.x"),
        (FILLED | {"params": {"name": "a", "code": "1" * 65}}, "变量 params.code 有 65 个字符"),
        (FILLED | {"params": {"name": "a\nb", "code": "1"}}, "变量 params.name 的值不可用：含有换行"),
        (FILLED | {"params": {"name": "a\x00", "code": "1"}}, "字段 params.name 的第 2 个字符 U+0000"),
        (FILLED | {"params": {"name": "a", "code": 1.5}}, "字段 params.code 应为字符串或整数"),
        (FILLED | {"TemplateId": "1"}, "该接口没有定义字段 TemplateId，您要填的是不是 template_id？"),
    ],
)
async def test_what_will_not_do_is_named(notify, request_, sentence):
    status, told = said(await notify.post(TEMPLATE, request_))
    assert (status, told[: len(sentence)]) == (400, sentence)


# ---------------------------------------------------------------------------------------------- the status

WORDS = {
    State.SCHEDULED: ("scheduled", "短信等待定时发送"),
    State.QUEUED: ("pending", "短信发送中，尚无投递结果"),
    State.SENDING: ("pending", "短信发送中，尚无投递结果"),
    State.UNKNOWN: ("pending", "短信发送中，尚无投递结果"),
    State.DELIVERED: ("delivered", "短信已成功投递"),
    State.UNDELIVERED: ("failed", "短信投递失败"),
    State.EXPIRED: ("failed", "短信投递失败"),
    State.FAILED: ("failed", "短信投递失败"),
    State.UNCONFIRMED: ("failed", "短信投递失败"),
    State.CANCELED: ("canceled", "短信已取消发送"),
}


def test_every_state_but_sent_has_words_of_its_own():
    assert set(WORDS) | {State.SENT} == set(State)


async def sent(house: House, notify: Notify) -> tuple[int, str]:
    """A message, by its number and by its id."""
    message_id = (await notify.send()).json()["message_id"]
    return next(iter(house.store.messages)), message_id


@pytest.mark.parametrize("state", list(WORDS))
async def test_each_state_is_told_in_two_words(house, notify, state):
    number, message_id = await sent(house, notify)
    house.store.states[number] = state
    answer = await notify.post(STATUS, {"message_id": message_id})
    status, desc = WORDS[state]
    assert (answer.status, answer.json()) == (200, {"status": status, "desc": desc})
    assert list(answer.json()) == ["status", "desc"]


@pytest.mark.parametrize(("look_at", "status"), [(None, "delivered"), (1 << 50, "pending")])
async def test_sent_is_as_good_as_delivered_where_no_receipt_will_come(house, notify, look_at, status):
    number, message_id = await sent(house, notify)
    house.store.states[number] = State.SENT
    house.store.messages[number] = house.store.messages[number]._replace(look_at=look_at)
    assert (await notify.post(STATUS, {"message_id": message_id})).json()["status"] == status


async def test_a_message_of_another_surface_has_the_same_id(house, notify):
    sms_id = (await house.client().post("/v1/sms/send", {"to": "13800138000", "body": "您好"})).json()[
        "sms_id"
    ]
    assert (await notify.post(STATUS, {"message_id": sms_id})).json()["status"] == "pending"


@pytest.mark.parametrize(
    "message_id",
    ["1234567890", "", "sms_", "sms_0000000000000", show(MESSAGE, 1 << 60), show(BATCH, 5), "短信"],
)
async def test_malformed_and_unknown_ids_are_404_alike(notify, message_id):
    status, told = said(await notify.post(STATUS, {"message_id": message_id}))
    assert (status, told.startswith("当前账户下没有该短信")) == (404, True)


async def test_a_message_of_another_account_is_404(house, notify):
    _, message_id = await sent(house, notify)
    assert said(await Notify(house, 2).post(STATUS, {"message_id": message_id})) == said(
        await notify.post(STATUS, {"message_id": "1234567890"})
    )


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        ({}, "缺少必填字段 message_id"),
        ({"message_id": 1234567890}, "字段 message_id 应为字符串"),
        ({"message_id": "x", "phone": "y"}, "该接口没有定义字段 phone"),
    ],
)
async def test_what_will_not_do_as_a_request_is_named(notify, request_, sentence):
    status, told = said(await notify.post(STATUS, request_))
    assert (status, told[: len(sentence)]) == (400, sentence)
