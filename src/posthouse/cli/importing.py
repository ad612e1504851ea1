"""`posthouse templates import`: a vendor's template, put into our words, with its binding."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posthouse.cli import show, template_showing, typed
from posthouse.cli.foreign import Given, Notation, rows_of
from posthouse.cli.frame import TROUBLE, AsJson, Data, in_words, tell, where
from posthouse.cli.owning import Owned, in_account
from posthouse.cli.wording import renamed
from posthouse.core.errors import Refusal

if TYPE_CHECKING:
    from posthouse.services.templates import Foreign

WORDS = {
    "id": "--as",
    "template_id": "--as",
    "name": "--name",
    "names": "--names",
    "text": "TEXT",
    "kind": "--kind",
    "vendor": "--vendor",
    "vendor_template_id": "--id",
    "state": "--state",
}
ROW_WORDS: dict[str, str] = {}
"""Rows of a file have fields, and they are called as ours are."""


def import_(
    context: typer.Context,
    text: Annotated[
        str | None,
        typer.Argument(
            metavar="[TEXT]", help="As the vendor writes it; - reads it from input.", show_default=False
        ),
    ] = None,
    *,
    vendor: Annotated[Notation | None, typer.Option(help="Whose template it is.")] = None,
    vendor_template_id: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="The vendor's id of it.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="The text of one template.")
    ] = None,
    several: Annotated[
        Path | None,
        typer.Option(
            "--list",
            metavar="FILE",
            help="Many at once, as CSV with a header or a JSON document a line: vendor_template_id, text; "
            "and, if wanted, vendor, name, kind, id, names, state.",
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="What it is called in lists; else the vendor's id.")
    ] = None,
    kind: Annotated[typed.Kind, typer.Option(help="What it is for.")] = "notification",
    template_id: Annotated[
        str | None, typer.Option("--as", metavar="ID", help="An id of your own; else one is made.")
    ] = None,
    names: Annotated[
        str | None,
        typer.Option(metavar="A,B,…", help="Our names for places that the vendor only numbers, in order."),
    ] = None,
    state: typed.StateOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what it would be; write nothing.")] = False,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Take over templates that a vendor has approved: their texts, and how their parameters are called there.

    Of a list every row is tried; those that cannot be taken are told on standard error, with exit code 1.
    """
    given = Given(
        vendor=vendor,
        vendor_template_id=vendor_template_id,
        text=_text(text, file, several),
        name=name,
        kind=kind,
        id=template_id,
        names=None if names is None else [each.strip() for each in names.split(",")],
        state=state,
    )
    place = where(context, data)
    if several is None:
        wanted = given.whole()
        words = WORDS if name else WORDS | {"name": "--id"}
        told = in_account(
            place, account, lambda owned: _take(owned, wanted, dry_run=dry_run), words, creates=not dry_run
        )
        _tell(told, as_json=as_json, dry_run=dry_run)
        return
    rows = rows_of(typed.contents(several), given)
    found = in_account(
        place, account, lambda owned: _take_all(owned, rows, dry_run=dry_run), ROW_WORDS, creates=not dry_run
    )
    _tell_all(found, as_json=as_json, dry_run=dry_run)


def _text(text: str | None, file: Path | None, several: Path | None) -> str | None:
    """The one text that was given; None where there is a list.

    Raises:
        BadParameter: there is none, or more than one.
    """
    if sum(each is not None for each in (text, file, several)) != 1:
        raise typer.BadParameter("give one of TEXT, --file and --list.")
    if text is not None:
        return typed.written(text)
    return None if file is None else typed.contents(file).removesuffix("\n").removesuffix("\r")


async def _take(owned: Owned, wanted: "Foreign", *, dry_run: bool) -> dict[str, Any]:
    """Make one template of ours and bind it, or go on where that broke off; answers how it looks."""
    from posthouse.services.templates import made

    mine, templates = owned.account.id, owned.templates
    imported = templates.draft_import(mine, wanted)
    template, binding = imported
    if dry_run:
        told = template_showing.template(made(template), [binding])
        return told | {"template_id": wanted.template_id}  # the one that would be made is another each time
    record = await templates.broken_off(imported)
    if record is None:
        await templates.save(template)
        record = made(template)
    await templates.bind_imported(mine, record.template_id, binding)
    return template_showing.template(record, [binding])


async def _take_all(owned: Owned, rows: "list[Foreign]", *, dry_run: bool) -> list[dict[str, Any] | Refusal]:
    found: list[dict[str, Any] | Refusal] = []
    for row in rows:
        try:
            found.append(await _take(owned, row, dry_run=dry_run))
        except Refusal as refusal:
            found.append(renamed(refusal, ROW_WORDS))
    return found


def _tell(told: dict[str, Any], *, as_json: bool, dry_run: bool) -> None:
    if as_json:
        show.document(told)
        return
    template_showing.template_facts(told)
    typer.echo()
    template_showing.binding_table(told["bindings"])
    template_showing.warn(told["warnings"])
    if dry_run:
        typer.echo("Nothing was written.")


def _tell_all(found: list[dict[str, Any] | Refusal], *, as_json: bool, dry_run: bool) -> None:
    refused = 0
    told: list[dict[str, Any]] = []
    for number, each in enumerate(found, start=1):
        if isinstance(each, Refusal):
            refused += 1
            tell(f"row {number}: {in_words(each)}")
            told.append({"row": number, "template": None, "code": each.code.value})
        else:
            told.append({"row": number, "template": each, "code": None})
    if as_json:
        show.document({"data": told})
    else:
        _table([each["template"] for each in told if each["template"] is not None])
        if dry_run:
            typer.echo("Nothing was written.")
    if refused:
        raise typer.Exit(TROUBLE)


def _table(told: list[dict[str, Any]]) -> None:
    show.table(
        ("id", "name", "kind", "signature", "vendor", "its template", "warnings", "text"),
        [
            (
                each["template_id"],
                each["name"],
                each["kind"],
                each["signature"],
                each["bindings"][0]["vendor"],
                each["bindings"][0]["vendor_template_id"],
                " ".join(warning["rule"] for warning in each["warnings"]),
                each["text"],
            )
            for each in told
        ],
        empty="No template was taken over.",
    )
