"""Channels: the platform's and all accounts' for operators, one's own for whoever may connect some."""

from dataclasses import replace
from typing import Any

import msgspec

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Mode
from posthouse.core.ports.admin import Role
from posthouse.core.ports.channels import ChannelRecord
from posthouse.core.routing import ChannelState
from posthouse.services.channels import Wishes
from posthouse.services.directory import Caller
from posthouse.web.asgi import Answer
from posthouse.web.body import SMALL, Form
from posthouse.web.dialects.v1.accounts import amount_of
from posthouse.web.dialects.v1.channel_records import (
    ChannelRow,
    ChannelRows,
    VendorRows,
    of_channel,
    of_kind,
)
from posthouse.web.dialects.v1.channel_wire import (
    FAULTS,
    ChannelChanges,
    ChannelRequest,
    ChannelsQuery,
    OwnerQuery,
    OwnerRequest,
    RotateRequest,
)
from posthouse.web.dialects.v1.guard import need_live
from posthouse.web.dialects.v1.pages import cut, position
from posthouse.web.dialects.v1.template_records import language_of, told
from posthouse.web.endpoint import Call, Nothing, Route
from posthouse.web.idempotency import create
from posthouse.web.services import Services

CREATE = "channels.create"


class OwnChannels:
    """The calls about channels."""

    def __init__(self, services: Services) -> None:
        self._channels = services.channels
        self._callback_of = services.callback_of
        self._submit = services.submit
        self._administer = services.administer
        self._directory = services.directory

    async def page(self, call: Call[ChannelsQuery]) -> ChannelRows:
        """Those that the caller may see, oldest first."""
        wanted, caller = call.wanted, call.caller
        found = await self._channels.every()
        if wanted.account is not None or caller.role is not Role.OPERATOR:
            owner = await self._owner(caller, wanted.account)
            found = [each for each in found if each.channel.account_id == owner]
        after = position(wanted.cursor) or 0
        chosen = [
            each
            for each in found
            if each.channel.id > after
            and wanted.vendor in (None, each.channel.vendor)
            and wanted.state in (None, each.channel.state.value)
        ]
        page, cursor = cut(chosen, wanted.limit, lambda each: each.channel.id)
        return ChannelRows([await self._row(each, caller) for each in page], cursor)

    async def create(self, call: Call[ChannelRequest]) -> bytes:
        """Set one up; servers use it within a second."""
        wanted, caller = call.wanted, call.caller
        need_live(caller)
        owner = await self._owner(caller, wanted.account)
        command = await self._channels.draft(wanted.vendor, owner, _wishes(wanted), name=wanted.name)
        # The callback address is made of its number, which only the store knows: filled in when it is told.
        drafted = msgspec.json.encode(await self._row(command.record, None))
        reply = await create(
            call,
            self._submit,
            CREATE,
            drafted,
            lambda once: self._channels.add(replace(command, once=once)),
        )
        row = msgspec.json.decode(reply, type=ChannelRow)
        try:
            record = await self._channels.get(row.name, owner)
        except Refusal:
            return reply  # removed since
        row.callback_path, row.callback_url = self._callback_of(record)
        return msgspec.json.encode(row)

    async def get(self, call: Call[OwnerQuery]) -> ChannelRow:
        """One channel."""
        return await self._row(await self.record(call), call.caller)

    async def update(self, call: Call[ChannelChanges]) -> ChannelRow:
        """Change it; what is absent stays. Calls under way end as they began."""
        name, owner = await self._named(call)
        return await self._row(await self._channels.change(name, owner, _wishes(call.wanted)), call.caller)

    async def delete(self, call: Call[OwnerQuery]) -> ChannelRow:
        """Forget it and its credentials; answers what it was. Drain it first, and wait for its receipts."""
        name, owner = await self._named(call)
        return await self._row(await self._channels.remove(name, owner), call.caller)

    async def drain(self, call: Call[OwnerRequest]) -> ChannelRow:
        """Give it nothing new; what it has is finished, its receipts are heard."""
        return await self._moved(call, ChannelState.DRAINING)

    async def undrain(self, call: Call[OwnerRequest]) -> ChannelRow:
        """Give it messages again."""
        return await self._moved(call, ChannelState.ACTIVE)

    async def rotate(self, call: Call[RotateRequest]) -> ChannelRow:
        """Put new credentials, a new callback address, or both in place of the old."""
        name, owner = await self._named(call)
        wanted = call.wanted
        record = await self._channels.rotate(name, owner, wanted.settings, callback=wanted.callback)
        return await self._row(record, call.caller)

    async def kinds(self, call: Call[Nothing]) -> Answer:
        """What channels can be made of, and what each kind is told."""
        language = language_of(call.headers)
        rows = VendorRows([of_kind(kind, language) for kind in self._channels.kinds.values()])
        return Answer(200, msgspec.json.encode(rows), headers=told(language))

    async def record(self, call: Call[Any]) -> ChannelRecord:
        """The channel that the call names."""
        return await self._channels.get(
            call.path["name"], await self._owner(call.caller, call.wanted.account)
        )

    async def _moved(self, call: Call[OwnerRequest], state: ChannelState) -> ChannelRow:
        name, owner = await self._named(call)
        return await self._row(await self._channels.move(name, owner, state), call.caller)

    async def _named(self, call: Call[Any]) -> tuple[str, int | None]:
        """The channel that the caller is about to change: a test key has no say about live messages."""
        need_live(call.caller)
        return call.path["name"], await self._owner(call.caller, call.wanted.account)

    async def _owner(self, caller: Caller, account: str | None) -> int | None:
        """Whose channels are meant: an account's, or for operators the platform's."""
        operator = caller.role is Role.OPERATOR
        if account is None:
            return None if operator else caller.account.id
        if account == caller.account.name:
            return caller.account.id
        if not operator:
            raise Refusal(Code.FORBIDDEN, role=Role.OPERATOR.value)
        try:
            return (await self._administer.account(account)).id
        except Refusal as refusal:
            raise Refusal(refusal.code, param="account", **refusal.facts) from None

    async def _row(self, record: ChannelRecord, caller: Caller | None) -> ChannelRow:
        """A channel as this caller may see it; without one, before it is stored."""
        owner = record.channel.account_id
        seen = caller is not None and caller.mode is Mode.LIVE and not record.channel.simulated
        return of_channel(
            record,
            None if owner is None else (await self._directory.account(owner)).name,
            secrets=self._channels.secrets_of(record),
            broken=self._channels.broken(record),
            callback=self._callback_of(record) if seen else (None, None),
        )


