"""`posthouse guard`: what holds up pumped traffic; its settings here, its lists in `guard_lists`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from posthouse.cli import guard_lists, guard_typed, show, typed
from posthouse.cli.frame import TROUBLE, AsJson, Data, in_house, tell, where
from posthouse.cli.wording import renamed
from posthouse.core.errors import Refusal
from posthouse.core.ids import Ids

if TYPE_CHECKING:
    from collections.abc import Mapping

    from posthouse.bootstrap.house import House
    from posthouse.core.guard import Guard, Rule
    from posthouse.core.guard_changes import Changes

app = typer.Typer(no_args_is_help=True)

TOLD_MAX = 20
"""Faulty lines that are told one by one."""


@app.command("show")
def show_guard(
    context: typer.Context,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """An account's rules, and how many codes of the last day each refused, or would have."""
    _tell(where(context, data), account, None, as_json=as_json)


@app.command("set")
def set_guard(
    context: typer.Context,
    *,
    countries: guard_typed.CountriesOption = None,
    simulator: Annotated[
        Literal["enforce", "shadow"] | None,
        typer.Option(help="Whether the usual bounds refuse codes to the simulator too, or only note them."),
    ] = None,
    spend_hour: guard_typed.SpendHourOption = None,
    spend_day: guard_typed.SpendDayOption = None,
    rule: guard_typed.RuleOption = None,
    per_hour: guard_typed.PerHourOption = None,
    block_s: guard_typed.BlockOption = None,
    types: guard_typed.TypesOption = None,
    min_sends: guard_typed.MinSendsOption = None,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Change an account's rules; what is not named stays. Servers notice within a second."""
    changes = guard_typed.changes(
        countries=countries,
        simulator=simulator,
        spend_hour=spend_hour,
        spend_day=spend_day,
        modes=rule or (),
        per_hour=per_hour or (),
        block_s=block_s or (),
        types=types,
        min_sends=min_sends,
    )
    if not changes:
        raise typer.BadParameter("say what to change; `posthouse guard show` tells how things are.")
    _tell(where(context, data), account, changes, as_json=as_json)


app.command("blocks")(guard_lists.blocks)
app.command("block")(guard_lists.block)
app.command("unblock")(guard_lists.unblock)
app.command("safe")(guard_lists.safe)
app.command("unsafe")(guard_lists.unsafe)


@app.command()
def load(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            readable=False,
            help="Prefixes as +23767, one a line; - for standard input. Lines with # in front do not count.",
        ),
    ],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Replace the platform's list: prefixes that get no codes, whichever account asks.

    If a line is no prefix, it is told on standard error with exit code 1, and the list stays as it was.
    """
    from posthouse.core.pumping import prefix_of

    prefixes: list[str] = []
    faulty: list[str] = []
    name = "line" if str(file) == typed.STDIN else str(file)
    for number, line in enumerate(typed.contents(file).splitlines(), 1):
        if not (text := line.strip()) or text.startswith("#"):
            continue
        try:
            prefixes.append(prefix_of(text, "FILE"))
        except Refusal:
            faulty.append(f"{name}:{number}: {text[: guard_lists.SHOWN]!r} is no prefix: write it as +23767.")
    if faulty:
        for sentence in faulty[:TOLD_MAX]:
            tell(sentence)
        if len(faulty) > TOLD_MAX:
            tell(f"… and {len(faulty) - TOLD_MAX:,} more.")
        raise typer.Exit(TROUBLE)
    count = _replaced(where(context, data), prefixes)
    show.answer(
        {"count": count},
        f"The platform's list has {count:,} prefix{'es' if count != 1 else ''}.",
        as_json=as_json,
    )


def _replaced(place: Path, prefixes: list[str]) -> int:
    async def replace(house: "House") -> int:
        from posthouse.core.ports.admin import NextBoot

        return await guard_lists.service(house, Ids(await house.store.write(NextBoot()))).set_prefixes(
            prefixes
        )

    try:
        return in_house(place, replace)
    except Refusal as refusal:
        raise renamed(refusal, {"prefixes": "FILE"}) from refusal


def _tell(place: Path, name: str, changes: "Changes | None", *, as_json: bool) -> None:
    """Change what is to be changed, and show how it is then."""

    async def look(house: "House") -> "tuple[Guard, Mapping[Rule, tuple[int, int]]]":
        guarding = guard_lists.service(house, Ids(0))
        account = await house.administer.account(name)
        settings = account.guard if changes is None else await guarding.change(account.id, changes)
        return settings, await guarding.objections(account.id)

    try:
        settings, objections = in_house(place, look)
    except Refusal as refusal:
        raise guard_typed.retold(refusal) from refusal
    told = _fields(settings, objections)
    if as_json:
        show.document({"account": name, **told})
    else:
        _for_people(told)


def _fields(settings: "Guard", objections: "Mapping[Rule, tuple[int, int]]") -> dict[str, Any]:
    """As `/v1/guard` shows it, but the breaker, which a server keeps to itself; of live and test codes."""
    from posthouse.web.dialects.v1.guard import of_guard

    told = show.as_document(of_guard(settings, objections, None))
    del told["breaker"]
    return told


def _for_people(told: "Mapping[str, Any]") -> None:
    countries, spend = told["countries"], told["spend"]
    show.facts(
        {
            "countries": "all" if countries is None else " ".join(countries) or "none",
            "simulator": told["simulator"],
            "spend": f"{spend['hour'] or 'any'} an hour, {spend['day'] or 'any'} a day",
        }
    )
    typer.echo()
    show.table(
        ("rule", "mode", "per hour", "block s", "more", "refused 24 h", "would have"),
        [
            (
                name,
                rule["mode"],
                rule.get("per_hour"),
                rule.get("block_s"),
                guard_typed.more(rule),
                rule["refused_24h"],
                rule["shadowed_24h"],
            )
            for name, rule in told["rules"].items()
        ],
        empty="",
    )
