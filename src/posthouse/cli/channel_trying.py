"""`posthouse channels test`, `balance`, `health`, `kinds`: whether they work, and what there could be."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from posthouse.bootstrap.premises import Trouble, held
from posthouse.cli import channel_typed, sending, show, typed
from posthouse.cli.asking import server_of
from posthouse.cli.channel_typed import Account, Desk, Name, Settings, at_desk
from posthouse.cli.frame import FOUND, AsJson, Data, spoken, where
from posthouse.cli.waiting import PATIENCE_S, Timeout

if TYPE_CHECKING:
    from posthouse.core.ports.channels import ChannelRecord

TEXT = "Posthouse: this channel works."


def try_out(
    context: typer.Context,
    name: Name,
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="With --to: the text.", show_default=False)
    ] = None,
    *,
    to: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Send a message there, and wait for its fate.")
    ] = None,
    template: Annotated[
        str | None, typer.Option("--template", "-t", metavar="ID", help="With --to: a template.")
    ] = None,
    values: Annotated[
        list[str] | None, typer.Option("--value", "-v", metavar="NAME=VALUE", help="Its values; repeatable.")
    ] = None,
    told: Settings = None,
    timeout: Timeout = PATIENCE_S,
    account: Account = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Ask the vendor whether it takes the credentials: exit code 3 if it does not.

    With --set, credentials are tried before they are stored; with --to, a real message is sent.
    """
    place = where(context, data)
    if to is not None:
        if told:
            raise typer.BadParameter("what is sent goes over the channel as it is: leave --set out.")
        _send(place, name, to, text, template, values, timeout, account, as_json=as_json)
        return
    if text or template or values:
        raise typer.BadParameter("say with --to where to send it.")
    settings = channel_typed.settings(told)
    row = at_desk(place, account, lambda desk: _checked(desk, name, settings))
    _tell(row, as_json=as_json)
    if not row["ok"]:
        raise typer.Exit(FOUND)


def balance(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One channel; all without.")] = None,
    account: Account = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """What money is left at the vendors that tell."""

    async def run(desk: Desk) -> list[dict[str, Any]]:
        chosen = [each.channel.name for each in await _chosen(desk, name) if not each.channel.simulated]
        return [await _checked(desk, each, {}) for each in chosen]

    rows = at_desk(where(context, data), account, run)
    if as_json:
        show.document({"data": rows})
        return
    show.table(
        ("channel", "left", ""),
        [(row["channel"], _money(row), None if row["ok"] else _trouble(row)) for row in rows],
        empty="There is no channel to ask.",
    )


def health(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One channel; all without.")] = None,
    account: Account = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """How channels do, as the running server sees it."""
    place = where(context, data)

    async def run(desk: Desk) -> list[str]:
        return [each.channel.name for each in await _chosen(desk, name)]

    names = at_desk(place, account, run)
    server = server_of(place)
    if server is None:
        raise Trouble(
            f"No server runs on {place}, and only one that runs knows: start it with "
            f"`posthouse serve --data {place}`."
        )
    query = "" if account is None else f"?account={quote(account)}"
    rows = [server.get(f"/v1/channels/{quote(each)}/health{query}") for each in names]
    if as_json:
        show.document({"data": rows})
        return
    show.table(
        ("channel", "state", "calls", "failed", "receipts", "delivered", "half within", ""),
        [
            (
                row["channel"],
                row["state"],
                row["calls"],
                row["failed"],
                row["delivered"] + row["undelivered"],
                row["delivered"],
                None if row["receipt_p50_s"] is None else f"{row['receipt_p50_s']:g} s",
                row["why"],
            )
            for row in rows
        ],
        empty="There is no channel.",
    )


def kinds(
    context: typer.Context,
    vendor: Annotated[
        str | None, typer.Argument(metavar="[VENDOR]", help="One kind, with its settings.")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """What channels can be made of; for one kind, what it has to be told."""
    from posthouse.vendors.registry import KINDS
    from posthouse.web.dialects.v1.channel_records import of_kind

    where(context, data)
    if vendor is not None and vendor not in KINDS:
        raise Trouble(f"There is no vendor {vendor!r}: `posthouse channels kinds` lists those there are.")
    rows = [
        show.as_document(of_kind(kind, spoken())) for kind in KINDS.values() if vendor in (None, kind.name)
    ]
    if as_json:
        show.document(rows[0] if vendor else {"data": rows})
    elif vendor:
        show.table(
            ("setting", "", "default", "what"),
            [
                (
                    each["name"],
                    " ".join(word for word in ("required", "secret") if each[word]),
                    each["default"],
                    "; ".join(filter(None, (each["about"], "|".join(filter(None, each["choices"]))))),
                )
                for each in rows[0]["settings"]
            ],
            empty=f"{rows[0]['title']} needs no settings.",
        )
    else:
        show.table(
            ("vendor", "what", "proven", "receipts", "countries"),
            [
                (
                    row["vendor"],
                    row["title"],
                    row["proven"],
                    row["receipts"],
                    ",".join(row["countries"]) or "all",
                )
                for row in rows
            ],
            empty="",
        )


async def _chosen(desk: Desk, name: str | None) -> "list[ChannelRecord]":
    if name is not None:
        return [await desk.channels.get(name, desk.owner)]
    return [each for each in await desk.channels.every() if each.channel.account_id == desk.owner]


async def _checked(desk: Desk, name: str, settings: dict[str, str]) -> dict[str, Any]:
    from posthouse.web.dialects.v1.channel_records import of_check

    record = await desk.channels.get(name, desk.owner)
    return show.as_document(of_check(name, await desk.channels.check(record, settings)))


def _send(
    place: Path,
    name: str,
    to: str,
    text: str | None,
    template: str | None,
    values: list[str] | None,
    timeout: float,
    account: str | None,
    *,
    as_json: bool,
) -> None:
    """A message over this channel, through the server, since only there the vendor is heard."""

    async def run(desk: Desk) -> None:
        await desk.channels.get(name, desk.owner)

    at_desk(place, account, run)
    server = server_of(place)
    if server is None or held(place) is None:
        raise Trouble(
            f"No server runs on {place}, so nothing would be sent: start one with "
            f"`posthouse serve --data {place}`."
        )
    wanted = {
        "to": to,
        "vendor": name,
        "body": (text or TEXT) if template is None else text,
        "template_id": template,
        "params": typed.values(values),
    }
    record = server.post(
        "/v1/sms/send", {field: value for field, value in wanted.items() if value is not None}
    )
    sending.stay(place, record, timeout, as_json=as_json)


def _tell(row: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show.document(row)
    elif not row["ok"]:
        show.line(f"{row['channel']}: {_trouble(row)}")
    elif not row["asked"]:
        show.line(f"{row['channel']}: nothing can be asked without sending; try --to NUMBER.")
    else:
        left = _money(row)
        show.line(f"{row['channel']}: the vendor takes the credentials{f'; {left} left' if left else ''}.")


def _money(row: dict[str, Any]) -> str | None:
    return None if row["balance"] is None else f"{row['balance']['amount']} {row['balance']['unit']}"


def _trouble(row: dict[str, Any]) -> str:
    words = (row["reason"], row["code"], row["text"], row["detail"])
    return ": ".join(str(word) for word in words if word)
