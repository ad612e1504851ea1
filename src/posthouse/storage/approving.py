"""What vendors make of templates and signatures, and how it came to that."""

import json
from functools import lru_cache

from sqlalchemy import bindparam, delete, func, insert, select

from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.templates import (
    APPROVALS_MAX,
    HISTORY_MAX,
    Approval,
    ApprovalChange,
    ApprovalRecord,
    ApprovalsOf,
    DropApproval,
    GetApprovals,
    GetHistory,
    SetApproval,
    Subject,
)
from posthouse.storage.counters import raising_version
from posthouse.storage.group import Group
from posthouse.storage.schema import (
    NONE_SKIPPED,
    approval_changes,
    approvals,
    fixed,
    signatures,
    template_versions,
    templates,
)
from posthouse.storage.tx import Row, Statement, Tx, Upsert

_SUBJECTS = {
    Subject.TEMPLATE: Statement(
        select(templates.c.id).where(
            templates.c.account_id == bindparam("account"),
            templates.c.template_id == bindparam("wanted"),
            templates.c.deleted_at.is_(None),
        ),
        "account",
        "wanted",
    ),
    Subject.SIGNATURE: Statement(
        select(signatures.c.id).where(
            signatures.c.account_id == bindparam("account"), signatures.c.signature_id == bindparam("wanted")
        ),
        "account",
        "wanted",
    ),
}
_HAS_VERSION = Statement(
    select(template_versions.c.version).where(
        template_versions.c.template == bindparam("template"),
        template_versions.c.version == bindparam("wanted"),
    ),
    "template",
    "wanted",
)

_OF_SUBJECT = (
    approvals.c.subject == bindparam("of_kind"),
    approvals.c.subject_id == bindparam("of_id"),
)
_OF_VENDOR = (
    *_OF_SUBJECT,
    approvals.c.version == bindparam("of_version"),
    approvals.c.vendor == bindparam("of_vendor"),
)
_FIELDS = [approvals.c[name] for name in ApprovalRecord._fields]
_CURRENT = Statement(select(*_FIELDS).where(*_OF_VENDOR), "of_kind", "of_id", "of_version", "of_vendor")
_ALL = Statement(
    select(*_FIELDS).where(*_OF_SUBJECT).order_by(approvals.c.version.desc(), approvals.c.vendor),
    "of_kind",
    "of_id",
)
_HOW_MANY = Statement(select(func.count()).select_from(approvals).where(*_OF_SUBJECT), "of_kind", "of_id")
_KEPT = ("vendor_id", "parameters", "state", "reason", "updated_at")
_SET = Upsert(
    approvals,
    lambda insert_: insert_.on_conflict_do_update(
        index_elements=["subject", "subject_id", "version", "vendor"],
        set_={name: insert_.excluded[name] for name in _KEPT},
    ),
    "subject",
    "subject_id",
    "version",
    "vendor",
    "account_id",
    *_KEPT,
)
_DROP = Statement(delete(approvals).where(*_OF_VENDOR), "of_kind", "of_id", "of_version", "of_vendor")
_FORGET = Statement(delete(approvals).where(*_OF_SUBJECT), "of_kind", "of_id")

_CHANGE = Statement(
    insert(approval_changes), "subject", "subject_id", "version", "vendor", "state", "reason", "at"
)
_STEPS_OF_SUBJECT = (
    approval_changes.c.subject == bindparam("of_kind"),
    approval_changes.c.subject_id == bindparam("of_id"),
)
_HISTORY = Statement(
    select(*(approval_changes.c[name] for name in ApprovalChange._fields))
    .where(*_STEPS_OF_SUBJECT)
    .order_by(approval_changes.c.id.desc())
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "of_kind",
    "of_id",
    "limit",
)
_FORGET_HISTORY = Statement(delete(approval_changes).where(*_STEPS_OF_SUBJECT), "of_kind", "of_id")

_newer = approval_changes.alias("newer")
_TRIM = Statement(
    delete(approval_changes).where(
        *_STEPS_OF_SUBJECT,
        approval_changes.c.id
        <= select(_newer.c.id)
        .where(_newer.c.subject == bindparam("kind"), _newer.c.subject_id == bindparam("id_"))
        .order_by(_newer.c.id.desc())
        .limit(fixed(1))
        .offset(fixed(HISTORY_MAX))
        .scalar_subquery(),
    ),
    "of_kind",
    "of_id",
    "kind",
    "id_",
)


