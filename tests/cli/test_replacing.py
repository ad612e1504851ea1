"""`restore --replace`, stopped at any step: what was there is there again, or one is told where."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from posthouse.storage.engine.sqlite import connect
from tests.cli.backups import rows
from tests.cli.conftest import Cli

MARKED = "UPDATE accounts SET name = 'in the log'"
STEPS_MAX = 40


@pytest.fixture
def old(other: Cli) -> Cli:
    """An installation of another secret key, whose process was killed: its last commit is only in the log."""
    other.json("init")
    (other.data / "sandbox.db").write_bytes(b"sealed with its key")
    database, log = other.data / "posthouse.db", other.data / "posthouse.db-wal"
    with closing(connect(str(database))) as connection:
        connection.execute("PRAGMA journal_mode=WAL").fetchone()
        connection.execute(MARKED)
        shutil.copy(database, other.data / "as-it-was")
        shutil.copy(log, other.data / "its-log")
    (other.data / "as-it-was").replace(database)
    (other.data / "its-log").replace(log)
    assert b"in the log" not in database.read_bytes()
    return other


def words(backed_up: Cli, file: Path) -> list[str]:
    return ["restore", str(file), "--replace", "--secret-key", str(backed_up.data / "secret.key")]


def standing(data: Path) -> dict[str, bytes]:
    """What is in the directory but the database itself, which the log may have been folded into."""
    files = [path for path in data.iterdir() if path.is_file()]
    return {path.name: path.read_bytes() for path in files if "posthouse.db" not in path.name}


def accounts(data: Path) -> list[str]:
    return [name for [name] in rows(data, "SELECT name FROM accounts")]


class Stop:
    """Stops the n-th call of `os.replace` or `os.fsync`: before it, or when it is done; once or for good."""

    def __init__(self, monkeypatch, n: int, error: BaseException, *, before: bool, for_good: bool = False):
        self.n, self.error, self.before, self.for_good, self.stopped = n, error, before, for_good, False
        for name in ("replace", "fsync"):
            monkeypatch.setattr(os, name, self._stopping(getattr(os, name)))

    def _stopping(self, step):
        def stopping(*args):
            self.n -= 1
            mine = self.n < 0 if self.for_good else self.n == -1
            self.stopped |= mine
            if mine and self.before:
                raise self.error
            step(*args)
            if mine:
                raise self.error

        return stopping


@pytest.mark.parametrize(
    ("kind", "before"), [(OSError(errno.EIO, "Input/output error"), True), (SystemExit(143), False)]
)
def test_a_restore_that_fails_at_any_step_leaves_all_as_it_was(
    backed_up, old, file, monkeypatch, kind, before
):
    was, n = standing(old.data), -1
    while True:
        n += 1
        assert n < STEPS_MAX
        with monkeypatch.context() as patching:
            stop = Stop(patching, n, kind, before=before)
            result = old.run(*words(backed_up, file))
        if not stop.stopped:
            break
        assert not list(old.data.glob("replaced-*")), f"step {n}"
        assert result.exit_code in (1, 143), f"step {n}: {result.output}"
        assert standing(old.data) == was, f"step {n}"
        assert accounts(old.data) == ["in the log"], f"step {n}"
    assert result.exit_code == 0
    assert n > 12
    [aside] = old.data.glob("replaced-*")
    assert accounts(aside) == ["in the log"]
    assert accounts(old.data) == ["default"]
    assert sorted(path.name for path in aside.iterdir()) == ["posthouse.db", "sandbox.db", "secret.key"]


def test_what_could_not_be_moved_back_is_named_and_comes_back_with_the_next_restore(
    backed_up, old, file, monkeypatch
):
    was, told = standing(old.data), ""
    for n in count():
        assert n < STEPS_MAX
        with monkeypatch.context() as patching:
            Stop(patching, n, OSError(errno.EIO, "Input/output error"), before=True, for_good=True)
            told = old.refused(*words(backed_up, file))
        if "replaced-" in told:
            break
        assert standing(old.data) == was
    aside = max(old.data.glob("replaced-*"))
    assert str(aside) in told
    refuses_to_begin_anew(old, aside)
    assert "--replace" in old.refused("restore", *words(backed_up, file)[1:2], *words(backed_up, file)[3:])
    assert standing(old.data) == was
    assert accounts(old.data) == ["in the log"]


def refuses_to_begin_anew(here: Cli, aside: Path) -> None:
    for command in (["init"], ["serve", "--port", "1025"], ["accounts", "list"], ["backup", "b"]):
        told = here.refused(*command)
        assert str(aside) in told
        assert "restore FILE --replace" in told
    assert not (here.data / "posthouse.db").exists()


KILLED = """
import os, signal, sys
left, replace = {n}, os.replace
def killed(*args):
    global left
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    replace(*args)
os.replace = killed
from posthouse.__main__ import main
main()
"""


def test_a_restore_that_is_killed_between_two_moves_loses_nothing(backed_up, old, file):
    before, between, n = standing(old.data), 0, -1
    while True:
        n += 1
        assert n < STEPS_MAX
        line = [sys.executable, "-c", KILLED.format(n=n), *words(backed_up, file), "--data", str(old.data)]
        ended = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
        if ended.returncode != -signal.SIGKILL:
            break
        if not (old.data / "posthouse.db").exists():
            between += 1
            refuses_to_begin_anew(old, max(old.data.glob("replaced-*")))
    assert ended.returncode == 0, ended.stderr
    assert between >= 4
    [aside] = [path for path in old.data.glob("replaced-*") if (path / "posthouse.db").exists()]
    assert accounts(aside) == ["in the log"]
    assert (aside / "secret.key").read_bytes() == before["secret.key"]
    assert accounts(old.data) == ["default"]
    assert not list(old.data.glob("replaced-*/.unfinished"))


def test_what_is_new_is_on_the_disk_before_anything_old_is_moved(backed_up, old, file, monkeypatch):
    done: list[str] = []

    def heard(name, step):
        def hear(what, *rest):
            done.append(f"{name} {Path(f'/proc/self/fd/{what}').readlink() if name == 'fsync' else what}")
            return step(what, *rest)

        return hear

    for name in ("fsync", "replace"):
        monkeypatch.setattr(os, name, heard(name, getattr(os, name)))
    old.well(*words(backed_up, file))
    first_move = done.index(f"replace {old.data / 'posthouse.db'}")
    for name in ("posthouse.db", "secret.key", "posthouse.toml"):
        assert done.index(f"fsync {old.data / '.restoring' / name}") < first_move


def test_a_database_that_is_too_damaged_to_be_folded_is_moved_aside_with_its_log(backed_up, old, file):
    damaged = {"posthouse.db": b"no database" * 1000, "posthouse.db-wal": b"no log" * 1000}
    for name, content in damaged.items():
        (old.data / name).write_bytes(content)
    aside = Path(old.json(*words(backed_up, file))["replaced"])
    assert {name: (aside / name).read_bytes() for name in damaged} == damaged
    assert accounts(old.data) == ["default"]


def test_a_database_that_another_process_has_open_is_not_moved(backed_up, old, file, monkeypatch):
    monkeypatch.setattr(sys.modules[connect.__module__], "BUSY_TIMEOUT_S", 0.1)
    was = standing(old.data)
    with closing(connect(str(old.data / "posthouse.db"))) as connection:
        connection.execute("BEGIN IMMEDIATE")
        assert "Another process" in old.refused(*words(backed_up, file))
    assert standing(old.data) == was
