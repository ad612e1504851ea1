"""The size check of `make lint`."""

import subprocess

import pytest

from scripts import tidy


@pytest.fixture
def repository(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "--quiet"], check=True)
    (tmp_path / ".gitignore").write_text("node_modules/\n")
    return tmp_path


def write(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x = 1\n" * lines)


def test_four_hundred_lines_are_enough_for_anyone(repository, capsys):
    write(repository / "src/posthouse/core/phone.py", 400)
    assert tidy.main() == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["src/a.py", "sdk/typescript/src/a.ts", "console/src/pages/a.tsx"])
def test_a_longer_file_is_named(repository, capsys, name):
    write(repository / name, 401)
    assert tidy.main() == 1
    assert capsys.readouterr().out.startswith(f"{name}: 401 lines")


@pytest.mark.parametrize("name", ["sdk/typescript/node_modules/a/index.ts", "docs/a.py", "src/a.sql"])
def test_what_is_ignored_or_no_source_may_be_any_length(repository, name):
    write(repository / name, 401)
    assert tidy.main() == 0


def test_a_file_deleted_but_not_yet_committed_is_no_longer_counted(repository):
    write(repository / "src/a.py", 401)
    subprocess.run(["git", "add", "src/a.py"], check=True)
    (repository / "src/a.py").unlink()
    assert tidy.main() == 0
