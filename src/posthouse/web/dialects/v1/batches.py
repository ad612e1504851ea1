"""Look at batches, and stop what is left of one."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import BATCH, read, show
from posthouse.core.ledger import from_micro
from posthouse.core.ports.batches import BatchRecord, GetBatch, ListBatches
from posthouse.services.stop import Stop
from posthouse.web.dialects.v1.lists import Cursor, NextCursor, cursor_at, position
from posthouse.web.dialects.v1.records import Price, Time, rfc3339
from posthouse.web.dialects.v1.wire import CancelRequest
from posthouse.web.endpoint import Call, Nothing
from posthouse.web.idempotency import mark_of
from posthouse.web.repeat import Repeat
from posthouse.web.services import Services

CANCEL = "batches.cancel"


class BatchesQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which batches to list."""

    limit: Annotated[int, Meta(description="How many at most.", ge=1, le=500)] = 20
    cursor: Cursor | None = None
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


class BatchesReply(Struct):
    """A page of batches, newest first."""

    data: list[BatchStanding]
    next_cursor: NextCursor


class Standings:
    """The calls about batches that were taken in."""

    def __init__(self, services: Services) -> None:
        self._store = services.store
        self._stop = Stop(services.store, services.clock)
        self._repeat = Repeat(services, CANCEL)

    async def get(self, call: Call[Nothing]) -> BatchStanding:
        """One batch of the caller's own account."""
        record = await self._own(call.caller.account.id, _batch_id(call.path["id"]))
        return BatchStanding(*_fields(record, call.caller.account.currency))

    async def every(self, call: Call[BatchesQuery]) -> BatchesReply:
        """The account's batches, newest first."""
        asked, account = call.wanted, call.caller.account
        before = position(asked.cursor)
        page = await self._store.read(ListBatches(account.id, asked.reference, asked.limit, before))
        return BatchesReply(
            [BatchStanding(*_fields(record, account.currency)) for record in page.batches],
            cursor_at(page.next_before),
        )

    async def cancel(self, call: Call[CancelRequest]) -> bytes:
        """Stop every message of a batch that no vendor may have."""
        mark, batch_id = mark_of(call.headers, call.wanted), _batch_id(call.path["id"])
        account = call.caller.account

        async def cancel() -> bytes:
            canceled = await self._stop.batch(account.id, batch_id)
            record = await self._own(account.id, batch_id)
            return msgspec.json.encode(CanceledBatch(*_fields(record, account.currency), canceled))

        reply, call.replayed = await self._repeat.once(call.caller, mark, batch_id, cancel)
        return reply

    async def _own(self, account_id: int, batch_id: int) -> BatchRecord:
        record = await self._store.read(GetBatch(account_id, batch_id))
        if record is None:
            raise _not_found()
        return record


def _batch_id(text: str) -> int:
    number = read(BATCH, text)
    if number is None:
        raise _not_found()
    return number


def _not_found() -> Refusal:
    return Refusal(Code.NOT_FOUND, resource="batch")


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
