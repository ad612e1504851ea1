"""Time-ordered ids: 51 bits of microseconds and 12 bits of node make one positive 63-bit integer.

The integer is the primary key (appended at the right edge of every index); its text form is what
callers see. Both sort by time.
"""

EPOCH_US = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
NODE_BITS = 12
STEP = 1 << NODE_BITS
HOUR = 3_600_000_000 << NODE_BITS
"""An id divided by this is the hour it was taken in, counted from the epoch."""

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case
_DIGITS = 13
_VALUES = {char: value for value, char in enumerate(_ALPHABET)}
_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]

MESSAGE, BATCH, REQUEST = "sms_", "bat_", "req_"
VERIFICATION, TEST_NUMBER, GUARD_ENTRY, INBOUND = "otp_", "tst_", "grd_", "inb_"


class Ids:
    """Hands out ids that never repeat and never go back, even when the clock does.

    `node` (0–4095) keeps processes apart: the store hands out a new one at every start.
    """

    def __init__(self, node: int) -> None:
        self._node = node & (STEP - 1)
        self._last_us = 0

    def take(self, now_us: int, count: int = 1) -> int:
        """The first of `count` ids in a row; the others follow at distance `STEP`."""
        first = max(now_us - EPOCH_US, self._last_us + 1)
        self._last_us = first + count - 1
        return first << NODE_BITS | self._node


def first_at(at_us: int) -> int:
    """The smallest id that can be taken at this time or later: where a range of time begins."""
    return max(at_us - EPOCH_US, 0) << NODE_BITS


def taken_at(number: int) -> int:
    """When an id was taken, in microseconds UTC: the other way round."""
    return (number >> NODE_BITS) + EPOCH_US


def show(prefix: str, number: int) -> str:
    """The public form, e.g. `sms_0c7x…`: the prefix and 13 base-32 digits."""
    pairs = _PAIRS
    return (
        prefix
        + _ALPHABET[number >> 60]
        + pairs[number >> 50 & 1023]
        + pairs[number >> 40 & 1023]
        + pairs[number >> 30 & 1023]
        + pairs[number >> 20 & 1023]
        + pairs[number >> 10 & 1023]
        + pairs[number & 1023]
    )


def read(prefix: str, text: str) -> int | None:
    """The integer behind a public id, or None when the text is not one."""
    digits = text[len(prefix) :]
    if not text.startswith(prefix) or len(digits) != _DIGITS:
        return None
    number = 0
    for char in digits:
        value = _VALUES.get(char)
        if value is None:
            return None
        number = number << 5 | value
    return number if number < 1 << 63 else None
