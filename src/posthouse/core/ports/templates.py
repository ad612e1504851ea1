"""Templates and signatures: what an account may say, as its vendors know it.

All commands raise the directory's version. Texts are stored once for each version, and versions are never
changed, so that a message can be read back as it was sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Final, Literal, NamedTuple

from posthouse.core.message import Lane
from posthouse.core.ports.life import Once
from posthouse.core.ports.store import Command, Query
from posthouse.core.template import Template, Variable
from posthouse.core.words import WordList

TEMPLATES_MAX = 1_000
SIGNATURES_MAX = 1_000
APPROVALS_MAX = 100
"""Of one template (over all its versions) or signature."""

VERSIONS_MAX = 1_000
"""Of one template."""

HISTORY_MAX = 1_000
"""Steps kept of one template or signature: the newest."""


class _Unchanged(Enum):
    UNCHANGED = "unchanged"


UNCHANGED: Final = _Unchanged.UNCHANGED
"""In place of a field that an edit leaves as it is."""

Unchanged = Literal[_Unchanged.UNCHANGED]


class Approval(StrEnum):
    """How far a vendor's review of a template or signature has come."""

    DRAFT = "draft"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class Subject(StrEnum):
    """What a vendor reviews."""

    TEMPLATE = "template"
    SIGNATURE = "signature"


FIRST_TEMPLATE = ("1", "验证码", "尊敬的{name},您的验证码是{code},请及时输入。")
"""Id, name and text of the template that every account begins with: the notification document's."""


class TemplateRecord(NamedTuple):
    """A template with one of its versions. `row` orders the list."""

    row: int
    template_id: str
    name: str
    kind: Lane
    version: int
    newest: int
    text: str
    signature: str | None
    variables: tuple[Variable, ...]
    created_at: int
    updated_at: int


class ApprovalRecord(NamedTuple):
    """What one vendor (or channel, by its name) makes of a template's version or of a signature.

    `version` is 0 for signatures; `vendor_id` is the vendor's own id of it, where it has one.
    """

    version: int
    vendor: str
    vendor_id: str | None
    parameters: tuple[tuple[str, str], ...]
    state: Approval
    reason: str | None
    updated_at: int


class ApprovalChange(NamedTuple):
    """One step of a review."""

    version: int
    vendor: str
    state: Approval
    reason: str | None
    at: int


class SignatureRecord(NamedTuple):
    """A registered signature: the bare name that stands within 【】."""

    row: int
    signature_id: str
    name: str
    created_at: int


@dataclass(frozen=True, slots=True)
class SaveTemplate(Command[bytes | None]):
    """Make a template, with version 1. Answers the stored reply where the idempotency key was used before.

    `binding` is that of an import, of version 1: it is written along. Refuses with ALREADY_EXISTS (also
    where a deleted template had the id; and where the vendor's template of the binding is one of ours
    already), TOO_MANY and IDEMPOTENCY_KEY_REUSED.
    """

    account_id: int
    row: int
    template_id: str
    name: str
    kind: Lane
    text: str
    signature: str | None
    variables: tuple[Variable, ...]
    at: int
    once: Once | None = None
    binding: ApprovalRecord | None = None


@dataclass(frozen=True, slots=True)
class EditTemplate(Command[TemplateRecord]):
    """Change a template: the name in place; text, signature and variables make a new version if they differ.

    What is unchanged is as it stands then. `lengths` that are given, the longest values by variable, replace
    all of before; else those stay whose variables do. Vendors review a version: the new one has no bindings.
    Refuses with NOT_FOUND and TOO_MANY, and the whole that comes of it as `check` and `variables_of` do.
    """

    account_id: int
    template_id: str
    at: int
    name: str | Unchanged = UNCHANGED
    text: str | Unchanged = UNCHANGED
    signature: str | Unchanged | None = UNCHANGED
    lengths: Mapping[str, int] | Unchanged = UNCHANGED


@dataclass(frozen=True, slots=True)
class DeleteTemplate(Command[None]):
    """Take a template out of use; its versions stay, for messages that name them. Refuses with NOT_FOUND."""

    account_id: int
    template_id: str
    at: int


