"""Reading, judging and masking phone numbers, compared with `phonenumbers` itself."""

import random
import unicodedata

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posthouse.core import phone
from posthouse.core.errors import Code, Refusal
from posthouse.core.phone import BadNumber, Number, NumberProblem, mask, parse, valid

MAINLAND = Number("+8613800138000", "CN")
INVISIBLE = [
    char
    for char in map(chr, range(0xE1000))
    if unicodedata.category(char) == "Cf"
    or char in "\u034f\u115f\u1160\u17b4\u180b\u2800\u3164\ufe00\ufe0f\uffa0"
]
ZEROS = [char for char in map(chr, range(0x20000)) if unicodedata.decimal(char, -1) == 0]


def outcome(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except BadNumber as error:
        return error.problem


def slow(text, region="CN"):
    """What `parse` does with a number of no common shape."""
    compact = phone._compact(text)  # noqa: SLF001 the slow path is private, and what the fast one must equal
    return phone._read(compact, None if compact[0] == "+" else region)  # noqa: SLF001 the same


def reference(text, region):
    """What `phonenumbers` says of a text that it reads in one way only."""
    found = phonenumbers.parse(text, region)
    country = phonenumbers.region_code_for_number(found)
    return Number(
        phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164),
        country or phonenumbers.region_code_for_country_code(found.country_code or 0),
    )


# ------------------------------------------------------------------------------ the fast path equals the slow


def mainland(rng):
    return f"1{rng.randrange(10**10):010}"


def near(rng):
    """A common shape with one to three faults."""
    text = rng.choice(["+86", "+86", "86", "0086", "", ""]) + mainland(rng)
    if rng.random() < 0.2:
        text = f"+1{rng.randrange(10**10):010}"
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(text) + 1)
        text = (
            text[:at]
            + rng.choice(["", "0", "1", "9", "+", " ", "٣", "３", "x", "\n", "86"])
            + text[at + rng.randint(0, 1) :]
        )
    return text


SAMPLES = {
    "mainland numbers with country code": lambda rng: "+86" + mainland(rng),
    "bare mainland numbers": mainland,
    "carrier prefixes": lambda rng: (
        rng.choice(["", "+86"]) + f"1{rng.choice(['79', '12', '70'])}{rng.randrange(10**8):08}"
    ),
    "carrier prefixes before international calls": lambda rng: (
        f"179{rng.randrange(100):02}00{rng.randrange(10**4):04}"
    ),
    "North American numbers": lambda rng: f"+1{rng.randrange(10**10):010}",
    "near misses": near,
}
SIZES = dict(zip(SAMPLES, (4_000, 3_000, 3_000, 2_000, 8_000, 10_000), strict=True))


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_common_shape_reads_as_it_would_without_the_fast_path(kind):
    rng = random.Random(kind)
    for _ in range(SIZES[kind]):
        text = SAMPLES[kind](rng)
        assert outcome(parse, text) == outcome(slow, text), ascii(text)


def test_every_north_american_area_code_has_the_region_that_phonenumbers_gives_it():
    rng = random.Random(1)
    for area in range(200, 1000):
        for _ in range(5):
            digits = area * 10**7 + rng.randrange(10**7)
            number = phonenumbers.PhoneNumber(country_code=1, national_number=digits)
            expected = phonenumbers.region_code_for_number(number) or "US"
            assert parse(f"+1{digits}") == Number(f"+1{digits}", expected)


def test_bare_digits_are_chinese_only_where_china_is_the_region():
    assert parse("13800138000", region="CN").country == "CN"
    assert parse("2025550123", region="US") == Number("+12025550123", "US")
    assert outcome(parse, "13800138000", region="US") == outcome(slow, "13800138000", region="US")


# ------------------------------------------------------------------------------------- what phonenumbers says


def examples():
    kinds = phonenumbers.PhoneNumberType.values()
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in kinds:
            if found := phonenumbers.example_number_for_type(region, kind):
                yield region, found
    for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS):
        yield "CN", phonenumbers.example_number_for_non_geo_entity(code)


