"""A vendor's template taken over: our text, and the binding to the vendor's."""

from dataclasses import replace
from typing import Any

import msgspec

from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.templates import Approval, TemplateRecord
from posthouse.core.translation import Notation
from posthouse.services.templates import Foreign, Imported, Templates, made
from posthouse.web.asgi import Answer
from posthouse.web.body import SMALL, Form
from posthouse.web.dialects.v1.submission import LANES
from posthouse.web.dialects.v1.template_records import TemplateReply, language_of, of_template, told
from posthouse.web.dialects.v1.template_wire import FAULTS, ImportRequest
from posthouse.web.dialects.v1.templates import FAULTY
from posthouse.web.endpoint import Call, Route
from posthouse.web.idempotency import mark_of
from posthouse.web.services import Services

IMPORT = "templates.import"


class _Made(msgspec.Struct):
    """What we need of a stored reply."""

    template_id: str


class Imports:
    """The call that takes a vendor's template over."""

    def __init__(self, services: Services) -> None:
        self._templates = Templates(services.store, services.clock, services.ids, services.directory.vendors)
        self._submit = services.submit
        self._directory = services.directory

    async def take_over(self, call: Call[ImportRequest]) -> Answer | bytes:
        """Make the template, then its binding; repeated, it makes up for what broke off in between."""
        caller, wanted, language = call.caller, call.wanted, language_of(call.headers)
        mark = mark_of(call.headers, wanted)
        imported = self._templates.draft_import(caller.account.id, _foreign(wanted))
        template, binding = imported
        reply = msgspec.json.encode(of_template(made(template), (binding,), language))
        if mark is not None:
            once = self._submit.once(caller, IMPORT, mark.key, mark.request, reply)
            template = replace(template, once=once)
        try:
            kept = await self._templates.save(template)
        except Refusal as refusal:
            left = await self._left(imported, refusal)
            kept, reply = None, msgspec.json.encode(of_template(left, (binding,), language))
        template_id = template.template_id
        if kept is not None:
            call.replayed = True
            template_id = msgspec.json.decode(kept, type=_Made).template_id
        try:
            await self._templates.bind_imported(caller.account.id, template_id, binding)
        except Refusal as refusal:
            if kept is None or refusal.code is not Code.NOT_FOUND:  # else it was deleted meanwhile
                raise
        self._directory.forget()
        return Answer(201, reply, headers=told(language)) if kept is None else kept

    async def _left(self, imported: Imported, refusal: Refusal) -> TemplateRecord:
        """What an earlier try has left behind, if it is that which stands in the way."""
        left = None
        if refusal.code is Code.ALREADY_EXISTS:
            left = await self._templates.broken_off(imported)
        if left is None:
            raise refusal
        return left


def _foreign(wanted: ImportRequest) -> Foreign:
    return Foreign(
        vendor=Notation(wanted.vendor),
        text=wanted.text,
        vendor_template_id=wanted.vendor_template_id,
        name=wanted.name,
        kind=LANES[wanted.kind],
        names=wanted.names,
        template_id=wanted.id,
        state=Approval(wanted.state),
    )


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The call that takes a vendor's template over."""
    return (
        Route(
            method="POST",
            path="/v1/templates/import",
            name="templates.import",
            summary="Take over a template as it stands with a vendor",
            form=Form(ImportRequest, faults={name: FAULTS[name] for name in ("vendor", "kind", "state")}),
            handle=Imports(services).take_over,
            reply=TemplateReply,
            status=201,
            scope="templates:write",
            refusals=(*FAULTY, Code.ALREADY_EXISTS, Code.TOO_MANY),
            idempotent=True,
            body_max=SMALL,
            example={
                "vendor": "tencent",
                "vendor_template_id": "1400001",
                "text": "【驿站】您的验证码是{1}，{2}分钟内有效。",
                "names": ["code", "minutes"],
                "name": "登录验证码",
                "kind": "otp",
                "state": "approved",
            },
        ),
    )
