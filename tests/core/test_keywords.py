"""Which texts are keywords, and which only have one in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posthouse.core.keywords import LOOKED_AT_MAX, WORDS, Keyword, keyword_of

STOP, START, HELP = Keyword


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("STOP", STOP),
        ("ＳＴＯＰ", STOP),
        ("Stop!", STOP),
        ("“stop”", STOP),
        ("'STOP'.", STOP),
        ("stop 🙏", STOP),
        ("st\u200bop", STOP),
        ("\ufeffSTOP\r\n", STOP),
        ("stop all", STOP),
        ("Opt-Out", STOP),
        ("opt out", STOP),
        ("OPT–OUT", STOP),
        ("ARRÊT", STOP),
        ("arre\u0302ter", None),
        ("Arrêté", STOP),
        (" td ", STOP),
        ("ＴＤ", STOP),
        ("T D", STOP),
        ("R", STOP),
        ("t", STOP),
        ("退订。", STOP),
        ("「退订」", STOP),
        ("退 订", STOP),
        ("【退订】", STOP),
        ("【某某商城】退订", STOP),
        ("【某某商城】 TD", STOP),
        ("退订回T", STOP),
        ("回ｔ退订", STOP),
        ("取消订阅", STOP),
        ("取消訂閱", STOP),
        ("拒收", STOP),
        ("UNSTOP", START),
        ("start", START),
        ("【某某商城】恢复！", START),
        ("HELP?", HELP),
        ("info", HELP),
        ("帮助", HELP),
        # Not as a whole, or not at all.
        ("I will stop by", None),
        ("stop please", None),
        ("don't stop", None),
        ("nonstop", None),
        ("R&D", None),
        ("TD bank", None),
        ("T1", None),
        ("不要退订", None),
        ("退订多少钱", None),
        ("【退订】好的", None),
        ("the end", None),
        ("no", None),
        ("N", None),
        ("yes", None),
        ("Y", None),
        ("ok", None),
        ("?", None),
        ("【】", None),
        ("🙏", None),
        ("", None),
        ("   ", None),
    ],
)
def test_a_text_is_a_keyword_only_as_a_whole(text: str, keyword: Keyword | None):
    assert keyword_of(text) is keyword


def test_no_word_asks_for_two_things():
    words = [word for some in WORDS.values() for word in some]
    assert len(words) == len(set(words))


@given(
    keyword_and_word=st.sampled_from([(keyword, word) for keyword, words in WORDS.items() for word in words]),
    upper=st.booleans(),
    before=st.text(" \t\n\"'“”。.!！…《》*", max_size=5),
    behind=st.text(" \t\n\"'“”。.!！…《》*", max_size=5),
)
def test_every_word_is_known_in_either_case_with_signs_around_it(keyword_and_word, upper, before, behind):
    keyword, word = keyword_and_word
    assert keyword_of(f"{before}{word.upper() if upper else word}{behind}") is keyword


@given(st.text(max_size=200))
def test_whatever_was_written_is_read_without_an_error(text: str):
    found = keyword_of(text)
    assert found is None or len(text) <= LOOKED_AT_MAX


def test_a_long_text_is_not_looked_at():
    assert keyword_of("stop" + "." * (LOOKED_AT_MAX - 4)) is STOP
    assert keyword_of("stop" + "." * (LOOKED_AT_MAX - 3)) is None
