"""Logical templates: rendering against a naive oracle, and every refusal by the variable's name."""

import string
from contextlib import suppress
from time import process_time
from timeit import repeat

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Lane
from posthouse.core.template import (
    NAME_MAX,
    TEXT_MAX,
    USUAL_LENGTH,
    VALUE_MAX,
    VARIABLES_MAX,
    Binding,
    Template,
    check,
    literal,
    names,
    places,
    render,
    variables_of,
)

CODE_TEXT = "尊敬的{name},您的验证码是{code},请及时输入。"

name = st.text(string.ascii_letters + string.digits + "_姓名é", min_size=1, max_size=NAME_MAX)
words = st.text(st.sampled_from("{}ab $验【】\n😀"), max_size=12)
harmless = st.text(
    st.characters(exclude_characters="【】\ufe3b\ufe3c\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), max_size=20
)


def template(text, lengths=None):
    return Template("t", Lane.OTP, 1, text, None, variables_of(text, lengths))


def written(pieces):
    """A template's text from literals and (name,) tuples: what an author would write."""
    return "".join(
        piece.replace("{", "{{").replace("}", "}}") if isinstance(piece, str) else "{" + piece[0] + "}"
        for piece in pieces
    )


def refused(call):
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value


# -------------------------------------------------------------------------------------------- rendering


@given(st.lists(words | st.tuples(name), max_size=12), st.data())
@example([("a",), "}", "{", ("a",)], None)
def test_a_text_is_what_its_author_wrote_with_the_values_in_its_places(pieces, data):
    used = list(dict.fromkeys(piece[0] for piece in pieces if isinstance(piece, tuple)))
    values = {each: "x" if data is None else data.draw(harmless) for each in used}
    oracle = "".join(piece if isinstance(piece, str) else values[piece[0]] for piece in pieces)
    text = written(pieces)
    assert names(text) == tuple(used)
    assert template(text).fill(values) == oracle
    assert template(text).filled_before(values) == render(text, values) == oracle
    assert literal(text) == "".join(piece for piece in pieces if isinstance(piece, str))


@given(st.lists(words | st.tuples(name), max_size=12))
def test_places_say_where_each_variable_is_written(pieces):
    text = written(pieces)
    found = places(text)
    assert [place.name for place in found] == [piece[0] for piece in pieces if isinstance(piece, tuple)]
    assert [text[place.start : place.end] for place in found] == ["{" + place.name + "}" for place in found]


@given(st.text("{}a1 ", max_size=12))
def test_doubled_braces_are_braces_and_all_others_have_a_name_between_them(text):
    """Against a reader that goes from character to character."""
    out, at = [], 0
    while at < len(text):
        if text[at : at + 2] in ("{{", "}}"):
            out.append(text[at])
            at += 2
        elif text[at] == "{":
            end = text.find("}", at)
            inner = text[at + 1 : end]
            if end < 0 or not inner or not set(inner) <= set("a1"):
                assert refused(lambda: names(text)).code is Code.INVALID_TEMPLATE
                return
            out.append("v")
            at = end + 1
        elif text[at] == "}":
            assert refused(lambda: names(text)).facts == {"fault": "brace", "position": at + 1}
            return
        else:
            out.append(text[at])
            at += 1
    assert render(text, dict.fromkeys(names(text), "v")) == "".join(out)


def test_values_are_text_whatever_they_look_like():
    values = {"name": "{code}", "code": "{{}}%s\\1 ${name}"}
    assert template("{name}: {code}").fill(values) == "{code}: {{}}%s\\1 ${name}"


def test_a_value_may_hold_a_tab_and_may_be_empty():
    assert template("a{x}b").fill({"x": "\t"}) == "a\tb"
    assert template("a{x}b").fill({"x": ""}) == "ab"


def test_a_binding_gives_the_vendors_parameters_in_its_order():
    binding = Binding("SMS_1", (("2", "code"), ("1", "name"), ("3", "code")))
    filled = binding.filled({"name": "张三", "code": "42"})
    assert list(filled.items()) == [("2", "42"), ("1", "张三"), ("3", "42")]


# --------------------------------------------------------------------------------------------- refusals


def test_a_missing_variable_is_refused_by_its_name():
    refusal = refused(lambda: template(CODE_TEXT).fill({"name": "张三"}))
    assert (refusal.code, refusal.param) == (Code.MISSING_PARAM, "params.code")
    assert refusal.facts == {"known": "name, code"}


def test_a_variable_too_many_is_refused_by_its_name():
    refusal = refused(
        lambda: template(CODE_TEXT).fill({"name": "a", "code": "1", "cod": "1"}, param="variables")
    )
    assert (refusal.code, refusal.param) == (Code.UNKNOWN_PARAM, "variables.cod")
    refusal = refused(lambda: template("no variable").fill({"x" * 9_999: "1"}))
    assert (refusal.code, refusal.param) == (Code.UNKNOWN_PARAM, f"params.{'x' * NAME_MAX}")
    assert refusal.facts == {"known": ""}


def test_a_misspelt_variable_counts_as_missing():
    refusal = refused(lambda: template(CODE_TEXT).fill({"name": "a", "cod": "1"}))
    assert (refusal.code, refusal.param) == (Code.MISSING_PARAM, "params.code")


def test_a_value_may_be_as_long_as_its_variable_says_and_no_longer():
    short = template("{a}{b}", {"a": 3})
    assert short.fill({"a": "abc", "b": "x" * USUAL_LENGTH})
    refusal = refused(lambda: short.fill({"a": "abcd", "b": "x"}))
    assert (refusal.code, refusal.param) == (Code.INVALID_PARAM, "params.a")
    assert refusal.facts == {"length": 4, "limit": 3}
    refusal = refused(lambda: short.fill({"a": "abc", "b": "x" * (USUAL_LENGTH + 1)}))
    assert (refusal.param, refusal.facts) == ("params.b", {"length": 65, "limit": 64})


@pytest.mark.parametrize("char", [*"【】\ufe3b\ufe3c"])
def test_a_value_cannot_pass_for_a_signature(char):
    refusal = refused(lambda: template(CODE_TEXT).fill({"name": f"张{char}三", "code": "1"}))
    assert (refusal.code, refusal.param, refusal.facts) == (
        Code.INVALID_PARAM,
        "params.name",
        {"fault": "brackets"},
    )


@pytest.mark.parametrize(
    "char", [char for char in map(chr, range(0x3000)) if len(f"a{char}b".splitlines()) > 1]
)
def test_a_value_cannot_begin_another_line(char):
    refusal = refused(lambda: template(CODE_TEXT).fill({"name": "a", "code": f"1{char}2"}))
    assert (refusal.code, refusal.param, refusal.facts) == (
        Code.INVALID_PARAM,
        "params.code",
        {"fault": "line_break"},
    )


@given(st.text(max_size=70))
def test_a_value_is_refused_for_its_length_brackets_or_lines_and_for_nothing_else(value):
    bad = (
        len(value) > USUAL_LENGTH
        or bool(set(value) & set("【】\ufe3b\ufe3c"))
        or value.splitlines() != [value][: len(value)]
    )
    if bad:
        assert refused(lambda: template("{x}").fill({"x": value})).param == "params.x"
    else:
        assert template("{x}").fill({"x": value}) == value


@pytest.mark.parametrize(
    ("text", "fault", "position"),
    [
        ("a{", "brace", 2),
        ("a}", "brace", 2),
        ("{a{b}}", "brace", 1),
        ("{a}}", "brace", 4),
        ("{}", "name", 1),
        ("你好{ name }", "name", 3),
        ("{a.b}", "name", 1),
        ("{a!r:>99}", "name", 1),
        ("{{{a-b}}}", "name", 3),
        ("{" + "n" * (NAME_MAX + 1) + "}", "name", 1),
    ],
)
def test_a_text_that_cannot_be_read_is_refused_by_the_place(text, fault, position):
    refusal = refused(lambda: names(text))
    assert (refusal.code, refusal.param) == (Code.INVALID_TEMPLATE, "text")
    assert refusal.facts == {"fault": fault, "position": position}


def test_a_template_has_at_most_so_many_variables():
    full = "".join(f"{{v{number}}}" for number in range(VARIABLES_MAX))
    assert len(names(full + full)) == VARIABLES_MAX
    refusal = refused(lambda: variables_of(full + "{one_more}"))
    assert refusal.facts == {"fault": "many", "limit": VARIABLES_MAX}


def test_lengths_belong_to_variables_and_have_a_range():
    assert variables_of("{a}{b}", {"b": VALUE_MAX}) == (("a", USUAL_LENGTH), ("b", VALUE_MAX))
    refusal = refused(lambda: variables_of("{a}", {"b": 3}))
    assert (refusal.code, refusal.param) == (Code.UNKNOWN_PARAM, "variables.b")
    for length in (0, -1, VALUE_MAX + 1):
        refusal = refused(lambda length=length: variables_of("{a}", {"a": length}))
        assert (refusal.code, refusal.param) == (Code.INVALID_VALUE, "variables.a")


# ------------------------------------------------------------------------- texts that could not be sent


@pytest.mark.parametrize(
    "text", [CODE_TEXT, "{a}", "【签名】正文", "a\tb\r\nc", "{{", "字" * 670, "a" * TEXT_MAX]
)
def test_a_text_that_can_be_sent_passes(text):
    check(text)


@pytest.mark.parametrize("text", ["", " \n", "\u200b\u3164"])
def test_a_text_that_shows_nothing_is_refused(text):
    assert refused(lambda: check(text)).code is Code.EMPTY_TEXT


def test_a_control_character_is_refused_by_its_place():
    refusal = refused(lambda: check("a{x}\x1b"))
    assert (refusal.code, refusal.facts) == (Code.INVALID_TEXT, {"codepoint": "U+001B", "position": 5})


def test_a_text_that_needs_too_many_parts_without_any_value_is_refused():
    check("字" * 670 + "{a}")
    refusal = refused(lambda: check("字" * 671 + "{a}"))
    assert (refusal.code, refusal.facts) == (Code.TEXT_TOO_LONG, {"parts": 11, "limit": 10})
    assert refused(lambda: check("字" * 667, signature="名字")).code is Code.TEXT_TOO_LONG
    assert refused(lambda: check("a" * (TEXT_MAX + 1))).code is Code.TEXT_TOO_LONG


def test_a_text_is_bounded_as_it_is_written():
    refusal = refused(lambda: check("{a}" * 600))
    assert (refusal.code, refusal.facts) == (Code.INVALID_VALUE, {"length_max": TEXT_MAX})


def test_a_text_that_is_no_template_is_refused():
    assert refused(lambda: check("a}")).code is Code.INVALID_TEMPLATE


# ------------------------------------------------------------------------------------------------- speed


def seconds(call, number):
    return min(repeat(call, number=number, repeat=7, timer=process_time)) / number


def test_a_message_is_rendered_in_five_microseconds():
    known, values = template(CODE_TEXT), {"name": "张三", "code": "123456"}
    assert seconds(lambda: known.fill(values), 5_000) < 5e-6


@pytest.mark.parametrize("unit", ["{", "}", "{{", "{a", "{a}", "a", "{a}}", "{ ", "{{a}"])
def test_a_hostile_text_costs_no_more_than_its_length(unit):
    text = unit * (200_000 // len(unit))
    begun = process_time()
    with suppress(Refusal):
        names(text)
    assert process_time() - begun < 2  # by the square of its length it would be minutes
