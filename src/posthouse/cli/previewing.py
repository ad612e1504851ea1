"""`posthouse templates preview`: how a template reads, and how long it can get."""

from typing import TYPE_CHECKING, Annotated

import typer

from posthouse.cli import estimating, show, template_showing, typed
from posthouse.cli.frame import AsJson, Data, spoken, where
from posthouse.cli.owning import Owned, in_account

if TYPE_CHECKING:
    from collections.abc import Collection

    from posthouse.core.ports.queries import AccountRecord
    from posthouse.core.ports.templates import TemplateRecord
    from posthouse.services.preview import Preview

OPTIONS = {
    "template_id": "ID",
    "params": "-v",
    "signature": "--signature",
    "version": "--version",
    "to": "--to",
    "country": "--country",
}


def preview(
    context: typer.Context,
    template_id: typed.TemplateId,
    *,
    given: Annotated[
        list[str] | None, typer.Option("--value", "-v", metavar="NAME=VALUE", help="Its values; repeatable.")
    ] = None,
    to: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Counted as for this recipient's country.")
    ] = None,
    country: Annotated[
        str | None, typer.Option(metavar="CN", help="Counted as for this country; else the account's own.")
    ] = None,
    signature: Annotated[
        str | None, typer.Option(metavar="TEXT", help='This signature instead of the template\'s; "": none.')
    ] = None,
    version: typed.VersionOption = None,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Show a template filled in, its parts, and its parts were every value as long as it may be.

    Characters that keep a text out of GSM-7 are put into ⟦ ⟧.
    """
    from posthouse.web.dialects.v1.template_preview import of_preview
    from posthouse.web.dialects.v1.template_records import of_findings

    params = typed.values(given)
    if to is not None and country is not None:
        raise typer.BadParameter("give --to or --country.", param_hint="--country")

    async def look(owned: Owned) -> "tuple[TemplateRecord, Preview, str]":
        from posthouse.core.text import check_signature
        from posthouse.services.preview import preview as seen

        counted = _country(owned.account, to, country)
        if signature:
            check_signature(signature, "signature")
        record = await owned.templates.get(owned.account.id, template_id, version)
        return record, seen(record, params, country=counted, signature=signature), counted

    record, found, counted = in_account(
        where(context, data), account, look, OPTIONS, asked={"template": template_id}
    )
    told = show.as_document(of_preview(record, found, counted, of_findings(found.findings, spoken())))
    if as_json:
        show.document(told)
        return
    _tell(record, found, counted)
    template_showing.warn(told["warnings"])


def _country(account: "AccountRecord", to: str | None, country: str | None) -> str:
    """Where the text is counted for. Refuses what is no number.

    Raises:
        BadParameter: there is no such country.
    """
    from posthouse.core import phone
    from posthouse.services.preview import counted_country

    named = None if country is None else country.upper()
    if named is not None and named not in phone.REGIONS:
        raise typer.BadParameter(
            f"{country!r} is no country: write its two letters, as CN.", param_hint="--country"
        )
    return counted_country(to, named, region=account.region)


def _tell(record: "TemplateRecord", found: "Preview", country: str) -> None:
    """A preview for people."""
    worst, rendered = found.worst_case, found.rendered
    most = f"{show.count(worst.parts, 'part')} ({worst.encoding}, {worst.units} units)"
    if worst.parts_unicode > worst.parts:
        most += f"; {worst.parts_unicode} with values that GSM-7 has not"
    if rendered is None:
        text, now = _marked_of_its_own(record.text, {culprit.char for culprit in worst.culprits}), None
    else:
        measure = rendered.measure
        text = _marked(rendered.text, {culprit.char for culprit in measure.culprits})
        now = f"{show.count(measure.parts, 'part')} ({measure.encoding}, {measure.units} units)"
    show.facts(
        {
            "template": f"{record.template_id}, version {record.version}",
            "country": country,
            "signature": found.signature or None,
            "text": text,
            "size": now,
            "at most": most,
        }
    )
    for each in found.misfits if rendered is None else rendered.misfits:
        show.line(estimating.misfit(each.char, each.positions, each.instead))


def _marked(text: str, culprits: "Collection[str]") -> str:
    """The text with these characters between marks."""
    return "".join(f"⟦{char}⟧" if char in culprits else char for char in text)


def _marked_of_its_own(text: str, culprits: "Collection[str]") -> str:
    """A template's text as it is written; in the names of its variables nothing is marked."""
    from posthouse.core.template import places

    pieces, end = [], 0
    for place in places(text):
        pieces += [_marked(text[end : place.start], culprits), text[place.start : place.end]]
        end = place.end
    return "".join((*pieces, _marked(text[end:], culprits)))
