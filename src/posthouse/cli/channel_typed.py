"""Channels as they are typed and shown: settings, costs, countries; and the service, over an open house."""

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from posthouse.bootstrap.premises import Trouble
from posthouse.cli import show
from posthouse.cli.frame import in_house
from posthouse.cli.wording import renamed
from posthouse.core.errors import Code, Refusal

if TYPE_CHECKING:
    from posthouse.bootstrap.connections import Adapters
    from posthouse.bootstrap.house import House
    from posthouse.core.ports.channels import ChannelRecord
    from posthouse.services.channels import Channels, Wishes

R = TypeVar("R")

OPTIONS = {
    "settings": "--set",
    "vendor": "VENDOR",
    "name": "--name",
    "cost": "--cost",
    "costs": "--cost",
    "countries": "--countries",
    "rate_per_s": "--rate",
    "concurrency": "--concurrency",
    "weight": "--weight",
    "callback_from": "--callback-from",
}
ALL, ANY, NONE = "all", "any", "none"
FILE_MAX = 64 * 1024

Name = Annotated[str, typer.Argument(metavar="NAME", help="The channel.")]
Account = Annotated[
    str | None, typer.Option("--account", metavar="NAME", help="Whose own it is; the platform's without.")
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="A setting; KEY=@FILE reads a file, KEY=- asks, or reads standard input; repeatable.",
    ),
]
Costs = Annotated[
    list[str] | None,
    typer.Option(
        "--cost", metavar="[COUNTRY=]AMOUNT", help="What a part costs you, as 0.045 or CN=0.04; repeatable."
    ),
]
Countries = Annotated[
    str | None, typer.Option(metavar="CODES", help="What it carries, as CN,HK; all for every country.")
]
Rate = Annotated[int | None, typer.Option(metavar="N", help="Messages a second at most; 0: any number.")]
Concurrency = Annotated[int | None, typer.Option(metavar="N", help="Calls at once.")]
Weight = Annotated[int | None, typer.Option(metavar="N", help="Its share among equals; 0: a last resort.")]
CallbackFrom = Annotated[
    list[str] | None,
    typer.Option(metavar="NETWORK", help="Where its callbacks may come from; any for all; repeatable."),
]


@dataclass(frozen=True, slots=True)
class Desk:
    """The service over an open house, and whose channels are meant."""

    channels: "Channels"
    adapters: "Adapters"
    house: "House"
    owner: int | None

    async def shown(self, record: "ChannelRecord") -> dict[str, Any]:
        """A channel as `/v1` shows it."""
        from posthouse.core.ports.queries import GetAccount
        from posthouse.web.dialects.v1.channel_records import of_channel

        owner = record.channel.account_id
        account = None if owner is None else await self.house.store.read(GetAccount(owner))
        row = of_channel(
            record,
            None if account is None else account.name,
            secrets=self.channels.secrets_of(record),
            broken=self.channels.broken(record),
            callback=(None, None) if record.channel.simulated else self.adapters.callback(record),
        )
        return show.as_document(row)


def at_desk(place: Path, account: str | None, do: Callable[[Desk], Awaitable[R]], *, vendor: str = "") -> R:
    """Open the installation, do something with its channels, close all of it. `vendor`: for refusals."""

    async def run(house: "House") -> R:
        from posthouse.bootstrap.connections import Adapters, Connections, channels_of

        await house.administer.know_secret()  # sealed under another one, nothing could be read again
        adapters = Adapters(house.vault, house.settings.public_url)
        connections = Connections(adapters, house.vault, house.clock, house.data)
        try:
            owner = None if account is None else (await house.administer.account(account)).id
            return await do(Desk(channels_of(house, adapters, connections), adapters, house, owner))
        except Refusal as refusal:
            raise _in_options(refusal, vendor) from refusal
        finally:
            await connections.close()

    return in_house(place, run)


