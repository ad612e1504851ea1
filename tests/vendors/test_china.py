"""Times, numbers and carriers' codes in mainland China."""

import pytest

from posthouse.core.verdict import Reason
from posthouse.vendors.china import carrier_reason, mainland, moment


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2015-10-17 08:03:04", 1_445_040_184_000_000),
        ("1970-01-01 08:00:01", 1_000_000),
        ("2024-02-29 00:00:00", 1_709_136_000_000_000),
        ("2025-11-25T00:00:05", 1_764_000_005_000_000),
        ("2025-11-25T00:00:05+00:00", 1_764_028_805_000_000),
    ],
)
def test_a_time_without_a_zone_is_that_of_china(text, at):
    assert moment(text) == at


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2015-13-17 08:03:04",
        "2023-02-29 00:00:00",
        "0001-01-01 00:00:00",
        None,
        7,
        [],
        "9" * 5000,
    ],
)
def test_what_is_no_time_is_no_time(text):
    assert moment(text) == 0


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("MK:0001", Reason.INVALID_NUMBER),
        ("mk:0023 ", Reason.UNREACHABLE),
        ("MK0012", Reason.BLOCKED),
        ("MK:1041", Reason.QUOTA),
        ("MK:9999", Reason.UNREACHABLE),
        ("IB:0008", Reason.VENDOR_TEMPORARY),
        ("ID:0076", Reason.VENDOR_TEMPORARY),
        ("DB:0144", Reason.BLOCKED),
        ("DB:9999", Reason.UNKNOWN),
        ("MA:0001", Reason.UNKNOWN),
        ("EXPIRED", Reason.EXPIRED),
        ("undeliv", Reason.UNREACHABLE),
        ("REJECTD", Reason.BLOCKED),
        ("DBBLACK", Reason.BLOCKED),
        ("NOROUTE", Reason.UNROUTABLE),
        ("DELETED", Reason.UNKNOWN),
        ("DELIVRD", Reason.UNKNOWN),
        ("MK:00011", Reason.UNKNOWN),
        ("", Reason.UNKNOWN),
        ("用户关机", Reason.UNKNOWN),
    ],
)
def test_a_carriers_code_has_a_reason_and_one_that_is_not_known_has_none(code, reason):
    assert carrier_reason(code) is reason


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("+8613800138000", "13800138000"),
        ("+861380013800", None),
        ("+861064208888", None),
        ("+85260000001", None),
        ("+13800138000", None),
        ("13800138000", None),
        ("+86138001380００", None),
    ],
)
def test_only_mobile_numbers_of_the_mainland_have_eleven_digits_of_their_own(number, digits):
    assert mainland(number) == digits
