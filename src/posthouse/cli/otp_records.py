"""`posthouse otp list`, `get`, `cancel`: what became of one-time passwords."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from posthouse.cli import show, typed
from posthouse.cli.frame import TROUBLE, AsJson, Data, in_house, in_words, tell, where
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import VERIFICATION, read
from posthouse.core.otp import VerificationState

if TYPE_CHECKING:
    from posthouse.bootstrap.house import House
    from posthouse.core.ports.otp import VerificationRecord

TIMES = frozenset({"created_at", "expires_at", "verified_at"})


def list_verifications(
    context: typer.Context,
    *,
    state: Annotated[VerificationState | None, typer.Option("--state", help="Only in this state.")] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="NUMBER", help="Only of this number.")] = None,
    purpose: Annotated[str | None, typer.Option(metavar="TEXT", help="Only of this purpose.")] = None,
    limit: typed.LimitOption = 20,
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """An account's one-time passwords, newest first; numbers are masked."""
    found = in_house(where(context, data), lambda house: _list(house, account, state, to, purpose, limit))
    rows = [_fields(record, masked=True) for record in found]
    if as_json:
        show.document({"data": rows})
        return
    show.table(
        ("id", "to", "purpose", "state", "sends", "checks left", "mode", "asked for"),
        [
            (
                row["request_id"],
                row["to"],
                row["purpose"],
                row["state"],
                row["sends"],
                row["checks_left"],
                "test number" if row["test_number"] else row["mode"],
                show.clock(record.created_at),
            )
            for row, record in zip(rows, found, strict=True)
        ],
        empty="No code was asked for."
        if (state, to, purpose) == (None,) * 3
        else "No code fits these filters.",
    )


def get(
    context: typer.Context,
    request_id: Annotated[str, typer.Argument(metavar="ID", help="Its id: otp_…")],
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """One of them, as its sender sees it."""
    told = _fields(in_house(where(context, data), lambda house: _get(house, account, request_id)))
    if as_json:
        show.document(told)
        return
    known = {
        name: show.told_clock(value) if name in TIMES and value else value for name, value in told.items()
    }
    known["test_number"] = "yes" if told["test_number"] else None
    known["sms_ids"] = ", ".join(told["sms_ids"]) or None
    show.facts(known)


def cancel(
    context: typer.Context,
    request_ids: Annotated[list[str], typer.Argument(metavar="ID…", help="Their ids: otp_…")],
    account: typed.AccountName = typed.DEFAULT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Let codes count no more.

    Each is tried; those that cannot be canceled are told on standard error, with exit code 1.
    """
    wanted = list(dict.fromkeys(request_ids))
    refused = in_house(where(context, data), lambda house: _cancel(house, account, wanted))
    for request_id, refusal in refused.items():
        tell(in_words(refusal) if len(wanted) == 1 else f"{request_id}: {in_words(refusal)}")
    ended = [request_id for request_id in wanted if request_id not in refused]
    if as_json:
        if ended or len(wanted) > 1:
            show.document({"data": [_ended(request_id, refused.get(request_id)) for request_id in wanted]})
    else:
        for request_id in ended:
            typer.echo(f"{request_id} is canceled.")
    if refused:
        raise typer.Exit(TROUBLE)


def _ended(request_id: str, refusal: Refusal | None) -> dict[str, object]:
    return {
        "request_id": request_id,
        "canceled": refusal is None,
        "code": None if refusal is None else refusal.code.value,
    }


def _fields(record: "VerificationRecord", *, masked: bool = False) -> dict[str, Any]:
    """A verification as `/v1` shows it."""
    from posthouse.core.phone import mask
    from posthouse.web.dialects.v1.verifications import of_record

    told = show.as_document(of_record(record))
    return told | {"to": mask(record.number)} if masked else told


def _id(request_id: str) -> int:
    found = read(VERIFICATION, request_id)
    if found is None:
        raise Refusal(Code.NOT_FOUND, resource="verification", name=request_id)
    return found


async def _list(
    house: "House",
    name: str,
    state: VerificationState | None,
    to: str | None,
    purpose: str | None,
    limit: int,
) -> "list[VerificationRecord]":
    from posthouse.cli.wanted import recipient_in
    from posthouse.services.verifications import Sought, Verifications

    account = await house.administer.account(name)
    number = None if to is None else await recipient_in(house, to, account)
    verifications, sought = Verifications(house.store, house.clock), Sought(state, number, purpose)
    found: list[VerificationRecord] = []
    before = None
    while len(found) < limit:
        page = await verifications.page(account.id, sought, limit - len(found), before)
        found += page.records
        before = page.next_before
        if before is None:
            break
    return found


async def _get(house: "House", name: str, request_id: str) -> "VerificationRecord":
    from posthouse.services.verifications import Verifications

    account = await house.administer.account(name)
    return await Verifications(house.store, house.clock).get(account.id, _id(request_id))


async def _cancel(house: "House", name: str, request_ids: list[str]) -> dict[str, Refusal]:
    from posthouse.services.verifications import Verifications

    account = await house.administer.account(name)
    verifications = Verifications(house.store, house.clock)
    refused = {}
    for request_id in request_ids:
        try:
            await verifications.cancel(account.id, _id(request_id))
        except Refusal as refusal:
            refused[request_id] = refusal
    return refused
