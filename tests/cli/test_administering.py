"""Init, accounts, keys: what they print, and what they refuse."""

import json

import pytest
from typer.testing import CliRunner

from posthouse.cli import app
from posthouse.core.keys import SCOPES
from posthouse.core.ports.admin import Role
from tests.cli.conftest import Cli

FIELDS = {"account", "key", "api_key", "api_secret"}


def test_init_prints_one_credential_and_nothing_else(empty):
    told = empty.json("init")
    assert set(told) == FIELDS
    assert told["account"] == "default"
    assert told["key"].startswith("ph_live_")
    assert (empty.data / "secret.key").stat().st_mode & 0o777 == 0o600
    assert empty.data.stat().st_mode & 0o777 == 0o700


def test_a_second_init_says_how_to_get_a_new_key(cli):
    assert "keys create" in cli.refused("init")


def test_init_opens_the_default_account_with_money(cli):
    (account,) = cli.json("accounts", "list")["data"]
    assert (account["account"], account["status"]) == ("default", "approved")
    assert account["balance"] == {"available": "100.00", "held": "0.00", "spent": "0.00", "currency": "CNY"}


def test_the_data_directory_may_stand_before_the_command_or_in_the_environment(cli, tmp_path, monkeypatch):
    before = CliRunner().invoke(app, ["--data", str(cli.data), "accounts", "list", "--json"])
    monkeypatch.setenv("POSTHOUSE_DATA", str(cli.data))
    around = CliRunner().invoke(app, ["accounts", "list", "--json"])
    behind = cli.run("accounts", "list", "--json")
    assert json.loads(before.stdout) == json.loads(around.stdout) == json.loads(behind.stdout)
    wrong = CliRunner().invoke(app, ["--data", str(tmp_path / "other"), "accounts", "list"])
    assert wrong.exit_code == 1


def test_an_account_is_opened_credited_and_approved(cli):
    opened = cli.json("accounts", "create", "acme", "--balance", "1.5")
    assert (opened["status"], opened["balance"]["available"]) == ("pending", "1.50")
    assert cli.json("accounts", "credit", "acme", "0.05")["available"] == "1.55"
    assert cli.json("accounts", "verify", "acme", "approved")["status"] == "approved"
    accounts = {account["account"]: account for account in cli.json("accounts", "list")["data"]}
    assert accounts["acme"]["status"] == "approved"
    assert cli.well("ledger", "check").startswith("no drift")


@pytest.mark.parametrize("amount", ["ten", "1e99", "0.0000001", "nan", ""])
def test_an_amount_that_is_none_is_a_usage_error(cli, amount):
    assert cli.run("accounts", "credit", "default", amount).exit_code == 2
    assert cli.run("accounts", "create", "acme", f"--balance=-{amount}").exit_code == 2


def test_an_account_is_opened_once(cli):
    cli.well("accounts", "create", "acme")
    assert cli.refused("accounts", "create", "acme")


def test_what_is_not_there_is_said(cli):
    assert cli.refused("accounts", "credit", "nobody", "1")
    assert cli.refused("accounts", "verify", "nobody", "approved")
    assert cli.refused("keys", "create", "--account", "nobody")
    assert cli.refused("keys", "revoke", "sk_0000000000")
    assert cli.refused("messages", "get", "sms_0000000000000")
    assert cli.refused("messages", "trace", "nonsense")


