"""What the calls about templates and signatures answer."""

from collections.abc import Iterable, Sequence
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import asdict

from posthouse.core.catalogue import Language, negotiate
from posthouse.core.lint import Finding, Rule, left_out, lint, worded
from posthouse.core.message import Lane
from posthouse.core.ports.templates import (
    Approval,
    ApprovalChange,
    ApprovalRecord,
    SignatureRecord,
    TemplateRecord,
)
from posthouse.core.template import Variable
from posthouse.core.times import rfc3339
from posthouse.web.asgi import Fields, Headers
from posthouse.web.dialects.v1.pages import NextCursor
from posthouse.web.dialects.v1.records import Time

TemplateId = Annotated[
    str, Meta(description="Names the template when sending.", examples=["tpl_0c7xk3m9p2q4r"])
]
_Kind = Annotated[str, Meta(examples=["otp"], extra_json_schema={"enum": [lane.label for lane in Lane]})]
_Text = Annotated[str, Meta(examples=["Your code is {code}."])]
_Signature = Annotated[str | None, Meta(description="Placed in front within 【】.", examples=["驿站"])]
_State = Annotated[str, Meta(examples=["approved"], extra_json_schema={"enum": list(Approval)})]
_Vendor = Annotated[str, Meta(description="A vendor, or a channel by its name.", examples=["aliyun"])]
_VendorId = Annotated[str | None, Meta(description="The vendor's own id of it.", examples=["SMS_154950909"])]
_Reason = Annotated[
    str | None, Meta(description="Why, in the vendor's words.", examples=["含有未报备的链接"])
]


class VariableRow(Struct):
    """A variable of a template."""

    name: Annotated[str, Meta(examples=["code"])]
    max_length: Annotated[int, Meta(description="Characters of its longest value.", examples=[64])]


class Warned(Struct):
    """What a vendor's reviewers may refuse."""

    rule: Annotated[str, Meta(examples=["link"], extra_json_schema={"enum": list(Rule)})]
    message: Annotated[
        str, Meta(examples=["Reviewers often refuse links."], description="In the caller's language.")
    ]
    position: Annotated[
        int | None, Meta(description="Where in the text, in characters from 0; null: all of it.")
    ]


class BindingRow(Struct):
    """Which of a vendor's templates a version is, and how the vendor's review of it stands."""

    vendor: _Vendor
    vendor_template_id: Annotated[str, Meta(description="The vendor's own id.", examples=["SMS_154950909"])]
    version: Annotated[int, Meta(description="The version it is of; no other is sent with it.")]
    parameters: Annotated[
        dict[str, str],
        Meta(
            description="The vendor's name or place of a parameter → our variable, in the vendor's order.",
            examples=[{"1": "code"}],
        ),
    ]
    state: _State
    reason: _Reason
    updated_at: Time


class BoundReply(BindingRow):
    """A binding as it stands, and what may be wrong with it."""

    warnings: Annotated[
        list[Warned], Meta(description="Variables of the template that it does not pass on to the vendor.")
    ]


class Step(Struct):
    """One step of a review."""

    vendor: _Vendor
    state: _State
    reason: _Reason
    at: Time


class BindingStep(Step):
    """One step of the review of a version."""

    version: int


class TemplateReply(Struct):
    """A template, by one of its versions."""

    template_id: TemplateId
    name: Annotated[str, Meta(examples=["Login code"])]
    kind: _Kind
    text: _Text
    signature: _Signature
    version: Annotated[int, Meta(description="Messages name the one they were sent with.", examples=[1])]
    variables: Annotated[list[VariableRow], Meta(description="In the order of the text.")]
    warnings: Annotated[
        list[Warned], Meta(description="What reviewers may refuse; it can be sent all the same.")
    ]
    bindings: Annotated[list[BindingRow], Meta(description="Of this version.")]
    created_at: Time
    updated_at: Time


class TemplateRows(Struct):
    """Templates by their newest versions, oldest first."""

    data: list[TemplateReply]
    next_cursor: NextCursor


class VersionRow(Struct):
    """One version of a template: it is never changed."""

    version: Annotated[int, Meta(examples=[1])]
    text: _Text
    signature: _Signature
    variables: list[VariableRow]
    updated_at: Time


class VersionRows(Struct):
    """The versions of a template, newest first."""

    data: list[VersionRow]
    next_cursor: NextCursor


class BindingRows(Struct):
    """Bindings of a template, of its newest version first, and how their reviews went."""

    data: list[BindingRow]
    history: Annotated[
        list[BindingStep], Meta(description="The last 100 steps of all versions, newest first.")
    ]


