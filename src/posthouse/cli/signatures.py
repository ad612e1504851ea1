"""`posthouse signatures`: list, create, show, bind, unbind, delete."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from posthouse.cli import show, template_showing, typed
from posthouse.cli.frame import AsJson, Data, where
from posthouse.cli.owning import Owned, first_with_approvals, in_account
from posthouse.cli.template_showing import HISTORY_SHOWN

if TYPE_CHECKING:
    from posthouse.core.ports.templates import ApprovalChange, ApprovalRecord, SignatureRecord

app = typer.Typer(no_args_is_help=True)

OPTIONS = {
    "id": "--id",
    "name": "NAME",
    "vendor": "VENDOR",
    "vendor_signature_id": "--vendor-id",
    "state": "--state",
    "reason": "--reason",
}
"""What these commands call the fields of the API."""


@app.command("list")
def list_signatures(
    context: typer.Context,
    limit: typed.LimitOption = 20,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Signatures of an account, oldest first, and where each is approved."""
    from posthouse.web.dialects.v1.template_records import of_signature

    found = in_account(
        where(context, data),
        account,
        lambda owned: first_with_approvals(owned.signatures, owned.account.id, limit),
        OPTIONS,
    )
    if as_json:
        show.document({"data": [show.as_document(of_signature(*each)) for each in found]})
        return
    show.table(
        ("id", "name", "vendors", "registered"),
        [
            (
                record.signature_id,
                record.name,
                " ".join(f"{each.vendor}:{each.state}" for each in approvals),
                show.clock(record.created_at),
            )
            for record, approvals in found
        ],
        empty="There is no signature.",
    )


@app.command()
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="As it stands within 【】, without them.")],
    signature_id: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="An id of your own; else one is made.")
    ] = None,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Register a signature, so that vendors' reviews of it can be kept."""
    from posthouse.web.dialects.v1.template_records import of_signature

    async def make(owned: Owned) -> "SignatureRecord":
        wanted = owned.signatures.draft(owned.account.id, name=name, signature_id=signature_id)
        await owned.signatures.save(wanted)
        return await owned.signatures.get(owned.account.id, wanted.signature_id)

    record = in_account(where(context, data), account, make, OPTIONS, creates=True)
    show.answer(
        show.as_document(of_signature(record, ())),
        f"Signature {record.signature_id} is 【{record.name}】.",
        as_json=as_json,
    )


@app.command("show")
def show_signature(
    context: typer.Context,
    signature_id: typed.SignatureId,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """One signature, what vendors make of it, and how their reviews went."""
    from posthouse.web.dialects.v1.template_records import of_reviewed

    async def look(
        owned: Owned,
    ) -> "tuple[SignatureRecord, Sequence[ApprovalRecord], Sequence[ApprovalChange]]":
        mine = owned.account.id
        record = await owned.signatures.get(mine, signature_id)
        approvals = await owned.signatures.approvals(mine, signature_id)
        return record, approvals, await owned.signatures.history(mine, signature_id, HISTORY_SHOWN)

    record, approvals, changes = in_account(
        where(context, data), account, look, OPTIONS, asked={"signature": signature_id}
    )
    if as_json:
        show.document(show.as_document(of_reviewed(record, approvals, changes)))
        return
    show.facts({"id": signature_id, "name": record.name, "registered": show.clock(record.created_at)})
    typer.echo()
    template_showing.approval_table(approvals)
    template_showing.history_table(changes)


@app.command()
def bind(
    context: typer.Context,
    signature_id: typed.SignatureId,
    vendor: typed.Vendor,
    *,
    state: typed.StateOption = None,
    reason: typed.ReasonOption = None,
    vendor_id: Annotated[
        str | None,
        typer.Option("--vendor-id", metavar="ID", help="The vendor's own id of it, if it has one."),
    ] = None,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Say how far a vendor's review of a signature has come; what is not said stays as it was.

    A vendor that reviews signatures gets messages with this one only while it is approved there.
    """
    from posthouse.core.ports.templates import Approval
    from posthouse.web.dialects.v1.template_records import of_approval

    async def do(owned: Owned) -> "ApprovalRecord":
        known = await _known(owned, signature_id, vendor)
        return await owned.signatures.approve(
            owned.account.id,
            signature_id,
            vendor,
            state=Approval(state) if state else known.state if known else Approval.DRAFT,
            reason=known.reason if known and reason is None and state is None else reason,
            vendor_id=known.vendor_id if known and vendor_id is None else vendor_id,
        )

    found = in_account(where(context, data), account, do, OPTIONS, asked={"signature": signature_id})
    template_showing.hint(state, reason)
    if as_json:
        show.document({"signature_id": signature_id} | show.as_document(of_approval(found)))
    else:
        template_showing.approval_table([found])


@app.command()
def unbind(
    context: typer.Context,
    signature_id: typed.SignatureId,
    vendor: typed.Vendor,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Forget what a vendor made of a signature; the history of its reviews stays."""
    in_account(
        where(context, data),
        account,
        lambda owned: owned.signatures.disapprove(owned.account.id, signature_id, vendor),
        OPTIONS,
        asked={"signature": signature_id, "approval": vendor},
    )
    show.answer(
        {"signature_id": signature_id, "vendor": vendor, "bound": False},
        f"Signature {signature_id} has nothing with {vendor} any more.",
        as_json=as_json,
    )


@app.command()
def delete(
    context: typer.Context,
    signature_id: typed.SignatureId,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Forget a signature and what vendors made of it."""
    in_account(
        where(context, data),
        account,
        lambda owned: owned.signatures.delete(owned.account.id, signature_id),
        OPTIONS,
        asked={"signature": signature_id},
    )
    show.answer(
        {"signature_id": signature_id, "deleted": True},
        f"Signature {signature_id} is deleted.",
        as_json=as_json,
    )


async def _known(owned: Owned, signature_id: str, vendor: str) -> "ApprovalRecord | None":
    approvals = await owned.signatures.approvals(owned.account.id, signature_id)
    return next((each for each in approvals if each.vendor == vendor), None)
