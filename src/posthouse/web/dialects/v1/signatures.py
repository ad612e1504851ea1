"""Signatures: registered, and how each vendor's review of them stands."""

from dataclasses import replace
from typing import Any

import msgspec

from posthouse.core.errors import Code
from posthouse.core.ports.templates import Approval, SignatureRecord
from posthouse.services.reviews import HISTORY_SHOWN
from posthouse.web.body import SMALL, Form
from posthouse.web.dialects.v1.pages import PageQuery, cut, position
from posthouse.web.dialects.v1.template_records import (
    ApprovalRow,
    SignatureReply,
    SignatureRow,
    SignatureRows,
    of_approval,
    of_reviewed,
    of_signature,
)
from posthouse.web.dialects.v1.template_wire import (
    APPROVAL_FAULTS,
    ApprovalRequest,
    SignatureRequest,
)
from posthouse.web.endpoint import Call, Nothing, Route
from posthouse.web.idempotency import create
from posthouse.web.refuse import not_found
from posthouse.web.services import Services

CREATE = "signatures.create"


class SignatureCalls:
    """The calls about signatures."""

    def __init__(self, services: Services) -> None:
        self._signatures = services.signatures
        self._submit = services.submit
        self._directory = services.directory

    async def create(self, call: Call[SignatureRequest]) -> bytes:
        """Register a signature."""
        wanted = call.wanted
        signature = self._signatures.draft(call.caller.account.id, name=wanted.name, signature_id=wanted.id)
        made = SignatureRecord(signature.row, signature.signature_id, signature.name, signature.at)
        reply = msgspec.json.encode(of_signature(made, ()))
        answer = await create(
            call,
            self._submit,
            CREATE,
            reply,
            lambda once: self._signatures.save(replace(signature, once=once)),
        )
        self._directory.forget()
        return answer

    async def page(self, call: Call[PageQuery]) -> SignatureRows:
        """The account's signatures, oldest first."""
        wanted, account_id = call.wanted, call.caller.account.id
        found = await self._signatures.page(account_id, wanted.limit + 1, position(wanted.cursor) or 0)
        page, cursor = cut(found, wanted.limit, lambda record: record.row)
        approvals = await self._signatures.approvals_of(page)
        return SignatureRows([of_signature(record, approvals[record.row]) for record in page], cursor)

    async def get(self, call: Call[Nothing]) -> SignatureReply:
        """One signature, and how its reviews went."""
        account_id, signature_id = call.caller.account.id, call.path["id"]
        record = await self._signatures.get(account_id, signature_id)
        approvals = await self._signatures.approvals(account_id, signature_id)
        history = await self._signatures.history(account_id, signature_id, HISTORY_SHOWN)
        return of_reviewed(record, approvals, history)

    async def delete(self, call: Call[Nothing]) -> SignatureReply:
        """Forget a signature with its approvals; answers it as it was."""
        reply = await self.get(call)
        await self._signatures.delete(call.caller.account.id, call.path["id"])
        self._directory.forget()
        return reply

    async def approve(self, call: Call[ApprovalRequest]) -> ApprovalRow:
        """Write how a vendor's review stands; what stood there is replaced."""
        wanted = call.wanted
        approval = await self._signatures.approve(
            call.caller.account.id,
            call.path["id"],
            call.path["vendor"],
            state=Approval(wanted.state),
            reason=wanted.reason,
            vendor_id=wanted.vendor_signature_id,
        )
        self._directory.forget()
        return of_approval(approval)

    async def disapprove(self, call: Call[Nothing]) -> ApprovalRow:
        """Forget a vendor's approval; answers it as it was."""
        account_id, signature_id, vendor = call.caller.account.id, call.path["id"], call.path["vendor"]
        await self._signatures.get(account_id, signature_id)
        found = await self._signatures.approvals(account_id, signature_id)
        approval = next((each for each in found if each.vendor == vendor), None)
        if approval is None:
            raise not_found("approval")
        await self._signatures.disapprove(account_id, signature_id, vendor)
        self._directory.forget()
        return of_approval(approval)


_ID = {"id": "The signature's id, as sgn_0c7xk3m9p2q4r."}
_APPROVAL = _ID | {"vendor": "A vendor, or a channel by its name, as aliyun."}


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The calls about signatures."""
    calls = SignatureCalls(services)
    return (
        Route(
            method="GET",
            path="/v1/signatures",
            name="signatures.list",
            summary="Signatures, oldest first",
            form=Form(PageQuery),
            handle=calls.page,
            reply=SignatureRows,
            scope="templates:read",
        ),
        Route(
            method="POST",
            path="/v1/signatures",
            name="signatures.create",
            summary="Register a signature",
            form=Form(SignatureRequest),
            handle=calls.create,
            reply=SignatureRow,
            status=201,
            scope="templates:write",
            refusals=(Code.INVALID_SIGNATURE, Code.ALREADY_EXISTS, Code.TOO_MANY),
            idempotent=True,
            body_max=SMALL,
            example={"name": "驿站"},
        ),
        Route(
            method="GET",
            path="/v1/signatures/{id}",
            name="signatures.get",
            summary="Look a signature up",
            form=Form(Nothing),
            handle=calls.get,
            reply=SignatureReply,
            scope="templates:read",
            refusals=(Code.NOT_FOUND,),
            path_params=_ID,
        ),
        Route(
            method="DELETE",
            path="/v1/signatures/{id}",
            name="signatures.delete",
            summary="Forget a signature",
            form=Form(Nothing),
            handle=calls.delete,
            reply=SignatureReply,
            scope="templates:write",
            refusals=(Code.NOT_FOUND,),
            path_params=_ID,
        ),
        Route(
            method="PUT",
            path="/v1/signatures/{id}/approvals/{vendor}",
            name="signatures.approve",
            summary="Write how a vendor's review of a signature stands",
            form=Form(ApprovalRequest, faults=APPROVAL_FAULTS),
            handle=calls.approve,
            reply=ApprovalRow,
            scope="templates:write",
            refusals=(Code.NOT_FOUND, Code.UNKNOWN_VENDOR, Code.TOO_MANY),
            body_max=SMALL,
            example={"state": "approved"},
            path_params=_APPROVAL,
        ),
        Route(
            method="DELETE",
            path="/v1/signatures/{id}/approvals/{vendor}",
            name="signatures.disapprove",
            summary="Forget a vendor's approval of a signature",
            form=Form(Nothing),
            handle=calls.disapprove,
            reply=ApprovalRow,
            scope="templates:write",
            refusals=(Code.NOT_FOUND,),
            path_params=_APPROVAL,
        ),
    )