def _in_options(refusal: Refusal, vendor: str) -> Refusal | Trouble:
    field, _, setting = (refusal.param or "").partition(".")
    nearest = refusal.facts.get("nearest")
    guess = f"; did you mean {nearest}?" if nearest else "."
    if field == "settings":
        kind = vendor or "VENDOR"
        if refusal.code is Code.UNKNOWN_FIELD:
            nearest = refusal.facts.get("nearest")
            guess = f"; did you mean {nearest}?" if nearest else "."
            return Trouble(f"There is no setting {setting!r}{guess} See `posthouse channels kinds {kind}`.")
        if refusal.code is Code.MISSING_FIELD:
            return Trouble(f"Give --set {setting}=…, which is needed: see `posthouse channels kinds {kind}`.")
        if why := refusal.facts.get("why"):
            return Trouble(f"{f'--set {setting}' if setting else '--set'}: {why}.")
    if refusal.code is Code.UNKNOWN_VENDOR and refusal.param == "vendor":
        named = refusal.facts.get("vendor")
        return Trouble(f"There is no vendor {named!r}{guess} See `posthouse channels kinds`.")
    return renamed(refusal, OPTIONS)


def settings(given: Sequence[str] | None) -> dict[str, str]:
    """Settings as typed; a value may stand in a file or come from standard input."""
    read: dict[str, str] = {}
    for each in given or ():
        name, mark, value = each.partition("=")
        if not mark or not name:
            raise typer.BadParameter(
                f"{name[:40]!r} needs a value, as region=ap-guangzhou, secret_key=@FILE or secret_key=-.",
                param_hint="--set",
            )
        if name in read:
            raise typer.BadParameter(f"{name!r} is given twice.", param_hint="--set")
        if value == "-" and sys.stdin.isatty():
            value = str(typer.prompt(name, hide_input=True, err=True)).strip()
        elif value == "-":
            value = _text(sys.stdin.buffer.read(FILE_MAX + 1), "standard input")
        elif value.startswith("@"):
            try:
                with Path(value[1:]).open("rb") as file:
                    value = _text(file.read(FILE_MAX + 1), value[1:])
            except OSError as error:
                raise Trouble(f"{value[1:]} cannot be read ({error.strerror}): give another file.") from error
        read[name] = value
    return read


def _text(raw: bytes, where: str) -> str:
    try:
        if len(raw) <= FILE_MAX:
            return raw.decode().strip()
    except UnicodeDecodeError:
        pass
    raise Trouble(f"{where} is no text of at most {FILE_MAX} bytes: give the one with the setting's value.")


def wishes(
    *,
    told: Mapping[str, str],
    cost: Sequence[str] | None,
    countries: str | None,
    rate: int | None,
    concurrency: int | None,
    weight: int | None,
    callback_from: Sequence[str] | None,
    before: Mapping[str, int] | None = None,
) -> "Wishes":
    """What was typed about a channel; `before`: costs by country that it has."""
    from posthouse.services.channels import Wishes

    usual, by_country = _costs(cost, dict(before or {}))
    return Wishes(
        settings=told,
        countries=None if countries is None else _countries(countries),
        cost=usual,
        costs=by_country,
        rate_per_s=rate,
        concurrency=concurrency,
        weight=weight,
        callback_from=None
        if callback_from is None
        else [network for network in callback_from if network != ANY],
    )


def _countries(text: str) -> list[str]:
    return [] if text == ALL else [code.strip().upper() for code in text.split(",")]


def _costs(given: Sequence[str] | None, costs: dict[str, int]) -> tuple[int | None, dict[str, int] | None]:
    usual, named = None, False
    for each in given or ():
        country, mark, text = each.rpartition("=")
        if not mark:
            usual = show.amount(text)
        elif text == NONE:
            named, _ = True, costs.pop(country.upper(), None)
        else:
            named, costs[country.upper()] = True, show.amount(text)
    return usual, costs if named else None


def tell(row: Mapping[str, Any], *, as_json: bool) -> None:
    """One channel, whole."""
    if as_json:
        show.document(row)
        return
    costs = " ".join([row["cost"], *(f"{country}={cost}" for country, cost in row["costs"].items())])
    show.facts(
        {
            "channel": row["name"],
            "vendor": row["vendor"],
            "account": row["account"],
            "state": row["state"],
            "broken": row["broken"],
            **{f"  {name}": show.short(value, 100) for name, value in row["settings"].items()},
            **{f"  {name}": "(sealed)" for name in row["credentials"]},
            "countries": ",".join(row["countries"]) or ALL,
            "cost": costs,
            "rate": row["rate_per_s"] or ANY,
            "concurrency": row["concurrency"],
            "weight": row["weight"],
            "callbacks": row["callback_url"] or row["callback_path"],
            "from": " ".join(row["callback_from"]) or None,
        }
    )
    if row["callback_path"] and not row["callback_url"]:
        show.line("Set public_url (`posthouse config`) for the whole address of its callbacks.")
