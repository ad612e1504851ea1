"""How `/api` says no: the document's statuses, one Chinese sentence, and nothing else."""

import re

import pytest

from posthouse.core import keys
from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.store import Overloaded, Unavailable
from posthouse.web.dialects.api.errors import ANSWERS, problem
from tests.web.api import ACCOUNT, BATCH, PHONE, RECORDS, SEND, Api, said
from tests.web.house import build

CALLS = [
    ("POST", SEND, "messages:write"),
    ("POST", BATCH, "messages:write"),
    ("GET", RECORDS, "messages:read"),
    ("GET", ACCOUNT, "account:read"),
]
GOOD = b'{"phone": "13800138000", "template_id": "123456"}'
DOCUMENT_S = {400, 401, 403, 429, 500}
FRAMEWORK_S = {Code.NOT_FOUND: 404, Code.METHOD_NOT_ALLOWED: 405, Code.BODY_TOO_LARGE: 413}


def test_every_code_has_an_answer():
    assert set(ANSWERS) == set(Code)


@pytest.mark.parametrize("code", Code)
def test_every_answer_has_a_status_of_the_document_s_or_of_http_itself(code):
    status, _ = problem(Refusal(code), language="zh", request_id="req_1")
    assert status == FRAMEWORK_S.get(code, status)
    assert status in DOCUMENT_S or code in FRAMEWORK_S


@pytest.mark.parametrize("code", Code)
def test_every_answer_is_one_chinese_sentence_without_the_other_surface_s_words(code):
    _, document = problem(Refusal(code, param="phone"), language="zh", request_id="req_1")
    assert document.keys() == {"success", "message"}
    assert document["success"] is False
    message = str(document["message"])
    assert any("\u4e00" <= character <= "\u9fff" for character in message)
    assert "/v1" not in message
    assert not message.endswith("。")


@pytest.mark.parametrize(
    ("code", "status", "opening"),
    [
        (Code.MISSING_FIELD, 400, "请求参数错误"),
        (Code.INSUFFICIENT_BALANCE, 400, "发送失败:余额不足"),
        (Code.UNAUTHENTICATED, 401, "认证失败,API Key 或 Secret 无效"),
        (Code.ACCOUNT_NOT_VERIFIED, 403, "权限不足：未完成实名认证"),
        (Code.FORBIDDEN, 403, "权限不足"),
        (Code.RATE_LIMITED, 429, "请求频率超限"),
        (Code.INTERNAL, 500, "服务器内部错误"),
        (Code.UNAVAILABLE, 500, "服务器内部错误"),
        (Code.OVERLOADED, 500, "服务器内部错误"),
    ],
)
def test_an_answer_begins_with_the_words_of_the_document_s_table(code, status, opening):
    found, document = problem(Refusal(code), language="zh", request_id="req_1")
    assert found == status
    assert str(document["message"]).startswith(opening)


@pytest.mark.parametrize(("method", "path", "scope"), CALLS)
@pytest.mark.parametrize(
    "headers",
    [
        {"x-api-key": "", "x-api-secret": ""},
        {"x-api-key": ""},
        {"x-api-secret": ""},
        {"x-api-secret": "wrong"},
        {"x-api-key": "sk_xxxxxxxxxxxxxxxx"},
        {"x-api-key": "sk_ключ"},
    ],
)
async def test_without_the_right_key_and_secret_nothing_is_answered(house, method, path, scope, headers):
    answer = await Api(house).call(method, path, headers=headers, body=GOOD)
    assert said(answer) == (401, "认证失败,API Key 或 Secret 无效")


async def test_a_bearer_key_opens_nothing_here(house):
    key = house.key()
    answer = await Api(house).get(
        ACCOUNT, headers={"x-api-key": "", "x-api-secret": "", "authorization": f"Bearer {key}"}
    )
    assert answer.status == 401


async def test_another_key_s_secret_opens_nothing(house):
    assert (await Api(house).get(ACCOUNT, headers={"x-api-secret": Api(house).secret})).status == 401


async def test_a_revoked_key_opens_nothing(house):
    assert (await Api(house, revoked=True).get(ACCOUNT)).status == 401


@pytest.mark.parametrize(("method", "path", "scope"), CALLS)
async def test_a_key_without_the_scope_is_told_which_it_needs(house, method, path, scope):
    status, message = said(await Api(house, scopes=keys.SCOPES - {scope}).call(method, path, body=b"{"))
    assert status == 403
    assert message.startswith("权限不足：")
    assert scope in message


async def test_an_unverified_account_cannot_send_but_may_look(house):
    api = Api(house, 3)
    for answer in (
        await api.send(),
        await api.post(BATCH, {"phones": [PHONE], "template_id": "1"}),
    ):
        status, message = said(answer)
        assert status == 403
        assert message.startswith("权限不足：未完成实名认证，账户认证状态为“审核中”")
    assert (await api.get(RECORDS)).status == 200
    assert (await api.get(ACCOUNT)).json()["data"]["verification_status"] == "pending"


