"""The request of a generic HTTP channel: address, headers and body from templates, checked when read."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress

import phonenumbers

from posthouse.core.ports.vendor import Outbound
from posthouse.core.text import Encoding, measure
from posthouse.signing import stamped
from posthouse.vendors.adapter import Request
from posthouse.vendors.http_templates import PARAMS, Pairs, Template, Values

TELLING = frozenset({"to", "to_digits", "to_national", "text", "template_id"})
"""Placeholders without which, and without parameters of a template, a request says nothing of its message."""
OF_CHANNEL = frozenset({"account", "username", "password", "token", "basic", "callback_url"})
OF_MESSAGE = frozenset(
    {"to", "to_digits", "to_national", "country", "from", "text", "signature", "template_id", PARAMS}
) | {"key", "parts", "coding", "timestamp", "nonce"}
IN_PATH = frozenset({"account", "username", "key"})
"""The trace shows paths, so they hold no number, text or secret; and none of these can be `..`."""
IN_CALLBACK = frozenset({"key", "to", "to_digits", "country", "account", "callback_token"})

_ADDRESS = re.compile(r"(https?://[^/?#@\s{}\\]+)(/[^?#\s]*)?(?:\?([^#\s]*))?")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_OURS = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection", "expect"}) | {
    "upgrade",
    "te",
    "trailer",
    stamped.HEADER.lower(),
}
"""Headers that the settings must leave alone."""
_NUMBERS = frozenset({"parts", "coding", "timestamp"})
"""Placeholders that make sense in JSON without quotation marks."""


class Composer:
    """Makes a channel's requests."""

    def __init__(self, settings: Mapping[str, str], callback_url: str | None) -> None:
        """`settings`: complete. Raises ValueError that names the setting and says what is wrong with it."""
        for name in ("account", "username", "password", "token", "secret", "content_type"):
            if _CONTROL.search(settings[name]):
                raise ValueError(f"{name}: it holds a line break or another control character")
        self._settings = settings
        self._callback_url = callback_url
        self._method, self._type = settings["method"], settings["content_type"]
        self._address(settings)
        names = OF_CHANNEL | OF_MESSAGE
        if settings["body"] and self._method == "GET":
            raise ValueError("body: a GET has none; set method to POST")
        self._body = _body(settings["body"], self._type)
        self._headers = {
            name: Template(value, names=names, around="header", where=f"headers, {name}")
            for name, value in _headers(settings["headers"]).items()
        }
        self._callback = Pairs(settings["callback_query"], names=IN_CALLBACK, where="callback_query")
        used = (self._path, self._query, self._body, *self._headers.values())
        sent = frozenset[str]().union(*(each.names for each in used))
        if not any(name in TELLING or name.startswith(PARAMS) for name in sent):
            raise ValueError(
                "nothing of the message would be sent: neither {to} nor {text} nor {template_id} stands in"
                " the query of url, in headers or in body; a preset fills them in"
            )
        self._needs_text = "text" in sent
        named = sent | self._callback.names
        self._told = tuple((name, tell) for name, tell in _TOLD.items() if name in named)
        self._params = any(name.startswith(PARAMS) for name in named)
        self._calls_back = "callback_url" in named
        self._constant = {name: settings[name] or None for name in _CONSTANT}
        self._constant["basic"] = base64.b64encode(
            f"{settings['username']}:{settings['password']}".encode()
        ).decode()

    def compose(self, outbound: Outbound, *, now: int, nonce: str) -> Request:
        """The request that offers one message; `now` is microseconds UTC."""
        if outbound.text is None and self._needs_text:
            raise ValueError("this channel sends texts, and the message has none")
        values = self._values(outbound) | {"timestamp": str(now // 1_000_000), "nonce": nonce}
        path, query = self._path.fill(values), self._query.fill(values)
        headers = {name: template.fill(values) for name, template in self._headers.items()}
        body = self._body.fill(values).encode()
        if body:
            headers["Content-Type"] = self._type
        if secret := self._settings["secret"]:
            headers[stamped.HEADER] = stamped.sign(
                secret, stamped.content(body, query), at_s=now // 1_000_000
            )
        url = f"{self._origin}{path}?{query}" if query else self._origin + path
        return Request(self._method, url, headers, body, [outbound])

    def _address(self, settings: Mapping[str, str]) -> None:
        url, base = settings["url"], settings["base_url"]
        if not url or url.startswith(("/", "?")):
            url = base.rstrip("/") + url
        found = _ADDRESS.fullmatch(url)
        if found is None:
            raise ValueError(
                "url: it must be http:// or https:// and a host, with no placeholder or password in it, and"
                " may go on with / and ?; one that begins with / needs a base_url"
            )
        self._origin, path, query = found[1], found[2] or "/", found[3] or ""
        self._path = Template(path, names=IN_PATH, around="url", where="url, path")
        self._query = Pairs(query, names=OF_CHANNEL | OF_MESSAGE, where="url, query")

    def _values(self, outbound: Outbound) -> dict[str, str | None]:
        told = dict(self._constant)
        for name, tell in self._told:
            told[name] = tell(outbound)
        if self._params:
            told |= {PARAMS + name: value for name, value in (outbound.params or {}).items()}
        if self._calls_back and self._callback_url is not None:
            query = self._callback.fill(told | {"callback_token": self._settings["callback_token"]})
            told["callback_url"] = f"{self._callback_url}?{query}" if query else self._callback_url
        return told


def _body(text: str, content_type: str) -> Template | Pairs:
    names, kind = OF_CHANNEL | OF_MESSAGE, content_type.lower()
    if "charset=" in kind and "utf-8" not in kind.partition("charset=")[2]:
        raise ValueError("content_type: bodies are UTF-8")
    if "x-www-form-urlencoded" in kind:
        return Pairs(text, names=names, where="body")
    around = next((each for each in ("json", "xml") if each in kind), "plain")
    body = Template(text, names=names, around=around, where="body")
    if around == "json" and text:
        sample: Values = {name: "1" if name in _NUMBERS else "x" for name in body.names}
        try:
            json.loads(body.fill(sample))
        except (ValueError, RecursionError) as error:
            raise ValueError(f"body: it is not JSON when the placeholders are filled in ({error})") from None
    return body


def _headers(text: str) -> dict[str, str]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or not all(isinstance(value, str) for value in told.values()):
        raise ValueError('headers: not a JSON object of texts, such as {"Authorization": "Bearer {token}"}')
    for name, value in told.items():
        if not _HEADER.fullmatch(name) or name.lower() in _OURS:
            raise ValueError(f"headers: {name[:40]!r} is no header's name, or one that is set for you")
        if _CONTROL.search(value):
            raise ValueError(f"headers, {name}: it holds a line break or another control character")
    return told


def _coding(outbound: Outbound) -> str:
    """Kannel's: 0 for the GSM alphabet, 2 for UCS-2; as the parts are counted."""
    found = measure(outbound.text or "", country=outbound.country).encoding
    return "0" if found is Encoding.GSM7 else "2"


def _national(e164: str) -> str:
    """The number without its country code, with whatever zeros belong to it."""
    with suppress(phonenumbers.NumberParseException):
        return phonenumbers.national_significant_number(phonenumbers.parse(e164, None))
    return e164.removeprefix("+")


_CONSTANT = ("account", "username", "password", "token")

_TOLD: Mapping[str, Callable[[Outbound], str | None]] = {
    "to": lambda outbound: outbound.to,
    "to_digits": lambda outbound: outbound.to.removeprefix("+"),
    "to_national": lambda outbound: _national(outbound.to),
    "country": lambda outbound: outbound.country,
    "from": lambda outbound: outbound.sender,
    "text": lambda outbound: outbound.text,
    "signature": lambda outbound: outbound.signature,
    "template_id": lambda outbound: outbound.template_id,
    "key": lambda outbound: outbound.key,
    "parts": lambda outbound: str(outbound.parts),
    "coding": _coding,
}
"""What a placeholder stands for; only those are looked up that a channel uses."""
