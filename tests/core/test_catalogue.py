"""Refusals in words: whole in both languages, precise where facts are known, and unmoved by hostile ones."""

import pickle
import re
from collections.abc import Callable, Iterable

from hypothesis import given
from hypothesis import strategies as st

from posthouse.core.catalogue import CATALOGUE, REASONS, Entry, Text, entries, entries_of, explain, negotiate
from posthouse.core.catalogue_entries.codes import CODES
from posthouse.core.catalogue_entries.message import MESSAGE
from posthouse.core.catalogue_entries.request import REQUEST
from posthouse.core.catalogue_entries.service import SERVICE
from posthouse.core.catalogue_entries.template import TEMPLATE
from posthouse.core.catalogue_entries.words import WORDS
from posthouse.core.errors import Code, Refusal
from posthouse.core.message import State
from posthouse.core.otp import VerificationState
from posthouse.core.phone import NumberProblem
from posthouse.core.verdict import Reason

ENTRIES = [*CATALOGUE.values(), *REASONS.values()]
HAN = re.compile("[\u4e00-\u9fff]")
LANGUAGES = st.sampled_from(["en", "zh"])


def placeholders(sentence):
    return set(re.findall(r"\{([^}]*)\}", sentence))


def plain_texts(entry: Entry) -> list[Text]:
    return [entry.title, entry.detail, entry.action, *entry.instead.values()]


def sentences(entry: Entry) -> list[Text]:
    return [entry.detail, entry.action, *entry.instead.values(), *entry.precise]


def all_texts(entry: Entry) -> list[Text]:
    return [entry.title, *sentences(entry)]


def precise(entry: Entry) -> Iterable[Text]:
    return entry.precise


def faulty(texts: Callable[[Entry], Iterable[Text]], good: Callable[[Text], object]) -> list[Text]:
    """These texts of all entries, but for those that are good."""
    return [text for entry in ENTRIES for text in texts(entry) if not good(text)]


# ------------------------------------------------------------------------------------------- completeness


def test_every_code_has_exactly_one_entry():
    assert set(CATALOGUE) == set(Code)
    assert len(REQUEST) + len(MESSAGE) + len(TEMPLATE) + len(CODES) + len(SERVICE) == len(Code)


def test_every_reason_has_an_entry():
    assert set(REASONS) == {reason.value for reason in Reason}


def test_a_codes_value_is_its_name_in_lower_case():
    assert all(code.value == code.name.lower() for code in Code)


def test_everything_is_said_in_both_languages():
    assert not faulty(all_texts, lambda text: text.en.strip() == text.en != "" and not HAN.search(text.en))
    assert not faulty(all_texts, lambda text: HAN.search(text.zh))


def test_titles_are_a_few_words_and_the_rest_are_sentences():
    titles = [entry.title for entry in ENTRIES]
    assert not [title for title in titles if title.en[-1] in ".?" or len(title.en) > 40]
    assert not [title for title in titles if re.search("[，。；：？]", title.zh) or len(title.zh) > 20]
    assert not faulty(sentences, lambda text: text.en[-1] in ".?" and text.zh[-1] in "。？")


def test_chinese_uses_chinese_punctuation_and_spaces_out_latin_words():
    latin = re.compile(r"[\u4e00-\u9fff][,;:?!()]|[,;:?!()][\u4e00-\u9fff]")
    tight = re.compile(r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]")
    assert not faulty(all_texts, lambda text: not latin.search(text.zh))
    assert not faulty(all_texts, lambda text: not tight.search(text.zh))


def test_plain_texts_name_no_fact_and_precise_ones_the_same_in_both_languages():
    assert not faulty(plain_texts, lambda text: placeholders(text.en) == placeholders(text.zh) == set())
    assert not faulty(precise, lambda text: placeholders(text.en) == placeholders(text.zh) != set())


def test_the_facts_that_are_named_are_those_that_are_documented():
    for entry in ENTRIES:
        used: set[str] = set().union(*(placeholders(text.en) for text in entry.precise))
        assert used - {"param"} == set(entry.facts), entry.title.en


