"""`posthouse templates`: list, create, show, edit, delete; bind, preview, diff and import stand elsewhere."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posthouse.cli import binding, differing, importing, previewing, show, template_showing, typed
from posthouse.cli.frame import AsJson, Data, where
from posthouse.cli.owning import Owned, first_with_approvals, in_account
from posthouse.cli.template_showing import HISTORY_SHOWN, TEXT_COLUMNS

if TYPE_CHECKING:
    from posthouse.core.ports.templates import ApprovalChange, ApprovalRecord, TemplateRecord

app = typer.Typer(no_args_is_help=True)

CREATE_OPTIONS = {
    "id": "--id",
    "template_id": "--id",
    "name": "NAME",
    "text": "TEXT",
    "kind": "--kind",
    "signature": "--signature",
    "variables": "--max",
}
EDIT_OPTIONS = CREATE_OPTIONS | {"id": "ID", "template_id": "ID", "name": "--name"}
"""What these commands call the fields of the API."""

SignatureOption = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Put in front within 【】 unless a message has its own.")
]


@app.command("list")
def list_templates(
    context: typer.Context,
    limit: typed.LimitOption = 20,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Templates of an account, oldest first, each with its newest version."""
    found = in_account(
        where(context, data),
        account,
        lambda owned: first_with_approvals(owned.templates, owned.account.id, limit),
        EDIT_OPTIONS,
    )
    if as_json:
        show.document({"data": [template_showing.template(record, approvals) for record, approvals in found]})
        return
    show.table(
        ("id", "name", "kind", "version", "signature", "bound to", "text"),
        [
            (
                record.template_id,
                record.name,
                record.kind.label,
                record.version,
                record.signature,
                " ".join(f"{each.vendor}:{each.state}" for each in approvals),
                show.short(record.text, TEXT_COLUMNS),
            )
            for record, approvals in found
        ],
        empty="There is no template.",
    )


@app.command()
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called in lists.")],
    text: Annotated[
        str,
        typer.Argument(
            metavar="TEXT",
            help="With {name} where a value goes; {{ and }} are braces; - reads it from input.",
        ),
    ],
    *,
    template_id: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="An id of your own; else one is made.")
    ] = None,
    kind: Annotated[typed.Kind, typer.Option(help="What it is for; messages take their lane from it.")] = (
        "notification"
    ),
    signature: SignatureOption = None,
    longest: typed.MaxOption = None,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make a template. What vendors' reviewers would refuse in it is told, and does not hinder it."""
    from posthouse.core.message import Lane

    lengths, text = typed.lengths(longest), typed.written(text)

    async def make(owned: Owned) -> "TemplateRecord":
        wanted = owned.templates.draft(
            owned.account.id,
            name=name,
            kind=Lane.of(kind),
            text=text,
            template_id=template_id,
            signature=signature,
            lengths=lengths,
        )
        await owned.templates.save(wanted)
        return await owned.templates.get(owned.account.id, wanted.template_id)

    record = in_account(where(context, data), account, make, CREATE_OPTIONS, creates=True)
    _tell(record, (), as_json=as_json)


@app.command("show")
def show_template(
    context: typer.Context,
    template_id: typed.TemplateId,
    version: typed.VersionOption = None,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """One template: its text and variables, its vendors' bindings, and how their reviews went."""
    from posthouse.web.dialects.v1.template_records import of_bindings

    async def look(
        owned: Owned,
    ) -> "tuple[TemplateRecord, Sequence[ApprovalRecord], Sequence[ApprovalChange]]":
        record, approvals = await _get(owned, template_id, version)
        return record, approvals, await owned.templates.history(owned.account.id, template_id, HISTORY_SHOWN)

    record, approvals, changes = in_account(
        where(context, data), account, look, EDIT_OPTIONS, asked={"template": template_id}
    )
    told = template_showing.template(record, approvals)
    if as_json:
        history = show.as_document(of_bindings((), changes))["history"]
        show.document(told | {"newest": record.newest, "history": history})
        return
    template_showing.template_facts(record)
    typer.echo()
    template_showing.binding_table(approvals)
    template_showing.history_table(changes)
    template_showing.warn(told["warnings"])
    if record.version < record.newest:
        typer.echo(f"Version {record.newest} is the newest.")


@app.command()
def edit(
    context: typer.Context,
    template_id: typed.TemplateId,
    text: Annotated[
        str | None,
        typer.Argument(metavar="[TEXT]", help="Another text; - reads it from input.", show_default=False),
    ] = None,
    *,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Another name.")] = None,
    signature: Annotated[
        str | None, typer.Option(metavar="TEXT", help='Another signature; "" takes it away.')
    ] = None,
    longest: typed.MaxOption = None,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Change a template. Another text, signature or length makes a version, which vendors review anew.

    Messages that were accepted keep the version they were accepted with. Servers notice within a second.
    """
    lengths = typed.lengths(longest)
    changes: dict[str, Any] = {}
    if text is not None:
        changes["text"] = typed.written(text)
    if name is not None:
        changes["name"] = name
    if signature is not None:
        changes["signature"] = signature or None
    if not changes and lengths is None:
        raise typer.BadParameter("say what to change: TEXT, --name, --signature or --max.")

    async def change(owned: Owned) -> "tuple[TemplateRecord, TemplateRecord, Sequence[ApprovalRecord]]":
        before = await owned.templates.get(owned.account.id, template_id)
        if lengths is not None:
            changes["lengths"] = _lengths(before, changes.get("text", before.text), lengths)
        await owned.templates.edit(owned.account.id, template_id, **changes)
        return before, *await _get(owned, template_id, None)

    before, record, approvals = in_account(
        where(context, data), account, change, EDIT_OPTIONS, asked={"template": template_id}
    )
    _tell(record, approvals, as_json=as_json)
    if as_json:
        return
    if record.version > before.version:
        typer.echo(f"This is version {record.version}; no vendor's template is bound to it yet.")
    elif record.name == before.name:
        typer.echo(f"Nothing changed; version {record.version} stays.")


@app.command()
def delete(
    context: typer.Context,
    template_id: typed.TemplateId,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Take a template out of use. Accepted messages are still sent; its id is not used again."""
    in_account(
        where(context, data),
        account,
        lambda owned: owned.templates.delete(owned.account.id, template_id),
        EDIT_OPTIONS,
        asked={"template": template_id},
    )
    show.answer(
        {"template_id": template_id, "deleted": True},
        f"Template {template_id} is deleted.",
        as_json=as_json,
    )


def _tell(record: "TemplateRecord", approvals: "Sequence[ApprovalRecord]", *, as_json: bool) -> None:
    told = template_showing.template(record, approvals)
    if as_json:
        show.document(told)
        return
    template_showing.template_facts(record)
    template_showing.warn(told["warnings"])


def _lengths(before: "TemplateRecord", text: str, given: dict[str, int]) -> dict[str, int]:
    """All lengths: those that were declared stay for variables that the text still has."""
    from posthouse.core.template import names

    still = names(text)
    kept = {variable.name: variable.max_length for variable in before.variables if variable.name in still}
    return kept | given


async def _get(
    owned: Owned, template_id: str, version: int | None
) -> "tuple[TemplateRecord, Sequence[ApprovalRecord]]":
    record = await owned.templates.get(owned.account.id, template_id, version)
    return record, await owned.templates.approvals(owned.account.id, template_id, record.version)


app.command("bind")(binding.bind)
app.command("unbind")(binding.unbind)
app.command("preview")(previewing.preview)
app.command("diff")(differing.diff)
app.command("import")(importing.import_)
