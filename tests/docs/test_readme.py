"""What the documentation says, held against the code it speaks of."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from posthouse.cli import app
from posthouse.core.message import FINAL, State
from posthouse.observe import FAILPOINTS
from posthouse.settings import Settings
from posthouse.vendors.sandbox import SCRIPTS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
CHINESE = (ROOT / "README.zh-CN.md").read_text()
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text()
PAGES = {page.name: page.read_text() for page in ROOT.glob("*.md")}
ONLY_SOMETIMES = "only on a channel without receipts"
CODE = re.compile(r"`([^`\n]+)`")
NUMBER = re.compile(r"\d[\d,.]*")
BLOCK = re.compile(r"^```\w+\n(.*?)^```", re.DOTALL | re.MULTILINE)


def section(page: str, heading: str) -> str:
    """What stands under a heading, up to the next one."""
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
    assert found is not None, f"there is no section {heading!r}"
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The cells of a table, without its head; a bar within a cell has a backslash before it."""
    lines = [line.strip("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)] for line in lines[2:]]


def code_in(page: str) -> Iterator[str]:
    """Every line of a code block, and every piece of code in the prose."""
    for block in BLOCK.findall(page):
        yield from block.splitlines()
    yield from CODE.findall(BLOCK.sub("", page))


def test_the_states_and_their_finality_are_those_of_the_core():
    told = {CODE.findall(state)[0]: final for state, _, final in rows(section(README, "States"))}
    assert list(told) == [state.value for state in State]
    for state in State:
        expected = "yes" if state in FINAL else ONLY_SOMETIMES if state is State.SENT else ""
        assert told[state.value] == expected, state


def test_the_fates_are_those_of_the_sandbox():
    first = [number for number, _ in rows(section(README, "Try every fate"))]
    assert first == [*(f"`{digits}`" for digits in SCRIPTS), "anything else"]


ROOT_COMMAND: Any = typer.main.get_command(app)


def commands(group: Any = ROOT_COMMAND, *path: str) -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its full name."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *path, name)
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(commands())
SHOWN = {name for name in COMMANDS if not ROOT_COMMAND.commands[name.partition(" ")[0]].hidden}
"""Without those that are another name of a group."""


def command_of(usage: str) -> str | None:
    """The full name of the command a piece of usage begins with."""
    words = usage.split()
    return next((name for n in (3, 2, 1) if (name := " ".join(words[:n])) in COMMANDS), None)


def test_the_table_of_commands_is_the_command_line():
    documented = set()
    for usages, _ in rows(section(README, "Commands")):
        group = ""
        for usage in CODE.findall(usages):
            name = command_of(usage) or command_of(f"{group} {usage}")
            assert name is not None, f"there is no command {usage!r}"
            group = name.partition(" ")[0]
            options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
            assert set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", usage)) <= options, usage
            documented.add(name)
    assert documented == SHOWN


@pytest.mark.parametrize("page", PAGES)
def test_every_command_in_the_prose_exists(page):
    for line in code_in(PAGES[page]):
        for usage in re.findall(r"(?:^|[ /])posthouse ((?!-)[^#]+)", line):
            assert command_of(usage), f"{page}: posthouse {usage}"


@pytest.mark.parametrize("page", [*PAGES, ".ci/run"])
def test_every_make_target_exists(page):
    found = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert found is not None
    lines = code_in(PAGES[page]) if page in PAGES else (ROOT / page).read_text().splitlines()
    for line in lines:
        for words in re.findall(r"\bmake ((?:[a-z]+ ?)+)", line.partition("#")[0]):
            assert set(words.split()) <= set(found[1].split()), f"{page}: {line}"


def test_the_settings_are_those_that_can_be_set():
    found = re.search(r"^Settings are .*? data directory: (.*?)\. ", README, re.DOTALL | re.MULTILINE)
    assert found is not None
    assert CODE.findall(re.sub(r"\(.*?\)", "", found[1])) == list(Settings.__struct_fields__)


def test_every_file_architecture_names_is_there():
    files = [f"/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "src").rglob("*.py")]
    files += [f"/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "tests").rglob("*.py")]
    for name in re.findall(r"[\w/]+\.py\b", ARCHITECTURE):
        assert any(file.endswith(f"/{name}") for file in files), name


def test_the_failpoints_are_those_a_server_knows():
    listed = (
        section(ARCHITECTURE, "Failpoints").partition("`observe/failpoints.py`")[2].partition(" They ")[0]
    )
    assert sorted(" ".join(CODE.findall(listed)).split()) == sorted(FAILPOINTS)


def test_the_chinese_readme_has_the_same_tables():
    def names(page: str) -> list[list[str]]:
        """What stands in the first column of every table, but for words of the language."""
        tables = re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE)
        return [[" ".join(CODE.findall(row[0])) for row in rows(table)] for table in tables]

    assert names(CHINESE) == names(README)
    for ours, theirs in zip(
        rows(section(CHINESE, "性能数据")), rows(section(README, "Figures")), strict=True
    ):
        assert [NUMBER.findall(cell) for cell in ours[1:]] == [NUMBER.findall(cell) for cell in theirs[1:]]
