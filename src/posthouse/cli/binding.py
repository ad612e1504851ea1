"""`posthouse templates bind` and `unbind`: which template of a vendor's says the same."""

from typing import TYPE_CHECKING, Annotated

import typer

from posthouse.cli import show, template_showing, typed
from posthouse.cli.frame import AsJson, Data, spoken, tell, where
from posthouse.cli.owning import Owned, in_account

if TYPE_CHECKING:
    from posthouse.core.ports.templates import ApprovalRecord, TemplateRecord

OPTIONS = {
    "template_id": "ID",
    "vendor": "VENDOR",
    "vendor_template_id": "VENDOR_TEMPLATE_ID",
    "parameters": "--param",
    "state": "--state",
    "reason": "--reason",
    "version": "--version",
}


def bind(
    context: typer.Context,
    template_id: typed.TemplateId,
    vendor: typed.Vendor,
    vendor_template_id: Annotated[
        str | None,
        typer.Argument(
            metavar="[VENDOR_TEMPLATE_ID]",
            help="The vendor's id of it; without: the one that it is bound to already.",
            show_default=False,
        ),
    ] = None,
    *,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "--param",
            metavar="[THEIRS=]OURS",
            help="The vendor's parameter for a variable of ours; without THEIRS, by position; repeatable.",
        ),
    ] = None,
    state: typed.StateOption = None,
    reason: typed.ReasonOption = None,
    version: typed.VersionOption = None,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Say which template of a vendor's carries this one, and how far its review has come.

    Of a template that is bound already, what is not said stays; another VENDOR_TEMPLATE_ID begins as a draft.

    A vendor that reviews templates gets messages of this one only while its binding is approved.
    """
    from posthouse.core.ports.templates import Approval
    from posthouse.web.dialects.v1.template_records import of_bound

    parameters = typed.parameters(parameter)
    reviewed = None if state is None else Approval(state)

    async def do(owned: Owned) -> "tuple[TemplateRecord, ApprovalRecord, bool]":
        record = await owned.templates.get(owned.account.id, template_id, version)
        known = await _known(owned, record, vendor)
        kept = known if known is not None and vendor_template_id in (None, known.vendor_id) else None
        if kept is None and vendor_template_id is None:
            raise _unbound(record, vendor)
        bound = await owned.templates.bind(
            owned.account.id,
            template_id,
            vendor,
            vendor_template_id=(vendor_template_id or "") if kept is None else kept.vendor_id or "",
            parameters=dict(kept.parameters) if kept and parameters is None else parameters,
            version=record.version,
            state=kept.state if kept and reviewed is None else reviewed,
            reason=kept.reason if kept and reviewed is None and reason is None else reason,
        )
        dropped = known is not None and known.state is Approval.APPROVED and kept is None
        return record, bound, dropped and reviewed is None

    record, bound, dropped = in_account(
        where(context, data), account, do, OPTIONS, asked={"template": template_id}
    )
    if dropped:
        tell(
            f"Another template was approved there; this one is a {bound.state}: "
            "say --state approved if the vendor has approved it."
        )
    template_showing.hint(state, reason)
    told = show.as_document(of_bound(bound, record.text, spoken()))
    if as_json:
        show.document({"template_id": template_id} | told)
    else:
        template_showing.binding_table([bound])
        template_showing.warn(told["warnings"])


def unbind(
    context: typer.Context,
    template_id: typed.TemplateId,
    vendor: typed.Vendor,
    version: typed.VersionOption = None,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Forget which template of a vendor's carries this one; the history of its reviews stays."""
    in_account(
        where(context, data),
        account,
        lambda owned: owned.templates.unbind(owned.account.id, template_id, vendor, version),
        OPTIONS,
        asked={"template": template_id, "binding": vendor},
    )
    show.answer(
        {"template_id": template_id, "vendor": vendor, "bound": False},
        f"Template {template_id} is bound to no template of {vendor}'s.",
        as_json=as_json,
    )


async def _known(owned: Owned, record: "TemplateRecord", vendor: str) -> "ApprovalRecord | None":
    """What a version is bound to there already."""
    found = await owned.templates.approvals(owned.account.id, record.template_id, record.version)
    return next((each for each in found if each.vendor == vendor), None)


def _unbound(record: "TemplateRecord", vendor: str) -> typer.BadParameter:
    return typer.BadParameter(
        f"version {record.version} of {record.template_id!r} is bound to no template of {vendor!r} yet: "
        "give its id there.",
        param_hint="VENDOR_TEMPLATE_ID",
    )
