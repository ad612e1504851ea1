"""The file of a backup: named pieces in one encrypted stream, of any size, in bounded memory.

    header: magic · the secret key's fingerprint · salt
    chunks: AES-256-GCM of 1 MiB each, under a key of this file alone (from secret key and salt);
            nonce: the chunk's number, and whether it is the last
    inside: length of the manifest · manifest (JSON) · the pieces, in the manifest's order

A chunk that was changed, moved, left out or added cannot be opened, and neither can a file cut short.
"""

import hmac
import os
from collections.abc import Iterator
from types import TracebackType
from typing import Annotated, BinaryIO, NamedTuple, Self

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from posthouse.core.vault import Vault

CHUNK = 1 << 20
MANIFEST_MAX = 1 << 20

_MAGIC = b"posthouse backup 1\n"
_FINGERPRINT, _SALT, _TAG = 6, 32, 16
_HEADER = len(_MAGIC) + _FINGERPRINT + _SALT
_LENGTH = 4


class Unusable(Exception):
    """The file is no whole backup of this secret key; the message is how a sentence about it goes on."""


Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was backed up, and how it is known again."""

    release: str
    """Of Posthouse."""
    schema: str
    """The database's revision."""
    created_at: Count
    """When the database looked like this, in microseconds UTC."""
    tables: dict[str, Count]
    """The rows of every table."""
    books: str
    """A digest of every account's balance and the head of its chain."""
    drifts: Count | None
    """What the ledger check found then; 0 wherever all is well, None where the schema was an older one."""
    pieces: dict[str, Count]
    """The files and their sizes, in the order in which they follow."""


class Sealing:
    """Writes the encrypted stream into a file; the block's end makes it whole."""

    def __init__(self, file: BinaryIO, vault: Vault) -> None:
        self._file = file
        self._waiting = bytearray()
        self._number = 0
        self._header = _MAGIC + _fingerprint(vault) + os.urandom(_SALT)
        self._cipher = _cipher(vault, self._header)
        file.write(self._header)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._seal(last=True)

    def manifest(self, manifest: Manifest) -> None:
        """The first thing in it."""
        text = msgspec.json.encode(manifest)
        self.write(len(text).to_bytes(_LENGTH, "big") + text)

    def write(self, plain: bytes) -> None:
        """Add to the stream."""
        self._waiting += plain
        while len(self._waiting) > CHUNK:
            self._seal(last=False)

    def _seal(self, *, last: bool) -> None:
        plain = bytes(self._waiting[:CHUNK])
        del self._waiting[:CHUNK]
        self._file.write(self._cipher.encrypt(_nonce(self._number, last=last), plain, self._header))
        self._number += 1


class Piece(NamedTuple):
    """A part of one of the files in an archive."""

    name: str
    plain: bytes


class Opening:
    """Reads an archive. What it hands out is authentic, and whole once `pieces` has ended."""

    def __init__(self, file: BinaryIO, vault: Vault) -> None:
        """Raises Unusable, as all that follows."""
        self._file = file
        header = file.read(_HEADER)
        if not header.startswith(_MAGIC) or len(header) < _HEADER:
            raise Unusable("is no backup of posthouse, or its beginning is missing: give another file.")
        if not hmac.compare_digest(header[len(_MAGIC) :][:_FINGERPRINT], _fingerprint(vault)):
            raise Unusable(
                "was made under another secret key: give the one of its installation with --secret-key."
            )
        self._header = header
        self._cipher = _cipher(vault, header)
        self._chunks = self._opened()
        self._waiting = bytearray()
        length = int.from_bytes(self._take(_LENGTH), "big")
        if length > MANIFEST_MAX:
            raise _other_release()
        try:
            self.manifest = msgspec.json.decode(self._take(length), type=Manifest)
        except msgspec.MsgspecError as error:
            raise _other_release() from error

    def pieces(self) -> Iterator[Piece]:
        """The files, part by part."""
        for name, size in self.manifest.pieces.items():
            left = size
            while left:
                part = self._take(min(left, CHUNK))
                left -= len(part)
                yield Piece(name, part)
        if self._waiting or next(self._chunks, b""):
            raise _other_release()

    def _take(self, size: int) -> bytes:
        while len(self._waiting) < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                raise _other_release()
            self._waiting += chunk
        taken = bytes(self._waiting[:size])
        del self._waiting[:size]
        return taken

    def _opened(self) -> Iterator[bytes]:
        """Every chunk; whether one is the last, the end of the file says."""
        sealed, number = self._file.read(CHUNK + _TAG), 0
        while True:
            following = self._file.read(CHUNK + _TAG)
            yield self._open(sealed, number, last=not following)
            if not following:
                return
            sealed, number = following, number + 1

    def _open(self, sealed: bytes, number: int, *, last: bool) -> bytes:
        try:
            return self._cipher.decrypt(_nonce(number, last=last), sealed, self._header)
        except (InvalidTag, ValueError):
            if last and len(sealed) != CHUNK + _TAG:
                raise Unusable("is damaged at its end, or was cut short: take another copy.") from None
            if last and self._would_open(sealed, number):
                raise Unusable("was cut short: take another copy.") from None
            raise Unusable(f"is damaged in its {number + 1}. MiB: take another copy.") from None

    def _would_open(self, sealed: bytes, number: int) -> bool:
        try:
            self._cipher.decrypt(_nonce(number, last=False), sealed, self._header)
        except (InvalidTag, ValueError):
            return False
        return True


def _other_release() -> Unusable:
    return Unusable("was made by a newer release of posthouse: restore it with that one.")


def _fingerprint(vault: Vault) -> bytes:
    return vault.fingerprint().to_bytes(_FINGERPRINT, "big")


def _cipher(vault: Vault, header: bytes) -> AESGCM:
    return AESGCM(hmac.digest(vault.derive("backup"), header, "sha256"))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
