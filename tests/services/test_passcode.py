"""What the message of a code says: by country or template, its last line, how it is stored and measured."""

import pytest

from posthouse.core import otp
from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Lane
from posthouse.core.otp import Seed
from posthouse.core.template import Variable
from posthouse.core.text import measure
from posthouse.services.passcode import (
    USUAL_EN,
    USUAL_ZH,
    decode,
    ending_of,
    passcode,
    template_of,
)
from tests.fakes import CODES
from tests.services.desk import TO, own, template

SEED = Seed(b"s" * 16, 1, "live", TO, "login", 6, b"bound")
WITH_MINUTES = "{name},{code} in {minutes}"


def said(seed=SEED, *, ttl_s=300, params=None, ending=""):
    return passcode(seed, ttl_s=ttl_s, params=params or {}, ending=ending)


@pytest.mark.parametrize("country", ["CN", "HK", "MO", "TW"])
def test_where_chinese_is_read_the_text_is_chinese(country):
    assert said().text(None, country, "012345") == "您的验证码是012345,5分钟内有效,请勿告知他人。"


@pytest.mark.parametrize("country", ["US", "DE", "SG", "001", "ZZ", ""])
def test_elsewhere_it_is_english(country):
    expected = "Your verification code is 012345. It expires in 5 minutes. Do not share it."
    assert said().text(None, country, "012345") == expected


@pytest.mark.parametrize(("usual", "country"), [(USUAL_ZH, "CN"), (USUAL_EN, "US"), (USUAL_EN, "GB")])
@pytest.mark.parametrize("length", [4, 6, 10])
def test_the_usual_texts_fit_one_part_even_with_a_last_line(usual, country, length):
    text = said(ending="@accounts.example.com #{code}").text(None, country, "0" * length)
    assert text.startswith(usual[:5])
    assert measure(text, country=country).parts == 1


@pytest.mark.parametrize(
    ("ttl_s", "minutes"), [(1, "1"), (60, "1"), (61, "2"), (299, "5"), (300, "5"), (600, "10")]
)
def test_minutes_are_rounded_up(ttl_s, minutes):
    assert said(ttl_s=ttl_s).minutes == minutes


def test_a_template_is_filled_with_the_code_its_minutes_and_the_callers_own():
    spoken = said(params={"name": "Ada"})
    assert spoken.text(template(WITH_MINUTES), "CN", "012345") == "Ada,012345 in 5"
    assert spoken.text(template("{code}{code}"), "CN", "012345") == "012345012345"


def test_what_is_written_in_a_value_is_no_place_to_fill():
    spoken = said(params={"name": "{code} {minutes}"})
    assert spoken.text(template(WITH_MINUTES), "CN", "012345") == "{code} {minutes},012345 in 5"


def test_the_last_line_of_a_browser_holds_the_code():
    ending = ending_of("example.com", None)
    text = said(ending=ending).text(None, "US", "012345")
    assert text.splitlines()[-1] == "@example.com #012345"
    assert text.count("\n") == 1


def test_the_last_line_of_an_android_app_is_its_hash():
    text = said(ending=ending_of(None, "FA+9qCX9VSu")).text(None, "US", "012345")
    assert text.splitlines()[-1] == "FA+9qCX9VSu"
    assert len(text.encode()) <= 140


def test_without_either_there_is_no_last_line():
    assert ending_of(None, None) == ""
    assert "\n" not in said().text(None, "CN", "012345")


@pytest.mark.parametrize(
    "domain",
    ["example.com", "a.b-c.example.co.uk", "xn--fiqs8s.cn", "1.example", "login.example"],
)
def test_domains_are_taken_as_browsers_write_them(domain):
    assert ending_of(domain, None) == f"@{domain} #{{code}}"


@pytest.mark.parametrize(
    "domain",
    [
        *("", "example", "Example.com", "example.com.", ".example.com", "example..com", "-a.example.com"),
        *("a-.example.com", "https://example.com", "example.com:443", "example.com/x", "@example.com"),
        *("例子.中国", "exa mple.com", "example.com\n", "example.com #1", "{code}.com", "1.2.3.4"),
        *("a" * 64 + ".com", "a." * 60 + "com"),
    ],
)
def test_what_no_browser_would_write_is_no_domain(domain):
    with pytest.raises(Refusal) as refusal:
        ending_of(domain, None)
    assert (refusal.value.code, refusal.value.param) == (Code.INVALID_VALUE, "domain")


@pytest.mark.parametrize(
    "app_hash",
    ["", "FA+9qCX9VS", "FA+9qCX9VSuu", "FA+9qCX9VS=", "FA_9qCX9VSu", "FA+9qCX9VS\n", "{code}12345"],
)
def test_what_android_would_not_look_for_is_no_hash(app_hash):
    with pytest.raises(Refusal) as refusal:
        ending_of(None, app_hash)
    assert (refusal.value.code, refusal.value.param) == (Code.INVALID_VALUE, "app_hash")


