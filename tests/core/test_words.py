"""Word lists: found however they are dressed up, and at a price that does not depend on the list."""

import random
from time import process_time
from timeit import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posthouse.core.errors import Code, Refusal
from posthouse.core.words import WORD_MAX, WORDS_MAX, WordList, words_of

HIDDEN = "\u200b\u200d\u2060\ufeff\u00ad\u202e\ufe0f\u3164"
plain = st.text(st.sampled_from("abAB12赌博字 ß"), max_size=12)


def found(words, text):
    try:
        WordList(words).check(text, param="body")
    except Refusal as refusal:
        return refusal.facts["word"]
    return None


def dressed(text, rng):
    """The same to a reader: other cases, full-width, and with characters between that show nothing."""
    out = []
    for char in text:
        wide = chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char
        out.append(rng.choice([char, char.upper(), char.lower(), wide, wide.lower()]))
        out.append(rng.choice(["", "", rng.choice(HIDDEN)]))
    return "".join(out)


@given(st.lists(plain, max_size=6), plain)
def test_a_word_is_found_exactly_where_a_plain_search_would_find_one(words, text):
    def folded(each):
        return each.casefold()

    oracle = {word for word in words if word.strip() and folded(word).strip() in folded(text)}
    hit = found(words, text)
    assert (hit is not None) is bool(oracle)
    assert hit is None or folded(hit) in {folded(word) for word in oracle}


@given(plain.filter(str.strip), plain, plain, st.randoms(use_true_random=False))
def test_dressing_a_word_up_does_not_hide_it(word, before, after, rng):
    assert found([word], before + dressed(word.strip(), rng) + after) == word
    assert found([dressed(word, rng)], before + word + after) is not None


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("casino", "Visit our CASINO today"),
        ("casino", "ｃａｓｉｎｏ"),
        ("CASINO", "ca\u200bsi\u00adno"),
        ("赌博", "线上赌\u200d博平台"),
        ("赌博", "赌\ufe0f博"),
        ("ガ", "カ\u3099"),
        ("ガ", "か゛ガ"),
        ("ガ", "カ\u200b\u3099"),
        ("ﬁsh", "FISH"),
        ("straße", "STRASSE"),
        ("℡", "tel"),
        ("１００％", "100%"),
        (" 赌博 ", "赌博"),
        ("R", "回复r退订"),
        ("x", "ends in x"),
        ("ends in x", "ends in x"),
    ],
)
def test_it_is_found(word, text):
    assert found([word], text) == word


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("赌博", "赌 博"),
        ("赌博", "赌"),
        ("ab", "a\nb"),
        ("赌博", "赌\n博"),
        ("abc", "ab"),
        ("", "x"),
        ("\u200b", "a\u200b"),
    ],
)
def test_it_is_not_found(word, text):
    assert found([word], text) is None


def test_the_refusal_names_the_word_as_it_was_written_and_the_field():
    with pytest.raises(Refusal) as caught:
        WordList(["Ｃasino"]).check("a CASINO", param="params.name")
    refusal = caught.value
    assert (refusal.code, refusal.param) == (Code.SENSITIVE_WORD, "params.name")
    assert refusal.facts == {"word": "Ｃasino"}


def test_a_list_without_words_is_false_and_lets_everything_pass():
    for nothing in (WordList(), WordList([""]), WordList([" ", "\u200b"])):
        assert not nothing
        nothing.check("anything", param=None)
    assert WordList(["x"])


def seconds(words, text):
    listed = WordList(words)
    return min(repeat(lambda: listed.check(text, param=None), number=5, repeat=7, timer=process_time)) / 5


def test_ten_thousand_words_take_well_under_a_millisecond():
    rng = random.Random(7)
    han = [chr(code) for code in range(0x4E00, 0x5E00)]
    words = ["".join(rng.choices(han, k=rng.randint(2, 8))) for _ in range(WORDS_MAX)]
    text = "".join(rng.choices(han[:2048], k=670))
    while found(words, text):  # not by chance
        text = "".join(rng.choices(han[:2048], k=670))
    assert seconds(words, text) < 1e-3


def test_words_that_all_begin_alike_take_no_longer():
    words = [f"aa{number:04d}" for number in range(WORDS_MAX)]
    assert seconds(words, "a" * 670) < 3e-3


def test_even_a_list_made_to_be_slow_takes_a_few_milliseconds_for_the_longest_text():
    words = ["a" * length + "b" for length in range(1, WORD_MAX)]
    assert seconds(words, "a" * 1530) < 1e-2


@given(st.lists(st.text("ab", min_size=1, max_size=9), max_size=30, unique=True), st.text("ab", max_size=20))
def test_words_of_many_lengths_that_begin_alike_are_all_found(words, text):
    hit = found(words, text)
    assert (hit is not None) is any(word in text for word in words)
    assert hit is None or hit in text


def test_a_list_is_kept_in_its_order_and_each_word_once():
    assert words_of(["free money", "稳赚不赔", "free money"]) == ("free money", "稳赚不赔")


@pytest.mark.parametrize(
    ("words", "code", "param"),
    [
        (["fine", " \u200b"], Code.INVALID_VALUE, "words[1]"),
        (["x" * (WORD_MAX + 1)], Code.INVALID_VALUE, "words[0]"),
        (["a\x00b"], Code.INVALID_TEXT, "words[0]"),
        (["a\nb"], Code.INVALID_VALUE, "words[0]"),
        ([str(n) for n in range(WORDS_MAX + 1)], Code.INVALID_VALUE, "words"),
    ],
)
def test_what_is_no_word_is_refused_by_its_place(words, code, param):
    with pytest.raises(Refusal) as refused:
        words_of(words)
    assert (refused.value.code, refused.value.param) == (code, param)
