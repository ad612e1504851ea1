"""Who may call `/notify`: a key and its secret, in the headers or within the body."""

import json

import pytest

from posthouse.core import keys
from posthouse.web.dialects.notify.errors import OURS
from tests.web.house import House, build
from tests.web.notify import CODE, PHONE, SEND, STATUS, TEMPLATE, Notify, own, said

TEXT = {"phone": PHONE, "content": "您好"}
CALLS = [
    (SEND, "messages:write", TEXT),
    (CODE, "messages:write", {}),
    (TEMPLATE, "templates:read", {"template_id": "1", "params": {"name": "a", "code": "1"}}),
    (STATUS, "messages:read", {"message_id": "sms_0000000000000"}),
]
NOBODY = "身份验证失败，请在请求体中填写正确的 AppID 和 AppKey，或使用请求头 X-API-Key 和 X-API-Secret"
NO_HEADERS = {"x-api-key": "", "x-api-secret": ""}


@pytest.fixture
def notify(house: House) -> Notify:
    house.store.owns[1] = own()
    return Notify(house)


@pytest.fixture
def within(house: House) -> Notify:
    house.store.owns[1] = own()
    return Notify(house, within=True)


@pytest.mark.parametrize("in_body", [False, True])
async def test_either_place_is_good_for_every_call(house, in_body):
    house.store.owns[1] = own()
    caller = Notify(house, within=in_body)
    for path, _, request in CALLS:
        assert (await caller.post(path, request)).status == (404 if path == STATUS else 200), path


async def test_the_sdk_s_name_of_the_id_is_as_good(notify):
    shown = {"SmsSdkAppid": notify.key, "AppKey": notify.secret}
    assert (await notify.post(SEND, TEXT | shown, headers=NO_HEADERS)).status == 200
    both = shown | {"AppID": notify.key}
    assert (await notify.post(SEND, TEXT | both, headers=NO_HEADERS)).status == 200


async def test_a_caller_who_is_remembered_need_not_be_looked_up_again(house, within):
    await within.post(SEND, TEXT)
    house.store.credentials.clear()
    assert (await within.post(SEND, TEXT)).status == 200


WRONG: list[dict[str, str | None]] = [
    {"AppID": "sk_xxxxxxxxxx", "AppKey": "x"},
    {"AppID": "sk_xxxxxxxxxx"},
    {"AppKey": "x"},
    {"AppID": "sk_ключ", "AppKey": "ключ"},
    {"AppID": "", "AppKey": ""},
    {"AppID": None, "AppKey": None},
    {},
]


@pytest.mark.parametrize(("path", "scope", "request_"), CALLS)
async def test_without_the_right_key_and_secret_nothing_is_answered(house, notify, path, scope, request_):
    for shown in WRONG if path == SEND else WRONG[:1]:
        for request in (request_ | shown, shown, shown | {"unknown": 1}):
            assert said(await notify.post(path, request, headers=NO_HEADERS)) == (401, NOBODY), request
    assert not house.store.messages


async def test_where_a_header_is_there_the_headers_decide(notify):
    shown = {"AppID": notify.key, "AppKey": notify.secret}
    for headers in (
        {"x-api-key": ""},
        {"x-api-secret": ""},
        {"x-api-secret": "wrong"},
        {"x-api-key": "sk_xxxxxxxxxx"},
        {"x-api-key": "sk_ключ"},
    ):
        assert said(await notify.post(SEND, TEXT | shown, headers=headers)) == (401, NOBODY), headers


async def test_the_id_of_one_key_with_the_secret_of_another_opens_nothing(house, within):
    other = Notify(house).secret
    assert (await within.post(SEND, TEXT | {"AppKey": other})).status == 401
    assert (await within.post(SEND, TEXT | {"AppID": Notify(house).key})).status == 401


@pytest.mark.parametrize("in_body", [False, True])
async def test_a_revoked_key_opens_nothing(house, in_body):
    assert (await Notify(house, within=in_body, revoked=True).post(CODE, {})).status == 401


async def test_a_bearer_key_opens_nothing_here(house, notify):
    headers = NO_HEADERS | {"authorization": f"Bearer {house.key()}"}
    assert (await notify.post(SEND, TEXT, headers=headers)).status == 401


async def test_the_body_s_credential_opens_nothing_elsewhere(house):
    api_key, secret = house.pair()
    answer = await house.client().post(
        "/api/sms/send",
        {"phone": PHONE, "template_id": "1", "AppID": api_key, "AppKey": secret},
        headers={"authorization": ""},
    )
    assert answer.status == 401


# -------------------------------------------------------------------------------------- two that disagree


DISAGREEING = [
    ({"AppID": "sk_xxxxxxxxxx"}, "X-API-Key 与 AppID"),
    ({"SmsSdkAppid": "sk_xxxxxxxxxx"}, "X-API-Key 与 SmsSdkAppid"),
    ({"AppKey": "x"}, "X-API-Secret 与 AppKey"),
    ({"AppKey": "ключ"}, "X-API-Secret 与 AppKey"),
]


@pytest.mark.parametrize(("path", "scope", "request_"), CALLS)
async def test_headers_and_body_must_name_the_same_caller(house, notify, path, scope, request_):
    for shown, names in DISAGREEING if path == SEND else DISAGREEING[:1]:
        status, told = said(await notify.post(path, request_ | shown))
        assert (status, told.startswith(f"字段 {names} 的取值不一致")) == (400, True), shown
    assert not house.store.messages


