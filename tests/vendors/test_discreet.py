"""Vendors' words: nothing of what a message says is kept of them, and what went wrong still is."""

import json
from urllib.parse import quote

import pytest

from posthouse.core.verdict import Accepted, Deferred, Reason, Refused, Unknown
from posthouse.vendors.adapter import refusal
from posthouse.vendors.discreet import DROPPED, WORDS_MAX, discreet
from tests.vendors import replay

CODE, TO = "493817", "+8613800138000"
TEXT = f"【驿站】您的验证码是{CODE}，5 分钟内有效。"
PARAMS = {"code": CODE, "minutes": "5", "name": "王小明", "who": "Alice"}
BY_TEXT = replay.outbound(text=TEXT, to=TO)
BY_TEMPLATE = replay.outbound(template_id="1", params=PARAMS, to=TO)
PARAM_JSON = json.dumps(PARAMS, ensure_ascii=False)


def kept(words, *batch):
    (verdict,) = discreet([Refused(Reason.CONTENT, "30007", words)], batch)
    assert isinstance(verdict, Refused)
    assert verdict.code == "30007"
    return verdict.text


@pytest.mark.parametrize("message", [BY_TEXT, BY_TEMPLATE])
@pytest.mark.parametrize(
    "words",
    [
        f"content [您的验证码{CODE}] contains a sensitive word",
        f"{CODE}",
        f"x{CODE}y is no parameter",
        f"cut off after 验证码是{CODE[:4]}",
        f"TemplateParam={quote(PARAM_JSON)}&x",
        f"TemplateParam={quote(quote(PARAM_JSON))}",
        f"TemplateParam={quote(quote(quote(PARAM_JSON)))}",
        f"params {json.dumps(PARAM_JSON)}",
        f"&#52;{CODE[1:3]}&#56;17",
        "".join(f"\\u{ord(each):04x}" for each in CODE),
    ],
)
def test_words_that_repeat_the_code_are_dropped(message, words):
    assert kept(words, message) == DROPPED


@pytest.mark.parametrize("words", ["no such name: Alice", "too long: 王小明", "at most 5 of these", "5"])
def test_so_are_words_that_repeat_any_parameter(words):
    assert kept(words, BY_TEMPLATE) == DROPPED


def test_a_phrase_of_a_text_in_any_alphabet_is_dropped():
    message = replay.outbound(text="Dear customer, your parcel waits in the cellar")
    assert kept("bad: '…mer, your parcel waits i…'", message) == DROPPED
    assert kept(json.dumps("您的验证码"), BY_TEXT) == DROPPED


@pytest.mark.parametrize(
    "words",
    [
        "Message body is required",
        "Permission to send an SMS has not been enabled for the region",
        "request 5F6A-22: the signature is not approved (30007)",
        "触发分钟级流控",
        "",
    ],
)
def test_what_went_wrong_is_kept(words):
    assert kept(words, BY_TEXT) == words
    assert kept(words, BY_TEMPLATE) == words


@pytest.mark.parametrize("number", [TO, TO[1:], TO[3:], "86-138 0013 8000", "(86) 138-0013-8000"])
def test_the_number_is_masked_in_each_of_its_forms(number):
    told = kept(f"The number {number} is wrong, id 20261122143000", BY_TEXT)
    assert told.endswith("****8000 is wrong, id 20261122143000")
    assert "0013" not in told


def test_a_number_that_only_unescaping_shows_is_not_kept_either():
    assert kept("".join(f"%{ord(each):02x}" for each in TO), BY_TEXT) == DROPPED


def test_one_answer_for_many_may_quote_any_of_them():
    batch = [BY_TEMPLATE, replay.outbound(to="+8613900139000", params={"code": "771204"}, template_id="1")]
    verdicts = discreet([Accepted("r"), Unknown("HTTP 500: said 771204")], batch)
    assert verdicts == [Accepted("r"), Unknown(DROPPED)]
    again = Deferred(Reason.RATE_LIMITED, text="13900139000")
    assert discreet([again] * 2, batch) == [Deferred(Reason.RATE_LIMITED, text="****9000")] * 2


def test_a_code_of_the_vendors_that_is_the_messages_is_none():
    assert discreet([Refused(Reason.UNKNOWN, f"E{CODE}")], [BY_TEXT]) == [Refused(Reason.UNKNOWN, DROPPED)]


def test_a_quotation_is_found_before_it_is_cut_to_size():
    for at in range(WORDS_MAX - len(CODE), WORDS_MAX + 1):
        assert kept(refusal(Reason.AUTH, "1", "-" * at + CODE).text, BY_TEXT) == DROPPED
    assert len(kept(refusal(Reason.AUTH, "1", "-" * 10**6).text, BY_TEXT)) == WORDS_MAX
