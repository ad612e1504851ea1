"""What a message will say: a text, a template of the account's own, or one that only a vendor knows.

Checked, rendered and measured when the message is taken in. The text of a template is not kept: it is
rendered once more at dispatch (`services/rendering.py`), from the version that the message remembers.
"""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from posthouse.core import text
from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Lane
from posthouse.core.ports.templates import Own
from posthouse.core.template import Template
from posthouse.core.words import WordList
from posthouse.services.submission import Submission

_COUNTED_MAX = 2_000
"""Of a text with more characters than this nobody needs to know how many parts too long it is."""


class Content(NamedTuple):
    """What a message says, as far as it is stored with it.

    Attributes:
        lane: what it is for, unless the sender says otherwise.
        params: JSON in clear, in the template's order.
        version: of the account's own template.
    """

    encoding: str
    parts: int
    lane: Lane
    signature: str | None
    params: str | None = None
    version: int | None = None


def of_text(body: str | None, signature: str | None, words: WordList, *, country: str) -> Content:
    """A text of the caller's own."""
    if body is None:
        raise Refusal(Code.CONTENT_MISSING, param="body")
    _check_signature(signature, words, param="signature")
    full = text.with_signature(body, signature)
    if (problem := _problem(body, full, country)) is not None:
        raise _bad_text(problem, full, country, param="body", culprit=text.forbidden(body))
    words.check(full, param="body")
    measure = text.measure(full, country=country)
    return Content(measure.encoding.value, measure.parts, Lane.NOTIFICATION, signature)


def of_template(wanted: Submission, template_id: str, own: Own, *, country: str) -> Content:
    """A template: the account's own where it has one of this id, else the vendor's."""
    if wanted.body is not None:
        raise Refusal(Code.CONTENT_CONFLICT, param="body")
    template = own.templates.get(template_id)
    return _foreign(wanted, own.words) if template is None else _own(wanted, template, own.words, country)


def as_json(given: Mapping[str, str] | None) -> str | None:
    """As it is stored; None for nothing."""
    return msgspec.json.encode(given).decode() if given else None


def _foreign(wanted: Submission, words: WordList) -> Content:
    _check_signature(wanted.signature, words, param="signature")
    params = wanted.params
    if wanted.values is not None:
        params = {str(place): value for place, value in enumerate(wanted.values, 1)}
    if words and params:
        for name, value in params.items():
            words.check(value, param=f"params.{name}")
    # The vendor's own template: its length is not ours to know.
    return Content(text.Encoding.UCS2.value, 1, Lane.NOTIFICATION, wanted.signature, as_json(params))


def _own(wanted: Submission, template: Template, words: WordList, country: str) -> Content:
    if template.deleted:
        raise Refusal(Code.TEMPLATE_DELETED, param="template_id")
    if template.kind is Lane.MARKETING and wanted.lane not in (None, Lane.MARKETING):
        raise Refusal(Code.MARKETING_TEMPLATE, param="purpose")
    given = _named(wanted, template)
    body = template.fill(given)
    params = {name: given[name] for name, _ in template.variables}
    signature, origin = wanted.signature, "signature"
    if signature is None:
        signature, origin = template.signature, "template_id"
    _check_signature(signature, words, param=origin)
    full = text.with_signature(body, signature)
    if (problem := _problem(body, full, country)) is not None:
        raise _bad_rendering(problem, params, full, country)
    if words:
        for name, value in params.items():
            words.check(value, param=f"params.{name}")
        words.check(full, param="template_id")
    measure = text.measure(full, country=country)
    return Content(
        measure.encoding.value, measure.parts, template.kind, signature, as_json(params), template.version
    )


def _check_signature(signature: str | None, words: WordList, *, param: str) -> None:
    """Alone and first: what is wrong with it is not the fault of the text behind it."""
    if signature:
        if (culprit := text.forbidden(signature)) is not None:
            raise Refusal(Code.INVALID_TEXT, param=param, **culprit.facts())
        words.check(signature, param=param)


def _named(wanted: Submission, template: Template) -> Mapping[str, str]:
    """The parameters by name. Refuses with MISSING_PARAM and UNKNOWN_PARAM a wrong count of values."""
    values, variables = wanted.values, template.variables
    if values is None:
        return wanted.params or {}
    if len(values) == len(variables):
        return {variable.name: value for variable, value in zip(variables, values, strict=True)}
    known = ", ".join(variable.name for variable in variables)
    if len(values) < len(variables):
        missing = variables[len(values)].name
        raise Refusal(Code.MISSING_PARAM, param=f"params.{missing}", known=known)
    raise Refusal(Code.UNKNOWN_PARAM, param=f"params.{len(variables) + 1}", known=known)


def _problem(body: str, full: str, country: str) -> text.TextProblem | None:
    problem = text.problem(body, country=country)
    if problem is None and full is not body:
        problem = text.problem(full, country=country)
    return problem


def _bad_rendering(problem: text.TextProblem, params: Mapping[str, str], full: str, country: str) -> Refusal:
    """The refusal of a rendered text, by the variable that spoils it, where it is one's doing."""
    for name, value in params.items():
        if (culprit := text.forbidden(value)) is not None:
            return _bad_text(problem, full, country, param=f"params.{name}", culprit=culprit)
    return _bad_text(problem, full, country, param="params" if params else "template_id", culprit=None)


def _bad_text(
    problem: text.TextProblem, full: str, country: str, *, param: str, culprit: text.Culprit | None
) -> Refusal:
    match problem:
        case text.TextProblem.EMPTY:
            return Refusal(Code.EMPTY_TEXT, param=param)
        case text.TextProblem.TOO_LONG:
            counted = len(full) <= _COUNTED_MAX
            parts = {"parts": text.measure(full, country=country).parts} if counted else {}
            return Refusal(Code.TEXT_TOO_LONG, param=param, limit=text.PARTS_MAX, **parts)
        case _:
            return Refusal(Code.INVALID_TEXT, param=param, **({} if culprit is None else culprit.facts()))
