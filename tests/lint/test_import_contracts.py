"""The import contracts of pyproject.toml, tried on a skeleton of Posthouse with a violation planted in it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")

POINT_INWARD = "Imports point inward"
DIALECTS_APART = "Dialects do not know each other"
HANDED = "Web and workers use only what bootstrap hands them"
NO_IO = "Core, signing and services do no I/O"

SKELETON = {
    "__main__": "from posthouse import cli",
    "cli": "from posthouse import bootstrap",
    "bootstrap": "from posthouse import queue, settings, storage, vendors, web, webhooks, workers",
    "web": "from posthouse import services",
    "web.dialects": "",
    "web.dialects.native": "from posthouse.core import message",
    "web.dialects.notify": "from posthouse.core import message",
    "workers": "from posthouse.services import submit",
    "services": "",
    "services.submit": "from posthouse import core, observe, signing",
    "storage": "import sqlalchemy",
    "queue": "from posthouse import observe",
    "vendors": "from posthouse import signing",
    "webhooks": "import socket",
    "settings": "import tomllib",
    "observe": "import structlog",
    "core": "",
    "core.message": "from dataclasses import dataclass",
    "signing": "import hashlib",
}


@pytest.fixture
def skeleton(tmp_path):
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    plant(tmp_path, "", "")
    for module, imports in SKELETON.items():
        plant(tmp_path, module, imports)
    return tmp_path


def plant(root, module, imports):
    package = root.joinpath("posthouse", *module.split("."))
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").write_text(imports + "\n")


def broken(root) -> set[str]:
    """Names of the contracts that do not hold for the skeleton at `root`."""
    run = subprocess.run(
        [LINT_IMPORTS, "--no-logo", "--no-cache"], cwd=root, capture_output=True, text=True, check=False
    )
    lines = run.stdout.splitlines()
    assert sum(line.endswith((" KEPT", " BROKEN")) for line in lines) == 4, run.stdout + run.stderr
    return {line.removesuffix(" BROKEN") for line in lines if line.endswith(" BROKEN")}


def test_a_lawful_skeleton_keeps_every_contract(skeleton):
    assert broken(skeleton) == set()


@pytest.mark.parametrize(
    ("module", "imports", "contracts"),
    [
        ("core.message", "from posthouse import settings", {POINT_INWARD}),
        ("services.submit", "from posthouse import web", {POINT_INWARD}),
        # What a service imports, its callers in web and workers reach too.
        ("services.submit", "from posthouse import vendors", {POINT_INWARD, HANDED}),
        ("storage", "from posthouse.vendors import sandbox", {POINT_INWARD}),
        ("queue", "from posthouse import webhooks", {POINT_INWARD}),
        ("web", "from posthouse import workers", {POINT_INWARD}),
        ("bootstrap", "from posthouse import cli", {POINT_INWARD}),
        ("utils", "", {POINT_INWARD}),
        ("web.dialects.native", "from posthouse.web.dialects import notify", {DIALECTS_APART}),
        ("web", "from posthouse import storage", {HANDED}),
        ("workers", "from posthouse import vendors", {HANDED}),
        ("workers.dispatcher", "from posthouse.queue import wakeups", {HANDED}),
        ("core", "import sqlalchemy", {NO_IO}),
        ("core.message", "from socket import create_connection", {NO_IO}),
        ("signing", "import httpx2", {NO_IO}),
        ("services.submit", "from starlette.requests import Request", {NO_IO}),
        ("services.settle", "import sqlite3", {NO_IO}),
    ],
)
def test_a_planted_violation_breaks_its_contract(skeleton, module, imports, contracts):
    plant(skeleton, module, imports)
    assert broken(skeleton) == contracts


def test_a_package_that_does_not_exist_yet_breaks_nothing(tmp_path):
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    plant(tmp_path, "", "")
    plant(tmp_path, "core", "")
    assert broken(tmp_path) == set()
