"""The caller's account, and the handsets of its sandbox."""

from datetime import datetime

from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import MESSAGE, show
from posthouse.core.ledger import from_micro
from posthouse.core.ports.queries import GetAccount, GetStanding
from posthouse.web.dialects.v1.records import (
    AccountReply,
    BalanceReply,
    SandboxMessage,
    SandboxReply,
    rfc3339,
)
from posthouse.web.dialects.v1.submission import number
from posthouse.web.dialects.v1.wire import SandboxQuery
from posthouse.web.endpoint import Call, Nothing
from posthouse.web.services import Services


class Accounts:
    """The calls about what belongs to an account."""

    def __init__(self, services: Services) -> None:
        self._store = services.store
        self._clock = services.clock
        self._zone = services.zone
        self._handsets = services.handsets

    async def get(self, call: Call[Nothing]) -> AccountReply:
        """The account's standing, and what the key may do."""
        caller = call.caller
        today = datetime.fromtimestamp(self._clock.now() // 1_000_000, self._zone)
        day = today.year * 10_000 + today.month * 100 + today.day
        account = await self._store.read(GetAccount(caller.account.id))
        standing = await self._store.read(GetStanding(caller.account.id, day))
        if account is None or standing is None:
            raise Refusal(Code.NOT_FOUND, resource="account")
        balance = standing.balance
        return AccountReply(
            account=account.name,
            status=account.status.value,
            balance=BalanceReply(
                from_micro(balance.available),
                from_micro(balance.held),
                from_micro(balance.spent),
                account.currency,
            ),
            total_sent=standing.total,
            today_sent=standing.today,
            mode=caller.mode.value,
            role=caller.role.value,
            scopes=sorted(caller.scopes),
        )

    async def sandbox_messages(self, call: Call[SandboxQuery]) -> SandboxReply:
        """What the simulated handsets got of the account's own messages."""
        account, to = call.caller.account, call.wanted.to
        asked = None if to is None else number(to, account.region)
        received = await self._handsets.received(account.id, asked, call.wanted.limit)
        return SandboxReply(
            [
                SandboxMessage(
                    show(MESSAGE, message.message_id),
                    message.to,
                    message.sender,
                    message.text,
                    rfc3339(message.received_at),
                )
                for message in received
            ]
        )
