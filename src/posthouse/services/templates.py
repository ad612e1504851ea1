"""Templates: make, edit and bind them, and keep how each vendor's review of them stands."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal, NamedTuple

from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import Ids, show
from posthouse.core.message import Lane
from posthouse.core.ports.store import Clock, Store
from posthouse.core.ports.templates import (
    Approval,
    ApprovalChange,
    ApprovalRecord,
    DeleteTemplate,
    DropApproval,
    EditTemplate,
    GetApprovals,
    GetHistory,
    GetTemplate,
    ListTemplates,
    ListVersions,
    SaveTemplate,
    SetApproval,
    Subject,
    TemplateRecord,
)
from posthouse.core.template import Variable, check, variables_of
from posthouse.core.translation import Notation, translate
from posthouse.services.naming import check_id, check_line
from posthouse.services.reviews import VENDOR_ID_MAX, check_reason, check_vendor, put_approval
from posthouse.services.signatures import check_signature

PREFIX = "tpl_"
RESERVED = frozenset({"import"})
"""Ids that a call of ours has in its path."""

_HISTORY_MAX = 1_000


class _Unchanged(Enum):
    UNCHANGED = "unchanged"


UNCHANGED: Final = _Unchanged.UNCHANGED
"""In place of a field that an edit leaves as it is."""

Unchanged = Literal[_Unchanged.UNCHANGED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """A template as it stands with a vendor.

    Attributes:
        text: in the vendor's own notation.
        names: our names for places that only have a number there.
        template_id: the id it shall have here; None for one of our making.
    """

    vendor: Notation
    text: str
    vendor_template_id: str
    name: str
    kind: Lane
    names: Sequence[str] | None = None
    template_id: str | None = None
    state: Approval = Approval.DRAFT


class Imported(NamedTuple):
    """A vendor's template as ours, and its binding to the vendor's."""

    template: SaveTemplate
    binding: ApprovalRecord


class Templates:
    """The templates of accounts."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, vendors: frozenset[str]) -> None:
        """`vendors`: the kinds this program knows, configured or not."""
        self._store = store
        self._clock = clock
        self._ids = ids
        self._vendors = vendors
        self._editing = asyncio.Lock()

    def draft(
        self,
        account_id: int,
        *,
        name: str,
        kind: Lane,
        text: str,
        template_id: str | None = None,
        signature: str | None = None,
        lengths: Mapping[str, int] | None = None,
    ) -> SaveTemplate:
        """The template that would be made; `lengths`: the longest values of its variables, by name.

        Refuses what `core.template.check` and `variables_of` refuse, INVALID_SIGNATURE, and a faulty id or
        name with INVALID_VALUE.
        """
        now = self._clock.now()
        row = self._ids.take(now)
        return SaveTemplate(
            account_id=account_id,
            row=row,
            template_id=show(PREFIX, row) if template_id is None else check_id(template_id, RESERVED),
            name=check_line(name, "name"),
            kind=kind,
            text=text,
            signature=signature,
            variables=_check(text, signature, lengths),
            at=now,
        )

    async def save(self, wanted: SaveTemplate) -> bytes | None:
        """Make it; answers the stored reply where its idempotency key was used before."""
        return await self._store.write(wanted)

    async def get(self, account_id: int, template_id: str, version: int | None = None) -> TemplateRecord:
        """A template with one of its versions, the newest when None. Refuses with NOT_FOUND."""
        found = await self._store.read(GetTemplate(account_id, template_id, version))
        if found is None:
            raise Refusal(Code.NOT_FOUND, resource="template")
        return found

    async def page(self, account_id: int, limit: int, after: int = 0) -> list[TemplateRecord]:
        """Templates behind the row `after`, oldest first."""
        return await self._store.read(ListTemplates(account_id, limit, after))

    async def versions(
        self, account_id: int, template_id: str, limit: int, before: int | None = None
    ) -> list[TemplateRecord]:
        """A template's versions below `before`, newest first. Refuses with NOT_FOUND."""
        await self.get(account_id, template_id)
        return await self._store.read(ListVersions(account_id, template_id, limit, before))

    async def edit(
        self,
        account_id: int,
        template_id: str,
        *,
        name: str | Unchanged = UNCHANGED,
        text: str | Unchanged = UNCHANGED,
        signature: str | Unchanged | None = UNCHANGED,
        lengths: Mapping[str, int] | Unchanged = UNCHANGED,
    ) -> TemplateRecord:
        """Change a template; another text, signature or length makes a version.

        Lengths that are given replace all of before; else those stay whose variables do. Refuses as `draft`
        does, and with NOT_FOUND.
        """
        async with self._editing:  # what is left out is written as it was read
            known = await self.get(account_id, template_id)
            new_text = known.text if text is UNCHANGED else text
            new_signature = known.signature if signature is UNCHANGED else signature
            wanted = EditTemplate(
                account_id=account_id,
                template_id=template_id,
                name=known.name if name is UNCHANGED else check_line(name, "name"),
                text=new_text,
                signature=new_signature,
                variables=_variables(known, new_text, new_signature, lengths),
                at=self._clock.now(),
            )
            return await self._store.write(wanted)

    async def delete(self, account_id: int, template_id: str) -> None:
        """Take a template out of use for ever. Refuses with NOT_FOUND."""
        await self._store.write(DeleteTemplate(account_id, template_id, self._clock.now()))

    async def bind(
        self,
        account_id: int,
        template_id: str,
        vendor: str,
        *,
        vendor_template_id: str,
        parameters: Sequence[str] | Mapping[str, str] | None = None,
        version: int | None = None,
        state: Approval | None = None,
        reason: str | None = None,
    ) -> ApprovalRecord:
        """Say which of a vendor's templates a version is; what stood there is replaced.

        `parameters`: our variables by the vendor's position, or by its name; all of them in the order of the
        text when None. The same once more changes nothing. Refuses with NOT_FOUND, UNKNOWN_VENDOR,
        UNKNOWN_PARAM, INVALID_VALUE and TOO_MANY.
        """
        record = await self.get(account_id, template_id, version)
        await check_vendor(self._store, self._vendors, account_id, vendor)
        wanted = ApprovalRecord(
            version=record.version,
            vendor=vendor,
            vendor_id=check_line(vendor_template_id, "vendor_template_id", VENDOR_ID_MAX),
            parameters=_parameters(record, parameters),
            state=state or Approval.DRAFT,
            reason=check_reason(reason),
            updated_at=self._clock.now(),
        )
        return await put_approval(self._store, account_id, Subject.TEMPLATE, template_id, wanted)

    async def unbind(
        self, account_id: int, template_id: str, vendor: str, version: int | None = None
    ) -> None:
        """Forget a version's binding; its history stays. Refuses with NOT_FOUND."""
        record = await self.get(account_id, template_id, version)
        dropped = DropApproval(account_id, Subject.TEMPLATE, template_id, record.version, vendor)
        await self._store.write(dropped)

    async def approvals(
        self, account_id: int, template_id: str, version: int | None = None
    ) -> list[ApprovalRecord]:
        """The bindings of one version, or of all."""
        return await self._store.read(GetApprovals(account_id, Subject.TEMPLATE, template_id, version))

    async def history(self, account_id: int, template_id: str, limit: int) -> list[ApprovalChange]:
        """The steps of its reviews, newest first."""
        return await self._store.read(GetHistory(account_id, Subject.TEMPLATE, template_id, limit))

    def draft_import(self, account_id: int, wanted: Foreign) -> Imported:
        """A vendor's template as it would be made here. Refuses as `draft` and `translate` do."""
        translated = translate(wanted.text, wanted.vendor, wanted.names)
        template = self.draft(
            account_id,
            name=wanted.name,
            kind=wanted.kind,
            text=translated.text,
            template_id=wanted.template_id,
            signature=translated.signature,
        )
        binding = ApprovalRecord(
            version=1,
            vendor=wanted.vendor.value,
            vendor_id=check_line(wanted.vendor_template_id, "vendor_template_id", VENDOR_ID_MAX),
            parameters=translated.parameters,
            state=wanted.state,
            reason=None,
            updated_at=template.at,
        )
        return Imported(template, binding)

    async def bind_imported(self, account_id: int, template_id: str, binding: ApprovalRecord) -> None:
        """Write the binding of an imported template, unless that was done before.

        The template is stored first: where an import breaks off in between, its repetition goes on here.
        """
        steps = await self.history(account_id, template_id, _HISTORY_MAX)
        if not any((step.version, step.vendor) == (binding.version, binding.vendor) for step in steps):
            await self._store.write(SetApproval(account_id, Subject.TEMPLATE, template_id, binding))

    async def broken_off(self, wanted: Imported) -> TemplateRecord | None:
        """The template of the very same import, where its binding was never written."""
        template = wanted.template
        found = await self._store.read(GetTemplate(template.account_id, template.template_id))
        if found is None or found.newest != 1 or found.kind is not template.kind:
            return None
        bound = await self.history(template.account_id, template.template_id, 1)
        return found if _says(found) == _says(template) and not bound else None


