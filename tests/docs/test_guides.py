"""The guides, read and followed to the letter."""

import re
from pathlib import Path

import pytest

from tests.docs.guide import ROOT, blocks, play

GUIDES = ROOT / "docs" / "guides"
PAGES = sorted(GUIDES.glob("*.md"))
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
CHINESE = ".zh-CN.md"
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_every_block_of_a_readme_does_what_it_says(page: Path, tmp_path: Path):
    follow(page, tmp_path)


@pytest.mark.guide
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_of_a_guide_does_what_it_says(page: Path, tmp_path: Path):
    follow(page, tmp_path)


def follow(page: Path, place: Path) -> None:
    """Play a page; what could not be run for want of Node is told, when all else was."""
    played = play(page, place)
    assert played.run > 0
    if played.left_out:
        pytest.skip(f"all but {played.left_out} blocks, which need Node 20 or newer")


def test_every_guide_is_there_in_both_languages():
    english = {page.name.removesuffix(".md") for page in PAGES if not page.name.endswith(CHINESE)}
    chinese = {page.name.removesuffix(CHINESE) for page in PAGES if page.name.endswith(CHINESE)}
    assert english == chinese


@pytest.mark.parametrize("page", [*READMES, *PAGES], ids=lambda page: page.name)
def test_both_languages_show_as_many_blocks_of_each_kind(page: Path):
    other = page.with_name(page.name.removesuffix(".md").removesuffix(".zh-CN") + CHINESE)
    assert [block.kind for block in blocks(page.read_text())] == [
        block.kind for block in blocks(other.read_text())
    ]


@pytest.mark.parametrize(
    "page", [*PAGES, *ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("deploy/**/*.md")], ids=str
)
def test_every_link_within_the_repository_leads_somewhere(page: Path):
    for target in LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), target
