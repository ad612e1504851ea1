"""`posthouse templates bind` and `unbind`: which template of a vendor's says the same."""

from typing import TYPE_CHECKING, Annotated

import typer

from posthouse.cli import show, template_showing, typed
from posthouse.cli.frame import AsJson, Data, where
from posthouse.cli.owning import Owned, in_account

if TYPE_CHECKING:
    from posthouse.core.ports.templates import ApprovalRecord

WORDS = {
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
            help="The vendor's id of it; without: as it is bound already, changed as the options say.",
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

    A vendor that reviews templates gets messages of this one only while its binding is approved.
    """
    from posthouse.core.ports.templates import Approval

    parameters = typed.parameters(parameter)
    reviewed = None if state is None else Approval(state)

    async def do(owned: Owned) -> "ApprovalRecord":
        if vendor_template_id is not None:
            return await owned.templates.bind(
                owned.account.id,
                template_id,
                vendor,
                vendor_template_id=vendor_template_id,
                parameters=parameters,
                version=version,
                state=reviewed,
                reason=reason,
            )
        bound = await _bound(owned, template_id, vendor, version)
        return await owned.templates.bind(
            owned.account.id,
            template_id,
            vendor,
            vendor_template_id=bound.vendor_id or "",
            parameters=dict(bound.parameters) if parameters is None else parameters,
            version=bound.version,
            state=bound.state if reviewed is None else reviewed,
            reason=bound.reason if reviewed is None and reason is None else reason,
        )

    told = template_showing.binding(in_account(where(context, data), account, do, WORDS))
    if as_json:
        show.document({"template_id": template_id} | told)
    else:
        template_showing.binding_table([told])


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
        WORDS,
    )
    if as_json:
        show.document({"template_id": template_id, "vendor": vendor, "bound": False})
    else:
        show.line(f"Template {template_id} is bound to no template of {vendor}'s.")


async def _bound(owned: Owned, template_id: str, vendor: str, version: int | None) -> "ApprovalRecord":
    """What is bound there already.

    Raises:
        BadParameter: nothing is.
    """
    record = await owned.templates.get(owned.account.id, template_id, version)
    for each in await owned.templates.approvals(owned.account.id, template_id, record.version):
        if each.vendor == vendor:
            return each
    raise typer.BadParameter(
        f"version {record.version} of {template_id!r} is bound to no template of {vendor!r} yet: "
        "give its id there.",
        param_hint="VENDOR_TEMPLATE_ID",
    )
