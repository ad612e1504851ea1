"""`posthouse guard blocks`, `block`, `unblock`, `safe`, `unsafe`: an account's lists."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posthouse.bootstrap.premises import Trouble
from posthouse.cli import show, typed
from posthouse.cli.frame import TROUBLE, AsJson, Data, in_house, in_words, tell, where
from posthouse.cli.wording import renamed
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import GUARD_ENTRY, Ids, read

if TYPE_CHECKING:
    from posthouse.bootstrap.house import House
    from posthouse.core.ports.guard import Entry, EntryList
    from posthouse.services.guarding import Guarding

ENTRIES_MAX = 1000
SHOWN = 40
"""Characters of what was typed that are quoted."""

_OPTIONS = {"prefix": "PREFIX", "address": "ADDRESS", "ttl_s": "--ttl"}
_SHOWS = {"block": "blocks", "safe": "safe"}

Subjects = Annotated[
    list[str],
    typer.Argument(
        metavar="PREFIX|ADDRESS…", help="As +23767, 203.0.113.7 or 2001:db8:1:2::5, whose /64 counts."
    ),
]
Entries = Annotated[
    list[str],
    typer.Argument(
        metavar="ID|PREFIX|ADDRESS…", help="An entry: grd_…; or a prefix or address for all of its."
    ),
]
Ttl = Annotated[
    str | None, typer.Option("--ttl", metavar="SPAN", help="For how long: 12h, 7d; for good without.")
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=ENTRIES_MAX, help="How many at most.")]


def blocks(
    context: typer.Context,
    *,
    limit: Limit = 20,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """What gets no codes, newest first: put there by hand, by rules, and for the whole platform."""
    _show(where(context, data), account, "block", limit, as_json=as_json, empty="Nothing is blocked.")


def block(
    context: typer.Context,
    subjects: Subjects,
    *,
    ttl: Ttl = None,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Send no codes to numbers that begin so, or for users at these addresses."""
    _change(where(context, data), account, _adding("block", subjects, ttl), as_json=as_json)


