"""The client, put together."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from posthouse_sdk._async.accounts import (
    AsyncAccount,
    AsyncAccounts,
    AsyncErrors,
    AsyncKeys,
    AsyncPrices,
)
from posthouse_sdk._async.batches import AsyncBatches, AsyncSandbox
from posthouse_sdk._async.channels import AsyncChannels, AsyncRoutes, AsyncVendors
from posthouse_sdk._async.codes import AsyncGuard, AsyncTestNumbers, AsyncVerifications
from posthouse_sdk._async.engine import AsyncEngine
from posthouse_sdk._async.inbox import AsyncInbox
from posthouse_sdk._async.raw import AsyncRawResponses
from posthouse_sdk._async.sms import AsyncSms
from posthouse_sdk._async.texts import AsyncBindings, AsyncSignatures, AsyncSuppressions, AsyncTemplates
from posthouse_sdk.credentials import find, hide, load, store
from posthouse_sdk.errors import AuthenticationError
from posthouse_sdk.records.accounts import Activated, activated
from posthouse_sdk.retrying import Policy
from posthouse_sdk.webhooks import Webhooks


class AsyncClient:
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
        self._engine = AsyncEngine(find(api_key, base_url, path=self._path), policy, language)
        self.sms = AsyncSms(self._engine)
        self.batches = AsyncBatches(self._engine)
        self.verifications = AsyncVerifications(self._engine)
        self.test_numbers = AsyncTestNumbers(self._engine)
        self.guard = AsyncGuard(self._engine)
        self.templates = AsyncTemplates(self._engine)
        self.bindings = AsyncBindings(self._engine)
        self.signatures = AsyncSignatures(self._engine)
        self.suppressions = AsyncSuppressions(self._engine)
        self.inbox = AsyncInbox(self._engine)
        self.account = AsyncAccount(self._engine)
        self.keys = AsyncKeys(self._engine)
        self.accounts = AsyncAccounts(self._engine)
        self.prices = AsyncPrices(self._engine)
        self.routes = AsyncRoutes(self._engine)
        self.vendors = AsyncVendors(self._engine)
        self.channels = AsyncChannels(self._engine)
        self.sandbox = AsyncSandbox(self._engine)
        self.errors = AsyncErrors(self._engine)
        self.webhooks = Webhooks()
        self.with_raw_response = AsyncRawResponses(self)

    @property
    def base_url(self) -> str:
        """The server that is asked."""
        return self._engine.credentials.base_url

    async def activate(self) -> Activated:
        """Open a trial account and go on with its key, kept in `~/.infrai/credentials` for next time.

        A key that is stored there already and still opens this server is kept.
        """
        stored = load(self._path)
        key = stored.get("api_key")
        if key is not None and stored.get("base_url") == self.base_url:
            self._engine.credentials = self._engine.credentials.with_key(key)
            try:
                kept = activated(await self.account.get(), self.base_url)
            except AuthenticationError:
                pass
            else:
                hide(self._path)
                return kept
        opened = await self._engine.ask("activate", body={})
        self._engine.credentials = self._engine.credentials.with_key(opened["key"])
        store(self._engine.credentials, self._path)
        return activated(opened, self.base_url)

    async def aclose(self) -> None:
        """Close the connections; the client cannot be used after."""
        await self._engine.aclose()

    async def close(self) -> None:
        """The same as `aclose`."""
        await self.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"
