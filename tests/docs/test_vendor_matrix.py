"""The pages about vendors, held against the kinds that are registered."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from posthouse.core.verdict import Reason
from posthouse.vendors.registry import ADAPTERS
from scripts import vendors
from tests.docs.guide import ROOT
from tests.vendors import replay

PAGES = ROOT / "docs" / "vendors"
ENDINGS = (".md", ".zh-CN.md")
LINES_MAX = 120

CODE = re.compile(r"`([^`\n]+)`")
BLOCK = re.compile(r"^```\w+\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)")
SET = re.compile(r"--set ['\"]?([a-z_]+)=")
SETTINGS_HEAD = re.compile(r"^\| *(?:setting|设置项) *\|", re.IGNORECASE)
NUMBERS = re.compile(r"\b(\d{5})(?:–(\d{5}))?\b")
REASONS_HEAD = re.compile(r"^\| *(?:our reason|reason|我们的原因|原因) *\|", re.IGNORECASE)

every_kind = pytest.mark.parametrize("kind", ADAPTERS)
every_page = pytest.mark.parametrize("page", [f"{kind}{ending}" for kind in ADAPTERS for ending in ENDINGS])


def read(page: str) -> str:
    return (PAGES / page).read_text(encoding="utf-8")


def code_in(page: str) -> list[str]:
    """Every line of a code block, and every piece of code in the prose."""
    lines = [line for block in BLOCK.findall(page) for line in block.splitlines()]
    return [*lines, *CODE.findall(BLOCK.sub("", page))]


def table(page: str, head: re.Pattern[str]) -> list[list[str]]:
    """The cells of the table whose head matches, without it; none where there is no such table."""
    lines = page.splitlines()
    begin = next((number for number, line in enumerate(lines) if head.match(line)), len(lines))
    rows = []
    for line in lines[begin + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def codes_by_reason(page: str) -> dict[str, list[str]]:
    """What a page says becomes of a vendor's codes."""
    return {CODE.findall(row[0])[0]: CODE.findall(row[1]) for row in table(page, REASONS_HEAD)}


def codes_in(cell: str) -> Iterator[str]:
    """The codes of a cell: pieces of code, in which a star stands for anything, and numbers from – to."""
    yield from CODE.findall(cell)
    for first, last in NUMBERS.findall(cell):
        yield from map(str, range(int(first), int(last or first) + 1))


def covers(told: str, code: str) -> bool:
    """Whether a page speaks of a code, by its name or by what it ends in."""
    return fnmatchcase(code, told.replace("…", "*")) or code.rpartition(".")[2] == told


@pytest.mark.parametrize("language", [vendors.ENGLISH, vendors.CHINESE], ids=["English", "Chinese"])
def test_the_matrix_is_what_the_code_says(language):
    page = language.page.read_text(encoding="utf-8")
    told = "make it anew: .venv/bin/python scripts/vendors.py"
    assert vendors.renewed(page, language) == page, told
    rows = table(page, re.compile(rf"\| {language.heads[0]} \|"))
    assert [row[1] for row in rows] == [f"`{kind}`" for kind in ADAPTERS]
    assert {len(row) for row in rows} == {len(language.heads)}


def test_every_head_of_the_matrix_is_explained_below_it():
    for language in (vendors.ENGLISH, vendors.CHINESE):
        below = language.page.read_text(encoding="utf-8").partition(vendors.END)[2]
        explained = set(re.findall(r"^- \*\*(.+?)\*\*", below, re.MULTILINE))
        plain = {language.heads[place] for place in (0, 1, 2, 11)}
        assert explained == set(language.heads) - plain


def test_every_page_is_about_a_kind_and_every_kind_has_a_page_in_both_languages():
    found = {page.name for page in PAGES.iterdir()}
    assert found == {f"{name}{ending}" for name in (*ADAPTERS, "README") for ending in ENDINGS}


@every_kind
def test_every_kind_has_fixtures_and_says_how_it_was_checked(kind):
    assert list((ROOT / "tests" / "vendors" / "fixtures" / kind).glob("*.json"))
    for ending in ENDINGS:
        assert f"`{ADAPTERS[kind].PROVEN}`" in read(kind + ending), f"{kind}{ending} does not say it"


@every_page
def test_every_setting_of_a_kind_is_named_on_its_page(page):
    told = "\n".join(code_in(read(page)))
    settings = {setting.name for setting in ADAPTERS[page.partition(".")[0]].settings}
    assert {name for name in settings if not re.search(rf"(?<!\w){name}(?!\w)", told)} == set()


@every_page
def test_no_page_names_a_setting_that_does_not_exist(page):
    text = read(page)
    named = set(SET.findall(text))
    named |= {name for row in table(text, SETTINGS_HEAD) for name in CODE.findall(row[0])}
    assert named, "it shows no setting at all"
    assert named <= {setting.name for setting in ADAPTERS[page.partition(".")[0]].settings}


@every_page
def test_a_page_speaks_of_reasons_that_exist_and_of_each_once(page):
    rows = table(read(page), REASONS_HEAD)
    told = [CODE.findall(row[0])[0] for row in rows]
    assert len(told) == len(set(told))
    assert set(told) <= set(Reason)


@every_kind
def test_both_languages_tell_the_same_codes_and_show_the_same_commands(kind):
    english, chinese = (read(f"{kind}{ending}") for ending in ENDINGS)
    ours, theirs = codes_by_reason(english), codes_by_reason(chinese)
    assert {reason: set(codes) for reason, codes in ours.items()} == {
        reason: set(codes) for reason, codes in theirs.items()
    }
    assert BLOCK.findall(english) == BLOCK.findall(chinese)


@every_page
def test_what_becomes_of_codes_in_the_fixtures_is_on_the_page(page):
    kind = page.partition(".")[0]
    told = {CODE.findall(row[0])[0]: row[1] for row in table(read(page), REASONS_HEAD)}
    # Codes of a configured vendor are in its settings.
    assert told or kind == "http"
    for case in replay.load(kind) if told else ():
        statuses = {f"HTTP {each.status}" for each in case.responses()}
        for verdict in case.told.get("verdicts", ()):
            said = verdict.get("refused") or verdict.get("deferred") or {}
            reason, code = said.get("reason"), said.get("code")
            # Whatever is not in the table of the code is `unknown`.
            if not code or reason == Reason.UNKNOWN or any(each in told[reason] for each in statuses):
                continue
            assert any(covers(each, code) for each in codes_in(told[reason])), f"{code} is not with {reason}"


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.name)
def test_a_page_is_short_and_its_links_lead_somewhere(page: Path):
    text = page.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LINES_MAX
    for target in LINK.findall(text):
        assert (page.parent / target).exists(), target
