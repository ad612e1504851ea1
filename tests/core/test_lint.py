"""What reviewers refuse: every rule on texts that break it and on texts that keep it."""

import re
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posthouse.core.catalogue_entries.lint import LINT
from posthouse.core.errors import Code, Refusal
from posthouse.core.lint import LENGTH_MAX, PER_RULE_MAX, Finding, Rule, left_out, lint, worded
from posthouse.core.message import Lane
from posthouse.core.template import Variable

OTP, NOTICE, MARKETING = Lane
OPT_OUT = "拒收请回复R"
HAN = re.compile("[\u4e00-\u9fff]")


def rules(text, kind=NOTICE, signature=None):
    return {finding.rule for finding in lint(text, kind, signature)}


def positions(rule, text, kind=NOTICE, signature=None):
    return [finding.position for finding in lint(text, kind, signature) if finding.rule is rule]


@pytest.mark.parametrize(
    ("text", "kind", "signature"),
    [
        ("您的验证码是{code}，5分钟内有效，请勿泄露。", OTP, "签名"),
        ("Your code is {code}. It expires in 5 minutes.", OTP, None),
        ("{1}为您的登录验证码，请勿泄露。", OTP, None),
        ("尊敬的{name}，您的订单{order}已发货，客服电话 400-123-4567。", NOTICE, "签名"),
        ("会员日全场八折，拒收请回复R", MARKETING, "签名"),
        ("Members save 20% today. Reply STOP to opt out.", MARKETING, "Acme"),
        ("您的余额为{amount}元，版本 3.2.1，时间 10.30", NOTICE, "签名"),
        ("费用{{固定}}100元", NOTICE, None),
        ("停机时间为 2026-11-22 13:00", NOTICE, None),
    ],
)
def test_texts_as_reviewers_like_them_have_no_finding(text, kind, signature):
    assert lint(text, kind, signature) == ()


@pytest.mark.parametrize(
    ("text", "signature", "found"),
    [
        ("【甲】【乙】您好", None, [3]),
        ("【甲】您好【乙】", None, [5]),
        ("【甲】您好", "乙", [0]),
        ("【甲】您好【乙】", "甲", [5]),
        ("【甲】您好", "甲", []),
        ("【甲】您好", None, []),
    ],
)
def test_a_message_has_one_signature(text, signature, found):
    assert positions(Rule.SEVERAL_SIGNATURES, text, signature=signature) == found


@pytest.mark.parametrize(
    ("text", "found"), [("【甲】您好", [0]), ("您好【甲", [2]), ("您好】", [2]), ("您好[甲]吗", [])]
)
def test_brackets_of_a_signature_belong_to_a_signature(text, found):
    assert positions(Rule.SIGNATURE_IN_TEXT, text) == found


@pytest.mark.parametrize(
    ("text", "broken"),
    [("{a}", True), ("{a}，{b}。", True), ("{a} {{", True), ("您好{a}", False), ("hi", False), ("。", False)],
)
def test_a_text_says_something_by_itself(text, broken):
    assert (Rule.ONLY_VARIABLES in rules(text)) is broken


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("您好{a}{b}", [5]),
        ("您好{a} {b}", [6]),
        ("您好{a}{b}{c}", [5, 8]),
        ("您好{a}、{b}", []),
        ("您好{a}{{{b}", []),
    ],
)
def test_variables_stand_apart(text, found):
    assert positions(Rule.ADJACENT_VARIABLES, text) == found


def test_marketing_texts_have_no_variables():
    assert positions(Rule.MARKETING_VARIABLE, "{name}会员日{a}", MARKETING) == [0]
    assert Rule.MARKETING_VARIABLE not in rules("{name}会员日", NOTICE)


LINKS = {Rule.LINK, Rule.SHORT_LINK, Rule.VARIABLE_LINK, Rule.OTP_LINK}


