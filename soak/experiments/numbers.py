"""Numbers in every disguise: one canonical E.164 form, or a refusal; never a second form of one handset."""

import random
from collections import Counter
from collections.abc import Callable, Iterator

from posthouse.core.phone import BadNumber, parse
from soak.experiment import Outcome
from soak.premises import a_running, caller
from tests.e2e.premises import key_of

ROWS = (55,)

HANDSETS = (
    "+8613800138000",
    "+14155550123",
    "+442071838750",
    "+85251234567",
    "+819012345678",
    "+491701234567",
)

ZEROS = "0０٠۰०๐߀᠐\U0001d7ce\U0001d7d8"
"""A zero of each script; the nine that follow each are its other digits."""

SEPARATORS = (" ", "-", ".", "\u00a0", "\u3000", "‐", "－", "（", ")")
MARKS = (
    "\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufeff\u00ad\u061c\u180e\u0000\u0007\u034f"
)

Reader = Callable[[str], str | None]


def carefully(text: str) -> str | None:
    """As the product reads it; None: refused."""
    try:
        return parse(text).e164
    except BadNumber:
        return None


def carelessly(text: str) -> str | None:
    """The planted bug: whatever counts as a digit, in the order in which it stands."""
    return "+" + "".join(char for char in text if char.isdigit())


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Write handsets in every way there is; some of them over HTTP."""
    dice = random.Random(scale)
    counted, detail = Counter({"disguises": 0, "canonical": 0, "refused": 0, "wrong": 0}), list[str]()
    tried: list[tuple[str, str, bool]] = []
    for handset in HANDSETS:
        tried += list(_disguises(handset, dice, 200 * scale))
    for text, handset, marked in tried:
        found = (carelessly if planted else carefully)(text)
        counted["disguises"] += 1
        _count(counted, detail, text, found, handset, marked=marked)
    async with a_running() as server, caller(server.port, key_of(server.data)) as api:
        for text, handset, marked in dice.sample(tried, 20 if planted else 60 * scale):
            answer = await api.post("/v1/sms/send", json={"to": text, "body": "who is it?"})
            counted["over HTTP"] += 1
            found = answer.json().get("to") if answer.status_code != 400 else None
            _count(counted, detail, text, found, handset, marked=marked)
    return Outcome(
        injected=f"{counted['disguises']} disguises of {len(HANDSETS)} handsets",
        counted=counted,
        bar="one canonical E.164, or 400",
        held=not counted["wrong"] and counted["canonical"] > 0 and counted["refused"] > 0,
        detail="; ".join(detail[:5]),
    )


def _count(
    counted: Counter[str], detail: list[str], text: str, found: str | None, handset: str, *, marked: bool
) -> None:
    """Right is the handset's one form, or a refusal; and always a refusal where a mark is hidden in it."""
    if found is None:
        counted["refused"] += 1
    elif found == handset and not marked:
        counted["canonical"] += 1
    else:
        counted["wrong"] += 1
        detail.append(f"{text!a} → {found!a}")


def _disguises(handset: str, dice: random.Random, count: int) -> Iterator[tuple[str, str, bool]]:
    """Ways to write it: (text, the handset it may stand for, whether something is hidden in it)."""
    digits = handset[1:]
    for _ in range(count):
        prefix = dice.choice(("+", "00", "＋", "+ ", "００"))
        if handset.startswith("+86") and dice.random() < 0.3:
            prefix, digits = "", handset[3:]
        text = prefix + "".join(_digit(char, dice) for char in digits)
        for _ in range(dice.randrange(3)):
            at = dice.randrange(len(prefix), len(text) + 1)
            text = text[:at] + dice.choice(SEPARATORS) + text[at:]
        marked = dice.random() < 0.3
        if marked:
            at = dice.randrange(len(text) + 1)
            text = text[:at] + dice.choice(MARKS) + text[at:]
        yield text, handset, marked
        digits = handset[1:]


def _digit(char: str, dice: random.Random) -> str:
    """The same digit in some script."""
    return chr(ord(dice.choice(ZEROS)) + int(char)) if dice.random() < 0.5 else char
