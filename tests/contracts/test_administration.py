"""Accounts, money, keys, prices, channels; and the version that tells others to look again."""

from dataclasses import replace
from typing import Any

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Mode
from posthouse.core.ports.admin import (
    AccountStatus,
    AddChannel,
    CreateAccount,
    CreateKey,
    CreditAccount,
    NewKey,
    NextBoot,
    RevokeKey,
    Role,
    SetAccountStatus,
    SetPrice,
)
from posthouse.core.ports.queries import (
    DirectoryVersion,
    FindKey,
    GetAccount,
    GetPrices,
    ListAccounts,
    ListChannels,
    ListKeys,
)
from posthouse.core.ports.store import Command
from posthouse.core.routing import Channel, ChannelState, UnknownPolicy
from tests.contracts.build import FUNDS, PRICE, World

CHANNEL = Channel(
    0, "tencent-1", "tencent", None, ChannelState.DRAINING, frozenset({"CN", "US"}), 3, 20, 4, 30_000
)


def a_key(world: World, lookup: str = "lookup0001") -> NewKey:
    scopes = frozenset({"messages:write", "account:read"})
    return NewKey(
        lookup, world.account_id, Role.ACCOUNT, Mode.TEST, scopes, b"t" * 32, b"s" * 32, None, world.now
    )


async def refused(world: World, command) -> Code:
    with pytest.raises(Refusal) as refusal:
        await world.write(command)
    return refusal.value.code


async def test_an_account_opens_with_its_settings_and_its_first_credit(world: World):
    command = CreateAccount("beta", AccountStatus.TRIAL, FUNDS, world.now, "US", "USD", UnknownPolicy.RESEND)
    account_id = await world.write(command)
    account = await world.read(GetAccount(account_id))
    assert account is not None
    assert account == await world.read(GetAccount(name="beta"))
    assert (account.name, account.status, account.region, account.currency) == (
        "beta",
        AccountStatus.TRIAL,
        "US",
        "USD",
    )
    assert (account.unknown_policy, account.created_at) == (UnknownPolicy.RESEND, world.now)
    assert await world.purses(account_id) == (100, 0, 0)


async def test_an_account_that_is_not_there_is_none(world: World):
    assert await world.read(GetAccount(999)) is None
    assert await world.read(GetAccount(name="nobody")) is None


async def test_a_name_is_taken_once_even_within_one_commit(world: World):
    commands = [CreateAccount("beta", AccountStatus.PENDING, PRICE, world.now) for _ in range(3)]
    answers = await world.together(*commands)
    assert isinstance(answers[0], int)
    assert [answer.code for answer in answers[1:]] == [Code.ALREADY_EXISTS] * 2
    assert [account.name for account, _ in await world.read(ListAccounts())] == ["acme", "beta"]


async def test_credit_adds_to_what_is_available(world: World):
    assert await world.write(CreditAccount("acme", 5 * PRICE, world.now)) == FUNDS + 5 * PRICE
    assert await refused(world, CreditAccount("nobody", PRICE, world.now)) is Code.NOT_FOUND
    [(_, balance)] = await world.read(ListAccounts())
    assert balance == await world.balance()
    assert (balance.available, balance.funded, balance.transfers) == (105 * PRICE, 105 * PRICE, 2)


async def test_money_credited_can_be_spent_in_the_same_commit(world: World):
    poor = await world.account("poor", credit=0)
    answers = await world.together(
        CreditAccount("poor", PRICE, world.now),
        world.acceptance(world.message(account_id=poor)),
        world.acceptance(world.message(account_id=poor)),
    )
    assert answers[0] == PRICE
    assert isinstance(answers[2], Refusal)
    assert await world.purses(poor) == (0, 1, 0)


async def test_a_status_can_be_changed(world: World):
    await world.write(SetAccountStatus("acme", AccountStatus.REJECTED))
    account = await world.read(GetAccount(world.account_id))
    assert account is not None
    assert account.status is AccountStatus.REJECTED
    assert await refused(world, SetAccountStatus("nobody", AccountStatus.TRIAL)) is Code.NOT_FOUND


