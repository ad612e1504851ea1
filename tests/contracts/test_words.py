"""Words that an account's messages must not hold."""

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.templates import (
    GetWords,
    SetWords,
)
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
