"""`POST /notify/send` with the document's table: a set of numbers, a template, and rows that say the same."""

import json

import pytest

from posthouse.core.ids import MESSAGE, read
from posthouse.core.message import Lane
from tests.fakes import CIPHER
from tests.web.house import House
from tests.web.notify import OTHER, PARAMS, PHONE, TABLE, Notify, own, said, template

NAMED = [{"name": "code", "value": "123456"}, {"name": "name", "value": "张三"}]


@pytest.fixture
def notify(house: House) -> Notify:
    house.store.owns[1] = own(
        template("signed", "您好", signature="驿站"),
        template("bare", "您好"),
        template("gone", "您好", deleted=True),
        template("ad", "您好，拒收请回复R", kind=Lane.MARKETING),
        template("numbered", "{2}年{1}月"),
        reg="驿站",
    )
    return Notify(house)


def params(house: House) -> list[object]:
    stored = house.store.messages.values()
    return [json.loads(CIPHER.open(message.params, message.id)) for message in stored if message.params]


async def test_each_number_gets_a_message_and_the_reply_their_ids_in_order(house, notify):
    answer = await notify.table()
    document = answer.json()
    assert (answer.status, list(document)) == (200, ["result", "desc", "message_ids"])
    assert (document["result"], document["desc"]) == ("success", "短信发送成功")
    messages = list(house.store.messages.values())
    assert [read(MESSAGE, each) for each in document["message_ids"]] == [each.id for each in messages]
    assert [message.recipient for message in messages] == ["+8613800138000", "+8613900139000"]
    assert {(m.template_id, m.template_version, m.signature) for m in messages} == {("1", 1, "驿站")}
    assert {message.lane for message in messages} == {Lane.OTP}
    assert params(house) == [{"name": "张三", "code": "123456"}] * 2


async def test_a_set_may_be_of_one_number(notify):
    assert len((await notify.table(PhoneNumberSet=[PHONE])).json()["message_ids"]) == 1


async def test_a_number_that_comes_twice_is_sent_to_once_and_keeps_its_place(house, notify):
    document = (await notify.table(PhoneNumberSet=[PHONE, OTHER, "+86 138-0013-8000"])).json()
    first, second, third = document["message_ids"]
    assert first == third != second
    assert document["desc"] == "短信发送成功，其中 1 个重复号码已合并发送"
    assert len(house.store.messages) == 2


async def test_one_bad_number_refuses_all_and_is_named_by_its_place(house, notify):
    status, told = said(await notify.table(PhoneNumberSet=[PHONE, OTHER, PHONE, "12"]))
    assert status == 400
    assert told.startswith("字段 PhoneNumberSet[3] 不是有效的手机号码：位数不足")
    assert not house.store.messages
    assert house.store.available[1] == 100_000_000


async def test_a_hundred_numbers_are_counted_before_duplicates_are_merged(house, notify):
    assert len((await notify.table(PhoneNumberSet=[PHONE] * 100)).json()["message_ids"]) == 100
    assert len(house.store.messages) == 1
    status, told = said(await notify.table(PhoneNumberSet=[PHONE] * 101))
    assert (status, told) == (400, "PhoneNumberSet 最多支持 100 个手机号码，请分批提交")
    assert len(house.store.messages) == 1


async def test_a_batch_id_becomes_the_reference_of_the_batch(house, notify):
    await notify.table(SmsSdkBatchId="b-1")
    assert [batch.reference for batch in house.store.batches.values()] == ["b-1"]
    found = (await house.client().get("/v1/batches?reference=b-1")).json()
    assert [batch["reference"] for batch in found["data"]] == ["b-1"]


async def test_a_set_may_get_a_text_of_its_own(house, notify):
    await notify.table(TemplateId=None, SmsTemplateParas=None, content="您好")
    assert {message.body for message in house.store.messages.values()} == {"您好"}