async def test_a_new_account_copies_the_default_prices_and_then_has_its_own(world: World):
    await world.write(SetPrice(0, "*", 50_000))
    await world.write(SetPrice(0, "US", 80_000))
    beta = await world.account("beta")
    assert await world.read(GetPrices(beta)) == {"*": 50_000, "US": 80_000}
    await world.write(SetPrice(0, "US", 90_000))
    await world.write(SetPrice(beta, "*", 40_000))
    await world.write(SetPrice(beta, "CN", 30_000))
    assert await world.read(GetPrices(beta)) == {"*": 40_000, "US": 80_000, "CN": 30_000}
    assert await world.read(GetPrices(0)) == {"*": 50_000, "US": 90_000}
    assert await world.read(GetPrices(world.account_id)) == {}


async def test_a_key_is_found_by_its_lookup_with_all_it_was_given(world: World):
    key = a_key(world)
    key_id = await world.write(CreateKey(key))
    found = await world.read(FindKey(key.lookup))
    assert found is not None
    assert found[1:-1] == tuple(getattr(key, name) for name in NewKey.__slots__)
    assert (found.id, found.revoked_at) == (key_id, None)
    assert await world.read(FindKey("lookup9999")) is None


async def test_a_revoked_key_says_when_and_is_revoked_once(world: World):
    await world.write(CreateKey(a_key(world)))
    await world.write(RevokeKey("lookup0001", world.now))
    found = await world.read(FindKey("lookup0001"))
    assert found is not None
    assert found.revoked_at == world.now
    assert await refused(world, RevokeKey("lookup0001", world.now + 1)) is Code.NOT_FOUND
    assert await refused(world, RevokeKey("lookup9999", world.now)) is Code.NOT_FOUND


async def test_keys_are_listed_by_account(world: World):
    beta = await world.account("beta")
    await world.write(CreateKey(a_key(world)))
    await world.write(CreateKey(replace(a_key(world, "lookup0002"), account_id=beta, rate_limit=7)))
    assert [key.lookup for key in await world.read(ListKeys())] == ["lookup0001", "lookup0002"]
    [key] = await world.read(ListKeys(beta))
    assert (key.lookup, key.rate_limit) == ("lookup0002", 7)


async def test_a_channel_is_listed_as_it_was_added(world: World):
    channel_id = await world.write(AddChannel(CHANNEL, b"sealed", world.now))
    own = replace(CHANNEL, name="own", account_id=world.account_id, countries=frozenset(), simulated=True)
    own_id = await world.write(AddChannel(own, b"", world.now))
    assert await world.read(ListChannels()) == [replace(CHANNEL, id=channel_id), replace(own, id=own_id)]
    assert await refused(world, AddChannel(CHANNEL, b"", world.now)) is Code.ALREADY_EXISTS


async def test_every_administrative_command_raises_the_directory_version(world: World):
    commands: list[Command[Any]] = [
        CreateAccount("beta", AccountStatus.PENDING, 0, world.now),
        CreditAccount("beta", 1, world.now),
        SetAccountStatus("beta", AccountStatus.APPROVED),
        CreateKey(a_key(world)),
        RevokeKey("lookup0001", world.now),
        AddChannel(CHANNEL, b"", world.now),
        SetPrice(0, "*", 1),
    ]
    for command in commands:
        before = await world.read(DirectoryVersion())
        await world.write(command)
        assert await world.read(DirectoryVersion()) > before


async def test_sending_does_not_raise_the_directory_version(world: World):
    before = await world.read(DirectoryVersion())
    await world.sent()
    await world.restart()
    assert await world.read(DirectoryVersion()) == before


async def test_boot_numbers_never_repeat(world: World):
    first = await world.write(NextBoot())
    numbers = await world.together(*[NextBoot()] * 3)
    await world.restart()
    assert numbers[0] > first
    assert len({first, *numbers, world.owner}) == 5
