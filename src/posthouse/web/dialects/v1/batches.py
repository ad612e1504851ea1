"""Look at batches; move what still waits of one, or stop what is left."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from posthouse.core.errors import Code
from posthouse.core.ids import BATCH, read, show
from posthouse.core.ledger import from_micro
from posthouse.core.ports.batches import BatchRecord, GetBatch, ListBatches
from posthouse.core.times import rfc3339
from posthouse.services.schedule import Schedule
from posthouse.services.stop import Stop
from posthouse.web.body import SMALL, Form
from posthouse.web.dialects.v1.pages import NextCursor, PageQuery, cursor_at, position
from posthouse.web.dialects.v1.records import Price, Time
from posthouse.web.dialects.v1.submission import instant
from posthouse.web.dialects.v1.wire import FAULTS, CancelRequest, Key
from posthouse.web.endpoint import Call, Nothing, Route
from posthouse.web.idempotency import mark_of
from posthouse.web.refuse import not_found
from posthouse.web.services import Services

CANCEL, MOVE = "batches.cancel", "batches.reschedule"


SendAt = Annotated[
    str,
    Meta(
        description="The new time, RFC 3339 with a zone, at most 90 days ahead.",
        extra_json_schema={"format": "date-time"},
        examples=["2026-12-01T09:30:00+08:00"],
    ),
]


class BatchesQuery(PageQuery, kw_only=True, forbid_unknown_fields=True):
    """Which batches to list."""

    reference: Annotated[str, Meta(description="With exactly this label.", max_length=255)] | None = None


class BatchStanding(Struct):
    """A batch, and what has become of its messages."""

    batch_id: Annotated[str, Meta(examples=["bat_0c7xk3m9p2q4r"])]
    reference: str | None
    count: Annotated[int, Meta(description="Messages that were accepted.")]
    created_at: Time
    price: Annotated[Price, Meta(description="Of all of them, as accepted.")]
    states: Annotated[
        dict[str, int],
        Meta(description="How many messages are in each state.", examples=[{"delivered": 98, "sent": 2}]),
    ]
    done: Annotated[bool, Meta(description="No message of it will be tried or heard of any more.")]


class CanceledBatch(BatchStanding):
    """A batch that was stopped."""

    canceled: Annotated[
        int, Meta(description="Messages stopped now; the others were finished or with a vendor.")
    ]


class MoveRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """When to send what still waits for its time."""

    send_at: SendAt
    idempotency_key: Key | None = None


class MovedBatch(BatchStanding):
    """A batch that was given another time."""

    moved: Annotated[
        int, Meta(description="Messages moved; the others waited for no time any more.", examples=[100])
    ]
    send_at: Annotated[Time, Meta(description="When they go.")]
    postponed_to: Annotated[
        Time | None,
        Meta(
            description=(
                "When those for marketing go instead, since send_at lies in the account's quiet hours; "
                "null where it does not."
            )
        ),
    ]


class BatchesReply(Struct):
    """A page of batches, newest first."""

    data: list[BatchStanding]
    next_cursor: NextCursor


class Batches:
    """The calls about batches that were taken in."""

    def __init__(self, services: Services) -> None:
        self._store = services.store
        self._stop = Stop(services.store, services.clock)
        self._schedule = Schedule(services.store, services.clock, services.zone)
        self._zone = services.zone
        self._submit = services.submit

    async def get(self, call: Call[Nothing]) -> BatchStanding:
        """One batch of the caller's own account."""
        record = await self._own(call.caller.account.id, _batch_id(call.path["id"]))
        return of_batch(record, call.caller.account.currency)

    async def every(self, call: Call[BatchesQuery]) -> BatchesReply:
        """The account's batches, newest first."""
        asked, account = call.wanted, call.caller.account
        before = position(asked.cursor)
        page = await self._store.read(ListBatches(account.id, asked.reference, asked.limit, before))
        return BatchesReply(
            [of_batch(record, account.currency) for record in page.batches],
            cursor_at(page.next_before),
        )

    async def cancel(self, call: Call[CancelRequest]) -> CanceledBatch:
        """Stop every message of a batch that no vendor may have."""
        mark, batch_id = mark_of(call.headers, call.wanted), _batch_id(call.path["id"])
        account = call.caller.account
        once = None
        if mark is not None:  # what was stopped is kept by the store; where the rest stands is told anew
            request = mark.about(batch_id)
            once = self._submit.once(call.caller, CANCEL, mark.key, request, b"")
        canceled, call.replayed = await self._stop.batch(account.id, batch_id, once)
        record = await self._own(account.id, batch_id)
        return CanceledBatch(*_fields(record, account.currency), canceled)

    async def move(self, call: Call[MoveRequest]) -> MovedBatch:
        """Give every message of a batch that is still scheduled another time."""
        wanted, account = call.wanted, call.caller.account
        mark, batch_id = mark_of(call.headers, wanted), _batch_id(call.path["id"])
        send_at = instant(wanted.send_at, "send_at")
        once = None
        if mark is not None:  # as with `cancel`
            once = self._submit.once(call.caller, MOVE, mark.key, mark.about(batch_id), b"")
        moved, call.replayed = await self._schedule.move_batch(account, batch_id, send_at, once)
        record = await self._own(account.id, batch_id)
        hours = account.quiet_hours
        loud = send_at if hours is None else hours.over(send_at, self._zone)
        return MovedBatch(
            *_fields(record, account.currency),
            moved,
            rfc3339(send_at),
            None if loud == send_at else rfc3339(loud),
        )

    async def _own(self, account_id: int, batch_id: int) -> BatchRecord:
        record = await self._store.read(GetBatch(account_id, batch_id))
        if record is None:
            raise not_found("batch")
        return record


