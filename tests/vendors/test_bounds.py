"""What vendors say is cut to what can be stored of it."""

import pytest

from posthouse.core.verdict import Accepted, Fate, Reason, Receipt, Refused, Reply, Unknown
from posthouse.vendors.bounds import bounded, json_of, receipts_of, replies_of

NOW, S = 1_764_000_000_000_000, 1_000_000


def test_halves_of_characters_and_nul_are_replaced_wherever_json_has_them():
    told = json_of(rb'{"a\ud800": ["x\udc00\u0000y", {"b": "\ud83d\ude00"}], "n": 1}')
    assert told == {"a\ufffd": ["x\ufffd\ufffdy", {"b": "😀"}], "n": 1}
    assert str(told).encode()


def test_json_that_is_none_is_a_value_error():
    with pytest.raises(ValueError, match="Expecting"):
        json_of(b"<html>")


@pytest.mark.parametrize("reference", ["", "r" * 201])
def test_what_was_taken_without_a_usable_reference_is_unknown(reference):
    assert isinstance(bounded(Accepted(reference, exchange="{}")), Unknown)
    assert isinstance(bounded(Accepted("r", others=(reference,))), Unknown)


@pytest.mark.parametrize("verdict", [Accepted("r" * 200), Refused(Reason.CONTENT, "1")])
def test_other_verdicts_stay_as_they_are(verdict):
    assert bounded(verdict) == verdict


def test_receipts_that_cannot_be_ours_are_dropped_and_long_codes_cut():
    good = Receipt("r", "+8613800138000", Fate.DELIVERED)
    bad = [
        Receipt("r" * 201, "", Fate.DELIVERED),
        Receipt("r", "1" * 17, Fate.DELIVERED),
        Receipt("r", "", Fate.DELIVERED, part=3, parts=2),
        Receipt("r", "", Fate.DELIVERED, part=0),
    ]
    cut = Receipt("r", "", Fate.UNDELIVERED, code="c" * 500)
    found = receipts_of([good, *bad, cut])
    assert found[0] is good
    assert [each.code for each in found] == ["", "c" * 100]


def test_texts_without_a_sender_are_dropped_and_those_without_end_cut():
    found = replies_of([Reply("", "", "hi", 0), Reply("", "+8613800138000", "x" * 20_000, 0)], now=NOW)
    assert [len(each.text) for each in found] == [10_000]


def test_a_text_without_a_reference_is_told_from_others_by_its_words_and_its_minute():
    stop, start = Reply("", "+8613800138000", "STOP", 0), Reply("", "+8613800138000", "START", 0)
    (first,), (again,), (later,), (other,) = (
        replies_of([each], now=now)
        for each, now in ((stop, NOW), (stop, NOW + S), (stop, NOW + 60 * S), (start, NOW))
    )
    assert first.reference == again.reference
    assert len({first.reference, later.reference, other.reference}) == 3
    timed = Reply("", stop.sender, "STOP", 7)
    assert replies_of([timed], now=NOW) == replies_of([timed], now=NOW + 3600 * S)
    named = Reply("r", stop.sender, "STOP", 0)
    assert replies_of([named], now=NOW) == [named]
