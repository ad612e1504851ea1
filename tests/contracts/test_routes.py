"""The operator's routes: kept under their names, in their order."""

from dataclasses import replace
from typing import Any

import pytest

from posthouse.core.errors import Code
from posthouse.core.message import Lane
from posthouse.core.ports.life import Once
from posthouse.core.ports.queries import DirectoryVersion
from posthouse.core.ports.routes import DropRoute, ListRoutes, SaveRoute
from posthouse.core.ports.store import Command
from posthouse.core.quiet import quiet_hours
from posthouse.core.rules import RULES_MAX, Rule, When
from tests.contracts.administering import refused
from tests.contracts.build import World

WHEN = When(
    purposes=frozenset({Lane.OTP}),
    countries=frozenset({"CN"}),
    prefixes=("+8613",),
    templates=frozenset({"登录"}),
    hours=quiet_hours("09:00-21:00"),
)
WHOLE = Rule(0, "mainland", 20, WHEN, ("tencent", "aliyun-2"), only=True, receipt_within_s=60)


async def routes(world: World) -> list[Rule]:
    return await world.read(ListRoutes())


async def test_a_route_is_kept_as_it_was_given(world: World):
    await world.write(SaveRoute(WHOLE, world.now))
    [kept] = await routes(world)
    assert kept == replace(WHOLE, id=kept.id)


async def test_routes_stand_by_position_and_of_one_position_the_oldest_first(world: World):
    for name, position in (("c", 30), ("a", 10), ("b", 10)):
        await world.write(SaveRoute(Rule(0, name, position, channels=("x",)), world.now))
    assert [rule.name for rule in await routes(world)] == ["a", "b", "c"]
    [first, *_] = await routes(world)
    await world.write(SaveRoute(replace(first, position=40), world.now))
    assert [rule.name for rule in await routes(world)] == ["b", "c", "a"]


async def test_names_are_unique_and_free_again_once_the_route_is_gone(world: World):
    await world.write(SaveRoute(WHOLE, world.now))
    assert await refused(world, SaveRoute(WHOLE, world.now)) is Code.ALREADY_EXISTS
    await world.write(DropRoute("mainland"))
    assert await routes(world) == []
    await world.write(SaveRoute(WHOLE, world.now))


async def test_what_is_not_there_can_be_neither_changed_nor_dropped(world: World):
    for command in (SaveRoute(replace(WHOLE, id=99), world.now), DropRoute("mainland")):
        assert await refused(world, command) is Code.NOT_FOUND


async def test_a_route_is_made_once_for_each_idempotency_key(world: World):
    once = Once(world.account_id, "routes.create", "k", b"f", b"made")
    assert await world.write(SaveRoute(WHOLE, world.now, once)) is None
    assert await world.write(SaveRoute(WHOLE, world.now, once)) == b"made"
    assert len(await routes(world)) == 1


async def test_there_are_no_more_of_them_than_each_message_can_be_held_against(world: World):
    for number in range(RULES_MAX):
        await world.write(SaveRoute(Rule(0, f"r{number}", 1, channels=("x",)), world.now))
    assert await refused(world, SaveRoute(WHOLE, world.now)) is Code.TOO_MANY


@pytest.mark.parametrize("change", ["made", "changed", "dropped"])
async def test_servers_notice_every_change(world: World, change):
    await world.write(SaveRoute(WHOLE, world.now))
    before = await world.read(DirectoryVersion())
    [kept] = await routes(world)
    commands: dict[str, Command[Any]] = {
        "made": SaveRoute(replace(WHOLE, name="other"), world.now),
        "changed": SaveRoute(replace(kept, only=False), world.now),
        "dropped": DropRoute("mainland"),
    }
    await world.write(commands[change])
    assert await world.read(DirectoryVersion()) > before
