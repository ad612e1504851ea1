"""Refusals about templates and about what an account does not let pass, in whole sentences."""

from posthouse.core.catalogue import explain
from posthouse.core.catalogue_entries.words import WORDS
from posthouse.core.errors import Code, Refusal
from posthouse.core.limits import RecipientLimits
from posthouse.core.translation import Notation

CANNOT = "The variable 'params.name' cannot be used"


def test_windows_and_vendors_notations_have_words():
    assert list(WORDS["window"]) == list(RecipientLimits._fields)
    assert list(WORDS["notation"]) == [notation.value for notation in Notation]


REFUSED: list[tuple[Refusal, str, str]] = [
    (
        Refusal(Code.RECIPIENT_LIMITED, param="to", limit=5, window="hour", retry_after_s=1800),
        "A number may get at most 5 such messages in an hour; try again in 1,800 s. Field: to.",
        "同一号码每小时最多接收 5 条此类短信，1800 秒后可重试。字段：to。",
    ),
    (
        Refusal(Code.MISSING_PARAM, param="params.code", known="name, code"),
        "The variable 'params.code' has no value; the template's variables are: name, code.",
        "缺少变量 params.code，该模板的变量为：name, code。",
    ),
    (
        Refusal(Code.UNKNOWN_PARAM, param="params.cod", known=""),
        "The template has no variable 'params.cod'.",
        "模板中没有变量 params.cod。",
    ),
    (
        Refusal(Code.INVALID_PARAM, param="params.name", fault="brackets"),
        f"{CANNOT}: it contains 【 or 】, which are reserved for signatures.",
        "变量 params.name 的值不可用：含有【】，该符号仅用于签名。",
    ),
    (
        Refusal(Code.INVALID_PARAM, param="params.name", fault="line_break"),
        f"{CANNOT}: it contains a line break.",
        "变量 params.name 的值不可用：含有换行符。",
    ),
    (
        Refusal(Code.INVALID_TEMPLATE, param="text", fault="brace", position=7),
        "The template's text cannot be read at position 7: a brace has no counterpart. Field: text.",
        "模板内容第 7 个字符处有误：花括号没有成对出现。字段：text。",
    ),
    (
        Refusal(Code.INVALID_TEMPLATE, param="text", fault="many", limit=50),
        "A template may have at most 50 variables. Field: text.",
        "模板最多可以有 50 个变量。字段：text。",
    ),
    (
        Refusal(Code.INVALID_VALUE, param="quiet_hours", kind="hours"),
        "The field 'quiet_hours' must be a time span with different ends, as 21:00-08:00.",
        "字段 quiet_hours 应为一天中的一段时间，例如 21:00-08:00，起止不能相同。",
    ),
    (
        Refusal(Code.INVALID_VALUE, param="names[1]", kind="variable"),
        "The field 'names[1]' must be a variable's name: at most 40 letters, digits and underscores.",
        "字段 names[1] 应为变量名：由文字、数字和下划线组成，最多 40 个字符。",
    ),
    (
        Refusal(Code.INVALID_VALUE, param="names", kind="names"),
        "The field 'names' must be one name for each place of the text that only has a number.",
        "字段 names 应为与文中编号变量一一对应的名称。",
    ),
    (
        Refusal(Code.SENSITIVE_WORD, param="body", word="casino"),
        "The message contains 'casino', which is on the account's block list. Field: body.",
        "短信含有账户禁止发送的词语“casino”。字段：body。",
    ),
]


def test_what_a_template_or_an_account_does_not_let_pass_is_said_plainly():
    for refusal, english, chinese in REFUSED:
        assert [explain(refusal, language).detail for language in ("en", "zh")] == [english, chinese]
