"""What both clients must do against a running server: the one file that all of them play."""

import asyncio
import inspect
from itertools import islice
from typing import Any

import pytest

from posthouse_sdk import AsyncClient, Client
from tests.sdk.scenarios import SCENARIOS, play

EACH = [pytest.param(scenario, id=scenario["name"].replace(" ", "_")) for scenario in SCENARIOS]
STRANGER = "ph_live_0000000000000000000000000000000000000000000000000000000000"


def wanted(nobody, house, whom: str) -> dict[str, Any]:
    key = {"owner": house.key, "stranger": STRANGER}.get(whom)
    return {"api_key": key, "credentials_path": nobody / whom / "credentials"}


def found(client: Any, call: str) -> Any:
    for name in call.split("."):
        client = getattr(client, name)
    return client


@pytest.mark.parametrize("scenario", EACH)
def test_the_client_for_threads_plays(scenario, house, base_url, nobody):
    clients: dict[str, Client] = {}

    def ask(whom: str, call: str, args: dict[str, Any], items: int | None) -> tuple[Any, Any]:
        if whom not in clients:
            clients[whom] = Client(base_url=base_url, **wanted(nobody, house, whom))
        client = clients[whom]
        if items is not None:
            return list(islice(found(client, call)(**args), items)), None
        response = found(client.with_raw_response, call)(**args)
        return response.data, response

    try:
        play(scenario, ask)
    finally:
        for client in clients.values():
            client.close()


@pytest.mark.parametrize("scenario", EACH)
def test_the_client_for_event_loops_plays(scenario, house, base_url, nobody):
    clients: dict[str, AsyncClient] = {}

    async def asked(whom: str, call: str, args: dict[str, Any], items: int | None) -> tuple[Any, Any]:
        if whom not in clients:
            clients[whom] = AsyncClient(base_url=base_url, **wanted(nobody, house, whom))
        client = clients[whom]
        if items is not None:
            taken: list[Any] = []
            async for item in found(client, call)(**args):
                taken.append(item)
                if len(taken) == items:
                    break
            return taken, None
        response = await found(client.with_raw_response, call)(**args)
        return response.data, response

    async def close() -> None:
        for client in clients.values():
            await client.aclose()

    with asyncio.Runner() as runner:
        try:
            play(scenario, lambda *words: runner.run(asked(*words)))
        finally:
            runner.run(close())


def test_both_clients_have_the_same_calls(base_url):
    def calls(client: object) -> dict[str, dict[str, inspect.Signature]]:
        return {
            group: {
                name: inspect.signature(getattr(resource, name)).replace(return_annotation="")
                for name in dir(resource)
                if not name.startswith("_")
            }
            for group, resource in vars(client).items()
            if not group.startswith("_") and group != "with_raw_response"
        }

    assert calls(Client("key", base_url)) == calls(AsyncClient("key", base_url))