async def test_the_rows_of_the_other_form_may_be_left_blank(house, notify):
    blank = {"phone": "", "content": "", "SendDate": "", "SmsSdkSendTime": ""}
    assert (await notify.table(**blank)).status == 200
    assert {message.body for message in house.store.messages.values()} == {None}


# -------------------------------------------------------------------------------------------- what is needed


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ({"SignName": None}, "缺少必填字段 SignName"),
        ({"SignName": ""}, "缺少必填字段 SignName"),
        ({"TemplateId": None, "SmsTemplateParas": None}, "缺少必填字段 TemplateId"),
        ({"TemplateId": ""}, "缺少必填字段 TemplateId"),
        ({"PhoneNumberSet": None}, "缺少必填字段 PhoneNumberSet"),
        ({"PhoneNumberSet": []}, "PhoneNumberSet 为空，请至少填写一个手机号码"),
        ({"PhoneNumberSet": PHONE}, "字段 PhoneNumberSet 应为数组"),
        ({"PhoneNumberSet": [PHONE, 5]}, "字段 PhoneNumberSet[1] 应为字符串"),
        ({"TemplateId": 1}, "字段 TemplateId 应为字符串"),
        ({"TemplateId": "1\n"}, "字段 TemplateId 的取值无效"),
        ({"TemplateId": "1" * 65}, "字段 TemplateId 不能超过 64 个字符"),
        ({"TemplateId": "gone", "SmsTemplateParas": None}, "该模板已删除"),
        ({"SmsTemplateId": "2"}, "字段 TemplateId 与 SmsTemplateId 的取值不一致"),
        ({"SmsFreeTemplateId": "2"}, "字段 TemplateId 与 SmsFreeTemplateId 的取值不一致"),
        (
            {"TemplateId": None, "SmsTemplateId": "1", "SmsFreeTemplateId": "2"},
            "字段 SmsTemplateId 与 SmsFreeTemplateId 的取值不一致",
        ),
    ],
)
async def test_a_row_that_will_not_do_is_named_and_nothing_is_sent(house, notify, rows, sentence):
    status, told = said(await notify.table(**rows))
    assert (status, told[: len(sentence)]) == (400, sentence)
    assert not house.store.messages


@pytest.mark.parametrize("name", ["TemplateId", "SmsTemplateId", "SmsFreeTemplateId"])
async def test_a_template_may_stand_in_any_row_that_names_one(house, notify, name):
    assert (await notify.table(**{"TemplateId": None, name: "1"})).status == 200
    assert {message.template_id for message in house.store.messages.values()} == {"1"}


async def test_the_signature_of_the_template_is_as_good_as_a_row(house, notify):
    assert (await notify.table(SignName=None, TemplateId="signed", SmsTemplateParas=None)).status == 200
    assert {message.signature for message in house.store.messages.values()} == {"驿站"}


async def test_the_signature_of_the_request_comes_before_the_template_s(house, notify):
    assert (await notify.table(SignName="快递", TemplateId="signed", SmsTemplateParas=None)).status == 200
    assert {message.signature for message in house.store.messages.values()} == {"快递"}


async def test_a_registered_signature_or_one_in_the_text_is_as_good_as_a_row(notify):
    assert (await notify.table(SignName=None, SmsSignId="reg")).status == 200
    text = {"TemplateId": None, "SmsTemplateParas": None, "content": "【驿站】您好"}
    assert (await notify.table(SignName=None, **text)).status == 200


async def test_a_template_that_is_not_the_account_s_passes_as_the_vendor_s_own(house, notify):
    assert (await notify.table(TemplateId="SMS_1234", SmsTemplateParas=["a", 5])).status == 200
    messages = list(house.store.messages.values())
    assert {(m.template_id, m.template_version, m.parts) for m in messages} == {("SMS_1234", None, 1)}
    assert params(house) == [{"1": "a", "2": "5"}] * 2


async def test_a_marketing_template_goes_as_marketing(house, notify):
    assert (await notify.table(TemplateId="ad", SmsTemplateParas=None)).status == 200
    assert {message.lane for message in house.store.messages.values()} == {Lane.MARKETING}


