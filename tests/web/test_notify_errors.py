"""How `/notify` says no: its statuses, one Chinese sentence, and nothing else."""

import re

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.store import Overloaded, Unavailable
from posthouse.web.dialects.notify.errors import ANSWERS, problem
from posthouse.web.dialects.notify.routes import routes
from tests.web.house import House
from tests.web.notify import CODE, SEND, STATUS, TABLE, TEMPLATE, Notify, own, said, template

OURS = "短信发送失败,请稍后再试"
OURS_BY_CODE = {Code.OVERLOADED: 503, Code.UNAVAILABLE: 503, Code.INTERNAL: 500}
NOT_400 = OURS_BY_CODE | {
    Code.BODY_TOO_LARGE: 413,
    Code.RECIPIENT_LIMITED: 429,
    Code.OTP_COOLDOWN: 429,
    Code.CHECKS_PAUSED: 429,
    Code.COUNTRY_NOT_ALLOWED: 403,
    Code.NUMBER_TYPE_NOT_ALLOWED: 403,
    Code.GUARD_BLOCKED: 403,
    Code.GUARD_LIMITED: 429,
    Code.UNAUTHENTICATED: 401,
    Code.FORBIDDEN: 403,
    Code.ACCOUNT_NOT_VERIFIED: 403,
    Code.LOCAL_ONLY: 403,
    Code.TRIALS_EXHAUSTED: 403,
    Code.NOT_FOUND: 404,
    Code.METHOD_NOT_ALLOWED: 405,
    Code.RATE_LIMITED: 429,
}


@pytest.fixture
def notify(house: House) -> Notify:
    return Notify(house)


def told(code: Code, param: str | None = None) -> str:
    """The sentence of a refusal with this code."""
    return str(problem(Refusal(code, param=param), language="zh", request_id="req_1")[1]["desc"])


def test_every_code_has_its_status():
    answers = {code: problem(Refusal(code), language="zh", request_id="req_1")[0] for code in Code}
    assert answers == dict.fromkeys(Code, 400) | NOT_400 == ANSWERS


def test_every_answer_has_a_result_and_a_sentence_and_no_more():
    for code in Code:
        _, document = problem(Refusal(code), language="zh", request_id="req_1")
        assert list(document.items()) == [("result", "error"), ("desc", told(code))], code


def test_every_answer_is_one_chinese_sentence_without_another_surface_s_words():
    sentences = {(code, param): told(code, param) for code in Code for param in (None, "SendDate")}
    faulty = {
        key: desc
        for key, desc in sentences.items()
        if not re.search("[\u4e00-\u9fff]", desc)
        or re.search("/v1|on_error|rejected", desc)
        or desc.endswith("。")
    }
    assert not faulty


def test_only_what_is_ours_has_the_document_s_words_and_to_the_letter():
    assert {code for code in Code if told(code) == OURS} == set(OURS_BY_CODE)


def test_all_other_sentences_have_chinese_punctuation():
    latin = r"[\u4e00-\u9fff][,;:?!]|[,;:?!][\u4e00-\u9fff]"
    others = {code: told(code) for code in Code if code not in OURS_BY_CODE}
    assert not {code: desc for code, desc in others.items() if re.search(latin, desc)}


async def test_a_path_that_leads_nowhere_is_answered_in_shape(notify):
    paths = ["/notify", "/notify/", "/notify/send/", "/notify/receive", "/notify/send/1", "/notify/%00"]
    answers = {path: said(await notify.post(path, {})) for path in paths}
    assert answers == dict.fromkeys(paths, (404, "接口不存在，请核对请求路径"))


async def test_a_path_that_only_begins_with_the_same_letters_is_not_this_surface_s(house):
    for path in ("/notifyx", "/notify.send", "/notifications"):
        answer = await house.client().post(path, {})
        assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json"), path


