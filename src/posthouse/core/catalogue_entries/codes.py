"""Entries about one-time passwords: how often they are sent and checked, and what the guard holds up."""

from collections.abc import Mapping

from posthouse.core.catalogue_entries.entry import Entry, Text
from posthouse.core.errors import Code

_RETRY = {"retry_after_s": "when to try again, in seconds"}
_RULE = {"rule": "the guard's rule, as `velocity_prefix`"}
_SETTINGS = Text(
    "If such traffic is wanted, change the account's guard (`/v1/guard`, `posthouse guard`).",
    "如确属正常业务，请调整账户的防护设置。",
)

CODES: Mapping[Code, Entry] = {
    Code.TEMPLATE_NOT_OTP: Entry(
        title=Text("Not a template for codes", "不是验证码模板"),
        detail=Text(
            "A code can only be sent with a template of the kind 'otp' that has a variable named code.",
            "验证码只能使用类型为 otp 且含有变量 code 的模板发送。",
        ),
        action=Text(
            "Use such a template, or leave it out: there is a usual text in Chinese and in English.",
            "请改用此类模板，或不指定模板：系统自带中英文默认文案。",
        ),
    ),
    Code.OTP_COOLDOWN: Entry(
        title=Text("Code sent a moment ago", "验证码发送过于频繁"),
        detail=Text(
            "A code was sent to this number a moment ago.",
            "刚刚已向该号码发送过验证码。",
        ),
        precise=(
            Text(
                "A code was sent to this number a moment ago; another can be sent in {retry_after_s} s.",
                "刚刚已向该号码发送过验证码，{retry_after_s} 秒后可重新发送。",
            ),
        ),
        facts=_RETRY,
        action=Text(
            "Wait as long as Retry-After says; a code that came and was not used up can be used meanwhile.",
            "请等待 Retry-After 指示的时间；已收到且尚未失效的验证码仍可使用。",
        ),
        retryable=True,
    ),
    Code.CHECKS_PAUSED: Entry(
        title=Text("Checks paused", "验证暂停"),
        detail=Text(
            "Too many different numbers were tried with wrong codes; for a short time none is checked.",
            "短时间内有大量号码输入了错误的验证码，验证已暂停片刻。",
        ),
        precise=(
            Text(
                "Too many different numbers were tried with wrong codes; checks go on in {retry_after_s} s.",
                "短时间内有大量号码输入了错误的验证码，验证将在 {retry_after_s} 秒后恢复。",
            ),
        ),
        facts=_RETRY,
        action=Text(
            "Check the same code again then: no attempt was used up. See where the wrong codes come from.",
            "请届时重试同一验证码，本次不计入次数；并请排查错误验证码的来源。",
        ),
        retryable=True,
    ),
    Code.COUNTRY_NOT_ALLOWED: Entry(
        title=Text("Country not allowed", "不允许发往该国家或地区"),
        detail=Text(
            "The account sends no codes to numbers of this country.",
            "账户未开放向该国家或地区发送验证码。",
        ),
        precise=(
            Text(
                "The account sends no codes to numbers of {country}.",
                "账户未开放向 {country} 发送验证码。",
            ),
        ),
        facts={"country": "the number's country"},
        action=_SETTINGS,
    ),
    Code.NUMBER_TYPE_NOT_ALLOWED: Entry(
        title=Text("Kind of number not allowed", "不允许发往此类号码"),
        detail=Text(
            "Numbers of this kind get no codes, since others earn by every message to them.",
            "此类号码不发送验证码：它们常被用来刷取短信费用。",
        ),
        action=_SETTINGS,
    ),
    Code.GUARD_BLOCKED: Entry(
        title=Text("Held up by the guard", "已被防护规则拦截"),
        detail=Text(
            "The guard holds up codes to this number's prefix, or for this user's address.",
            "该号码的号段或用户地址已被防护规则拦截。",
        ),
        precise=(
            Text(
                "Held up by the guard's rule '{rule}' for another {retry_after_s} s.",
                "被防护规则 {rule} 拦截，还剩 {retry_after_s} 秒。",
            ),
            Text(
                "Held up by the guard's rule '{rule}'.",
                "被防护规则 {rule} 拦截。",
            ),
        ),
        facts=_RULE | _RETRY,
        action=Text(
            "If such traffic is wanted, take the entry off its list or change the rule (`posthouse guard`).",
            "如确属正常业务，请移除相应条目或调整规则。",
        ),
    ),
    Code.GUARD_LIMITED: Entry(
        title=Text("Too many codes", "验证码发送量超限"),
        detail=Text("More codes than the guard allows.", "验证码发送量超过了防护规则的限制。"),
        precise=(
            Text(
                "More codes than the rule '{rule}' allows; try again in {retry_after_s} s.",
                "发送量超过规则 {rule} 的限制，{retry_after_s} 秒后可重试。",
            ),
            Text(
                "More codes than the rule '{rule}' allows.",
                "发送量超过规则 {rule} 的限制。",
            ),
        ),
        facts=_RULE | _RETRY,
        action=_SETTINGS,
        retryable=True,
    ),
}