def test_every_example_number_of_the_world_is_read_like_phonenumbers_and_is_valid():
    for region, found in examples():
        e164 = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
        length = phonenumbers.is_possible_number_with_reason(found)
        if len(e164) <= 16 and length == phonenumbers.ValidationResult.IS_POSSIBLE:
            assert parse(e164) == reference(e164, None)
            assert valid(parse(e164))
            for form in (
                phonenumbers.PhoneNumberFormat.INTERNATIONAL,
                phonenumbers.PhoneNumberFormat.NATIONAL,
            ):
                text = phonenumbers.format_number(found, form)
                if set(text) <= set("+0123456789 -.()"):
                    assert parse(text, region=region) == reference(text, region), (region, text)


def test_numbers_of_no_country_have_the_region_001():
    assert parse("+80012345678") == Number("+80012345678", "001")


def test_a_possible_number_need_not_be_assigned():
    assert parse("+15555550123") == Number("+15555550123", "US")
    assert not valid(parse("+15555550123"))
    assert valid(MAINLAND)


@given(
    st.from_regex(r"(\+|00|011|0)?[0-9]{1,19}", fullmatch=True),
    st.sampled_from(["CN", "US", "IT", "RU", "AR", "DE"]),
)
def test_what_is_accepted_reads_back_as_itself(text, region):
    number = outcome(parse, text, region=region)
    if isinstance(number, Number):
        assert parse(number.e164, region=region) == parse(number.e164) == number


@given(
    st.text(st.sampled_from("+0123456789 -.()x\u200b８+٣,;#a\n"), max_size=70),
    st.sampled_from(["CN", "US", "DE"]),
)
def test_any_text_is_a_number_in_e164_or_refused(text, region):
    number = outcome(parse, text, region=region)
    if isinstance(number, Number):
        assert number.e164[0] == "+"
        assert number.e164[1] != "0"
        assert set(number.e164[1:]) <= set("0123456789")
        assert len(number.e164) <= 16


# -------------------------------------------------------------------------------------------------- spellings


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "+8613800138000",
        "8613800138000",
        "008613800138000",
        "013800138000",
        "+86 138-0013-8000",
        "+86.138.0013.8000",
        "(+86) 138 0013 8000",
        "+(86)13800138000",
        "0086 (138) 00138000",
        "  +86 13800138000\r\n",
        "+86\u00a0138\u30000013\u20118000",
        "＋８６－１３８００１３８０００",
        "+８６（１３８）００１３８０００",
        "+٨٦١٣٨٠٠١٣٨٠٠٠",
        "1３8٠01۳80०0",
    ],
)
def test_one_handset_has_one_form_however_it_is_written(text):
    assert parse(text) == MAINLAND


@pytest.mark.parametrize("zero", ZEROS, ids=lambda zero: f"U+{ord(zero):04X}")
def test_decimal_digits_of_every_script_are_digits(zero):
    for text in ("13800138000", "+8613800138000", "0015555550123", "+15555550123"):
        folded = "".join(chr(ord(zero) + int(char)) if char.isdigit() else char for char in text)
        assert parse(folded) == parse(text)


@pytest.mark.parametrize("text", ["13800138000", "+8613800138000", "+1 555-555-0123", "+442079460958"])
def test_an_invisible_mark_is_refused_wherever_it_stands(text):
    for mark in INVISIBLE:
        for at in range(len(text) + 1):
            assert outcome(parse, text[:at] + mark + text[at:]) is NumberProblem.INVISIBLE, (ascii(mark), at)


@pytest.mark.parametrize(
    ("text", "codepoint", "position"),
    [
        ("\u200b13800138000", "U+200B", 1),
        (" \t1380 \u202e0138000", "U+202E", 8),
        ("138\x00\u200b", "U+0000", 4),
    ],
)
def test_a_refusal_names_the_first_invisible_mark_and_its_place_in_what_was_given(text, codepoint, position):
    with pytest.raises(BadNumber) as caught:
        parse(text)
    refusal = caught.value.refusal("to")
    assert (refusal.code, refusal.param) == (Code.INVISIBLE_CHARACTERS, "to")
    assert refusal.facts == {"codepoint": codepoint, "position": position}


def test_a_field_that_is_no_number_is_refused_by_its_name():
    assert phone.read_field("13800138000", "to", region="CN").e164 == "+8613800138000"
    with pytest.raises(Refusal) as refused:
        phone.read_field("12", "recipients[0]", region="CN")
    assert (refused.value.code, refused.value.param) == (Code.INVALID_NUMBER, "recipients[0]")


