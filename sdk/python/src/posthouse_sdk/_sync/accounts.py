# @generated from _async/accounts.py by sync.py; do not edit.
"""Accounts, their keys and prices; the catalogue of errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Unpack

from posthouse_sdk._sync.paging import Pager
from posthouse_sdk._sync.resource import Resource
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


class Account(Resource):
    """One's own account."""

    def get(self) -> AccountReply:
        """Its standing and balance, and what the key may do."""
        return self._ask(AccountReply, "account.get")

    def prices(self) -> PricesReply:
        """What a part costs it, by country."""
        return self._ask(PricesReply, "account.prices")


class Keys(Resource):
    """Credentials."""

    def list(self, **which: Unpack[KeyFilter]) -> Pager[KeyRow]:
        """All keys; what they open with is not told again."""
        return self._all(KeyRow, "keys.list", which)

    def create(self, **request: Unpack[KeyRequest]) -> IssuedReply:
        """Issue a key; it is shown this once."""
        return self._ask(IssuedReply, "keys.create", body=request)

    def get(self, id: str) -> KeyRow:
        """One key."""
        return self._ask(KeyRow, "keys.get", id=id)

    def revoke(self, id: str) -> KeyRow:
        """Make it open nothing any more."""
        return self._ask(KeyRow, "keys.revoke", id=id)


class Accounts(Resource):
    """Everybody's accounts. Operators only."""

    def list(self, **which: Unpack[Pages]) -> Pager[AccountRow]:
        """All accounts."""
        return self._all(AccountRow, "accounts.list", which)

    def create(self, **request: Unpack[AccountRequest]) -> AccountRow:
        """Open an account with a `name`."""
        return self._ask(AccountRow, "accounts.create", body=request)

    def get(self, name: str) -> AccountRow:
        """One account."""
        return self._ask(AccountRow, "accounts.get", name=name)

    def update(self, name: str, **changes: Unpack[AccountChanges]) -> AccountRow:
        """Change what is named; the rest stays."""
        return self._ask(AccountRow, "accounts.update", body=changes, name=name)

    def credit(self, name: str, **request: Unpack[CreditRequest]) -> CreditReply:
        """Add an `amount` of money."""
        return self._ask(CreditReply, "accounts.credit", body=request, name=name)

    def words(self, name: str) -> WordsReply:
        """The words its texts may not hold."""
        return self._ask(WordsReply, "accounts.words", name=name)

    def set_words(self, name: str, words: Sequence[str]) -> WordsCount:
        """Replace them."""
        return self._ask(WordsCount, "accounts.set_words", body={"words": words}, name=name)

    def prices(self, name: str) -> PricesReply:
        """What a part costs it, by country."""
        return self._ask(PricesReply, "accounts.prices", name=name)

    def set_prices(self, name: str, prices: Mapping[str, str]) -> PricesReply:
        """Replace its prices: country or `*` → amount."""
        return self._ask(PricesReply, "accounts.set_prices", body={"prices": prices}, name=name)


class Prices(Resource):
    """The prices that new accounts copy. Operators only."""

    def get(self) -> PricesReply:
        """What a part costs, by country."""
        return self._ask(PricesReply, "prices.get")

    def set(self, prices: Mapping[str, str]) -> PricesReply:
        """Replace them."""
        return self._ask(PricesReply, "prices.set", body={"prices": prices})


class Errors(Resource):
    """The catalogue of everything that can be refused; open to all."""

    def list(self, *, lang: Literal["en", "zh"] | None = None) -> CatalogueReply:
        """All codes and reasons."""
        return self._ask(CatalogueReply, "errors.list", query={"lang": lang})

    def get(self, name: str, *, lang: Literal["en", "zh"] | None = None) -> CatalogueReply:
        """One code or reason."""
        return self._ask(CatalogueReply, "errors.get", query={"lang": lang}, name=name)
