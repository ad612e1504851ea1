"""Two servers that the generic HTTP channel is made for: Kannel's smsbox, and a plain JSON webhook."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote_plus, urlsplit

import aiohttp
from aiohttp import web
from yarl import URL

from posthouse.signing import stamped
from tests.vendors.peer import Asked, Failure, Peer

TOO_LATE_S = 5


class Taken(NamedTuple):
    """One message as the vendor understood it; `key` is ours, as far as it was told."""

    key: str
    to: str
    sender: str | None
    text: str
    parts: int
    report_to: str


async def called(method: str, url: str, **how: Any) -> int:
    """Call somebody back; the status of the answer. The address goes out as it stands."""
    timeout = aiohttp.ClientTimeout(total=TOO_LATE_S)
    async with (
        aiohttp.ClientSession(timeout=timeout) as http,
        http.request(method, URL(url, encoded=True), **how) as answer,
    ):
        await answer.read()
        return answer.status


class KannelPeer(Peer):
    """`/cgi-bin/sendsms` and delivery reports, as `gw/smsbox.c` and `gw/urltrans.c` have them."""

    def __init__(self, username: str, password: str, *, global_sender: str | None = "Kannel") -> None:
        super().__init__()
        self.taken: list[Taken] = []
        self.queued = False
        # As they come: bytes, each shown as one character.
        self._credentials = tuple(each.encode().decode("latin-1") for each in (username, password))
        self._global_sender = global_sender

    async def answer(self, asked: Asked) -> web.Response:
        address = urlsplit(asked.target)
        # Kannel sees bytes; the first of each name counts.
        told = {name: values[0] for name, values in parse_qs(address.query, encoding="latin-1").items()}
        if address.path != "/cgi-bin/sendsms":
            return web.Response(status=404, text="Unknown request")
        if (told.get("username"), told.get("password")) != self._credentials:
            return web.Response(status=403, text="Authorization failed for sendsms")
        if not told.get("to"):
            return web.Response(status=400, text="Missing receiver number, rejected")
        sender = told.get("from") or self._global_sender
        if sender is None:
            return web.Response(status=400, text="Sender missing and no global set, rejected")
        text = told["text"].encode("latin-1").decode(told.get("charset", "UTF-8"))
        units = len(text) if told.get("coding", "0") == "0" else len(text.encode("utf-16-be")) // 2
        single, multi = (160, 153) if told.get("coding", "0") == "0" else (70, 67)
        parts = 1 if units <= single else -(-units // multi)
        report_to = told.get("dlr-url", "") if int(told.get("dlr-mask", "0")) else ""
        key = parse_qs(urlsplit(report_to).query).get("id", [""])[0]
        self.taken.append(Taken(key, told["to"], sender, text, parts, report_to))
        said = "3: Queued for later delivery" if self.queued else "0: Accepted for delivery"
        return web.Response(status=202, text=said, content_type="text/html")

    def error(self, asked: Asked, failure: Failure) -> web.Response:
        return web.Response(status=failure.status or 400, text=failure.code, content_type="text/html")

    async def report(self, message: Taken, type_: int, answer: str = "") -> int:
        """Fetch the message's `dlr-url`; `type_` as in Kannel's mask."""
        return await called("GET", escaped(message.report_to, {"d": str(type_), "A": answer}))

    async def forward(self, url: str, *, sender: str, to: str, text: str, id: str) -> int:
        """Hand over a text from a handset, to the `get-url` of an `sms-service`."""
        raw = text.encode("ascii" if text.isascii() else "utf-16-be")
        charset = "UTF-8" if text.isascii() else "UTF-16BE"
        told: dict[str, str | bytes] = {"p": sender, "P": to, "b": raw, "C": charset, "I": id}
        return await called("GET", escaped(url, told))


def escaped(pattern: str, told: Mapping[str, str | bytes]) -> str:
    """Kannel's escape codes filled in; a code that it does not know stays, percent sign and all."""
    done, rest = "", pattern
    while rest:
        if rest[0] != "%" or len(rest) == 1:
            done, rest = done + rest[0], rest[1:]
        else:
            done += quote_plus(told[rest[1]]) if rest[1] in told else rest[:2]
            rest = rest[2:]
    return done


class JsonPeer(Peer):
    """A webhook that takes one JSON object a message; with a secret it verifies and signs."""

    def __init__(self, secret: str = "") -> None:
        super().__init__()
        self.taken: list[Taken] = []
        self.refused = 0
        self._secret = secret

    async def answer(self, asked: Asked) -> web.Response:
        if self._secret and not stamped.verify(
            self._secret, asked.body, asked.headers.get(stamped.HEADER.lower())
        ):
            self.refused += 1
            return web.json_response({"code": "bad_signature"}, status=401)
        told = json.loads(asked.body)
        self.taken.append(
            Taken(
                told["id"], told["to"], told["from"], told["text"], told["parts"], told["callback_url"] or ""
            )
        )
        return web.json_response({"id": f"m{len(self.taken)}"}, status=202)

    def error(self, asked: Asked, failure: Failure) -> web.Response:
        return web.json_response({"code": failure.code}, status=failure.status or 400)

    async def tell(self, url: str, *news: Mapping[str, Any], secret: str | None = None) -> int:
        """Post receipts or texts, signed where there is a secret."""
        body = json.dumps(news[0] if len(news) == 1 else news).encode()
        secret = self._secret if secret is None else secret
        headers = {stamped.HEADER: stamped.sign(secret, body, at_s=1_764_000_000)} if secret else {}
        return await called("POST", url, data=body, headers=headers)
