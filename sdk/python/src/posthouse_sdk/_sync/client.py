# @generated from _async/client.py by sync.py; do not edit.
"""The client, put together."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from posthouse_sdk._sync.accounts import (
    Account,
    Accounts,
    Errors,
    Keys,
    Prices,
)
from posthouse_sdk._sync.batches import Batches, Sandbox
from posthouse_sdk._sync.channels import Channels, Routes, Vendors
from posthouse_sdk._sync.codes import Guard, TestNumbers, Verifications
from posthouse_sdk._sync.engine import Engine
from posthouse_sdk._sync.inbox import Inbox
from posthouse_sdk._sync.raw import RawResponses
from posthouse_sdk._sync.sms import Sms
from posthouse_sdk._sync.texts import Bindings, Signatures, Suppressions, Templates
from posthouse_sdk.credentials import find, hide, load, store
from posthouse_sdk.errors import AuthenticationError
from posthouse_sdk.records.accounts import Activated, activated
from posthouse_sdk.retrying import Policy
from posthouse_sdk.webhooks import Webhooks


class Client:
    """Posthouse over HTTP: connections are kept, calls retried where that is safe.

    What is not given comes from the environment, then from `~/.infrai/credentials`.
    """

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        timeout_s: float = 10.0,
        retries: int = 2,
        budget_s: float = 30.0,
        language: str | None = None,
        credentials_path: Path | str | None = None,
    ) -> None:
        """`timeout_s` is for one try, `budget_s` for all tries of a call; `language` of errors: en, zh."""
        self._path = None if credentials_path is None else Path(credentials_path)
        policy = Policy(timeout_s=timeout_s, retries=retries, budget_s=budget_s)
        self._engine = Engine(find(api_key, base_url, path=self._path), policy, language)
        self.sms = Sms(self._engine)
        self.batches = Batches(self._engine)
        self.verifications = Verifications(self._engine)
        self.test_numbers = TestNumbers(self._engine)
        self.guard = Guard(self._engine)
        self.templates = Templates(self._engine)
        self.bindings = Bindings(self._engine)
        self.signatures = Signatures(self._engine)
        self.suppressions = Suppressions(self._engine)
        self.inbox = Inbox(self._engine)
        self.account = Account(self._engine)
        self.keys = Keys(self._engine)
        self.accounts = Accounts(self._engine)
        self.prices = Prices(self._engine)
        self.routes = Routes(self._engine)
        self.vendors = Vendors(self._engine)
        self.channels = Channels(self._engine)
        self.sandbox = Sandbox(self._engine)
        self.errors = Errors(self._engine)
        self.webhooks = Webhooks()
        self.with_raw_response = RawResponses(self)

    @property
    def base_url(self) -> str:
        """The server that is asked."""
        return self._engine.credentials.base_url

    def activate(self) -> Activated:
        """Open a trial account and go on with its key, kept in `~/.infrai/credentials` for next time.

        A key that is stored there already and still opens this server is kept.
        """
        stored = load(self._path)
        key = stored.get("api_key")
        if key is not None and stored.get("base_url") == self.base_url:
            self._engine.credentials = self._engine.credentials.with_key(key)
            try:
                kept = activated(self.account.get(), self.base_url)
            except AuthenticationError:
                pass
            else:
                hide(self._path)
                return kept
        opened = self._engine.ask("activate", body={})
        self._engine.credentials = self._engine.credentials.with_key(opened["key"])
        store(self._engine.credentials, self._path)
        return activated(opened, self.base_url)

    def close(self) -> None:
        """Close the connections; the client cannot be used after."""
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"
