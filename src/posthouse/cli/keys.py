"""`posthouse keys`: issue, list, revoke."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from posthouse.cli import show
from posthouse.cli.frame import AsJson, Data, in_house, where

if TYPE_CHECKING:
    from posthouse.bootstrap.house import House
    from posthouse.core.ports.queries import KeyRecord
    from posthouse.services.administer import Issued

app = typer.Typer(no_args_is_help=True)


@app.command()
def create(
    context: typer.Context,
    account: Annotated[str, typer.Option(metavar="NAME", help="Whose key it is.")],
    mode: Annotated[
        Literal["live", "test"], typer.Option(help="test: everything goes to the simulator.")
    ] = "live",
    role: Annotated[
        Literal["account", "operator"], typer.Option(help="operator: also rules the platform's resources.")
    ] = "account",
    scope: Annotated[
        list[str] | None,
        typer.Option(metavar="SCOPE", help="As messages:write; repeatable; the usual when absent."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What it is for, to tell it from others.")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Issue a credential. It is shown once."""
    from posthouse.core.message import Mode
    from posthouse.core.ports.admin import Role

    allowed = Role(role).scopes
    scopes = frozenset(scope) if scope else Role(role).usual_scopes
    if unknown := scopes - allowed:
        raise typer.BadParameter(
            f"a key of the role {role} has no scope {min(unknown)!r}: use {', '.join(sorted(allowed))}."
        )
    issued = in_house(
        where(context, data),
        lambda house: house.administer.create_key(
            account, mode=Mode(mode), role=Role(role), scopes=scopes, label=name
        ),
    )
    show_issued(issued, as_json=as_json)


@app.command("list")
def list_keys(
    context: typer.Context,
    account: Annotated[str | None, typer.Option(metavar="NAME", help="Only this account's.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Credentials, oldest first; their secrets are not stored."""
    names, found = in_house(where(context, data), lambda house: _keys(house, account))
    if as_json:
        show.document({"data": [_fields(key, names) for key in found]})
        return
    show.table(
        ("key", "account", "name", "role", "mode", "scopes", "issued", "revoked"),
        [
            (
                f"sk_{key.lookup}",
                names.get(key.account_id),
                key.name,
                key.role.value,
                key.mode.value,
                _scopes(key),
                show.clock(key.created_at),
                None if key.revoked_at is None else show.clock(key.revoked_at),
            )
            for key in found
        ],
        empty="There is no key.",
    )


@app.command()
def revoke(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="ID", help="As `keys list` shows it: sk_…")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """End a credential for ever; servers notice within a second."""
    from posthouse.core.keys import api_lookup_of, lookup_of

    lookup = api_lookup_of(key) or lookup_of(key) or key
    in_house(where(context, data), lambda house: _revoke(house, lookup))
    if as_json:
        show.document({"api_key": f"sk_{lookup}", "revoked": True})
    else:
        typer.echo(f"Key sk_{lookup} is revoked.")


def show_issued(issued: "Issued", *, as_json: bool) -> None:
    """A fresh credential in all its forms."""
    credential = issued.credential
    told = {
        "account": issued.account,
        "key": credential.key,
        "api_key": credential.api_key,
        "api_secret": credential.api_secret,
    }
    if as_json:
        show.document(told)
        return
    show.facts(told)
    typer.echo("Keep them: they are not stored and will not be shown again.")


def _scopes(key: "KeyRecord") -> str:
    """`all` stands for what a key may do when nothing is said."""
    usual = key.role.usual_scopes
    if not key.scopes >= usual:
        return " ".join(sorted(key.scopes))
    return " ".join(["all", *sorted(key.scopes - usual)])


async def _revoke(house: "House", lookup: str) -> None:
    """End it, unless it has ended already."""
    from posthouse.core.ports.queries import FindKey

    known = await house.store.read(FindKey(lookup))
    if known is None or known.revoked_at is None:
        await house.administer.revoke_key(lookup)


async def _keys(house: "House", account: str | None) -> tuple[dict[int, str], list["KeyRecord"]]:
    administer = house.administer
    account_id = None if account is None else (await administer.account(account)).id
    names = {record.id: record.name async for record, _ in administer.accounts()}
    return names, [key async for key in administer.keys(account_id)]


def _fields(key: "KeyRecord", names: dict[int, str]) -> dict[str, object]:
    from posthouse.core.times import rfc3339, rfc3339_or_none

    return {
        "api_key": f"sk_{key.lookup}",
        "account": names.get(key.account_id),
        "name": key.name,
        "role": key.role.value,
        "mode": key.mode.value,
        "scopes": sorted(key.scopes),
        "rate_limit": key.rate_limit,
        "created_at": rfc3339(key.created_at),
        "revoked_at": rfc3339_or_none(key.revoked_at),
    }