async def test_a_wrong_method_is_told_the_right_one(notify):
    for path in (SEND, CODE, TEMPLATE, STATUS):
        for method in ("GET", "PUT", "DELETE", "BREW"):
            answer = await notify.call(method, path)
            status, desc = said(answer)
            assert (status, answer.headers["allow"], "POST" in desc) == (405, "POST", True), (method, path)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "请求体不是合法的 JSON"),
        (b"{", "请求体不是合法的 JSON，解析到第 1 行第"),
        (b'{"phone": "1", "phone": "2", "content": "1"}', "请求体不是合法的 JSON"),
        (b"[]", "请求不符合该接口的要求"),
        ('{"phone": "１"}'.encode("gbk"), "请求体不是有效的 UTF-8 编码"),
        (b"[" * 100 + b"]" * 100, "请求体中的对象或数组嵌套超过了 32 层"),
        (b'{"phone": "\\ud800", "content": "1"}', "字段 phone 的第 1 个字符 U+D800 无法发送"),
    ],
)
async def test_a_body_that_cannot_be_read_is_answered_in_shape(notify, body, sentence):
    status, desc = said(await notify.call("POST", SEND, body=body))
    assert (status, desc[: len(sentence)]) == (400, sentence)


async def test_a_body_beyond_the_limit_is_413(notify):
    status, desc = said(await notify.call("POST", SEND, body=b" " * (1024 * 1024 + 1)))
    assert (status, desc.startswith("请求体超过了该接口 1048576 字节的上限")) == (413, True)


@pytest.mark.parametrize(
    "headers", [{"content-type": "application/x-www-form-urlencoded"}, {"content-encoding": "gzip"}]
)
async def test_a_body_that_is_no_json_by_its_own_word_is_a_bad_request(notify, headers):
    assert said(await notify.call("POST", SEND, body=b"{}", headers=headers)) == (
        400,
        "请求体应为未压缩的 JSON，请将 Content-Type 设为 application/json",
    )


async def test_an_unknown_query_behind_a_call_is_refused_like_any_unknown_field(notify):
    status, desc = said(await notify.post(f"{CODE}?length=4", {}))
    assert (status, desc.startswith("该接口没有定义字段 length")) == (400, True)


@pytest.mark.parametrize(
    ("failure", "status", "retry_after"),
    [(Unavailable(), 503, "1"), (Overloaded(), 503, "1"), (OSError("secret"), 500, None)],
)
async def test_what_is_our_own_trouble_is_told_in_the_document_s_words(
    house, notify, failure, status, retry_after
):
    assert (await notify.send()).status == 200  # the key is known from here on
    house.store.failure = failure
    for answer in (
        await notify.send(),
        await notify.table(SignName="驿站", TemplateId="SMS_1", SmsTemplateParas=None),
        await notify.post(STATUS, {"message_id": "sms_0000000000000"}),
    ):
        assert said(answer) == (status, OURS)
        assert answer.headers.get("retry-after") == retry_after
        assert b"secret" not in answer.body


# Each of them once in every field: nothing may be our trouble.
HOSTILE: tuple[object, ...] = (
    *(None, True, False, 0, -1, 1.5, 10**30, 1e308, "", " ", "\x00", "\u202e", "【】", "{}", "{0.__class__}"),
    *(
        "9" * 5000,
        [],
        [[]],
        [None],
        ["\x00"],
        [{}],
        [{"name": "a", "value": None}],
        {},
        {"a": {}},
        ["a"] * 200,
    ),
)
WHOLE: dict[str, dict[str, object]] = {
    SEND: TABLE
    | {"phone": None, "content": None, "SmsSdkBatchId": "b", "SmsSignId": "", "idempotency_key": "k"},
    CODE: {"length": 6, "type": "number"},
    TEMPLATE: {"template_id": "1", "params": {"name": "a", "code": "1"}},
    STATUS: {"message_id": "sms_0000000000000"},
}


@pytest.mark.parametrize("path", list(WHOLE))
async def test_whatever_stands_in_a_field_is_no_trouble_of_ours(house, notify, path):
    house.store.owns[1] = own(template("2", "{1}"))
    form = next(route.form.type for route in routes(house.services) if route.path == path)
    for name in form.__struct_encode_fields__:
        if path == CODE and name == "idempotency_key":
            continue  # kept replies need a real store
        for value in HOSTILE:
            answer = await notify.post(path, WHOLE[path] | {name: value})
            assert answer.status in {200, 400, 404}, (name, value)
            if name not in ("AppID", "AppKey", "SmsSdkAppid"):
                continue
            headers = {"x-api-key": "", "x-api-secret": ""}
            answer = await notify.post(path, WHOLE[path] | {name: value}, headers=headers)
            assert answer.status in {400, 401}, (name, value)
