import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from posthouse.vendors.adapter import Response
from posthouse.vendors.http_places import ANSWER, Places
from posthouse.vendors.http_rules import Rule
from posthouse.vendors.http_said import Said
from posthouse.vendors.http_templates import Pairs, Template

NAMES = frozenset({"text", "to", "params."})


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_value_in_json_stays_the_value_that_it_is(text):
    template = Template(
        '{{"a":"{text}","b":{text|json},"c":"x{text}y"}}', names=NAMES, around="json", where="b"
    )
    assert json.loads(template.fill({"text": text})) == {"a": text, "b": text, "c": f"x{text}y"}


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_value_in_a_query_stays_one_value(text):
    pairs = Pairs("a={text}&b=1&c={text|base64}&d=x{text|url}", names=NAMES, where="url")
    found = URL("http://h/?" + pairs.fill({"text": text}), encoded=True).query
    assert list(found) == ["a", "b", "c", "d"]
    assert (found["a"], found["d"]) == (text, f"x{text}")


@given(st.text())
def test_no_value_begins_another_header(text):
    filled = Template("x {text}", names=NAMES, around="header", where="headers").fill({"text": text})
    assert not set(filled) & {"\r", "\n", "\0"}


def test_a_pair_without_a_value_is_left_out_and_a_parameter_is_found_by_its_name():
    pairs = Pairs("a={text}&b={params.code}&c=[{to}]&d={params.x}", names=NAMES, where="url")
    assert pairs.fill({"text": "", "params.code": "1", "to": None}) == "b=1&c=[]"


def test_braces_are_written_twice():
    assert Template("{{{to}}} }}{{", names=NAMES, around="plain", where="b").fill({"to": "1"}) == "{1} }{"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("ab{nobody}", r"body, character 3: there is no \{nobody\} here; there are .*text"),
        ("{text", "body, character 1: a { without"),
        ("ab}", "body, character 3: a } without"),
        ("{text|rot13}", "there is no filter rot13; there are url, json"),
        ("{text.upper}", r"there is no \{text.upper\}"),
        ("{params.}", r"there is no \{params.\}"),
        ("{}", "is no placeholder"),
        ("{text|url|json}", "is no placeholder"),
        ("{text[0]}", "is no placeholder"),
    ],
)
def test_what_a_template_cannot_mean_is_said_with_its_place(text, complaint):
    with pytest.raises(ValueError, match=complaint):
        Template(text, names=NAMES, around="plain", where="body")


def holds(rule, status=200, body=b"", headers=None):
    return Rule.parse(rule, where="success").holds(Said(Response(status, headers or {}, body)))


@pytest.mark.parametrize(
    ("rule", "holding", "failing"),
    [
        ("status 202", {"status": 202}, {"status": 200}),
        ("status 200-204", {"status": 204}, {"status": 205}),
        ("json a.0.b = 0", {"body": b'{"a":[{"b":0}]}'}, {"body": b'{"a":[{"b":1}]}'}),
        ("json a = 'true'", {"body": b'{"a":true}'}, {"body": b'{"a":null}'}),
        ('text starts "0: A"', {"body": b" 0: Accepted"}, {"body": b"10: A"}),
        ("text contains OK", {"body": b"<OK/>"}, {"body": b"\xff\xfe"}),
        ("header X-Result = ok", {"headers": {"x-result": "ok"}}, {}),
        (
            "status 201 , status 200 and text = '1, and 2'",
            {"body": b"1, and 2"},
            {"status": 202, "body": b"1, and 2"},
        ),
    ],
)
def test_a_rule_holds_as_it_reads(rule, holding, failing):
    assert holds(rule, **holding)
    assert not holds(rule, **failing)


@pytest.mark.parametrize(
    "rule",
    [
        *(
            "",
            "status",
            "status ok",
            "status 2xx",
            "status 200,",
            "status 200 or status 201",
            "status 200 and",
        ),
        *("json", "json a", "json a ~ 1", "json a =", 'text starts ""', 'text = "x', "body = 1", "key = 1"),
    ],
)
def test_what_is_no_rule_is_refused_by_the_settings_name(rule):
    with pytest.raises(ValueError, match=r"^success: "):
        Rule.parse(rule, where="success")


@pytest.mark.parametrize(
    ("places", "found"),
    [
        ("json data.0.id, key", "7"),
        ("json data.1.id, key", "k1"),
        ("json data, json data.0, json data.0.id.x", None),
        ("header X-Id", "h 1"),
        ("header x-id after 'h '", "1"),
        ("text after 'id\":' before '}'", "7"),
        ("text after '[{' before ']'", '"id":7}'),
        ("text after nothing", None),
        ("status", "200"),
        ("", None),
    ],
)
def test_a_place_is_found_where_it_says(places, found):
    said = Said(Response(200, {"x-id": "h 1"}, b'{"data":[{"id":7}]}'), key="k1")
    assert Places.parse(places, kinds=ANSWER, where="reference").find(said) == found
