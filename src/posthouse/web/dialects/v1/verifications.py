"""Verifications: what became of the codes that were asked for."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from posthouse.core import otp
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import MESSAGE, VERIFICATION, read, show
from posthouse.core.message import Mode
from posthouse.core.otp import VerificationState
from posthouse.core.ports.otp import VerificationRecord
from posthouse.core.times import rfc3339
from posthouse.services.verifications import Sought, Verifications
from posthouse.web.body import Form
from posthouse.web.dialects.v1.otp_wire import Label, RequestId
from posthouse.web.dialects.v1.pages import NextCursor, PageQuery, cursor_at, position
from posthouse.web.dialects.v1.records import Time
from posthouse.web.dialects.v1.submission import number
from posthouse.web.dialects.v1.wire import CancelRequest
from posthouse.web.endpoint import Call, Nothing, Route
from posthouse.web.idempotency import mark_of
from posthouse.web.refuse import not_found
from posthouse.web.services import Services

CANCEL = "verifications.cancel"


class VerificationsQuery(PageQuery, kw_only=True, forbid_unknown_fields=True):
    """Which verifications to list; filters that are given must all hold."""

    state: Annotated[str, Meta(description="In this state.", examples=["pending"])] | None = None
    to: Annotated[str, Meta(description="Of this number.", examples=["+15555550123"])] | None = None
    purpose: (
        Annotated[
            str,
            Meta(
                description="With exactly this label.",
                examples=["login"],
                min_length=1,
                max_length=otp.PURPOSE_MAX,
            ),
        ]
        | None
    ) = None


class VerificationRow(Struct):
    """A code that was asked for, and what became of it."""

    request_id: RequestId
    to: Annotated[str, Meta(description="E.164.", examples=["+15555550123"])]
    purpose: Label
    state: Annotated[str, Meta(examples=["verified"], extra_json_schema={"enum": list(VerificationState)})]
    test_number: Annotated[bool, Meta(description="Nothing was sent: the number has a code of its own.")]
    mode: Annotated[
        str,
        Meta(
            description="Of the key that asked for it.",
            examples=["live"],
            extra_json_schema={"enum": list(Mode)},
        ),
    ]
    length: Annotated[int, Meta(description="Digits.", examples=[6])]
    sends: Annotated[int, Meta(description="How often it was asked for.", examples=[1])]
    checks_left: Annotated[int, Meta(description="Checks that are left, right or wrong.", examples=[4])]
    country: Annotated[str, Meta(description="The number's.", examples=["US"])]
    sms_ids: Annotated[
        list[str],
        Meta(description="Its messages, newest first; the last ten.", examples=[["sms_0c7xk3m9p2q4r"]]),
    ]
    created_at: Time
    expires_at: Time
    verified_at: Annotated[Time | None, Meta(description="When the right code came.")]


class VerificationRows(Struct):
    """A page of verifications, newest first."""

    data: list[VerificationRow]
    next_cursor: NextCursor


class Records:
    """The calls about verifications."""

    def __init__(self, services: Services) -> None:
        self._verifications = Verifications(services.store, services.clock)
        self._submit = services.submit

    async def page(self, call: Call[VerificationsQuery]) -> VerificationRows:
        """The account's verifications, newest first."""
        asked, account = call.wanted, call.caller.account
        sought = Sought(
            _state(asked.state), None if asked.to is None else number(asked.to, account.region), asked.purpose
        )
        before = position(asked.cursor)
        found = await self._verifications.page(account.id, sought, asked.limit, before)
        return VerificationRows([of_record(each) for each in found.records], cursor_at(found.next_before))

    async def get(self, call: Call[Nothing]) -> VerificationRow:
        """One verification of the caller's own account."""
        return of_record(await self._verifications.get(call.caller.account.id, _id(call)))

    async def cancel(self, call: Call[CancelRequest]) -> VerificationRow:
        """Let a code count no more; once canceled it stays so, however often that is asked."""
        mark, verification_id = mark_of(call.headers, call.wanted), _id(call)
        account_id, mode = call.caller.account.id, call.caller.mode
        once = None
        if mark is not None:  # the reply is made anew: what is canceled stays as it is
            once = self._submit.once(call.caller, CANCEL, mark.key, mark.about(verification_id), b"")
        call.replayed = await self._verifications.cancel(account_id, verification_id, once, mode=mode)
        return of_record(await self._verifications.get(account_id, verification_id))


def of_record(record: VerificationRecord) -> VerificationRow:
    """A verification that is stored."""
    return VerificationRow(
        request_id=show(VERIFICATION, record.id),
        to=record.number,
        purpose=record.purpose,
        state=record.state.value,
        test_number=record.test_number,
        mode=record.mode,
        length=record.length,
        sends=record.sends,
        checks_left=record.checks_left,
        country=record.country,
        sms_ids=[show(MESSAGE, message_id) for message_id in record.message_ids],
        created_at=rfc3339(record.created_at),
        expires_at=rfc3339(record.expires_at),
        verified_at=None if record.verified_at is None else rfc3339(record.verified_at),
    )


def _state(word: str | None) -> VerificationState | None:
    try:
        return None if word is None else VerificationState(word)
    except ValueError:
        raise Refusal(Code.INVALID_VALUE, param="state", allowed=", ".join(VerificationState)) from None


def _id(call: Call[Nothing] | Call[CancelRequest]) -> int:
    found = read(VERIFICATION, call.path["id"])
    if found is None:
        raise not_found("verification")
    return found


_ID = {"id": "The verification's id, as otp_0c7xk3m9p2q4r."}


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The calls about verifications."""
    records = Records(services)
    return (
        Route(
            method="GET",
            path="/v1/verifications",
            name="verifications.list",
            summary="One-time passwords and what became of them, newest first",
            form=Form(VerificationsQuery),
            handle=records.page,
            reply=VerificationRows,
            scope="messages:read",
            refusals=(Code.INVALID_NUMBER, Code.INVISIBLE_CHARACTERS),
        ),
        Route(
            method="GET",
            path="/v1/verifications/{id}",
            name="verifications.get",
            summary="What became of a one-time password",
            form=Form(Nothing),
            handle=records.get,
            reply=VerificationRow,
            scope="messages:read",
            refusals=(Code.NOT_FOUND,),
            path_params=_ID,
        ),
        Route(
            method="POST",
            path="/v1/verifications/{id}/cancel",
            name=CANCEL,
            summary="Let a one-time password count no more",
            form=Form(CancelRequest),
            handle=records.cancel,
            reply=VerificationRow,
            scope="messages:write",
            refusals=(Code.NOT_FOUND, Code.NOT_CANCELABLE),
            idempotent=True,
            bodiless=True,
            path_params=_ID,
        ),
    )
