"""Accounts, their keys and prices; the catalogue of errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Unpack

from posthouse_sdk._async.paging import AsyncPager
from posthouse_sdk._async.resource import AsyncResource
from posthouse_sdk.records.accounts import (
    AccountReply,
    AccountRow,
    CatalogueReply,
    CreditReply,
    IssuedReply,
    KeyRow,
    PricesReply,
    WordsCount,
    WordsReply,
)
from posthouse_sdk.requests.accounts import AccountChanges, AccountRequest, CreditRequest, KeyRequest
from posthouse_sdk.requests.lists import KeyFilter, Pages


class AsyncAccount(AsyncResource):
    """One's own account."""

    async def get(self) -> AccountReply:
        """Its standing and balance, and what the key may do."""
        return await self._ask(AccountReply, "account.get")

    async def prices(self) -> PricesReply:
        """What a part costs it, by country."""
        return await self._ask(PricesReply, "account.prices")


class AsyncKeys(AsyncResource):
    """Credentials."""

    def list(self, **which: Unpack[KeyFilter]) -> AsyncPager[KeyRow]:
        """All keys; what they open with is not told again."""
        return self._all(KeyRow, "keys.list", which)

    async def create(self, **request: Unpack[KeyRequest]) -> IssuedReply:
        """Issue a key; it is shown this once."""
        return await self._ask(IssuedReply, "keys.create", body=request)

    async def get(self, id: str) -> KeyRow:
        """One key."""
        return await self._ask(KeyRow, "keys.get", id=id)

    async def revoke(self, id: str) -> KeyRow:
        """Make it open nothing any more."""
        return await self._ask(KeyRow, "keys.revoke", id=id)


class AsyncAccounts(AsyncResource):
    """Everybody's accounts. Operators only."""

    def list(self, **which: Unpack[Pages]) -> AsyncPager[AccountRow]:
        """All accounts."""
        return self._all(AccountRow, "accounts.list", which)

    async def create(self, **request: Unpack[AccountRequest]) -> AccountRow:
        """Open an account with a `name`."""
        return await self._ask(AccountRow, "accounts.create", body=request)

    async def get(self, name: str) -> AccountRow:
        """One account."""
        return await self._ask(AccountRow, "accounts.get", name=name)

    async def update(self, name: str, **changes: Unpack[AccountChanges]) -> AccountRow:
        """Change what is named; the rest stays."""
        return await self._ask(AccountRow, "accounts.update", body=changes, name=name)

    async def credit(self, name: str, **request: Unpack[CreditRequest]) -> CreditReply:
        """Add an `amount` of money."""
        return await self._ask(CreditReply, "accounts.credit", body=request, name=name)

    async def words(self, name: str) -> WordsReply:
        """The words its texts may not hold."""
        return await self._ask(WordsReply, "accounts.words", name=name)

    async def set_words(self, name: str, words: Sequence[str]) -> WordsCount:
        """Replace them."""
        return await self._ask(WordsCount, "accounts.set_words", body={"words": words}, name=name)

    async def prices(self, name: str) -> PricesReply:
        """What a part costs it, by country."""
        return await self._ask(PricesReply, "accounts.prices", name=name)

    async def set_prices(self, name: str, prices: Mapping[str, str]) -> PricesReply:
        """Replace its prices: country or `*` → amount."""
        return await self._ask(PricesReply, "accounts.set_prices", body={"prices": prices}, name=name)


class AsyncPrices(AsyncResource):
    """The prices that new accounts copy. Operators only."""

    async def get(self) -> PricesReply:
        """What a part costs, by country."""
        return await self._ask(PricesReply, "prices.get")

    async def set(self, prices: Mapping[str, str]) -> PricesReply:
        """Replace them."""
        return await self._ask(PricesReply, "prices.set", body={"prices": prices})


class AsyncErrors(AsyncResource):
    """The catalogue of everything that can be refused; open to all."""

    async def list(self, *, lang: Literal["en", "zh"] | None = None) -> CatalogueReply:
        """All codes and reasons."""
        return await self._ask(CatalogueReply, "errors.list", query={"lang": lang})

    async def get(self, name: str, *, lang: Literal["en", "zh"] | None = None) -> CatalogueReply:
        """One code or reason."""
        return await self._ask(CatalogueReply, "errors.get", query={"lang": lang}, name=name)