def test_one_text_ends_for_one_of_both():
    with pytest.raises(Refusal) as refusal:
        ending_of("example.com", "FA+9qCX9VSu")
    assert (refusal.value.code, refusal.value.param) == (Code.INVALID_VALUE, "app_hash")


# ------------------------------------------------------------------------------------------ templates


@pytest.mark.parametrize(
    "unfit",
    [
        template(WITH_MINUTES, kind=Lane.NOTIFICATION),
        template(WITH_MINUTES, kind=Lane.MARKETING),
        template("{name} {minutes}"),
        template("no places"),
        template(WITH_MINUTES, template_id="2"),
    ],
)
def test_only_the_accounts_templates_of_kind_otp_that_show_the_code_will_do(unfit):
    with pytest.raises(Refusal) as refusal:
        template_of(own(unfit), "1", {"name": "Ada"}, 6)
    assert (refusal.value.code, refusal.value.param) == (Code.TEMPLATE_NOT_OTP, "template_id")


def test_a_deleted_template_says_so():
    with pytest.raises(Refusal) as refusal:
        template_of(own(template(WITH_MINUTES, deleted=True)), "1", {"name": "Ada"}, 6)
    assert (refusal.value.code, refusal.value.param) == (Code.TEMPLATE_DELETED, "template_id")


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({}, Code.MISSING_PARAM, "params.name"),
        ({"name": "Ada", "more": "x"}, Code.UNKNOWN_PARAM, "params.more"),
        ({"nome": "Ada"}, Code.MISSING_PARAM, "params.name"),
        ({"name": "Ada", "code": "666666"}, Code.UNKNOWN_PARAM, "params.code"),
        ({"name": "Ada", "minutes": "5"}, Code.UNKNOWN_PARAM, "params.minutes"),
        ({"name": "x" * 65}, Code.INVALID_PARAM, "params.name"),
        ({"name": "a\x00b"}, Code.INVALID_TEXT, "params.name"),
        ({"name": "a 赌博 b"}, Code.SENSITIVE_WORD, "params.name"),
        ({"name": "【x】"}, Code.INVALID_PARAM, "params.name"),
    ],
)
def test_the_callers_values_are_checked_by_their_names(params, code, param):
    with pytest.raises(Refusal) as refusal:
        template_of(own(template(WITH_MINUTES), words=("赌博",)), "1", params, 6)
    assert (refusal.value.code, refusal.value.param) == (code, param)


def test_what_is_ours_is_not_listed_as_the_callers_to_give():
    with pytest.raises(Refusal) as refusal:
        template_of(own(template(WITH_MINUTES)), "1", {"name": "Ada", "more": "x"}, 6)
    assert refusal.value.facts["known"] == "name"


def test_a_template_may_go_without_minutes():
    plain = template("{code}")
    assert template_of(own(plain), "1", {}, 6) is plain


@pytest.mark.parametrize("length", [4, 10])
def test_a_code_too_long_for_its_variable_is_refused(length):
    short = template("{code}", variables=(Variable("code", 6),))
    if length == 4:
        assert template_of(own(short), "1", {}, length) is short
        return
    with pytest.raises(Refusal) as refusal:
        template_of(own(short), "1", {}, length)
    assert refusal.value.code is Code.INVALID_PARAM


# --------------------------------------------------------------------------------------- as it is stored


@pytest.mark.parametrize("ending", ["", "@example.com #{code}"])
@pytest.mark.parametrize("binding", [b"", b"b" * 32])
def test_it_is_the_same_after_it_was_stored(ending, binding):
    spoken = said(SEED._replace(binding=binding), params={"name": "欧阳"}, ending=ending)
    assert decode(spoken.encode()) == spoken


@pytest.mark.parametrize("mode", ["live", "test"])
@pytest.mark.parametrize("length", [otp.LENGTH_MIN, otp.LENGTH_MAX])
def test_the_code_of_what_was_stored_is_the_verifications(length, mode):
    seed = SEED._replace(length=length, mode=mode)
    assert decode(said(seed).encode()).code(CODES, 1, TO) == CODES.code(seed)


def test_no_code_is_in_what_is_stored():
    assert CODES.code(SEED) not in said().encode()


@pytest.mark.parametrize("stored", ["", "{}", "[]", '{"code":"1"}', '{"salt":1}'])
def test_what_is_none_is_not_read(stored):
    with pytest.raises(ValueError, match=r"\w"):
        decode(stored)


@pytest.mark.parametrize("country", ["CN", "US", "HK"])
@pytest.mark.parametrize("length", range(otp.LENGTH_MIN, otp.LENGTH_MAX + 1))
def test_a_text_measures_the_same_with_any_code(country, length):
    spoken = said(ending="@example.com #{code}")
    zeros = measure(spoken.text(None, country, "0" * length), country=country)
    for digit in "19":
        assert measure(spoken.text(None, country, digit * length), country=country) == zeros
