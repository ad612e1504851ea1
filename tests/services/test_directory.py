"""What the directory remembers of templates, and until when."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from posthouse.core.errors import Code, Refusal
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
from posthouse.core.ports.store import Unavailable
from posthouse.core.ports.templates import GetOwn, GetVersion, Own
from posthouse.core.routing import Channel, ChannelState, UnknownPolicy
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


async def test_all_who_want_to_know_at_once_share_one_look():
    shelf = Shelf()
    await shelf.directory.refresh()
    answers = await asyncio.gather(*(shelf.directory.own(1) for _ in range(40)))
    assert all(answer is shelf.has for answer in answers)
    assert shelf.reads(GetOwn) == 1
    shelf.directory.forget()
    await asyncio.gather(*(shelf.directory.own(account) for account in (1, 2) for _ in range(20)))
    assert shelf.reads(GetOwn) == 3


class Slow(Shelf):
    """Answers about what an account owns when it is told to, with what there was when it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.told = asyncio.Event()
        read = self.store.read

        async def slowly(query: Any) -> Any:
            answer = await read(query)
            if isinstance(query, GetOwn):
                await self.told.wait()
                if isinstance(answer, Exception):
                    raise answer
            return answer

        self.store.read = slowly  # type: ignore[method-assign]


async def reading(count: int, shelf: Shelf) -> "list[asyncio.Task[Own]]":
    """So many who wait for an answer."""
    tasks = [asyncio.create_task(shelf.directory.own(1)) for _ in range(count)]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_whoever_asks_after_a_change_gets_no_answer_of_before_it():
    shelf = Slow()
    [early] = await reading(1, shelf)
    before, shelf.has = shelf.has, own()
    shelf.directory.forget()
    [late] = await reading(1, shelf)
    shelf.told.set()
    assert (await early, await late) == (before, shelf.has)
    assert (await shelf.directory.own(1), shelf.reads(GetOwn)) == (shelf.has, 2)


async def test_whoever_asked_first_may_go_away_before_the_answer():
    shelf = Slow()
    first, *others = await reading(3, shelf)
    first.cancel()
    await asyncio.wait([first])
    shelf.told.set()
    assert await asyncio.gather(*others) == [shelf.has] * 2
    assert first.cancelled()
    assert shelf.reads(GetOwn) == 1


async def test_a_failure_is_told_to_all_who_waited_and_to_nobody_else():
    shelf = Slow()
    shelf.store.answers[GetOwn] = lambda _: Unavailable()
    tasks = await reading(2, shelf)
    shelf.told.set()
    failures = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(failure) for failure in failures] == [Unavailable] * 2
    shelf.store.answers[GetOwn] = lambda _: shelf.has
    assert await shelf.directory.own(1) is shelf.has


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
    with pytest.raises(LookupError):
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


@pytest.mark.parametrize("state", [ChannelState.DRAINING, ChannelState.OFF])
async def test_only_what_takes_messages_can_be_asked_for_by_name(state):
    stopped = Channel(3, "mainland", "aliyun", state=state)
    desk = Desk(TENCENT, stopped, Channel(4, "theirs", "twilio", account_id=8, state=state))
    await desk.directory.refresh()
    for pin in ("tencent", "tencent-1"):
        desk.directory.check_pin(1, pin)

    def code_of(pin: str) -> Code:
        with pytest.raises(Refusal) as caught:
            desk.directory.check_pin(1, pin)
        return caught.value.code

    assert {code_of("aliyun"), code_of("mainland")} == {Code.VENDOR_NOT_CONFIGURED}
    assert {code_of("theirs"), code_of("nobody")} == {Code.UNKNOWN_VENDOR}
    second = Desk(stopped, Channel(5, "mainland-2", "aliyun"))
    await second.directory.refresh()
    second.directory.check_pin(1, "aliyun")