def made(wanted: SaveTemplate) -> TemplateRecord:
    """A template as it stands once it is saved."""
    return TemplateRecord(
        row=wanted.row,
        template_id=wanted.template_id,
        name=wanted.name,
        kind=wanted.kind,
        version=1,
        newest=1,
        text=wanted.text,
        signature=wanted.signature,
        variables=wanted.variables,
        created_at=wanted.at,
        updated_at=wanted.at,
    )


def _says(template: TemplateRecord | SaveTemplate) -> tuple[str, str, str | None, tuple[Variable, ...]]:
    return template.name, template.text, template.signature, template.variables


def _check(text: str, signature: str | None, lengths: Mapping[str, int] | None) -> tuple[Variable, ...]:
    if signature is not None:
        check_signature(signature, "signature")
    check(text, signature=signature)
    return variables_of(text, lengths)


def _variables(
    known: TemplateRecord, text: str, signature: str | None, lengths: Mapping[str, int] | Unchanged
) -> tuple[Variable, ...]:
    if lengths is UNCHANGED:
        kept = {variable.name: variable.max_length for variable in known.variables}
        usual = _check(text, signature, None)
        return tuple(Variable(each.name, kept.get(each.name, each.max_length)) for each in usual)
    return _check(text, signature, lengths)


def _parameters(
    record: TemplateRecord, given: Sequence[str] | Mapping[str, str] | None
) -> tuple[tuple[str, str], ...]:
    ours = [variable.name for variable in record.variables]
    if isinstance(given, Mapping):
        pairs = tuple(given.items())
    else:
        pairs = tuple((str(place), name) for place, name in enumerate(ours if given is None else given, 1))
    for theirs, name in pairs:
        check_line(theirs, "parameters")
        if name not in ours:
            raise Refusal(Code.UNKNOWN_PARAM, param=f"parameters.{name[:_NAME_SHOWN]}", known=", ".join(ours))
    return pairs


_NAME_SHOWN = 40
