"""One-time passwords: how a code is made, read and proven, and how the times of before are counted."""

import hmac
import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posthouse.core import otp
from posthouse.core.otp import Codes, Seed, cooldown_us, lives, of_last_day, read_code

CODES = Codes(b"k" * 32)
SEED = Seed(b"s" * otp.SALT_BYTES, 1, "live", "+8613800138000", "default", 6)
NOW = 1_795_852_800_000_000
SECOND, HOUR, DAY = 1_000_000, 3_600_000_000, 86_400_000_000

OTHERS = [
    {"salt": b"t" * otp.SALT_BYTES},
    {"account_id": 2},
    {"mode": "test"},
    {"number": "+8613800138001"},
    {"purpose": "login"},
    {"binding": b"b" * 32},
]


def drawn(key: bytes, seed: Seed) -> str:
    """The code as whoever reads the description would compute it; good but for one draw in a billion."""
    fields = [
        seed.salt,
        str(seed.account_id).encode(),
        seed.mode.encode(),
        seed.number.encode(),
        seed.purpose.encode(),
        str(seed.length).encode(),
        seed.binding,
    ]
    plain = b"".join(str(len(field)).encode() + b":" + field for field in fields)
    mac = hmac.new(key, b"\x00" + plain, "sha256").digest()
    return str(int.from_bytes(mac[:8], "big") % 10**seed.length).zfill(seed.length)


seeds = st.builds(
    Seed,
    st.binary(min_size=16, max_size=16),
    st.integers(1, 1 << 62),
    st.sampled_from(["live", "test"]),
    st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True),
    st.text(min_size=1, max_size=64),
    st.integers(otp.LENGTH_MIN, otp.LENGTH_MAX),
    st.binary(max_size=32),
)


@given(seeds)
def test_a_code_is_computed_as_it_is_described_so_that_it_survives_an_upgrade(seed):
    assert CODES.code(seed) == drawn(b"k" * 32, seed)


@given(seeds)
def test_a_code_has_as_many_decimal_digits_as_were_wanted(seed):
    code = CODES.code(seed)
    assert len(code) == seed.length
    assert code.isascii()
    assert code.isdecimal()


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: next(iter(other)))
def test_all_that_a_code_is_about_goes_into_it(other):
    pairs = [
        (CODES.code(salted), CODES.code(salted._replace(**other)))
        for salted in (SEED._replace(salt=bytes([n]) * 16, length=10) for n in range(20))
    ]
    assert not [mine for mine, theirs in pairs if mine == theirs]


def test_codes_of_two_keys_have_nothing_in_common():
    other = Codes(b"j" * 32)
    seeds = [SEED._replace(salt=bytes([n]) * 16, length=10) for n in range(50)]
    assert not {CODES.code(seed) for seed in seeds} & {other.code(seed) for seed in seeds}


def test_fields_cannot_run_into_one_another():
    one = SEED._replace(number="+861", purpose="23", length=10)
    other = SEED._replace(number="+8612", purpose="3", length=10)
    assert CODES.code(one) != CODES.code(other)
    assert CODES.binding("1", "23") != CODES.binding("12", "3")
    assert CODES.fingerprint(1, "+861", "2345") != CODES.fingerprint(1, "+8612", "345")


@pytest.mark.parametrize("length", range(otp.LENGTH_MIN, otp.LENGTH_MAX + 1))
def test_a_draw_above_the_greatest_multiple_is_drawn_again_and_the_last_below_it_is_not(monkeypatch, length):
    most = 2**64 - 2**64 % 10**length
    draws = iter([2**64 - 1, most, most - 1])
    monkeypatch.setattr(hmac, "digest", lambda *_: next(draws).to_bytes(8, "big") + bytes(24))
    assert CODES.code(SEED._replace(length=length)) == "9" * length


def test_leading_zeros_are_kept(monkeypatch):
    monkeypatch.setattr(hmac, "digest", lambda *_: (42).to_bytes(8, "big") + bytes(24))
    assert [CODES.code(SEED._replace(length=length)) for length in (4, 6, 10)] == [
        "0042",
        "000042",
        "0000000042",
    ]


def test_each_first_digit_is_as_likely_as_any_other():
    counts = Counter(CODES.code(SEED._replace(salt=n.to_bytes(16, "big")))[0] for n in range(5000))
    assert len(counts) == 10
    chi2 = sum((count - 500) ** 2 / 500 for count in counts.values())
    assert chi2 < 27.9  # p > 0.001 with nine degrees of freedom; the salts are always the same


