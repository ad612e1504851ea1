"""The inbox: what handsets wrote."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import INBOUND, MESSAGE, read, show
from posthouse.core.keywords import Keyword
from posthouse.core.ports.admin import Role
from posthouse.core.ports.inbox import InboundText, WantedTexts
from posthouse.core.times import rfc3339
from posthouse.services.directory import Caller
from posthouse.services.inbox import Inbox
from posthouse.web.body import Form
from posthouse.web.dialects.v1.pages import INSTANT, NextCursor, PageQuery, cursor_at, moment, position
from posthouse.web.dialects.v1.records import Time
from posthouse.web.dialects.v1.submission import number
from posthouse.web.endpoint import Call, Nothing, Route
from posthouse.web.refuse import not_found
from posthouse.web.services import Services


class InboxQuery(PageQuery, kw_only=True, forbid_unknown_fields=True):
    """Which texts to list; filters that are given must all hold."""

    from_: Annotated[str, Meta(description="The handset's number.", examples=["+15555550123"])] | None = (
        field(default=None, name="from")
    )
    to: (
        Annotated[
            str,
            Meta(
                description="The number or extension code it was sent to, exactly as the vendor wrote it.",
                examples=["106900001234"],
                max_length=40,
            ),
        ]
        | None
    ) = None
    keyword: Annotated[Literal["stop", "start", "help"], Meta(description="With this keyword.")] | None = None
    channel: Annotated[str, Meta(description="Handed over by the channel of this name.")] | None = None
    since: (
        Annotated[
            str,
            INSTANT,
            Meta(
                description="Received at or after this time, RFC 3339 with a zone. What counts is the time "
                "in the id, which never goes back, even where the server's clock does."
            ),
        ]
        | None
    ) = None
    until: (
        Annotated[str, INSTANT, Meta(description="Received before this time, compared in the same way.")]
        | None
    ) = None
    unclaimed: (
        Annotated[bool, Meta(description="Nobody's texts, instead of the account's: operators only.")] | None
    ) = None


class InboxText(Struct):
    """A text that a handset sent."""

    id: Annotated[str, Meta(examples=["inb_0c7xk3m9p2q4r"])]
    from_: Annotated[str, Meta(description="The handset's number, E.164.", examples=["+15555550123"])] = (
        field(name="from")
    )
    to: Annotated[
        str | None,
        Meta(
            description="The number or extension code that it was sent to, where the vendor tells.",
            examples=["106900001234"],
        ),
    ]
    text: Annotated[str, Meta(examples=["TD"])]
    keyword: Annotated[
        str | None,
        Meta(
            description="What the text asks for, if it is nothing but a keyword: stop puts the number on the "
            "suppression list for notifications and marketing, start takes it off again.",
            examples=["stop"],
            extra_json_schema={"enum": list(Keyword)},
        ),
    ]
    channel: Annotated[str, Meta(description="The channel that handed it over.", examples=["tencent"])]
    sms_id: Annotated[
        str | None,
        Meta(
            description="The message that it answers: named by the vendor, else the account's last one to "
            "this number over this channel; null where that is not known.",
            examples=["sms_0c7xk3m9p2q4r"],
        ),
    ]
    sent_at: Annotated[
        Time | None,
        Meta(description="When it was sent, by the vendor's word; null where the vendor does not tell."),
    ]
    received_at: Annotated[Time, Meta(description="When it was received here.")]


class InboxReply(Struct):
    """A page of texts, newest first."""

    data: list[InboxText]
    next_cursor: NextCursor


class Texts:
    """The calls about inbound texts."""

    def __init__(self, services: Services) -> None:
        self._inbox = Inbox(services.store)

    async def page(self, call: Call[InboxQuery]) -> InboxReply:
        """The account's texts, newest first; for an operator, nobody's."""
        asked, account = call.wanted, call.caller.account
        if asked.unclaimed and not _operates(call.caller):
            raise Refusal(Code.FORBIDDEN, role=Role.OPERATOR.value)
        wanted = WantedTexts(
            account_id=account.id,
            unclaimed=bool(asked.unclaimed),
            sender=None if asked.from_ is None else number(asked.from_, account.region, "from"),
            receiver=asked.to,
            keyword=None if asked.keyword is None else Keyword(asked.keyword),
            channel=asked.channel,
            since=moment(asked.since, "since"),
            until=moment(asked.until, "until"),
        )
        found = await self._inbox.page(wanted, asked.limit, position(asked.cursor))
        return InboxReply([of_text(text) for text in found.texts], cursor_at(found.next_before))

    async def get(self, call: Call[Nothing]) -> InboxText:
        """One text of the account's; for an operator, also one of nobody's."""
        row = read(INBOUND, call.path["id"])
        if row is None:
            raise not_found("inbound")
        caller = call.caller
        return of_text(await self._inbox.get(caller.account.id, row, unclaimed=_operates(caller)))


def of_text(text: InboundText) -> InboxText:
    """A text that is stored."""
    return InboxText(
        id=show(INBOUND, text.row),
        from_=text.sender,
        to=text.receiver,
        text=text.text,
        keyword=None if text.keyword is None else text.keyword.value,
        channel=text.channel,
        sms_id=None if text.message_id is None else show(MESSAGE, text.message_id),
        sent_at=None if text.sent_at is None else rfc3339(text.sent_at),
        received_at=rfc3339(text.received_at),
    )


def _operates(caller: Caller) -> bool:
    return caller.role is Role.OPERATOR


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The calls about inbound texts."""
    texts = Texts(services)
    return (
        Route(
            method="GET",
            path="/v1/inbox",
            name="inbox.list",
            summary="What handsets wrote, newest first",
            form=Form(InboxQuery, faults={"keyword": (Code.INVALID_VALUE, {"allowed": ", ".join(Keyword)})}),
            handle=texts.page,
            reply=InboxReply,
            scope="messages:read",
            refusals=(Code.INVALID_NUMBER, Code.INVISIBLE_CHARACTERS, Code.INVALID_TIME),
        ),
        Route(
            method="GET",
            path="/v1/inbox/{id}",
            name="inbox.get",
            summary="Look an inbound text up",
            form=Form(Nothing),
            handle=texts.get,
            reply=InboxText,
            scope="messages:read",
            refusals=(Code.NOT_FOUND,),
            path_params={"id": "The text's id, as inb_0c7xk3m9p2q4r."},
        ),
    )
