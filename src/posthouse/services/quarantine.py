"""Messages that bring down whoever looks at them: tried a few times, then ended; others go on."""

import asyncio
import math

from posthouse.core.ports.life import Claimed, Ended
from posthouse.core.verdict import Reason

TRIES_MAX = 5
KNOWN_MAX = 10_000
PAUSE_MAX_S = 60.0

POISON = (LookupError, TypeError, ValueError)
"""What a message that cannot be read or routed raises; a store in trouble raises others."""


class Quarantine:
    """Remembers how often a message failed by itself, and since when all fail."""

    def __init__(self) -> None:
        self._tries: dict[int, int] = {}
        self._since_s = self._last_s = -math.inf

    def failed(self, message: Claimed) -> Ended | None:
        """Count one more failure; from the last one allowed on, how the message ends."""
        tries = self._tries.pop(message.id, 0) + 1
        if tries >= TRIES_MAX:
            return Ended(message.id, message.token, None, Reason.INVALID_REQUEST, '{"considered":[]}')
        self._tries[message.id] = tries
        if len(self._tries) > KNOWN_MAX:
            del self._tries[next(iter(self._tries))]
        return None

    def pause_us(self) -> int:
        """How long messages wait that are not to blame: as long as the fault has lasted, a minute at most.

        For each of them that is 1, 1, 2, 4 … 60 seconds. A fault has passed when it stayed away for
        twice the longest pause.
        """
        now_s = asyncio.get_running_loop().time()
        if now_s - self._last_s > 2 * PAUSE_MAX_S:
            self._since_s = now_s
        self._last_s = now_s
        return int(min(max(now_s - self._since_s, 1.0), PAUSE_MAX_S) * 1_000_000)