@raising_version
def set_approval(group: Group, command: SetApproval) -> ApprovalRecord:
    """Write where a review stands, and a step into its history where that is news."""
    tx, new = group.tx, command.approval
    subject = _subject(tx, command.account_id, command.subject, command.subject_id)
    if subject is None or not _has_version(tx, subject, new.version):
        raise Refusal(Code.NOT_FOUND, resource=command.subject.value)
    row = tx.row(_CURRENT, *subject, new.version, new.vendor)
    if row is not None and _record(row) == new._replace(updated_at=row[-1]):
        return _record(row)
    if row is None and tx.rows(_HOW_MANY, *subject)[0][0] >= APPROVALS_MAX:
        raise Refusal(Code.TOO_MANY, limit=APPROVALS_MAX)
    write_approval(tx, subject, command.account_id, new)
    return new


def write_approval(tx: Tx, subject: tuple[str, int], account_id: int, new: ApprovalRecord) -> None:
    """Write where a review stands, and the step. `subject`: its kind and its row."""
    tx.run(
        _SET,
        *subject,
        new.version,
        new.vendor,
        account_id,
        new.vendor_id,
        json.dumps(new.parameters, ensure_ascii=False),
        new.state.value,
        new.reason,
        new.updated_at,
    )
    tx.run(_CHANGE, *subject, new.version, new.vendor, new.state.value, new.reason, new.updated_at)
    tx.run(_TRIM, *subject, *subject)


@raising_version
def drop_approval(group: Group, command: DropApproval) -> None:
    """Forget one vendor's; its history stays."""
    subject = _subject(group.tx, command.account_id, command.subject, command.subject_id)
    if subject is None:
        raise Refusal(Code.NOT_FOUND, resource=command.subject.value)
    if not group.tx.run(_DROP, *subject, command.version, command.vendor):
        bound = command.subject is Subject.TEMPLATE
        raise Refusal(Code.NOT_FOUND, resource="binding" if bound else "approval")


def forget_approvals(tx: Tx, subject: Subject, row: int) -> None:
    """Take out all of one subject, its history too."""
    tx.run(_FORGET, subject.value, row)
    tx.run(_FORGET_HISTORY, subject.value, row)


def get_approvals(tx: Tx, query: GetApprovals) -> list[ApprovalRecord]:
    """The newest version's first, by vendor."""
    subject = _subject(tx, query.account_id, query.subject, query.subject_id)
    found = [] if subject is None else [_record(row) for row in tx.rows(_ALL, *subject)]
    return [each for each in found if query.version in (None, each.version)]


def approvals_of(tx: Tx, query: ApprovalsOf) -> dict[int, list[ApprovalRecord]]:
    """As `get_approvals`, by row."""
    return {row: [_record(each) for each in tx.rows(_ALL, query.subject.value, row)] for row in query.rows}


def get_history(tx: Tx, query: GetHistory) -> list[ApprovalChange]:
    """Newest first."""
    subject = _subject(tx, query.account_id, query.subject, query.subject_id)
    rows = [] if subject is None else tx.rows(_HISTORY, *subject, query.limit)
    return [ApprovalChange(version, vendor, Approval(state), *rest) for version, vendor, state, *rest in rows]


@lru_cache(maxsize=4096)
def read_parameters(stored: str) -> tuple[tuple[str, str], ...]:
    """The parameters of a binding, from its column."""
    return tuple((theirs, ours) for theirs, ours in json.loads(stored))


def _subject(tx: Tx, account_id: int, subject: Subject, subject_id: str) -> tuple[str, int] | None:
    """The first two columns of the keys of both tables."""
    row = tx.row(_SUBJECTS[subject], account_id, subject_id)
    return None if row is None else (subject.value, int(row[0]))


def _has_version(tx: Tx, subject: tuple[str, int], version: int) -> bool:
    kind, row = subject
    return version == 0 if kind == Subject.SIGNATURE else tx.row(_HAS_VERSION, row, version) is not None


def _record(row: Row) -> ApprovalRecord:
    record = ApprovalRecord(*row)
    return record._replace(parameters=read_parameters(row[3]), state=Approval(record.state))