@dataclass(frozen=True, slots=True)
class SaveSignature(Command[bytes | None]):
    """Register a signature. Answers the stored reply where the idempotency key was used before.

    Refuses with ALREADY_EXISTS (id or name), TOO_MANY and IDEMPOTENCY_KEY_REUSED.
    """

    account_id: int
    row: int
    signature_id: str
    name: str
    at: int
    once: Once | None = None


@dataclass(frozen=True, slots=True)
class DeleteSignature(Command[None]):
    """Forget a signature and its approvals. Refuses with NOT_FOUND."""

    account_id: int
    signature_id: str


@dataclass(frozen=True, slots=True)
class SetApproval(Command[ApprovalRecord]):
    """Write what a vendor makes of a template's version or of a signature, and the step into its history.

    Answers what stands then: where it stood so already, that is no step. Refuses with NOT_FOUND (no such
    subject, or no such version of it) and TOO_MANY.
    """

    account_id: int
    subject: Subject
    subject_id: str
    approval: ApprovalRecord


@dataclass(frozen=True, slots=True)
class DropApproval(Command[None]):
    """Forget a vendor's binding or approval; its history stays. Refuses with NOT_FOUND."""

    account_id: int
    subject: Subject
    subject_id: str
    version: int
    vendor: str


@dataclass(frozen=True, slots=True)
class SetWords(Command[None]):
    """Set an account's whole list of words that its messages must not hold."""

    account_id: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Own:
    """What an account has to say things with.

    Attributes:
        templates: the newest version of each, by id; of deleted ones, that they are.
        signatures: the names of registered signatures, by id.
        approved_signatures: by name: the vendors and channels where it is approved.
    """

    templates: Mapping[str, Template] = field(default_factory=dict)
    signatures: Mapping[str, str] = field(default_factory=dict)
    approved_signatures: Mapping[str, frozenset[str]] = field(default_factory=dict)
    words: WordList = field(default_factory=WordList)


@dataclass(frozen=True, slots=True)
class GetOwn(Query[Own]):
    """Everything of an account at once."""

    account_id: int


@dataclass(frozen=True, slots=True)
class GetVersion(Query[Template | None]):
    """One version of a template, deleted or not, with its approved bindings."""

    account_id: int
    template_id: str
    version: int


@dataclass(frozen=True, slots=True)
class GetTemplate(Query[TemplateRecord | None]):
    """A template that is not deleted, with one of its versions (the newest, when None)."""

    account_id: int
    template_id: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class ListTemplates(Query[list[TemplateRecord]]):
    """The newest versions, oldest template first; `after_row` is exclusive."""

    account_id: int
    limit: int
    after_row: int = 0


@dataclass(frozen=True, slots=True)
class ListVersions(Query[list[TemplateRecord]]):
    """The versions of one template, newest first; `before` is exclusive."""

    account_id: int
    template_id: str
    limit: int
    before: int | None = None


@dataclass(frozen=True, slots=True)
class GetApprovals(Query[list[ApprovalRecord]]):
    """How a subject stands with all vendors: one version's (of a signature: version 0), or all."""

    account_id: int
    subject: Subject
    subject_id: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class ApprovalsOf(Query[dict[int, list[ApprovalRecord]]]):
    """How the subjects of these rows stand with all vendors, by row: for a page of a list."""

    subject: Subject
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GetHistory(Query[list[ApprovalChange]]):
    """The newest `limit` steps of a subject's reviews, newest first."""

    account_id: int
    subject: Subject
    subject_id: str
    limit: int


@dataclass(frozen=True, slots=True)
class GetSignature(Query[SignatureRecord | None]):
    """A registered signature."""

    account_id: int
    signature_id: str


@dataclass(frozen=True, slots=True)
class ListSignatures(Query[list[SignatureRecord]]):
    """Registered signatures, oldest first; `after_row` is exclusive."""

    account_id: int
    limit: int
    after_row: int = 0


@dataclass(frozen=True, slots=True)
class GetWords(Query[tuple[str, ...]]):
    """An account's words, in the order they were given."""

    account_id: int
