"""Commands about messages whose last call got no usable answer."""

from dataclasses import dataclass
from typing import NamedTuple

from posthouse.core.message import Lane
from posthouse.core.ports.life import Lease
from posthouse.core.ports.store import Command


class Unanswered(NamedTuple):
    """A leased message whose last attempt got no usable answer."""

    id: int
    token: int
    account_id: int
    lane: Lane
    recipient: str
    attempt: int
    channel_id: int
    started_at: int
    expires_at: int
    unknown_attempts: int


@dataclass(frozen=True, slots=True)
class ClaimUnknown(Command[list[Unanswered]]):
    """Lease unknown messages that are due for a question to the vendor or for the policy's word.

    Those older than 72 h are ended as `unconfirmed` instead.
    """

    limit: int
    lease: Lease
    now: int


class Resolution(NamedTuple):
    """What to do with an unknown message that stays unknown: send again, or look again at `due_at`."""

    message_id: int
    token: int
    resend: bool
    due_at: int


@dataclass(frozen=True, slots=True)
class ResolveUnknown(Command[None]):
    """Write the policy's word for unknown messages."""

    resolutions: tuple[Resolution, ...]
    at: int
