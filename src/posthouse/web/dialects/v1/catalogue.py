"""What every code and reason means, to be read by people and programs: where each problem's `type` leads."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from posthouse.core.catalogue import (
    CATALOGUE,
    REASONS,
    Described,
    Language,
    entries,
    entries_of,
    negotiate,
)
from posthouse.core.errors import Code, Refusal
from posthouse.core.verdict import Reason
from posthouse.web.asgi import Answer
from posthouse.web.body import Fault, Form
from posthouse.web.dialects.v1.errors import STATUS
from posthouse.web.endpoint import Call, Route
from posthouse.web.services import Services

FAULTS: dict[str, Fault] = {"lang": (Code.INVALID_VALUE, {"allowed": "en, zh"})}

_SHOWN = CATALOGUE[Code.INVALID_NUMBER]
_REFUSED = REASONS[Reason.BLOCKED]


class CatalogueQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """In which language to answer."""

    lang: (
        Annotated[Literal["en", "zh"], Meta(description="The language; otherwise Accept-Language decides.")]
        | None
    ) = None


class CodeEntry(Struct):
    """Why a request was refused."""

    code: Annotated[str, Meta(examples=["invalid_number"], extra_json_schema={"enum": list(Code)})]
    status: Annotated[int, Meta(description="The HTTP status it comes with.", examples=[400])]
    title: Annotated[str, Meta(description="A few words.", examples=[_SHOWN.title.en])]
    detail: Annotated[
        str,
        Meta(
            description="What is wrong; a problem document says it more precisely.",
            examples=[_SHOWN.detail.en],
        ),
    ]
    suggested_action: Annotated[str, Meta(description="How to put it right.", examples=[_SHOWN.action.en])]
    retryable: Annotated[bool, Meta(description="Whether the same request may succeed later.")]


class ReasonEntry(Struct):
    """Why a vendor or carrier refused a message."""

    reason: Annotated[str, Meta(examples=["blocked"], extra_json_schema={"enum": list(Reason)})]
    title: Annotated[str, Meta(description="A few words.", examples=[_REFUSED.title.en])]
    meaning: Annotated[str, Meta(description="What happened.", examples=[_REFUSED.detail.en])]
    suggested_action: Annotated[
        str, Meta(description="What can be done about it.", examples=[_REFUSED.action.en])
    ]
    retryable: Annotated[bool, Meta(description="Whether the same message may succeed later.")]


class CatalogueReply(Struct):
    """Codes of refused requests, and reasons of refused messages."""

    codes: list[CodeEntry]
    reasons: list[ReasonEntry]


async def every(call: Call[CatalogueQuery]) -> Answer:
    """The whole catalogue."""
    language = _language(call)
    return _answer(entries(language), language)


async def one(call: Call[CatalogueQuery]) -> Answer:
    """What is called so: a code, a reason, or one of each."""
    language, name = _language(call), call.path["name"]
    found = entries_of(name, language)
    if not found:
        raise Refusal(Code.NOT_FOUND, resource="code", name=name)
    return _answer(found, language)


def _language(call: Call[CatalogueQuery]) -> Language:
    return call.wanted.lang or negotiate(call.headers.get(b"accept-language", b"").decode("latin-1"))


def _answer(described: tuple[Described, ...], language: Language) -> Answer:
    reply = CatalogueReply(
        [
            CodeEntry(
                entry.name,
                STATUS[Code(entry.name)],
                entry.title,
                entry.detail,
                entry.suggested_action,
                entry.retryable,
            )
            for entry in described
            if entry.kind == "code"
        ],
        [
            ReasonEntry(entry.name, entry.title, entry.detail, entry.suggested_action, entry.retryable)
            for entry in described
            if entry.kind == "reason"
        ],
    )
    told = (
        (b"content-language", b"zh-CN" if language == "zh" else b"en"),
        (b"vary", b"accept-language"),
    )
    return Answer(200, msgspec.json.encode(reply), headers=told)


def routes(_services: Services) -> tuple[Route[Any], ...]:
    """The calls about the catalogue."""
    return (
        Route(
            method="GET",
            path="/v1/errors",
            name="errors.list",
            summary="What every code and reason means",
            form=Form(CatalogueQuery, faults=FAULTS),
            handle=every,
            reply=CatalogueReply,
            scope=None,
        ),
        Route(
            method="GET",
            path="/v1/errors/{name}",
            name="errors.get",
            summary="What one code or reason means",
            form=Form(CatalogueQuery, faults=FAULTS),
            handle=one,
            reply=CatalogueReply,
            scope=None,
            refusals=(Code.NOT_FOUND,),
            path_params={"name": "A code or a reason, as invalid_number."},
        ),
    )
