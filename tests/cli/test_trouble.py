"""Each mistake of an operator is answered by one sentence that says what to do."""

import json
import os
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from posthouse.bootstrap.premises import held, locked, tell_address
from posthouse.storage.engine.sqlite import SQLite, connect, driver
from posthouse.storage.migrations import __file__ as migrations
from tests.cli.conftest import Cli


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
    assert "did you mean port?" in cli.refused("serve")
    (cli.data / "posthouse.toml").unlink()
    monkeypatch.setenv("POSTHOUSE_PORT", "many")
    assert "POSTHOUSE_PORT cannot be 'many': it must be a whole number" in cli.refused("serve")


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


def test_a_database_is_not_migrated_under_a_server(cli):
    with locked(cli.data):
        assert "serves" in cli.refused("migrate")
    cli.well("migrate")


def test_a_migration_that_counts_says_so_beside_its_answer(cli):
    cli.well("send", "13800138000", "text")
    _back_to_the_first_release(cli.data)
    done = cli.run("migrate", "--json")
    assert json.loads(done.stdout)["schema"]
    assert "messages_counted" in done.stderr
    assert cli.well("ledger", "check").startswith("no drift")


def _back_to_the_first_release(data: Path) -> None:
    engine, config = SQLite(data), Config()
    config.set_main_option("script_location", str(Path(migrations).parent))
    with engine.sqlalchemy.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    engine.sqlalchemy.dispose()


@pytest.mark.parametrize("host", ["::1", "127.0.0.1"])
def test_a_host_in_either_family_is_asked(cli, monkeypatch, host):
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as taken:
        try:
            taken.bind((host, 0))
        except OSError:
            pytest.skip(f"this machine has no {host}")
        monkeypatch.setenv("POSTHOUSE_HOST", host)
        monkeypatch.setenv("POSTHOUSE_PORT", str(taken.getsockname()[1]))
        monkeypatch.setenv("POSTHOUSE_API_KEY", "x")
        assert cli.json("send", "13800138000", "text")["state"] == "queued"  # nobody listens there
        told = wrong_in(cli)
    assert "no posthouse" in told["port"]


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
        "settings",
        "disk sync",
        "port",
        "schema",
        "integrity",
        "clock",
        "ledger",
        "backlog",
    }


def wrong_in(cli) -> dict[str, str]:
    """What doctor finds wrong: found and fix, by name."""
    result = cli.run("doctor", "--json")
    assert result.exit_code == 3
    checks = json.loads(result.stdout)["checks"]
    return {check["name"]: f"{check['found']} → {check['fix']}" for check in checks if not check["ok"]}


def test_doctor_says_who_has_the_port(cli, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("POSTHOUSE_PORT", str(taken.getsockname()[1]))
        monkeypatch.setattr("posthouse.cli.checks_of_server.ASK_MAX_S", 0.1)
        told = wrong_in(cli)
    assert set(told) == {"port"}
    assert "no posthouse" in told["port"]
    assert "--port" in told["port"]


def test_doctor_sees_that_the_clock_went_back(cli, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_PORT", "0")
    cli.well("send", "13800138000", "text")
    _damage(cli, "UPDATE events SET at = at + 3600000000")
    told = wrong_in(cli)
    assert "3,5" in told["clock"] or "3,600" in told["clock"]
    assert "set the clock" in told["clock"]


def test_doctor_tells_what_waits_for_a_server_and_what_is_held(cli, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_PORT", "0")
    cli.well("send", "13800138000", "text")
    _damage(cli, "INSERT INTO held_messages (message_id, held_at) SELECT id, created_at FROM messages")
    told = wrong_in(cli)
    assert set(told) == {"backlog", "held messages"}
    assert "posthouse serve" in told["backlog"]
    assert "release" in told["held messages"]


def test_doctor_minds_who_can_read_the_keys(cli, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_PORT", "0")
    _with_key(cli, issued=True)
    (cli.data / "key").chmod(0o640)
    assert "chmod 600" in wrong_in(cli)["key file"]


def test_doctor_lists_every_fault_of_the_settings(cli, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_PROT", "1")
    monkeypatch.setenv("POSTHOUSE_PORT", "0")
    assert "POSTHOUSE_PORT" in wrong_in(cli)["settings"]


def test_a_directory_that_may_not_be_used(cli):
    if os.getuid() == 0:
        pytest.skip("root may use everything")
    cli.data.chmod(0o500)
    try:
        assert "chown" in cli.refused("serve", "--port", "1025")
    finally:
        cli.data.chmod(0o700)


@pytest.mark.parametrize(
    "said", ["database is locked", "attempt to write a readonly database", "disk I/O error"]
)
def test_what_the_database_says_is_put_into_words(cli, monkeypatch, said):
    def fail(*_args):
        raise driver().OperationalError(said)

    monkeypatch.setattr("posthouse.storage.store.Store.__init__", fail)
    told = cli.refused("accounts", "list")
    assert str(cli.data) in told


def test_a_full_disk_is_called_one(small_disk):
    here = Cli(small_disk / "var")
    (small_disk / "fill").write_bytes(b"x" * 900_000)
    assert "is full: make room" in here.refused("init")
    assert "is full: make room" in here.refused("serve", "--port", "1025")
    (small_disk / "fill").unlink()
    (here.data / "posthouse.db").unlink(missing_ok=True)
    here.well("init")
    _fill(small_disk / "fill")
    assert "is full: make room" in here.refused("send", "13800138000", "text")
    assert "is full: make room" in here.refused("accounts", "credit", "default", "1")
    assert "is full: make room" in here.refused("serve", "--port", "1025")
    (small_disk / "fill").unlink()
    assert here.json("messages", "list")["data"] == []
    assert here.well("ledger", "check").startswith("no drift")


@pytest.fixture
def small_disk(tmp_path):
    """A file system of a megabyte, where the machine lets us make one."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("needs the right to mount")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def _fill(path: Path) -> None:
    """Write until nothing more can be written."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 4096)


def _damage(cli, sql: str) -> None:
    database = connect(str(cli.data / "posthouse.db"))
    assert database.execute(sql).rowcount > 0
    database.close()


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