def of_batch(record: BatchRecord, currency: str) -> BatchStanding:
    """A batch that is stored."""
    return BatchStanding(*_fields(record, currency))


def _batch_id(text: str) -> int:
    number = read(BATCH, text)
    if number is None:
        raise not_found("batch")
    return number


def _fields(
    record: BatchRecord, currency: str
) -> tuple[str, str | None, int, str, Price, dict[str, int], bool]:
    return (
        show(BATCH, record.id),
        record.reference,
        record.count,
        rfc3339(record.created_at),
        Price(from_micro(record.amount), currency),
        dict(record.states),
        record.done,
    )


_BATCH_ID = {"id": "The batch's id, as bat_0c7xk3m9p2q4r."}


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The calls about batches."""
    batches = Batches(services)
    return (
        Route(
            method="GET",
            path="/v1/batches",
            name="batches.list",
            summary="Batches, newest first",
            form=Form(BatchesQuery),
            handle=batches.every,
            reply=BatchesReply,
            scope="messages:read",
        ),
        Route(
            method="GET",
            path="/v1/batches/{id}",
            name="batches.get",
            summary="What has become of a batch",
            form=Form(Nothing),
            handle=batches.get,
            reply=BatchStanding,
            scope="messages:read",
            refusals=(Code.NOT_FOUND,),
            path_params=_BATCH_ID,
        ),
        Route(
            method="PATCH",
            path="/v1/batches/{id}",
            name="batches.reschedule",
            summary="Give what is still scheduled of a batch another time",
            form=Form(MoveRequest, faults={"send_at": FAULTS["send_at"]}),
            handle=batches.move,
            reply=MovedBatch,
            scope="messages:write",
            refusals=(
                Code.INVALID_TIME,
                Code.SEND_AT_IN_PAST,
                Code.SEND_AT_TOO_FAR,
                Code.NOT_FOUND,
                Code.NOT_RESCHEDULABLE,
            ),
            idempotent=True,
            body_max=SMALL,
            example={"send_at": "2026-12-01T09:30:00+08:00"},
            path_params=_BATCH_ID,
        ),
        Route(
            method="POST",
            path="/v1/batches/{id}/cancel",
            name="batches.cancel",
            summary="Stop every message of a batch that no vendor has yet",
            form=Form(CancelRequest),
            handle=batches.cancel,
            reply=CanceledBatch,
            scope="messages:write",
            refusals=(Code.NOT_FOUND,),
            idempotent=True,
            bodiless=True,
            path_params=_BATCH_ID,
        ),
    )
