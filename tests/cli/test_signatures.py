"""Signatures at the command line: registered, bound to vendors, shown with their reviews, deleted."""

import re

import pytest

from tests.cli.conftest import Cli


@pytest.fixture
def station(cli: Cli) -> Cli:
    """An installation with a registered signature `station`."""
    cli.json("signatures", "create", "驿站", "--id", "station")
    return cli


def test_a_signature_is_registered_with_an_id_of_ours_or_of_the_callers(cli):
    assert cli.json("signatures", "list") == {"data": []}
    assert "no signature" in cli.well("signatures", "list")
    made = cli.json("signatures", "create", "驿站")
    assert re.fullmatch(r"sgn_[0-9a-z]{13}", made["signature_id"])
    assert (made["name"], made["approvals"]) == ("驿站", [])
    assert cli.json("signatures", "create", "别站", "--id", "other")["signature_id"] == "other"
    assert [each["name"] for each in cli.json("signatures", "list")["data"]] == ["驿站", "别站"]
    assert len(cli.json("signatures", "list", "--limit", "1")["data"]) == 1
    assert "signature" in cli.refused("signatures", "create", "驿站")
    assert "【驿站】" in cli.well("signatures", "create", "驿站 2", "--id", "2").replace(" 2】", "】")


def test_what_vendors_make_of_it_is_kept_step_by_step(station):
    first = station.json("signatures", "bind", "station", "aliyun")
    assert (first["signature_id"], first["vendor"], first["state"]) == ("station", "aliyun", "draft")
    station.json("signatures", "bind", "station", "aliyun", "--state", "rejected", "--reason", "缺少授权书")
    approved = station.json(
        "signatures", "bind", "station", "aliyun", "--state", "approved", "--vendor-id", "S1"
    )
    assert (approved["state"], approved["reason"], approved["vendor_signature_id"]) == (
        "approved",
        None,
        "S1",
    )
    again = station.json("signatures", "bind", "station", "aliyun")
    assert (again["state"], again["vendor_signature_id"]) == ("approved", "S1")
    told = station.json("signatures", "show", "station")
    assert [step["state"] for step in told["history"]] == ["approved", "rejected", "draft"]
    assert told["history"][1]["reason"] == "缺少授权书"
    shown = station.well("signatures", "show", "station")
    assert re.search(r"aliyun +S1 +approved", shown)
    assert "缺少授权书" in shown
    assert "aliyun:approved" in station.well("signatures", "list")


def test_what_a_vendor_made_of_it_is_forgotten_and_its_history_stays(station):
    station.json("signatures", "bind", "station", "tencent", "--state", "pending")
    assert station.json("signatures", "unbind", "station", "tencent")["bound"] is False
    told = station.json("signatures", "show", "station")
    assert (told["approvals"], len(told["history"])) == ([], 1)
    assert "No vendor has it" in station.well("signatures", "show", "station")
    assert station.well("signatures", "delete", "station") == "Signature station is deleted.\n"
    assert station.json("signatures", "list") == {"data": []}


def test_an_account_has_its_own_signatures(station):
    station.well("accounts", "create", "acme")
    assert station.json("signatures", "list", "--account", "acme") == {"data": []}
    assert station.refused("signatures", "show", "station", "--account", "acme")
    assert station.json("signatures", "create", "驿站", "--account", "acme")["name"] == "驿站"


WRONG = [
    (("create", "【驿站】"), "NAME"),
    (("create", "驿站", "--id", "a/b"), "--id"),
    (("show", "none"), "'none'"),
    (("bind", "none", "aliyun"), "'none'"),
    (("bind", "station", "nobody"), "VENDOR"),
    (("bind", "station", "aliyun", "--vendor-id", ""), "--vendor-id"),
    (("bind", "station", "aliyun", "--reason", "x" * 501), "--reason"),
    (("unbind", "station", "aliyun"), "'aliyun'"),
    (("delete", "none"), "'none'"),
    (("list", "--account", "nobody"), "nobody"),
]


def test_what_is_wrong_is_told_in_the_words_of_the_command_line(station):
    for words, said in WRONG:
        told = station.refused("signatures", *words)
        assert said in told
        for field in ("vendor_signature_id", "'name'", "field", "API reference"):
            assert field not in told


def test_a_state_that_is_none_is_a_usage_error(station):
    assert station.run("signatures", "bind", "station", "aliyun", "--state", "perhaps").exit_code == 2
