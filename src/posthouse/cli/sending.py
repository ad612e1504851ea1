"""`posthouse send`: through the server that runs here, or straight into the database."""

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from posthouse.bootstrap.premises import Trouble, first_key, held
from posthouse.cli import show
from posthouse.cli.frame import AsJson, Data, in_house, spoken, where

KEY = "POSTHOUSE_API_KEY"
TIMEOUT_S = 10


def send(
    context: typer.Context,
    to: Annotated[str, typer.Argument(metavar="TO", help="The recipient: +8613800138000 or 13800138000.")],
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="The text.", show_default=False)
    ] = None,
    template: Annotated[
        str | None, typer.Option("--template", "-t", metavar="ID", help="A template instead of a text.")
    ] = None,
    values: Annotated[
        list[str] | None, typer.Option("--value", "-v", metavar="NAME=VALUE", help="Its values; repeatable.")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Send one message: through the running server, or into the database for the next one."""
    if text is None and template is None:
        raise typer.BadParameter("give a text, or a template with -t.")
    if values and template is None:
        raise typer.BadParameter("values belong to a template: give it with -t.", param_hint="-v")
    given = {"to": to, "body": text, "template_id": template, "params": _params(values)}
    wanted = {name: value for name, value in given.items() if value is not None}
    place = where(context, data)
    address, key = _server(place)
    record = _alone(place, wanted) if address is None else _over_http(address, key, wanted)
    if as_json:
        show.document(record)
        return
    price = record["price"]
    show.facts(
        {
            "id": record["sms_id"],
            "to": record["to"],
            "state": record["state"],
            "parts": record["segments"],
            "price": f"{price['amount']} {price['currency']}",
            "reason": record["reason"],
        }
    )
    if address is None:
        typer.echo(f"No server runs on {place}: the message will be sent when one does (posthouse serve).")


def _params(values: list[str] | None) -> dict[str, str] | None:
    if not values:
        return None
    params: dict[str, str] = {}
    for value in values:
        name, sign, text = value.partition("=")
        if not (name and sign):
            raise typer.BadParameter(f"{value!r} is no NAME=VALUE.", param_hint="-v")
        params[name] = text
    return params


def _server(place: Path) -> tuple[str | None, str]:
    """The server to ask, and the key to show it; None when the database is to take the message."""
    address = held(place)
    given = os.environ.get(KEY)
    key = given or first_key(place)
    if address is None and given is None:
        return None, ""
    if not address:
        address = _configured(place)
        if held(place) is None and not _answers(address):
            return None, ""
    if key is None:
        raise Trouble(
            f"A server runs on {place}, and there is no key to call it with: set {KEY}, "
            f"or make one with `posthouse keys create --account default --data {place}`."
        )
    return address, key


def _configured(place: Path) -> str:
    from posthouse.settings import load

    settings = load(place)
    return f"http://{settings.host}:{settings.port}"


def _answers(address: str) -> bool:
    try:
        return _ask(address, "GET", "/livez")[0] == _OK
    except OSError:
        return False


def ready(address: str) -> str:
    """`ok`, or why the server there cannot do its work."""
    try:
        status, reply = _ask(address, "GET", "/readyz")
    except OSError as error:
        return f"{address} does not answer ({error})"
    if status == _OK:
        return "ok"
    return f"{address} is not ready: {', '.join(map(str, reply.get('not_ready', [status])))}"


_OK, _TAKEN, _UNAUTHENTICATED = 200, 202, 401


def _over_http(address: str, key: str, wanted: dict[str, Any]) -> dict[str, Any]:
    try:
        status, reply = _ask(address, "POST", "/v1/sms/send", key=key, body=wanted)
    except OSError as error:
        raise Trouble(
            f"The server at {address} does not answer ({error}): look at its log, or run `posthouse doctor`."
        ) from error
    if status in (_OK, _TAKEN):
        return reply
    if status == _UNAUTHENTICATED:
        raise Trouble(
            f"The server at {address} does not take this key: correct {KEY}, or unset it to use the key "
            "in the data directory; `posthouse keys create` makes another."
        )
    told = [str(reply[name]) for name in ("detail", "suggested_action") if reply.get(name)]
    raise Trouble(
        ("" if spoken() == "zh" else " ").join(told)
        or f"The server at {address} answered {status}: look at its log."
    )


def _ask(
    address: str, method: str, path: str, *, key: str | None = None, body: dict[str, Any] | None = None
) -> tuple[int, dict[str, Any]]:
    """One call, past any proxy: what is asked is on this machine or near it."""
    import http.client
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=TIMEOUT_S)
    headers = {"Content-Type": "application/json", "Accept-Language": spoken()}
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    try:
        connection.request(
            method, path, body=None if body is None else json.dumps(body).encode(), headers=headers
        )
        response = connection.getresponse()
        reply = json.loads(response.read())
    except (http.client.HTTPException, ValueError) as error:
        raise ConnectionError(f"{type(error).__name__}") from error
    finally:
        connection.close()
    return response.status, reply if isinstance(reply, dict) else {}


def _alone(place: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    import msgspec

    from posthouse.bootstrap.alone import accept_alone
    from posthouse.services.submit import Submission
    from posthouse.web.dialects.v1.records import of_draft

    params = wanted.get("params")
    submission = Submission(
        wanted["to"],
        wanted.get("body"),
        wanted.get("template_id"),
        None if params is None else json.dumps(params, ensure_ascii=False),
    )
    message, account = in_house(place, lambda house: accept_alone(house, submission))
    record: dict[str, Any] = msgspec.to_builtins(of_draft(message, account.currency))
    return record
