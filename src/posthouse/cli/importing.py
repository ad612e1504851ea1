"""`posthouse templates import`: a vendor's template, put into our words, with its binding."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from posthouse.cli import show, template_showing, typed
from posthouse.cli.foreign import OPTIONS as COLUMNS_TOLD
from posthouse.cli.foreign import Given, Notation, Row, rows_of
from posthouse.cli.frame import TROUBLE, AsJson, Data, in_words, tell, where
from posthouse.cli.owning import Owned, first_with_approvals, in_account
from posthouse.cli.template_showing import TEXT_COLUMNS
from posthouse.cli.wording import renamed
from posthouse.core.errors import Code, Refusal

if TYPE_CHECKING:
    from posthouse.core.ports.templates import ApprovalRecord, TemplateRecord
    from posthouse.services.templates import Foreign

OPTIONS = {
    "id": "--id",
    "template_id": "--id",
    "name": "--name",
    "names": "--names",
    "text": "TEXT",
    "kind": "--kind",
    "vendor": "--vendor",
    "vendor_template_id": "--vendor-id",
    "state": "--state",
}


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
        str | None, typer.Option("--vendor-id", metavar="ID", help="The vendor's id of it.")
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
        str | None, typer.Option("--id", metavar="ID", help="An id of your own; else one is made.")
    ] = None,
    names: Annotated[
        str | None,
        typer.Option(metavar="A,B,…", help="Our names for places that the vendor only numbers, in order."),
    ] = None,
    state: Annotated[
        typed.State | None,
        typer.Option(help="How far the vendor's review has come; without it the binding is a draft."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what it would be; write nothing.")] = False,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Take over templates that a vendor has approved: their texts, and how their parameters are called there.

    Of a list every row is tried; those that cannot be taken are told by their lines on standard error, with
    exit code 1. A list that cannot be read to its end is not begun.
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
        options = OPTIONS if name else OPTIONS | {"name": "--vendor-id"}
        told = in_account(
            place,
            account,
            lambda owned: _take_one(owned, wanted, dry_run=dry_run),
            options,
            creates=not dry_run,
        )
        _tell(told, as_json=as_json, dry_run=dry_run)
        return
    rows = rows_of(typed.contents(several), given)
    found = in_account(
        place, account, lambda owned: _take_all(owned, rows, dry_run=dry_run), OPTIONS, creates=not dry_run
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


_Key = str | tuple[str, str]
"""A template by its id, or by a vendor and the id there."""


class Taken(NamedTuple):
    """A template that was taken over, or would be, with its binding."""

    template: "TemplateRecord"
    bindings: "Sequence[ApprovalRecord]"

    def document(self, *, dry_run: bool) -> dict[str, Any]:
        """As `/v1` shows it; the id that a dry run made is none, since it is another each time."""
        told = template_showing.template(self.template, self.bindings)
        return told | {"template_id": None} if dry_run and self.made_id else told

    @property
    def made_id(self) -> bool:
        """Whether its id is of our making."""
        from posthouse.core.ids import read
        from posthouse.services.templates import PREFIX

        return read(PREFIX, self.template.template_id) is not None


async def _take(owned: Owned, wanted: "Foreign", known: set[_Key] | None) -> Taken:
    """Make one template of ours, bound to the vendor's; of a dry run look at what is `known` instead."""
    from posthouse.services.templates import made

    template = owned.templates.draft_import(owned.account.id, wanted)
    if known is None:
        await owned.templates.save(template)
    else:
        keys: set[_Key] = {template.template_id, (wanted.vendor, wanted.vendor_template_id)}
        if keys & known:
            raise Refusal(Code.ALREADY_EXISTS, resource="template")
        known |= keys
    return Taken(made(template), [] if template.binding is None else [template.binding])


async def _known(owned: Owned) -> set[_Key]:
    """The ids that there are, and the templates of vendors that ours are bound to."""
    from posthouse.core.ports.templates import TEMPLATES_MAX

    found: set[_Key] = set()
    for record, bindings in await first_with_approvals(owned.templates, owned.account.id, TEMPLATES_MAX):
        found |= {record.template_id, *((each.vendor, each.vendor_id or "") for each in bindings)}
    return found


async def _take_one(owned: Owned, wanted: "Foreign", *, dry_run: bool) -> Taken:
    return await _take(owned, wanted, await _known(owned) if dry_run else None)


async def _take_all(owned: Owned, rows: Sequence[Row], *, dry_run: bool) -> list[tuple[int, Taken | Refusal]]:
    """Every row, by its line, with what became of it."""
    found: list[tuple[int, Taken | Refusal]] = []
    known = await _known(owned) if dry_run else None
    for line, wanted in rows:
        try:
            if isinstance(wanted, Refusal):
                raise wanted
            found.append((line, await _take(owned, wanted, known)))
        except Refusal as refusal:
            found.append((line, renamed(refusal, COLUMNS_TOLD)))
    return found


def _tell(taken: Taken, *, as_json: bool, dry_run: bool) -> None:
    told = taken.document(dry_run=dry_run)
    if as_json:
        show.document(told)
        return
    template_showing.template_facts(taken.template, told["template_id"] or "(made anew)")
    typer.echo()
    template_showing.binding_table(taken.bindings)
    template_showing.warn(told["warnings"])
    if dry_run:
        typer.echo("Nothing was written.")


def _tell_all(found: Sequence[tuple[int, Taken | Refusal]], *, as_json: bool, dry_run: bool) -> None:
    refused = 0
    told: list[dict[str, Any]] = []
    for line, each in found:
        if isinstance(each, Refusal):
            refused += 1
            tell(f"line {line}: {in_words(each)}")
            told.append({"row": line, "template": None, "code": each.code.value})
        else:
            told.append({"row": line, "template": each.document(dry_run=dry_run), "code": None})
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
                show.short(each["text"], TEXT_COLUMNS),
            )
            for each in told
        ],
        empty="No template was taken over.",
    )