def test_every_precise_sentence_is_reached_when_just_its_facts_are_known():
    for code, text in ((code, text) for code, entry in CATALOGUE.items() for text in entry.precise):
        names = placeholders(text.en)
        facts = {name: next(iter(WORDS.get(name, {"x": None}))) for name in names - {"param"}}
        refusal = Refusal(code, param="to" if "param" in names else None, **facts)
        shown = {name: WORDS[name][facts[name]].en if name in WORDS else "x" for name in facts}
        assert explain(refusal, "en").detail == text.en.format(param="to", **shown), code


def test_states_and_number_problems_have_words():
    over = set(VerificationState) - {VerificationState.PENDING}  # of a pending one nothing is refused
    assert set(WORDS["state"]) == {state.value for state in (*State, *over)}
    assert set(WORDS["problem"]) == {problem.value for problem in NumberProblem} - {"invisible"}


def test_only_what_may_pass_by_itself_is_worth_retrying():
    assert {code for code, entry in CATALOGUE.items() if entry.retryable} == {
        Code.RECIPIENT_LIMITED,
        Code.OTP_COOLDOWN,
        Code.CHECKS_PAUSED,
        Code.GUARD_LIMITED,
        Code.RATE_LIMITED,
        Code.OVERLOADED,
        Code.UNAVAILABLE,
        Code.INTERNAL,
    }


def test_the_whole_catalogue_can_be_read_in_either_language():
    for language in ("en", "zh"):
        found = entries(language)
        assert [entry.name for entry in found if entry.kind == "code"] == list(CATALOGUE)
        assert [entry.name for entry in found if entry.kind == "reason"] == list(REASONS)
    english = entries_of("empty_text", "en")
    assert [(entry.kind, entry.title, entry.retryable) for entry in english] == [
        ("code", "Empty text", False)
    ]
    assert entries_of("empty_text", "zh")[0].suggested_action.startswith("请填写短信正文")


def test_a_name_may_be_a_code_and_a_reason_or_nothing():
    assert [entry.kind for entry in entries_of("rate_limited", "en")] == ["code", "reason"]
    assert [entry.kind for entry in entries_of("balance", "en")] == ["reason"]
    assert entries_of("nothing", "en") == ()


# ---------------------------------------------------------------------------------------------- sentences


def test_a_refusal_is_explained_in_the_callers_language():
    refusal = Refusal(Code.TEXT_TOO_LONG, param="body", parts=12, limit=10)
    english, chinese = explain(refusal, "en"), explain(refusal, "zh")
    assert english.detail == (
        "The text, signature included, needs 12 parts; a message may have at most 10. Field: body."
    )
    assert chinese.detail == "短信连同签名需要拆分为 12 条，最多允许 10 条。字段：body。"
    assert (english.code, english.param, english.retryable) == (Code.TEXT_TOO_LONG, "body", False)
    assert (chinese.title, english.title) == ("短信内容过长", "Text too long")
    assert chinese.suggested_action.startswith("请精简内容")


def test_an_action_that_stands_in_for_the_usual_one_belongs_to_a_precise_sentence():
    assert not [entry.title.en for entry in ENTRIES if not set(entry.instead) <= set(entry.precise)]


def test_a_batch_of_which_nothing_is_left_is_not_told_to_accept_the_rest():
    for language in ("en", "zh"):
        some = explain(Refusal(Code.BATCH_REFUSED, total=3, rejected=2), language)
        none = explain(Refusal(Code.BATCH_REFUSED, total=3), language)
        assert "accept_rest" in some.suggested_action
        assert "accept_rest" not in none.detail + none.suggested_action
        assert "3" in none.detail


def test_a_missing_fact_makes_the_sentence_plainer():
    code = Code.BATCH_TOO_LARGE
    assert explain(Refusal(code, count=10001, limit=10000), "en").detail == (
        "The batch holds 10,001 messages; one request may hold 10,000."
    )
    assert explain(Refusal(code, limit=10000), "zh").detail == "单次最多提交 10000 条。"
    assert explain(Refusal(code), "zh").detail == "批量条数超过了单次提交的上限。"