# --------------------------------------------------------------------------------------------- parameters


@pytest.mark.parametrize(
    "rows",
    [
        {"SmsTemplateParas": ["张三", 123456]},
        {"SmsTemplateParas": None, "SmsTemplateParamSetArray": NAMED},
        {"SmsTemplateParas": [], "SmsTemplateParamSetArray": NAMED},
        {"SmsTemplateParas": PARAMS, "SmsTemplateParamSetArray": NAMED},
        {"SmsTemplateParas": None, "SmsTemplateParamSetArray": [NAMED[1], {"name": "code", "value": 123456}]},
    ],
)
async def test_parameters_come_by_place_or_by_name_or_both(house, notify, rows):
    assert (await notify.table(**rows)).status == 200
    assert params(house) == [{"name": "张三", "code": "123456"}] * 2


@pytest.mark.parametrize(
    "values", [["123456", "张三"], ["张三"], ["张三", "123456", "x"], ["张三", "123457"]]
)
async def test_parameters_in_both_forms_must_say_the_same(house, notify, values):
    status, told = said(await notify.table(SmsTemplateParas=values, SmsTemplateParamSetArray=NAMED))
    assert status == 400
    assert told.startswith("字段 SmsTemplateParas 与 SmsTemplateParamSetArray 的取值不一致")
    assert not house.store.messages


async def test_of_a_vendor_s_own_template_both_forms_are_compared_in_the_order_of_the_names(house, notify):
    rows = {"TemplateId": "SMS_1234", "SmsTemplateParamSetArray": NAMED}
    assert (await notify.table(**rows, SmsTemplateParas=["123456", "张三"])).status == 200
    assert params(house) == [{"code": "123456", "name": "张三"}] * 2
    assert (await notify.table(**rows, SmsTemplateParas=PARAMS)).status == 400


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ({"SmsTemplateParas": None}, "缺少变量 SmsTemplateParas[0]，该模板的变量为：name, code"),
        ({"SmsTemplateParas": ["张三"]}, "缺少变量 SmsTemplateParas[1]，该模板的变量为：name, code"),
        ({"SmsTemplateParas": ["a", "b", "c"]}, "模板中没有变量 SmsTemplateParas[2]，"),
        ({"TemplateId": "numbered", "SmsTemplateParas": ["1"]}, "缺少变量 SmsTemplateParas[1]"),
        (
            {"TemplateId": "numbered", "SmsTemplateParas": ["1", "2", "3"]},
            "模板中没有变量 SmsTemplateParas[2]",
        ),
        ({"TemplateId": "numbered", "SmsTemplateParas": ["【", "2"]}, "变量 SmsTemplateParas[0] 的值不可用"),
        ({"SmsTemplateParas": ["a", "b" * 65]}, "变量 SmsTemplateParas[1] 有 65 个字符，最多允许 64 个"),
        ({"SmsTemplateParas": ["a", "【b】"]}, "变量 SmsTemplateParas[1] 的值不可用：含有【】"),
        ({"SmsTemplateParas": ["a\nb", "b"]}, "变量 SmsTemplateParas[0] 的值不可用：含有换行"),
        ({"SmsTemplateParas": ["a", "b\x00"]}, "字段 SmsTemplateParas[1] 的第 2 个字符 U+0000 无法发送"),
        ({"SmsTemplateParas": ["a", 1.5]}, "字段 SmsTemplateParas[1] 应为字符串或整数"),
        ({"SmsTemplateParas": ["a", True]}, "字段 SmsTemplateParas[1] 应为字符串或整数"),
        ({"SmsTemplateParas": ["a", None]}, "字段 SmsTemplateParas[1] 应为字符串"),
        ({"SmsTemplateParas": {"name": "a"}}, "字段 SmsTemplateParas 应为数组"),
        ({"SmsTemplateParas": ["x"] * 51}, "字段 SmsTemplateParas 最多包含 50 项"),
        ({"SmsTemplateParas": ["x" * 1001]}, "字段 SmsTemplateParas[0] 不能超过 1000 个字符"),
    ],
)
async def test_a_parameter_by_place_that_will_not_do_is_named_by_its_place(house, notify, rows, sentence):
    status, told = said(await notify.table(**rows))
    assert (status, told[: len(sentence)]) == (400, sentence)
    assert not house.store.messages


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ([NAMED[0]], "缺少变量 SmsTemplateParamSetArray.name，该模板的变量为：name, code"),
        ([*NAMED, {"name": "x", "value": ""}], "模板中没有变量 SmsTemplateParamSetArray[2]，"),
        (
            [NAMED[0], {"name": "name", "value": "x" * 65}],
            "变量 SmsTemplateParamSetArray[1] 有 65 个字符，最多允许 64 个",
        ),
        ([*NAMED, NAMED[0]], "字段 SmsTemplateParamSetArray[2].name 与前面的变量重名，每个变量只能填写一次"),
        ([{"name": "code"}], "缺少必填字段 SmsTemplateParamSetArray[0].value"),
        ([{"value": "code"}], "缺少必填字段 SmsTemplateParamSetArray[0].name"),
        ([{"name": "", "value": ""}], "字段 SmsTemplateParamSetArray[0].name 应为非空值"),
        ([{"name": "code", "value": [1]}], "字段 SmsTemplateParamSetArray[0].value 应为字符串或整数"),
        ([{"name": "code", "value": "\x00"}], "字段 SmsTemplateParamSetArray[0].value 的第 1 个字符"),
        (
            [{"name": "code", "value": "1", "type": "x"}],
            "该接口没有定义字段 SmsTemplateParamSetArray[0].type",
        ),
        ({"code": "1"}, "字段 SmsTemplateParamSetArray 应为数组"),
        (["code"], "字段 SmsTemplateParamSetArray[0] 应为对象"),
    ],
)
async def test_a_parameter_by_name_that_will_not_do_is_named(house, notify, named, sentence):
    status, told = said(await notify.table(SmsTemplateParas=None, SmsTemplateParamSetArray=named))
    assert (status, told[: len(sentence)]) == (400, sentence)
    assert not house.store.messages


