"""What a template would be with these parameters, and at its longest."""

from collections.abc import Mapping
from dataclasses import dataclass

from posthouse.core import phone
from posthouse.core.errors import Code, Refusal
from posthouse.core.lint import Finding, lint
from posthouse.core.ports.templates import TemplateRecord
from posthouse.core.respelling import Misfit, misfits
from posthouse.core.sizing import Sized, without_names, worst
from posthouse.core.template import Template
from posthouse.core.text import Measure, measure, with_signature


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text as it would be sent, signature included, with its size."""

    text: str
    measure: Measure
    misfits: tuple[Misfit, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """A template looked at.

    `rendered` is None without parameters, where the template has variables. `misfits` are those of the
    template's own text, where they stand in it as it is written.
    """

    signature: str | None
    rendered: Rendered | None
    worst_case: Sized
    misfits: tuple[Misfit, ...]
    findings: tuple[Finding, ...]


def preview(
    record: TemplateRecord,
    params: Mapping[str, str] | None,
    *,
    country: str,
    signature: str | None = None,
) -> Preview:
    """Look at one version, under another signature than its own where one is given.

    `country` is an ISO region such as `CN`. Refuses as `Template.fill` does.
    """
    signature = record.signature if signature is None else signature
    rendered = None
    if params is not None or not record.variables:
        filled = template_of(record).fill(params or {})
        full = with_signature(filled, signature)
        measured = measure(full, country=country)
        rendered = Rendered(full, measured, misfits(full, measured.culprits))
    longest = worst(record.text, record.variables, signature, country=country)
    return Preview(
        signature,
        rendered,
        longest,
        misfits(without_names(record.text), longest.culprits),
        lint(record.text, record.kind, signature, record.variables),
    )


def counted_country(to: str | None, country: str | None, *, region: str) -> str:
    """Where a text is counted for: a number's country, the one named, or the account's own (`region`).

    Refuses with CONTENT_CONFLICT where both are given, INVALID_NUMBER, INVISIBLE_CHARACTERS, INVALID_VALUE.
    """
    if to is not None:
        if country is not None:
            raise Refusal(Code.CONTENT_CONFLICT, param="country", text_field="to", template_field="country")
        return phone.read_field(to, "to", region=region).country
    if country is None:
        return region
    if country not in phone.REGIONS:
        raise Refusal(Code.INVALID_VALUE, param="country", kind="country")
    return country


def template_of(record: TemplateRecord) -> Template:
    """The version itself, without its bindings."""
    return Template(
        record.template_id, record.kind, record.version, record.text, record.signature, record.variables
    )
