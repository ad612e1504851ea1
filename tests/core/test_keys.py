"""Keys: how they look, which are told apart from typos, and how they are proven."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posthouse.core.keys import api_lookup_of, issue, lookup_of, prove
from posthouse.core.message import Mode

BASE62 = string.digits + string.ascii_letters
CREDENTIAL = issue(Mode.LIVE)


@pytest.mark.parametrize("mode", Mode)
def test_a_key_says_its_mode_and_leads_to_its_lookup(mode):
    credential = issue(mode)
    assert credential.key.startswith(f"ph_{mode}_")
    assert credential.mode is mode
    assert lookup_of(credential.key) == credential.lookup
    assert credential.lookup in credential.key
    assert api_lookup_of(credential.api_key) == credential.lookup


def test_a_key_holds_no_more_than_is_shown_once_and_its_secrets_differ():
    body = CREDENTIAL.key.removeprefix("ph_live_")
    assert len(body) == 48
    assert set(body) <= set(BASE62)
    assert len(CREDENTIAL.api_secret) == 32
    assert CREDENTIAL.api_secret not in CREDENTIAL.key


def test_keys_do_not_repeat():
    issued = [issue(Mode.TEST) for _ in range(200)]
    assert len({credential.lookup for credential in issued}) == 200
    assert len({credential.api_secret for credential in issued}) == 200


@given(st.integers(0, len(CREDENTIAL.key) - 1), st.sampled_from(BASE62 + "_- é１"))
def test_one_wrong_character_is_noticed(at, char):
    typo = CREDENTIAL.key[:at] + char + CREDENTIAL.key[at + 1 :]
    if typo != CREDENTIAL.key:
        assert lookup_of(typo) is None


@given(st.integers(0, len(CREDENTIAL.key) - 2))
def test_two_neighbours_exchanged_are_noticed(at):
    key = CREDENTIAL.key
    typo = key[:at] + key[at + 1] + key[at] + key[at + 2 :]
    if typo != key:
        assert lookup_of(typo) is None


@given(st.text(max_size=70))
def test_other_texts_are_no_keys(text):
    assert lookup_of(text) is None
    assert lookup_of("ph_live_" + text) is None


@pytest.mark.parametrize(
    "text", ["", "sk_", "sk_123456789", "sk_12345678901", "pk_1234567890", "sk_123456789é", "sk_12345６7890"]
)
def test_other_texts_are_no_api_keys(text):
    assert api_lookup_of(text) is None


def test_a_proof_needs_the_secret_and_the_pepper():
    proof = prove(CREDENTIAL.key, b"pepper")
    assert proof == prove(CREDENTIAL.key, b"pepper")
    assert proof not in (prove(CREDENTIAL.key, b"other"), prove(CREDENTIAL.api_secret, b"pepper"))
    assert len(proof) == 32
