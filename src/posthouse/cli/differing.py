"""`posthouse templates diff`: what one version of a template says that another does not."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posthouse.cli import show, typed
from posthouse.cli.frame import AsJson, Data, where
from posthouse.cli.owning import Owned, in_account

if TYPE_CHECKING:
    from posthouse.core.ports.templates import TemplateRecord

OPTIONS = {"template_id": "ID", "version": "FROM"}


def diff(
    context: typer.Context,
    template_id: typed.TemplateId,
    older: Annotated[
        int | None,
        typer.Argument(
            metavar="[FROM]", min=1, help="A version; else the one before TO.", show_default=False
        ),
    ] = None,
    newer: Annotated[
        int | None,
        typer.Argument(metavar="[TO]", min=1, help="Another; else the newest.", show_default=False),
    ] = None,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Compare two versions of a template: their texts as a unified diff, signatures and variables."""

    async def look(owned: Owned) -> "tuple[TemplateRecord, TemplateRecord]":
        right = await owned.templates.get(owned.account.id, template_id, newer)
        left = older if older is not None else max(right.version - 1, 1)
        return await owned.templates.get(owned.account.id, template_id, left), right

    left, right = in_account(where(context, data), account, look, OPTIONS, asked={"template": template_id})
    lines, changes = _lines(left, right), _changes(left, right)
    if as_json:
        show.document(
            {
                "template_id": template_id,
                "from": left.version,
                "to": right.version,
                "text": lines,
                "changes": changes,
            }
        )
        return
    for each in lines:
        show.line(each)
    for change in changes:
        show.line(f"{change['what']}: {_said(change['from'])} → {_said(change['to'])}")
    if newer is None and older is None and right.newest == 1:
        show.line(f"There is only one version of {template_id}.")
    elif not (lines or changes):
        typer.echo(f"Versions {left.version} and {right.version} say the same.")


def _lines(left: "TemplateRecord", right: "TemplateRecord") -> list[str]:
    from difflib import unified_diff

    return list(
        unified_diff(
            left.text.splitlines(),
            right.text.splitlines(),
            f"version {left.version}",
            f"version {right.version}",
            lineterm="",
        )
    )


def _changes(left: "TemplateRecord", right: "TemplateRecord") -> list[dict[str, Any]]:
    """What differs beside the text: None stands for what one of them has not."""
    changes: list[dict[str, Any]] = []
    if left.signature != right.signature:
        changes.append({"what": "signature", "from": left.signature, "to": right.signature})
    before, after = dict(left.variables), dict(right.variables)
    changes += [
        {"what": f"variable {name}", "from": before.get(name), "to": after.get(name)}
        for name in _union(tuple(before), tuple(after))
        if before.get(name) != after.get(name)
    ]
    return changes


def _union(first: Sequence[str], second: Sequence[str]) -> Sequence[str]:
    return tuple(dict.fromkeys((*first, *second)))


def _said(value: str | int | None) -> str:
    if value is None:
        return "none"
    return f"at most {value} characters" if isinstance(value, int) else value