def test_refusals_are_told_in_the_language_of_the_environment(cli, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "。" in cli.refused("messages", "get", "sms_0000000000000")


def test_a_key_is_issued_listed_and_revoked(cli):
    issued = cli.json("keys", "create", "--account", "default", "--mode", "test", "--scope", "messages:read")
    assert set(issued) == FIELDS
    assert issued["key"].startswith("ph_test_")
    mine = {key["api_key"]: key for key in cli.json("keys", "list", "--account", "default")["data"]}
    listed = mine[issued["api_key"]]
    assert (listed["mode"], listed["role"], listed["scopes"]) == ("test", "account", ["messages:read"])
    assert listed["revoked_at"] is None
    cli.well("keys", "revoke", issued["api_key"])
    after = {key["api_key"]: key for key in cli.json("keys", "list")["data"]}
    assert after[issued["api_key"]]["revoked_at"] is not None
    assert issued["key"] not in cli.well("keys", "list")


def test_the_first_key_is_an_operators(cli):
    (key,) = cli.json("keys", "list")["data"]
    assert (key["role"], key["rate_limit"]) == ("operator", None)


def test_a_scope_nobody_knows_is_a_usage_error(cli):
    assert cli.run("keys", "create", "--account", "default", "--scope", "everything").exit_code == 2


def test_an_operators_key_may_do_everything_and_an_accounts_key_what_is_its_own(cli):
    (operator,) = cli.json("keys", "list")["data"]
    assert operator["scopes"] == sorted(SCOPES)
    cli.json("keys", "create", "--account", "default", "--name", "billing")
    _, other = cli.json("keys", "list")["data"]
    assert (other["scopes"], other["name"]) == (sorted(Role.ACCOUNT.usual_scopes), "billing")
    wrong = cli.run("keys", "create", "--account", "default", "--scope", "accounts:write")
    assert wrong.exit_code == 2


def test_the_last_operators_key_is_not_revoked_before_there_is_another(cli):
    (first,) = cli.json("keys", "list")["data"]
    assert "another operator key" in cli.refused("keys", "revoke", first["api_key"])
    cli.json("keys", "create", "--account", "default", "--role", "operator")
    cli.well("keys", "revoke", first["api_key"])


def test_prices_are_shown_set_and_taken_out(cli):
    assert cli.json("accounts", "prices") == {"account": None, "currency": "CNY", "prices": {"*": "0.05"}}
    cli.json("accounts", "prices", "--set", "us=0.08", "--set", "*=0.06")
    cli.well("accounts", "create", "acme")
    told = cli.json("accounts", "prices", "acme", "--set", "CN=0.04", "--remove", "US")
    assert told == {"account": "acme", "currency": "CNY", "prices": {"*": "0.06", "CN": "0.04"}}
    assert cli.json("accounts", "prices")["prices"] == {"*": "0.06", "US": "0.08"}
    assert cli.json("accounts", "prices", "default")["prices"] == {"*": "0.05"}
    assert "0.08" in cli.well("accounts", "prices", "--text")


@pytest.mark.parametrize("line", ["CN", "CN=", "CN=free", "CN=-1", "=1=2"])
def test_a_price_that_is_none_is_a_usage_error(cli, line):
    assert cli.run("accounts", "prices", "--set", line).exit_code == 2


def test_a_price_for_no_country_or_too_high_is_refused_and_the_star_stays(cli):
    assert "ISO 3166" in cli.refused("accounts", "prices", "--set", "XX=1")
    assert "1000.00" in cli.refused("accounts", "prices", "--set", "CN=1001")
    assert "cannot be taken out" in cli.refused("accounts", "prices", "--remove", "*")
    assert cli.refused("accounts", "prices", "nobody")
    assert cli.json("accounts", "prices")["prices"] == {"*": "0.05"}


def test_settings_are_shown_and_changed_one_by_one(cli):
    expected = cli.json("accounts", "set", "default")
    for words, change in (
        (("--region", "us"), {"region": "US"}),
        (("--unknown-policy", "resend"), {"unknown_policy": "resend"}),
        (("--strict-numbers",), {"strict_numbers": True}),
        (("--no-strict-numbers",), {"strict_numbers": False}),
        (("--rate-limit", "7"), {"rate_limit": 7}),
        (("--rate-limit", "default"), {"rate_limit": None}),
    ):
        expected |= change
        assert cli.json("accounts", "set", "default", *words) == expected
    assert cli.json("accounts", "set", "default") == expected


@pytest.mark.parametrize("limit", ["0", "-1", "many", "1000001"])
def test_a_rate_limit_that_is_none_is_a_usage_error(cli, limit):
    assert cli.run("accounts", "set", "default", f"--rate-limit={limit}").exit_code == 2


def test_a_setting_that_cannot_be_is_refused(cli):
    assert "ISO 3166" in cli.refused("accounts", "set", "default", "--region", "nowhere")
    assert cli.refused("accounts", "set", "nobody", "--region", "US")
    assert cli.run("accounts", "set", "default", "--unknown-policy", "guess").exit_code == 2


def test_migrating_what_is_up_to_date_changes_nothing(cli):
    before = cli.json("accounts", "list")
    assert cli.json("migrate")["schema"]
    assert cli.json("accounts", "list") == before


def test_help_names_every_command(empty):
    told = Cli(empty.data).run("--help").stdout
    for name in ["init", "serve", "accounts", "keys", "send", "messages", "ledger", "migrate", "doctor"]:
        assert name in told
