"""Counting and splitting texts, compared with independent implementations."""

from itertools import pairwise

import gsmcodecs  # noqa: F401 its import registers the codec gsm23.038
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from smsutil import split as smsutil_split
from smsutil import unicode_split as smsutil_unicode_split

from posthouse.core.errors import Code, Refusal
from posthouse.core.text import (
    CULPRITS_MAX,
    PARTS_MAX,
    SIGNATURE_MAX,
    Culprit,
    Encoding,
    Measure,
    TextProblem,
    check_signature,
    forbidden,
    invisible,
    measure,
    problem,
    split,
    with_signature,
)

LIMITS = {Encoding.GSM7: (160, 153), Encoding.UCS2: (70, 67)}
CODEC = "gsm23.038"


def septets_of(char):
    try:
        return len(char.encode(CODEC))
    except UnicodeEncodeError:
        return None


BASIC = [char for char in map(chr, range(0x3000)) if septets_of(char) == 1]
EXTENSION = [char for char in map(chr, range(0x3000)) if septets_of(char) == 2]

gsm_texts = st.text(st.sampled_from(BASIC) | st.sampled_from(EXTENSION), max_size=400)
texts = st.one_of(
    gsm_texts,
    st.text(st.sampled_from("验证码a😀𝟘é€"), max_size=250),
    st.text(max_size=100),
    st.builds(lambda text, times: text * times, st.text(max_size=8), st.integers(1, 60)),
)
countries = st.sampled_from(["CN", "US", "HK"])


def units(part, encoding):
    return len(part.encode(CODEC)) if encoding is Encoding.GSM7 else len(part.encode("utf-16-le")) // 2


# ------------------------------------------------------------------------------------------------- properties


@given(texts, countries)
def test_the_parts_joined_are_the_text(text, country):
    assert "".join(split(text, country=country)) == text


@given(texts, countries)
def test_measure_counts_the_parts_that_split_returns(text, country):
    assert measure(text, country=country).parts == len(split(text, country=country))


@given(texts, countries)
def test_no_part_is_longer_than_its_encoding_allows(text, country):
    encoding = measure(text, country=country).encoding
    single, multi = LIMITS[encoding]
    parts = split(text, country=country)
    assert all(units(part, encoding) <= (single if len(parts) == 1 else multi) for part in parts)


@given(texts, countries)
def test_a_part_is_at_most_one_unit_short_and_only_before_a_character_of_two(text, country):
    encoding = measure(text, country=country).encoding
    _, multi = LIMITS[encoding]
    parts = split(text, country=country)
    for part, following in pairwise(parts):
        assert units(part + following[0], encoding) > multi
        assert units(part, encoding) >= multi - 1


@given(texts, countries)
def test_the_units_are_those_of_the_encoded_text(text, country):
    size = measure(text, country=country)
    assert size.units == units(text, size.encoding)


@given(texts)
def test_every_part_can_be_encoded_alone_so_no_pair_is_split(text):
    encoding = measure(text, country="US").encoding
    codec = CODEC if encoding is Encoding.GSM7 else "utf-16-be"
    parts = split(text, country="US")
    assert b"".join(part.encode(codec) for part in parts) == text.encode(codec)


@given(st.text(st.characters(), max_size=700), countries)
def test_any_string_can_be_measured_split_and_judged_even_one_with_lone_surrogates(text, country):
    assert "".join(split(text, country=country)) == text
    assert measure(text, country=country).parts == len(split(text, country=country))
    problem(text, country=country)


# ---------------------------------------------------------------------------------------------------- oracles


def test_exactly_the_characters_of_3gpp_23_038_are_gsm7():
    for char in map(chr, range(0x11000)):
        if not "\ud800" <= char <= "\udfff":
            size = measure(char, country="US")
            assert (size.units if size.encoding is Encoding.GSM7 else None) == septets_of(char), ascii(char)


@given(texts)
def test_parts_are_those_of_smsutil(text):
    assert split(text, country="US") == [part.content for part in smsutil_split(text).parts]


