"""A first start that dies half-way: whatever is missing, the next one makes up for it."""

import signal

import pytest

from posthouse.core.ports.channels import ListChannels
from posthouse.core.ports.queries import CheckLedger, ListAccounts, ListKeys
from tests.e2e.house import House, number, send, until
from tests.e2e.nursery import forked
from tests.e2e.premises import inside, key_of
from tests.e2e.server import Server


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "data", forked)
    yield server
    server.close()


def test_a_first_start_that_died_before_any_of_its_commits_is_made_up_for(server):
    for commit in range(1, 7):
        # Each starts from what the one before has left.
        server.spawn(f"before-commit:{commit}")
        assert server.died(within_s=20.0) == -signal.SIGKILL
    house = House(server.start(), key_of(server.data))
    with house.caller() as api:
        until(api, send(api, number())["sms_id"], "delivered")
        account = api.get("/v1/account").json()
        assert (account["account"], account["status"], account["role"]) == ("default", "approved", "operator")
        assert account["balance"]["available"] == "99.95"
    server.stop()

    async def look(opened):
        store = opened.store
        return (
            [account.name for account, _ in await store.read(ListAccounts())],
            [channel.name for channel in await store.read(ListChannels())],
            len(await store.read(ListKeys())),
            (await store.read(CheckLedger())).drifts,
        )

    assert inside(server.data, look) == (["default"], ["sandbox"], 1, ())
