"""The caller's account."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from posthouse.core.message import Mode
from posthouse.core.ports.admin import AccountStatus, Role
from posthouse.services.standing import standing_of
from posthouse.web.body import Form
from posthouse.web.dialects.v1.account_rules import Limited, QuietHours, of_limits
from posthouse.web.dialects.v1.admin_records import of_balance
from posthouse.web.dialects.v1.records import BalanceReply
from posthouse.web.endpoint import Call, Nothing, Route
from posthouse.web.services import Services


class AccountReply(Struct):
    """The account behind the key, and what the key may do."""

    account: Annotated[str, Meta(examples=["default"])]
    status: Annotated[str, Meta(examples=["approved"], extra_json_schema={"enum": list(AccountStatus)})]
    balance: BalanceReply
    total_sent: Annotated[int, Meta(description="Messages ever accepted.")]
    today_sent: Annotated[int, Meta(description="Messages accepted today, in the server's zone.")]
    quiet_hours: QuietHours | None
    recipient_limits: Limited
    mode: Annotated[str, Meta(extra_json_schema={"enum": list(Mode)})]
    role: Annotated[str, Meta(extra_json_schema={"enum": list(Role)})]
    scopes: Annotated[list[str], Meta(examples=[["messages:read", "messages:write"]])]


class OwnAccount:
    """The call about the caller's account."""

    def __init__(self, services: Services) -> None:
        self._store = services.store
        self._clock = services.clock
        self._zone = services.zone

    async def get(self, call: Call[Nothing]) -> AccountReply:
        """The account's standing, and what the key may do."""
        caller = call.caller
        now = self._clock.now()
        account, standing = await standing_of(self._store, caller.account.id, self._zone, now)
        return AccountReply(
            account=account.name,
            status=account.status.value,
            balance=of_balance(standing.balance, account.currency),
            total_sent=standing.total,
            today_sent=standing.today,
            quiet_hours=None if account.quiet_hours is None else str(account.quiet_hours),
            recipient_limits=of_limits(account.recipient_limits),
            mode=caller.mode.value,
            role=caller.role.value,
            scopes=sorted(caller.scopes),
        )


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The call about the caller's account."""
    return (
        Route(
            method="GET",
            path="/v1/account",
            name="account.get",
            summary="The account behind the key",
            form=Form(Nothing),
            handle=OwnAccount(services).get,
            reply=AccountReply,
            scope="account:read",
        ),
    )
