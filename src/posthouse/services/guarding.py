"""The guard against pumping, as its owners see it: its settings, its lists, and the platform's prefixes."""

import asyncio
from collections.abc import Mapping, Sequence

from posthouse.core.errors import Code, Refusal
from posthouse.core.guard import Guard, Rule
from posthouse.core.guard_changes import Changes, check
from posthouse.core.ids import Ids
from posthouse.core.limits import DAY_US
from posthouse.core.message import Mode
from posthouse.core.ports.guard import (
    PREFIXES_MAX,
    ChangePrefixes,
    CountObjections,
    DropEntry,
    Entry,
    EntryKind,
    EntryList,
    GetPrefixes,
    ListEntries,
    SaveEntry,
    SetGuard,
)
from posthouse.core.ports.queries import AccountRecord, GetAccount
from posthouse.core.ports.store import Clock, Store
from posthouse.core.pumping import address_of, prefix_of

TTL_MIN_S, TTL_MAX_S = 60, 315_360_000

AT_ONCE = 2_000
"""Prefixes that are read in one go, or written in one commit: codes do not wait for a list."""


class Guarding:
    """Accounts' guards. Servers use new settings within a second, entries at once."""

    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._replacing = asyncio.Lock()

    async def settings(self, account_id: int) -> Guard:
        """An account's settings. Refuses with NOT_FOUND."""
        account: AccountRecord | None = await self._store.read(GetAccount(account_id))
        if account is None:
            raise Refusal(Code.NOT_FOUND, resource="account")
        return account.guard

    async def change(self, account_id: int, changes: Changes) -> Guard:
        """Change settings; answers them as they are then. Refuses with INVALID_VALUE and UNKNOWN_FIELD."""
        check(changes)
        if not changes:
            return await self.settings(account_id)
        return await self._store.write(SetGuard(account_id, changes))

    async def objections(self, account_id: int, mode: Mode | None = None) -> Mapping[Rule, tuple[int, int]]:
        """How often each rule refused, and would have refused, codes of the last day; None: in both modes."""
        return await self._store.read(CountObjections(account_id, self._clock.now() - DAY_US, mode))

    def draft(
        self,
        account_id: int,
        which: EntryList,
        *,
        prefix: str | None = None,
        address: str | None = None,
        ttl_s: int | None = None,
    ) -> SaveEntry:
        """The command that puts a prefix or an address on a list, for so many seconds or for good.

        Refuses with MISSING_FIELD (neither) and INVALID_VALUE (both, or what is none).
        """
        if prefix is None and address is None:
            raise Refusal(Code.MISSING_FIELD, param="prefix")
        if prefix is not None and address is not None:
            raise Refusal(Code.INVALID_VALUE, param="address")
        if ttl_s is not None and not TTL_MIN_S <= ttl_s <= TTL_MAX_S:
            raise Refusal(Code.INVALID_VALUE, param="ttl_s", minimum=TTL_MIN_S, maximum=TTL_MAX_S)
        kind, value = (
            (EntryKind.PREFIX, prefix_of(prefix, "prefix"))
            if prefix is not None
            else (EntryKind.ADDRESS, address_of(address or "", "address"))
        )
        now = self._clock.now()
        until = None if ttl_s is None else now + ttl_s * 1_000_000
        return SaveEntry(Entry(self._ids.take(now), account_id, which, kind, value, None, None, now, until))

    async def save(self, wanted: SaveEntry) -> bytes | None:
        """Put it on the list, in place of one like it; the stored reply where its idempotency key was used.

        Refuses with TOO_MANY.
        """
        return await self._store.write(wanted)

    async def drop(self, account_id: int, which: EntryList, row: int) -> Entry:
        """Take an entry off its list; answers what it was.

        Refuses with NOT_FOUND, also where it is another account's, or the platform's.
        """
        return await self._store.write(DropEntry(account_id, which, row))

    async def page(
        self,
        account_id: int,
        which: EntryList,
        limit: int,
        *,
        before: int | None = None,
        value: str | None = None,
    ) -> list[Entry]:
        """Entries that hold for an account, the platform's too, below the row `before`, newest first.

        `value`: only those of just this prefix or address, as entries have it.
        """
        return await self._store.read(ListEntries(account_id, which, self._clock.now(), limit, before, value))

    async def prefixes(self) -> list[str]:
        """The prefixes that no account's codes go to, in their order."""
        return await self._store.read(GetPrefixes())

    async def set_prefixes(self, given: Sequence[str]) -> int:
        """Replace that list; answers how long it is then. It is written in steps, additions first.

        Refuses with INVALID_VALUE by place (`prefixes[3]`), before anything is written.
        """
        if len(given) > PREFIXES_MAX:
            raise Refusal(Code.INVALID_VALUE, param="prefixes", items_max=PREFIXES_MAX)
        wanted: dict[str, None] = {}
        for start in range(0, len(given), AT_ONCE):
            for place, text in enumerate(given[start : start + AT_ONCE], start):
                wanted[prefix_of(text, f"prefixes[{place}]")] = None
            await asyncio.sleep(0)
        # What is different is known once: two lists that come together would leave what both have.
        async with self._replacing:
            there = await self.prefixes()
            known = frozenset(there)
            await self._write([prefix for prefix in wanted if prefix not in known], adding=True)
            await self._write([prefix for prefix in there if prefix not in wanted], adding=False)
        return len(wanted)

    async def _write(self, prefixes: Sequence[str], *, adding: bool) -> None:
        for start in range(0, len(prefixes), AT_ONCE):
            part, now = tuple(prefixes[start : start + AT_ONCE]), self._clock.now()
            first = self._ids.take(now, len(part))
            add, remove = (part, ()) if adding else ((), part)
            await self._store.write(ChangePrefixes(add, remove, first, now))
