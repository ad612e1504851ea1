"""`posthouse accounts`: open, credit, approve, set, price, list; words."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from posthouse.cli import rules, show, words
from posthouse.cli.frame import AsJson, Data, in_house, where

if TYPE_CHECKING:
    from collections.abc import Mapping

    from posthouse.bootstrap.house import House
    from posthouse.core.ledger import Balance
    from posthouse.core.ports.queries import AccountRecord

app = typer.Typer(no_args_is_help=True)
app.command("words")(words.words)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")]
Status = Annotated[
    Literal["approved", "pending", "rejected"], typer.Argument(metavar="STATUS", help="How far it may go.")
]


@app.command()
def create(
    context: typer.Context,
    name: Name,
    balance: Annotated[str, typer.Option(metavar="AMOUNT", help="First credit, in currency units.")] = "0",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Open an account. It is unverified (pending) and cannot send until it is approved."""
    from posthouse.core.ledger import Balance

    credit = show.amount(balance)
    place = where(context, data)
    account = in_house(place, lambda house: house.administer.create_account(name, balance=credit))
    if as_json:
        show.document(_fields(account, Balance(available=credit)))
        return
    typer.echo(f"Account {name} is open with {show.money(credit, account.currency)}; it is {account.status}.")
    typer.echo(f"To let it send: posthouse accounts verify {name} approved --data {place}")


