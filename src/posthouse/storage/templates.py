"""Templates and their versions; every change raises the directory's version."""

import json
from functools import lru_cache

from sqlalchemy import Select, bindparam, func, insert, select, update

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Lane
from posthouse.core.ports.templates import (
    FIRST_TEMPLATE,
    TEMPLATES_MAX,
    UNCHANGED,
    VERSIONS_MAX,
    DeleteTemplate,
    EditTemplate,
    GetTemplate,
    ListTemplates,
    ListVersions,
    SaveTemplate,
    Subject,
    TemplateRecord,
)
from posthouse.core.template import Variable, check, variables_of
from posthouse.storage import idempotency
from posthouse.storage.approving import write_approval
from posthouse.storage.counters import raising_version
from posthouse.storage.group import Group
from posthouse.storage.schema import NONE_SKIPPED, approvals, fixed, template_versions, templates
from posthouse.storage.tx import Row, Statement, Tx

EVER_MAX = 10 * TEMPLATES_MAX
"""Of an account, with those deleted: their ids stay taken, and everything of an account is loaded at once."""

_TAKEN = Statement(
    select(templates.c.deleted_at).where(
        templates.c.account_id == bindparam("account"), templates.c.template_id == bindparam("wanted")
    ),
    "account",
    "wanted",
)
_TAKEN_OVER = Statement(
    select(templates.c.template_id)
    .join(approvals, approvals.c.subject_id == templates.c.id)
    .where(
        approvals.c.subject == fixed(Subject.TEMPLATE.value),
        approvals.c.account_id == bindparam("account"),
        approvals.c.vendor == bindparam("of_vendor"),
        approvals.c.vendor_id == bindparam("theirs"),
        templates.c.deleted_at.is_(None),
    )
    .order_by(templates.c.id),
    "account",
    "of_vendor",
    "theirs",
)
_HOW_MANY = Statement(
    select(func.count(), func.count(templates.c.deleted_at)).where(
        templates.c.account_id == bindparam("account")
    ),
    "account",
)
_TEMPLATE = Statement(
    insert(templates),
    "id",
    "account_id",
    "template_id",
    "name",
    "kind",
    "version",
    "created_at",
    "updated_at",
)
_VERSION = Statement(
    insert(template_versions), "template", "version", "text", "signature", "variables", "created_at"
)
_EDIT = Statement(
    update(templates)
    .ordered_values(
        (templates.c.name, bindparam("new_name")),
        (templates.c.version, bindparam("newest")),
        (templates.c.updated_at, bindparam("at")),
    )
    .where(templates.c.id == bindparam("template")),
    "new_name",
    "newest",
    "at",
    "template",
)
_DELETE = Statement(
    update(templates)
    .ordered_values((templates.c.deleted_at, bindparam("at")))
    .where(
        templates.c.account_id == bindparam("account"),
        templates.c.template_id == bindparam("wanted"),
        templates.c.deleted_at.is_(None),
    ),
    "at",
    "account",
    "wanted",
)

_IS_NEWEST = template_versions.c.version == templates.c.version


def _records() -> Select[Row]:
    """Rows for `_record`: of an account's templates that are not deleted, every version."""
    return (
        select(
            templates.c.id,
            templates.c.template_id,
            templates.c.name,
            templates.c.kind,
            template_versions.c.version,
            templates.c.version,
            template_versions.c.text,
            template_versions.c.signature,
            template_versions.c.variables,
            templates.c.created_at,
            templates.c.updated_at,
            template_versions.c.created_at,
        )
        .join(template_versions, template_versions.c.template == templates.c.id)
        .where(templates.c.account_id == bindparam("account"), templates.c.deleted_at.is_(None))
    )


_NEWEST = Statement(
    _records().where(templates.c.template_id == bindparam("wanted"), _IS_NEWEST), "account", "wanted"
)
_ONE = Statement(
    _records().where(
        templates.c.template_id == bindparam("wanted"), template_versions.c.version == bindparam("number")
    ),
    "account",
    "wanted",
    "number",
)
_LIST = Statement(
    _records()
    .where(_IS_NEWEST, templates.c.id > bindparam("after"))
    .order_by(templates.c.id)
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "account",
    "after",
    "limit",
)
_VERSIONS = Statement(
    _records()
    .where(templates.c.template_id == bindparam("wanted"), template_versions.c.version < bindparam("before"))
    .order_by(template_versions.c.version.desc())
    .limit(bindparam("limit"))
    .offset(NONE_SKIPPED),
    "account",
    "wanted",
    "before",
    "limit",
)
_NO_VERSION = 2**31 - 1


@raising_version
def save_template(group: Group, command: SaveTemplate) -> bytes | None:
    """Make a template whose id was never used, and its binding where a vendor's was taken over."""
    tx, once = group.tx, command.once
    if once is not None and (replayed := idempotency.reply(tx, once)) is not None:
        return replayed
    _check_free(tx, command)
    [(ever, deleted)] = tx.rows(_HOW_MANY, command.account_id)
    if ever - deleted >= TEMPLATES_MAX:
        raise Refusal(Code.TOO_MANY, limit=TEMPLATES_MAX)
    if ever >= EVER_MAX:
        raise Refusal(Code.TOO_MANY, limit=EVER_MAX)
    _store(tx, command)
    if command.binding is not None:
        write_approval(tx, (Subject.TEMPLATE.value, command.row), command.account_id, command.binding)
    idempotency.keep(tx, once, command.at)
    return None


