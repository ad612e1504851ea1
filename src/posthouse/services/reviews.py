"""What vendors make of templates and signatures: the rules that both share."""

from collections.abc import Collection

from posthouse.core import text
from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.queries import ListChannels
from posthouse.core.ports.store import Store
from posthouse.core.ports.templates import ApprovalRecord, GetApprovals, SetApproval, Subject
from posthouse.core.translation import Notation

VENDOR_ID_MAX = 100
REASON_MAX = 500
HISTORY_SHOWN = 100

_NOTATIONS = frozenset(notation.value for notation in Notation)
_VENDOR_SHOWN = 40


async def check_vendor(store: Store, kinds: Collection[str], account_id: int, vendor: str) -> str:
    """A vendor's kind, configured or not, or the name of a channel that the account may use.

    Vendors whose templates we can read are known even where we cannot send through them yet. Refuses with
    UNKNOWN_VENDOR.
    """
    if vendor not in kinds and vendor not in _NOTATIONS:
        channels = await store.read(ListChannels())
        if not any(each.name == vendor and each.account_id in (None, account_id) for each in channels):
            raise Refusal(Code.UNKNOWN_VENDOR, param="vendor", vendor=vendor[:_VENDOR_SHOWN])
    return vendor


def check_reason(given: str | None) -> str | None:
    """Why a vendor refused something, in its own words. Refuses with INVALID_VALUE and INVALID_TEXT."""
    if given is None or not given.strip():
        return None
    if len(given) > REASON_MAX:
        raise Refusal(Code.INVALID_VALUE, param="reason", length_max=REASON_MAX)
    culprit = text.forbidden(given)
    if culprit is not None:
        raise Refusal(Code.INVALID_TEXT, param="reason", **culprit.facts())
    return given


async def put_approval(
    store: Store, account_id: int, subject: Subject, subject_id: str, wanted: ApprovalRecord
) -> ApprovalRecord:
    """Write how a review stands, unless it stands so already: a repetition is no step of it."""
    for known in await store.read(GetApprovals(account_id, subject, subject_id, wanted.version)):
        if known._replace(updated_at=wanted.updated_at) == wanted:
            return known
    await store.write(SetApproval(account_id, subject, subject_id, wanted))
    return wanted
