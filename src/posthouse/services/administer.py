"""What operators do: open accounts, add money, set prices, approve, issue and revoke keys."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass

from posthouse.core import phone
from posthouse.core.errors import Code, Refusal
from posthouse.core.keys import SCOPES, Credential, issue, prove
from posthouse.core.ledger import AMOUNT_MAX, Balance
from posthouse.core.limits import NO_LIMITS, check_limits
from posthouse.core.message import Mode
from posthouse.core.ports.admin import (
    PLATFORM,
    AccountStatus,
    CreateAccount,
    CreateKey,
    CreditAccount,
    Credited,
    NewKey,
    NoteSecret,
    RevokeKey,
    Role,
    SetPrices,
    UpdateAccount,
)
from posthouse.core.ports.channels import AddChannel, ChannelRecord, ListChannels
from posthouse.core.ports.life import Once
from posthouse.core.ports.queries import (
    AccountRecord,
    GetAccount,
    KeyRecord,
    ListAccounts,
    ListKeys,
)
from posthouse.core.ports.store import Clock, Store
from posthouse.core.ports.templates import GetWords, SetWords
from posthouse.core.routing import Channel
from posthouse.core.words import words_of

FIRST_BALANCE = 100_000_000  # 100.00
FIRST_PRICE = 50_000  # 0.05 a part, everywhere
DEFAULT = "default"
NAME_MAX = 100
PRICE_MAX = 1_000_000_000
"""Micro-units a part: 1,000.00."""

RATE_LIMIT_MAX = 1_000_000
ELSEWHERE = "*"
"""The line of a price list for every country without one of its own."""


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
        await self.know_secret()
        if await self._store.read(ListKeys(limit=1)):
            return None
        if not await self._store.read(ListChannels()):
            sandbox = Channel(0, "sandbox", "sandbox", concurrency=16, simulated=True)
            await self._store.write(AddChannel(ChannelRecord(sandbox, {}, b""), self._clock.now()))
        if await self._store.read(GetAccount(name=DEFAULT)) is None:
            await self._store.write(SetPrices(PLATFORM, ((ELSEWHERE, FIRST_PRICE),)))
            await self.create_account(DEFAULT, balance=FIRST_BALANCE, status=AccountStatus.APPROVED)
        first = Issued(DEFAULT, issue(Mode.LIVE))
        issued(first)
        account = await self.account(DEFAULT)
        key = self.new_key(first.credential, account.id, role=Role.OPERATOR, scopes=SCOPES, limited=False)
        await self._store.write(CreateKey(key))
        return first

    async def account(self, name: str) -> AccountRecord:
        """The account of this name. Refuses with NOT_FOUND."""
        account = await self._store.read(GetAccount(name=name))
        if account is None:
            raise Refusal(Code.NOT_FOUND, resource="account", name=name)
        return account

    async def accounts(self) -> AsyncIterator[tuple[AccountRecord, Balance]]:
        """All accounts with their money, oldest first, a page in memory at a time."""
        page = await self._store.read(ListAccounts())
        while page:
            for found in page:
                yield found
            page = await self._store.read(ListAccounts(after_id=page[-1][0].id))

    async def keys(self, account_id: int | None = None) -> AsyncIterator[KeyRecord]:
        """Keys of an account, or of all, oldest first, a page in memory at a time."""
        page = await self._store.read(ListKeys(account_id))
        while page:
            for found in page:
                yield found
            page = await self._store.read(ListKeys(account_id, after_id=page[-1].id))

    async def create_account(
        self, name: str, *, balance: int = 0, status: AccountStatus = AccountStatus.PENDING
    ) -> AccountRecord:
        """Open an account, unverified unless said otherwise; `balance` in micro-units."""
        await self.open_account(CreateAccount(name, status, balance, self._clock.now()))
        return await self.account(name)

    async def open_account(self, wanted: CreateAccount) -> bytes | None:
        """Open an account; answers the stored reply where its idempotency key was used before."""
        if not 0 <= wanted.credit <= AMOUNT_MAX:
            raise Refusal(Code.INVALID_VALUE, param="balance", kind="amount")
        if not _is_name(wanted.name):
            raise Refusal(Code.INVALID_VALUE, param="name", kind="name")
        _check_settings(wanted.region, wanted.rate_limit)
        return await self._store.write(wanted)

    async def credit(self, name: str, amount: int, once: Once | None = None) -> Credited:
        """Add money (micro-units); answers what the account has then."""
        if not 0 < amount <= AMOUNT_MAX:
            raise Refusal(Code.INVALID_VALUE, param="amount", kind="amount")
        return await self._store.write(CreditAccount(name, amount, self._clock.now(), once))

    async def verify(self, name: str, status: AccountStatus) -> None:
        """Set how far an account may go."""
        await self.update_account(UpdateAccount(name, status))

    async def update_account(self, wanted: UpdateAccount) -> None:
        """Change an account's settings; servers notice within a second."""
        _check_settings(wanted.region, wanted.rate_limit or None)
        check_limits(wanted.recipient_limits or NO_LIMITS)
        await self._store.write(wanted)

    async def words(self, account_id: int) -> tuple[str, ...]:
        """The words that an account's messages must not hold, in the order they were given."""
        return await self._store.read(GetWords(account_id))

    async def set_words(self, account_id: int, words: Sequence[str]) -> tuple[str, ...]:
        """Set an account's whole list; answers it as it is then, each word once.

        Servers notice within a second. Refuses with INVALID_VALUE and INVALID_TEXT.
        """
        kept = words_of(words)
        await self._store.write(SetWords(account_id, kept))
        return kept

    async def set_prices(self, account_id: int, lines: Mapping[str, int | None]) -> None:
        """Set lines of an account's price list, or of the default one (0); None takes a line out.

        Accepted messages keep their price. Refuses with INVALID_VALUE.
        """
        for country, price in lines.items():
            if country != ELSEWHERE and country not in phone.REGIONS:
                raise Refusal(Code.INVALID_VALUE, param=f"prices.{country}", kind="country")
            if price is None and country == ELSEWHERE:
                raise Refusal(Code.INVALID_VALUE, param=f"prices.{country}", kind="kept")
            if not 0 <= (price or 0) <= PRICE_MAX:
                raise Refusal(Code.INVALID_VALUE, param=f"prices.{country}", kind="price")
        if lines:
            await self._store.write(SetPrices(account_id, tuple(lines.items())))

    async def create_key(
        self,
        name: str,
        *,
        mode: Mode = Mode.LIVE,
        role: Role = Role.ACCOUNT,
        scopes: frozenset[str] | None = None,
        label: str | None = None,
        limited: bool = True,
    ) -> Issued:
        """Issue a credential to an account, with all the scopes of its role unless some are named."""
        account = await self.account(name)
        issued = Issued(account.name, issue(mode))
        key = self.new_key(
            issued.credential, account.id, role=role, scopes=scopes, label=label, limited=limited
        )
        await self.store_key(key)
        return issued

    def new_key(
        self,
        credential: Credential,
        account_id: int,
        *,
        role: Role = Role.ACCOUNT,
        scopes: frozenset[str] | None = None,
        label: str | None = None,
        limited: bool = True,
    ) -> NewKey:
        """A credential as it is stored: by its hashes only. Refuses with INVALID_VALUE."""
        wanted = role.usual_scopes if scopes is None else scopes
        if not wanted or not wanted <= role.scopes:
            raise Refusal(Code.INVALID_VALUE, param="scopes", allowed=", ".join(sorted(role.scopes)))
        if label is not None and not (0 < len(label) <= NAME_MAX and label.isprintable()):
            raise Refusal(Code.INVALID_VALUE, param="name", kind="name")
        return NewKey(
            lookup=credential.lookup,
            account_id=account_id,
            role=role,
            mode=credential.mode,
            scopes=wanted,
            token_hash=prove(credential.key, self._pepper),
            secret_hash=prove(credential.api_secret, self._pepper),
            limited=limited,
            created_at=self._clock.now(),
            name=label,
        )

    async def store_key(self, key: NewKey, once: Once | None = None) -> bytes | None:
        """Make a credential work; answers the stored reply where the idempotency key was used before."""
        await self.know_secret()
        return await self._store.write(CreateKey(key, once))

    async def revoke_key(self, lookup: str) -> None:
        """End a credential; servers notice within a second."""
        await self._store.write(RevokeKey(lookup, self._clock.now()))

    async def know_secret(self) -> None:
        """Raise OtherSecret unless the master key is the one the installation was made with."""
        try:
            await self._store.write(NoteSecret(self._fingerprint))
        except Refusal as refusal:
            raise OtherSecret from refusal


def _is_name(name: str) -> bool:
    """Whether it can stand on one line, and as one step of a path."""
    return (
        0 < len(name) <= NAME_MAX
        and name.isprintable()
        and name == name.strip()
        and "/" not in name
        and name not in (".", "..")
    )


def _check_settings(region: str | None, rate_limit: int | None) -> None:
    if region is not None and region not in phone.REGIONS:
        raise Refusal(Code.INVALID_VALUE, param="region", kind="country")
    if rate_limit is not None and not 0 < rate_limit <= RATE_LIMIT_MAX:
        raise Refusal(Code.INVALID_VALUE, param="rate_limit", minimum=1, maximum=RATE_LIMIT_MAX)
