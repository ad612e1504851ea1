"""One-time passwords: how a code is made and proven, how often it is sent and tried.

No code is stored anywhere. It is computed from a secret key and what the verification is about, at dispatch
to be sent and at a check to be compared. Bounds follow NIST SP 800-63B-4 (at least six digits, ten minutes at
most, failures counted across codes) and RFC 4226, 5.3 (a decimal code from a MAC).
"""

import hmac
import unicodedata
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from posthouse.core.limits import DAY_US, RecipientLimits

LENGTH, LENGTH_MIN, LENGTH_MAX = 6, 4, 10
TTL_S, TTL_MIN_S, TTL_MAX_S = 300, 60, 600
CHECKS_MAX = 5
"""Checks of one code, right or wrong."""

FAILURES_MAX = 20
"""Wrong codes a day for a number and purpose, however many codes were sent."""

COOLDOWNS_S = (60, 120, 300)
"""How long after the first, the second and any further sending the next may follow."""

SENDS = RecipientLimits(hour=5, day=10)
"""Codes one number may be sent, for all purposes together."""

PURPOSE = "default"
PURPOSE_MAX = 64
BOUND_MAX = 100
"""Characters of the amount and of the payee that a code is bound to."""

SALT_BYTES = 16
DEAD = '{"why":"its code counts no more"}'
"""Why a message is not sent whose verification is over: the event's data."""

_MACHINES_DIFFER_US = 60_000_000
_HOUR_US = 3_600_000_000
_CODE_MAX = 64


class VerificationState(StrEnum):
    """What became of a code."""

    PENDING = "pending"
    VERIFIED = "verified"
    EXPIRED = "expired"
    CANCELED = "canceled"
    LOCKED = "locked"


class Seed(NamedTuple):
    """What a code is computed from, beside the key.

    Attributes:
        salt: random, and so the verification's alone.
        purpose: the caller's own label.
        binding: what else a check must name (`Codes.binding`); empty for nothing.
    """

    salt: bytes
    account_id: int
    mode: str
    number: str
    purpose: str
    length: int
    binding: bytes = b""


class Codes:
    """Computes and proves codes under one secret key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "Codes(…)"

    def code(self, seed: Seed) -> str:
        """The code: `length` decimal digits, each as likely as any other."""
        plain = _joined(
            (
                seed.salt,
                b"%d" % seed.account_id,
                seed.mode.encode(),
                seed.number.encode(),
                seed.purpose.encode(),
                b"%d" % seed.length,
                seed.binding,
            )
        )
        codes = 10**seed.length
        for turn in range(256):
            drawn = int.from_bytes(hmac.digest(self._key, bytes((turn,)) + plain, "sha256")[:8], "big")
            # What lies above the greatest multiple would make small codes likelier: drawn again.
            if drawn < _DRAWS - _DRAWS % codes:
                return f"{drawn % codes:0{seed.length}d}"
        raise AssertionError(seed.length)

    def prove(self, seed: Seed, code: str, *, binding: bytes, fixed: bytes | None) -> bool:
        """Whether this is the code, and bound to the same; as long for a wrong code as for the right one.

        `fixed`: the hash of a test number's code, which stands in for the computed one.
        """
        computed = self.fingerprint(seed.account_id, seed.number, self.code(seed))
        given = self.fingerprint(seed.account_id, seed.number, code)
        right = hmac.compare_digest(computed if fixed is None else fixed, given)
        return hmac.compare_digest(seed.binding, binding) and right

    def fingerprint(self, account_id: int, number: str, code: str) -> bytes:
        """A keyed hash of a code that is chosen for a number, under which it may be stored."""
        plain = _joined((b"fixed", b"%d" % account_id, number.encode(), code.encode()))
        return hmac.digest(self._key, plain, "sha256")

    def binding(self, amount: str | None, payee: str | None) -> bytes:
        """What a code is bound to, as a keyed hash; empty for nothing."""
        if amount is None and payee is None:
            return b""
        named = [b"" if each is None else b"=" + _composed(each) for each in (amount, payee)]
        return hmac.digest(self._key, _joined((b"bound", *named)), "sha256")


_DRAWS = 2**64


def _composed(named: str) -> bytes:
    """The same bytes however a keyboard or a program composes the same letters."""
    return unicodedata.normalize("NFC", named).encode()


def _joined(fields: Iterable[bytes]) -> bytes:
    """Fields with their lengths, so that no two lists of fields look alike."""
    return b"".join(b"%d:%b" % (len(field), field) for field in fields)


def read_code(written: str) -> str:
    """The digits that somebody typed: spaces and hyphens dropped, digits of other scripts folded.

    What is no code at all comes back as an empty text, which no code equals.
    """
    if len(written) > _CODE_MAX:
        return ""
    digits = []
    for char in written:
        if char.isdecimal():
            digits.append(str(unicodedata.decimal(char)))
        elif not (char.isspace() or unicodedata.category(char) == "Pd"):
            return ""
    code = "".join(digits)
    return code if LENGTH_MIN <= len(code) <= LENGTH_MAX else ""


def lives(created_at: int, expires_at: int, now: int) -> bool:
    """Whether a code may still be used; one from the future, by a clock that was put back, may not."""
    return created_at - _MACHINES_DIFFER_US <= now < expires_at


def latest_end(now: int) -> int:
    """When the last code ends that may be used by now; what ends later is of before a clock was put back."""
    return now + TTL_MAX_S * 1_000_000 + _MACHINES_DIFFER_US


def cooldown_us(sent: Sequence[int], now: int) -> int:
    """How long until the next may be sent for this purpose; `sent`: when the others were, in order."""
    recent = [at for at in sent if now - _HOUR_US < at <= now + _MACHINES_DIFFER_US]
    if not recent:
        return 0
    pause_us = COOLDOWNS_S[min(len(recent), len(COOLDOWNS_S)) - 1] * 1_000_000
    return min(max(recent[-1] + pause_us - now, 0), pause_us)


def of_last_day(times: Iterable[int], now: int) -> tuple[int, ...]:
    """Those times that still count."""
    return tuple(at for at in times if now - DAY_US < at <= now + _MACHINES_DIFFER_US)
