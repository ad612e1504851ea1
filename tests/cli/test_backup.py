"""`backup` and `restore`: one encrypted file, and back."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from posthouse.bootstrap.backup import ROOM
from posthouse.core.ids import read
from posthouse.core.ports.vendor import Receipts
from posthouse.storage import copying
from posthouse.storage.engine.sqlite import SQLite, connect
from posthouse.storage.migrating import head
from posthouse.storage.migrations import __file__ as migrations
from posthouse.vendors.registry import KINDS
from tests.cli.backups import TEXT, names, refused_whole, restored, rows
from tests.cli.conftest import Cli


def test_an_installation_comes_back_from_its_backup_whole(backed_up, other, file):
    told = restored(other, backed_up, file)
    assert (told["messages"], told["held"], told["replaced"]) == (1, {"queued": 1}, None)
    assert other.json("accounts", "list") == backed_up.json("accounts", "list")
    assert other.json("keys", "list") == backed_up.json("keys", "list")
    [message] = other.json("messages", "list")["data"]
    assert message["sms_id"] == backed_up.json("messages", "list")["data"][0]["sms_id"]
    assert other.json("ledger", "check")["ok"]
    for name in ("posthouse.toml", "secret.key"):
        assert (other.data / name).read_text() == (backed_up.data / name).read_text()
    assert names(other.data) == {"posthouse.db", "posthouse.toml", "secret.key", "lock"}
    assert {path.stat().st_mode & 0o077 for path in other.data.iterdir() if path.name != "lock"} == {0}
    other.json("keys", "create", "--account", "default")  # refused under a wrong secret key


def test_what_is_restored_empties_no_vendors_queue_until_somebody_says_so(cli, other, file):
    """A queue gives everything once: what a rehearsal pulls, the installation itself never learns."""
    told = ("--set", "secret_id=A", "--set", "secret_key=B", "--set", "sdk_app_id=1")
    for name, pull in (("one", "on"), ("two", "off"), ("three", "on")):
        cli.well("channels", "add", "tencent", "--name", name, *told, "--set", f"pull={pull}")
    file.parent.mkdir()
    cli.well("backup", str(file))
    assert restored(other, cli, file)["pull_off"] == ["one", "three"]
    settings = [other.json("channels", "show", name)["settings"]["pull"] for name in ("one", "two", "three")]
    assert settings == ["off", "off", "off"]
    assert other.json("channels", "set", "one", "--set", "pull=on")["settings"]["pull"] == "on"
    with_key = ("--secret-key", str(cli.data / "secret.key"), "--replace")
    assert "posthouse channels set NAME --set pull=on" in other.well("restore", str(file), *with_key)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_that_empties_queues_does_so_by_the_same_setting(kind):
    pulls = {setting.name: (setting.default, setting.choices) for setting in kind.settings}.get("pull")
    simulated = kind.capabilities.simulated
    queues = kind.capabilities.receipts in (Receipts.PULL, Receipts.BOTH) and not simulated
    assert pulls == (("off", ("off", "on")) if queues else None)


def test_a_backup_is_one_file_that_shows_nothing_and_leaves_nothing_behind(backed_up, file):
    assert names(file.parent) == {"backup"}
    assert file.stat().st_mode & 0o777 == 0o600
    content = file.read_bytes()
    for word in (TEXT.encode(), b"13900130001", b"SQLite", b"Berlin"):
        assert word not in content
    assert names(backed_up.data) <= {"posthouse.db", "posthouse.toml", "secret.key", "lock"}


def test_what_was_made_is_told(furnished, tmp_path):
    told = furnished.json("backup", str(tmp_path / "b"))
    assert told["size"] == (tmp_path / "b").stat().st_size
    assert (told["messages"], told["accounts"], told["transfers"], told["drifts"]) == (1, 1, 2, 0)
    assert told["schema"] == head()
    assert furnished.well("backup", str(tmp_path / "c")).count("secret key") == 1


def test_a_backup_is_taken_while_the_server_runs(empty, other, file, serve):
    file.parent.mkdir()
    server = serve()
    for _ in range(3):
        empty.json("send", "13900130011", TEXT)
    assert empty.json("backup", str(file))["messages"] == 3
    assert server.stop() == 0
    assert restored(other, empty, file)["messages"] == 3


def test_a_held_message_tells_so_in_its_story(backed_up, other, file):
    restored(other, backed_up, file)
    [(number,)] = rows(other.data, "SELECT message_id FROM held_messages")
    [message] = other.json("messages", "list")["data"]
    assert read("sms_", message["sms_id"]) == number
    kinds = [event["kind"] for event in other.json("messages", "trace", message["sms_id"])["events"]]
    assert kinds == ["accepted", "held"]


def test_a_file_that_is_there_is_not_written_over(backed_up, file):
    before = file.read_bytes()
    assert "--force" in backed_up.refused("backup", str(file))
    assert file.read_bytes() == before
    backed_up.well("backup", str(file), "--force")
    assert file.read_bytes() != before
    assert "is a directory" in backed_up.refused("backup", str(file.parent), "--force")


def test_a_backup_of_nothing_or_to_nowhere_is_told(empty, cli, tmp_path):
    assert "cannot be written" in cli.refused("backup", str(tmp_path / "no" / "where"))
    nobody = Cli(tmp_path / "nobody")
    assert "no installation" in nobody.refused("backup", str(tmp_path / "b"))
    assert not nobody.data.exists()


def test_a_wrong_secret_key_is_not_used_for_a_backup(furnished, tmp_path):
    (furnished.data / "secret.key").write_text("ab" * 32)
    assert "another secret key" in furnished.refused("backup", str(tmp_path / "b"))
    assert not (tmp_path / "b").exists()


def limited(limit: int, *words: str) -> str:
    """The one sentence of a command that may write no file longer than this."""
    done = subprocess.run(
        ["prlimit", f"--fsize={limit}", sys.executable, "-m", "posthouse", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert len(done.stderr.splitlines()) == 1
    return done.stderr


@pytest.mark.parametrize("room", ["less than the copy needs", "less than the backup needs"])
def test_a_full_disk_is_told_and_no_part_of_a_backup_is_left(furnished, tmp_path, room):
    place = tmp_path / "kept"
    place.mkdir()
    size = (furnished.data / "posthouse.db").stat().st_size
    limit = size - 4096 if room == "less than the copy needs" else size
    told = limited(limit, "backup", str(place / "b"), "--data", str(furnished.data))
    assert ("cannot be written" if room == "less than the backup needs" else "could not be copied") in told
    assert names(place) == set()
    assert ".backup" not in names(furnished.data)


def test_a_full_disk_is_told_and_no_part_of_an_installation_is_left(backed_up, other, file):
    size = (backed_up.data / "posthouse.db").stat().st_size
    key = str(backed_up.data / "secret.key")
    words = ["restore", str(file), "--data", str(other.data), "--secret-key", key]
    assert "make room" in limited(size - 4096, *words)
    assert names(other.data) == {"lock"}


def test_a_backup_does_not_begin_where_it_would_fill_the_disk_of_the_server(furnished, tmp_path, monkeypatch):
    little = shutil.disk_usage(tmp_path)._replace(free=10 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: little)
    assert "10 MiB are free" in furnished.refused("backup", str(tmp_path / "b"))
    assert ".backup" not in names(furnished.data)


def test_a_backup_onto_the_disk_of_the_server_needs_room_for_both_copies(furnished, tmp_path, monkeypatch):
    enough_for_one = copying.size(furnished.data) + ROOM
    little = shutil.disk_usage(tmp_path)._replace(free=enough_for_one)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: little)
    assert "the backup and the copy" in furnished.refused("backup", str(tmp_path / "b"))
    elsewhere = Path(tempfile.mkdtemp(dir="/dev/shm"))
    try:
        furnished.well("backup", str(elsewhere / "b"))
    finally:
        shutil.rmtree(elsewhere)


@pytest.mark.parametrize("looks", [1, 2])
def test_a_backup_gives_up_before_the_server_has_no_room_left(furnished, tmp_path, monkeypatch, looks):
    place, seen = tmp_path / "kept", count()
    place.mkdir()
    free = shutil.disk_usage(tmp_path)

    def usage(_path):
        return free._replace(free=ROOM - 1 if next(seen) >= looks else 1 << 40)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    assert "getting full" in furnished.refused("backup", str(place / "b"))
    assert names(place) == set()
    assert ".backup" not in names(furnished.data)


def test_one_backup_is_made_at_a_time(furnished, tmp_path):
    workshop = furnished.data / ".backup"
    workshop.mkdir()
    handle = os.open(workshop, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    assert "Another backup" in furnished.refused("backup", str(tmp_path / "b"))
    os.close(handle)
    furnished.well("backup", str(tmp_path / "b"))


def test_what_a_killed_backup_left_is_swept_by_the_next(furnished, tmp_path):
    (furnished.data / ".backup").mkdir()
    (furnished.data / ".backup" / "posthouse.db").write_bytes(b"half of it")
    furnished.well("backup", str(tmp_path / "b"))
    assert ".backup" not in names(furnished.data)


@pytest.mark.parametrize("goes_on", [False, True])
def test_what_a_killed_backup_or_restore_left_is_swept_by_the_server(furnished, serve, goes_on):
    left = [furnished.data / ".backup" / "posthouse.db", furnished.data / ".restoring" / "posthouse.db"]
    for copy in left:
        copy.parent.mkdir()
        copy.write_bytes(b"what nobody is to read")
    handle = os.open(left[0].parent, os.O_RDONLY)
    if goes_on:
        fcntl.flock(handle, fcntl.LOCK_EX)
    assert serve().stop() == 0
    os.close(handle)
    assert [copy.parent.exists() for copy in left] == [goes_on, False]


# ---------------------------------------------------------------------------------- what will not do


def test_a_backup_does_not_open_without_its_secret_key(backed_up, other, file, tmp_path):
    assert "--secret-key" in refused_whole(other, str(file))
    wrong = tmp_path / "wrong.key"
    wrong.write_text("cd" * 32)
    assert "another secret key" in refused_whole(other, str(file), "--secret-key", str(wrong))
    wrong.write_text("no key")
    assert "64 hexadecimal digits" in refused_whole(other, str(file), "--secret-key", str(wrong))
    missing = str(tmp_path / "missing")
    assert missing in refused_whole(other, str(file), "--secret-key", missing)


@pytest.mark.parametrize("damage", ["flipped", "cut", "empty", "missing", "not ours"])
def test_a_damaged_backup_is_told_and_nothing_is_written(backed_up, other, file, damage):
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    match damage:
        case "flipped":
            file.write_bytes(content)
        case "cut":
            file.write_bytes(file.read_bytes()[:-1])
        case "empty":
            file.write_bytes(b"")
        case "missing":
            file.unlink()
        case "not ours":
            file.write_bytes((backed_up.data / "posthouse.db").read_bytes())
    key = str(backed_up.data / "secret.key")
    assert str(file) in refused_whole(other, str(file), "--secret-key", key)


def test_a_backup_of_books_with_a_drift_says_so_and_is_restored_as_it_was(furnished, other, file):
    file.parent.mkdir()
    connection = connect(str(furnished.data / "posthouse.db"))
    connection.execute("UPDATE balances SET available = available + 1")
    connection.close()
    drifts = furnished.json("backup", str(file))["drifts"]
    assert drifts > 0
    restored(other, furnished, file)
    assert other.run("ledger", "check").exit_code == 3


def test_a_damaged_database_is_not_backed_up(furnished, tmp_path):
    file = furnished.data / "posthouse.db"
    content = bytearray(file.read_bytes())
    content[5 * 4096 : 6 * 4096] = b"\xff" * 4096
    file.write_bytes(content)
    assert "damaged" in furnished.refused("backup", str(tmp_path / "b"))
    assert not (tmp_path / "b").exists()


def test_a_backup_of_an_older_release_is_brought_up_to_date(empty, other, file):
    file.parent.mkdir()
    empty.data.mkdir()
    (empty.data / "secret.key").write_text("ab" * 32)
    engine = SQLite(empty.data)
    config = Config()
    config.set_main_option("script_location", migrations.rpartition("/")[0])
    with engine.sqlalchemy.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.sqlalchemy.dispose()
    assert empty.json("backup", str(file))["schema"] == "0001"
    restored(other, empty, file)
    assert rows(other.data, "SELECT version_num FROM alembic_version") == [(head(),)]
    assert other.json("ledger", "check")["ok"]


# ------------------------------------------------------------------------------- what is there already


def test_an_installation_is_never_replaced_unasked(backed_up, file):
    before = (backed_up.data / "posthouse.db").read_bytes()
    assert "--replace" in backed_up.refused("restore", str(file))
    assert (backed_up.data / "posthouse.db").read_bytes() == before


def test_a_replaced_installation_is_moved_aside(backed_up, file):
    backed_up.json("accounts", "create", "later")
    handsets = backed_up.data / "sandbox.db"
    handsets.write_bytes(b"the outside world")
    (backed_up.data / "posthouse.toml").write_text('zone = "Asia/Tokyo"\n')
    told = backed_up.json("restore", str(file), "--replace")
    assert [account["account"] for account in backed_up.json("accounts", "list")["data"]] == ["default"]
    assert handsets.read_bytes() == b"the outside world", "it does not go back in time"
    assert "Tokyo" in (backed_up.data / "posthouse.toml").read_text(), "this machine's own settings stay"
    aside = Path(told["replaced"])
    assert rows(aside, "SELECT name FROM accounts ORDER BY id") == [("default",), ("later",)]
    again = backed_up.json("restore", str(file), "--replace")
    assert again["replaced"] != told["replaced"]


def test_an_installation_of_another_secret_key_is_moved_aside_with_it(backed_up, other, file):
    other.json("init")
    (other.data / "sandbox.db").write_bytes(b"sealed with the other key")
    key = (other.data / "secret.key").read_text()
    told = restored(other, backed_up, file, "--replace")
    assert (Path(told["replaced"]) / "secret.key").read_text() == key
    assert (Path(told["replaced"]) / "sandbox.db").exists()
    assert names(other.data) == {
        "posthouse.db",
        "posthouse.toml",
        "secret.key",
        "lock",
        Path(told["replaced"]).name,
    }
    other.json("keys", "create", "--account", "default")


def test_nothing_is_restored_under_a_running_server(cli, file, serve):
    file.parent.mkdir()
    cli.well("backup", str(file))
    server = serve()
    assert "serves" in cli.refused("restore", str(file), "--replace")
    assert server.stop() == 0


def test_a_secret_key_in_the_environment_is_used_and_not_written_down(backed_up, other, file, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_SECRET_KEY", (backed_up.data / "secret.key").read_text().strip())
    other.json("restore", str(file))
    assert names(other.data) == {"posthouse.db", "posthouse.toml", "lock"}
    other.json("keys", "create", "--account", "default")


def test_settings_that_name_another_secret_key_stop_a_restore(backed_up, other, file, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_SECRET_KEY", "ab" * 32)
    key = str(backed_up.data / "secret.key")
    assert "name another secret key" in refused_whole(other, str(file), "--secret-key", key)


def test_what_a_killed_restore_left_is_swept_by_the_next(backed_up, other, file):
    (other.data / ".restoring").mkdir(parents=True)
    (other.data / ".restoring" / "posthouse.db").write_bytes(b"half of it")
    restored(other, backed_up, file)
    assert ".restoring" not in names(other.data)
