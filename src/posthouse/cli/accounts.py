"""`posthouse accounts`: open, credit, approve, list."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from posthouse.cli import show
from posthouse.cli.frame import AsJson, Data, in_house, where

if TYPE_CHECKING:
    from posthouse.core.ledger import Balance
    from posthouse.core.ports.queries import AccountRecord

app = typer.Typer(no_args_is_help=True)

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
    available = in_house(where(context, data), lambda house: house.administer.credit(name, micro))
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


@app.command("list")
def list_accounts(context: typer.Context, data: Data = None, as_json: AsJson = False) -> None:
    """All accounts with their money."""
    from posthouse.core.ledger import from_micro
    from posthouse.core.ports.queries import ListAccounts

    found = in_house(where(context, data), lambda house: house.store.read(ListAccounts()))
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
    }
