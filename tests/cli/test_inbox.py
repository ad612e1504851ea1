"""`posthouse inbox`: what handsets wrote, to every account and to nobody."""

from typing import TYPE_CHECKING

import pytest

from posthouse.cli.frame import in_house
from posthouse.core.ports.channels import AddChannel, ChannelRecord, ListChannels
from posthouse.core.ports.life import RecordReplies
from posthouse.core.routing import Channel
from posthouse.core.verdict import Reply

if TYPE_CHECKING:
    from posthouse.bootstrap.house import House

NUMBER, OTHER = "+8613800138000", "+15555550123"
AT = 1_795_852_800_000_000
ESCAPE = "\x1b[2J"


@pytest.fixture
def heard(cli):
    """A text for account default over a channel of its own, and one over the platform's for nobody."""

    async def hear(house: "House") -> None:
        account = await house.administer.account("default")
        for name, owner in (("own", account.id), ("shared", None)):
            channel = Channel(0, name, "http", account_id=owner)
            await house.store.write(AddChannel(ChannelRecord(channel, {}, b""), AT))
        ids = {channel.name: channel.id for channel in await house.store.read(ListChannels())}
        for name, sender, text in (("own", NUMBER, f"TD{ESCAPE}"), ("shared", OTHER, "STOP")):
            await house.store.write(RecordReplies(ids[name], (Reply("mo", sender, text, AT),), AT))

    in_house(cli.data, hear)
    return cli


def listed(cli, *words):
    return cli.json("inbox", *words)["data"]


def test_everybodys_texts_are_listed_newest_first_with_masked_numbers(heard):
    nobodys, mine = listed(heard)
    assert (nobodys["from"], nobodys["text"], nobodys["account"]) == ("+1555****0123", "STOP", None)
    assert (mine["from"], mine["account"], mine["channel"]) == ("138****8000", "default", "own")
    assert [row["from"] for row in listed(heard, "--whole")] == [OTHER, NUMBER]
    shown = heard.well("inbox")
    assert NUMBER not in shown
    assert "nobody" in shown
    assert ESCAPE not in shown


def test_texts_are_listed_by_number_account_and_count(heard):
    heard.well("accounts", "create", "acme")
    assert [row["from"] for row in listed(heard, "--from", "13800138000", "--whole")] == [NUMBER]
    assert [row["account"] for row in listed(heard, "--account", "default")] == ["default"]
    assert [row["text"] for row in listed(heard, "--limit", "1")] == ["STOP"]
    assert heard.well("inbox", "--account", "acme") == "No text fits these filters.\n"
    assert "--from" in heard.refused("inbox", "--from", "12")
    assert "nobody" in heard.refused("inbox", "--account", "nobody")
    assert heard.run("inbox", "--limit", "0").exit_code == 2


def test_an_empty_inbox_says_so(cli):
    assert cli.well("inbox") == "No text has come in.\n"
    assert listed(cli) == []