def test_only_the_very_code_under_the_very_binding_is_proven():
    code = CODES.code(SEED)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    bound = SEED._replace(binding=CODES.binding("99.00 CNY", "ACME"))
    prove = CODES.prove
    assert prove(SEED, code, binding=b"", fixed=None)
    for given_ in (wrong, "", code[:-1], code + "0", " " + code):
        assert not prove(SEED, given_, binding=b"", fixed=None)
    assert not prove(SEED, code, binding=bound.binding, fixed=None)
    of_bound = CODES.code(bound)
    assert prove(bound, of_bound, binding=bound.binding, fixed=None)
    assert not prove(bound, of_bound, binding=b"", fixed=None)
    for amount, payee in (("99.0 CNY", "ACME"), ("99.00 CNY", None), (None, "ACME"), ("ACME", "99.00 CNY")):
        assert not prove(bound, of_bound, binding=CODES.binding(amount, payee), fixed=None)


def test_a_test_numbers_own_code_stands_in_for_the_computed_one():
    fixed = CODES.fingerprint(1, SEED.number, "4711")
    assert CODES.prove(SEED, "4711", binding=b"", fixed=fixed)
    assert not CODES.prove(SEED, CODES.code(SEED), binding=b"", fixed=fixed)
    assert not CODES.prove(SEED._replace(account_id=2), "4711", binding=b"", fixed=fixed)
    assert not CODES.prove(SEED._replace(number="+8613800138001"), "4711", binding=b"", fixed=fixed)


def test_bindings_differ_wherever_amounts_and_payees_do():
    named = list(itertools.product((None, "", "1", "2"), repeat=2))
    assert len({CODES.binding(*each) for each in named}) == len(named)
    assert CODES.binding(None, None) == b""


def test_a_key_is_not_shown():
    assert "k" * 8 not in repr(CODES)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("123456", "123456"),
        (" 123 456\n", "123456"),
        ("123-456", "123456"),
        ("12–34—56", "123456"),
        ("１２３４５６", "123456"),
        ("١٢٣٤٥٦", "123456"),
        ("०००१२३", "000123"),
        ("1\u00a02\u30003456", "123456"),
        ("0042", "0042"),
        ("1234567890", "1234567890"),
        ("12345678901", ""),
        ("123", ""),
        ("", ""),
        (" - ", ""),
        ("12345a", ""),
        ("+123456", ""),
        ("12345²", ""),
        ("12345六", ""),
        ("1_2_3_4", ""),
        ("12\u200b3456", ""),
        ("12.3456", ""),
        ("0x1234", ""),
        (" " * 60 + "1234", "1234"),
        (" " * 61 + "1234", ""),
    ],
)
def test_digits_are_read_as_they_are_typed_and_anything_else_is_no_code(written, code):
    assert read_code(written) == code


@given(st.text(max_size=80))
def test_whatever_is_typed_becomes_a_code_or_nothing(written):
    code = read_code(written)
    assert code == "" or (code.isascii() and code.isdecimal() and 4 <= len(code) <= 10)


def test_a_code_lives_from_its_making_until_before_its_end():
    end = NOW + 300 * SECOND
    assert lives(NOW, end, NOW)
    assert lives(NOW, end, end - 1)
    assert not lives(NOW, end, end)
    assert not lives(NOW, end, end + DAY)


def test_a_code_from_the_future_does_not_live_beyond_what_machines_differ_by():
    end = NOW + 300 * SECOND
    assert lives(NOW, end, NOW - 60 * SECOND)
    assert not lives(NOW, end, NOW - 61 * SECOND)


def test_pauses_grow_from_one_minute_to_two_to_five_and_stay_there():
    sent: list[int] = []
    now, pauses = NOW, []
    for _ in range(6):
        assert cooldown_us(sent, now) == 0
        sent.append(now)
        pause = cooldown_us(sent, now)
        pauses.append(pause // SECOND)
        assert cooldown_us(sent, now + pause - 1) == 1
        now += pause
    assert pauses == [60, 120, 300, 300, 300, 300]


def test_after_an_hour_without_any_pauses_begin_anew():
    sent = (NOW, NOW + 60 * SECOND, NOW + 180 * SECOND)
    later = NOW + 180 * SECOND + HOUR
    assert cooldown_us(sent, later) == 0
    assert cooldown_us((*sent, later), later) == 60 * SECOND


@given(st.lists(st.integers(NOW - 2 * DAY, NOW + 2 * DAY), max_size=12).map(sorted), st.just(NOW))
def test_no_pause_is_longer_than_the_longest_whatever_the_clock_did(sent, now):
    assert 0 <= cooldown_us(sent, now) <= 300 * SECOND


@given(st.lists(st.integers(NOW - 2 * DAY, NOW + 2 * DAY), max_size=12).map(sorted))
def test_what_is_a_day_old_counts_no_more_nor_does_what_is_yet_to_come(times):
    kept = of_last_day(times, NOW)
    assert list(kept) == [at for at in times if NOW - DAY < at <= NOW + 60 * SECOND]
