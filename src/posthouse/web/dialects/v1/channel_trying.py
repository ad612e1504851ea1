"""Channels tried out: whether a vendor takes the credentials, what money is left, how a channel does."""

from typing import Any

from posthouse.core.errors import Code
from posthouse.web.body import SMALL, Form
from posthouse.web.dialects.v1.channel_records import CheckReply, HealthReply, of_check, of_health
from posthouse.web.dialects.v1.channel_wire import CheckRequest, OwnerQuery
from posthouse.web.dialects.v1.channels import NAME_IN_PATH, ONE, OwnChannels
from posthouse.web.dialects.v1.guard import need_live
from posthouse.web.endpoint import Call, Route
from posthouse.web.services import Services


class Trying:
    """The calls that change nothing."""

    def __init__(self, services: Services) -> None:
        self._own = OwnChannels(services)
        self._channels = services.channels
        self._health_of = services.health_of

    async def check(self, call: Call[CheckRequest]) -> CheckReply:
        """Ask its vendor whether it takes the credentials; nothing is sent to any handset."""
        need_live(call.caller)
        record = await self._own.record(call)
        return of_check(record.channel.name, await self._channels.check(record, call.wanted.settings))

    async def balance(self, call: Call[OwnerQuery]) -> CheckReply:
        """The same under the credentials it has, for what money is left."""
        need_live(call.caller)
        record = await self._own.record(call)
        return of_check(record.channel.name, await self._channels.check(record))

    async def health(self, call: Call[OwnerQuery]) -> HealthReply:
        """How it does, as this server sees it."""
        channel = (await self._own.record(call)).channel
        return of_health(channel.name, self._health_of(channel.id))


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The calls that try channels out."""
    trying = Trying(services)
    return (
        Route(
            method="POST",
            path=f"{ONE}/test",
            name="channels.test",
            summary="Ask a channel's vendor whether it takes the credentials",
            form=Form(CheckRequest),
            handle=trying.check,
            reply=CheckReply,
            scope="channels:write",
            refusals=(Code.NOT_FOUND, Code.MISSING_FIELD, Code.UNKNOWN_VENDOR),
            bodiless=True,
            body_max=SMALL,
            path_params=NAME_IN_PATH,
        ),
        Route(
            method="GET",
            path=f"{ONE}/balance",
            name="channels.balance",
            summary="What money a channel's vendor account has left",
            form=Form(OwnerQuery),
            handle=trying.balance,
            reply=CheckReply,
            scope="channels:read",
            refusals=(Code.NOT_FOUND,),
            path_params=NAME_IN_PATH,
        ),
        Route(
            method="GET",
            path=f"{ONE}/health",
            name="channels.health",
            summary="How a channel does",
            form=Form(OwnerQuery),
            handle=trying.health,
            reply=HealthReply,
            scope="channels:read",
            refusals=(Code.NOT_FOUND,),
            path_params=NAME_IN_PATH,
        ),
    )