async def test_a_key_that_calls_too_often_must_wait(house):
    api = Api(house, rate_limit=1)
    assert (await api.get(ACCOUNT)).status == 200
    answer = await api.get(ACCOUNT)
    status, message = said(answer)
    assert status == 429
    assert message.startswith("请求频率超限：该密钥每秒最多请求 1 次")
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/sms", "/api/sms/send/", "/api/sms/receive", "/api/%00"]
)
async def test_a_path_that_leads_nowhere_is_answered_in_shape(house, path):
    assert said(await Api(house).post(path, {})) == (404, "接口不存在，请核对请求路径")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", SEND, "POST"),
        ("PUT", BATCH, "POST"),
        ("POST", RECORDS, "GET, HEAD"),
        ("BREW", ACCOUNT, "GET, HEAD"),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(house, method, path, allow):
    answer = await Api(house).call(method, path)
    status, message = said(answer)
    assert (status, answer.headers["allow"]) == (405, allow)
    assert allow in message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "请求体不是合法的 JSON"),
        (b"{", "请求体不是合法的 JSON，解析到第 1 行第"),
        (b'{"phone": "1", "phone": "2", "template_id": "1"}', "请求体不是合法的 JSON"),
        (b"phone=13800138000&template_id=1", "请求体不是合法的 JSON"),
        ('{"phone": "１"}'.encode("gbk"), "请求体不是有效的 UTF-8 编码"),
        (b"[" * 100 + b"]" * 100, "请求体中的对象或数组嵌套超过了 32 层"),
        (b'{"phone": "\\ud800", "template_id": "1"}', "字段 phone 的第 1 个字符 U+D800 无法发送"),
    ],
)
async def test_a_body_that_cannot_be_read_is_answered_in_shape(house, body, message):
    status, told = said(await Api(house).call("POST", SEND, body=body))
    assert status == 400
    assert told.startswith(f"请求参数错误：{message}"), told


async def test_a_body_beyond_the_limit_is_413(house):
    status, message = said(await Api(house).call("POST", SEND, body=b" " * (1024 * 1024 + 1)))
    assert status == 413
    assert message.startswith("请求参数错误：请求体超过了该接口 1048576 字节的上限")


@pytest.mark.parametrize(
    "headers", [{"content-type": "application/x-www-form-urlencoded"}, {"content-encoding": "gzip"}]
)
async def test_a_body_that_is_no_json_by_its_own_word_is_a_bad_parameter(house, headers):
    assert said(await Api(house).call("POST", SEND, body=GOOD, headers=headers)) == (
        400,
        "请求参数错误：请求体应为未压缩的 JSON，请将 Content-Type 设为 application/json",
    )


@pytest.mark.parametrize("code", sorted(set(Code) - {Code.INSUFFICIENT_BALANCE, Code.UNAUTHENTICATED}))
def test_our_own_sentences_have_chinese_punctuation(code):
    message = str(problem(Refusal(code), language="zh", request_id="req_1")[1]["message"])
    assert not re.search(r"[\u4e00-\u9fff][,;:?!]|[,;:?!][\u4e00-\u9fff]", message)


async def test_a_query_behind_a_post_is_passed_over_like_any_unknown_field(house):
    good = {"phone": PHONE, "template_id": "1", "y": 2}
    assert (await Api(house).post(f"{SEND}?x=1", good)).status == 200
    assert (await Api(house).get(f"{RECORDS}?x=1&page=&per_page=&status=")).status == 200


@pytest.mark.parametrize("path", ["/apix", "/api.sms/send", "/apis"])
async def test_a_path_that_only_begins_with_the_same_letters_is_not_this_surface_s(house, path):
    answer = await house.client().post(path, {})
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("failure", "retry_after"), [(Unavailable(), "1"), (Overloaded(), "1"), (OSError(), None)]
)
async def test_what_is_our_own_trouble_is_500_and_says_when_to_come_again(house, failure, retry_after):
    api = Api(house)
    await api.get(ACCOUNT)  # the key is known from here on
    house.store.failure = failure
    answer = await api.send()
    status, message = said(answer)
    assert status == 500
    assert message.startswith("服务器内部错误")
    assert answer.headers.get("retry-after") == retry_after


async def test_a_defect_tells_the_request_s_id_and_nothing_of_itself(house):
    api = Api(house)
    await api.get(ACCOUNT)
    house.store.failure = ZeroDivisionError("secret text")
    answer = await api.get(RECORDS)
    assert answer.headers["x-request-id"] in answer.json()["message"]
    assert b"secret" not in answer.body


async def test_a_full_house_turns_requests_away_in_shape():
    house = await build(in_flight_max=0)
    answer = await Api(house).get(ACCOUNT)
    assert (answer.status, answer.headers["retry-after"]) == (500, "1")


async def test_a_head_has_no_body(house):
    answer = await Api(house).call("HEAD", ACCOUNT)
    assert (answer.status, answer.body) == (200, b"")
