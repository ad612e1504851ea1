"""Codes asked for under a guard, over the port: numbers by the hundred, from many addresses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from posthouse.core.guard import UNCHANGED_GUARD, Guard, Objection, Rule, RuleMode, RuleSetting
from posthouse.core.guard_changes import Changes, changed
from posthouse.core.ports.guard import (
    CountObjections,
    Entry,
    EntryKind,
    EntryList,
    ListEntries,
    SaveEntry,
)
from posthouse.core.ports.otp import CodeSent, SendCode
from tests.contracts.codes import Desk

HOUR_US = 3_600_000_000
RICH = 10**12


@dataclass
class Gate(Desk):
    """Asks for codes that are sent for real, under a guard, for an end user's address."""

    guard: Guard = UNCHANGED_GUARD
    country: str = "CN"
    kind: str = "mobile"
    address: str | None = None
    simulated: bool = False

    def command(self, *args: Any, **options: Any) -> SendCode:
        """The command that sends it, with what the guard is told."""
        sending = super().command(*args, **options)
        asked = sending.asked._replace(
            guard=self.guard,
            country=self.country,
            kind=self.kind,
            address=self.address,
            simulated=self.simulated,
        )
        verification = sending.verification._replace(country=self.country)
        return replace(sending, asked=asked, verification=verification)

    def of(self, **other: Any) -> "Gate":
        """The same for another account, number, address and so on."""
        return replace(self, **other)

    def under(self, guard: Guard = UNCHANGED_GUARD, **rules: Mapping[str, Any]) -> "Gate":
        """The same under changed rules."""
        return replace(self, guard=ruled(guard, **rules))

    async def asks(self, number: str, **other: Any) -> Objection | None:
        """A code for this number; what the guard has against it."""
        sent: CodeSent = await self.of(number=number, **other).send()
        assert not sent.stale
        return sent.refused

    async def fill(self, numbers: Iterable[str], **other: Any) -> None:
        """Codes for all of these; each must go."""
        for number in numbers:
            assert await self.asks(number, **other) is None, number

    async def verified(self, number: str, **other: Any) -> None:
        """A code that is sent and checked."""
        desk = self.of(number=number, **other)
        assert await desk.send() == CodeSent()
        assert (await desk.right()).valid

    async def put(
        self,
        value: str,
        which: EntryList = EntryList.BLOCK,
        *,
        kind: EntryKind = EntryKind.PREFIX,
        **fields: Any,
    ) -> Entry:
        """An entry on a list, as somebody would put it there."""
        now = self.world.now
        entry = Entry(self.ids.take(now), self.account_id, which, kind, value, None, None, now, None)
        entry = entry._replace(**fields)
        await self.world.write(SaveEntry(entry))
        return entry

    async def listed(self, which: EntryList = EntryList.BLOCK, **wanted: Any) -> list[Entry]:
        """The entries that hold for the account."""
        values = {"limit": 100} | wanted
        return await self.world.read(ListEntries(self.account_id, which, self.world.now, **values))

    async def objections(self) -> dict[Rule, tuple[int, int]]:
        """Refused and shadowed by rule, within the day, of codes of this mode."""
        since = self.world.now - 24 * HOUR_US
        found = await self.world.read(CountObjections(self.account_id, since, self.mode))
        return dict(found)


def ruled(guard: Guard = UNCHANGED_GUARD, **rules: Mapping[str, Any]) -> Guard:
    """A guard with rules changed, each by its name."""
    return changed(guard, Changes({}, {Rule(name): fields for name, fields in rules.items()}))


def only(*rules: Rule) -> Guard:
    """A guard whose other rules are off."""
    settings = {
        rule: setting if rule in rules else RuleSetting(RuleMode.OFF)
        for rule, setting in UNCHANGED_GUARD.rules.items()
    }
    return UNCHANGED_GUARD._replace(rules=settings)


def thousand(head: str, count: int = 1000) -> list[str]:
    """The first numbers of a thousand."""
    return [f"{head}{last:03}" for last in range(count)]
