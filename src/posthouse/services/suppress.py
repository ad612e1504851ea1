"""Whom an account does not write to: its suppression list, kept and looked through."""

from posthouse.core import phone
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import Ids
from posthouse.core.message import Lane
from posthouse.core.ports.admission import (
    GetSuppression,
    ListSuppressions,
    Suppress,
    Suppression,
    Unsuppress,
)
from posthouse.core.ports.queries import AccountRecord
from posthouse.core.ports.store import Clock, Store

SUPPRESSION = "sup_"
"""What the public ids of entries begin with."""

REASON_MAX = 255


class Suppressions:
    """Accounts' suppression lists. What is on one is refused at acceptance and stopped at dispatch."""

    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids

    def draft(
        self, account: AccountRecord, to: str, purpose: Lane | None = None, reason: str | None = None
    ) -> Suppress:
        """The command that puts a number on the list; without a purpose it stands for every one.

        A bare number is read in the account's region. Refuses with INVALID_NUMBER, INVISIBLE_CHARACTERS and
        INVALID_VALUE.
        """
        number = phone.read_field(to, "to", region=account.region)
        if reason is not None and len(reason) > REASON_MAX:
            raise Refusal(Code.INVALID_VALUE, param="reason", length_max=REASON_MAX)
        if reason is not None and not (reason.strip() and reason.isprintable()):
            raise Refusal(Code.INVALID_VALUE, param="reason")
        now = self._clock.now()
        return Suppress(account.id, Suppression(self._ids.take(now), number.e164, purpose, reason, now))

    async def save(self, wanted: Suppress) -> bytes | None:
        """Put it on the list; answers the stored reply where its idempotency key was used before.

        Refuses with ALREADY_EXISTS where the number stands there for the same purpose.
        """
        return await self._store.write(wanted)

    async def get(self, account_id: int, row: int) -> Suppression:
        """One entry. Refuses with NOT_FOUND, also where it is another account's."""
        found = await self._store.read(GetSuppression(account_id, row))
        if found is None:
            raise Refusal(Code.NOT_FOUND, resource="suppression")
        return found

    async def drop(self, account_id: int, row: int) -> Suppression:
        """Take an entry off the list; answers what it was. Refuses with NOT_FOUND."""
        found = await self.get(account_id, row)
        await self._store.write(Unsuppress(account_id, row))
        return found

    async def page(
        self, account_id: int, limit: int, number: str | None = None, before: int | None = None
    ) -> list[Suppression]:
        """Entries below the row `before`, newest first; only those of `number` (E.164), where it is given."""
        return await self._store.read(ListSuppressions(account_id, limit, number, before))