def test_a_refusal_says_what_is_wrong_with_a_number_and_nothing_of_the_number():
    with pytest.raises(BadNumber) as caught:
        parse("+86 138")
    refusal = caught.value.refusal("messages[3].to")
    assert (refusal.code, refusal.param) == (Code.INVALID_NUMBER, "messages[3].to")
    assert refusal.facts == {"problem": "too_short"}


@pytest.mark.parametrize("text", ["+8613800138000", "13800138000", "+15555550123"])
@pytest.mark.parametrize(
    "tail", [" ext 5", "x5", "#5", ",5", ";ext=5", "/6", "a", "+", "-", "%00", "\x00", "*", "½", "²"]
)
def test_nothing_may_trail_a_number(text, tail):
    assert outcome(parse, text + tail) in {NumberProblem.NOT_A_NUMBER, NumberProblem.INVISIBLE}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", NumberProblem.EMPTY),
        (" \t\u3000\n", NumberProblem.EMPTY),
        ("13800\n138000", NumberProblem.INVISIBLE),
        ("tel:+8613800138000", NumberProblem.NOT_A_NUMBER),
        ("+1 800 FLOWERS", NumberProblem.NOT_A_NUMBER),
        ("++8613800138000", NumberProblem.NOT_A_NUMBER),
        ("86+13800138000", NumberProblem.NOT_A_NUMBER),
        ("-13800138000", NumberProblem.NOT_A_NUMBER),
        ("(13800138000", NumberProblem.NOT_A_NUMBER),
        ("1.38e10", NumberProblem.NOT_A_NUMBER),
        ("+", NumberProblem.NOT_A_NUMBER),
        ("\ud83d13800138000", NumberProblem.NOT_A_NUMBER),
        ("1", NumberProblem.TOO_SHORT),
        ("12345", NumberProblem.TOO_SHORT),
        ("+15550123", NumberProblem.TOO_SHORT),
        ("17912001234", NumberProblem.TOO_SHORT),
        ("+8613800138000123", NumberProblem.TOO_LONG),
        ("+819012345678901234", NumberProblem.TOO_LONG),
        ("+86" + " " * 60 + "13800138000", NumberProblem.TOO_LONG),
        ("9" * 1_000_000, NumberProblem.TOO_LONG),
        ("+999123456789", NumberProblem.NOT_POSSIBLE),
        ("+008613800138000", NumberProblem.NOT_POSSIBLE),
        ("+860013800138000", NumberProblem.NOT_POSSIBLE),
    ],
)
def test_what_is_refused_and_why(text, problem):
    with pytest.raises(BadNumber) as caught:
        parse(text)
    assert caught.value.problem is problem
    assert not text or text not in str(caught.value)


def test_a_region_that_does_not_exist_is_the_callers_mistake_not_the_numbers():
    with pytest.raises(ValueError, match="no such region: 'XX'") as caught:
        parse("13800138000", region="XX")
    assert not isinstance(caught.value, BadNumber)


# ---------------------------------------------------------------------------------------------------- masking


@pytest.mark.parametrize(
    ("e164", "expected"),
    [
        ("+8613800138000", "138****8000"),
        ("+861012345678", "101****5678"),
        ("+15555550123", "+1555****0123"),
        ("+442079460958", "+44207****0958"),
        ("+85261234567", "+852****4567"),
        ("+6491234567", "+64****4567"),
        ("+861234567", "****567"),
        ("", "****"),
        ("1234", "****"),
        ("13800138000", "138****8000"),
    ],
)
def test_masks(e164, expected):
    assert mask(e164) == expected


@given(st.sampled_from(["+1", "+7", "+44", "+852", "+86"]), st.from_regex(r"[0-9]{0,13}", fullmatch=True))
def test_a_mask_never_shows_the_middle(code, national):
    left, _, right = mask(code + national).partition("****")
    head = left if code == "+86" else left.removeprefix(code)
    assert national.startswith(head)
    assert national.endswith(right)
    assert len(head + right) <= (7 if len(national) >= 10 else max(0, len(national) - 4))


@given(st.text(max_size=100))
def test_a_mask_shows_at_most_seven_characters_of_anything_that_is_no_number(text):
    shown = mask("x" + text).replace("****", "", 1)
    assert len(shown) <= 7
