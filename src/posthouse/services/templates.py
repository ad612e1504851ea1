"""Templates: make, edit and bind them, and keep how each vendor's review of them stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import Ids, show
from posthouse.core.message import Lane
from posthouse.core.ports.store import Clock, Store
from posthouse.core.ports.templates import (
    UNCHANGED,
    Approval,
    ApprovalChange,
    ApprovalRecord,
    ApprovalsOf,
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
    Unchanged,
)
from posthouse.core.template import Variable, check, variables_of
from posthouse.core.text import check_signature
from posthouse.core.translation import NAMED, Notation, translate
from posthouse.services.naming import check_id, check_line
from posthouse.services.reviews import VENDOR_ID_MAX, check_reason, kind_of

PREFIX = "tpl_"
RESERVED = frozenset({"import"})
"""Ids that a call of ours has in its path."""


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


class Templates:
    """The templates of accounts."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, vendors: frozenset[str]) -> None:
        """`vendors`: the kinds this program knows, configured or not."""
        self._store = store
        self._clock = clock
        self._ids = ids
        self._vendors = vendors

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
        if found is not None:
            return found
        if version is not None:
            newest = (await self.get(account_id, template_id)).newest
            raise Refusal(
                Code.NOT_FOUND, param="version", template=template_id, version=version, newest=newest
            )
        raise Refusal(Code.NOT_FOUND, resource="template")

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
        if name is not UNCHANGED:
            check_line(name, "name")
        if signature is not UNCHANGED and signature is not None:
            check_signature(signature, "signature")
        now = self._clock.now()
        return await self._store.write(
            EditTemplate(account_id, template_id, now, name, text, signature, lengths)
        )

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

        `parameters`: our variables by the vendor's position, or by its name; all of them when None, under
        their own names where the vendor has names, else in the order of the text. The same once more
        changes nothing. Refuses with NOT_FOUND, UNKNOWN_VENDOR, UNKNOWN_PARAM, INVALID_VALUE and TOO_MANY.
        """
        record = await self.get(account_id, template_id, version)
        kind = await kind_of(self._store, self._vendors, account_id, vendor)
        wanted = ApprovalRecord(
            version=record.version,
            vendor=vendor,
            vendor_id=check_line(vendor_template_id, "vendor_template_id", VENDOR_ID_MAX),
            parameters=_parameters(record, parameters, named=kind in NAMED),
            state=state or Approval.DRAFT,
            reason=check_reason(reason),
            updated_at=self._clock.now(),
        )
        return await self._store.write(SetApproval(account_id, Subject.TEMPLATE, template_id, wanted))

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

    async def approvals_of(self, page: Sequence[TemplateRecord]) -> dict[int, list[ApprovalRecord]]:
        """The bindings of each of a page, of its version, by its row."""
        found = await self._store.read(ApprovalsOf(Subject.TEMPLATE, tuple(each.row for each in page)))
        return {
            record.row: [each for each in found[record.row] if each.version == record.version]
            for record in page
        }

    async def history(self, account_id: int, template_id: str, limit: int) -> list[ApprovalChange]:
        """The steps of its reviews, newest first."""
        return await self._store.read(GetHistory(account_id, Subject.TEMPLATE, template_id, limit))

    def draft_import(self, account_id: int, wanted: Foreign) -> SaveTemplate:
        """A vendor's template as it would be made here, with its binding.

        An account takes a vendor's template over once. Refuses as `draft` and `translate` do.
        """
        translated = translate(wanted.text, wanted.vendor, wanted.names)
        if translated.signature is not None:
            check_signature(translated.signature, "text")  # where it was given
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
        return replace(template, binding=binding)


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


def _check(text: str, signature: str | None, lengths: Mapping[str, int] | None) -> tuple[Variable, ...]:
    if signature is not None:
        check_signature(signature, "signature")
    check(text, signature=signature)
    return variables_of(text, lengths)


def _parameters(
    record: TemplateRecord, given: Sequence[str] | Mapping[str, str] | None, *, named: bool
) -> tuple[tuple[str, str], ...]:
    ours = [variable.name for variable in record.variables]
    if given is None and named:
        pairs = tuple((name, name) for name in ours)
    elif isinstance(given, Mapping):
        pairs = tuple(given.items())
    else:
        pairs = tuple((str(place), name) for place, name in enumerate(ours if given is None else given, 1))
    for theirs, name in pairs:
        check_line(theirs, "parameters")
        if name not in ours:
            raise Refusal(Code.UNKNOWN_PARAM, param=f"parameters.{name[:_NAME_SHOWN]}", known=", ".join(ours))
    return pairs


_NAME_SHOWN = 40
