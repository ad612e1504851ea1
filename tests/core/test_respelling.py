"""Spelling texts in GSM-7: likenesses that lose nothing that matters, and never a worse text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posthouse.core.respelling import POSITIONS_MAX, misfits, respell, respelled
from posthouse.core.text import Encoding, measure, room, split

GSM7_ABROAD = st.text(st.characters(blacklist_categories=["Cs"]), max_size=400)


def encoding(text: str) -> Encoding:
    return measure(text, country="US").encoding


@pytest.mark.parametrize(
    ("char", "instead"),
    [
        ("\u2019", "'"),
        ("\u201c", '"'),
        ("\u2014", "-"),
        ("\u2026", "..."),
        ("\u00a0", " "),
        ("\u3000", " "),
        ("\u200b", ""),
        ("\ufe0f", ""),
        ("\u0301", ""),
        ("\u0105", "a"),
        ("\u00e7", "c"),
        ("\ufb01", "fi"),
        ("\uff11", "1"),
        ("\uff0c", ","),
        ("\u2122", "(TM)"),
        ("中", None),
        ("😀", None),
        ("【", None),
        ("²", None),
        ("½", None),
    ],
)
def test_a_character_is_spelled_by_its_likeness_or_not_at_all(char, instead):
    assert respell(char) == instead


@given(st.characters(blacklist_categories=["Cs"]))
def test_a_likeness_is_always_of_gsm_7(char):
    assert encoding(respell(char) or "") is Encoding.GSM7


@given(GSM7_ABROAD)
def test_a_text_keeps_what_gsm_7_has_and_is_of_gsm_7_where_every_misfit_has_a_likeness(text):
    found = misfits(text, measure(text, country="US").culprits)
    new = respelled(text)
    if not found:
        assert new == text
    everything = {char for char in text if encoding(char) is Encoding.UCS2}
    solvable = all(respell(char) is not None for char in everything)
    assert (encoding(new) is Encoding.GSM7) is solvable
    for misfit in found:
        assert {text[position] for position in misfit.positions} == {misfit.char}
        assert len(misfit.positions) == min(text.count(misfit.char), POSITIONS_MAX)


@given(GSM7_ABROAD, st.sampled_from(["CN", "US"]))
def test_the_room_that_is_left_is_that_of_the_last_part(text, country):
    found, parts = room(text, country=country), split(text, country=country)
    last = measure(text, country=country)
    assert 0 <= found.left <= found.per_part
    assert found.per_part in ((160, 153) if last.encoding is Encoding.GSM7 else (70, 67))
    if len(parts) == 1:
        assert found.left == found.per_part - last.units
    else:
        units = len(parts[-1].encode("utf-16-le")) // 2
        if last.encoding is Encoding.UCS2:
            assert found.left == found.per_part - units
