"""What there is to know of templates, signatures and suppressions."""

from __future__ import annotations

from typing import Literal, TypedDict

from posthouse_sdk.records.messages import CulpritCharacter
from posthouse_sdk.words import Encoding, Purpose, ReviewState, TemplateKind


class VariableRow(TypedDict):
    """A variable of a template."""

    name: str
    max_length: int


class Warned(TypedDict):
    """What a vendor's reviewers may refuse."""

    rule: Literal[
        "several_signatures",
        "signature_in_text",
        "only_variables",
        "adjacent_variables",
        "marketing_variable",
        "otp_link",
        "variable_link",
        "short_link",
        "link",
        "no_opt_out",
        "opt_out",
        "otp_without_code",
        "otp_variables",
        "otp_wording",
        "contact",
        "symbol",
        "too_long",
        "too_many_parts",
        "left_out",
    ]
    message: str
    position: int | None


class BindingRow(TypedDict):
    """Which of a vendor's templates a version is, and how the vendor's review of it stands."""

    vendor: str
    vendor_template_id: str
    version: int
    parameters: dict[str, str]
    state: ReviewState
    reason: str | None
    updated_at: str


class TemplateReply(TypedDict):
    """A template, by one of its versions."""

    template_id: str
    name: str
    kind: TemplateKind
    text: str
    signature: str | None
    version: int
    variables: list[VariableRow]
    warnings: list[Warned]
    bindings: list[BindingRow]
    created_at: str
    updated_at: str


class VersionRow(TypedDict):
    """One version of a template: it is never changed."""

    version: int
    text: str
    signature: str | None
    variables: list[VariableRow]
    updated_at: str


class WorstCase(TypedDict):
    """The longest message of a template: every variable at its full length, in characters of GSM-7."""

    segments: int
    encoding: Encoding
    units: int
    segments_unicode: int
    culprits: list[CulpritCharacter]


class PreviewReply(TypedDict):
    """What a template would send; nothing was."""

    template_id: str
    version: int
    country: str
    signature: str | None
    text: str | None
    segments: int | None
    encoding: Encoding | None
    units: int | None
    culprits: list[CulpritCharacter]
    worst_case: WorstCase
    warnings: list[Warned]


class BindingStep(TypedDict):
    """One step of the review of a version."""

    vendor: str
    state: ReviewState
    reason: str | None
    at: str
    version: int


class BindingRows(TypedDict):
    """Bindings of a template, of its newest version first, and how their reviews went."""

    data: list[BindingRow]
    history: list[BindingStep]


class BoundReply(TypedDict):
    """A binding as it stands, and what may be wrong with it."""

    vendor: str
    vendor_template_id: str
    version: int
    parameters: dict[str, str]
    state: ReviewState
    reason: str | None
    updated_at: str
    warnings: list[Warned]


class ApprovalRow(TypedDict):
    """How a vendor's review of a signature stands."""

    vendor: str
    vendor_signature_id: str | None
    state: ReviewState
    reason: str | None
    updated_at: str


class SignatureRow(TypedDict):
    """A registered signature."""

    signature_id: str
    name: str
    approvals: list[ApprovalRow]
    created_at: str


class Step(TypedDict):
    """One step of a review."""

    vendor: str
    state: ReviewState
    reason: str | None
    at: str


class SignatureReply(TypedDict):
    """A registered signature, and how its reviews went."""

    signature_id: str
    name: str
    approvals: list[ApprovalRow]
    created_at: str
    history: list[Step]


class SuppressionRow(TypedDict):
    """A number that gets nothing from the account."""

    suppression_id: str
    to: str
    purpose: Purpose | None
    reason: str | None
    created_at: str
