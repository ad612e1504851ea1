"""The notification document, line by line: its functions, its steps, and every row of its parameters' table.

All on a server just started, with nothing made but a key.
"""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from posthouse.core.ids import MESSAGE, read
from tests.e2e.notification import (
    CODE,
    DOCUMENT,
    FUNCTIONS,
    ROWS,
    SEND,
    STEPS,
    TEMPLATE,
    accepted,
    refused,
)
from tests.e2e.premises import rows as found_rows
from tests.e2e.server import command

ZONE = ZoneInfo("Asia/Shanghai")
NUMBERS = ["13800138000", "13900139000"]
NEEDED = {
    "SignName": "驿站",
    "TemplateId": "1",
    "PhoneNumberSet": NUMBERS,
    "SmsTemplateParas": ["张三", "123456"],
}
"""What the table requires, but for the credential, and the parameters of template `1`."""

TEXT = "【驿站】尊敬的张三,您的验证码是123456,请及时输入。"
ANOTHER = {"String": 5, "Array": "x"}
"""A value of another type than the one that the table names."""


def send(here, **changes: object) -> list[str]:
    """What the table requires but for these rows; it must be accepted. The messages' ids."""
    request = {name: row for name, row in (NEEDED | changes).items() if row is not None}
    reply = accepted(here.ask(SEND, **request))
    assert (list(reply), reply["result"]) == (["result", "desc", "message_ids"], "success")
    return list(reply["message_ids"])


def arrives(here, ids: list[str], text: str, numbers: list[str] = NUMBERS) -> None:
    """Each number's handset shows its message, once and with this text."""
    for to, sms_id in zip(numbers, ids, strict=True):
        here.until(sms_id, "delivered")
        assert here.handset(to, sms_id) == [text]


def no(here, **changes: object) -> str:
    """The same where it must be refused: the sentence."""
    request = {name: row for name, row in (NEEDED | changes).items() if row is not None}
    return refused(here.ask(SEND, **request))


def in_a_while(**more: int) -> tuple[str, datetime]:
    """A time to come, as the table writes it, and as it is."""
    at = (datetime.now(UTC) + timedelta(**more)).replace(microsecond=0)
    return f"{at.astimezone(ZONE):%Y%m%d%H%M%S}", at


# ------------------------------------------------------------------------------------------ the document


def test_no_line_of_the_document_is_left_out():
    assert len(FUNCTIONS) == 5
    assert len(STEPS) == 4
    assert len(ROWS) == sum(line.count("|") == 4 for line in DOCUMENT["短信通知接口参数说明"].lines) - 1 == 17
    assert {row.needed for row in ROWS.values()} == {"是", "否"}
    assert {row.type for row in ROWS.values()} == set(ANOTHER)


def called(kind: str) -> list[str]:
    """What the tests of this kind are called by, in their order."""
    return [found[1] for name in globals() if (found := re.match(rf"test_{kind}_([a-z0-9]+)_", name))]


def test_every_function_and_every_row_has_a_test_of_its_own():
    assert called("function") == [str(number) for number in range(1, len(FUNCTIONS) + 1)]
    assert called("row") == [name.lower() for name in ROWS]


# ------------------------------------------------------------------------------------------ the functions


def test_function_1_sends_verification_codes(here):
    assert FUNCTIONS[0].startswith("发送验证码")
    code = accepted(here.ask(CODE, length=6, type="number"))["code"]
    ids = send(here, PhoneNumberSet=NUMBERS[:1], SmsTemplateParas=["张三", code])
    arrives(here, ids, TEXT.replace("123456", code), NUMBERS[:1])


def test_function_2_sends_notices(here):
    assert FUNCTIONS[1].startswith("发送通知")
    reply = accepted(here.ask(SEND, phone=NUMBERS[0], content="您的订单已发货"))
    arrives(here, [reply["message_id"]], "您的订单已发货", NUMBERS[:1])


def test_function_3_has_templates_of_one_s_own(here):
    assert FUNCTIONS[2].startswith("自定义模板")
    made = {"name": "发货", "kind": "notification", "text": "您的订单{order}已发货", "id": "shipped"}
    assert here.native("POST", "/v1/templates", made)["template_id"] == "shipped"
    rows = {"TemplateId": "shipped", "SmsTemplateParas": None}
    ids = send(here, **rows, SmsTemplateParamSetArray=[{"name": "order", "value": "4711"}])
    arrives(here, ids, "【驿站】您的订单4711已发货")
    filled = accepted(here.ask(TEMPLATE, template_id="shipped", params={"order": "4711"}))
    assert filled == {"content": "您的订单4711已发货"}


def test_function_4_sends_to_many_numbers_at_once(here):
    assert FUNCTIONS[3].startswith("批量发送")
    numbers = [f"137{each:04d}8000" for each in range(20)]
    arrives(here, send(here, PhoneNumberSet=numbers), TEXT, numbers)


