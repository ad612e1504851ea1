"""The vault: what is sealed comes back whole, for its context and master only, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posthouse.core.vault import Unreadable, Vault

MASTER = bytes(range(32))
VAULT = Vault(MASTER)
PLAIN, CONTEXT = "密钥 secret".encode(), b"channel 7"


def openers(vault=VAULT):
    return [
        (vault.seal, vault.open),
        (vault.cipher("bodies").seal, vault.cipher("bodies").open),
    ]


@pytest.mark.parametrize(("seal", "unseal"), openers())
@given(plain=st.binary(max_size=300), context=st.binary(max_size=40))
def test_what_was_sealed_comes_back(seal, unseal, plain, context):
    sealed = seal(plain, context)
    assert unseal(sealed, context) == plain
    assert len(plain) < 4 or plain not in sealed


@pytest.mark.parametrize(("seal", "unseal"), openers())
@given(data=st.data())
def test_any_changed_byte_is_noticed(seal, unseal, data):
    sealed = bytearray(seal(PLAIN, CONTEXT))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Unreadable):
        unseal(bytes(sealed), CONTEXT)


@pytest.mark.parametrize(("seal", "unseal"), openers())
@given(data=st.data())
def test_any_missing_end_is_noticed(seal, unseal, data):
    sealed = seal(PLAIN, CONTEXT)
    with pytest.raises(Unreadable):
        unseal(sealed[: data.draw(st.integers(0, len(sealed) - 1))], CONTEXT)
    with pytest.raises(Unreadable):
        unseal(sealed + b"x", CONTEXT)


@pytest.mark.parametrize(("seal", "unseal"), openers())
def test_another_context_opens_nothing(seal, unseal):
    with pytest.raises(Unreadable):
        unseal(seal(PLAIN, CONTEXT), b"channel 8")


@pytest.mark.parametrize(
    ("mine", "theirs"), list(zip(openers(), openers(Vault(bytes(32))), strict=True)), ids=["vault", "cipher"]
)
def test_another_master_key_opens_nothing(mine, theirs):
    with pytest.raises(Unreadable):
        theirs[1](mine[0](PLAIN, CONTEXT), CONTEXT)


def test_sealing_the_same_twice_gives_two_envelopes():
    assert VAULT.seal(PLAIN, CONTEXT) != VAULT.seal(PLAIN, CONTEXT)


def test_each_purpose_has_a_key_of_its_own():
    assert VAULT.derive("keys") == Vault(MASTER).derive("keys")
    assert len({VAULT.derive("keys"), VAULT.derive("codes"), Vault(bytes(32)).derive("keys"), MASTER}) == 4
    with pytest.raises(Unreadable):
        VAULT.cipher("other").open(VAULT.cipher("bodies").seal(PLAIN, CONTEXT), CONTEXT)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_master_key_of_another_length_is_refused(length):
    with pytest.raises(ValueError, match=f"{length} bytes"):
        Vault(bytes(length))
