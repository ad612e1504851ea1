"""A vendor's template taken over: our text, and the binding to the vendor's."""

from dataclasses import replace
from typing import Any

import msgspec

from posthouse.core.errors import Code
from posthouse.core.ports.templates import Approval
from posthouse.core.translation import Notation
from posthouse.services.templates import Foreign, made
from posthouse.web.asgi import Answer
from posthouse.web.body import SMALL, Form
from posthouse.web.dialects.v1.submission import LANES
from posthouse.web.dialects.v1.template_records import TemplateReply, language_of, of_template, told
from posthouse.web.dialects.v1.template_wire import FAULTS, ImportRequest
from posthouse.web.dialects.v1.templates import FAULTY
from posthouse.web.endpoint import Call, Route
from posthouse.web.idempotency import create
from posthouse.web.services import Services

IMPORT = "templates.import"


class Imports:
    """The call that takes a vendor's template over."""

    def __init__(self, services: Services) -> None:
        self._templates = services.templates
        self._submit = services.submit
        self._directory = services.directory

    async def take_over(self, call: Call[ImportRequest]) -> Answer | bytes:
        """Make the template and its binding; a vendor's template is taken over once."""
        wanted, language = call.wanted, language_of(call.headers)
        template = self._templates.draft_import(call.caller.account.id, _foreign(wanted))
        bindings = () if template.binding is None else (template.binding,)
        reply = msgspec.json.encode(of_template(made(template), bindings, language))
        answer = await create(
            call, self._submit, IMPORT, reply, lambda once: self._templates.save(replace(template, once=once))
        )
        if call.replayed:
            return answer
        self._directory.forget()
        return Answer(201, answer, headers=told(language))


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