def test_function_5_sends_when_its_time_has_come(here):
    assert FUNCTIONS[4].startswith("定时发送")
    when, at = in_a_while(seconds=3)
    [sms_id] = send(here, PhoneNumberSet=NUMBERS[:1], SendDate=when)
    assert here.until(sms_id, "scheduled")["desc"] == "短信等待定时发送"
    assert not here.handset(NUMBERS[0], sms_id)
    here.until(sms_id, "delivered", within_s=10)
    [received_at] = [
        each["received_at"]
        for each in here.native("GET", f"/v1/sandbox/messages?to={NUMBERS[0]}")["data"]
        if each["sms_id"] == sms_id
    ]
    assert datetime.fromisoformat(received_at) >= at


def test_the_steps_end_with_a_message_sent(here):
    assert [step[:2] for step in STEPS] == ["注册", "创建", "编写", "测试"]
    assert "AppKey" in STEPS[1]
    data = here.server.data
    command(data, "accounts", "create", "shop", "--balance", "1.00")
    command(data, "accounts", "verify", "shop", "approved")
    issued = command(data, "keys", "create", "--account", "shop")
    shown = {"AppID": issued["api_key"], "AppKey": issued["api_secret"]}
    assert len(accepted(here.post(SEND, shown | NEEDED))["message_ids"]) == len(NUMBERS)


# ----------------------------------------------------------------------------- the table, as a whole

ROW_BY_ROW = [pytest.param(row, id=row.name) for row in ROWS.values()]


@pytest.mark.parametrize("row", ROW_BY_ROW)
def test_a_parameter_is_required_or_not_as_its_row_says(here, row):
    request = here.shown | NEEDED
    needed = row.needed == "是"
    assert needed == (row.name in request and row.name != "SmsTemplateParas")
    if (
        row.name == "SmsTemplateParas"
    ):  # the template's variables are what needs them, and named ones do as well
        del request[row.name]
        request["SmsTemplateParamSetArray"] = [
            {"name": "name", "value": "张三"},
            {"name": "code", "value": "123456"},
        ]
    request.pop(row.name, None)
    answer = here.post(SEND, request)
    if needed:
        assert row.name in refused(answer, 401 if row.name in here.shown else 400)
    else:
        accepted(answer)


@pytest.mark.parametrize("row", ROW_BY_ROW)
def test_a_parameter_has_the_type_that_its_row_says(here, row):
    assert row.name in no(here, **{row.name: ANOTHER[row.type]})


def test_a_misspelt_row_is_refused_by_name_so_that_nothing_goes_at_once(here):
    for name in ROWS:
        for misspelt in (name.lower(), f"{name}s"):
            assert misspelt in no(here, **{misspelt: "20991231000000"})


# --------------------------------------------------------------------------------- the table, row by row


def test_row_appid_says_who_asks(here):
    assert "身份验证失败" in refused(here.post(SEND, here.shown | NEEDED | {"AppID": "sk_xxxxxxxxxx"}), 401)


def test_row_appkey_proves_it(here):
    assert "身份验证失败" in refused(here.post(SEND, here.shown | NEEDED | {"AppKey": "x"}), 401)


def test_row_signname_stands_in_front_of_the_text(here):
    arrives(here, send(here, SignName="快递"), TEXT.replace("驿站", "快递"))


def test_row_templateid_says_what_the_message_says(here):
    arrives(here, send(here, TemplateId="1"), TEXT)


def test_row_phonenumberset_has_as_many_numbers_as_the_row_says_and_no_more(here):
    found = re.search(r"最多支持(\d+)个", ROWS["PhoneNumberSet"].meaning)
    assert found is not None
    most = int(found[1])
    numbers = [f"136{each:08d}" for each in range(10_000, 10_000 + most + 1)]
    ids = send(here, PhoneNumberSet=numbers[:most])
    assert len(set(ids)) == most
    assert str(most) in no(here, PhoneNumberSet=numbers)
    assert str(most) in no(here, PhoneNumberSet=numbers[:1] * (most + 1))
    first, second, again = send(here, PhoneNumberSet=[*numbers[:2], numbers[0]])
    assert first == again != second
    assert "PhoneNumberSet[1]" in no(here, PhoneNumberSet=[numbers[0], "12"])


def test_row_smssdkappid_is_another_name_of_the_id(here):
    app_id, app_key = here.shown.values()
    accepted(here.post(SEND, {"SmsSdkAppid": app_id, "AppKey": app_key} | NEEDED))
    send(here, SmsSdkAppid=app_id)
    told = no(here, SmsSdkAppid="1400006666")
    assert "AppID" in told
    assert "SmsSdkAppid" in told