@given(texts)
def test_parts_to_mainland_china_are_those_of_smsutil_in_ucs2(text):
    assert split(text, country="CN") == [part.content for part in smsutil_unicode_split(text).parts]


@given(st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), min_size=1, max_size=300))
def test_mainland_china_charges_as_its_vendors_document(text):
    size = len(text)
    assert measure(text, country="CN").parts == (1 if size <= 70 else -(-size // 67))


# --------------------------------------------------------------------------------------------------- examples


@pytest.mark.parametrize("name", ["驿站", "x", "x" * SIGNATURE_MAX, "两 个", "A&B"])
def test_a_bare_name_of_up_to_twenty_characters_is_a_signature(name):
    assert check_signature(name, "signature") == name


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("", {"minimum": 1, "maximum": 20}),
        ("  ", {"minimum": 1, "maximum": 20}),
        ("x" * 21, {"minimum": 1, "maximum": 20}),
        ("【驿站】", {"fault": "bracketed"}),
        ("【" + "x" * 20 + "】", {"fault": "bracketed"}),
        ("驿】站", {"fault": "bracketed"}),
        (" 驿站", {"fault": "blank_ends"}),
        ("驿站\n", {"fault": "blank_ends"}),
        ("驿\n站", {"fault": "invisible"}),
        ("驿\u200b站", {"fault": "invisible"}),
        ("\ufe0f", {"fault": "invisible"}),
    ],
)
def test_what_is_wrong_with_a_signature_is_told_as_such(name, facts):
    with pytest.raises(Refusal) as refused:
        check_signature(name, "SignName")
    assert (refused.value.code, refused.value.param) == (Code.INVALID_SIGNATURE, "SignName")
    assert refused.value.facts == facts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 158 + "€", 1),
        ("a" * 159 + "€", 2),
        (
            "a" * 152 + "€" + "a" * 152,
            3,
        ),  # the euro moves to the second part, and so pushes out its last letter
        ("码" * 70, 1),
        ("码" * 71, 2),
        ("码" * 134, 2),
        ("码" * 135, 3),
        ("码" * 68 + "😀", 1),
        ("码" * 69 + "😀", 2),
        ("码" * 66 + "😀" + "码" * 66, 3),
    ],
)
def test_parts_abroad(text, expected):
    assert measure(text, country="US").parts == expected


def test_latin_text_is_dearer_in_mainland_china_only():
    text = "a" * 71
    assert measure(text, country="CN") == Measure(Encoding.UCS2, 71, 2, ())
    assert measure(text, country="HK") == Measure(Encoding.GSM7, 71, 1, ())


def test_an_emoji_is_never_torn_apart():
    assert split("码" * 66 + "😀码码", country="CN") == ["码" * 66 + "😀码码"]
    assert split("码" * 66 + "😀" + "码" * 3, country="CN") == ["码" * 66, "😀" + "码" * 3]


def test_an_escape_is_never_torn_off_its_character():
    assert split("a" * 152 + "{" + "b" * 10, country="US") == ["a" * 152, "{" + "b" * 10]


def test_the_characters_that_force_ucs2_are_named_once_in_order_with_their_first_position():
    size = measure("It’s 5 ’o clock 😀 é", country="US")
    assert size.encoding is Encoding.UCS2
    assert size.culprits == (Culprit("’", 2), Culprit("😀", 16))


def test_at_most_twenty_characters_are_named():
    size = measure("".join(chr(0x4E00 + index) for index in range(50)), country="US")
    assert size.culprits == tuple(Culprit(chr(0x4E00 + index), index) for index in range(CULPRITS_MAX))


def test_nothing_is_named_where_nothing_could_be_saved():
    assert measure("It’s", country="CN").culprits == ()


# -------------------------------------------------------------------------------------------------- signature


def test_the_signature_is_placed_in_front():
    assert with_signature("您的验证码是1234", "驿站") == "【驿站】您的验证码是1234"


