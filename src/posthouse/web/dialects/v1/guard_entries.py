"""The guard's lists: who gets no codes, and whom no rule is held against."""

from dataclasses import replace
from typing import Any

import msgspec

from posthouse.core.errors import Code
from posthouse.core.ids import GUARD_ENTRY, read, show
from posthouse.core.message import Mode
from posthouse.core.ports.guard import PLATFORM, Entry, EntryKind, EntryList
from posthouse.core.times import rfc3339, rfc3339_or_none
from posthouse.web.body import SMALL, Form
from posthouse.web.dialects.v1.guard_wire import FAULTS, EntryRequest, EntryRow, EntryRows
from posthouse.web.dialects.v1.pages import PageQuery, cut, position
from posthouse.web.endpoint import Call, Nothing, Route
from posthouse.web.idempotency import create
from posthouse.web.refuse import not_found
from posthouse.web.services import Services


class Entries:
    """The calls about one of the lists."""

    def __init__(self, services: Services, which: EntryList, operation: str) -> None:
        """`operation`: the name of the call that makes an entry, in the scope of idempotency keys."""
        self._submit = services.submit
        self._guarding = services.guarding
        self._which = which
        self._operation = operation

    async def page(self, call: Call[PageQuery]) -> EntryRows:
        """What holds for the account, the platform's included, newest first."""
        asked, account = call.wanted, call.caller.account
        before = position(asked.cursor)
        found = await self._guarding.page(account.id, self._which, asked.limit + 1, before=before)
        page, cursor = cut(found, asked.limit, lambda entry: entry.row)
        return EntryRows([of_entry(entry) for entry in page], cursor)

    async def create(self, call: Call[EntryRequest]) -> bytes:
        """Put a prefix or an address on the list, in place of one like it; a test key's is for test codes."""
        wanted = call.wanted
        command = self._guarding.draft(
            call.caller.account.id,
            self._which,
            prefix=wanted.prefix,
            address=wanted.address,
            ttl_s=wanted.ttl_s,
        )
        if call.caller.mode is Mode.TEST:
            command = replace(command, entry=command.entry._replace(mode=Mode.TEST))
        reply = msgspec.json.encode(of_entry(command.entry))
        return await create(
            call,
            self._submit,
            self._operation,
            reply,
            lambda once: self._guarding.save(replace(command, once=once)),
        )

    async def delete(self, call: Call[Nothing]) -> EntryRow:
        """Take an entry off the list, whoever or whichever rule put it there; answers what it was.

        The platform's are not the account's to take off, and a test key's are only those for its codes alone.
        """
        row, account = read(GUARD_ENTRY, call.path["id"]), call.caller.account
        if row is None:
            raise not_found("entry")
        if call.caller.mode is Mode.TEST:
            # An entry never changes: what is seen here is what is dropped, or it is gone.
            found = await self._guarding.page(account.id, self._which, 1, before=min(row + 1, _ROW_MAX))
            if [(entry.row, entry.mode) for entry in found] != [(row, Mode.TEST)]:
                raise not_found("entry")
        return of_entry(await self._guarding.drop(account.id, self._which, row))


def of_entry(entry: Entry) -> EntryRow:
    """An entry that is stored, or is being."""
    return EntryRow(
        id=show(GUARD_ENTRY, entry.row),
        prefix=entry.value if entry.kind is EntryKind.PREFIX else None,
        address=entry.value if entry.kind is EntryKind.ADDRESS else None,
        rule=None if entry.rule is None else entry.rule.value,
        platform=entry.account_id == PLATFORM,
        mode=None if entry.mode is None else entry.mode.value,
        created_at=rfc3339(entry.created_at),
        expires_at=rfc3339_or_none(entry.expires_at),
    )


_ROW_MAX = (1 << 63) - 1
_ID = {"id": "The entry's id, as grd_0c7xk3m9p2q4r."}


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The calls about both lists."""
    return (
        *_routes(services, EntryList.BLOCK, "blocks", "Blocked prefixes and addresses", "Block"),
        *_routes(services, EntryList.SAFE, "safe", "Prefixes and addresses held to be safe", "Hold safe"),
    )


def _routes(
    services: Services, which: EntryList, name: str, summary: str, verb: str
) -> tuple[Route[Any], ...]:
    entries = Entries(services, which, f"guard.{name}.create")
    path = f"/v1/guard/{name}"
    return (
        Route(
            method="GET",
            path=path,
            name=f"guard.{name}.list",
            summary=f"{summary}, newest first",
            form=Form(PageQuery),
            handle=entries.page,
            reply=EntryRows,
            scope="guard:read",
        ),
        Route(
            method="POST",
            path=path,
            name=f"guard.{name}.create",
            summary=f"{verb} a prefix or an address",
            form=Form(EntryRequest, faults=FAULTS),
            handle=entries.create,
            reply=EntryRow,
            status=201,
            scope="guard:write",
            refusals=(Code.MISSING_FIELD, Code.TOO_MANY),
            idempotent=True,
            body_max=SMALL,
            example={"prefix": "+23767", "ttl_s": 86400},
        ),
        Route(
            method="DELETE",
            path=f"{path}/{{id}}",
            name=f"guard.{name}.delete",
            summary=f"{verb} a prefix or an address no more",
            form=Form(Nothing),
            handle=entries.delete,
            reply=EntryRow,
            scope="guard:write",
            refusals=(Code.NOT_FOUND,),
            path_params=_ID,
        ),
    )