@app.command("credit")
def credit_account(
    context: typer.Context,
    name: Name,
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="In currency units, as 100 or 0.05.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Add prepaid money."""
    from posthouse.core.ledger import from_micro

    micro = show.amount(amount)
    credited = in_house(where(context, data), lambda house: house.administer.credit(name, micro))
    available = credited.balance.available
    if as_json:
        show.document({"account": name, "available": from_micro(available)})
    else:
        typer.echo(f"Account {name} has {from_micro(available)} available.")


@app.command()
def verify(
    context: typer.Context, name: Name, status: Status, data: Data = None, as_json: AsJson = False
) -> None:
    """Approve an account, reject it, or put it back to pending."""
    from posthouse.core.ports.admin import AccountStatus

    in_house(where(context, data), lambda house: house.administer.verify(name, AccountStatus(status)))
    if as_json:
        show.document({"account": name, "status": status})
    else:
        typer.echo(f"Account {name} is {status}.")


@app.command("set")
def set_account(
    context: typer.Context,
    name: Name,
    *,
    region: Annotated[
        str | None, typer.Option(metavar="CN", help="Where bare numbers are read: a country's two letters.")
    ] = None,
    unknown_policy: Annotated[
        Literal["leave", "resend"] | None,
        typer.Option(help="Notifications whose fate cannot be learnt: leave them, or send them again."),
    ] = None,
    strict_numbers: Annotated[
        bool | None,
        typer.Option(help="Refuse numbers that no country has assigned.", show_default=False),
    ] = None,
    rate_limit: Annotated[
        str | None,
        typer.Option(metavar="N|default", help="Calls a second each key of the account may make."),
    ] = None,
    quiet_hours: rules.QuietHoursOption = None,
    limit: rules.LimitOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Change an account's settings; without an option, show them. Servers notice within a second."""
    from posthouse.core.ports.admin import UpdateAccount
    from posthouse.core.routing import UnknownPolicy

    changes = UpdateAccount(
        name,
        region=None if region is None else region.upper(),
        unknown_policy=None if unknown_policy is None else UnknownPolicy(unknown_policy),
        strict_numbers=strict_numbers,
        rate_limit=_rate_limit(rate_limit),
        quiet_hours=rules.hours(quiet_hours),
        recipient_limits=rules.limits(limit),
    )

    async def change(house: "House") -> "AccountRecord":
        if changes != UpdateAccount(name):
            await house.administer.update_account(changes)
        return await house.administer.account(name)

    account = in_house(where(context, data), change)
    told = {
        "account": account.name,
        "status": account.status.value,
        "region": account.region,
        "unknown_policy": account.unknown_policy.value,
        "strict_numbers": account.strict_numbers,
        "rate_limit": account.rate_limit,
    }
    if as_json:
        show.document(told | rules.fields(account))
    else:
        show.facts(told | {"rate_limit": account.rate_limit or "default"} | rules.shown(account))


@app.command()
def prices(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="The account; without: what new accounts copy.")
    ] = None,
    lines: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="CN=AMOUNT",
            help="A part's price in a country, or with * in all others; repeatable.",
        ),
    ] = None,
    remove: Annotated[
        list[str] | None,
        typer.Option(metavar="CN", help="Take a country's line out: * holds for it again; repeatable."),
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """A price list, shown or changed. Accepted messages keep the price they were accepted at."""
    from posthouse.core.ledger import from_micro

    changes = {country.upper(): None for country in remove or ()} | _prices(lines or ())
    currency, found = in_house(where(context, data), lambda house: _reprice(house, name, changes))
    told = {country: from_micro(found[country]) for country in sorted(found)}
    if as_json:
        show.document({"account": name, "currency": currency, "prices": told})
    else:
        show.table(("country", f"{currency} a part"), list(told.items()), empty="There is no price.")


@app.command("list")
def list_accounts(context: typer.Context, data: Data = None, as_json: AsJson = False) -> None:
    """All accounts with their money."""
    from posthouse.core.ledger import from_micro

    async def everybody(house: "House") -> "list[tuple[AccountRecord, Balance]]":
        return [found async for found in house.administer.accounts()]

    found = in_house(where(context, data), everybody)
    if as_json:
        show.document({"data": [_fields(account, balance) for account, balance in found]})
        return
    show.table(
        ("account", "status", "available", "held", "spent", "currency", "opened"),
        [
            (
                account.name,
                account.status.value,
                from_micro(balance.available),
                from_micro(balance.held),
                from_micro(balance.spent),
                account.currency,
                show.clock(account.created_at),
            )
            for account, balance in found
        ],
        empty="There is no account.",
    )


def _fields(account: "AccountRecord", balance: "Balance") -> dict[str, object]:
    from posthouse.core.ledger import from_micro

    return {
        "account": account.name,
        "status": account.status.value,
        "balance": {
            "available": from_micro(balance.available),
            "held": from_micro(balance.held),
            "spent": from_micro(balance.spent),
            "currency": account.currency,
        },
        "region": account.region,
        **rules.fields(account),
    }


def _rate_limit(given: str | None) -> int | None:
    from posthouse.core.ports.admin import USUAL_LIMIT
    from posthouse.services.administer import RATE_LIMIT_MAX

    if given is None:
        return None
    if given == "default":
        return USUAL_LIMIT
    if not given.isdecimal() or not 0 < int(given) <= RATE_LIMIT_MAX:
        raise typer.BadParameter(f"{given!r} is no rate limit: use 1 to {RATE_LIMIT_MAX}, or default.")
    return int(given)


def _prices(lines: "list[str] | tuple[str, ...]") -> "dict[str, int | None]":
    changes: dict[str, int | None] = {}
    for line in lines:
        country, sign, price = line.partition("=")
        if not sign:
            raise typer.BadParameter(f"{line!r} sets no price: write CN=0.04, or *=0.05 for all others.")
        changes[country.strip().upper()] = show.amount(price.strip())
    return changes


async def _reprice(
    house: "House", name: str | None, changes: "Mapping[str, int | None]"
) -> "tuple[str, Mapping[str, int]]":
    from posthouse.core.ledger import CURRENCY
    from posthouse.core.ports.admin import PLATFORM
    from posthouse.core.ports.queries import GetPrices

    account = None if name is None else await house.administer.account(name)
    account_id = PLATFORM if account is None else account.id
    await house.administer.set_prices(account_id, changes)
    found = await house.store.read(GetPrices(account_id))
    return CURRENCY if account is None else account.currency, found
