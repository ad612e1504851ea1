"""What vendors make of templates and signatures: the rules that both share."""

from collections.abc import Collection

from posthouse.core import text
from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.channels import ListChannels
from posthouse.core.ports.store import Store
from posthouse.core.translation import Notation

VENDOR_ID_MAX = 100
REASON_MAX = 500
HISTORY_SHOWN = 100

_NOTATIONS = frozenset(notation.value for notation in Notation)
_VENDOR_SHOWN = 40


async def kind_of(store: Store, kinds: Collection[str], account_id: int, vendor: str) -> str:
    """The kind that is meant: of a vendor, configured or not, or of a channel that the account may use.

    Vendors whose templates we can read are known even where we cannot send through them yet. Refuses with
    UNKNOWN_VENDOR.
    """
    if vendor in kinds or vendor in _NOTATIONS:
        return vendor
    for channel in await store.read(ListChannels()):
        if channel.name == vendor and channel.account_id in (None, account_id):
            return channel.vendor
    raise Refusal(Code.UNKNOWN_VENDOR, param="vendor", bound=vendor[:_VENDOR_SHOWN])


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
