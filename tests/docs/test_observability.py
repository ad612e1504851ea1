"""The page for operators, held against what the code says and counts."""

import ast
import re
from pathlib import Path

import pytest

from posthouse.observe import Metrics

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "observability.md").read_text()
SOURCES = {path: path.read_text() for path in (ROOT / "src").rglob("*.py")}
ALERTS = (ROOT / "deploy" / "prometheus" / "alerts.yml").read_text()


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def told() -> dict[str, set[str]]:
    """Every event in the code with the levels it is told at."""
    found: dict[str, set[str]] = {}
    for path, source in SOURCES.items():
        for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
            level = level_of(call, in_services=path.parent.name == "services")
            if level is not None:
                [name, *_] = call.args
                assert isinstance(name, ast.Constant), f"{path}:{call.lineno}: an event has a fixed name"
                found.setdefault(str(name.value), set()).add(level)
    return found


def level_of(call: ast.Call, *, in_services: bool) -> str | None:
    """At which level a call tells an event; None when it is something else."""
    match call.func:
        case ast.Attribute(value=ast.Name(id="log"), attr=level):
            own = isinstance(call.args[0], ast.Name)  # `telling.tell`, which hands a name on
            return None if own else "error" if level == "exception" else level
        case ast.Name(id="tell") if in_services:
            return "debug"
    return None


def test_every_event_is_listed_with_its_level_and_every_listed_event_exists():
    listed = {name.strip("`"): level for name, level, _ in rows("Events")}
    assert {name: {level} for name, level in listed.items()} == told()


def kinds(metrics: Metrics) -> dict[str, str]:
    """The type of every family on the page, by the name of its samples."""
    lines = [
        line.split() for line in metrics.page().decode().splitlines() if line.startswith("# TYPE posthouse")
    ]
    return {name: kind for _, _, name, kind in lines}


def test_every_metric_is_listed_and_every_listed_metric_exists():
    listed = {name.strip("`"): meaning for name, _, meaning in rows("Metrics")}
    kinds_ = kinds(Metrics())
    assert set(listed) == set(kinds_)
    for name, kind in kinds_.items():
        assert (kind == "histogram") == listed[name].startswith("histogram:"), name
        assert (kind == "counter") == name.endswith("_total"), name


@pytest.mark.parametrize("name", sorted(set(re.findall(r"posthouse_[a-z_]+", ALERTS))))
def test_an_alert_speaks_of_metrics_that_exist(name):
    assert re.sub(r"_bucket$", "", name) in {row[0].strip("`") for row in rows("Metrics")}


@pytest.mark.parametrize(
    "event", sorted(set(re.findall(r"for ([a-z]+_[a-z]+)(?: and ([a-z]+_[a-z]+))? in the log", ALERTS)))
)
def test_an_alert_sends_to_events_that_exist(event):
    assert {name for name in event if name} <= set(told())
