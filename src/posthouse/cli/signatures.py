"""`posthouse signatures`: list, create, show, bind, unbind, delete."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posthouse.cli import show, template_showing, typed
from posthouse.cli.frame import AsJson, Data, where
from posthouse.cli.owning import Owned, every_signature, in_account
from posthouse.cli.template_showing import HISTORY_SHOWN

if TYPE_CHECKING:
    from posthouse.core.ports.templates import ApprovalChange, ApprovalRecord, SignatureRecord

app = typer.Typer(no_args_is_help=True)

WORDS = {
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
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Signatures of an account, oldest first, and where each is approved."""
    found = in_account(where(context, data), account, _all, WORDS)
    if as_json:
        show.document(
            {"data": [template_showing.signature(record, approvals) for record, approvals in found]}
        )
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

    async def make(owned: Owned) -> "SignatureRecord":
        wanted = owned.signatures.draft(owned.account.id, name=name, signature_id=signature_id)
        await owned.signatures.save(wanted)
        return await owned.signatures.get(owned.account.id, wanted.signature_id)

    record = in_account(where(context, data), account, make, WORDS, creates=True)
    if as_json:
        show.document(template_showing.signature(record))
    else:
        show.line(f"Signature {record.signature_id} is 【{record.name}】.")


@app.command("show")
def show_signature(
    context: typer.Context,
    signature_id: typed.SignatureId,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """One signature, what vendors make of it, and how their reviews went."""

    async def look(
        owned: Owned,
    ) -> "tuple[SignatureRecord, Sequence[ApprovalRecord], Sequence[ApprovalChange]]":
        mine = owned.account.id
        record = await owned.signatures.get(mine, signature_id)
        approvals = await owned.signatures.approvals(mine, signature_id)
        return record, approvals, await owned.signatures.history(mine, signature_id, HISTORY_SHOWN)

    record, approvals, changes = in_account(where(context, data), account, look, WORDS)
    told = template_showing.reviewed(record, approvals, changes)
    if as_json:
        show.document(told)
        return
    show.facts({"id": signature_id, "name": record.name, "registered": show.clock(record.created_at)})
    typer.echo()
    template_showing.approval_table(told["approvals"])
    template_showing.history_table(told["history"])


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

    async def do(owned: Owned) -> "ApprovalRecord":
        known = await _known(owned, signature_id, vendor)
        before = (
            (Approval.DRAFT, None, None) if known is None else (known.state, known.reason, known.vendor_id)
        )
        return await owned.signatures.approve(
            owned.account.id,
            signature_id,
            vendor,
            state=before[0] if state is None else Approval(state),
            reason=before[1] if reason is None and state is None else reason,
            vendor_id=before[2] if vendor_id is None else vendor_id,
        )

    told = template_showing.approval(in_account(where(context, data), account, do, WORDS))
    if as_json:
        show.document({"signature_id": signature_id} | told)
    else:
        template_showing.approval_table([told])


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
        WORDS,
    )
    told: dict[str, Any] = {"signature_id": signature_id, "vendor": vendor, "bound": False}
    if as_json:
        show.document(told)
    else:
        show.line(f"Signature {signature_id} has nothing with {vendor} any more.")


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
        WORDS,
    )
    if as_json:
        show.document({"signature_id": signature_id, "deleted": True})
    else:
        show.line(f"Signature {signature_id} is deleted.")


async def _known(owned: Owned, signature_id: str, vendor: str) -> "ApprovalRecord | None":
    approvals = await owned.signatures.approvals(owned.account.id, signature_id)
    return next((each for each in approvals if each.vendor == vendor), None)


async def _all(owned: Owned) -> "list[tuple[SignatureRecord, Sequence[ApprovalRecord]]]":
    return [
        (record, await owned.signatures.approvals(owned.account.id, record.signature_id))
        async for record in every_signature(owned)
    ]
