"""Secrets at rest: one master key, one derived key per purpose, AES-256-GCM.

`Vault.seal` makes an envelope: a random data key wrapped by the vault's key, so that rotating the
master rewraps 60 bytes and not the data. `Vault.cipher` is the plain cipher of one purpose, for
short texts in bulk.
"""

import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MASTER_BYTES = 32
_NONCE = 12
_TAG = 16
_VERSION = b"\x01"
_WRAPPED = _NONCE + MASTER_BYTES + _TAG


class Unreadable(Exception):
    """The sealed bytes were changed, belong elsewhere, or were sealed under another master key."""


class Cipher:
    """AES-256-GCM under one key; `context` (what the text belongs to) is authenticated with it."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """Nonce and ciphertext."""
        nonce = os.urandom(_NONCE)
        return nonce + self._aead.encrypt(nonce, plain, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """The plain bytes again.

        Raises:
            Unreadable: see the class.
        """
        try:
            return self._aead.decrypt(sealed[:_NONCE], sealed[_NONCE:], context)
        except (InvalidTag, ValueError) as error:
            raise Unreadable from error


class Vault:
    """Everything that is derived from the installation's master key (32 bytes)."""

    def __init__(self, master: bytes) -> None:
        if len(master) != MASTER_BYTES:
            msg = f"the master key has {len(master)} bytes, not {MASTER_BYTES}"
            raise ValueError(msg)
        self._master = master
        self._wrapping = self.cipher("envelope")

    def derive(self, purpose: str) -> bytes:
        """A key of its own for one purpose (HMAC-SHA256 of the purpose's name)."""
        return hmac.digest(self._master, f"posthouse/{purpose}".encode(), "sha256")

    def fingerprint(self) -> int:
        """48 bits that tell this master key from others, and nothing about it."""
        return int.from_bytes(self.derive("fingerprint")[:6], "big")

    def cipher(self, purpose: str) -> Cipher:
        """The cipher of one purpose."""
        return Cipher(self.derive(purpose))

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """An envelope around `plain`, bound to `context`."""
        data_key = os.urandom(MASTER_BYTES)
        return _VERSION + self._wrapping.seal(data_key, context) + Cipher(data_key).seal(plain, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """What an envelope holds.

        Raises:
            Unreadable: changed, of another context, or of another master key.
        """
        if sealed[:1] != _VERSION:
            raise Unreadable
        wrapped, rest = sealed[1 : 1 + _WRAPPED], sealed[1 + _WRAPPED :]
        return Cipher(self._wrapping.open(wrapped, context)).open(rest, context)
