"""Codes of which no receipt comes, and their sending over another channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from posthouse.core.message import Mode
from posthouse.core.ports.store import Command, Query


class Silent(NamedTuple):
    """A code that was sent a while ago, of which no receipt has come.

    Attributes:
        message_id: its newest message; 0 where there is none.
        template_id, template_version, signature: what a vendor may have to approve of.
        tried: channels that had the code, or refused it. None: nothing is to be done about it, since it is
            no use any more, the handset has it, no receipt would come, or it went out once more already.
        sent_at: when a vendor was given it last; None while it is still on its way to one.
    """

    verification_id: int
    message_id: int
    account_id: int
    country: str
    mode: Mode
    pin: str | None = None
    signature: str | None = None
    template_id: str | None = None
    template_version: int | None = None
    tried: frozenset[int] | None = None
    sent_at: int | None = None


@dataclass(frozen=True, slots=True)
class FindSilent(Query[list[Silent]]):
    """Up to `limit` verifications whose `silent_at` has come, the oldest first."""

    now: int
    limit: int


@dataclass(frozen=True, slots=True)
class ResendSilent(Command[None]):
    """Look at these verifications no more, or `later`: (verification, when) once more.

    Messages of `resend` go out once more, over another channel, if still nothing was heard of their codes.
    Verifications whose codes were sent anew in the meantime are left alone.
    """

    verification_ids: Sequence[int]
    resend: Sequence[int]
    at: int
    later: Sequence[tuple[int, int]] = ()
