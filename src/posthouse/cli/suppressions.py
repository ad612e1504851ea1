"""`posthouse suppressions`: the numbers that an account does not write to."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from posthouse.bootstrap.premises import Trouble
from posthouse.cli import show, typed
from posthouse.cli.frame import TROUBLE, AsJson, Data, in_house, in_words, tell, where
from posthouse.cli.wording import renamed
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import read

if TYPE_CHECKING:
    from posthouse.bootstrap.house import House
    from posthouse.core.ids import Ids
    from posthouse.core.message import Lane
    from posthouse.core.ports.admission import Suppress, Suppression
    from posthouse.core.ports.queries import AccountRecord
    from posthouse.services.suppress import Suppressions

app = typer.Typer(no_args_is_help=True)

NUMBERS_MAX = 100_000
"""Numbers that one command puts on a list."""

AT_ONCE = 500
SHOWN = 40
"""Characters of a faulty line that are quoted."""
TOLD_MAX = 20
"""Faulty lines that are told one by one."""

_OPTIONS = {"to": "NUMBER", "--to": "NUMBER", "reason": "--reason"}

PurposeOption = Annotated[
    typed.Kind | None, typer.Option(help="For messages of this purpose alone; else for all.")
]


class Given(NamedTuple):
    """A number as it was given, and where: empty for one that was typed alone."""

    text: str
    place: str


class Added(NamedTuple):
    """What became of the numbers that were given."""

    added: int
    already: int
    refused: Sequence[tuple[str, Refusal]]


@app.command()
def add(
    context: typer.Context,
    numbers: Annotated[
        list[str] | None, typer.Argument(metavar="[NUMBER…]", help="As +8613800138000 or 13800138000.")
    ] = None,
    *,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="FILE",
            readable=False,
            help=f"Numbers, one a line, {NUMBERS_MAX:,} at most; - for standard input.",
        ),
    ] = None,
    purpose: PurposeOption = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why; shown in the list.")] = None,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Write to these numbers no more: what is sent to them is refused, and what waits for them ends.

    Each is tried; those that are none are told on standard error, with exit code 1.
    """
    given = [Given(number, number if len(numbers or ()) > 1 else "") for number in numbers or ()]
    if file is not None:
        given += _lines(file)
    if not given and file is None:
        raise typer.BadParameter("give numbers, or a file of them with --file.")
    if len(given) > NUMBERS_MAX:
        raise Trouble(f"These are {len(given):,} numbers: put at most {NUMBERS_MAX:,} on the list at once.")
    done = in_house(where(context, data), lambda house: _add(house, account, given, _lane(purpose), reason))
    _tell(done.refused)
    if as_json:
        told = {"added": done.added, "already": done.already, "refused": len(done.refused)}
        show.document({"account": account, **told})
    elif done.added or done.already:
        already = f"; {done.already:,} stood there before" if done.already else ""
        typer.echo(f"The list of account {account} has {done.added:,} more{already}.")
    if done.refused:
        raise typer.Exit(TROUBLE)


