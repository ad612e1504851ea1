"""Keys and trials: issued once, limited as their account is, revoked but for the last that administers."""

from dataclasses import replace

from posthouse.core.errors import Code
from posthouse.core.message import Mode
from posthouse.core.ports.admin import (
    RATE_LIMIT,
    USUAL_LIMIT,
    AccountStatus,
    CreateKey,
    NewKey,
    RevokeKey,
    Role,
    SetPrices,
    UpdateAccount,
)
from posthouse.core.ports.queries import FindKey, GetAccount, GetPrices, KeyRecord, ListKeys
from tests.contracts.administering import a_key, a_trial, refused, the_account
from tests.contracts.build import PRICE, World


async def the_key(world: World, lookup: str = "lookup0001") -> KeyRecord:
    found = await world.read(FindKey(lookup))
    assert found is not None
    return found


async def test_a_rate_limit_holds_for_every_limited_key_of_the_account_and_for_new_ones(world: World):
    await world.account("beta")
    await world.write(CreateKey(a_key(world, "limited001")))
    await world.write(CreateKey(a_key(world, "unlimited1", limited=False)))
    await world.write(CreateKey(a_key(world, "another001", account_id=(await the_account(world, "beta")).id)))
    await world.write(UpdateAccount("acme", rate_limit=9))
    await world.write(UpdateAccount("acme", region="US"))
    await world.write(CreateKey(a_key(world, "newer00001")))
    limits = {key.lookup: key.rate_limit for key in await world.read(ListKeys())}
    assert limits == {"limited001": 9, "unlimited1": None, "another001": RATE_LIMIT, "newer00001": 9}
    await world.write(UpdateAccount("acme", rate_limit=USUAL_LIMIT))
    assert (await the_key(world, "limited001")).rate_limit == RATE_LIMIT


async def test_a_key_is_found_by_its_lookup_with_all_it_was_given(world: World):
    key = a_key(world)
    assert await world.write(CreateKey(key)) is None
    found = await the_key(world)
    given = {name: getattr(key, name) for name in NewKey.__slots__ if name != "limited"}
    assert {name: getattr(found, name) for name in given} == given
    assert (found.rate_limit, found.revoked_at) == (RATE_LIMIT, None)
    assert await world.read(FindKey("lookup9999")) is None


async def test_a_key_is_issued_once_under_one_idempotency_key(world: World):
    first = CreateKey(a_key(world, "lookup0001"), world.once("k", b"key", b"sealed"))
    again = replace(first, key=a_key(world, "lookup0002"))
    assert await world.together(first, again) == [None, b"sealed"]
    assert await world.write(again) == b"sealed"
    assert [key.lookup for key in await world.read(ListKeys())] == ["lookup0001"]
    other = replace(again, once=world.once("k", b"another"))
    assert await refused(world, other) is Code.IDEMPOTENCY_KEY_REUSED


async def test_a_revoked_key_says_when_and_is_revoked_once(world: World):
    await world.write(CreateKey(a_key(world)))
    await world.write(RevokeKey("lookup0001", world.now))
    assert (await the_key(world)).revoked_at == world.now
    assert await refused(world, RevokeKey("lookup0001", world.now + 1)) is Code.NOT_FOUND
    assert await refused(world, RevokeKey("lookup9999", world.now)) is Code.NOT_FOUND


async def test_of_the_live_operators_keys_one_stays(world: World):
    operator = {"role": Role.OPERATOR, "mode": Mode.LIVE}
    for lookup in ("operator01", "operator02"):
        await world.write(CreateKey(a_key(world, lookup, **operator)))
    await world.write(CreateKey(a_key(world, "testing001", role=Role.OPERATOR)))
    await world.write(CreateKey(a_key(world, "live000001", mode=Mode.LIVE)))
    answers = await world.together(*(RevokeKey(f"operator0{n}", world.now) for n in (1, 2)))
    assert answers[0] is None
    assert answers[1].code is Code.LAST_OPERATOR_KEY
    assert (await the_key(world, "operator02")).revoked_at is None
    for other in ("testing001", "live000001"):
        await world.write(RevokeKey(other, world.now))


async def test_keys_are_listed_by_account_and_page_by_page(world: World):
    beta = await world.account("beta")
    for lookup, account_id in (("lookup0001", 0), ("lookup0002", beta), ("lookup0003", beta)):
        await world.write(CreateKey(a_key(world, lookup, account_id=account_id or world.account_id)))
    everything = await world.read(ListKeys())
    assert [key.lookup for key in everything] == ["lookup0001", "lookup0002", "lookup0003"]
    assert await world.read(ListKeys(beta)) == everything[1:]
    assert await world.read(ListKeys(beta, limit=1)) == everything[1:2]
    assert await world.read(ListKeys(beta, limit=1, after_id=everything[1].id)) == everything[2:]
    assert await world.read(ListKeys(limit=1, after_id=everything[0].id)) == everything[1:2]


async def test_a_trial_opens_with_money_prices_and_a_key(world: World):
    await world.write(SetPrices(0, (("*", PRICE),)))
    assert await world.write(a_trial(world, 1)) is None
    account = await the_account(world, "trial-1")
    assert account.status is AccountStatus.TRIAL
    assert await world.purses(account.id) == (10, 0, 0)
    assert await world.read(GetPrices(account.id)) == {"*": PRICE}
    assert (await the_key(world, "trial00001")).account_id == account.id


async def test_trials_are_capped_until_one_is_approved(world: World):
    assert await world.together(*(a_trial(world, number) for number in range(5))) == [None] * 5
    assert await refused(world, a_trial(world, 5)) is Code.TRIALS_EXHAUSTED
    assert await world.read(GetAccount(name="trial-5")) is None
    await world.write(UpdateAccount("trial-0", AccountStatus.APPROVED))
    assert await world.write(a_trial(world, 5)) is None


async def test_a_trial_is_opened_once_under_one_key_even_when_there_are_enough(world: World):
    once = replace(world.once("k", b"{}", b"sealed"), account_id=0)
    first = a_trial(world, 1, once=once, total_max=1)
    assert await world.write(first) is None
    assert await world.write(replace(first, name="trial-2", key=a_key(world, "trial00002"))) == b"sealed"
    assert await world.read(GetAccount(name="trial-2")) is None
