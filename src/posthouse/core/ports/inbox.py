"""What handsets wrote: what came of it, and queries about it."""

from dataclasses import dataclass
from typing import NamedTuple

from posthouse.core.keywords import Keyword
from posthouse.core.ports.store import Query


class Inbound(NamedTuple):
    """What came of a group of inbound texts that were new; numbers in E.164.

    Attributes:
        stored: how many they were.
        opted_out: who asked to be written to no more, and is suppressed now.
        opted_in: who asked for messages again, and was on the list.
        unheard: who asked for either, and nobody knows of whom.
    """

    stored: int = 0
    opted_out: tuple[str, ...] = ()
    opted_in: tuple[str, ...] = ()
    unheard: tuple[str, ...] = ()


class InboundText(NamedTuple):
    """A text that a handset sent.

    Attributes:
        row: its id, time-ordered (core/ids.py).
        account_id: whose it is; None: nobody's, as far as is known.
        message_id: the message that it answers.
        receiver: our number or extension code that it was sent to, where the vendor says so.
        channel: the name of the one that handed it over.
        sent_at: when it was sent, by the vendor's word; None where it tells no time.
        received_at: when we heard of it.
    """

    row: int
    account_id: int | None
    message_id: int | None
    sender: str
    receiver: str | None
    text: str
    keyword: Keyword | None
    channel: str
    sent_at: int | None
    received_at: int


@dataclass(frozen=True, slots=True)
class WantedTexts:
    """Which inbound texts a list shows; what is left out does not matter.

    With `unclaimed` it is nobody's texts, whatever the account. `since` and `until` (exclusive) are times of
    receipt, taken from the ids.
    """

    account_id: int | None = None
    unclaimed: bool = False
    sender: str | None = None
    receiver: str | None = None
    keyword: Keyword | None = None
    channel: str | None = None
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Texts of a list, newest first; it goes on below the row `next_before`, where there is one."""

    texts: list[InboundText]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class ListInbox(Query[InboxPage]):
    """Inbound texts below the row `before_row`, newest first.

    One query looks at a bounded number of rows: see `queries.ListMessages`.
    """

    wanted: WantedTexts
    limit: int = 20
    before_row: int | None = None


@dataclass(frozen=True, slots=True)
class GetInbound(Query[InboundText | None]):
    """One text of an account's; with `unclaimed`, nobody's too."""

    account_id: int
    row: int
    unclaimed: bool = False
