"""Channels to vendors, what they can be made of, and the routes that choose among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

from posthouse_sdk._async.paging import AsyncPager
from posthouse_sdk._async.resource import AsyncResource
from posthouse_sdk.records.channels import (
    ChannelRow,
    CheckReply,
    ExplainReply,
    HealthReply,
    RouteRow,
    VendorRow,
)
from posthouse_sdk.requests.channels import (
    ChannelChanges,
    ChannelRequest,
    ExplainRequest,
    RotateRequest,
    RouteChanges,
    RouteRequest,
)
from posthouse_sdk.requests.lists import ChannelFilter


class AsyncVendors(AsyncResource):
    """Whom channels can lead to."""

    def list(self) -> AsyncPager[VendorRow]:
        """Every kind of vendor, and what a channel of it is told."""
        return self._all(VendorRow, "vendors.list")


class AsyncChannels(AsyncResource):
    """Connections to vendors: the platform's, or an `account`'s own.

    Without an `account` an operator's key means the platform's, any other its own; others' are for operators.
    """

    def list(self, **which: Unpack[ChannelFilter]) -> AsyncPager[ChannelRow]:
        """All channels, oldest first."""
        return self._all(ChannelRow, "channels.list", which)

    async def create(self, **request: Unpack[ChannelRequest]) -> ChannelRow:
        """Connect a `vendor` with its `settings`; it is in use within a second."""
        return await self._ask(ChannelRow, "channels.create", body=request)

    async def get(self, name: str, *, account: str | None = None) -> ChannelRow:
        """One channel; its secrets are not told again."""
        return await self._ask(ChannelRow, "channels.get", query={"account": account}, name=name)

    async def update(self, name: str, **changes: Unpack[ChannelChanges]) -> ChannelRow:
        """Change what is named; the rest stays."""
        return await self._ask(ChannelRow, "channels.update", body=changes, name=name)

    async def delete(self, name: str, *, account: str | None = None) -> ChannelRow:
        """Forget it and its credentials; drain it first. Answers what it was."""
        return await self._ask(ChannelRow, "channels.delete", query={"account": account}, name=name)

    async def drain(self, name: str, *, account: str | None = None) -> ChannelRow:
        """Give it nothing new; what it has is finished."""
        return await self._ask(ChannelRow, "channels.drain", body={"account": account}, name=name)

    async def undrain(self, name: str, *, account: str | None = None) -> ChannelRow:
        """Give it messages again."""
        return await self._ask(ChannelRow, "channels.undrain", body={"account": account}, name=name)

    async def rotate(self, name: str, **request: Unpack[RotateRequest]) -> ChannelRow:
        """Replace its credentials, its callback address, or both; the old ones are wiped."""
        return await self._ask(ChannelRow, "channels.rotate", body=request, name=name)

    async def test(
        self, name: str, *, settings: Mapping[str, str] | None = None, account: str | None = None
    ) -> CheckReply:
        """Ask its vendor whether it takes the credentials, or these `settings` on top; nothing is sent."""
        body = {"settings": settings, "account": account}
        return await self._ask(CheckReply, "channels.test", body=body, name=name)

    async def balance(self, name: str, *, account: str | None = None) -> CheckReply:
        """What money its vendor account has left."""
        return await self._ask(CheckReply, "channels.balance", query={"account": account}, name=name)

    async def health(self, name: str, *, account: str | None = None) -> HealthReply:
        """How it does."""
        return await self._ask(HealthReply, "channels.health", query={"account": account}, name=name)


class AsyncRoutes(AsyncResource):
    """Which messages go over which channels. Operators only."""

    def list(self) -> AsyncPager[RouteRow]:
        """All routes, in their order."""
        return self._all(RouteRow, "routes.list")

    async def create(self, **request: Unpack[RouteRequest]) -> RouteRow:
        """Make a route: its `name`, which messages it is for, and their `channels`."""
        return await self._ask(RouteRow, "routes.create", body=request)

    async def get(self, name: str) -> RouteRow:
        """One route."""
        return await self._ask(RouteRow, "routes.get", name=name)

    async def update(self, name: str, **changes: Unpack[RouteChanges]) -> RouteRow:
        """Change what is named; the rest stays."""
        return await self._ask(RouteRow, "routes.update", body=changes, name=name)

    async def delete(self, name: str) -> RouteRow:
        """Forget it; answers what it was."""
        return await self._ask(RouteRow, "routes.delete", name=name)

    async def explain(self, **request: Unpack[ExplainRequest]) -> ExplainReply:
        """Which way a message `to` a number would go, and why; nothing is sent."""
        return await self._ask(ExplainReply, "routes.explain", body=request)
