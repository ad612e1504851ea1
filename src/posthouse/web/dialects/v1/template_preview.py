"""What a template would send, and how long that can become."""

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from posthouse.core.errors import Code
from posthouse.core.ports.templates import TemplateRecord
from posthouse.core.respelling import Misfit
from posthouse.core.text import Encoding, check_signature
from posthouse.services.preview import Preview, counted_country, preview
from posthouse.web.asgi import Answer
from posthouse.web.body import SMALL, Form
from posthouse.web.dialects.v1.estimate import CulpritCharacter, of_misfit
from posthouse.web.dialects.v1.submission import texts_of
from posthouse.web.dialects.v1.template_records import Warned, language_of, of_findings, told
from posthouse.web.dialects.v1.template_wire import PreviewRequest
from posthouse.web.dialects.v1.templates import ID
from posthouse.web.endpoint import Call, Route
from posthouse.web.services import Services

_Encoding = Annotated[str, Meta(extra_json_schema={"enum": list(Encoding)})]
_Segments = Annotated[int, Meta(description="Parts on the air; each is charged.")]
_Units = Annotated[int, Meta(description="Septets of GSM-7, or UTF-16 units of UCS-2.", examples=[36])]


class WorstCase(Struct):
    """The longest message of a template: every variable at its full length, in characters of GSM-7."""

    segments: _Segments
    encoding: _Encoding
    units: _Units
    segments_unicode: Annotated[
        int, Meta(description="Segments where values hold other characters, such as Chinese ones.")
    ]
    culprits: Annotated[
        list[CulpritCharacter],
        Meta(description="Of the template's own text; positions in it as it is written, from 0."),
    ]


class PreviewReply(Struct):
    """What a template would send; nothing was."""

    template_id: Annotated[str, Meta(examples=["tpl_0c7xk3m9p2q4r"])]
    version: Annotated[int, Meta(examples=[1])]
    country: Annotated[str, Meta(description="Where texts are counted for.", examples=["CN"])]
    signature: Annotated[str | None, Meta(description="Placed in front within 【】.")]
    text: Annotated[
        str | None,
        Meta(description="As it would be sent, signature included; null where parameters are lacking."),
    ]
    segments: Annotated[int | None, Meta(description="Of this text; each is charged.")]
    encoding: Annotated[str | None, Meta(extra_json_schema={"enum": [*Encoding, None]})]
    units: Annotated[int | None, Meta(description="Septets of GSM-7, or UTF-16 units of UCS-2.")]
    culprits: Annotated[
        list[CulpritCharacter],
        Meta(description="The first 20 of this text; none where every text is UCS-2, as in mainland China."),
    ]
    worst_case: WorstCase
    warnings: Annotated[
        list[Warned], Meta(description="What reviewers may refuse; it can be sent all the same.")
    ]


class Previews:
    """The call that previews."""

    def __init__(self, services: Services) -> None:
        self._templates = services.templates

    async def show(self, call: Call[PreviewRequest]) -> Answer:
        """What sending with these parameters would make of the template."""
        wanted, account, language = call.wanted, call.caller.account, language_of(call.headers)
        country = counted_country(wanted.to, wanted.country, region=account.region)
        if wanted.signature is not None:
            check_signature(wanted.signature, "signature")
        params = None if wanted.params is None else texts_of(wanted.params, "params")
        record = await self._templates.get(account.id, call.path["id"], wanted.version)
        seen = preview(record, params, country=country, signature=wanted.signature)
        reply = of_preview(record, seen, country, of_findings(seen.findings, language))
        return Answer(200, msgspec.json.encode(reply), headers=told(language))


def of_preview(record: TemplateRecord, seen: Preview, country: str, warnings: list[Warned]) -> PreviewReply:
    """A template looked at, as it is answered."""
    rendered, worst = seen.rendered, seen.worst_case
    measure = None if rendered is None else rendered.measure
    return PreviewReply(
        template_id=record.template_id,
        version=record.version,
        country=country,
        signature=seen.signature,
        text=None if rendered is None else rendered.text,
        segments=None if measure is None else measure.parts,
        encoding=None if measure is None else measure.encoding.value,
        units=None if measure is None else measure.units,
        culprits=[] if rendered is None else _culprits(rendered.misfits),
        worst_case=WorstCase(
            worst.parts, worst.encoding.value, worst.units, worst.parts_unicode, _culprits(seen.misfits)
        ),
        warnings=warnings,
    )


def _culprits(misfits: Iterable[Misfit]) -> list[CulpritCharacter]:
    return [of_misfit(misfit) for misfit in misfits]


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The call that previews."""
    return (
        Route(
            method="POST",
            path="/v1/templates/{id}/preview",
            name="templates.preview",
            summary="What a template would send, and how long that can become",
            form=Form(PreviewRequest),
            handle=Previews(services).show,
            reply=PreviewReply,
            scope="templates:read",
            refusals=(
                Code.INVALID_NUMBER,
                Code.INVISIBLE_CHARACTERS,
                Code.CONTENT_CONFLICT,
                Code.INVALID_SIGNATURE,
                Code.MISSING_PARAM,
                Code.UNKNOWN_PARAM,
                Code.INVALID_PARAM,
                Code.NOT_FOUND,
            ),
            bodiless=True,
            body_max=SMALL,
            example={"params": {"code": "123456", "minutes": "5"}, "country": "CN"},
            path_params=ID,
        ),
    )
