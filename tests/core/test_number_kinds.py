"""Types of numbers, compared with what `phonenumbers` says of them."""

import random

import phonenumbers
import pytest

from posthouse.core import phone
from posthouse.core.number_kinds import KINDS, kind_of

EACH = phonenumbers.PhoneNumberType.values()


def expected(e164):
    found = phonenumbers.number_type(phonenumbers.parse(e164, None))
    return phonenumbers.PhoneNumberType.to_string(found).lower()


def test_every_type_there_is_has_a_word():
    assert {"mobile", "premium_rate", "shared_cost", "uan", "pager", "voicemail", "unknown"} <= KINDS
    assert len(KINDS) == len(EACH)


@pytest.mark.parametrize("shape", ["+861", "+1"])
def test_a_common_shape_has_the_type_it_would_have_without_the_quick_way(shape):
    rng = random.Random(shape)
    for _ in range(6_000):
        number = phone.parse(f"{shape}{rng.randrange(2 * 10**9, 10**10):010}")
        assert phone.kind(number) == expected(number.e164), number


def test_every_area_of_north_america_and_every_mobile_prefix_of_china_has_its_type():
    rng = random.Random(1)
    areas = [f"+1{area}{rng.randrange(2 * 10**6, 10**7):07}" for area in range(200, 1000) for _ in range(4)]
    prefixes = [f"+861{head:03}{rng.randrange(10**7):07}" for head in range(300, 1000) for _ in range(2)]
    found = set()
    for text in (*areas, *prefixes):
        number = phone.parse(text)
        assert phone.kind(number) == expected(number.e164), number
        found.add(phone.kind(number))
    assert {"mobile", "fixed_line_or_mobile", "unknown"} <= found


def test_every_example_number_of_the_world_has_the_type_that_phonenumbers_gives_it():
    found = set()
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for each in EACH:
            example = phonenumbers.example_number_for_type(region, each)
            if example is None:
                continue
            e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
            try:
                number = phone.parse(e164)
            except phone.BadNumber:
                continue
            assert phone.kind(number) == expected(number.e164), number
            found.add(phone.kind(number))
    assert found >= {"premium_rate", "shared_cost", "toll_free", "voip", "uan", "pager"}


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("+8613800138000", "mobile"),
        ("+861012345678", "fixed_line"),
        ("+12025550123", "fixed_line_or_mobile"),
        ("+15555550123", "unknown"),
        ("+19002345678", "premium_rate"),
        ("+18002345678", "toll_free"),
        ("+447400123456", "mobile"),
        ("+80012345678", "toll_free"),
    ],
)
def test_types_by_name(number, kind):
    assert phone.kind(phone.parse(number)) == kind == kind_of(number)
