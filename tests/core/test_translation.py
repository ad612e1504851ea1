"""Vendors' templates read into ours: filled both ways they say the same."""

import re
from contextlib import suppress
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posthouse.core.catalogue import explain
from posthouse.core.errors import Code, Refusal
from posthouse.core.template import names, render
from posthouse.core.translation import Notation, Translated, translate

ALIYUN, TENCENT, HUAWEI, TWILIO = Notation

plain = st.text(st.sampled_from("您的码ab1$ ,。\n😀"), min_size=1, max_size=8)
with_braces = plain | st.sampled_from(["}", "{ -", "{\n", "a}b"])


def refused(text, notation, given_names=None):
    with pytest.raises(Refusal) as caught:
        translate(text, notation, given_names)
    return caught.value


def filled_by_vendor(text, notation, values):
    """What the vendor makes of its template: `values` by its own names, or in order of its positions."""
    if notation is HUAWEI:
        turns = iter(range(1, 1_000))
        return re.sub(r"\$\{[A-Z0-9_]+\}", lambda _: values[str(next(turns))], text)
    pattern = {
        ALIYUN: r"\$\{([A-Za-z]\w*)\}",
        TENCENT: r"\{([0-9]+)\}",
        TWILIO: r"\{\{(\w+)\}\}",
    }[notation]
    return re.sub(pattern, lambda found: values[found[1]], text)


@st.composite
def vendor_texts(draw):
    """A vendor's template, its notation, and whether its own text holds braces."""
    notation = draw(st.sampled_from(Notation))
    count = draw(st.integers(0, 4))
    places = {
        ALIYUN: [f"${{v{number}}}" for number in range(count)],
        TENCENT: [f"{{{number + 1}}}" for number in range(count)],
        HUAWEI: draw(
            st.lists(
                st.sampled_from(["${1}", "${2}", "${NUM_6}", "${TXT_20}", "${DATE}", "${CHARDIGIT}"]),
                min_size=count,
                max_size=count,
            )
        ),
        TWILIO: [f"{{{{{number + 1}}}}}" for number in range(count)],
    }[notation]
    if notation is not HUAWEI and places:
        places += draw(st.lists(st.sampled_from(places), max_size=2))
        places = draw(st.permutations(places))
    pieces = [draw(with_braces)]
    for place in places:
        pieces += [place, draw(with_braces)]
    return "".join(pieces), notation


@given(vendor_texts(), st.data())
def test_a_translated_template_says_what_the_vendors_would(written, data):
    text, notation = written
    ours = translate(text, notation)
    values = {name: data.draw(plain) for name in names(ours.text)}
    theirs = {parameter: values[name] for parameter, name in ours.parameters}
    assert render(ours.text, values) == filled_by_vendor(text, notation, theirs)


@given(vendor_texts(), st.data())
def test_with_names_of_our_own_it_says_the_same(written, data):
    text, notation = written
    numbered = [theirs for theirs, _ in translate(text, notation).parameters if theirs.isdigit()]
    own = data.draw(
        st.lists(st.sampled_from(["code", "name", "分钟"]), min_size=len(numbered), max_size=len(numbered))
    )
    ours = translate(text, notation, own)
    assert [name for theirs, name in ours.parameters if theirs.isdigit()] == own
    values = {name: data.draw(plain) for name in names(ours.text)}
    theirs = {parameter: values[name] for parameter, name in ours.parameters}
    assert render(ours.text, values) == filled_by_vendor(text, notation, theirs)


@given(st.sampled_from(Notation), st.text(st.sampled_from("${}1aA_ 【】你"), max_size=14))
def test_whatever_is_given_comes_out_as_a_template_or_is_refused_with_its_place(notation, text):
    answer: Translated | Refusal
    try:
        answer = translate(text, notation)
    except Refusal as refusal:
        answer = refusal
    if isinstance(answer, Translated):
        assert set(names(answer.text)) == {name for _, name in answer.parameters}
    else:
        assert (answer.code, answer.facts["fault"]) == (Code.INVALID_TEMPLATE, "foreign")
        assert text[int(answer.facts["position"]) - 1] in "${"


@pytest.mark.parametrize(
    ("notation", "text", "expected"),
    [
        (
            ALIYUN,
            "【阿里云】您的验证码为：${code}，${product}请勿泄露。",
            Translated(
                text="您的验证码为：{code}，{product}请勿泄露。",
                parameters=(("code", "code"), ("product", "product")),
                signature="阿里云",
            ),
        ),
        (
            TENCENT,
            "{1}为您的登录验证码，请于{2}分钟内填写",
            Translated("{1}为您的登录验证码，请于{2}分钟内填写", (("1", "1"), ("2", "2")), None),
        ),
        (TENCENT, "{2}和{1}，再{2}", Translated("{2}和{1}，再{2}", (("1", "1"), ("2", "2")), None)),
        (TENCENT, "Pay ${1} now", Translated("Pay ${1} now", (("1", "1"),), None)),
        (
            HUAWEI,
            "您有${1}件快递请到${2}领取",
            Translated("您有{1}件快递请到{2}领取", (("1", "1"), ("2", "2")), None),
        ),
        (
            HUAWEI,
            "温馨提醒：${DATETIME} ${DATETIME}的会议，密码${NUM_6}",
            Translated("温馨提醒：{1} {2}的会议，密码{3}", (("1", "1"), ("2", "2"), ("3", "3")), None),
        ),
        (
            TWILIO,
            "Hi {{name}}, {{1}} and {{10}} {2\n",
            Translated(
                text="Hi {name}, {1} and {10} {{2\n",
                parameters=(("1", "1"), ("10", "10"), ("name", "name")),
                signature=None,
            ),
        ),
        (TWILIO, "No variables", Translated("No variables", (), None)),
    ],
)
def test_examples_of_the_vendors_documents(notation, text, expected):
    assert translate(text, notation) == expected