def test_the_field_at_fault_is_named_once_whatever_else_is_known():
    for code in Code:
        for facts in ({}, dict.fromkeys(CATALOGUE[code].facts, 7)):
            detail = explain(Refusal(code, param="messages[3].zz", **facts), "en").detail
            assert detail.count("messages[3].zz") == 1, code


def test_our_own_words_are_translated_and_strange_ones_left_out():
    code = Code.NOT_CANCELABLE
    assert "“已送达”" in explain(Refusal(code, state="delivered"), "zh").detail
    assert "'delivered'" in explain(Refusal(code, state="delivered"), "en").detail
    for language in ("en", "zh"):
        assert explain(Refusal(code, state="beamed"), language) == explain(Refusal(code), language)


def test_the_words_of_a_fact_do_not_touch_a_field_of_the_same_name():
    assert (
        "字段 string 应为字符串"
        in explain(Refusal(Code.WRONG_TYPE, param="string", expected="string"), "zh").detail
    )


def test_a_bad_number_is_told_what_is_bad_about_it():
    detail = explain(Refusal(Code.INVALID_NUMBER, param="to", problem="too_short"), "zh").detail
    assert detail == "字段 to 不是有效的手机号码：位数不足。"


# ------------------------------------------------------------------------------------------ hostile facts


def test_format_syntax_inside_a_fact_is_just_text():
    for value in (
        *("{param}", "{vendor}", "{0.__class__}", "{vendor!r:>99}"),
        *("{", "}", "{{}}", "%s", "\\1", r"\g<0>"),
    ):
        detail = explain(Refusal(Code.UNKNOWN_VENDOR, vendor=value), "en").detail
        assert detail == f"There is no vendor called '{value}'."


def test_a_vendor_with_a_similar_name_is_offered():
    refusal = Refusal(Code.UNKNOWN_VENDOR, param="vendor", vendor="tencnet", nearest="tencent")
    english, chinese = (explain(refusal, language).detail for language in ("en", "zh"))
    assert english.startswith("There is no vendor called 'tencnet'; did you mean 'tencent'?")
    assert chinese.startswith("没有名为 tencnet 的服务商，您要填的是不是 tencent？")


def test_a_whole_number_is_never_echoed():
    for number in ("13800138000", "+8613800138000", "１３８００１３８０００", "8" * 500):
        said = explain(Refusal(Code.UNKNOWN_FIELD, param=number, nearest=number), "en")
        assert said.param is not None
        assert not re.search(r"\d{5}", said.detail + said.param), number


def test_a_large_amount_is_not_taken_for_a_phone_number():
    detail = explain(Refusal(Code.INSUFFICIENT_BALANCE, needed="123456789.50", available="0.50"), "zh").detail
    assert detail == "本次发送需要 123456789.50，账户可用余额为 0.50；短信未发送，也未扣费。"


def test_a_fact_nobody_documented_is_not_shown():
    refusal = Refusal(Code.EMPTY_TEXT, param="body", text="Your code is 314159", code_sent="314159")
    assert explain(refusal, "en") == explain(Refusal(Code.EMPTY_TEXT, param="body"), "en")


def test_what_cannot_be_printed_becomes_a_question_mark():
    for character in ("\n", "\x00", "\u202e", "\u200b", "\ud800", "\x1b"):
        said = explain(Refusal(Code.UNKNOWN_FIELD, param=f"a{character}b"), "zh")
        assert (said.param, said.detail) == ("a?b", "该接口没有定义字段 a?b。"), ascii(character)


def test_long_facts_and_fields_are_cut():
    said = explain(Refusal(Code.UNKNOWN_VENDOR, param="p" * 10_000, vendor="v" * 10_000), "en")
    assert len(said.detail) < 400
    assert said.param == "p" * 120 + "…"


