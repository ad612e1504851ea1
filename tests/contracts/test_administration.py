"""Accounts, money, keys, prices, channels; and the version that tells others to look again."""

from dataclasses import replace
from typing import Any

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.ledger import FUNDED_MAX
from posthouse.core.limits import NO_LIMITS, RecipientLimits
from posthouse.core.message import Lane
from posthouse.core.ports.admin import (
    USUAL_LIMIT,
    AccountStatus,
    CreateAccount,
    CreateKey,
    CreditAccount,
    NextBoot,
    RevokeKey,
    SetPrices,
    UpdateAccount,
)
from posthouse.core.ports.channels import (
    AddChannel,
    ChannelRecord,
    ListChannelRecords,
    ListChannels,
)
from posthouse.core.ports.queries import (
    DirectoryVersion,
    GetAccount,
    GetPrices,
    ListAccounts,
)
from posthouse.core.ports.store import Command
from posthouse.core.quiet import QuietHours
from posthouse.core.routing import Channel, ChannelState, UnknownPolicy
from tests.contracts.administering import a_key, a_trial, refused, the_account
from tests.contracts.build import FUNDS, PRICE, World

CHANNEL = Channel(
    0, "tencent-1", "tencent", None, ChannelState.DRAINING, frozenset({"CN", "US"}), 3, 20, 4, 30_000
)


async def test_an_account_opens_with_its_settings_and_its_first_credit(world: World):
    command = CreateAccount(
        "beta",
        AccountStatus.TRIAL,
        FUNDS,
        world.now,
        "US",
        "USD",
        UnknownPolicy.RESEND,
        strict_numbers=True,
        rate_limit=7,
    )
    assert await world.write(command) is None
    account = await the_account(world, "beta")
    assert account == await world.read(GetAccount(account.id))
    assert (account.name, account.status, account.region, account.currency) == (
        "beta",
        AccountStatus.TRIAL,
        "US",
        "USD",
    )
    assert (account.unknown_policy, account.created_at) == (UnknownPolicy.RESEND, world.now)
    assert (account.strict_numbers, account.rate_limit) == (True, 7)
    assert await world.purses(account.id) == (100, 0, 0)


async def test_an_account_that_is_not_there_is_none(world: World):
    assert await world.read(GetAccount(999)) is None
    assert await world.read(GetAccount(name="nobody")) is None


async def test_a_name_is_taken_once_even_within_one_commit(world: World):
    commands = [CreateAccount("beta", AccountStatus.PENDING, PRICE, world.now) for _ in range(3)]
    answers = await world.together(*commands)
    assert answers[0] is None
    assert [answer.code for answer in answers[1:]] == [Code.ALREADY_EXISTS] * 2
    assert [account.name for account, _ in await world.read(ListAccounts())] == ["acme", "beta"]


async def test_credit_adds_to_what_is_available(world: World):
    credited = await world.write(CreditAccount("acme", 5 * PRICE, world.now))
    assert (credited.balance.available, credited.replayed) == (FUNDS + 5 * PRICE, False)
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
    assert answers[0].balance.available == PRICE
    assert isinstance(answers[2], Refusal)
    assert await world.purses(poor) == (0, 1, 0)


async def test_a_credit_with_a_key_is_given_once_and_answered_alike_ever_after(world: World):
    first = CreditAccount("acme", 5 * PRICE, world.now, world.once("k", b"five"))
    answers = await world.together(first, first)
    await world.write(CreditAccount("acme", PRICE, world.now))
    answers.append(await world.write(first))
    assert [answer.replayed for answer in answers] == [False, True, True]
    assert {answer.balance.available for answer in answers} == {FUNDS + 5 * PRICE}
    assert (await world.balance()).available == FUNDS + 6 * PRICE
    other = replace(first, once=world.once("k", b"six"))
    assert await refused(world, other) is Code.IDEMPOTENCY_KEY_REUSED


async def test_a_refused_credit_leaves_its_key_free(world: World):
    once = world.once("k", b"five")
    assert await refused(world, CreditAccount("nobody", PRICE, world.now, once)) is Code.NOT_FOUND
    assert not (await world.write(CreditAccount("acme", PRICE, world.now, once))).replayed


async def test_no_account_is_credited_more_than_can_be_counted(world: World):
    rest = FUNDED_MAX - FUNDS
    assert await refused(world, CreditAccount("acme", rest + 1, world.now)) is Code.INVALID_VALUE
    assert (await world.write(CreditAccount("acme", rest, world.now))).balance.available == FUNDED_MAX


async def test_an_account_is_opened_once_under_one_key(world: World):
    command = CreateAccount("beta", AccountStatus.PENDING, PRICE, world.now, once=world.once("k", b"beta"))
    assert await world.together(command, command) == [None, b"reply"]
    assert await world.write(command) == b"reply"
    assert await world.purses((await the_account(world, "beta")).id) == (1, 0, 0)
    other = replace(command, name="gamma", once=world.once("k", b"gamma"))
    assert await refused(world, other) is Code.IDEMPOTENCY_KEY_REUSED


async def test_accounts_are_listed_page_by_page(world: World):
    for name in ("beta", "gamma"):
        await world.account(name)
    [(first, _), (second, _)] = await world.read(ListAccounts(limit=2))
    [(third, _)] = await world.read(ListAccounts(limit=2, after_id=second.id))
    assert [first.name, second.name, third.name] == ["acme", "beta", "gamma"]


