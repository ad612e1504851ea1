"""Suppressions: the numbers that an account does not write to."""

from dataclasses import replace
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from posthouse.core.errors import Code
from posthouse.core.ids import read, show
from posthouse.core.message import Lane
from posthouse.core.ports.admission import Suppression
from posthouse.core.times import rfc3339
from posthouse.services.suppress import REASON_MAX, SUPPRESSION
from posthouse.web.body import SMALL, Form
from posthouse.web.dialects.v1.pages import NextCursor, PageQuery, cut, position
from posthouse.web.dialects.v1.records import Time
from posthouse.web.dialects.v1.submission import LANES, number
from posthouse.web.dialects.v1.wire import FAULTS, Key, Purpose, To
from posthouse.web.endpoint import Call, Nothing, Route
from posthouse.web.idempotency import create
from posthouse.web.refuse import not_found
from posthouse.web.services import Services

CREATE = "suppressions.create"


class SuppressionRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A number to write to no more."""

    to: To
    purpose: (
        Annotated[Purpose, Meta(description="For messages of this purpose alone; of all when absent.")] | None
    ) = None
    reason: (
        Annotated[
            str,
            Meta(
                description="Why, in words of your own: one line.",
                examples=["replied TD"],
                min_length=1,
                max_length=REASON_MAX,
            ),
        ]
        | None
    ) = None
    idempotency_key: Key | None = None


class SuppressionsQuery(PageQuery, kw_only=True, forbid_unknown_fields=True):
    """Which of them to list."""

    to: Annotated[str, Meta(description="Only this number's.", examples=["+15555550123"])] | None = None


class SuppressionRow(Struct):
    """A number that gets nothing from the account."""

    suppression_id: Annotated[str, Meta(examples=["sup_0c7xk3m9p2q4r"])]
    to: Annotated[str, Meta(description="E.164.", examples=["+15555550123"])]
    purpose: Annotated[
        str | None,
        Meta(
            description="For messages of this purpose alone; null: of every one.",
            examples=[None],
            extra_json_schema={"enum": [lane.label for lane in Lane]},
        ),
    ]
    reason: str | None
    created_at: Time


class SuppressionRows(Struct):
    """Suppressions, newest first."""

    data: list[SuppressionRow]
    next_cursor: NextCursor


class SuppressionList:
    """The calls about suppressions."""

    def __init__(self, services: Services) -> None:
        self._submit = services.submit
        self._suppressions = services.suppressions

    async def page(self, call: Call[SuppressionsQuery]) -> SuppressionRows:
        """The account's suppressions, newest first."""
        asked, account = call.wanted, call.caller.account
        wanted = None if asked.to is None else number(asked.to, account.region)
        before = position(asked.cursor)
        found = await self._suppressions.page(account.id, asked.limit + 1, wanted, before)
        page, cursor = cut(found, asked.limit, lambda entry: entry.row)
        return SuppressionRows([of_suppression(entry) for entry in page], cursor)

    async def create(self, call: Call[SuppressionRequest]) -> bytes:
        """Put a number on the list."""
        wanted = call.wanted
        purpose = None if wanted.purpose is None else LANES[wanted.purpose]
        command = self._suppressions.draft(call.caller.account, wanted.to, purpose, wanted.reason)
        reply = msgspec.json.encode(of_suppression(command.suppression))
        return await create(
            call,
            self._submit,
            CREATE,
            reply,
            lambda once: self._suppressions.save(replace(command, once=once)),
        )

    async def get(self, call: Call[Nothing]) -> SuppressionRow:
        """One suppression."""
        return of_suppression(await self._suppressions.get(call.caller.account.id, _row_id(call)))

    async def delete(self, call: Call[Nothing]) -> SuppressionRow:
        """Take one off the list; answers what it was."""
        return of_suppression(await self._suppressions.drop(call.caller.account.id, _row_id(call)))


def of_suppression(entry: Suppression) -> SuppressionRow:
    """An entry that is stored, or is being."""
    return SuppressionRow(
        show(SUPPRESSION, entry.row),
        entry.number,
        None if entry.lane is None else entry.lane.label,
        entry.reason,
        rfc3339(entry.created_at),
    )


def _row_id(call: Call[Nothing]) -> int:
    row = read(SUPPRESSION, call.path["id"])
    if row is None:
        raise not_found("suppression")
    return row


_ID = {"id": "The suppression's id, as sup_0c7xk3m9p2q4r."}
_NUMBER = (Code.INVALID_NUMBER, Code.INVISIBLE_CHARACTERS)


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The calls about suppressions."""
    suppressions = SuppressionList(services)
    return (
        Route(
            method="GET",
            path="/v1/suppressions",
            name="suppressions.list",
            summary="Suppressed numbers, newest first",
            form=Form(SuppressionsQuery),
            handle=suppressions.page,
            reply=SuppressionRows,
            scope="suppressions:read",
            refusals=_NUMBER,
        ),
        Route(
            method="POST",
            path="/v1/suppressions",
            name="suppressions.create",
            summary="Write to a number no more",
            form=Form(SuppressionRequest, faults={"purpose": FAULTS["purpose"]}),
            handle=suppressions.create,
            reply=SuppressionRow,
            status=201,
            scope="suppressions:write",
            refusals=(*_NUMBER, Code.INVALID_PURPOSE, Code.ALREADY_EXISTS),
            idempotent=True,
            body_max=SMALL,
            example={"to": "+15555550123", "purpose": "marketing", "reason": "replied TD"},
        ),
        Route(
            method="GET",
            path="/v1/suppressions/{id}",
            name="suppressions.get",
            summary="Look a suppression up",
            form=Form(Nothing),
            handle=suppressions.get,
            reply=SuppressionRow,
            scope="suppressions:read",
            refusals=(Code.NOT_FOUND,),
            path_params=_ID,
        ),
        Route(
            method="DELETE",
            path="/v1/suppressions/{id}",
            name="suppressions.delete",
            summary="Write to a number again",
            form=Form(Nothing),
            handle=suppressions.delete,
            reply=SuppressionRow,
            scope="suppressions:write",
            refusals=(Code.NOT_FOUND,),
            path_params=_ID,
        ),
    )