@pytest.mark.parametrize(
    ("text", "rule", "position"),
    [
        ("详情见https://example.com/a?b=1。", Rule.LINK, 3),
        ("详情见www.example.com.cn查看", Rule.LINK, 3),
        ("访问example.cn/order领取", Rule.LINK, 2),
        ("Visit HTTP://EXAMPLE.COM", Rule.LINK, 6),
        ("点击t.cn/A1b2查看", Rule.SHORT_LINK, 2),
        ("点击https://dwz.cn/x", Rule.SHORT_LINK, 2),
        ("See bit.ly/abc", Rule.SHORT_LINK, 4),
        ("详情见www.{site}.cn", Rule.VARIABLE_LINK, 3),
        ("详情见https://{host}/a", Rule.VARIABLE_LINK, 3),
        ("详情见example.com/{order}。", Rule.VARIABLE_LINK, 3),
        ("点击t.cn/{code}", Rule.VARIABLE_LINK, 2),
        ("点击{url}查看", Rule.VARIABLE_LINK, 2),
        ("点击{short_link}查看", Rule.VARIABLE_LINK, 2),
        ("点击{活动链接}查看", Rule.VARIABLE_LINK, 2),
        ("详情见https://example.com/{url}", Rule.VARIABLE_LINK, 3),
    ],
)
def test_links_are_fixed_and_whole(text, rule, position):
    found = [finding for finding in lint(text, NOTICE, None) if finding.rule in LINKS]
    assert found == [Finding(rule, position)]
    assert positions(Rule.OTP_LINK, f"验证码{{code}}，{text}", OTP) == [position + 10]


@pytest.mark.parametrize(
    "text", ["版本 1.2.3", "说明：a.b", "10.5元", "it is e.g. this", "me@example.com", "a.company"]
)
def test_not_every_dot_is_a_link(text):
    assert not rules(text) & LINKS


@pytest.mark.parametrize(
    "words",
    [
        OPT_OUT,
        "拒收回复R",
        "退订回T",
        "回TD退订",
        "回复 TD 退订",
        "退订请回复N",
        "回复T可退订",
        "Reply STOP to opt out",
        "text stop to unsubscribe",
        "STOP退订",
        "Opt-out: reply 'stop'",
    ],
)
def test_marketing_says_how_to_opt_out_and_nothing_else_does(words):
    assert Rule.NO_OPT_OUT not in rules(f"会员日八折，{words}", MARKETING)
    assert positions(Rule.OPT_OUT, f"您的订单已发货，{words}", NOTICE)
    assert Rule.OPT_OUT in rules(f"验证码{{code}}，{words}", OTP)


@pytest.mark.parametrize("text", ["会员日八折", "non-stop savings", "Stop by our shop", "退订说明见官网", ""])
def test_marketing_without_a_way_out_is_found(text):
    assert Finding(Rule.NO_OPT_OUT, None) in lint(text, MARKETING, None)
    assert Rule.OPT_OUT not in rules(text, NOTICE)


@pytest.mark.parametrize(
    "name", ["code", "verifyCode", "otp", "PIN", "1", "captcha", "验证码", "动态口令", "password"]
)
def test_a_verification_code_has_a_variable_for_it(name):
    assert Rule.OTP_WITHOUT_CODE not in rules(f"验证码：{{{name}}}", OTP)
    assert Rule.OTP_WITHOUT_CODE in rules("验证码：{name}", OTP)
    assert Rule.OTP_WITHOUT_CODE in rules("验证码：1234", OTP)
    assert Rule.OTP_WITHOUT_CODE not in rules("您好{name}", NOTICE)


def test_a_verification_code_is_the_only_variable():
    assert positions(Rule.OTP_VARIABLES, "{name}的验证码是{code}，{code}", OTP) == [11]
    assert Rule.OTP_VARIABLES not in rules("验证码{code}，{code}", OTP)


@pytest.mark.parametrize("word", ["验证码", "注册码", "校验码", "动态码", "动态密码", "Code", "passcode"])
def test_a_verification_code_is_called_one(word):
    assert Rule.OTP_WORDING not in rules(f"{word}：{{x}}", OTP)
    assert Rule.OTP_WORDING in rules("decoded {code}", OTP)


@pytest.mark.parametrize(
    ("contact", "only_otp"),
    [
        ("13800138000", False),
        ("138-0013-8000", False),
        ("QQ群12345678", False),
        ("加微信：abc_123", False),
        ("微信{wechat}", False),
        ("me.you@example.com", False),
        ("400-123-4567", True),
        ("95555", True),
        ("0571-88888888", True),
    ],
)
def test_contact_data_is_found(contact, only_otp):
    assert (Rule.CONTACT in rules(f"请联系{contact}。", NOTICE)) is not only_otp
    assert positions(Rule.CONTACT, f"验证码{{code}}，请联系{contact}。", OTP)


