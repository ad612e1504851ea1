"""What operators do: open accounts, add money, approve, issue and revoke keys."""

from collections.abc import Callable
from dataclasses import dataclass

from posthouse.core.errors import Code, Refusal
from posthouse.core.keys import SCOPES, Credential, issue, prove
from posthouse.core.message import Mode
from posthouse.core.ports.admin import (
    AccountStatus,
    AddChannel,
    CreateAccount,
    CreateKey,
    CreditAccount,
    NewKey,
    NoteSecret,
    RevokeKey,
    Role,
    SetAccountStatus,
    SetPrice,
)
from posthouse.core.ports.queries import AccountRecord, GetAccount, ListChannels, ListKeys
from posthouse.core.ports.store import Clock, Store
from posthouse.core.routing import Channel

RATE_LIMIT = 5000
FIRST_BALANCE = 100_000_000  # 100.00
FIRST_PRICE = 50_000  # 0.05 a part, everywhere
DEFAULT = "default"
NAME_MAX = 100


class OtherSecret(Exception):
    """The master key is not the one the installation was made with: no credential could be proven."""

    def __init__(self) -> None:
        super().__init__("This data belongs to another secret key: put back the one it was made with.")


@dataclass(frozen=True, slots=True)
class Issued:
    """A new credential in clear, shown once, and whose it is."""

    account: str
    credential: Credential


class Administer:
    """Runs the operator's commands."""

    def __init__(self, store: Store, clock: Clock, *, pepper: bytes, fingerprint: int) -> None:
        """`pepper` keys the hashes of credentials; `fingerprint` tells the secret it comes from."""
        self._fingerprint = fingerprint
        self._store = store
        self._clock = clock
        self._pepper = pepper

    async def initialise(self, issued: Callable[[Issued], None] = lambda _issued: None) -> Issued | None:
        """Fill an empty store: prices, account `default` with 100.00 CNY, sandbox channel, operator key.

        Answers None when all of it is there; what a crash left out is made up for. `issued` is told
        the key before it is stored.
        """
        await self._know_secret()
        if await self._store.read(ListKeys()):
            return None
        if not await self._store.read(ListChannels()):
            sandbox = Channel(0, "sandbox", "sandbox", concurrency=16, simulated=True)
            await self._store.write(AddChannel(sandbox, b"", self._clock.now()))
        if await self._store.read(GetAccount(name=DEFAULT)) is None:
            await self._store.write(SetPrice(0, "*", FIRST_PRICE))
            await self.create_account(DEFAULT, balance=FIRST_BALANCE, status=AccountStatus.APPROVED)
        first = Issued(DEFAULT, issue(Mode.LIVE))
        issued(first)
        account = await self._account(DEFAULT)
        await self._store_key(first.credential, account.id, Role.OPERATOR, SCOPES, None)
        return first

    async def create_account(
        self, name: str, *, balance: int = 0, status: AccountStatus = AccountStatus.PENDING
    ) -> AccountRecord:
        """Open an account, unverified unless said otherwise; `balance` in micro-units."""
        if balance < 0:
            raise Refusal(Code.INVALID_VALUE, param="balance")
        if not name.strip() or len(name) > NAME_MAX or not name.isprintable():
            raise Refusal(Code.INVALID_VALUE, param="name")
        await self._store.write(CreateAccount(name, status, balance, self._clock.now()))
        return await self._account(name)

    async def credit(self, name: str, amount: int) -> int:
        """Add money (micro-units); answers what is available now."""
        if amount <= 0:
            raise Refusal(Code.INVALID_VALUE, param="amount")
        return await self._store.write(CreditAccount(name, amount, self._clock.now()))

    async def verify(self, name: str, status: AccountStatus) -> None:
        """Set how far an account may go."""
        await self._store.write(SetAccountStatus(name, status))

    async def create_key(
        self,
        name: str,
        *,
        mode: Mode = Mode.LIVE,
        role: Role = Role.ACCOUNT,
        scopes: frozenset[str] = SCOPES,
        rate_limit: int | None = RATE_LIMIT,
    ) -> Issued:
        """Issue a credential; only its hashes are stored."""
        account = await self._account(name)
        await self._know_secret()
        credential = issue(mode)
        await self._store_key(credential, account.id, role, scopes, rate_limit)
        return Issued(account.name, credential)

    async def revoke_key(self, lookup: str) -> None:
        """End a credential; servers notice within a second."""
        await self._store.write(RevokeKey(lookup, self._clock.now()))

    async def _know_secret(self) -> None:
        """Raise OtherSecret unless the master key is the one the installation was made with."""
        try:
            await self._store.write(NoteSecret(self._fingerprint))
        except Refusal as refusal:
            raise OtherSecret from refusal

    async def _store_key(
        self,
        credential: Credential,
        account_id: int,
        role: Role,
        scopes: frozenset[str],
        rate_limit: int | None,
    ) -> None:
        key = NewKey(
            lookup=credential.lookup,
            account_id=account_id,
            role=role,
            mode=credential.mode,
            scopes=scopes,
            token_hash=prove(credential.key, self._pepper),
            secret_hash=prove(credential.api_secret, self._pepper),
            rate_limit=rate_limit,
            created_at=self._clock.now(),
        )
        await self._store.write(CreateKey(key))

    async def _account(self, name: str) -> AccountRecord:
        account = await self._store.read(GetAccount(name=name))
        if account is None:
            raise Refusal(Code.NOT_FOUND, resource="account", name=name)
        return account
