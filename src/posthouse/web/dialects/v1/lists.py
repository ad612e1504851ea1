"""Lists of messages."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import BATCH, read
from posthouse.core.message import State
from posthouse.core.ports.queries import Wanted
from posthouse.services.browse import page
from posthouse.web.body import Form
from posthouse.web.dialects.v1.pages import INSTANT, NextCursor, PageQuery, cursor_at, moment, position
from posthouse.web.dialects.v1.records import SmsRecord, of_record
from posthouse.web.dialects.v1.submission import LANES, number
from posthouse.web.dialects.v1.wire import FAULTS, Purpose
from posthouse.web.endpoint import Call, Route
from posthouse.web.services import Services


class MessagesQuery(PageQuery, kw_only=True, forbid_unknown_fields=True):
    """Which messages to list; filters that are given must all hold."""

    state: (
        Annotated[str, Meta(description="One state, or several with commas.", examples=["scheduled,queued"])]
        | None
    ) = None
    to: Annotated[str, Meta(description="The recipient.", examples=["+15555550123"])] | None = None
    since: (
        Annotated[
            str,
            INSTANT,
            Meta(
                description="Accepted at or after this time, RFC 3339 with a zone. What counts is the time "
                "in the id, which never goes back, even where the server's clock does."
            ),
        ]
        | None
    ) = None
    until: (
        Annotated[str, INSTANT, Meta(description="Accepted before this time, compared in the same way.")]
        | None
    ) = None
    batch_id: Annotated[str, Meta(description="Of this batch; one you do not have is empty.")] | None = None
    reference: Annotated[str, Meta(description="With exactly this label.", max_length=255)] | None = None
    purpose: Annotated[Purpose, Meta(description="In this lane.")] | None = None


class MessagesReply(Struct):
    """A page of messages, newest first."""

    data: list[SmsRecord]
    next_cursor: NextCursor


class Lists:
    """The call that lists messages."""

    def __init__(self, services: Services) -> None:
        self._store = services.store

    async def messages(self, call: Call[MessagesQuery]) -> MessagesReply:
        """The account's own messages, newest first."""
        asked, account = call.wanted, call.caller.account
        before = position(asked.cursor)
        wanted = _wanted(asked, account.id, account.region)
        if wanted is None:
            return MessagesReply([], None)
        found = await page(self._store, wanted, asked.limit, before)
        return MessagesReply(
            [of_record(message, account.currency) for message in found.messages],
            cursor_at(found.next_before),
        )


def _wanted(asked: MessagesQuery, account_id: int, region: str) -> Wanted | None:
    """What the store is asked for; None where there can be nothing."""
    wanted = Wanted(
        account_id=account_id,
        state=frozenset() if asked.state is None else _states(asked.state),
        recipient=None if asked.to is None else number(asked.to, region),
        since=moment(asked.since, "since"),
        until=moment(asked.until, "until"),
        batch_id=None if asked.batch_id is None else read(BATCH, asked.batch_id),
        reference=asked.reference,
        lane=None if asked.purpose is None else LANES[asked.purpose],
    )
    unheard = asked.batch_id is not None and wanted.batch_id is None
    return None if unheard else wanted


def _states(text: str) -> frozenset[State]:
    try:
        return frozenset(State(word.strip()) for word in text.split(","))
    except ValueError:
        raise Refusal(Code.INVALID_VALUE, param="state", allowed=", ".join(State)) from None


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The call that lists messages."""
    return (
        Route(
            method="GET",
            path="/v1/sms",
            name="sms.list",
            summary="Messages, newest first",
            form=Form(MessagesQuery, faults={"purpose": FAULTS["purpose"]}),
            handle=Lists(services).messages,
            reply=MessagesReply,
            scope="messages:read",
            refusals=(
                Code.INVALID_NUMBER,
                Code.INVISIBLE_CHARACTERS,
                Code.INVALID_TIME,
                Code.INVALID_PURPOSE,
            ),
        ),
    )