@pytest.mark.parametrize(
    "text", ["订单213800138000号", "微信支付已到账", "微信小程序", "QQ音乐会员", "金额 1 380 元"]
)
def test_what_only_looks_like_contact_data_is_not(text):
    assert Rule.CONTACT not in rules(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("优惠¥100", [2]),
        ("★活动★", [0, 3]),
        ("好^_^", [1]),
        ("[签名]你好", [0]),
        ("你[好]吗", []),
        ("①", [0]),
    ],
)
def test_symbols_that_come_out_garbled_are_found(text, found):
    assert positions(Rule.SYMBOL, text) == found


def test_a_message_has_at_most_five_hundred_characters():
    assert Rule.TOO_LONG not in rules("字" * LENGTH_MAX + "{a}")
    assert Finding(Rule.TOO_LONG, None) in lint("字" * (LENGTH_MAX + 1), NOTICE, None)
    assert Rule.TOO_LONG in rules("字" * (LENGTH_MAX - 3), signature="签名")


def test_a_template_whose_longest_message_has_too_many_parts_is_found():
    text = "您好" * 10 + "{a}{b}"
    fitting, longer = Variable("a", 330), Variable("b", 321)
    assert Rule.TOO_MANY_PARTS not in {
        each.rule for each in lint(text, NOTICE, None, (fitting, Variable("b", 320)))
    }
    assert Finding(Rule.TOO_MANY_PARTS, None) in lint(text, NOTICE, None, (fitting, longer))


def test_a_variable_that_a_binding_does_not_pass_on_is_found_where_it_first_stands():
    text = "{a}, {b} and {b}, {c}"
    assert left_out(text, ["a", "b", "c"]) == ()
    assert left_out(text, ["a"]) == (Finding(Rule.LEFT_OUT, 5), Finding(Rule.LEFT_OUT, 18))


def test_one_rule_is_told_of_so_many_places_and_no_more():
    assert positions(Rule.SYMBOL, "★" * 100) == list(range(PER_RULE_MAX))


def test_what_is_no_template_is_refused():
    with pytest.raises(Refusal) as caught:
        lint("{", NOTICE, None)
    assert caught.value.code is Code.INVALID_TEMPLATE


fragments = st.sampled_from(
    ["{a}", "{url}", "【", "】", "www.", "a.cn", "QQ", "138", "{{", "}}", "★", "退订", " ", "字"]
)


@given(st.lists(fragments, max_size=40).map("".join), st.sampled_from(Lane), st.none() | st.just("签名"))
def test_every_finding_can_be_worded_and_its_place_is_in_the_text(text, kind, signature):
    for finding in lint(text, kind, signature):
        assert finding.position is None or 0 <= finding.position < len(text)
        assert worded(finding, "en")
        assert worded(finding, "zh")


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "a.",
        "a-",
        "www.",
        "http://",
        "【",
        "1",
        "138 ",
        "qq ",
        "@",
        "a@",
        "a@a.",
        "{a}",
        "{a}.",
        "退订",
        "回",
        " ",
    ],
)
def test_a_hostile_text_is_looked_through_quickly(unit):
    text = unit * (1_530 // len(unit))
    begun = process_time()
    for kind in Lane:
        lint(text, kind, "签名")
    assert process_time() - begun < 0.25


# -------------------------------------------------------------------------------------------- the wording


def test_every_rule_has_its_advice():
    assert list(LINT) == [rule.value for rule in Rule]
    assert all(rule.value == rule.name.lower() for rule in Rule)


@pytest.mark.parametrize("rule", Rule)
def test_advice_is_said_in_whole_sentences_of_both_languages(rule):
    for text in LINT[rule.value]:
        assert text.en[-1] == "."
        assert text.zh[-1] == "。"
        assert HAN.search(text.zh)
        assert not re.search(r"[\u4e00-\u9fff][,;:?!()]|[,;:?!()][\u4e00-\u9fff]", text.zh)


def test_a_finding_is_said_with_its_remedy():
    finding = Finding(Rule.OTP_LINK, 3)
    assert worded(finding, "en") == (
        "A verification code's text contains a link, which vendors do not allow. Remove the link."
    )
    assert worded(finding, "zh") == "验证码模板含有链接，服务商不允许。请删除链接。"
