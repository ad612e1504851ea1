"""Who may do what, with which prices and over which channels: a cache of the store, at most a second old."""

import asyncio
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

import structlog

from posthouse.core.errors import Code, Refusal
from posthouse.core.keys import api_lookup_of, lookup_of, prove
from posthouse.core.message import Mode
from posthouse.core.ports.admin import Role
from posthouse.core.ports.channels import ChannelRecord, ListChannelRecords
from posthouse.core.ports.queries import (
    AccountRecord,
    DirectoryVersion,
    FindKey,
    GetAccount,
    GetPrices,
    KeyRecord,
)
from posthouse.core.ports.routes import ListRoutes
from posthouse.core.ports.store import Query, Store
from posthouse.core.ports.templates import GetOwn, GetVersion, Own
from posthouse.core.routing import Channel, ChannelState
from posthouse.core.rules import Rule
from posthouse.core.template import Template

REMEMBERED_MAX = 10_000

R = TypeVar("R")

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling: a proven credential with its account, its prices, and what it has to say things with.

    Prices: country or `*` → micro-units.
    """

    account: AccountRecord
    prices: Mapping[str, int]
    lookup: str
    role: Role
    mode: Mode
    scopes: frozenset[str]
    rate_limit: int | None
    own: Own = field(default_factory=Own)

    def need(self, scope: str) -> None:
        """Refuse with FORBIDDEN unless the key has this scope."""
        if scope not in self.scopes:
            if scope not in self.role.scopes:
                raise Refusal(Code.FORBIDDEN, role=Role.OPERATOR.value)
            raise Refusal(Code.FORBIDDEN, scope=scope)


_NONE: frozenset[str] = frozenset()


def _pair(api_key: str, api_secret: str) -> str:
    """Under which the two are remembered: no Bearer key has a line break."""
    return f"{api_key}\n{api_secret}"


def _pins(channels: Iterable[Channel]) -> dict[int | None, frozenset[str]]:
    """The names of channels and their vendors, by whose they are."""
    pins: dict[int | None, frozenset[str]] = {}
    for channel in channels:
        pins[channel.account_id] = pins.get(channel.account_id, _NONE) | {channel.name, channel.vendor}
    return pins


def _named(pins: Mapping[int | None, frozenset[str]], account_id: int, pin: str) -> bool:
    """Whether the platform or the account has something of this name."""
    return pin in pins.get(None, _NONE) or pin in pins.get(account_id, _NONE)


class Directory:
    """Remembers callers, what is theirs, and channels until the version of the store has moved."""

    def __init__(
        self, store: Store, *, pepper: bytes, vendors: frozenset[str], approving: frozenset[str] = _NONE
    ) -> None:
        """`vendors`: the kinds this program knows; `approving`: those that take approved templates only."""
        self._store = store
        self._pepper = pepper
        self.vendors = vendors
        self._approving = approving
        self._version = -1
        self._forgotten = 0
        self._callers: dict[str, Caller] = {}
        self._accounts: dict[int, AccountRecord] = {}
        self._owns: dict[int, Own] = {}
        self._versions: dict[tuple[int, str, int], Template] = {}
        self._asked: dict[Query[Any], asyncio.Future[Any]] = {}
        self._told_revoked: set[int] = set()
        self._records: tuple[ChannelRecord, ...] = ()
        self._channels: tuple[Channel, ...] = ()
        self._rules: tuple[Rule, ...] = ()
        self._owners_of_real: frozenset[int | None] = frozenset()
        self._pins: dict[int | None, frozenset[str]] = {}
        self._idle: dict[int | None, frozenset[str]] = {}

    async def refresh(self) -> bool:
        """Forget everything if the store's version has moved; call it at least every half second."""
        version = await self._store.read(DirectoryVersion())
        if version == self._version:
            return False
        records = await self._store.read(ListChannelRecords())
        rules = await self._store.read(ListRoutes())
        self._records = tuple(record._replace(channel=self._judged(record.channel)) for record in records)
        channels = [record.channel for record in self._records]
        self.forget()
        self._channels = tuple(channels)
        self._rules = tuple(rules)
        self._owners_of_real = frozenset(channel.account_id for channel in channels if not channel.simulated)
        self._pins = _pins(channel for channel in channels if channel.state is ChannelState.ACTIVE)
        self._idle = _pins(channel for channel in channels if channel.state is not ChannelState.ACTIVE)
        self._version = version
        return True

    def forget(self) -> None:
        """Look up anew whatever is an account's: for a change this process has made, which it knows first."""
        self._forgotten += 1  # what is being read now may be of before the change
        self._asked.clear()
        self._callers.clear()
        self._accounts.clear()
        self._owns.clear()
        self._versions.clear()

    def channels(self) -> tuple[Channel, ...]:
        """Every configured channel."""
        return self._channels

    def records(self) -> tuple[ChannelRecord, ...]:
        """Every configured channel, with its settings; the same tuple as long as nothing changed."""
        return self._records

    def rules(self) -> tuple[Rule, ...]:
        """The operator's routing rules, in their order."""
        return self._rules

    def simulates(self, account_id: int) -> bool:
        """Whether an account has the simulator only, since there is no real channel for it."""
        return not self._owners_of_real or self._owners_of_real.isdisjoint((None, account_id))

    def check_pin(self, account_id: int, pin: str) -> None:
        """Refuse what is neither a vendor nor a channel that takes messages for the account.

        With VENDOR_NOT_CONFIGURED where it could be: a kind, or a channel that is draining or off.
        """
        if _named(self._pins, account_id, pin):
            return
        known = pin in self.vendors or _named(self._idle, account_id, pin)
        code = Code.VENDOR_NOT_CONFIGURED if known else Code.UNKNOWN_VENDOR
        raise Refusal(code, param="vendor", vendor=pin[:40])

    async def account(self, account_id: int) -> AccountRecord:
        """An account that exists."""
        known = self._accounts.get(account_id)
        if known is None:
            begun = self._forgotten
            known = await self._read(GetAccount(account_id))
            if known is None:
                raise LookupError(account_id)
            if begun == self._forgotten:
                self._make_room(self._accounts)
                self._accounts[account_id] = known
        return known

    async def own(self, account_id: int) -> Own:
        """What an account has to say things with."""
        known = self._owns.get(account_id)
        if known is None:
            begun = self._forgotten
            known = await self._read(GetOwn(account_id))
            if begun == self._forgotten:
                self._make_room(self._owns)
                self._owns[account_id] = known
        return known

    async def version(self, account_id: int, template_id: str, version: int) -> Template:
        """The version of a template that a message names, deleted or not.

        Raises:
            LookupError: there is none.
        """
        newest = (await self.own(account_id)).templates.get(template_id)
        if newest is not None and newest.version == version:
            return newest
        key = (account_id, template_id, version)
        known = self._versions.get(key)
        if known is None:
            begun = self._forgotten
            known = await self._read(GetVersion(account_id, template_id, version))
            if known is None:
                raise LookupError(key)
            if begun == self._forgotten:
                self._make_room(self._versions)
                self._versions[key] = known
        return known

    def remembered(self, proof: str) -> Caller | None:
        """The caller proven by this credential earlier, without a look at the store."""
        return self._callers.get(proof)

    def remembered_pair(self, api_key: str, api_secret: str) -> Caller | None:
        """The caller proven by this key and secret earlier."""
        return self._callers.get(_pair(api_key, api_secret))

    async def identify(self, bearer: str) -> Caller:
        """The caller behind a Bearer key. Refuses with UNAUTHENTICATED."""
        known = self._callers.get(bearer)
        if known is None:
            lookup = lookup_of(bearer)
            known = await self._prove(bearer, lookup, bearer, of_token=True)
        return known

    async def identify_pair(self, api_key: str, api_secret: str) -> Caller:
        """The caller behind an `/api` key and secret. Refuses with UNAUTHENTICATED."""
        proof = _pair(api_key, api_secret)
        known = self._callers.get(proof)
        if known is None:
            known = await self._prove(proof, api_lookup_of(api_key), api_secret, of_token=False)
        return known

    async def _prove(self, proof: str, lookup: str | None, secret: str, *, of_token: bool) -> Caller:
        begun = self._forgotten
        key = await self._read(FindKey(lookup)) if lookup is not None else None
        if key is None or not self._proven(key, secret, of_token=of_token):
            raise Refusal(Code.UNAUTHENTICATED)
        if key.revoked_at is not None:
            self._tell_revoked(key)
            raise Refusal(Code.UNAUTHENTICATED)
        account, own = await self.account(key.account_id), await self.own(key.account_id)
        prices = await self._read(GetPrices(key.account_id))
        scopes = key.scopes & key.role.scopes  # an operator's mean nothing on any other key
        caller = Caller(account, prices, key.lookup, key.role, key.mode, scopes, key.rate_limit, own)
        if begun == self._forgotten:
            self._make_room(self._callers)
            self._callers[proof] = caller
        return caller

    async def _read(self, query: Query[R]) -> R:
        """Ask the store once for all who want to know the same, of after the last change.

        After each change everybody does at once. Who goes away takes the answer from nobody else.
        """
        asked = self._asked.get(query)
        if asked is None:
            asked = self._asked[query] = asyncio.ensure_future(self._store.read(query))
            asked.add_done_callback(partial(self._answered, query))
        answer: R = await asyncio.shield(asked)
        return answer

    def _answered(self, query: Query[Any], answer: asyncio.Future[Any]) -> None:
        if self._asked.get(query) is answer:
            del self._asked[query]
        if not answer.cancelled():
            answer.exception()  # of which nobody may have waited to be told

    def _tell_revoked(self, key: KeyRecord) -> None:
        """Somebody still uses a key that was revoked: once a key, however often they call."""
        if key.id not in self._told_revoked and len(self._told_revoked) < REMEMBERED_MAX:
            self._told_revoked.add(key.id)
            log.warning("revoked_key_used", key_id=key.id, account_id=key.account_id)

    def _proven(self, key: KeyRecord, secret: str, *, of_token: bool) -> bool:
        expected = key.token_hash if of_token else key.secret_hash
        return hmac.compare_digest(prove(secret, self._pepper), expected)

    def _judged(self, channel: Channel) -> Channel:
        """A channel that says whether its vendor takes approved templates only."""
        return replace(channel, approval=True) if channel.vendor in self._approving else channel

    @staticmethod
    def _make_room(cache: dict[Any, Any]) -> None:
        if len(cache) >= REMEMBERED_MAX:
            cache.clear()