def test_huaweis_labels_have_no_effect():
    """Its places are filled in order of appearance, whatever stands in them."""
    ours = translate("${2}，${2}，${1}", HUAWEI, ["to", "from", "when"])
    assert ours.text == "{to}，{from}，{when}"
    assert ours.parameters == (("1", "to"), ("2", "from"), ("3", "when"))


def test_names_are_for_the_numbers_in_their_order():
    ours = translate("{2}分钟内输入{1}", TENCENT, ["code", "minutes"])
    assert ours.text == "{minutes}分钟内输入{code}"
    assert ours.parameters == (("1", "code"), ("2", "minutes"))


def test_the_tenth_number_follows_the_ninth():
    text = "、".join(f"{{{number}}}" for number in range(1, 12))
    own = [f"v{number}" for number in range(1, 12)]
    assert translate(text, TENCENT, own).parameters[9:] == (("10", "v10"), ("11", "v11"))


def test_two_places_may_share_a_variable():
    ours = translate("{1} {2}", TENCENT, ["code", "code"])
    assert (ours.text, ours.parameters) == ("{code} {code}", (("1", "code"), ("2", "code")))


@pytest.mark.parametrize(
    ("text", "signature", "rest"),
    [
        ("【签名】正文", "签名", "正文"),
        (" \n【签名】正文", "签名", "正文"),
        ("【一】【二】正文", "一", "【二】正文"),
        ("正文【签名】", None, "正文【签名】"),
        ("【】正文", None, "【】正文"),
        ("【签名正文", None, "【签名正文"),
    ],
)
def test_a_signature_in_front_is_taken_off(text, signature, rest):
    ours = translate(text, TENCENT)
    assert (ours.signature, ours.text) == (signature, rest)


@pytest.mark.parametrize(
    ("notation", "text", "position"),
    [
        (ALIYUN, "您的${1}", 3),
        (ALIYUN, "【签名】您的{code}", 7),
        (ALIYUN, "${验证码}", 1),
        (ALIYUN, "a${code", 2),
        (ALIYUN, "{{1}}", 1),
        (TENCENT, "${code}", 2),
        (TENCENT, "{1}和{3}", 5),
        (TENCENT, "{0}", 1),
        (TENCENT, "{01}", 1),
        (TENCENT, "{ 1 }", 1),
        (TENCENT, "{{1}}", 1),
        (TENCENT, "a{}", 2),
        (HUAWEI, "${code}", 1),
        (HUAWEI, "${TXT_0}", 1),
        (HUAWEI, "{1}", 1),
        (TWILIO, "{1}", 1),
        (TWILIO, "a ${code}", 4),
        (TWILIO, "{{id name}}", 1),
        (TWILIO, "{{}}", 1),
        (TWILIO, "{{example}", 1),
        (TWILIO, "{{" + "x" * 17 + "}}", 1),
    ],
)
def test_another_vendors_place_is_refused_where_it_stands(notation, text, position):
    refusal = refused(text, notation)
    assert (refusal.code, refusal.param) == (Code.INVALID_TEMPLATE, "text")
    assert refusal.facts == {"fault": "foreign", "notation": notation.value, "position": position}


def test_the_refusal_says_whose_template_was_expected():
    refusal = refused("您的{1}", ALIYUN)
    assert explain(refusal, "en").detail == (
        "The text is not a template as Alibaba Cloud writes them, from position 3 on. Field: text."
    )
    chinese = explain(refusal, "zh")
    assert chinese.detail == "从第 3 个字符起，内容不符合阿里云的模板写法。字段：text。"
    assert chinese.suggested_action == "请选择该模板实际所属的服务商，或更正该处的变量。"


@pytest.mark.parametrize(
    ("notation", "text", "own", "param"),
    [
        (TENCENT, "{1}{2}", ["code"], "names"),
        (TENCENT, "{1}", ["code", "more"], "names"),
        (ALIYUN, "${code}", ["code"], "names"),
        (TENCENT, "{1}{2}", ["code", "no name"], "names[1]"),
        (TENCENT, "{1}", [""], "names[0]"),
        (HUAWEI, "${1}${1}", ["once"], "names"),
    ],
)
def test_names_that_do_not_fit_are_refused(notation, text, own, param):
    refusal = refused(text, notation, own)
    assert (refusal.code, refusal.param) == (Code.INVALID_VALUE, param)


def test_more_variables_than_we_allow_are_refused():
    refusal = refused("".join(f"{{{{{number}}}}}" for number in range(1, 52)), TWILIO)
    assert (refusal.code, refusal.facts["fault"]) == (Code.INVALID_TEMPLATE, "many")


@pytest.mark.parametrize("notation", Notation)
@pytest.mark.parametrize("unit", ["{", "}", "${", "{{", "{1", "{ ", "${1}", "{{1}}", "【", "a"])
def test_a_hostile_text_costs_no_more_than_its_length(notation, unit):
    text = unit * (100_000 // len(unit))
    begun = process_time()
    with suppress(Refusal):
        translate(text, notation)
    assert process_time() - begun < 2  # by the square of its length it would be minutes