async def test_a_status_can_be_changed(world: World):
    await world.write(UpdateAccount("acme", AccountStatus.REJECTED))
    assert (await the_account(world, "acme")).status is AccountStatus.REJECTED
    assert await refused(world, UpdateAccount("nobody", AccountStatus.TRIAL)) is Code.NOT_FOUND


@pytest.mark.parametrize(
    "change",
    [
        {"status": AccountStatus.PENDING},
        {"region": "US"},
        {"unknown_policy": UnknownPolicy.RESEND},
        {"strict_numbers": True},
        {"rate_limit": 9},
        {"quiet_hours": QuietHours(21 * 60, 8 * 60)},
        {
            "recipient_limits": {
                Lane.OTP: RecipientLimits(minute=1, day=0),
                Lane.MARKETING: RecipientLimits(hour=5),
            }
        },
        {},
    ],
)
async def test_of_an_account_only_what_is_given_changes(world: World, change: dict[str, Any]):
    before = await the_account(world, "acme")
    await world.write(UpdateAccount("acme", **change))
    assert await the_account(world, "acme") == before._replace(**change)
    await world.write(UpdateAccount("acme", strict_numbers=False, rate_limit=USUAL_LIMIT))
    after = await the_account(world, "acme")
    assert (after.strict_numbers, after.rate_limit) == (False, None)


async def test_an_account_has_neither_quiet_hours_nor_limits_until_it_is_given_some(world: World):
    account = await the_account(world, "acme")
    assert (account.quiet_hours, account.recipient_limits) == (None, NO_LIMITS)


async def test_quiet_hours_and_limits_are_replaced_and_ended(world: World):
    night, limits = QuietHours(21 * 60, 8 * 60), {Lane.OTP: RecipientLimits(minute=1)}
    await world.write(UpdateAccount("acme", quiet_hours=night, recipient_limits=limits))
    others = {Lane.MARKETING: RecipientLimits(day=2)}
    await world.write(UpdateAccount("acme", quiet_hours=QuietHours(0, 1), recipient_limits=others))
    account = await the_account(world, "acme")
    assert (account.quiet_hours, account.recipient_limits) == (QuietHours(0, 1), others)
    await world.write(UpdateAccount("acme", quiet_hours="none", recipient_limits={}))
    account = await the_account(world, "acme")
    assert (account.quiet_hours, account.recipient_limits) == (None, NO_LIMITS)


async def test_a_new_account_copies_the_default_prices_and_then_has_its_own(world: World):
    await world.write(SetPrices(0, (("*", 50_000), ("US", 80_000))))
    beta = await world.account("beta")
    assert await world.read(GetPrices(beta)) == {"*": 50_000, "US": 80_000}
    await world.write(SetPrices(0, (("US", 90_000),)))
    await world.write(SetPrices(beta, (("*", 40_000), ("CN", 30_000))))
    assert await world.read(GetPrices(beta)) == {"*": 40_000, "US": 80_000, "CN": 30_000}
    assert await world.read(GetPrices(0)) == {"*": 50_000, "US": 90_000}
    assert await world.read(GetPrices(world.account_id)) == {}


async def test_a_line_is_taken_out_of_a_price_list(world: World):
    beta = await world.account("beta")
    await world.write(SetPrices(beta, (("*", 1), ("CN", 2), ("US", 3))))
    await world.write(SetPrices(beta, (("CN", None), ("FR", None), ("US", 4))))
    assert await world.read(GetPrices(beta)) == {"*": 1, "US": 4}


async def test_accepted_messages_keep_their_price_whatever_becomes_of_the_list(world: World):
    message = await world.accept()
    await world.write(SetPrices(world.account_id, (("*", 7 * PRICE),)))
    assert (await world.get(message)).price == PRICE
    assert await world.purses() == (99, 1, 0)


async def test_a_channel_is_listed_as_it_was_added(world: World):
    await world.write(AddChannel(ChannelRecord(CHANNEL, {"region": "x"}, b"sealed"), world.now))
    own = replace(CHANNEL, account_id=world.account_id, countries=frozenset(), simulated=True)
    await world.write(AddChannel(ChannelRecord(own, {}, b""), world.now))
    found = await world.read(ListChannels())
    assert [replace(each, id=0, version=0) for each in found] == [CHANNEL, own]
    (record, _) = await world.read(ListChannelRecords(CHANNEL.name))
    assert (record.channel, record.settings, record.credentials) == (found[0], {"region": "x"}, b"sealed")
    assert await refused(world, AddChannel(ChannelRecord(own, {}, b""), world.now)) is Code.ALREADY_EXISTS


async def test_every_administrative_command_raises_the_directory_version(world: World):
    commands: list[Command[Any]] = [
        CreateAccount("beta", AccountStatus.PENDING, 0, world.now),
        CreditAccount("beta", 1, world.now),
        UpdateAccount("beta", AccountStatus.APPROVED),
        CreateKey(a_key(world)),
        RevokeKey("lookup0001", world.now),
        AddChannel(ChannelRecord(CHANNEL, {}, b""), world.now),
        SetPrices(0, (("*", 1),)),
        a_trial(world, 1),
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
