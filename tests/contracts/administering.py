"""What stories of administration are told with."""

from dataclasses import replace
from typing import Any

import pytest

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Mode
from posthouse.core.ports.admin import NewKey, OpenTrial, Role
from posthouse.core.ports.queries import AccountRecord, GetAccount
from posthouse.core.ports.store import Command
from tests.contracts.build import PRICE, World


def a_key(world: World, lookup: str = "lookup0001", **fields: Any) -> NewKey:
    scopes = frozenset({"messages:write", "account:read"})
    key = NewKey(
        lookup,
        world.account_id,
        Role.ACCOUNT,
        Mode.TEST,
        scopes,
        b"t" * 32,
        b"s" * 32,
        limited=True,
        created_at=world.now,
        name="tests",
    )
    return replace(key, **fields)


def a_trial(world: World, number: int, **fields: Any) -> OpenTrial:
    key = a_key(world, f"trial{number:05}", account_id=0)
    command = OpenTrial(f"trial-{number}", 10 * PRICE, key, world.now, total_max=5)
    return replace(command, **fields)


async def refused(world: World, command: Command[Any]) -> Code:
    with pytest.raises(Refusal) as refusal:
        await world.write(command)
    return refusal.value.code


async def the_account(world: World, name: str) -> AccountRecord:
    found = await world.read(GetAccount(name=name))
    assert found is not None
    return found
