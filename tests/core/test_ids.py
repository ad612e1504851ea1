"""Ids: in the order of time, never twice, and the same in both forms."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from posthouse.core.ids import BATCH, EPOCH_US, MESSAGE, NODE_BITS, STEP, Ids, read, show

NOW = 1_795_852_800_000_000
numbers = st.integers(0, 2**63 - 1)
moments = st.integers(EPOCH_US + 1, EPOCH_US + 2**51 - 2**40)


@given(numbers)
@example(0)
@example(2**63 - 1)
def test_an_id_reads_back_as_it_was_shown(number):
    text = show(MESSAGE, number)
    assert text.startswith("sms_")
    assert len(text) == 17
    assert read(MESSAGE, text) == number


@given(numbers, numbers)
def test_both_forms_sort_alike(one, other):
    assert (show(MESSAGE, one) < show(MESSAGE, other)) is (one < other)


@given(st.text(max_size=20) | st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=13, max_size=13))
@example("zzzzzzzzzzzzz")
@example("8000000000000")
@example("7zzzzzzzzzzzz")
def test_a_text_is_an_id_only_if_it_is_exactly_how_one_is_shown(digits):
    number = read(MESSAGE, MESSAGE + digits)
    assert number is None or show(MESSAGE, number) == MESSAGE + digits


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sms_",
        "sms_0c7x",
        "sms_00000000000000",
        "sms_000000000000l",
        "sms_00000000000００",
        "SMS_0000000000000",
        "sms_000000000000A",
        "bat_0000000000000",
        "sms_000000000000 ",
        "0000000000000",
        "sms_-000000000001",
    ],
)
def test_what_is_no_message_id_is_none(text):
    assert read(MESSAGE, text) is None


def test_a_batch_id_is_no_message_id():
    assert read(MESSAGE, show(BATCH, 5)) is None
    assert read(BATCH, show(BATCH, 5)) == 5


@given(st.lists(st.tuples(moments, st.integers(1, 1000)), min_size=1, max_size=30), st.integers(0, 4095))
def test_ids_rise_and_never_repeat_whatever_the_clock_does(takes, node):
    ids, last = Ids(node), -1
    for now, count in takes:
        first = ids.take(now, count)
        assert first > last
        last = first + (count - 1) * STEP
        assert first % STEP == last % STEP == node
        assert last < 2**63


@given(moments)
def test_an_id_tells_its_moment(now):
    assert (Ids(1).take(now) >> NODE_BITS) + EPOCH_US == now


@given(st.lists(st.integers(0, 4095), min_size=2, max_size=20, unique=True))
def test_processes_at_the_same_moment_do_not_meet(nodes):
    taken = [Ids(node).take(NOW, 3) + n * STEP for node in nodes for n in range(3)]
    assert len(set(taken)) == len(taken)
