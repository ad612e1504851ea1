"""`posthouse accounts words`: what no message of an account may hold."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from posthouse.bootstrap.premises import Trouble
from posthouse.cli import show, typed
from posthouse.cli.frame import AsJson, Data, in_house, where
from posthouse.cli.wording import renamed
from posthouse.core.errors import Refusal

if TYPE_CHECKING:
    from posthouse.bootstrap.house import House


def words(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")],
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="FILE",
            readable=False,
            help="The whole list, a word a line, instead of the one there is; - for standard input.",
        ),
    ] = None,
    add: Annotated[
        list[str] | None, typer.Option(metavar="WORD", help="Put a word on the list; repeatable.")
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option(metavar="WORD", help="Take one off; repeatable.")
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Take all of them off.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """The words that no message of an account may hold, shown or changed; servers notice within a second."""
    if sum((file is not None, bool(add or remove), clear)) > 1:
        raise typer.BadParameter("--file, --clear, and --add with --remove are three ways: take one.")
    whole = () if clear else None if file is None else _lines(typed.contents(file))
    try:
        found, changed = in_house(
            where(context, data), lambda house: _change(house, name, whole, add or [], remove or [])
        )
    except Refusal as refusal:
        raise renamed(refusal, {"words": "--add" if whole is None else "--file"}) from refusal
    if as_json:
        show.document({"account": name, "count": len(found), "words": found})
    elif changed:
        typer.echo(f"Account {name} has {show.count(len(found), 'word')} on its list.")
    elif not found:
        typer.echo(f"Account {name} lets every word pass.")
    else:
        for word in found:
            show.line(word)


def _lines(text: str) -> tuple[str, ...]:
    """What stands on each line, without the space around it; empty lines do not count."""
    return tuple(word for line in text.splitlines() if (word := line.strip()))


async def _change(
    house: "House", name: str, whole: tuple[str, ...] | None, add: list[str], remove: list[str]
) -> tuple[tuple[str, ...], bool]:
    """The list, and whether it was to be another."""
    administer = house.administer
    account = await administer.account(name)
    found = await administer.words(account.id)
    if whole is None and not add and not remove:
        return found, False
    kept = dict.fromkeys(found if whole is None else whole)
    for word in remove:
        if word not in kept:
            raise Trouble(f"The list of account {name} has no word {word!r}: look at it without an option.")
        del kept[word]
    return await administer.set_words(account.id, tuple(kept | dict.fromkeys(add))), True
