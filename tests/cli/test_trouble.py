"""Each mistake of an operator is answered by one sentence that says what to do."""

import json
import os
import socket

import pytest

from posthouse.bootstrap.premises import held, locked, tell_address
from posthouse.storage.engine.sqlite import connect


@pytest.mark.parametrize(
    "words",
    [
        ("accounts", "list"),
        ("keys", "list"),
        ("messages", "list"),
        ("send", "13800138000", "text"),
        ("ledger", "check"),
        ("migrate",),
    ],
)
def test_a_directory_without_an_installation_is_named_with_the_way_out(empty, words):
    assert "posthouse init" in empty.refused(*words)
    assert not empty.data.exists()


def test_a_data_directory_that_is_a_file(empty):
    empty.data.write_text("a file")
    assert "--data" in empty.refused("serve")
    assert "--data" in empty.refused("init")


def test_a_port_that_is_taken_is_found_before_anything_is_made(empty):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert "--port" in empty.refused("serve", "--port", port)
    assert not (empty.data / "posthouse.db").exists()


def test_an_address_that_is_not_ours(empty):
    assert "listen" in empty.refused("serve", "--host", "203.0.113.1")


@pytest.mark.parametrize("secret", ["", "not hexadecimal", "ab" * 31, "é"])
def test_a_secret_key_that_is_none(cli, secret):
    (cli.data / "secret.key").write_text(secret, encoding="utf-8")
    assert "secret key" in cli.refused("serve", "--port", "1025")
    assert "secret key" in cli.refused("accounts", "list")


def test_a_secret_key_of_another_installation(cli):
    (cli.data / "secret.key").write_text("ab" * 32, encoding="utf-8")
    assert "secret key" in cli.refused("serve", "--port", "1025")
    assert "secret key" in cli.refused("keys", "create", "--account", "default")


def test_a_secret_key_that_is_gone_is_not_made_anew(cli):
    (cli.data / "secret.key").unlink()
    assert "secret key" in cli.refused("accounts", "list")
    assert "secret key" in cli.refused("serve", "--port", "1025")
    assert not (cli.data / "secret.key").exists()


def test_settings_that_mean_nothing(cli, monkeypatch):
    (cli.data / "posthouse.toml").write_text("prot = 8025\n")
    assert "prot" in cli.refused("serve")
    (cli.data / "posthouse.toml").unlink()
    monkeypatch.setenv("POSTHOUSE_PORT", "many")
    assert "port" in cli.refused("serve")


def test_a_failpoint_that_does_not_exist(cli, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_FAILPOINT", "nowhere")
    assert "nowhere" in cli.refused("serve")


def test_a_database_that_is_none(cli):
    (cli.data / "posthouse.db").write_bytes(b"no database at all" * 100)
    assert "posthouse.db" in cli.refused("accounts", "list")


def test_a_database_of_another_release(cli):
    database = connect(str(cli.data / "posthouse.db"))
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    assert "migrate" in cli.refused("accounts", "list")
    assert "9999" in cli.refused("migrate")


def test_a_directory_in_use(empty):
    with locked(empty.data):
        tell_address(empty.data, "http://127.0.0.1:1")
        assert "another --data" in empty.refused("serve")
        assert "does not answer" in _with_key(empty).refused("send", "13800138000", "text")
        assert held(empty.data) == "http://127.0.0.1:1"
    assert held(empty.data) is None


def test_a_lock_that_says_no_address_yet_is_held_all_the_same(empty):
    assert held(empty.data) is None
    with locked(empty.data):
        assert held(empty.data) == ""
    assert held(empty.data) is None


def test_a_port_that_does_not_exist(cli, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_PORT", "99999")
    assert "99999" in cli.refused("serve")


def test_doctor_finds_all_well(cli, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_PORT", "0")
    report = cli.json("doctor")
    assert report["ok"], report
    assert {check["name"] for check in report["checks"]} >= {
        "SQLite library",
        "schema",
        "integrity",
        "ledger",
    }


def test_doctor_names_what_is_wrong_and_the_way_to_mend_it(cli, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_PORT", "0")
    (cli.data / "secret.key").chmod(0o644)
    with_key = _with_key(cli, issued=True)
    (cli.data / "secret.key").write_text("ab" * 32)
    result = with_key.run("doctor", "--json")
    assert result.exit_code == 3
    wrong = {check["name"]: check["fix"] for check in json.loads(result.stdout)["checks"] if not check["ok"]}
    assert set(wrong) == {"secret key", "first key"}
    assert "chmod 600" in wrong["secret key"]


def test_doctor_helps_where_nothing_is(empty):
    result = empty.run("doctor")
    assert result.exit_code == 3
    assert "posthouse init" in result.stdout


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE balances SET available = available + 1",
        "UPDATE transfers SET amount = amount - 1 WHERE id = (SELECT max(id) FROM transfers)",
        "UPDATE messages SET charge = 'settled'",
    ],
)
def test_a_ledger_that_drifts_is_found(cli, damage):
    cli.well("send", "13800138000", "text")
    database = connect(str(cli.data / "posthouse.db"))
    database.execute(damage)
    database.close()
    result = cli.run("ledger", "check")
    assert result.exit_code == 3
    assert "drift: account 1" in result.stdout
    report = json.loads(cli.run("ledger", "check", "--json").stdout)
    assert not report["ok"]
    assert report["drifts"]


def _with_key(cli, *, issued=False):
    key = cli.json("keys", "create", "--account", "default")["key"] if issued else "ph_live_none"
    handle = os.open(cli.data / "key", os.O_WRONLY | os.O_CREAT, 0o600)
    os.write(handle, key.encode())
    os.close(handle)
    return cli
