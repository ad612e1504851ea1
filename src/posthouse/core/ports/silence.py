"""What no receipt comes of, codes and messages with a deadline, and its sending over another channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from posthouse.core.message import Mode
from posthouse.core.ports.store import Command, Query


class Silent(NamedTuple):
    """A code, or a message with a deadline, that was sent a while ago, and of which no receipt has come.

    Attributes:
        verification_id: of a code; None for what is no code.
        message_id: its newest message; 0 where there is none.
        template_id, template_version, signature: what a vendor may have to approve of.
        tried: channels that had the code, or refused it. None: nothing is to be done about it, since it is
            no use any more, the handset has it, no receipt would come, or it went out once more already.
        sent_at: when a vendor was given it last; None while it is still on its way to one.
    """

    verification_id: int | None
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
    """Up to `limit` verifications and as many messages whose `silent_at` has come, the oldest first."""

    now: int
    limit: int


@dataclass(frozen=True, slots=True)
class ResendSilent(Command[None]):
    """Look at these verifications no more, or `later`: (verification, when) once more; nor at `message_ids`.

    Messages of `resend` go out once more, over another channel, if still nothing was heard of them or their
    codes. Verifications whose codes were sent anew in the meantime are left alone.
    """

    verification_ids: Sequence[int]
    resend: Sequence[int]
    at: int
    later: Sequence[tuple[int, int]] = ()
    message_ids: Sequence[int] = ()
