"""What the tests of the client for TypeScript run: node, npm and the compiler, where they are."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.server import environment

PACKAGE = Path(__file__).parents[2] / "sdk" / "typescript"
TOOLS = PACKAGE / "tools"
COMPILER = TOOLS / "node_modules" / "typescript" / "bin" / "tsc"

NODE_OLDEST = 20
ENDS_WITHIN_S = 90.0


def _node_is_new_enough() -> bool:
    if shutil.which("node") is None:
        return False
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, timeout=10, check=False)
    return said.returncode == 0 and int(said.stdout[1:].partition(".")[0]) >= NODE_OLDEST


needs_node = pytest.mark.skipif(
    not _node_is_new_enough(),
    reason="Node 20 or newer is not installed; the client for TypeScript runs on it",
)
needs_npm = pytest.mark.skipif(
    shutil.which("npm") is None, reason="npm is not installed; it installs the client for TypeScript"
)
needs_compiler = pytest.mark.skipif(
    not COMPILER.exists(),
    reason="TypeScript is not installed in sdk/typescript/tools; `make sdk` installs it",
)


def run(*words: str | Path, within: Path = PACKAGE, **variables: str) -> str:
    """Run a program that must end well; answers what it printed."""
    clean = {name: value for name, value in environment().items() if not name.startswith("INFRAI_")}
    done = subprocess.run(
        [str(word) for word in words],
        cwd=within,
        env=clean | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=ENDS_WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def install(within: Path, *what: str) -> None:
    """`npm install` in a project of its own, without any network."""
    within.mkdir(parents=True, exist_ok=True)
    quiet = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
    run(
        "npm",
        "install",
        *what,
        "--offline",
        *quiet,
        within=within,
        npm_config_cache=os.fspath(within / ".npm"),
    )
