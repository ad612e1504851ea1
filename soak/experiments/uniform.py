"""Ten million codes: every digit at every place is as likely as any other, and leading zeros are kept."""

import hmac
from collections import Counter
from math import erfc, sqrt

from posthouse.core.otp import LENGTH_MAX, LENGTH_MIN, Codes, Seed
from soak.experiment import Outcome

ROWS = (46,)

CODES = 100_000
"""At scale 1, of all lengths together; a hundred times as many at scale 10."""

P_MIN = 0.001
LENGTHS = range(LENGTH_MIN, LENGTH_MAX + 1)
KEY = b"the same codes at every run....."


class Hasty(Codes):
    """The planted bug: as few bytes as will do, and what is left over makes small codes likelier."""

    def code(self, seed: Seed) -> str:
        """A code."""
        size = (10**seed.length).bit_length() // 8 + 1
        drawn = hmac.digest(KEY, seed.salt, "sha256")[:size]
        return f"{int.from_bytes(drawn, 'big') % 10**seed.length:0{seed.length}d}"


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Make codes for salts that count up, and hold their digits against chance.

    Planted: codes without rejection sampling.
    """
    codes = Hasty(KEY) if planted else Codes(KEY)
    each = CODES * scale**2 // len(LENGTHS)
    faults, zeros, least = 0, 0, 1.0
    for length in LENGTHS:
        places: list[Counter[str]] = [Counter() for _ in range(length)]
        leading: Counter[str] = Counter()
        for batch in range(0, each, 10_000):
            made = [
                codes.code(Seed(n.to_bytes(16, "big"), 1, "live", "+8613800138000", "default", length))
                for n in range(batch, min(batch + 10_000, each))
            ]
            faults += sum(len(code) != length or not code.isdecimal() for code in made)
            leading.update([code[:2] for code in made])
            for place, digits in enumerate(zip(*made, strict=False)):
                places[place].update(digits)
        zeros += sum(count for head, count in leading.items() if head[0] == "0")
        least = min(least, _p(leading, 100), *(_p(place, 10) for place in places))
    expected = each * len(LENGTHS) / 10
    off = abs(zeros - expected) / sqrt(expected * 0.9)
    return Outcome(
        injected=f"{each * len(LENGTHS):,} codes of {LENGTH_MIN} to {LENGTH_MAX} digits",
        counted={
            "least p, in 10⁻⁴": round(least * 10_000),
            "leading zeros": zeros,
            "of wrong length": faults,
        },
        bar=f"χ² p > {P_MIN} for each place and for the leading two; leading zeros kept",
        held=least > P_MIN and not faults and off < 4,
        detail=f"p = {least:.2g}, leading zeros {off:.1f} σ off",
    )


def _p(counts: Counter[str], kinds: int) -> float:
    """How likely so uneven counts are by chance (χ², by Wilson and Hilferty's approximation)."""
    expected = counts.total() / kinds
    chi2 = sum(count * count for count in counts.values()) / expected - counts.total()
    freedom = kinds - 1
    spread = 2 / (9 * freedom)
    deviation = (max(chi2 / freedom, 0.0) ** (1 / 3) - (1 - spread)) / sqrt(spread)
    return erfc(deviation / sqrt(2)) / 2
