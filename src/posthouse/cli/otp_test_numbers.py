"""`posthouse otp test-numbers`: numbers that get no messages, each with a code of its own."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from posthouse.bootstrap.premises import Trouble
from posthouse.cli import show, typed
from posthouse.cli.frame import TROUBLE, AsJson, Data, in_house, in_words, tell, where
from posthouse.cli.wording import renamed
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import TEST_NUMBER, read

if TYPE_CHECKING:
    from posthouse.bootstrap.house import House
    from posthouse.core.message import Mode
    from posthouse.core.ports.otp import FixedCode
    from posthouse.core.ports.queries import AccountRecord
    from posthouse.services.test_numbers import FixedCodes

app = typer.Typer(no_args_is_help=True)

ModeOption = Annotated[
    Literal["live", "test"],
    typer.Option("--mode", help="Of which keys it is a test number; for the others it is like any other."),
]

_OPTIONS = {"to": "NUMBER", "--to": "NUMBER", "code": "CODE", "ttl_s": "--ttl"}


@app.command()
def add(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="As +8613800138000 or 13800138000.")],
    code: Annotated[
        str,
        typer.Argument(
            metavar="CODE",
            help="6 to 10 digits, for test keys 4 to 10; - to read them from standard input.",
        ),
    ],
    *,
    mode: ModeOption = "live",
    ttl: Annotated[str, typer.Option(metavar="SPAN", help="For how long: 12h, 7d; 90 days at most.")] = "30d",
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Give a number a code of its own for one mode's keys: it gets no messages. One it had is replaced."""
    ttl_s, digits = typed.seconds(ttl, "--ttl"), typed.written(code)
    entry = in_house(where(context, data), lambda house: _add(house, account, mode, number, digits, ttl_s))
    told = _fields(entry)
    until = show.clock(entry.expires_at)
    whose = f"a test number for {mode} keys"
    show.answer(told, f"{told['id']}: {told['to']} is {whose} until {until}.", as_json=as_json)


@app.command("list")
def list_test_numbers(
    context: typer.Context,
    *,
    mode: ModeOption = "live",
    whole: Annotated[bool, typer.Option("--whole", help="Numbers in full, instead of 138****8000.")] = False,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """An account's test numbers for one mode's keys, newest first; their codes are not known to us either."""
    found = in_house(where(context, data), lambda house: _list(house, account, mode))
    rows = [_fields(entry, whole=whole) for entry in found]
    if as_json:
        show.document({"data": rows})
        return
    show.table(
        ("id", "number", "since", "until"),
        [
            (row["id"], row["to"], show.clock(entry.created_at), show.clock(entry.expires_at))
            for row, entry in zip(rows, found, strict=True)
        ],
        empty="There is no test number.",
    )


@app.command()
def remove(
    context: typer.Context,
    entries: Annotated[
        list[str], typer.Argument(metavar="ID|NUMBER…", help="A test number, or its id: tst_…")
    ],
    *,
    mode: ModeOption = "live",
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make them numbers like any other; what is pending of their codes is canceled.

    Each is tried; those that are no test numbers are told on standard error, with exit code 1.
    """
    wanted = list(dict.fromkeys(entries))
    refused = in_house(where(context, data), lambda house: _remove(house, account, mode, wanted))
    for entry, refusal in refused.items():
        sentence = str(refusal) if isinstance(refusal, Trouble) else in_words(renamed(refusal, _OPTIONS))
        tell(f"{entry}: {sentence}" if len(wanted) > 1 else sentence)
    removed = len(wanted) - len(refused)
    if as_json:
        show.document({"account": account, "removed": removed, "refused": len(refused)})
    elif removed:
        typer.echo(f"Account {account} has {show.count(removed, 'test number')} fewer.")
    if refused:
        raise typer.Exit(TROUBLE)


def _fields(entry: "FixedCode", *, whole: bool = False) -> dict[str, Any]:
    """A test number as `/v1` shows it."""
    from posthouse.core.phone import mask
    from posthouse.web.dialects.v1.test_numbers import of_fixed

    told = show.as_document(of_fixed(entry))
    return told if whole else told | {"to": mask(entry.number)}


def _service(house: "House", node: int) -> "FixedCodes":
    from posthouse.core.ids import Ids
    from posthouse.services.test_numbers import FixedCodes

    return FixedCodes(house.store, house.clock, Ids(node), house.codes)


async def _add(house: "House", name: str, mode: str, number: str, code: str, ttl_s: int) -> "FixedCode":
    from posthouse.core.message import Mode
    from posthouse.core.ports.admin import NextBoot

    account = await house.administer.account(name)
    # Another key's server could not prove what is hashed with ours.
    await house.administer.know_secret()
    fixed_codes = _service(house, await house.store.write(NextBoot()))
    try:
        command = fixed_codes.draft(account, Mode(mode), number, code, ttl_s)
    except Refusal as refusal:
        raise renamed(refusal, _OPTIONS) from None
    await fixed_codes.save(command)
    return command.entry


async def _list(house: "House", name: str, mode: str) -> "list[FixedCode]":
    from posthouse.core.message import Mode

    account = await house.administer.account(name)
    return await _service(house, 0).every(account.id, Mode(mode))


async def _remove(house: "House", name: str, mode: str, entries: list[str]) -> dict[str, Refusal | Trouble]:
    from posthouse.core.message import Mode

    account = await house.administer.account(name)
    fixed_codes = _service(house, 0)
    refused: dict[str, Refusal | Trouble] = {}
    for entry in entries:
        try:
            row = await _row(house, fixed_codes, account, Mode(mode), entry)
            await fixed_codes.drop(account.id, Mode(mode), row)
        except (Refusal, Trouble) as refusal:
            refused[entry] = refusal
    return refused


async def _row(
    house: "House", fixed_codes: "FixedCodes", account: "AccountRecord", mode: "Mode", entry: str
) -> int:
    """The row that an id or a number stands for. Refuses with NOT_FOUND and INVALID_NUMBER.

    Raises:
        Trouble: the number is no test number.
    """
    from posthouse.cli.wanted import recipient_in
    from posthouse.core.phone import mask

    row = read(TEST_NUMBER, entry)
    if row is not None:
        return row
    if entry.startswith(TEST_NUMBER):
        raise Refusal(Code.NOT_FOUND, resource="test_number", name=entry)
    number = await recipient_in(house, entry, account)
    for each in await fixed_codes.every(account.id, mode):
        if each.number == number:
            return each.row
    raise Trouble(f"The number {mask(number)} is no test number of account {account.name} for {mode} keys.")
