"""`POST /notify/send` with `{phone, content}`, and what one message may take of the document's table."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from posthouse.core.ids import MESSAGE, read
from posthouse.core.message import State
from tests.fakes import CIPHER
from tests.web.house import NOW, House, build
from tests.web.notify import OTHER, PARAMS, PHONE, SEND, Notify, own, said, template

A_SECOND = 1_000_000


@pytest.fixture
def notify(house: House) -> Notify:
    house.store.owns[1] = own(
        template("hello", "您好", signature="驿站"), template("bare", "您好"), reg="驿站"
    )
    return Notify(house)


def only(house: House):
    [message] = house.store.messages.values()
    return message


async def test_a_text_is_accepted_with_the_id_there_is_everywhere(house, notify):
    answer = await notify.send(content="您的验证码是123456,请及时输入。")
    document = answer.json()
    assert (answer.status, list(document)) == (200, ["result", "desc", "message_id"])
    assert (document["result"], document["desc"]) == ("success", "短信发送成功")
    message = only(house)
    assert read(MESSAGE, document["message_id"]) == message.id
    assert (message.recipient, message.body) == ("+8613800138000", "您的验证码是123456,请及时输入。")
    assert (message.template_id, message.signature, message.state) == (None, None, State.QUEUED)


async def test_one_number_may_take_rows_of_the_table(house, notify):
    answer = await notify.send(
        content=None, TemplateId="1", SmsTemplateParas=PARAMS, SignName="驿站", SmsSdkBatchId="b-1"
    )
    assert list(answer.json()) == ["result", "desc", "message_id"]
    message = only(house)
    assert (message.template_id, message.template_version, message.signature) == ("1", 1, "驿站")
    assert json.loads(CIPHER.open(message.params, message.id)) == {"name": "张三", "code": "123456"}
    assert message.reference == "b-1"


async def test_one_number_needs_no_signature_with_a_template_either(house, notify):
    assert (await notify.send(content=None, TemplateId="bare")).status == 200
    assert only(house).signature is None


@pytest.mark.parametrize("blank", [None, ""])
async def test_an_optional_row_may_be_left_blank(house, notify, blank):
    rows = dict.fromkeys(
        (
            "AppID",
            "AppKey",
            "SmsSdkAppid",
            "SignName",
            "SmsFreeSignName",
            "SmsSignId",
            "TemplateId",
            "SmsTemplateId",
            "SmsFreeTemplateId",
            "SmsSdkBatchId",
            "SmsUpExtendCode",
            "SmsSdkExtendCode",
            "SendDate",
            "SmsSdkSendTime",
        ),
        blank,
    )
    numbers: list[str] | None = None if blank is None else []
    assert (
        await notify.send(
            **rows, PhoneNumberSet=numbers, SmsTemplateParas=numbers, SmsTemplateParamSetArray=numbers
        )
    ).status == 200
    message = only(house)
    assert (message.signature, message.reference, message.extend, message.send_at) == (None,) * 4


# ------------------------------------------------------------------------------------------ what is wrong


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ({"phone": None}, "缺少必填字段 phone"),
        ({"phone": None, "SignName": "驿站", "content": None}, "缺少必填字段 PhoneNumberSet"),
        ({"content": None}, "缺少必填字段 content"),
        ({"content": None, "SignName": "驿站"}, "缺少必填字段 TemplateId"),
        ({"phone": 13800138000}, "字段 phone 应为字符串"),
        ({"phone": ""}, "字段 phone 不是有效的手机号码：内容为空"),
        ({"phone": "138001"}, "字段 phone 不是有效的手机号码：位数不足"),
        ({"phone": "1380013\u200b8000"}, "字段 phone 的第 8 个字符是不可见字符 U+200B"),
        ({"PhoneNumberSet": [OTHER]}, "phone 和 PhoneNumberSet 同时填写了"),
        ({"content": ""}, "字段 content 为空或只有空白字符"),
        ({"content": "您好\x00"}, "字段 content 的第 3 个字符 U+0000 无法发送"),
        ({"content": "好" * 671}, "短信连同签名需要拆分为 11 条，最多允许 10 条"),
        ({"TemplateId": "1"}, "content 和 TemplateId 同时填写了"),
        ({"SmsFreeTemplateId": "1"}, "content 和 SmsFreeTemplateId 同时填写了"),
        ({"SmsTemplateParas": ["1"]}, "content 和 SmsTemplateParas 同时填写了"),
        (
            {"SmsTemplateParamSetArray": [{"name": "a", "value": "b"}]},
            "content 和 SmsTemplateParamSetArray 同时填写了",
        ),
        ({"SignName": "【驿站】"}, "短信签名不可用：含有【】"),
        ({"SignName": "驿站 "}, "短信签名不可用：首尾有空格"),
        ({"SmsFreeSignName": "驿\u200b站"}, "短信签名不可用：含有不可见的字符"),
        ({"phone": "", "PhoneNumberSet": []}, "缺少必填字段 phone"),
        ({"SmsFreeSignName": "好" * 21}, "短信签名应为 1 到 20 个字符，不含【】"),
        ({"SignName": " "}, "短信签名应为 1 到 20 个字符，不含【】"),
        ({"SignName": "驿站", "SmsFreeSignName": "快递"}, "字段 SignName 与 SmsFreeSignName 的取值不一致"),
        ({"SmsSignId": "nobody's"}, "字段 SmsSignId 不是已登记签名的 ID"),
        ({"SignName": "快递", "SmsSignId": "reg"}, "字段 SignName 与 SmsSignId 的取值不一致"),
        ({"SmsFreeSignName": "快递", "SmsSignId": "reg"}, "字段 SmsFreeSignName 与 SmsSignId 的取值不一致"),
        ({"SmsSdkBatchId": "b\n1"}, "字段 SmsSdkBatchId 的取值无效"),
        ({"SmsSdkBatchId": "b" * 256}, "字段 SmsSdkBatchId 不能超过 255 个字符"),
        ({"SmsUpExtendCode": "12-3"}, "字段 SmsUpExtendCode 应为 1 到 20 位字母或数字"),
        ({"SmsUpExtendCode": "12\n"}, "字段 SmsUpExtendCode 应为 1 到 20 位字母或数字"),
        ({"SmsSdkExtendCode": "1" * 21}, "字段 SmsSdkExtendCode 应为 1 到 20 位字母或数字"),
        ({"SmsSdkExtendCode": "１２"}, "字段 SmsSdkExtendCode 应为 1 到 20 位字母或数字"),
        ({"SmsSdkExtendCode": 12}, "字段 SmsSdkExtendCode 应为字符串"),
        ({"SendData": "20261201080000"}, "该接口没有定义字段 SendData，您要填的是不是 SendDate？"),
        ({"senddate": "20261201080000"}, "该接口没有定义字段 senddate"),
        ({"idempotency_key": ""}, "幂等键的长度为 0 个字符"),
    ],
)
async def test_a_row_that_will_not_do_is_named_and_nothing_is_sent(house, notify, rows, sentence):
    request = {"phone": PHONE, "content": "您好"} | rows
    status, told = said(
        await notify.post(SEND, {name: row for name, row in request.items() if row is not None})
    )
    assert (status, told[: len(sentence)]) == (400, sentence)
    assert not house.store.messages


async def test_an_empty_request_is_told_of_the_shorter_form(notify):
    assert said(await notify.post(SEND, {}))[1].startswith("缺少必填字段 phone")


async def test_a_word_that_the_account_does_not_let_pass_is_named(house, notify):
    house.store.owns[1] = own(words=("中奖",))
    status, told = said(await notify.send(content="恭喜中奖"))
    assert (status, "“中奖”" in told) == (400, True)


# ------------------------------------------------------------------------------------------------- times


@pytest.mark.parametrize("name", ["SendDate", "SmsSdkSendTime"])
async def test_a_time_is_one_of_the_configured_zone(house, notify, name):
    assert (await notify.send(**{name: "20261201080000"})).status == 200
    message = only(house)
    at = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)  # eight o'clock in Shanghai
    assert message.state == State.SCHEDULED
    assert message.send_at == at.timestamp() * A_SECOND


async def test_both_times_may_be_given_if_they_agree(house, notify):
    assert (await notify.send(SendDate="20261201080000", SmsSdkSendTime="20261201080000")).status == 200
    assert len(house.store.messages) == 1
    status, told = said(await notify.send(SendDate="20261201080000", SmsSdkSendTime="20261201080001"))
    assert status == 400
    assert told.startswith("字段 SendDate 与 SmsSdkSendTime 的取值不一致")


@pytest.mark.parametrize("name", ["SendDate", "SmsSdkSendTime"])
@pytest.mark.parametrize(
    "text",
    [
        " ",
        "2026-12-01 08:00:00",
        "2026120108000",
        "202612010800000",
        "20261301080000",
        "20270229080000",
        "20261201240000",
        "20261201086000",
        "20261201080060",
        "00001201080000",
        "２０２６１２０１０８００００",
        " 20261201080000",
        "20261201080000\n",
    ],
)
async def test_a_time_that_no_clock_shows_is_refused_by_its_name_and_nothing_goes_at_once(
    house, notify, name, text
):
    status, told = said(await notify.send(**{name: text}))
    assert status == 400
    assert told.startswith(f"字段 {name} 不是 yyyyMMddHHmmss 格式的时间")
    assert "/v1" not in told
    assert not house.store.messages


async def test_a_time_that_has_passed_is_refused_with_the_clock_of_the_zone(house, notify):
    status, told = said(await notify.send(SendDate="20261128155959"))
    assert status == 400
    assert told.startswith("定时发送的时间已经过去，服务器当前时间为 2026-11-28 16:00:00")
    assert "SendDate" in told
    assert datetime(2026, 11, 28, 8, 0, tzinfo=UTC).timestamp() * A_SECOND == NOW


async def test_a_time_too_far_ahead_is_refused(notify):
    assert said(await notify.send(SendDate="20270601080000"))[1].startswith("最多只能预约 90 天内的发送")


async def test_an_hour_that_the_clocks_of_the_zone_leave_out_is_no_time():
    house = await build(zone=ZoneInfo("America/New_York"))
    notify = Notify(house)
    assert said(await notify.send(SendDate="20270314023000"))[1].startswith("字段 SendDate 不是")
    assert said(await notify.send(SendDate="20270314033000"))[1].startswith("最多只能预约 90 天内")


# ---------------------------------------------------------------------------------------- signatures, codes


@pytest.mark.parametrize(
    "rows",
    [
        {"SignName": "驿站"},
        {"SmsFreeSignName": "驿站"},
        {"SmsSignId": "reg"},
        {"SignName": "驿站", "SmsFreeSignName": "驿站", "SmsSignId": "reg"},
    ],
)
async def test_a_signature_may_be_given_in_any_way_the_table_has(house, notify, rows):
    assert (await notify.send(**rows)).status == 200
    assert only(house).signature == "驿站"


@pytest.mark.parametrize(
    ("rows", "extend"),
    [
        ({"SmsUpExtendCode": "12"}, {"up": "12"}),
        ({"SmsSdkExtendCode": "a1"}, {"sdk": "a1"}),
        ({"SmsUpExtendCode": "12", "SmsSdkExtendCode": "34"}, {"up": "12", "sdk": "34"}),
    ],
)
async def test_extension_codes_go_along_each_under_its_name(house, notify, rows, extend):
    assert (await notify.send(**rows)).status == 200
    assert json.loads(only(house).extend) == extend


# --------------------------------------------------------------------------------------------- repetitions


@pytest.mark.parametrize("header", [True, False])
async def test_a_repetition_under_one_key_is_the_first_reply_again(house, notify, header):
    rows = {} if header else {"idempotency_key": "k"}
    options = {"headers": {"idempotency-key": "k"}} if header else {}
    request = {"phone": PHONE, "content": "您好"} | rows
    first, again = [await notify.post(SEND, request, **options) for _ in range(2)]
    assert first.body == again.body
    assert again.headers["idempotent-replayed"] == "true"
    assert len(house.store.messages) == 1


async def test_it_is_the_same_request_wherever_the_credential_stands(house, notify):
    request = {"phone": PHONE, "content": "您好", "idempotency_key": "k"}
    first = await notify.post(SEND, request)
    within = request | {"AppID": notify.key, "AppKey": notify.secret}
    again = await notify.post(SEND, within, headers={"x-api-key": "", "x-api-secret": ""})
    assert again.body == first.body
    assert len(house.store.messages) == 1


async def test_a_key_of_another_request_is_a_bad_request_here(notify):
    await notify.send(idempotency_key="k")
    status, told = said(await notify.send(content="再见", idempotency_key="k"))
    assert (status, told.startswith("该幂等键已用于另一个内容不同的请求")) == (400, True)


async def test_a_used_key_is_answered_even_when_its_time_has_passed(house, notify):
    rows = {"SendDate": "20261201080000", "idempotency_key": "k"}
    first = await notify.send(**rows)
    house.clock.at += 30 * 86_400 * A_SECOND
    assert (await notify.send(**rows)).body == first.body
