"""Show what a template says."""

from collections.abc import Mapping, Sequence

import msgspec

from posthouse.core.errors import Code, Refusal
from posthouse.core.text import with_signature
from posthouse.web.body import check_sendable
from posthouse.web.dialects.notify.replies import TemplateReply
from posthouse.web.dialects.notify.wire import TemplateRequest
from posthouse.web.endpoint import Call
from posthouse.web.refuse import not_found


class Templates:
    """The call that fills a template without sending it."""

    async def fill(self, call: Call[TemplateRequest]) -> TemplateReply:
        """The text as a handset would show it."""
        wanted = call.wanted
        template = call.caller.own.templates.get(wanted.template_id)
        if template is None or template.deleted:
            raise not_found("template")
        params = _texts(wanted.params or {})
        return TemplateReply(with_signature(template.fill(params), template.signature))


def _texts(params: Mapping[str, str | int] | Sequence[object]) -> dict[str, str]:
    """The parameters with every value a text."""
    if not isinstance(params, Mapping):
        raise Refusal(Code.WRONG_TYPE, param="params", expected="object")
    texts = {name: as_text(value) for name, value in params.items()}
    for name, value in texts.items():
        check_sendable(value, f"params.{name}")
    return texts


def as_text(value: str | int) -> str:
    """A value as it is written in JSON, without quotes."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
