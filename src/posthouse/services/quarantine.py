"""Messages that bring down whoever looks at them: tried alone a few times, then ended; others go on."""

from posthouse.core.ports.life import Claimed, Ended
from posthouse.core.verdict import Reason

TRIES_MAX = 5
KNOWN_MAX = 10_000

POISON = (LookupError, TypeError, ValueError)
"""What a message that cannot be read raises; a store in trouble raises others."""


class Quarantine:
    """Remembers, as long as the process lives, how often a message failed by itself."""

    def __init__(self) -> None:
        self._tries: dict[int, int] = {}

    def failed(self, message: Claimed) -> Ended | None:
        """Count one more failure; from the last one allowed on, how the message ends."""
        tries = self._tries.pop(message.id, 0) + 1
        if tries >= TRIES_MAX:
            return Ended(message.id, message.token, None, Reason.INVALID_REQUEST, '{"considered":[]}')
        self._tries[message.id] = tries
        if len(self._tries) > KNOWN_MAX:
            del self._tries[next(iter(self._tries))]
        return None
