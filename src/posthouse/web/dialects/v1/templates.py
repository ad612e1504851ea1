"""Templates: made, edited, listed and deleted, each account's own."""

from dataclasses import replace
from typing import Any

import msgspec

from posthouse.core.errors import Code
from posthouse.core.ports.templates import UNCHANGED, TemplateRecord
from posthouse.services.templates import made
from posthouse.web.asgi import Answer
from posthouse.web.body import SMALL, Form
from posthouse.web.dialects.v1.pages import PageQuery, cut, position
from posthouse.web.dialects.v1.submission import LANES
from posthouse.web.dialects.v1.template_records import (
    TemplateReply,
    TemplateRows,
    VersionRows,
    language_of,
    of_template,
    of_version,
    told,
)
from posthouse.web.dialects.v1.template_wire import FAULTS, TemplateChanges, TemplateRequest, VersionQuery
from posthouse.web.endpoint import Call, Nothing, Route
from posthouse.web.idempotency import create
from posthouse.web.services import Services

CREATE = "templates.create"

FAULTY = (
    Code.EMPTY_TEXT,
    Code.INVALID_TEXT,
    Code.INVALID_TEMPLATE,
    Code.UNKNOWN_PARAM,
    Code.INVALID_SIGNATURE,
    Code.TEXT_TOO_LONG,
)
"""What can be wrong with a template's text."""


class TemplateCalls:
    """The calls about templates."""

    def __init__(self, services: Services) -> None:
        self._templates = services.templates
        self._submit = services.submit
        self._directory = services.directory

    async def create(self, call: Call[TemplateRequest]) -> Answer | bytes:
        """Make a template, with version 1."""
        caller, wanted, language = call.caller, call.wanted, language_of(call.headers)
        template = self._templates.draft(
            caller.account.id,
            name=wanted.name,
            kind=LANES[wanted.kind],
            text=wanted.text,
            template_id=wanted.id,
            signature=wanted.signature,
            lengths=wanted.variables,
        )
        reply = msgspec.json.encode(of_template(made(template), (), language))
        answer = await create(
            call, self._submit, CREATE, reply, lambda once: self._templates.save(replace(template, once=once))
        )
        if call.replayed:
            return answer
        self._directory.forget()
        return Answer(201, answer, headers=told(language))

    async def page(self, call: Call[PageQuery]) -> Answer:
        """The account's templates by their newest versions, oldest first."""
        wanted, language = call.wanted, language_of(call.headers)
        account_id = call.caller.account.id
        found = await self._templates.page(account_id, wanted.limit + 1, position(wanted.cursor) or 0)
        page, cursor = cut(found, wanted.limit, lambda record: record.row)
        bindings = await self._templates.approvals_of(page)
        rows = [of_template(record, bindings[record.row], language) for record in page]
        reply = TemplateRows(rows, cursor)
        return Answer(200, msgspec.json.encode(reply), headers=told(language))

    async def get(self, call: Call[VersionQuery]) -> Answer:
        """One template, by its newest version or another."""
        account_id = call.caller.account.id
        record = await self._templates.get(account_id, call.path["id"], call.wanted.version)
        return await self._answer(call, record)

    async def edit(self, call: Call[TemplateChanges]) -> Answer:
        """Change a template; messages accepted before keep the version they were accepted with."""
        wanted = call.wanted
        record = await self._templates.edit(
            call.caller.account.id,
            call.path["id"],
            name=UNCHANGED if wanted.name is msgspec.UNSET else wanted.name,
            text=UNCHANGED if wanted.text is msgspec.UNSET else wanted.text,
            signature=UNCHANGED if wanted.signature is msgspec.UNSET else wanted.signature,
            lengths=UNCHANGED if wanted.variables is msgspec.UNSET else wanted.variables,
        )
        self._directory.forget()
        return await self._answer(call, record)

    async def delete(self, call: Call[Nothing]) -> Answer:
        """Take a template out of use for ever; answers it as it was."""
        account_id, template_id = call.caller.account.id, call.path["id"]
        record = await self._templates.get(account_id, template_id)
        answer = await self._answer(call, record)
        await self._templates.delete(account_id, template_id)
        self._directory.forget()
        return answer

    async def versions(self, call: Call[PageQuery]) -> VersionRows:
        """A template's versions, newest first."""
        wanted = call.wanted
        found = await self._templates.versions(
            call.caller.account.id, call.path["id"], wanted.limit + 1, position(wanted.cursor)
        )
        page, cursor = cut(found, wanted.limit, lambda record: record.version)
        return VersionRows([of_version(record) for record in page], cursor)

    async def _answer(self, call: Call[Any], record: TemplateRecord) -> Answer:
        language = language_of(call.headers)
        bindings = await self._templates.approvals_of([record])
        reply = of_template(record, bindings[record.row], language)
        return Answer(200, msgspec.json.encode(reply), headers=told(language))


ID = {"id": "The template's id, as tpl_0c7xk3m9p2q4r."}


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The calls about templates."""
    calls = TemplateCalls(services)
    return (
        Route(
            method="GET",
            path="/v1/templates",
            name="templates.list",
            summary="Templates, oldest first",
            form=Form(PageQuery),
            handle=calls.page,
            reply=TemplateRows,
            scope="templates:read",
        ),
        Route(
            method="POST",
            path="/v1/templates",
            name="templates.create",
            summary="Make a template",
            form=Form(TemplateRequest, faults={"kind": FAULTS["kind"]}),
            handle=calls.create,
            reply=TemplateReply,
            status=201,
            scope="templates:write",
            refusals=(*FAULTY, Code.ALREADY_EXISTS, Code.TOO_MANY),
            idempotent=True,
            body_max=SMALL,
            example={
                "id": "login-code",
                "name": "Login code",
                "kind": "otp",
                "text": "Your code is {code}. It is good for {minutes} minutes.",
                "variables": {"code": 10, "minutes": 2},
            },
        ),
        Route(
            method="GET",
            path="/v1/templates/{id}",
            name="templates.get",
            summary="Look a template up",
            form=Form(VersionQuery),
            handle=calls.get,
            reply=TemplateReply,
            scope="templates:read",
            refusals=(Code.NOT_FOUND,),
            path_params=ID,
        ),
        Route(
            method="PATCH",
            path="/v1/templates/{id}",
            name="templates.update",
            summary="Change a template: another text makes a version",
            form=Form(TemplateChanges),
            handle=calls.edit,
            reply=TemplateReply,
            scope="templates:write",
            refusals=(*FAULTY, Code.NOT_FOUND),
            body_max=SMALL,
            example={"text": "{code} is your code. It is good for {minutes} minutes."},
            path_params=ID,
        ),
        Route(
            method="DELETE",
            path="/v1/templates/{id}",
            name="templates.delete",
            summary="Take a template out of use",
            form=Form(Nothing),
            handle=calls.delete,
            reply=TemplateReply,
            scope="templates:write",
            refusals=(Code.NOT_FOUND,),
            path_params=ID,
        ),
        Route(
            method="GET",
            path="/v1/templates/{id}/versions",
            name="templates.versions",
            summary="What a template said before",
            form=Form(PageQuery),
            handle=calls.versions,
            reply=VersionRows,
            scope="templates:read",
            refusals=(Code.NOT_FOUND,),
            path_params=ID,
        ),
    )