def _wishes(wanted: ChannelRequest | ChannelChanges) -> Wishes:
    given: dict[str, Any] = {
        name: value
        for name in ("countries", "rate_per_s", "concurrency", "weight", "callback_from")
        if (value := getattr(wanted, name)) not in (None, msgspec.UNSET)
    }
    if isinstance(wanted.cost, str):
        given["cost"] = amount_of(wanted.cost, "cost")
    if isinstance(wanted.costs, dict):
        given["costs"] = {
            country: amount_of(cost, f"costs.{country[:8]}") for country, cost in wanted.costs.items()
        }
    return Wishes(settings=wanted.settings, **given)


ONE = "/v1/channels/{name}"
NAME_IN_PATH = {"name": "The channel's name, as tencent."}


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The calls about channels."""
    channels = OwnChannels(services)
    return (
        Route(
            method="GET",
            path="/v1/vendors",
            name="vendors.list",
            summary="What channels can be made of",
            form=Form(Nothing),
            handle=channels.kinds,
            reply=VendorRows,
            scope="channels:read",
        ),
        Route(
            method="GET",
            path="/v1/channels",
            name="channels.list",
            summary="Connections to vendors",
            form=Form(ChannelsQuery, faults=FAULTS),
            handle=channels.page,
            reply=ChannelRows,
            scope="channels:read",
            refusals=(Code.NOT_FOUND,),
        ),
        Route(
            method="POST",
            path="/v1/channels",
            name="channels.create",
            summary="Connect a vendor",
            form=Form(ChannelRequest),
            handle=channels.create,
            reply=ChannelRow,
            status=201,
            scope="channels:write",
            refusals=(
                Code.NOT_FOUND,
                Code.MISSING_FIELD,
                Code.UNKNOWN_VENDOR,
                Code.ALREADY_EXISTS,
                Code.TOO_MANY,
            ),
            idempotent=True,
            body_max=SMALL,
            example={
                "vendor": "tencent",
                "settings": {
                    "secret_id": "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
                    "secret_key": "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
                    "sdk_app_id": "1400006666",
                    "sign_name": "驿站",
                },
                "cost": "0.045",
                "countries": ["CN"],
            },
        ),
        Route(
            method="GET",
            path=ONE,
            name="channels.get",
            summary="Look a channel up",
            form=Form(OwnerQuery),
            handle=channels.get,
            reply=ChannelRow,
            scope="channels:read",
            refusals=(Code.NOT_FOUND,),
            path_params=NAME_IN_PATH,
        ),
        Route(
            method="PATCH",
            path=ONE,
            name="channels.update",
            summary="Change a channel",
            form=Form(ChannelChanges),
            handle=channels.update,
            reply=ChannelRow,
            scope="channels:write",
            refusals=(Code.NOT_FOUND, Code.MISSING_FIELD, Code.UNKNOWN_VENDOR),
            body_max=SMALL,
            path_params=NAME_IN_PATH,
            example={"cost": "0.04", "rate_per_s": 500, "settings": {"sign_name": "驿站"}},
        ),
        Route(
            method="DELETE",
            path=ONE,
            name="channels.delete",
            summary="Remove a channel",
            form=Form(OwnerQuery),
            handle=channels.delete,
            reply=ChannelRow,
            scope="channels:write",
            refusals=(Code.NOT_FOUND,),
            path_params=NAME_IN_PATH,
        ),
        *_actions(channels),
    )


def _actions(channels: OwnChannels) -> tuple[Route[Any], ...]:
    return (
        Route(
            method="POST",
            path=f"{ONE}/drain",
            name="channels.drain",
            summary="Give a channel nothing new",
            form=Form(OwnerRequest),
            handle=channels.drain,
            reply=ChannelRow,
            scope="channels:write",
            refusals=(Code.NOT_FOUND,),
            bodiless=True,
            body_max=SMALL,
            path_params=NAME_IN_PATH,
        ),
        Route(
            method="POST",
            path=f"{ONE}/undrain",
            name="channels.undrain",
            summary="Give a channel messages again",
            form=Form(OwnerRequest),
            handle=channels.undrain,
            reply=ChannelRow,
            scope="channels:write",
            refusals=(Code.NOT_FOUND,),
            bodiless=True,
            body_max=SMALL,
            path_params=NAME_IN_PATH,
        ),
        Route(
            method="POST",
            path=f"{ONE}/rotate",
            name="channels.rotate",
            summary="Replace a channel's credentials",
            form=Form(RotateRequest),
            handle=channels.rotate,
            reply=ChannelRow,
            scope="channels:write",
            refusals=(Code.NOT_FOUND, Code.MISSING_FIELD, Code.UNKNOWN_VENDOR),
            body_max=SMALL,
            path_params=NAME_IN_PATH,
            example={"settings": {"secret_key": "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"}, "callback": False},
        ),
    )
