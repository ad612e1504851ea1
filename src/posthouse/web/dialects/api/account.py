"""The caller's account."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Raw

from posthouse.core.ledger import from_micro
from posthouse.core.ports.admin import AccountStatus
from posthouse.services.standing import standing_of
from posthouse.web.dialects.api.replies import AccountData, AccountReply
from posthouse.web.dialects.api.wire import NoQuery
from posthouse.web.endpoint import Call
from posthouse.web.services import Services

VERIFICATION: Mapping[AccountStatus, Literal["pending", "approved", "rejected"]] = {
    AccountStatus.PENDING: "pending",
    AccountStatus.APPROVED: "approved",
    AccountStatus.REJECTED: "rejected",
    AccountStatus.TRIAL: "pending",  # it may try things out, but nobody has verified it
}


class Accounts:
    """The call about the account."""

    def __init__(self, services: Services) -> None:
        self._store = services.store
        self._clock = services.clock
        self._zone = services.zone

    async def info(self, call: Call[NoQuery]) -> AccountReply:
        """Money, counters and verification."""
        now = self._clock.now()
        account, standing = await standing_of(self._store, call.caller.account.id, self._zone, now)
        # A number written by us: a float would drop the zeros of 100.00, and round what has more digits.
        balance = Raw(from_micro(standing.balance.available).encode())
        return AccountReply(
            success=True,
            data=AccountData(balance, standing.total, standing.today, VERIFICATION[account.status]),
        )
