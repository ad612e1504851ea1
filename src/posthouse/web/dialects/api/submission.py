"""From a request's fields to the core's `Submission`."""

from collections.abc import Mapping

import msgspec

from posthouse.core.errors import Code, Refusal
from posthouse.services.submission import Submission
from posthouse.web.body import check_sendable
from posthouse.web.dialects.api.wire import PARAM_MAX, PARAM_NAME_MAX, PARAMS_MAX, Content


def submission(phone: str, wanted: Content) -> Submission:
    """What the core is asked for."""
    if not wanted.template_id.isprintable():
        raise Refusal(Code.INVALID_VALUE, param="template_id")
    params = wanted.params
    if isinstance(params, list) and params:
        raise Refusal(Code.WRONG_TYPE, param="params", expected="object")
    return Submission(
        phone,
        template_id=wanted.template_id,
        params=_texts(params) if isinstance(params, dict) and params else None,
        pin=wanted.provider or None,
    )


def _texts(params: Mapping[str, object]) -> dict[str, str]:
    """The parameters with every value a text."""
    if len(params) > PARAMS_MAX:
        raise Refusal(Code.INVALID_VALUE, param="params", items_max=PARAMS_MAX)
    return {name: _text(name, value) for name, value in params.items()}


def _text(name: str, value: object) -> str:
    """The value as a text; of a number with decimals we no longer know how it was written."""
    if not name:
        raise Refusal(Code.INVALID_VALUE, param="params", kind="named")
    param = f"params.{name[:PARAM_NAME_MAX]}"
    if len(name) > PARAM_NAME_MAX:
        raise Refusal(Code.INVALID_VALUE, param=param, name_max=PARAM_NAME_MAX)
    check_sendable(name, param)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise Refusal(Code.WRONG_TYPE, param=param, expected="string or integer")
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    if len(text) > PARAM_MAX:
        raise Refusal(Code.INVALID_VALUE, param=param, length_max=PARAM_MAX)
    check_sendable(text, param)
    return text
