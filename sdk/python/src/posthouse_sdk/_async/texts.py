"""Templates and their bindings, signatures, suppressions."""

from __future__ import annotations

from typing import Unpack

from posthouse_sdk._async.paging import AsyncPager
from posthouse_sdk._async.resource import AsyncResource
from posthouse_sdk.records.texts import (
    ApprovalRow,
    BindingRow,
    BindingRows,
    BoundReply,
    PreviewReply,
    SignatureReply,
    SignatureRow,
    SuppressionRow,
    TemplateReply,
    VersionRow,
)
from posthouse_sdk.requests.lists import Pages, SuppressionFilter
from posthouse_sdk.requests.texts import (
    ApprovalRequest,
    BindingRequest,
    ImportRequest,
    PreviewRequest,
    SignatureRequest,
    SuppressionRequest,
    TemplateChanges,
    TemplateRequest,
)


class AsyncTemplates(AsyncResource):
    """Texts with places for values."""

    def list(self, **which: Unpack[Pages]) -> AsyncPager[TemplateReply]:
        """All templates."""
        return self._all(TemplateReply, "templates.list", which)

    async def create(self, **request: Unpack[TemplateRequest]) -> TemplateReply:
        """Make a template: `name`, `kind`, `text`."""
        return await self._ask(TemplateReply, "templates.create", body=request)

    async def get(self, id: str, *, version: int | None = None) -> TemplateReply:
        """A template, by its newest version or an older one."""
        return await self._ask(TemplateReply, "templates.get", query={"version": version}, id=id)

    async def update(self, id: str, **changes: Unpack[TemplateChanges]) -> TemplateReply:
        """Change what is named; a new text makes a new version."""
        return await self._ask(TemplateReply, "templates.update", body=changes, id=id)

    async def delete(self, id: str) -> TemplateReply:
        """Delete a template; its id is not used again."""
        return await self._ask(TemplateReply, "templates.delete", id=id)

    def versions(self, id: str, **which: Unpack[Pages]) -> AsyncPager[VersionRow]:
        """Its versions, newest first."""
        return self._all(VersionRow, "templates.versions", which, id=id)

    async def import_(self, **request: Unpack[ImportRequest]) -> TemplateReply:
        """Take over a vendor's template, with its binding."""
        return await self._ask(TemplateReply, "templates.import", body=request)

    async def preview(self, id: str, **request: Unpack[PreviewRequest]) -> PreviewReply:
        """A template filled in, with its parts now and at most."""
        return await self._ask(PreviewReply, "templates.preview", body=request, id=id)


class AsyncBindings(AsyncResource):
    """Which of a vendor's templates says the same as one of ours."""

    async def list(self, id: str, *, version: int | None = None) -> BindingRows:
        """The template's bindings, and how their reviews went."""
        return await self._ask(BindingRows, "bindings.list", query={"version": version}, id=id)

    async def set(self, id: str, vendor: str, **request: Unpack[BindingRequest]) -> BoundReply:
        """Bind the template to the vendor's `vendor_template_id`."""
        return await self._ask(BoundReply, "bindings.set", body=request, id=id, vendor=vendor)

    async def delete(self, id: str, vendor: str, *, version: int | None = None) -> BindingRow:
        """Unbind it."""
        return await self._ask(
            BindingRow, "bindings.delete", query={"version": version}, id=id, vendor=vendor
        )


class AsyncSignatures(AsyncResource):
    """Names that stand in front of texts."""

    def list(self, **which: Unpack[Pages]) -> AsyncPager[SignatureRow]:
        """All signatures."""
        return self._all(SignatureRow, "signatures.list", which)

    async def create(self, **request: Unpack[SignatureRequest]) -> SignatureRow:
        """Register a signature by its bare `name`."""
        return await self._ask(SignatureRow, "signatures.create", body=request)

    async def get(self, id: str) -> SignatureReply:
        """A signature, and how its reviews went."""
        return await self._ask(SignatureReply, "signatures.get", id=id)

    async def delete(self, id: str) -> SignatureReply:
        """Delete it."""
        return await self._ask(SignatureReply, "signatures.delete", id=id)

    async def approve(self, id: str, vendor: str, **request: Unpack[ApprovalRequest]) -> ApprovalRow:
        """Say how the vendor's review stands."""
        return await self._ask(ApprovalRow, "signatures.approve", body=request, id=id, vendor=vendor)

    async def disapprove(self, id: str, vendor: str) -> ApprovalRow:
        """Forget the vendor's review."""
        return await self._ask(ApprovalRow, "signatures.disapprove", id=id, vendor=vendor)


class AsyncSuppressions(AsyncResource):
    """Numbers that get nothing more."""

    def list(self, **which: Unpack[SuppressionFilter]) -> AsyncPager[SuppressionRow]:
        """All entries, newest first."""
        return self._all(SuppressionRow, "suppressions.list", which)

    async def create(self, **request: Unpack[SuppressionRequest]) -> SuppressionRow:
        """Write to the number `to` no more."""
        return await self._ask(SuppressionRow, "suppressions.create", body=request)

    async def get(self, id: str) -> SuppressionRow:
        """One entry."""
        return await self._ask(SuppressionRow, "suppressions.get", id=id)

    async def delete(self, id: str) -> SuppressionRow:
        """Take the number off the list."""
        return await self._ask(SuppressionRow, "suppressions.delete", id=id)