class ApprovalRow(Struct):
    """How a vendor's review of a signature stands."""

    vendor: _Vendor
    vendor_signature_id: _VendorId
    state: _State
    reason: _Reason
    updated_at: Time


class SignatureRow(Struct):
    """A registered signature."""

    signature_id: Annotated[str, Meta(examples=["sgn_0c7xk3m9p2q4r"])]
    name: Annotated[str, Meta(description="The bare name, without 【】.", examples=["驿站"])]
    approvals: list[ApprovalRow]
    created_at: Time


class SignatureReply(SignatureRow):
    """A registered signature, and how its reviews went."""

    history: Annotated[list[Step], Meta(description="The last 100 steps, newest first.")]


class SignatureRows(Struct):
    """Registered signatures, oldest first."""

    data: list[SignatureRow]
    next_cursor: NextCursor


def language_of(headers: Headers) -> Language:
    """The language that the caller wants warnings in."""
    return negotiate(headers.get(b"accept-language", b"").decode("latin-1"))


def told(language: Language) -> Fields:
    """The headers of an answer with sentences in it."""
    return ((b"content-language", b"zh-CN" if language == "zh" else b"en"), (b"vary", b"accept-language"))


def of_template(
    record: TemplateRecord, bindings: Iterable[ApprovalRecord], language: Language
) -> TemplateReply:
    """A template with the bindings of its version."""
    return TemplateReply(
        template_id=record.template_id,
        name=record.name,
        kind=record.kind.label,
        text=record.text,
        signature=record.signature,
        version=record.version,
        variables=_variables(record.variables),
        warnings=of_findings(lint(record.text, record.kind, record.signature, record.variables), language),
        bindings=[of_binding(binding) for binding in bindings],
        created_at=rfc3339(record.created_at),
        updated_at=rfc3339(record.updated_at),
    )


def of_version(record: TemplateRecord) -> VersionRow:
    """One version of a template."""
    return VersionRow(
        record.version,
        record.text,
        record.signature,
        _variables(record.variables),
        rfc3339(record.updated_at),
    )


def of_findings(findings: Iterable[Finding], language: Language) -> list[Warned]:
    """Warnings in words."""
    return [Warned(finding.rule.value, worded(finding, language), finding.position) for finding in findings]


def of_binding(binding: ApprovalRecord) -> BindingRow:
    """A binding that is stored."""
    return BindingRow(
        binding.vendor,
        binding.vendor_id or "",
        binding.version,
        dict(binding.parameters),
        binding.state.value,
        binding.reason,
        rfc3339(binding.updated_at),
    )


def of_bound(binding: ApprovalRecord, text: str, language: Language) -> BoundReply:
    """A binding of a version with this text."""
    missed = left_out(text, (ours for _, ours in binding.parameters))
    return BoundReply(**asdict(of_binding(binding)), warnings=of_findings(missed, language))


def of_bindings(found: Sequence[ApprovalRecord], history: Sequence[ApprovalChange]) -> BindingRows:
    """All of a template's."""
    return BindingRows(
        [of_binding(binding) for binding in found],
        [
            BindingStep(step.vendor, step.state.value, step.reason, rfc3339(step.at), step.version)
            for step in history
        ],
    )


def of_approval(approval: ApprovalRecord) -> ApprovalRow:
    """How a review of a signature stands."""
    return ApprovalRow(
        approval.vendor,
        approval.vendor_id,
        approval.state.value,
        approval.reason,
        rfc3339(approval.updated_at),
    )


def of_signature(record: SignatureRecord, approvals: Iterable[ApprovalRecord]) -> SignatureRow:
    """A signature as it stands in a list."""
    return SignatureRow(
        record.signature_id,
        record.name,
        [of_approval(approval) for approval in approvals],
        rfc3339(record.created_at),
    )


def of_reviewed(
    record: SignatureRecord, approvals: Iterable[ApprovalRecord], history: Iterable[ApprovalChange]
) -> SignatureReply:
    """A signature with the history of its reviews."""
    return SignatureReply(
        record.signature_id,
        record.name,
        [of_approval(approval) for approval in approvals],
        rfc3339(record.created_at),
        [Step(step.vendor, step.state.value, step.reason, rfc3339(step.at)) for step in history],
    )


def _variables(variables: Iterable[Variable]) -> list[VariableRow]:
    return [VariableRow(name, max_length) for name, max_length in variables]