def _check_free(tx: Tx, new: SaveTemplate) -> None:
    """Refuse with ALREADY_EXISTS an id that was used, and a vendor's template that is ours already."""
    if new.binding is not None:
        known = tx.row(_TAKEN_OVER, new.account_id, new.binding.vendor, new.binding.vendor_id)
        if known is not None:
            raise Refusal(Code.ALREADY_EXISTS, param="vendor_template_id", resource="template", id=known[0])
    taken = tx.row(_TAKEN, new.account_id, new.template_id)
    if taken is not None:
        fact = "id" if taken[0] is None else "deleted_id"
        raise Refusal(Code.ALREADY_EXISTS, param="id", resource="template", **{fact: new.template_id})


def save_first_template(tx: Tx, account_id: int, at: int) -> None:
    """Give a new account the template that every account begins with; its row has the account's number."""
    template_id, name, text = FIRST_TEMPLATE
    _store(
        tx,
        SaveTemplate(
            account_id=account_id,
            row=account_id,
            template_id=template_id,
            name=name,
            kind=Lane.OTP,
            text=text,
            signature=None,
            variables=variables_of(text),
            at=at,
        ),
    )


@raising_version
def edit_template(group: Group, command: EditTemplate) -> TemplateRecord:
    """Change the name in place; make a new version of what vendors review, where it differs."""
    tx, at = group.tx, command.at
    row = tx.row(_NEWEST, command.account_id, command.template_id)
    if row is None:
        raise Refusal(Code.NOT_FOUND, resource="template")
    before = _record(row)
    renamed = before if command.name is UNCHANGED else before._replace(name=command.name)
    after = _edited(renamed, command)
    if after == before:
        return before
    if after != renamed:
        newest = before.version + 1
        if newest > VERSIONS_MAX:
            raise Refusal(Code.TOO_MANY, limit=VERSIONS_MAX)
        after = after._replace(version=newest, newest=newest)
        variables = _write_variables(after.variables)
        tx.run(_VERSION, after.row, newest, after.text, after.signature, variables, at)
    tx.run(_EDIT, after.name, after.newest, at, after.row)
    return after._replace(updated_at=at)


def _edited(before: TemplateRecord, command: EditTemplate) -> TemplateRecord:
    """What vendors review, as it is to be. Refuses as `check` and `variables_of` do."""
    text = before.text if command.text is UNCHANGED else command.text
    signature = before.signature if command.signature is UNCHANGED else command.signature
    check(text, signature=signature)
    if command.lengths is not UNCHANGED:
        return before._replace(text=text, signature=signature, variables=variables_of(text, command.lengths))
    kept = dict(before.variables)
    variables = tuple(Variable(name, kept.get(name, usual)) for name, usual in variables_of(text))
    return before._replace(text=text, signature=signature, variables=variables)


@raising_version
def delete_template(group: Group, command: DeleteTemplate) -> None:
    """Take a template out of use, once."""
    if not group.tx.run(_DELETE, command.at, command.account_id, command.template_id):
        raise Refusal(Code.NOT_FOUND, resource="template")


def get_template(tx: Tx, query: GetTemplate) -> TemplateRecord | None:
    """With its newest version, or the one that is asked for."""
    wanted = (query.account_id, query.template_id)
    row = tx.row(_NEWEST, *wanted) if query.version is None else tx.row(_ONE, *wanted, query.version)
    return None if row is None else _record(row)


def list_templates(tx: Tx, query: ListTemplates) -> list[TemplateRecord]:
    """Oldest first."""
    return [_record(row) for row in tx.rows(_LIST, query.account_id, query.after_row, query.limit)]


def list_versions(tx: Tx, query: ListVersions) -> list[TemplateRecord]:
    """Newest first."""
    before = _NO_VERSION if query.before is None else query.before
    rows = tx.rows(_VERSIONS, query.account_id, query.template_id, before, query.limit)
    return [_record(row) for row in rows]


@lru_cache(maxsize=4096)
def read_variables(stored: str) -> tuple[Variable, ...]:
    """The variables of a version, from its column."""
    return tuple(Variable(name, max_length) for name, max_length in json.loads(stored))


def _write_variables(variables: tuple[Variable, ...]) -> str:
    return json.dumps(variables, ensure_ascii=False)


def _store(tx: Tx, new: SaveTemplate) -> None:
    tx.run(_TEMPLATE, new.row, new.account_id, new.template_id, new.name, new.kind.value, 1, new.at, new.at)
    tx.run(_VERSION, new.row, 1, new.text, new.signature, _write_variables(new.variables), new.at)


def _record(row: Row) -> TemplateRecord:
    """An older version was last changed when it was made."""
    made_at = row[-1]
    record = TemplateRecord(*row[:-1])
    return record._replace(
        kind=Lane(record.kind),
        variables=read_variables(row[8]),
        updated_at=record.updated_at if record.version == record.newest else made_at,
    )
