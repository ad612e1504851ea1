"""Keys: those of one's own account, and for operators everybody's."""

from typing import Any

import msgspec

from posthouse.core.errors import Code, Refusal
from posthouse.core.keys import api_lookup_of, issue
from posthouse.core.message import Mode
from posthouse.core.ports.admin import Role
from posthouse.core.ports.queries import AccountRecord, FindKey, KeyRecord, ListKeys
from posthouse.services.administer import Issued
from posthouse.services.directory import Caller
from posthouse.web.body import SMALL, Form
from posthouse.web.dialects.v1.admin_records import IssuedReply, KeyRow, KeyRows, of_issued, of_key
from posthouse.web.dialects.v1.admin_wire import FAULTS, KeyRequest, KeysQuery
from posthouse.web.dialects.v1.pages import cut, position
from posthouse.web.endpoint import Call, Nothing, Route
from posthouse.web.idempotency import Sealed, mark_of
from posthouse.web.refuse import not_found
from posthouse.web.services import Services

CREATE = "keys.create"


class Keys:
    """The calls about keys."""

    def __init__(self, services: Services) -> None:
        self._store = services.store
        self._submit = services.submit
        self._administer = services.administer
        self._directory = services.directory
        self._sealed = Sealed(services.secrets)

    async def page(self, call: Call[KeysQuery]) -> KeyRows:
        """The keys of an account, oldest first."""
        wanted = call.wanted
        account = await self._account(call.caller, wanted.account)
        found = await self._store.read(ListKeys(account.id, wanted.limit + 1, position(wanted.cursor) or 0))
        page, cursor = cut(found, wanted.limit, lambda key: key.id)
        return KeyRows([of_key(key, account.name) for key in page], cursor)

    async def create(self, call: Call[KeyRequest]) -> bytes:
        """Issue a key with no more rights than the one that asks."""
        caller, wanted = call.caller, call.wanted
        mark = mark_of(call.headers, wanted)
        role = Role(wanted.role or Role.ACCOUNT)
        if role is Role.OPERATOR:
            _need_operator(caller)
        mode = caller.mode if wanted.mode is None else Mode(wanted.mode)
        _need_live(caller, mode)
        account = await self._account(caller, wanted.account)
        issued = Issued(account.name, issue(mode))
        scopes = _scopes(caller, role, wanted.scopes)
        key = self._administer.new_key(
            issued.credential, account.id, role=role, scopes=scopes, label=wanted.name
        )
        reply = msgspec.json.encode(of_issued(issued, key))
        once = None
        if mark is not None:
            # What follows from the caller's own rights is part of the request: who has others, or has them
            # no longer, must not be given the key that was made.
            request = mark.about(account.id, role, mode, sorted(key.scopes))
            once = self._submit.once(caller, CREATE, mark.key, request, reply)
        kept = await self._administer.store_key(key, None if once is None else self._sealed.seal(once))
        if kept is None or once is None:
            return reply
        call.replayed = True
        return self._sealed.open(once, kept)

    async def get(self, call: Call[Nothing]) -> KeyRow:
        """One key."""
        return await self._row(await self._key(call))

    async def revoke(self, call: Call[Nothing]) -> KeyRow:
        """End a key for ever; ended it stays, however often that is asked."""
        key = await self._key(call)
        if key.role is Role.OPERATOR:
            _need_operator(call.caller)
        _need_live(call.caller, key.mode)
        if key.revoked_at is None:
            try:
                await self._administer.revoke_key(key.lookup)
            except Refusal as refusal:
                if refusal.code is not Code.NOT_FOUND:  # else somebody else was faster
                    raise
            self._directory.forget()
            key = await self._key(call)
        return await self._row(key)

    async def _row(self, key: KeyRecord) -> KeyRow:
        return of_key(key, (await self._directory.account(key.account_id)).name)

    async def _key(self, call: Call[Nothing]) -> KeyRecord:
        lookup = api_lookup_of(call.path["id"])
        key = None if lookup is None else await self._store.read(FindKey(lookup))
        if key is None:
            raise not_found("key")
        if key.account_id != call.caller.account.id and call.caller.role is not Role.OPERATOR:
            raise not_found("key")
        return key

    async def _account(self, caller: Caller, name: str | None) -> AccountRecord:
        """The account asked for: one's own, or for operators any."""
        if name is None or name == caller.account.name:
            return caller.account
        _need_operator(caller)
        try:
            return await self._administer.account(name)
        except Refusal as refusal:
            raise Refusal(refusal.code, param="account", **refusal.facts) from None


def _need_operator(caller: Caller) -> None:
    if caller.role is not Role.OPERATOR:
        raise Refusal(Code.FORBIDDEN, role=Role.OPERATOR.value)


def _need_live(caller: Caller, mode: Mode) -> None:
    """A test key, which may lie about anywhere, has no say about live ones."""
    if caller.mode is Mode.TEST and mode is Mode.LIVE:
        raise Refusal(Code.FORBIDDEN, mode=Mode.LIVE.value)


def _scopes(caller: Caller, role: Role, wanted: list[str] | None) -> frozenset[str]:
    if wanted is None:
        return caller.scopes & role.usual_scopes
    if lacking := frozenset(wanted) & role.scopes - caller.scopes:
        raise Refusal(Code.FORBIDDEN, param="scopes", scope=min(lacking))
    return frozenset(wanted)


_KEY = {"id": "The key's id, as sk_9hTq2LmXw4."}


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The calls about keys."""
    keys = Keys(services)
    return (
        Route(
            method="GET",
            path="/v1/keys",
            name="keys.list",
            summary="The keys of an account",
            form=Form(KeysQuery),
            handle=keys.page,
            reply=KeyRows,
            scope="keys:read",
            refusals=(Code.NOT_FOUND,),
        ),
        Route(
            method="POST",
            path="/v1/keys",
            name="keys.create",
            summary="Issue a key",
            form=Form(KeyRequest, faults=FAULTS),
            handle=keys.create,
            reply=IssuedReply,
            status=201,
            scope="keys:write",
            refusals=(Code.NOT_FOUND,),
            idempotent=True,
            bodiless=True,
            body_max=SMALL,
            example={"name": "billing service", "scopes": ["messages:write", "messages:read"]},
        ),
        Route(
            method="GET",
            path="/v1/keys/{id}",
            name="keys.get",
            summary="Look a key up",
            form=Form(Nothing),
            handle=keys.get,
            reply=KeyRow,
            scope="keys:read",
            refusals=(Code.NOT_FOUND,),
            path_params=_KEY,
        ),
        Route(
            method="DELETE",
            path="/v1/keys/{id}",
            name="keys.revoke",
            summary="Revoke a key",
            form=Form(Nothing),
            handle=keys.revoke,
            reply=KeyRow,
            scope="keys:write",
            refusals=(Code.NOT_FOUND, Code.LAST_OPERATOR_KEY),
            path_params=_KEY,
        ),
    )
