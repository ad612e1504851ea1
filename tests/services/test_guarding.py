"""The guard's settings and lists, as the services draft and write them."""

import asyncio
from typing import Any

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.guard import UNCHANGED_GUARD, Rule
from posthouse.core.guard_changes import Changes
from posthouse.core.ids import STEP, Ids
from posthouse.core.ports.guard import (
    ChangePrefixes,
    CountObjections,
    EntryKind,
    EntryList,
    GetPrefixes,
    SetGuard,
)
from posthouse.core.ports.queries import GetAccount
from posthouse.services import guarding
from posthouse.services.guarding import Guarding
from tests.fakes import ScriptedStore
from tests.services.desk import NOW, caller

DAY_US = 86_400_000_000


class FixedClock:
    def now(self) -> int:
        return NOW


class Loaded(ScriptedStore):
    """Keeps the platform's prefixes."""

    def __init__(self, *prefixes: str) -> None:
        super().__init__()
        self.prefixes = list(prefixes)
        self.answers |= {
            GetPrefixes: lambda _: list(self.prefixes),
            ChangePrefixes: self.change,
            GetAccount: lambda _: caller().account,
            SetGuard: lambda _: UNCHANGED_GUARD,
            CountObjections: lambda _: {Rule.SPEND: (1, 2)},
        }

    def change(self, command: ChangePrefixes) -> None:
        self.prefixes = [each for each in (*self.prefixes, *command.add) if each not in command.remove]


@pytest.fixture
def store() -> Loaded:
    return Loaded("+237", "+8835")


@pytest.fixture
def service(store) -> Guarding:
    return Guarding(store, FixedClock(), Ids(1))


def draft(service: Guarding, **fields: Any):
    return service.draft(1, EntryList.BLOCK, **fields).entry


def refused(service: Guarding, **fields: Any) -> tuple[Code, str | None]:
    with pytest.raises(Refusal) as refusal:
        draft(service, **fields)
    return refusal.value.code, refusal.value.param


def test_an_entry_is_of_a_prefix_or_an_address_for_a_while_or_for_good(service):
    prefix, address = draft(service, prefix="+237 67"), draft(service, address="::ffff:1.2.3.4", ttl_s=60)
    assert (prefix.kind, prefix.value, prefix.expires_at) == (EntryKind.PREFIX, "+23767", None)
    assert (address.kind, address.value) == (EntryKind.ADDRESS, "1.2.3.4")
    assert (address.rule, address.mode, address.expires_at) == (None, None, NOW + 60_000_000)
    assert address.row > prefix.row


def test_what_is_no_entry_is_refused_by_its_field(service):
    assert refused(service) == (Code.MISSING_FIELD, "prefix")
    assert refused(service, prefix="+1", address="1.2.3.4") == (Code.INVALID_VALUE, "address")
    assert refused(service, prefix="237") == (Code.INVALID_VALUE, "prefix")
    assert refused(service, address="+1") == (Code.INVALID_VALUE, "address")
    for ttl_s in (0, 59, guarding.TTL_MAX_S + 1):
        assert refused(service, prefix="+1", ttl_s=ttl_s) == (Code.INVALID_VALUE, "ttl_s")


async def test_changes_are_checked_before_they_are_written_and_none_is_written_for_nothing(service, store):
    with pytest.raises(Refusal):
        await service.change(1, Changes({"spend_hour": -1}))
    assert await service.change(1, Changes()) == UNCHANGED_GUARD
    assert store.written(SetGuard) == []
    await service.change(1, Changes({"spend_hour": 1}))
    assert len(store.written(SetGuard)) == 1


async def test_the_guard_of_no_account_is_not_found(service, store):
    store.answers[GetAccount] = lambda _: None
    with pytest.raises(Refusal) as refusal:
        await service.settings(1)
    assert refusal.value.code is Code.NOT_FOUND


async def test_objections_are_those_of_the_last_day(service, store):
    assert await service.objections(1) == {Rule.SPEND: (1, 2)}
    assert store.asked == [CountObjections(1, NOW - DAY_US, None)]


async def test_a_list_is_replaced_by_what_is_different_in_short_steps(service, store, monkeypatch):
    monkeypatch.setattr(guarding, "AT_ONCE", 2)
    assert await service.set_prefixes(["+8835", "+1 900", "+44", "+49", "+1900"]) == 4
    assert sorted(store.prefixes) == ["+1900", "+44", "+49", "+8835"]
    written = store.written(ChangePrefixes)
    assert [(each.add, each.remove) for each in written] == [
        (("+1900", "+44"), ()),
        (("+49",), ()),
        ((), ("+237",)),
    ]
    rows = [each.first_row + n * STEP for each in written for n in range(len(each.add))]
    assert len(set(rows)) == 3
    await service.set_prefixes(["+49", "+44", "+8835", "+1900"])
    assert len(store.written(ChangePrefixes)) == 3


async def test_of_two_lists_that_come_together_one_is_left(service, store, monkeypatch):
    monkeypatch.setattr(guarding, "AT_ONCE", 2)
    lists = ["+1", "+2", "+3", "+4"], ["+3", "+5", "+6", "+7"]
    await asyncio.gather(*(service.set_prefixes(each) for each in lists))
    assert sorted(store.prefixes) in lists


async def test_a_faulty_list_is_refused_by_place_and_nothing_of_it_written(service, store, monkeypatch):
    monkeypatch.setattr(guarding, "AT_ONCE", 2)
    with pytest.raises(Refusal) as refusal:
        await service.set_prefixes(["+1", "+2", "+3", "4"])
    assert (refusal.value.code, refusal.value.param) == (Code.INVALID_VALUE, "prefixes[3]")
    monkeypatch.setattr(guarding, "PREFIXES_MAX", 2)
    with pytest.raises(Refusal) as refusal:
        await service.set_prefixes(["+1", "+2", "+3"])
    assert dict(refusal.value.facts) == {"items_max": 2}
    assert store.prefixes == ["+237", "+8835"]
