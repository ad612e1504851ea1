"""The longest message of a template."""

from hypothesis import given
from hypothesis import strategies as st

from posthouse.core.sizing import Sized, worst
from posthouse.core.template import Variable, render, variables_of
from posthouse.core.text import Culprit, Encoding, measure, with_signature

texts = st.lists(
    st.sampled_from(["{a}", "{b}", "{{", "}}", "hello ", "验证码", "😀", "€"]), min_size=1, max_size=30
).map("".join)
lengths = st.integers(1, 200)


@given(texts, lengths, lengths, st.sampled_from([None, "Acme", "名字"]), st.sampled_from(["CN", "US"]))
def test_no_message_of_plain_values_is_longer_than_its_templates_worst(text, a, b, signature, country):
    variables = tuple(
        variable._replace(max_length=a if variable.name == "a" else b) for variable in variables_of(text)
    )
    sized = worst(text, variables, signature, country=country)
    for fill in (1, 2):
        values = {name: "x" * (length // fill) for name, length in variables}
        message = measure(with_signature(render(text, values), signature), country=country)
        assert message.parts <= sized.parts <= sized.parts_unicode
        assert message.units <= sized.units
        assert fill == 2 or (message.encoding, message.units) == (sized.encoding, sized.units)
    unicode = {name: "字" * length for name, length in variables}
    assert (
        measure(with_signature(render(text, unicode), signature), country=country).parts
        == sized.parts_unicode
    )


def test_values_outside_gsm7_cost_more_parts():
    assert worst("Hi {name}", (Variable("name", 157),), None, country="US") == Sized(
        Encoding.GSM7, 160, 1, 3, ()
    )


def test_a_variable_counts_wherever_it_stands():
    assert worst("{a} {a}", (Variable("a", 10),), None, country="US").units == 21


def test_culprits_are_those_of_the_text_and_not_of_a_variables_name():
    sized = worst("Hello {姓名}, it’s {{ready}}", (Variable("姓名", 3),), None, country="US")
    assert sized.culprits == (Culprit("’", 14),)
    assert (sized.encoding, sized.units) == (Encoding.UCS2, 23)


def test_a_signatures_brackets_force_ucs2_without_a_culprit_in_the_text():
    sized = worst("Hello", (), "Acme", country="US")
    assert (sized.encoding, sized.units, sized.culprits) == (Encoding.UCS2, 11, ())


def test_in_mainland_china_all_values_weigh_the_same():
    sized = worst("您的验证码是{code}", (Variable("code", 6),), "签名", country="CN")
    assert (sized.units, sized.parts, sized.parts_unicode, sized.culprits) == (16, 1, 1, ())
