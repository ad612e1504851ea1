"""`posthouse otp`: send a one-time password and check it; what became of others, and test numbers."""

from typing import Annotated

import typer

from posthouse.cli import otp_alone, otp_records, otp_test_numbers, show, typed
from posthouse.cli.asking import server_of
from posthouse.cli.frame import FOUND, AsJson, Data, where
from posthouse.core import otp

app = typer.Typer(no_args_is_help=True)

To = Annotated[str, typer.Argument(metavar="TO", help="The number: +8613800138000 or 13800138000.")]
PurposeOption = Annotated[
    str, typer.Option(metavar="TEXT", help="What it is for; each purpose has a code of its own.")
]
AmountOption = Annotated[
    str | None, typer.Option(metavar="TEXT", help="An amount the code is bound to: its check names the same.")
]
PayeeOption = Annotated[
    str | None, typer.Option(metavar="TEXT", help="A payee the code is bound to: its check names the same.")
]


@app.command()
def send(
    context: typer.Context,
    to: To,
    *,
    template: Annotated[
        str | None,
        typer.Option("--template", "-t", metavar="ID", help="A template for codes; else a usual text."),
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--value", "-v", metavar="NAME=VALUE", help="Its other variables; repeatable."),
    ] = None,
    purpose: PurposeOption = otp.PURPOSE,
    length: Annotated[
        int, typer.Option(metavar="N", min=otp.LENGTH_MIN, max=otp.LENGTH_MAX, help="Digits.")
    ] = otp.LENGTH,
    ttl: Annotated[
        int,
        typer.Option(
            metavar="SECONDS", min=otp.TTL_MIN_S, max=otp.TTL_MAX_S, help="How long it can be used."
        ),
    ] = otp.TTL_S,
    signature: Annotated[str | None, typer.Option(metavar="TEXT", help="Put in front within 【】.")] = None,
    domain: Annotated[
        str | None, typer.Option(metavar="DOMAIN", help="Adds the line from which browsers fill it in.")
    ] = None,
    app_hash: Annotated[
        str | None, typer.Option("--app-hash", metavar="HASH", help="Adds an Android app's hash.")
    ] = None,
    amount: AmountOption = None,
    payee: PayeeOption = None,
    ip: Annotated[
        str | None, typer.Option("--ip", metavar="ADDRESS", help="The user's, for the guard.")
    ] = None,
    another_channel: Annotated[
        bool, typer.Option("--another-channel", help="Go another way than the code that was sent before.")
    ] = False,
    via: Annotated[
        str | None,
        typer.Option("--via", "--vendor", metavar="VENDOR", help="This vendor or channel, not our choice."),
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Send a one-time password, or the one that still can be used once more; it is told to nobody else.

    Through the running server, or into the database for the next one.
    """
    if values and template is None:
        raise typer.BadParameter("values belong to a template: give it with -t.", param_hint="-v")
    given = {
        "to": to,
        "purpose": purpose,
        "length": length,
        "ttl_s": ttl,
        "template_id": template,
        "params": typed.values(values),
        "signature": signature,
        "domain": domain,
        "app_hash": app_hash,
        "amount": amount,
        "payee": payee,
        "ip": ip,
        "another_channel": another_channel,
        "vendor": via,
    }
    wanted = {name: value for name, value in given.items() if value is not None}
    place = where(context, data)
    server = server_of(place)
    reply = otp_alone.sent(place, wanted) if server is None else server.post("/v1/sms/otp", wanted)
    if as_json:
        show.document(reply)
        return
    show.facts(
        {
            "id": reply["request_id"],
            "to": reply["to"],
            "purpose": reply["purpose"],
            "message": reply["sms_id"] or "none: a test number, which has a code of its own",
            "until": show.told_clock(reply["expires_at"]),
            "again": show.told_clock(reply["resend_at"]),
        }
    )
    if server is None and reply["sms_id"] is not None:
        typer.echo(f"No server runs on {place}: the code goes out if one does in time (posthouse serve).")


@app.command()
def verify(
    context: typer.Context,
    to: To,
    code: Annotated[
        str, typer.Argument(metavar="CODE", help="What was typed; - to read it from standard input.")
    ],
    *,
    purpose: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Which code: that of --request-id, or `default`.")
    ] = None,
    request_id: Annotated[
        str | None, typer.Option("--request-id", metavar="ID", help="Which code: otp_…; else the newest.")
    ] = None,
    amount: AmountOption = None,
    payee: PayeeOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Check a one-time password: exit code 0 if it is valid, 3 if it is not, for whatever reason."""
    given = {
        "to": to,
        "code": typed.written(code),
        "purpose": purpose,
        "request_id": request_id,
        "amount": amount,
        "payee": payee,
    }
    wanted = {name: value for name, value in given.items() if value is not None}
    place = where(context, data)
    server = server_of(place)
    reply = otp_alone.checked(place, wanted) if server is None else server.post("/v1/sms/verify", wanted)
    show.answer(reply, "The code is valid." if reply["valid"] else "The code is not valid.", as_json=as_json)
    if not reply["valid"]:
        raise typer.Exit(FOUND)


app.command("list")(otp_records.list_verifications)
app.command("get")(otp_records.get)
app.command("cancel")(otp_records.cancel)
app.add_typer(otp_test_numbers.app, name="test-numbers", help="Numbers that have a code of their own.")
