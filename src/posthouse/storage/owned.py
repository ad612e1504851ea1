"""What an account has to say things with, as messages need it; and the words it must not use."""

import threading

from sqlalchemy import bindparam, delete, select

from posthouse.core.message import Lane
from posthouse.core.ports.templates import (
    Approval,
    GetOwn,
    GetVersion,
    GetWords,
    Own,
    SetWords,
    Subject,
)
from posthouse.core.template import Binding, Template
from posthouse.core.words import WordList
from posthouse.storage.approving import read_parameters
from posthouse.storage.counters import raising_version
from posthouse.storage.group import Group
from posthouse.storage.schema import approvals, fixed, signatures, template_versions, templates, word_lists
from posthouse.storage.templates import read_variables
from posthouse.storage.tx import Row, Statement, Tx, Upsert

_COLUMNS = (
    templates.c.id,
    templates.c.template_id,
    templates.c.kind,
    template_versions.c.version,
    template_versions.c.text,
    template_versions.c.signature,
    template_versions.c.variables,
    templates.c.deleted_at,
)
"""Rows for `_template`."""
_OF_TEMPLATE = template_versions.c.template == templates.c.id
_IS_LIVE = templates.c.deleted_at.is_(None)

_IS_APPROVED = approvals.c.state == fixed(Approval.APPROVED.value)
_IS_OF_SIGNATURE = approvals.c.subject == fixed(Subject.SIGNATURE.value)
_IS_BOUND = (
    approvals.c.subject == fixed(Subject.TEMPLATE.value),
    _IS_APPROVED,
    approvals.c.vendor_id.is_not(None),
)
_BINDING = (approvals.c.vendor, approvals.c.vendor_id, approvals.c.parameters)

_ALL = Statement(
    select(*_COLUMNS)
    .outerjoin(
        template_versions, _OF_TEMPLATE & (template_versions.c.version == templates.c.version) & _IS_LIVE
    )
    .where(templates.c.account_id == bindparam("account")),
    "account",
)
_ONE = Statement(
    select(*_COLUMNS)
    .join(template_versions, _OF_TEMPLATE)
    .where(
        template_versions.c.version == bindparam("number"),
        templates.c.account_id == bindparam("account"),
        templates.c.template_id == bindparam("wanted"),
    ),
    "number",
    "account",
    "wanted",
)
_ALL_BINDINGS = Statement(
    select(templates.c.id, *_BINDING)
    .join(
        approvals,
        (approvals.c.subject_id == templates.c.id) & (approvals.c.version == templates.c.version),
    )
    .where(*_IS_BOUND, approvals.c.account_id == bindparam("account"), _IS_LIVE),
    "account",
)
_BINDINGS = Statement(
    select(*_BINDING).where(
        *_IS_BOUND,
        approvals.c.subject_id == bindparam("template"),
        approvals.c.version == bindparam("number"),
    ),
    "template",
    "number",
)
_SIGNATURES = Statement(
    select(signatures.c.signature_id, signatures.c.name)
    .where(signatures.c.account_id == bindparam("account"))
    .order_by(signatures.c.id),
    "account",
)
_APPROVED_SIGNATURES = Statement(
    select(signatures.c.name, approvals.c.vendor)
    .join(approvals, approvals.c.subject_id == signatures.c.id)
    .where(_IS_OF_SIGNATURE, _IS_APPROVED, approvals.c.account_id == bindparam("account")),
    "account",
)
_WORDS = Statement(
    select(word_lists.c.words).where(word_lists.c.account_id == bindparam("account")), "account"
)
_SET_WORDS = Upsert(
    word_lists,
    lambda insert_: insert_.on_conflict_do_update(
        index_elements=["account_id"], set_={"words": insert_.excluded.words}
    ),
    "account_id",
    "words",
)
_DROP_WORDS = Statement(delete(word_lists).where(word_lists.c.account_id == bindparam("account")), "account")


@raising_version
def set_words(group: Group, command: SetWords) -> None:
    """Replace an account's list."""
    if command.words:
        group.tx.run(_SET_WORDS, command.account_id, "\n".join(command.words))
    else:
        group.tx.run(_DROP_WORDS, command.account_id)


def get_words(tx: Tx, query: GetWords) -> tuple[str, ...]:
    """In the order they were given."""
    stored = _stored_words(tx, query.account_id)
    return tuple(stored.split("\n")) if stored else ()


def get_own(tx: Tx, query: GetOwn) -> Own:
    """Everything of an account in five statements, however much it has."""
    account_id = query.account_id
    bindings: dict[int, dict[str, Binding]] = {}
    for template, vendor, *binding in tx.rows(_ALL_BINDINGS, account_id):
        bindings.setdefault(template, {})[vendor] = _binding(*binding)
    approved: dict[str, set[str]] = {}
    for name, vendor in tx.rows(_APPROVED_SIGNATURES, account_id):
        approved.setdefault(name, set()).add(vendor)
    return Own(
        {
            row[1]: _template(row, bindings.get(row[0], {})) if row[-1] is None else _GONE
            for row in tx.rows(_ALL, account_id)
        },
        dict(tx.rows(_SIGNATURES, account_id)),
        {name: frozenset(vendors) for name, vendors in approved.items()},
        _word_lists.of(_stored_words(tx, account_id)),
    )


_GONE = Template("", Lane.OTP, 0, "", deleted=True)
"""Stands for every template that was deleted: an account may have thousands of them."""


def get_version(tx: Tx, query: GetVersion) -> Template | None:
    """With what vendors approved of this very version."""
    row = tx.row(_ONE, query.version, query.account_id, query.template_id)
    if row is None:
        return None
    bindings = tx.rows(_BINDINGS, row[0], query.version)
    return _template(row, {vendor: _binding(*binding) for vendor, *binding in bindings})


def _template(row: Row, bindings: dict[str, Binding]) -> Template:
    _, template_id, kind, version, text, signature, variables, deleted_at = row
    return Template(
        template_id,
        Lane(kind),
        version,
        text,
        signature,
        read_variables(variables),
        bindings,
        deleted=deleted_at is not None,
    )


def _binding(vendor_id: str, parameters: str) -> Binding:
    return Binding(vendor_id, read_parameters(parameters))


def _stored_words(tx: Tx, account_id: int) -> str:
    row = tx.row(_WORDS, account_id)
    return "" if row is None else str(row[0])


class _WordLists:
    """Lists by what is stored; ten thousand words take longer to fold than all else of an account to load."""

    def __init__(self) -> None:
        self._known: dict[str, WordList] = {}
        self._building = threading.Lock()

    def of(self, stored: str) -> WordList:
        """The list of these words, which is built once."""
        known = self._known.get(stored)
        if known is None:
            with self._building:
                known = self._known.get(stored)
                if known is None:
                    known = WordList(stored.split("\n"))
                    if len(self._known) >= _LISTS_MAX:
                        del self._known[next(iter(self._known))]
                    self._known[stored] = known
        return known


_LISTS_MAX = 256
_word_lists = _WordLists()
