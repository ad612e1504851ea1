"""What the calls about templates, signatures and suppressions take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Required, TypedDict

from posthouse_sdk.words import Purpose, ReviewState, TemplateKind


class TemplateRequest(TypedDict, total=False):
    """A template to make."""

    name: Required[str]
    """What it is called, for people."""
    kind: Required[TemplateKind]
    """What its messages are for, unless they say otherwise; marketing is nothing else."""
    text: Required[str]
    """With {variable}s; a brace that is to be printed is doubled."""
    id: str | None
    """An id of your choice, which is not used again for another; ours when absent."""
    signature: str | None
    """Placed in front within 【】, which it must not hold itself."""
    variables: Mapping[str, int] | None
    """The longest value of a variable, in characters; 64 where none is named."""
    idempotency_key: str | None
    """The same key and request get the first reply again, for 72 h; made up when absent."""


class TemplateChanges(TypedDict, total=False):
    """What to change of a template; what is absent stays. All but the name makes a new version."""

    name: str
    """What it is called, for people."""
    text: str
    """With {variable}s; a brace that is to be printed is doubled."""
    signature: str | None
    """Placed in front within 【】, which it must not hold itself."""
    variables: Mapping[str, int]
    """The longest value of a variable, in characters; 64 where none is named."""


class ImportRequest(TypedDict, total=False):
    """A vendor's template to take over."""

    vendor: Required[Literal["aliyun", "huawei", "tencent", "twilio"]]
    """Whose it is, and in whose notation its text stands."""
    text: Required[str]
    """As it stands with the vendor, 【signature】 in front included where there is one."""
    vendor_template_id: Required[str]
    """The vendor's own id of it."""
    name: Required[str]
    """What it is called, for people."""
    kind: Required[TemplateKind]
    """What its messages are for, unless they say otherwise; marketing is nothing else."""
    id: str | None
    """An id of your choice, which is not used again for another; ours when absent."""
    names: Sequence[str] | None
    """Our names for places that have a number only, in their order."""
    state: ReviewState
    """How far the vendor's review has come; only what is approved is sent."""
    idempotency_key: str | None
    """The same key and request get the first reply again, for 72 h; made up when absent."""


class PreviewRequest(TypedDict, total=False):
    """With which parameters, and where to; nothing needs to be said."""

    params: Mapping[str, str | int] | None
    """The template's parameters; numbers with decimals are written as texts."""
    to: str | None
    """A recipient, whose country decides how a text is counted."""
    country: str | None
    """The country itself (ISO 3166, two letters) instead; the account's when absent."""
    signature: str | None
    """Placed in front within 【】, which it must not hold itself."""
    version: int | None
    """Which version; the newest when absent."""


class BindingRequest(TypedDict, total=False):
    """Which of the vendor's templates it is, and how the vendor's review stands."""

    vendor_template_id: Required[str]
    """The vendor's own id of it."""
    parameters: Sequence[str] | Mapping[str, str] | None
    """Our variables in the order of the vendor's places, or the vendor's name of a parameter → our
    variable. When absent all of them: under their own names for vendors whose templates have names
    (aliyun), else in the order of the text.
    """
    state: ReviewState
    """How far the vendor's review has come; only what is approved is sent."""
    reason: str | None
    """Why, in the vendor's words."""
    version: int | None
    """Which version; the newest when absent."""


class SignatureRequest(TypedDict, total=False):
    """A signature to register."""

    name: Required[str]
    """The bare name that will stand within 【】, which it must not hold itself."""
    id: str | None
    """An id of your choice, which is not used again for another; ours when absent."""
    idempotency_key: str | None
    """The same key and request get the first reply again, for 72 h; made up when absent."""


class ApprovalRequest(TypedDict, total=False):
    """How a vendor's review of a signature stands."""

    state: Required[ReviewState]
    """How far the vendor's review has come; only what is approved is sent."""
    reason: str | None
    """Why, in the vendor's words."""
    vendor_signature_id: str | None
    """The vendor's own id of it."""


class SuppressionRequest(TypedDict, total=False):
    """A number to write to no more."""

    to: Required[str]
    """The recipient: E.164, or a number of the account's default region."""
    purpose: Purpose | None
    """For messages of this purpose alone; of all when absent."""
    reason: str | None
    """Why, in words of your own: one line."""
    idempotency_key: str | None
    """The same key and request get the first reply again, for 72 h; made up when absent."""
