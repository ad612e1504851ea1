"""Replies that are kept alone: of calls that change nothing else."""

from dataclasses import dataclass

from posthouse.core.ports.life import Once
from posthouse.core.ports.store import Command


@dataclass(frozen=True, slots=True)
class KeepReply(Command[bytes | None]):
    """Keep a reply under its idempotency key. Answers the stored one where the key was used before.

    Refuses with IDEMPOTENCY_KEY_REUSED.
    """

    once: Once
    at: int