def test_an_absurd_integer_counts_as_not_known():
    absurd = Refusal(Code.BODY_TOO_LARGE, limit_bytes=10**5000)
    assert explain(absurd, "en") == explain(Refusal(Code.BODY_TOO_LARGE), "en")


facts = st.one_of(st.integers(), st.text(st.characters(codec=None), max_size=300))


@given(st.sampled_from(Code), LANGUAGES, st.none() | st.text(st.characters(codec=None)), st.data())
def test_explaining_never_fails_and_always_encodes(code, language, param, data):
    known = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(CATALOGUE[code].facts, facts)))
    said = explain(Refusal(code, param=param, **known), language)
    for words in (said.title, said.detail, said.suggested_action, said.param or ""):
        assert len(words.encode()) < 2000
        assert words.isprintable()


# ------------------------------------------------------------------------------------------------ Refusal


def test_a_refusal_prints_its_code_and_field_but_no_facts():
    assert str(Refusal(Code.UNKNOWN_VENDOR, vendor="acme")) == "unknown_vendor"
    assert str(Refusal(Code.MISSING_FIELD, param="t\no")) == "missing_field ('t\\no')"


def test_a_refusal_survives_pickling():
    refusal = Refusal(Code.BATCH_TOO_LARGE, param="to", limit=3)
    copy = pickle.loads(pickle.dumps(refusal))  # noqa: S301 - our own bytes
    assert (copy.code, copy.param, copy.facts) == (Code.BATCH_TOO_LARGE, "to", {"limit": 3})


# --------------------------------------------------------------------------------------------- negotiation

NEGOTIATED = {
    None: "en",
    "": "en",
    "zh": "zh",
    "zh-CN": "zh",
    "zh-Hans": "zh",
    "zh-Hans-CN": "zh",
    "ZH-tw": "zh",
    "zh_CN": "zh",
    "en": "en",
    "en-GB": "en",
    "zh-CN,zh;q=0.9,en;q=0.8": "zh",
    "en-US,en;q=0.9,zh-CN;q=0.8": "en",
    "en;q=0.5, zh;q=0.501": "zh",
    "en;q=0.8 , zh-Hant ; q=0.3": "en",
    "zh;q=0.3, en;q=0.1, zh-CN;q=0.9": "zh",
    "zh, en": "zh",
    "en, zh": "en",
    "fr, de;q=0.9": "en",
    "fr, zh;q=0.1": "zh",
    "*": "en",
    "*, zh": "zh",
    "zh, *;q=0.5": "zh",
    "*;q=0.9, zh;q=0.5": "en",
    "en;q=0, *": "zh",
    "zh;q=0": "en",
    "zh;q=0, *": "en",
    "en;q=0": "en",
    "en;q=0, zh;q=0": "en",
    "zh;q=1.000": "zh",
    "zh;q=2": "en",
    "zh;q=0.1234": "en",
    "zh;q=-1": "en",
    "zh;q=nan": "en",
    "zh;level=1": "en",
    "zhuang": "en",
    "zh-": "en",
    ",,;;=,zh": "zh",
    "\x00\ud800, zh": "zh",
    "zh;Q=0.5": "zh",
}


def test_the_language_is_negotiated_by_weight():
    assert {header: negotiate(header) for header in NEGOTIATED} == NEGOTIATED


def test_only_the_first_two_hundred_characters_of_the_header_count():
    padding = "fr;q=0.1," * 22  # 198 characters
    assert negotiate(padding[:190] + ",zh") == "zh"
    assert negotiate(padding + "zh") == "zh"
    assert negotiate(padding + "zh;q=0.9,fr") == "en"
    assert negotiate("zh," + "x" * 1_000_000) == "zh"
    assert negotiate("x" * 1_000_000 + ",zh") == "en"


@given(st.text(st.sampled_from("zhen-_*;q=0.159, \t") | st.characters(codec=None)))
def test_no_header_breaks_the_negotiation(header):
    assert negotiate(header) in {"en", "zh"}
