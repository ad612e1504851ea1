"""Bindings: which of a vendor's templates a version is, and how the vendor's review of it stands."""

from typing import Any

import msgspec

from posthouse.core.errors import Code
from posthouse.core.ports.templates import Approval
from posthouse.services.reviews import HISTORY_SHOWN
from posthouse.web.asgi import Answer
from posthouse.web.body import SMALL, Form
from posthouse.web.dialects.v1.template_records import (
    BindingRow,
    BindingRows,
    BoundReply,
    language_of,
    of_binding,
    of_bindings,
    of_bound,
    told,
)
from posthouse.web.dialects.v1.template_wire import (
    APPROVAL_FAULTS,
    BindingRequest,
    BindingsQuery,
    VersionQuery,
)
from posthouse.web.dialects.v1.templates import ID
from posthouse.web.endpoint import Call, Route
from posthouse.web.refuse import not_found
from posthouse.web.services import Services


class Bindings:
    """The calls about bindings."""

    def __init__(self, services: Services) -> None:
        self._templates = services.templates
        self._directory = services.directory

    async def every(self, call: Call[BindingsQuery]) -> BindingRows:
        """The bindings of all versions, or of one."""
        account_id, template_id, version = call.caller.account.id, call.path["id"], call.wanted.version
        await self._templates.get(account_id, template_id, version)
        found = await self._templates.approvals(account_id, template_id, version)
        history = await self._templates.history(account_id, template_id, HISTORY_SHOWN)
        return of_bindings(found, history)

    async def put(self, call: Call[BindingRequest]) -> Answer:
        """Bind a version, or write how its review goes on; what stood there is replaced."""
        wanted, language = call.wanted, language_of(call.headers)
        account_id, template_id = call.caller.account.id, call.path["id"]
        binding = await self._templates.bind(
            account_id,
            template_id,
            call.path["vendor"],
            vendor_template_id=wanted.vendor_template_id,
            parameters=wanted.parameters,
            version=wanted.version,
            state=Approval(wanted.state),
            reason=wanted.reason,
        )
        self._directory.forget()
        record = await self._templates.get(account_id, template_id, binding.version)
        reply = of_bound(binding, record.text, language)
        return Answer(200, msgspec.json.encode(reply), headers=told(language))

    async def drop(self, call: Call[VersionQuery]) -> BindingRow:
        """Forget a version's binding; answers it as it was."""
        account_id, template_id, vendor = call.caller.account.id, call.path["id"], call.path["vendor"]
        record = await self._templates.get(account_id, template_id, call.wanted.version)
        found = await self._templates.approvals(account_id, template_id, record.version)
        binding = next((each for each in found if each.vendor == vendor), None)
        if binding is None:
            raise not_found("binding")
        await self._templates.unbind(account_id, template_id, vendor, record.version)
        self._directory.forget()
        return of_binding(binding)


_BINDING = ID | {"vendor": "A vendor, or a channel by its name, as aliyun."}


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The calls about bindings."""
    bindings = Bindings(services)
    return (
        Route(
            method="GET",
            path="/v1/templates/{id}/bindings",
            name="bindings.list",
            summary="How a template is bound to vendors' templates",
            form=Form(BindingsQuery),
            handle=bindings.every,
            reply=BindingRows,
            scope="templates:read",
            refusals=(Code.NOT_FOUND,),
            path_params=ID,
        ),
        Route(
            method="PUT",
            path="/v1/templates/{id}/bindings/{vendor}",
            name="bindings.set",
            summary="Bind a template to a vendor's, or write how the review goes on",
            form=Form(BindingRequest, faults=APPROVAL_FAULTS),
            handle=bindings.put,
            reply=BoundReply,
            scope="templates:write",
            refusals=(Code.NOT_FOUND, Code.UNKNOWN_VENDOR, Code.UNKNOWN_PARAM, Code.TOO_MANY),
            body_max=SMALL,
            example={"vendor_template_id": "SMS_154950909", "parameters": ["code"], "state": "approved"},
            path_params=_BINDING,
        ),
        Route(
            method="DELETE",
            path="/v1/templates/{id}/bindings/{vendor}",
            name="bindings.delete",
            summary="Forget a binding",
            form=Form(VersionQuery),
            handle=bindings.drop,
            reply=BindingRow,
            scope="templates:write",
            refusals=(Code.NOT_FOUND,),
            path_params=_BINDING,
        ),
    )
