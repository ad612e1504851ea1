"""Words that an account's messages must not hold."""

import asyncio
from collections.abc import Iterable

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.templates import (
    GetWords,
    SetWords,
)
from posthouse.core.words import WordList
from posthouse.storage import owned
from tests.contracts.build import World
from tests.contracts.wording import own


async def test_words_are_kept_in_the_order_they_were_given_and_found_in_texts(world: World):
    assert await world.read(GetWords(world.account_id)) == ()
    await world.write(SetWords(world.account_id, ("中奖", "Casino", "彩票")))
    assert await world.read(GetWords(world.account_id)) == ("中奖", "Casino", "彩票")
    with pytest.raises(Refusal) as refusal:
        (await own(world)).words.check("The CASINO is open", param="body")
    assert refusal.value.code is Code.SENSITIVE_WORD
    await world.write(SetWords(world.account_id, ("赌",)))
    assert await world.read(GetWords(world.account_id)) == ("赌",)
    (await own(world)).words.check("The CASINO is open", param="body")
    await world.write(SetWords(world.account_id, ()))
    assert await world.read(GetWords(world.account_id)) == ()
    assert not (await own(world)).words


async def test_the_words_of_one_account_are_no_other_accounts(world: World):
    beta = await world.account("beta")
    await world.write(SetWords(beta, ("中奖",)))
    assert not (await own(world)).words
    assert (await own(world, beta)).words


async def test_a_list_is_built_once_for_all_who_read_it_at_a_time_and_kept_for_many_accounts(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    built: list[str] = []

    class Counted(WordList):
        def __init__(self, words: Iterable[str] = ()) -> None:
            built.append("\n".join(words))
            super().__init__(built[-1].split("\n"))

    monkeypatch.setattr(owned, "WordList", Counted)
    accounts = [await world.account(f"account-{n}") for n in range(30)]
    for n, account_id in enumerate(accounts):
        await world.write(SetWords(account_id, (f"word-{n}", f"only-{world.now}")))
    for _ in range(2):
        await asyncio.gather(*(own(world, account_id) for account_id in accounts for _ in range(3)))
    assert len(built) == len(set(built)) == 30
