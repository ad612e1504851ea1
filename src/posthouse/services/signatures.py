"""Signatures: register them, and keep how each vendor's review of them stands."""

from collections.abc import Sequence

from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import Ids, show
from posthouse.core.ports.store import Clock, Store
from posthouse.core.ports.templates import (
    Approval,
    ApprovalChange,
    ApprovalRecord,
    ApprovalsOf,
    DeleteSignature,
    DropApproval,
    GetApprovals,
    GetHistory,
    GetSignature,
    ListSignatures,
    SaveSignature,
    SetApproval,
    SignatureRecord,
    Subject,
)
from posthouse.core.text import check_signature
from posthouse.services.naming import check_id, check_line
from posthouse.services.reviews import VENDOR_ID_MAX, check_reason, kind_of

PREFIX = "sgn_"


class Signatures:
    """The signatures of accounts."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, vendors: frozenset[str]) -> None:
        """`vendors`: the kinds this program knows, configured or not."""
        self._store = store
        self._clock = clock
        self._ids = ids
        self._vendors = vendors

    def draft(self, account_id: int, *, name: str, signature_id: str | None = None) -> SaveSignature:
        """The signature that would be registered. Refuses with INVALID_SIGNATURE and INVALID_VALUE."""
        now = self._clock.now()
        row = self._ids.take(now)
        return SaveSignature(
            account_id=account_id,
            row=row,
            signature_id=show(PREFIX, row) if signature_id is None else check_id(signature_id),
            name=check_signature(name, "name"),
            at=now,
        )

    async def save(self, wanted: SaveSignature) -> bytes | None:
        """Register it; answers the stored reply where its idempotency key was used before."""
        return await self._store.write(wanted)

    async def get(self, account_id: int, signature_id: str) -> SignatureRecord:
        """A signature. Refuses with NOT_FOUND."""
        found = await self._store.read(GetSignature(account_id, signature_id))
        if found is None:
            raise Refusal(Code.NOT_FOUND, resource="signature")
        return found

    async def page(self, account_id: int, limit: int, after: int = 0) -> list[SignatureRecord]:
        """Signatures behind the row `after`, oldest first."""
        return await self._store.read(ListSignatures(account_id, limit, after))

    async def delete(self, account_id: int, signature_id: str) -> None:
        """Forget a signature. Refuses with NOT_FOUND."""
        await self._store.write(DeleteSignature(account_id, signature_id))

    async def approve(
        self,
        account_id: int,
        signature_id: str,
        vendor: str,
        *,
        state: Approval,
        reason: str | None = None,
        vendor_id: str | None = None,
    ) -> ApprovalRecord:
        """Write how a vendor's review stands; the same once more changes nothing.

        Refuses with NOT_FOUND, UNKNOWN_VENDOR, INVALID_VALUE and TOO_MANY.
        """
        await self.get(account_id, signature_id)
        await kind_of(self._store, self._vendors, account_id, vendor)
        if vendor_id is not None:
            check_line(vendor_id, "vendor_signature_id", VENDOR_ID_MAX)
        now = self._clock.now()
        wanted = ApprovalRecord(0, vendor, vendor_id, (), state, check_reason(reason), now)
        return await self._store.write(SetApproval(account_id, Subject.SIGNATURE, signature_id, wanted))

    async def disapprove(self, account_id: int, signature_id: str, vendor: str) -> None:
        """Forget what a vendor made of it; the history stays. Refuses with NOT_FOUND."""
        await self._store.write(DropApproval(account_id, Subject.SIGNATURE, signature_id, 0, vendor))

    async def approvals(self, account_id: int, signature_id: str) -> list[ApprovalRecord]:
        """How it stands with all vendors."""
        return await self._store.read(GetApprovals(account_id, Subject.SIGNATURE, signature_id))

    async def approvals_of(self, page: Sequence[SignatureRecord]) -> dict[int, list[ApprovalRecord]]:
        """How each of a page stands with all vendors, by its row."""
        return await self._store.read(ApprovalsOf(Subject.SIGNATURE, tuple(each.row for each in page)))

    async def history(self, account_id: int, signature_id: str, limit: int) -> list[ApprovalChange]:
        """The steps of its reviews, newest first."""
        return await self._store.read(GetHistory(account_id, Subject.SIGNATURE, signature_id, limit))
