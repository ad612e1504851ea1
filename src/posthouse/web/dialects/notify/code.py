"""Draw a random code."""

import secrets
import string

import msgspec

from posthouse.core.ports.replies import KeepReply
from posthouse.web.dialects.notify.replies import CodeReply
from posthouse.web.dialects.notify.wire import CodeRequest
from posthouse.web.endpoint import Call
from posthouse.web.idempotency import Sealed, mark_of
from posthouse.web.services import Services

OPERATION = "notify.code"

_LETTERS = "".join(letter for letter in string.ascii_uppercase if letter not in "IO")
"""Without those that are taken for 1 and 0."""

ALPHABETS = {
    "number": string.digits,
    "letter": _LETTERS,
    "mixed": string.digits[2:] + _LETTERS,
}
"""What codes of each type are made of."""


class Codes:
    """The call that draws codes. They are not ours to check: who asked for one does."""

    def __init__(self, services: Services) -> None:
        self._store = services.store
        self._submit = services.submit
        self._clock = services.clock
        self._sealed = Sealed(services.secrets)

    async def draw(self, call: Call[CodeRequest]) -> bytes:
        """A new code, or under a key of before that one's."""
        wanted = call.wanted
        mark = mark_of(call.headers, wanted)
        reply = msgspec.json.encode(CodeReply(random_code(wanted.length, wanted.type)))
        if mark is None:
            return reply
        once = self._submit.once(call.caller, OPERATION, mark.key, mark.request, reply)
        kept = await self._store.write(KeepReply(self._sealed.seal(once), self._clock.now()))
        if kept is None:
            return reply
        call.replayed = True
        return self._sealed.open(once, kept)


def random_code(length: int, kind: str) -> str:
    """A code from the system's random source; each that its type allows is as likely as any other.

    A mixed one has a digit and a letter at least: one that has not is thrown away, and drawn anew.
    """
    alphabet = ALPHABETS[kind]
    while True:
        code = "".join(secrets.choice(alphabet) for _ in range(length))
        if kind != "mixed" or not (code.isdigit() or code.isalpha()):
            return code