def test_row_smssdkbatchid_becomes_the_reference_of_the_batch(here):
    ids = send(here, SmsSdkBatchId="spring-sale")
    [batch] = here.native("GET", "/v1/batches?reference=spring-sale")["data"]
    assert {here.native("GET", f"/v1/sms/{sms_id}")["batch_id"] for sms_id in ids} == {batch["batch_id"]}


def test_row_smssignid_names_a_registered_signature(here):
    signature_id = here.native("POST", "/v1/signatures", {"name": "登记签名"})["signature_id"]
    arrives(here, send(here, SignName=None, SmsSignId=signature_id), TEXT.replace("驿站", "登记签名"))
    send(here, SignName="登记签名", SmsSignId=signature_id)
    told = no(here, SmsSignId=signature_id)
    assert "SignName" in told
    assert "SmsSignId" in told
    assert "SmsSignId" in no(here, SignName=None, SmsSignId="sgn_0000000000000")


def same_as(here, name: str, other: str) -> None:
    """The row does what the other does; both may agree, and may not differ."""
    send(here, **{name: None, other: NEEDED[name]})
    send(here, **{other: NEEDED[name]})
    told = no(here, **{other: "另一个"})
    assert name in told
    assert other in told


def test_row_smstemplateid_is_another_name_of_the_template(here):
    same_as(here, "TemplateId", "SmsTemplateId")


def test_row_smstemplateparas_fills_the_variables_in_their_order(here):
    arrives(
        here,
        send(here, SmsTemplateParas=["李四", 654321]),
        "【驿站】尊敬的李四,您的验证码是654321,请及时输入。",
    )
    assert "SmsTemplateParas[1]" in no(here, SmsTemplateParas=["李四"])
    assert "SmsTemplateParas[2]" in no(here, SmsTemplateParas=["李四", "1", "2"])


def at_a_time(here, name: str) -> None:
    """The row schedules, in the form that it names and in the configured zone."""
    form = re.search(r"格式为”(\w+)”", ROWS[name].meaning)
    assert form is not None
    assert form[1] == "yyyyMMddHHmmss"
    when, at = in_a_while(days=1)
    ids = send(here, **{name: when})
    for sms_id in ids:
        assert here.until(sms_id, "scheduled")["status"] == "scheduled"
        assert datetime.fromisoformat(here.native("GET", f"/v1/sms/{sms_id}")["send_at"]) == at
    for wrong in (" ", "2026-12-01 08:00:00", "20270229080000", "20200101000000"):
        assert name in no(here, **{name: wrong})


def test_row_senddate_says_when(here):
    at_a_time(here, "SendDate")


def extended(here, sms_id: str) -> str:
    """The extension codes that a message carries to its channel."""
    sql = "SELECT extend FROM messages WHERE id = ?"
    [(extend,)] = found_rows(here.server.data / "posthouse.db", sql, read(MESSAGE, sms_id))
    return str(extend)


def test_row_smsupextendcode_goes_along_to_the_channel(here):
    ids = send(here, SmsUpExtendCode="12")
    assert {extended(here, sms_id) for sms_id in ids} == {'{"up":"12"}'}
    assert "SmsUpExtendCode" in no(here, SmsUpExtendCode="1-2")


def test_row_smssdkextendcode_goes_along_to_the_channel(here):
    ids = send(here, SmsSdkExtendCode="34", SmsUpExtendCode="12")
    assert {extended(here, sms_id) for sms_id in ids} == {'{"up":"12","sdk":"34"}'}
    assert "SmsSdkExtendCode" in no(here, SmsSdkExtendCode="1" * 21)


def test_row_smssdksendtime_says_when_as_well(here):
    at_a_time(here, "SmsSdkSendTime")
    when, _ = in_a_while(days=1)
    send(here, SendDate=when, SmsSdkSendTime=when)
    told = no(here, SendDate=when, SmsSdkSendTime=in_a_while(days=2)[0])
    assert "SendDate" in told
    assert "SmsSdkSendTime" in told


def test_row_smsfreesignname_is_another_name_of_the_signature(here):
    same_as(here, "SignName", "SmsFreeSignName")


def test_row_smsfreetemplateid_is_another_name_of_the_template(here):
    same_as(here, "TemplateId", "SmsFreeTemplateId")


def test_row_smstemplateparamsetarray_fills_the_variables_by_name(here):
    for name in re.findall(r"[a-z]+", ROWS["SmsTemplateParamSetArray"].meaning):
        assert name in ("name", "value")
    named = [{"name": "code", "value": "123456"}, {"name": "name", "value": "张三"}]
    arrives(here, send(here, SmsTemplateParas=None, SmsTemplateParamSetArray=named), TEXT)
    arrives(here, send(here, SmsTemplateParamSetArray=named), TEXT)
    told = no(here, SmsTemplateParas=["李四", "123456"], SmsTemplateParamSetArray=named)
    assert "SmsTemplateParas" in told
    assert "SmsTemplateParamSetArray" in told
