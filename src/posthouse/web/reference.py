"""The reference, for programs (`/openapi.json`) and for people (`/docs`): one document, two forms.

The page is plain HTML with one style sheet, both from here: no script, and no request to anybody else.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, Literal

import msgspec

from posthouse.core.catalogue import Language, negotiate
from posthouse.core.errors import Code
from posthouse.web.asgi import Answer, Fields, Headers
from posthouse.web.body import Fault, Form
from posthouse.web.endpoint import Call, Nothing, Route
from posthouse.web.openapi_schemas import Json
from posthouse.web.reference_page import BASE_URL, STYLE, page

_ALLOWED = (
    b"default-src 'none'",
    b"style-src 'self'",
    b"img-src data:",
    b"base-uri 'none'",
    b"form-action 'none'",
    b"frame-ancestors 'none'",
)
_POLICY: Fields = (
    (b"content-security-policy", b"; ".join(_ALLOWED)),
    (b"referrer-policy", b"no-referrer"),
)
_FAULTS: Mapping[str, Fault] = {"lang": (Code.INVALID_VALUE, {"allowed": "en, zh"})}


class PageQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """In which language to show the page; otherwise Accept-Language decides."""

    lang: Literal["en", "zh"] | None = None


class _Reference:
    """The document and its pages: written when somebody asks first, beside the loop, since it takes long."""

    def __init__(self, write: Callable[[], Json], status: Mapping[Code, int]) -> None:
        self._write = write
        self._status = status
        self._document: Json | None = None
        self._spec = b""
        self._pages: dict[Language, bytes] = {}

    async def spec(self) -> bytes:
        """The document as JSON."""
        if not self._spec:
            self._spec = await asyncio.to_thread(lambda: msgspec.json.encode(self._written()))
        return self._spec

    async def page(self, language: Language) -> bytes:
        """The document as a page."""
        if language not in self._pages:
            shown = await asyncio.to_thread(lambda: page(self._written(), self._status, language))
            self._pages[language] = shown.encode()
        return self._pages[language]

    def _written(self) -> Json:
        if self._document is None:
            self._document = self._write()
        return self._document


def routes(write: Callable[[], Json], status: Mapping[Code, int]) -> tuple[Route[Any], ...]:
    """The document itself, its page, and the page's style sheet; all public. `write` makes the document."""
    reference = _Reference(write, status)
    style = files("posthouse.web").joinpath("reference.css").read_bytes()

    async def describe(call: Call[Nothing]) -> bytes:
        """The API, described."""
        return await reference.spec()

    async def show(call: Call[PageQuery]) -> Answer:
        """The reference."""
        accepted = call.headers.get(b"accept-language", b"").decode("latin-1")
        language = call.wanted.lang or negotiate(accepted)
        shown = (await reference.page(language)).replace(BASE_URL.encode(), base_url(call.headers))
        told = ((b"content-language", _NAMES[language]), (b"vary", b"accept-language"))
        return Answer(200, shown, b"text/html; charset=utf-8", (*told, *_POLICY))

    async def lead(call: Call[Nothing]) -> Answer:
        """To the reference."""
        return Answer(307, b"", b"text/plain", ((b"location", b"/docs"),))

    async def dress(call: Call[Nothing]) -> Answer:
        """The reference's style sheet."""
        return Answer(200, style, b"text/css; charset=utf-8")

    return (
        _route("/openapi.json", "openapi", Form(Nothing), describe),
        _route("/", "home", Form(Nothing), lead),
        _route("/docs", "docs", Form(PageQuery, faults=_FAULTS), show),
        _route(STYLE, "docs.style", Form(Nothing), dress),
    )


def base_url(headers: Headers) -> bytes:
    """Where the client found us, as far as that may stand in a page; else where we usually are."""
    host = headers.get(b"host", b"")
    if _HOST.fullmatch(host) is None:
        return BASE_URL.encode()
    return (b"https://" if headers.get(b"x-forwarded-proto") == b"https" else b"http://") + host


_HOST = re.compile(rb"([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")
"""No character of these needs escaping."""
_NAMES: Mapping[Language, bytes] = {"en": b"en", "zh": b"zh-CN"}


def _route(path: str, name: str, form: Form[Any], handle: Any) -> Route[Any]:  # noqa: ANN401 - a handler of that form
    return Route(
        method="GET",
        path=path,
        name=name,
        summary=handle.__doc__,
        form=form,
        handle=handle,
        reply=msgspec.Struct,
        scope=None,
    )