async def test_headers_and_body_may_both_show_it(notify):
    shown = {"AppID": notify.key, "SmsSdkAppid": notify.key, "AppKey": notify.secret}
    assert (await notify.post(SEND, TEXT | shown)).status == 200


async def test_two_ids_in_one_body_must_be_the_same(within):
    status, told = said(await within.post(SEND, TEXT | {"SmsSdkAppid": "sk_xxxxxxxxxx"}))
    assert (status, told.startswith("字段 AppID 与 SmsSdkAppid 的取值不一致")) == (400, True)


# ------------------------------------------------------------------------- a body that is looked into first


@pytest.mark.parametrize("name", ["AppID", "AppKey", "SmsSdkAppid"])
async def test_an_id_of_another_type_is_told_its_own(notify, name):
    shown = {"AppID": "x", "AppKey": "x"} | {"AppID": None, name: 1400006666}
    status, told = said(await notify.post(SEND, TEXT | shown, headers=NO_HEADERS))
    assert (status, told.startswith(f"字段 {name} 应为字符串")) == (400, True)


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        (b"", 401, "身份验证失败"),
        (b"[]", 401, "身份验证失败"),
        (b"null", 401, "身份验证失败"),
        (b"{", 400, "请求体不是合法的 JSON，解析到第 1 行第"),
        (b'{"AppID": "x", "AppKey": "y",}', 400, "请求体不是合法的 JSON，解析到第 1 行第"),
        (b"phone=13800138000", 400, "请求体不是合法的 JSON"),
        (b"[" * 100_000, 401, "身份验证失败"),
        (b'{"a":' * 100_000, 400, "请求体中的对象或数组嵌套超过了 32 层"),
        (b'{"AppID": "x", "AppID": "y"}', 401, "身份验证失败"),
        ('{"AppID": "驿"}'.encode("gbk"), 400, "请求体不是有效的 UTF-8 编码"),
        (b'{"AppID": "\\ud800"}', 400, "字段 AppID 的第 1 个字符 U+D800 无法发送"),
        (b" " * (1024 * 1024 + 1), 413, "请求体超过了该接口 1048576 字节的上限"),
    ],
)
async def test_a_body_that_shows_nobody_is_refused_for_that_or_for_what_is_wrong_with_it(
    notify, body, status, sentence
):
    found, told = said(await notify.call("POST", SEND, body=body, headers=NO_HEADERS))
    assert (found, told[: len(sentence)]) == (status, sentence)


async def test_a_body_in_pieces_is_read_whole_and_never_beyond_the_bound(house, within):
    body = json.dumps(TEXT | {"AppID": within.key, "AppKey": within.secret}).encode()
    answer = await within.call("POST", SEND, pieces=[body[:9], body[9:]])
    assert answer.status == 200
    too_much = await within.call("POST", SEND, pieces=[b" " * 1024 * 512] * 4)
    assert too_much.status == 413
    assert len(house.store.messages) == 1


async def test_a_body_that_is_no_json_by_its_own_word_is_not_looked_into(notify):
    headers = NO_HEADERS | {"content-type": "application/x-www-form-urlencoded"}
    status, told = said(await notify.call("POST", SEND, body=b"AppID=x", headers=headers))
    assert (status, told) == (400, "请求体应为未压缩的 JSON，请将 Content-Type 设为 application/json")


# ----------------------------------------------------------------------------------------- rights and rates


@pytest.mark.parametrize("in_body", [False, True])
async def test_a_key_without_the_scope_is_told_which_it_needs(house, in_body):
    for path, scope, request in CALLS:
        poor = Notify(house, scopes=keys.SCOPES - {scope}, within=in_body)
        status, told = said(await poor.post(path, request))
        assert (status, scope in told) == (403, True), path


@pytest.mark.parametrize("in_body", [False, True])
async def test_an_unverified_account_cannot_send_but_may_do_the_rest(house, in_body):
    house.store.owns[3] = own()
    notify = Notify(house, 3, within=in_body)
    for request in (TEXT, {"PhoneNumberSet": [PHONE], "TemplateId": "1", "SignName": "驿站"}):
        status, told = said(await notify.post(SEND, request))
        assert (status, told.startswith("账户认证状态为“审核中”，不能发送短信")) == (403, True)
    assert (await notify.post(CODE, {})).status == 200
    assert (await notify.post(TEMPLATE, CALLS[2][2])).status == 200


@pytest.mark.parametrize("in_body", [False, True])
async def test_a_key_that_calls_too_often_must_wait(house, in_body):
    hasty = Notify(house, rate_limit=1, within=in_body)
    assert (await hasty.post(CODE, {})).status == 200
    answer = await hasty.post(CODE, {})
    status, told = said(answer)
    assert (status, told.startswith("该密钥每秒最多请求 1 次")) == (429, True)
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["ratelimit"] == '"key";r=0;t=1'


async def test_a_full_house_turns_requests_away_in_shape():
    house = await build(in_flight_max=0)
    answer = await Notify(house).post(CODE, {})
    assert (*said(answer), answer.headers["retry-after"]) == (503, OURS, "1")
