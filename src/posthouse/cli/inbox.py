"""`posthouse inbox`: what handsets wrote."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from posthouse.cli import show
from posthouse.cli.frame import AsJson, Data, in_house, where
from posthouse.cli.wanted import AccountOption, Owners, recipient_in

if TYPE_CHECKING:
    from posthouse.bootstrap.house import House
    from posthouse.core.ports.inbox import InboundText

NOBODY = "nobody"
"""Stands for the account of a text that belongs to none, as far as is known."""

TEXT_SHOWN = 60
"""Columns of a text in the table."""


def inbox(
    context: typer.Context,
    *,
    sender: Annotated[
        str | None, typer.Option("--from", metavar="NUMBER", help="Only of this number.")
    ] = None,
    account: AccountOption = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    whole: Annotated[bool, typer.Option("--whole", help="Numbers in full, instead of 138****8000.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """What handsets wrote to all accounts, newest first; numbers are masked unless asked for in full."""
    found = in_house(where(context, data), lambda house: _list(house, sender, account, limit))
    rows = [_fields(text, owner, whole=whole) for text, owner in found]
    if as_json:
        show.document({"data": rows})
        return
    show.table(
        ("id", "from", "text", "keyword", "channel", "answers", "account", "received"),
        [
            (
                row["id"],
                row["from"],
                show.short(show.plain(row["text"]), TEXT_SHOWN),
                row["keyword"],
                row["channel"],
                row["sms_id"],
                owner or NOBODY,
                show.clock(text.received_at),
            )
            for row, (text, owner) in zip(rows, found, strict=True)
        ],
        empty="No text has come in." if sender is None and account is None else "No text fits these filters.",
    )


def _fields(text: "InboundText", owner: str | None, *, whole: bool) -> dict[str, Any]:
    """A text as `/v1` shows it, with the name of its account."""
    from posthouse.core.phone import mask
    from posthouse.web.dialects.v1.inbox import of_text

    told = show.as_document(of_text(text)) | {"account": owner}
    return told if whole else told | {"from": mask(text.sender)}


async def _list(
    house: "House", sender: str | None, name: str | None, limit: int
) -> "list[tuple[InboundText, str | None]]":
    from posthouse.core.ports.inbox import WantedTexts
    from posthouse.services.inbox import Inbox

    account = None if name is None else await house.administer.account(name)
    number = None if sender is None else await recipient_in(house, sender, account, "--from")
    wanted = WantedTexts(None if account is None else account.id, sender=number)
    texts, owners = Inbox(house.store), Owners(house)
    found: list[tuple[InboundText, str | None]] = []
    before = None
    while len(found) < limit:
        page = await texts.page(wanted, limit - len(found), before)
        for text in page.texts:
            owner = None if text.account_id is None else (await owners.of(text.account_id)).name
            found.append((text, owner))
        before = page.next_before
        if before is None:
            break
    return found