@app.command("list")
def list_suppressions(
    context: typer.Context,
    *,
    to: Annotated[str | None, typer.Option("--to", metavar="NUMBER", help="Only this number's.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=NUMBERS_MAX, help="How many at most.")] = 20,
    whole: Annotated[bool, typer.Option("--whole", help="Numbers in full, instead of 138****8000.")] = False,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """An account's suppressed numbers, newest first; masked unless they are asked for in full."""
    found = in_house(where(context, data), lambda house: _list(house, account, to, limit))
    rows = [_fields(entry, whole=whole) for entry in found]
    if as_json:
        show.document({"data": rows})
        return
    show.table(
        ("id", "to", "purpose", "reason", "since"),
        [
            (
                row["suppression_id"],
                row["to"],
                row["purpose"] or "all",
                row["reason"],
                show.clock(entry.created_at),
            )
            for row, entry in zip(rows, found, strict=True)
        ],
        empty="No number is suppressed." if to is None else "This number is not suppressed.",
    )


@app.command()
def remove(
    context: typer.Context,
    entries: Annotated[
        list[str],
        typer.Argument(
            metavar="ID|NUMBER…", help="An entry of the list: sup_…; or a number for all of its entries."
        ),
    ],
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Write to numbers again.

    Each is tried; those that are not on the list are told on standard error, with exit code 1.
    """
    wanted = list(dict.fromkeys(entries))
    removed, refused = in_house(where(context, data), lambda house: _remove(house, account, wanted))
    _tell([(entry if len(wanted) > 1 else "", refusal) for entry, refusal in refused])
    if as_json:
        show.document({"account": account, "removed": removed, "refused": len(refused)})
    elif removed:
        typer.echo(f"The list of account {account} has {removed:,} fewer.")
    if refused:
        raise typer.Exit(TROUBLE)


def _lane(purpose: str | None) -> "Lane | None":
    """The purpose as the store takes it."""
    from posthouse.core.message import Lane

    return None if purpose is None else Lane.of(purpose)


def _lines(file: Path) -> list[Given]:
    """The numbers of a file; empty lines, and those that begin with #, do not count."""
    name = "line" if str(file) == typed.STDIN else str(file)
    return [
        Given(text, f"{name}:{number}: {text[:SHOWN]!r}")
        for number, line in enumerate(typed.contents(file).splitlines(), 1)
        if (text := line.strip()) and not text.startswith("#")
    ]


def _tell(refused: Sequence[tuple[str, Refusal | Trouble]]) -> None:
    for place, refusal in refused[:TOLD_MAX]:
        sentence = str(refusal) if isinstance(refusal, Trouble) else in_words(renamed(refusal, _OPTIONS))
        tell(f"{place}: {sentence}" if place else sentence)
    if len(refused) > TOLD_MAX:
        tell(f"… and {len(refused) - TOLD_MAX:,} more.")


async def _add(
    house: "House", name: str, given: Sequence[Given], lane: "Lane | None", reason: str | None
) -> Added:
    import asyncio

    from posthouse.core.ids import Ids
    from posthouse.core.ports.admin import NextBoot

    account = await house.administer.account(name)
    suppressions = _service(house, Ids(await house.store.write(NextBoot())))
    commands: dict[str, Suppress] = {}
    refused = []
    for number in given:
        try:
            command = suppressions.draft(account, number.text, lane, reason)
        except Refusal as refusal:
            refused.append((number.place, refusal))
        else:
            commands.setdefault(command.suppression.number, command)
    added, drafted = 0, list(commands.values())
    for start in range(0, len(drafted), AT_ONCE):
        part = drafted[start : start + AT_ONCE]
        answers = await asyncio.gather(*map(suppressions.save, part), return_exceptions=True)
        added += sum(_was_added(answer) for answer in answers)
    return Added(added, len(drafted) - added, refused)


def _was_added(answer: object) -> bool:
    if isinstance(answer, Refusal) and answer.code is Code.ALREADY_EXISTS:
        return False
    if isinstance(answer, BaseException):
        raise answer
    return True


async def _list(house: "House", name: str, to: str | None, limit: int) -> "list[Suppression]":
    from posthouse.cli.wanted import recipient_in
    from posthouse.core.ids import Ids

    account = await house.administer.account(name)
    number = None if to is None else await recipient_in(house, to, account)
    return await _service(house, Ids(0)).page(account.id, limit, number)


async def _remove(
    house: "House", name: str, entries: Sequence[str]
) -> tuple[int, list[tuple[str, Refusal | Trouble]]]:
    from posthouse.core.ids import Ids

    account = await house.administer.account(name)
    suppressions = _service(house, Ids(0))
    removed = 0
    refused: list[tuple[str, Refusal | Trouble]] = []
    for entry in entries:
        try:
            rows = await _rows(house, suppressions, account, entry)
            for row in rows:
                await suppressions.drop(account.id, row)
        except (Refusal, Trouble) as refusal:
            refused.append((entry, refusal))
        else:
            removed += len(rows)
    return removed, refused


async def _rows(
    house: "House", suppressions: "Suppressions", account: "AccountRecord", entry: str
) -> list[int]:
    """The rows that an id or a number stands for. Refuses with NOT_FOUND and INVALID_NUMBER.

    Raises:
        Trouble: the number is not on the list.
    """
    from posthouse.cli.wanted import recipient_in
    from posthouse.core.message import Lane
    from posthouse.core.phone import mask
    from posthouse.services.suppress import SUPPRESSION

    row = read(SUPPRESSION, entry)
    if row is not None:
        return [row]
    if entry.startswith(SUPPRESSION):
        raise Refusal(Code.NOT_FOUND, resource="suppression", name=entry)
    number = await recipient_in(house, entry, account)
    found = await suppressions.page(account.id, len(Lane) + 1, number)
    if not found:
        raise Trouble(f"The number {mask(number)} is not on the list of account {account.name}.")
    return [each.row for each in found]


def _service(house: "House", ids: "Ids") -> "Suppressions":
    from posthouse.services.suppress import Suppressions

    return Suppressions(house.store, house.clock, ids)


def _fields(entry: "Suppression", *, whole: bool) -> dict[str, Any]:
    """An entry as `/v1` shows it."""
    from posthouse.core.phone import mask
    from posthouse.web.dialects.v1.suppressions import of_suppression

    told = show.as_document(of_suppression(entry))
    return told if whole else told | {"to": mask(entry.number)}
