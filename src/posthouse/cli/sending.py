"""`posthouse send`: through the server that runs here, or straight into the database."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from posthouse.bootstrap.premises import Trouble, held
from posthouse.cli import show, typed
from posthouse.cli.asking import KEY, server_of
from posthouse.cli.frame import AsJson, Data, in_house, tell, where
from posthouse.cli.waiting import PATIENCE_S, Fate, Timeout

if TYPE_CHECKING:
    from posthouse.services.submission import Submission


def send(
    context: typer.Context,
    to: Annotated[str, typer.Argument(metavar="TO", help="The recipient: +8613800138000 or 13800138000.")],
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="The text.", show_default=False)
    ] = None,
    *,
    template: Annotated[
        str | None, typer.Option("--template", "-t", metavar="ID", help="A template instead of a text.")
    ] = None,
    values: Annotated[
        list[str] | None, typer.Option("--value", "-v", metavar="NAME=VALUE", help="Its values; repeatable.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When: 2026-12-01T08:00, 15m, 2h; else at once.")
    ] = None,
    via: Annotated[
        str | None, typer.Option(metavar="VENDOR", help="This vendor or channel, instead of our choice.")
    ] = None,
    purpose: Annotated[
        Literal["otp", "notification", "marketing"] | None, typer.Option(help="Also its lane.")
    ] = None,
    sender: Annotated[str | None, typer.Option("--from", metavar="SENDER", help="The sender.")] = None,
    signature: Annotated[str | None, typer.Option(metavar="TEXT", help="Put in front within 【】.")] = None,
    reference: Annotated[
        str | None, typer.Option(metavar="TEXT", help="A label of your own, to find it by.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell parts, price and route; send nothing.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Stay, and tell what happens; exit codes as `messages wait`.")
    ] = False,
    timeout: Timeout = PATIENCE_S,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Send one message: through the running server, or into the database for the next one."""
    if text is None and template is None:
        raise typer.BadParameter("give a text, or a template with -t.")
    if values and template is None:
        raise typer.BadParameter("values belong to a template: give it with -t.", param_hint="-v")
    given = {
        "to": to,
        "body": text,
        "template_id": template,
        "params": typed.values(values),
        "send_at": None if at is None else _instant(at),
        "vendor": via,
        "purpose": purpose,
        "from": sender,
        "signature": signature,
        "reference": reference,
    }
    wanted = {name: value for name, value in given.items() if value is not None}
    place = where(context, data)
    server = server_of(place)
    if dry_run:
        from posthouse.cli import estimating

        found = _estimate(place, wanted) if server is None else server.post("/v1/sms/estimate", wanted)
        if template is not None and found["characters"] is None:
            _tell_foreign(template)
        estimating.tell(found, as_json=as_json)
        return
    if wait and held(place) is None:
        raise Trouble(
            f"No server runs on {place}, so there is nothing to wait for: start one with "
            f"`posthouse serve --data {place}`, or send without --wait."
        )
    record = _alone(place, wanted) if server is None else server.post("/v1/sms/send", wanted)
    if template is not None and record["template_version"] is None:
        _tell_foreign(template)
    if wait:
        stay(place, record, timeout, as_json=as_json)
        return
    if as_json:
        show.document(record)
        return
    _tell(record)
    if server is None:
        typer.echo(f"No server runs on {place}: the message will be sent when one does (posthouse serve).")


def _tell(record: dict[str, Any]) -> None:
    price = record["price"]
    show.facts(
        {
            "id": record["sms_id"],
            "to": record["to"],
            "state": record["state"],
            "parts": record["segments"],
            "price": f"{price['amount']} {price['currency']}",
            "at": show.moved(record["send_at"], record["postponed_from"]),
            "reason": record["reason"],
        }
    )


def _tell_foreign(template_id: str) -> None:
    """What a slip in the id of a template would otherwise hide."""
    whose = "the account's of this key" if os.environ.get(KEY) else f"account {typed.DEFAULT}'s"
    tell(f"Template {template_id} is not one of {whose}: passed on as the vendor's own, unchecked.")


def stay(place: Path, record: dict[str, Any], timeout: float, *, as_json: bool) -> None:
    """Tell the story as it unfolds; on a JSON reader's side, the record at its end."""
    from posthouse.cli import messages, story, waiting
    from posthouse.core.ids import MESSAGE, read

    number = read(MESSAGE, record["sms_id"])
    if number is None:
        raise Trouble(f"The server answered with an id that is none: {record['sms_id']!r}.")
    seen = None if as_json else story.Unfolding().tell
    trace, owner, fate = in_house(place, lambda house: waiting.watch(house, number, "final", timeout, seen))
    if as_json:
        show.document(messages.record(trace.message, owner))
    else:
        typer.echo(waiting.ending(trace, fate, timeout))
    if fate is not Fate.WELL:
        raise typer.Exit(fate.value)


def _instant(text: str) -> str:
    """RFC 3339, as the server reads it."""
    import time

    from posthouse.cli.times import future
    from posthouse.core.times import rfc3339

    return rfc3339(future(text, time.time_ns() // 1000))


def _as_served(wanted: dict[str, Any]) -> "Submission":
    """What a server would read from this; refuses what it would."""
    import json

    from posthouse.web.body import Form
    from posthouse.web.dialects.v1.submission import submission
    from posthouse.web.dialects.v1.wire import FAULTS, RESERVED, SendRequest

    request = Form(SendRequest, RESERVED, FAULTS).read(json.dumps(wanted).encode())
    return submission(request.to, request)


def _alone(place: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    from posthouse.bootstrap.alone import accept_alone
    from posthouse.web.dialects.v1.records import of_draft

    submission = _as_served(wanted)
    message, account = in_house(place, lambda house: accept_alone(house, submission))
    return show.as_document(of_draft(message, account.currency))


def _estimate(place: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    from posthouse.bootstrap.alone import estimate_alone
    from posthouse.web.dialects.v1.estimate import of_estimate

    submission = _as_served(wanted)
    found, account = in_house(place, lambda house: estimate_alone(house, submission))
    return show.as_document(of_estimate(found, account.currency))