async def test_a_word_that_the_account_does_not_let_pass_is_named_with_its_place(house, notify):
    house.store.owns[1] = own(words=("中奖",))
    house.store.version += 1
    await house.services.directory.refresh()
    for template_id in ("1", "SMS_1234"):
        status, told = said(await notify.table(TemplateId=template_id, SmsTemplateParas=["张三", "中奖"]))
        assert (status, "“中奖”" in told, "SmsTemplateParas[1]" in told) == (400, True, True)


# --------------------------------------------------------------------------------------------- the rest


async def test_an_empty_purse_refuses_the_whole_set(house, notify):
    house.store.available[1] = 99_999
    status, told = said(await notify.table())
    assert (status, told) == (
        400,
        "账户余额不足以支付本次发送，短信未发送，也未扣费。请充值后重新提交",
    )
    assert not house.store.messages


async def test_all_of_a_set_wait_for_its_time(house, notify):
    await notify.table(SendDate="20261201080000")
    assert {message.state for message in house.store.messages.values()} == {"scheduled"}


async def test_a_repetition_under_one_key_is_the_first_reply_again(house, notify):
    rows = {"PhoneNumberSet": [PHONE, OTHER, PHONE], "idempotency_key": "k"}
    first, again = [await notify.table(**rows) for _ in range(2)]
    assert first.body == again.body
    assert again.headers["idempotent-replayed"] == "true"
    assert len(house.store.messages) == 2


async def test_one_key_does_not_mark_two_forms(notify):
    await notify.send(idempotency_key="k")
    assert (await notify.table(idempotency_key="k")).status == 400


def test_the_table_s_required_rows_are_those_that_the_tests_begin_with():
    assert set(TABLE) - {"SmsTemplateParas"} == {"SignName", "TemplateId", "PhoneNumberSet"}