@given(st.text(), st.text() | st.none())
@example("", None)
def test_a_signature_is_placed_once(text, signature):
    once = with_signature(text, signature)
    assert with_signature(once, signature) == once


@pytest.mark.parametrize("text", ["【驿】站", "【驿站", "[驿站]您好", " 【驿站】您好", "【别家】您好"])
def test_only_exactly_the_signature_counts_as_the_signature(text):
    assert with_signature(text, "驿站") == "【驿站】" + text


@pytest.mark.parametrize("signature", [None, ""])
def test_no_signature_leaves_the_text_alone(signature):
    assert with_signature("hello", signature) == "hello"


# --------------------------------------------------------------------------------------------------- problems


@pytest.mark.parametrize("country", ["CN", "US"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\r\n\t",
        "\u3000\u00a0",
        "\u200b",
        "\ufeff \u200e\u202e",
        "\u2800",
        "\u3164\ufe0f",
        "\u00ad",
        "\u2028",
    ],
)
def test_a_text_that_shows_nothing_is_empty(text, country):
    assert problem(text, country=country) is TextProblem.EMPTY


@pytest.mark.parametrize(
    "text", ["a", " .", "\u200b码", "😀", "【", "\u200f\u0645", "👩\u200d🚒", "0", "1\ufe0f\u20e3"]
)
def test_a_text_that_shows_something_is_not_empty(text):
    assert problem(text, country="US") is None


@pytest.mark.parametrize(
    ("fits", "country"),
    [
        ("a" * 1530, "US"),
        ("€" * 760, "US"),
        ("码" * 670, "US"),
        ("😀" * 330, "US"),
        ("a" * 670, "CN"),
        ("😀" * 330, "CN"),
        ("a" * 67 + "😀" * 297, "CN"),
    ],
)
def test_ten_parts_are_the_most(fits, country):
    assert measure(fits, country=country).parts == PARTS_MAX
    assert problem(fits, country=country) is None
    assert problem(fits + fits[-1], country=country) is TextProblem.TOO_LONG


@given(texts, st.integers(1, 12), countries)
def test_too_long_means_more_than_ten_parts(text, times, country):
    found = problem(text * times, country=country)
    if found in {None, TextProblem.TOO_LONG}:
        assert (found is None) == (measure(text * times, country=country).parts <= PARTS_MAX)


def test_a_huge_text_is_refused_without_being_read():
    assert problem("\x00" * 10_000_000, country="CN") is TextProblem.TOO_LONG


@pytest.mark.parametrize("half", [chr(0xD83D), chr(0xDE00)], ids=["first", "second"])
def test_half_a_surrogate_pair_is_refused(half):
    assert problem(f"code {half} 1234", country="US") is TextProblem.LONE_SURROGATE
    assert problem(half, country="CN") is TextProblem.LONE_SURROGATE


@pytest.mark.parametrize("char", [chr(code) for code in (*range(32), *range(0x7F, 0xA0))])
def test_of_the_control_characters_only_line_breaks_tab_and_form_feed_pass(char):
    expected = None if char in "\n\r\t\f" else TextProblem.CONTROL
    assert problem(f"code {char} 1234", country="US") is expected


@pytest.mark.parametrize("char", ["\x00", "\x1b", "\x9f", chr(0xD83D)])
def test_the_first_character_that_cannot_be_sent_is_found(char):
    assert forbidden(f"短😀{char}x\x07") == Culprit(char, 2)
    assert forbidden("短😀\n\r\t\f") is None


def test_a_culprit_tells_its_code_point_and_its_place_from_one():
    assert Culprit("\x07", 0).facts() == {"codepoint": "U+0007", "position": 1}
    assert Culprit("😀", 4).facts() == {"codepoint": "U+1F600", "position": 5}


def test_letters_digits_and_spaces_are_visible():
    assert not any(map(invisible, "aé码م1 \u3000😀-【"))