def unblock(
    context: typer.Context,
    entries: Entries,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Send codes again, whoever or whichever rule blocked them."""
    _change(where(context, data), account, _removing("block", entries), as_json=as_json)


def safe(
    context: typer.Context,
    subjects: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PREFIX|ADDRESS…]", help="As for block; without any, the list is shown."),
    ] = None,
    *,
    ttl: Ttl = None,
    limit: Limit = 20,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Hold no rule against numbers or addresses but country, number_type and blocks by hand."""
    if subjects:
        _change(where(context, data), account, _adding("safe", subjects, ttl), as_json=as_json)
    else:
        _show(
            where(context, data), account, "safe", limit, as_json=as_json, empty="Nothing is held to be safe."
        )


def unsafe(
    context: typer.Context,
    entries: Entries,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Hold the rules against numbers or addresses again."""
    _change(where(context, data), account, _removing("safe", entries), as_json=as_json)


Changing = Callable[["Guarding", int], Awaitable["tuple[list[Entry], list[tuple[str, Refusal | Trouble]]]"]]


def _adding(which: str, subjects: Sequence[str], ttl: str | None) -> Changing:
    ttl_s = None if ttl is None else typed.seconds(ttl, "--ttl")

    async def add(
        guarding: "Guarding", account_id: int
    ) -> "tuple[list[Entry], list[tuple[str, Refusal | Trouble]]]":
        done: list[Entry] = []
        refused: list[tuple[str, Refusal | Trouble]] = []
        for subject in dict.fromkeys(subjects):
            kind = "prefix" if subject.lstrip().startswith(("+", "＋", "(")) else "address"
            try:
                command = guarding.draft(account_id, _list(which), ttl_s=ttl_s, **{kind: subject})
                await guarding.save(command)
            except Refusal as refusal:
                refused.append((subject, _neither(subject, renamed(refusal, _OPTIONS))))
            else:
                done.append(command.entry)
        return done, refused

    return add


def _neither(text: str, refusal: Refusal) -> Refusal | Trouble:
    if refusal.param not in ("PREFIX", "ADDRESS"):
        return refusal
    return Trouble(f"{text[:SHOWN]!r} is no prefix as +23767, and no address as 203.0.113.7.")


def _removing(which: str, entries: Sequence[str]) -> Changing:
    async def remove(
        guarding: "Guarding", account_id: int
    ) -> "tuple[list[Entry], list[tuple[str, Refusal | Trouble]]]":
        done: list[Entry] = []
        refused: list[tuple[str, Refusal | Trouble]] = []
        for entry in dict.fromkeys(entries):
            try:
                rows = await _rows(guarding, account_id, which, entry)
                done += [await guarding.drop(account_id, _list(which), row) for row in rows]
            except (Refusal, Trouble) as refusal:
                refused.append((entry, refusal))
        return done, refused

    return remove


async def _rows(guarding: "Guarding", account_id: int, which: str, entry: str) -> list[int]:
    """The rows that an id, a prefix or an address stands for.

    Raises:
        Refusal: it is no id of the list.
        Trouble: there is no such entry, or it is the platform's.
    """
    from posthouse.core.ports.guard import PLATFORM
    from posthouse.core.pumping import address_of, prefix_of

    if (row := read(GUARD_ENTRY, entry)) is not None:
        return [row]
    if entry.startswith(GUARD_ENTRY):
        raise Refusal(Code.NOT_FOUND, resource="entry", name=entry)
    try:
        value = prefix_of(entry, "PREFIX") if entry.startswith("+") else address_of(entry, "ADDRESS")
    except Refusal as refusal:
        raise _neither(entry, refusal) from refusal
    found = await guarding.page(account_id, _list(which), ENTRIES_MAX, value=value)
    own = [each.row for each in found if each.account_id != PLATFORM]
    if not own:
        raise Trouble(
            f"{value} is on the platform's list: load another with `posthouse guard load`."
            if found
            else f"{value} is not on this list; `posthouse guard {_SHOWS[which]}` shows it."
        )
    return own


def _change(
    place: Path,
    name: str,
    change: Changing,
    *,
    as_json: bool,
) -> None:
    """Do it for each that was typed; those that cannot be are told, with exit code 1."""
    from posthouse.core.ports.admin import NextBoot

    async def run(house: "House") -> "tuple[list[Entry], list[tuple[str, Refusal | Trouble]]]":
        account = await house.administer.account(name)
        return await change(service(house, Ids(await house.store.write(NextBoot()))), account.id)

    done, refused = in_house(place, run)
    for subject, refusal in refused:
        sentence = str(refusal) if isinstance(refusal, Trouble) else in_words(refusal)
        tell(f"{subject}: {sentence}" if len(refused) + len(done) > 1 else sentence)
    if as_json:
        show.document({"account": name, "data": [_fields(entry) for entry in done], "refused": len(refused)})
    else:
        for entry in done:
            show.line(f"{entry.value}{_until(entry)}")
    if refused:
        raise typer.Exit(TROUBLE)


def _show(
    place: Path,
    name: str,
    which: str,
    limit: int,
    *,
    as_json: bool,
    empty: str,
) -> None:
    async def look(house: "House") -> "list[Entry]":
        account = await house.administer.account(name)
        return await service(house, Ids(0)).page(account.id, _list(which), limit)

    found = in_house(place, look)
    rows = [_fields(entry) for entry in found]
    if as_json:
        show.document({"data": rows})
        return
    show.table(
        ("id", "what", "by", "for", "since", "until"),
        [
            (
                row["id"],
                entry.value,
                "the platform" if row["platform"] else row["rule"] or "hand",
                row["mode"] or "all",
                show.clock(entry.created_at),
                "" if entry.expires_at is None else show.clock(entry.expires_at),
            )
            for row, entry in zip(rows, found, strict=True)
        ],
        empty=empty,
    )


def _until(entry: "Entry") -> str:
    return "" if entry.expires_at is None else f" until {show.clock(entry.expires_at)}"


def _list(which: str) -> "EntryList":
    from posthouse.core.ports.guard import EntryList

    return EntryList(which)


def _fields(entry: "Entry") -> dict[str, Any]:
    """An entry as `/v1` shows it."""
    from posthouse.web.dialects.v1.guard_entries import of_entry

    return show.as_document(of_entry(entry))


def service(house: "House", ids: Ids) -> "Guarding":
    """What looks after guards, over an open house."""
    from posthouse.services.guarding import Guarding

    return Guarding(house.store, house.clock, ids)
