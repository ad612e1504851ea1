"""What the directory remembers of templates, and until when."""

from dataclasses import replace
from typing import Any

import pytest

from posthouse.core.keys import issue, prove
from posthouse.core.message import Mode
from posthouse.core.ports.admin import AccountStatus, Role
from posthouse.core.ports.queries import (
    AccountRecord,
    DirectoryVersion,
    FindKey,
    GetAccount,
    GetPrices,
    KeyRecord,
)
from posthouse.core.ports.templates import GetOwn, GetVersion
from posthouse.core.routing import Channel, UnknownPolicy
from posthouse.services.directory import NoSuchVersion
from tests.services.desk import Desk, own, template

TENCENT = Channel(2, "tencent-1", "tencent")
SANDBOX = Channel(1, "sandbox", "sandbox", simulated=True)
OLD = template("old {code}", version=1)
NEW = template("new {code}", version=2)


class Shelf(Desk):
    """A desk whose store has two versions of a template."""

    def __init__(self, *channels: Channel, **options: Any) -> None:
        super().__init__(*channels, **options)
        self.has = own(NEW)
        self.version = 1
        versions = {1: OLD, 2: NEW}
        self.store.answers |= {
            GetOwn: lambda _: self.has,
            GetVersion: lambda asked: versions.get(asked.version),
            DirectoryVersion: lambda _: self.version,
        }

    def reads(self, kind: type) -> int:
        return sum(type(query) is kind for query in self.store.asked)


async def test_what_an_account_owns_is_read_once_until_something_changes():
    shelf = Shelf()
    await shelf.directory.refresh()
    for _ in range(3):
        assert (await shelf.directory.own(1)).templates == {"1": NEW}
    assert shelf.reads(GetOwn) == 1
    shelf.has, shelf.version = own(), 2
    await shelf.directory.refresh()
    assert (await shelf.directory.own(1)).templates == {}


async def test_a_change_of_this_process_is_known_at_once():
    shelf = Shelf()
    await shelf.directory.refresh()
    await shelf.directory.own(1)
    shelf.has = own()
    shelf.directory.forget()
    assert (await shelf.directory.own(1)).templates == {}


async def test_what_was_read_while_it_changed_is_not_remembered(monkeypatch):
    shelf = Shelf()
    await shelf.directory.refresh()
    read = shelf.store.read

    async def overtaken(query: Any) -> Any:
        answer = await read(query)
        if isinstance(query, GetOwn):
            shelf.has, shelf.version = own(), shelf.version + 1
            await shelf.directory.refresh()
        return answer

    monkeypatch.setattr(shelf.store, "read", overtaken)
    assert (await shelf.directory.own(1)).templates == {"1": NEW}
    assert (await shelf.directory.own(1)).templates == {}


async def test_the_newest_version_is_at_hand_and_older_ones_are_read_once():
    shelf = Shelf()
    await shelf.directory.refresh()
    for _ in range(2):
        assert await shelf.directory.version(1, "1", 2) is NEW
        assert await shelf.directory.version(1, "1", 1) is OLD
    assert (shelf.reads(GetOwn), shelf.reads(GetVersion)) == (1, 1)


async def test_a_version_that_is_not_there_is_told_as_such():
    shelf = Shelf()
    await shelf.directory.refresh()
    with pytest.raises(NoSuchVersion):
        await shelf.directory.version(1, "1", 3)


async def test_channels_of_vendors_that_review_templates_are_marked():
    shelf = Shelf(SANDBOX, TENCENT, approving=frozenset({"tencent"}))
    await shelf.directory.refresh()
    assert shelf.directory.channels() == (SANDBOX, replace(TENCENT, approval=True))


async def test_a_caller_comes_with_what_the_account_owns():
    shelf, made = Shelf(), issue(Mode.LIVE)
    pepper = b"p" * 32
    hashes = prove(made.key, pepper), prove(made.api_secret, pepper)
    key = KeyRecord(
        1, made.lookup, 1, Role.ACCOUNT, Mode.LIVE, frozenset({"messages:write"}), *hashes, None, 0, None
    )
    account = AccountRecord(1, "acme", AccountStatus.APPROVED, "CN", "CNY", UnknownPolicy.LEAVE, 0)
    shelf.store.answers |= {
        FindKey: lambda _: key,
        GetAccount: lambda _: account,
        GetPrices: lambda _: {"*": 1},
    }
    await shelf.directory.refresh()
    found = await shelf.directory.identify(made.key)
    assert found.own.templates == {"1": NEW}
