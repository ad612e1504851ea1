"""`posthouse errors`: every code and reason explained, without a server or an installation."""

import pytest
from typer.testing import CliRunner

from posthouse.cli import app
from posthouse.core.catalogue import CATALOGUE, REASONS
from posthouse.core.errors import Code


def errors(*words: str):
    return CliRunner().invoke(app, ["errors", *words])


@pytest.mark.parametrize("name", [*CATALOGUE, *REASONS])
def test_every_code_and_reason_is_explained_in_both_languages(name):
    told = errors(name)
    assert told.exit_code == 0, told.output
    entry = CATALOGUE.get(name) or REASONS[name]
    for text in (entry.title, entry.detail, entry.action):
        assert text.en in told.stdout
        assert text.zh in told.stdout


def test_the_language_of_the_environment_comes_first_and_an_option_leaves_the_other_out(monkeypatch):
    entry = CATALOGUE[Code.INVALID_NUMBER]
    told = errors("invalid_number").stdout
    assert told.index(entry.title.en) < told.index(entry.title.zh)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    told = errors("invalid_number").stdout
    assert told.index(entry.title.zh) < told.index(entry.title.en)
    assert entry.title.zh not in errors("invalid_number", "--lang", "en").stdout


def test_without_a_name_all_are_listed(monkeypatch):
    told = errors().stdout
    assert all(name in told for name in [*CATALOGUE, *REASONS])
    assert REASONS["blocked"].title.zh in errors("--lang", "zh").stdout


def test_a_typo_is_met_with_what_may_have_been_meant():
    told = errors("invalid_numbr")
    assert told.exit_code == 1
    assert "did you mean invalid_number" in told.stderr
    assert "`posthouse errors`" in errors("xyzzy").stderr


def test_a_name_may_be_written_otherwise():
    assert errors("Invalid-Number").exit_code == 0


def test_what_is_a_code_and_a_reason_is_explained_as_both(monkeypatch):
    both = sorted(set(CATALOGUE) & set(REASONS))
    assert both
    told = errors(both[0], "--lang", "en", "--json").stdout
    assert '"code"' in told
    assert '"reason"' in told
