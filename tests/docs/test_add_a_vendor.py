"""The vendor that CONTRIBUTING shows is added as it says, and passes what every vendor passes."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.docs.guide import ROOT

LINES_MAX = 60
REGISTRY = "src/posthouse/vendors/registry.py"
SUITE = ("tests/vendors/replay.py", "tests/vendors/test_fixtures.py")
RUFF = str(Path(sys.executable).parent / "ruff")
WITHIN_S = 60

_BLOCK = re.compile(r"^```(python|json)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_NAMED = re.compile(r"`([\w/]+\.(?:py|json))`")
_LAST_KIND = re.compile(r"(_ADAPTERS[^=]*= \(\n(?: {4}\w+,\n)*)\)")


def section() -> str:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return page.partition("\n## Add a vendor\n")[2].partition("\n## ")[0]


def shown() -> tuple[str, str, dict[str, str]]:
    """The vendor's file, the line of the registry, and the fixtures by name."""
    programs, cases, since = [], {}, 0
    for block in _BLOCK.finditer(section()):
        if block[1] == "python":
            programs.append(block[2])
        else:
            # A case is called by the last JSON file that the page speaks of before it.
            cases[_NAMED.findall(section(), since, block.start())[-1]] = block[2]
        since = block.end()
    program, line = programs
    return program, line, cases


def checkout(place: Path, program: str, line: str, cases: dict[str, str]) -> Path:
    """A tree in which the vendor has been added, and is the only one with fixtures."""
    package, vendors = place / "src" / "posthouse", place / "src" / "posthouse" / "vendors"
    vendors.mkdir(parents=True)
    for each in (ROOT / "src" / "posthouse").iterdir():
        if each.name not in {"vendors", "__pycache__"}:
            (package / each.name).symlink_to(each)
    for each in (ROOT / "src" / "posthouse" / "vendors").glob("*.py"):
        shutil.copy(each, vendors)
    (vendors / "acme.py").write_text(program, encoding="utf-8")
    registry = place / REGISTRY
    told, count = _LAST_KIND.subn(r"\1    Acme,\n)", registry.read_text(encoding="utf-8"))
    assert count == 1
    first = "from posthouse.vendors.adapter import"
    assert first in told
    registry.write_text(told.replace(first, line + first, 1), encoding="utf-8")
    fixtures = place / "tests" / "vendors" / "fixtures" / "acme"
    fixtures.mkdir(parents=True)
    for name in SUITE:
        shutil.copy(ROOT / name, place / name)
    for name, case in cases.items():
        (fixtures / name).write_text(case, encoding="utf-8")
    return place


def suite_in(place: Path) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    # Without the plugins that the suite does not need: they take longer to load than it takes to run.
    settings = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(place), "-p", "no:cacheprovider"]
    settings += ["-p", "pytest_asyncio.plugin"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *settings, "-k", "acme", SUITE[-1]],
        cwd=place,
        env=own
        | {
            "PYTHONPATH": str(place / "src"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )


def test_the_vendor_of_the_page_passes_what_every_vendor_passes(tmp_path: Path):
    program, line, cases = shown()
    assert {"send.json", "receipt.json"} <= cases.keys()
    assert len(program.splitlines()) <= LINES_MAX
    done = suite_in(checkout(tmp_path, program, line, cases))
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    # More than its own cases: what is asked of every vendor, and that its kind is registered.
    assert int(passed[1]) > 2 * len(cases) + 10
    assert "skipped" not in done.stdout


def test_mistakes_in_it_are_seen_by_its_own_cases_and_by_what_is_asked_of_every_vendor(tmp_path: Path):
    program, line, cases = shown()
    for well, wrong in (
        ('"bad_number": Reason.INVALID_NUMBER', '"bad_number": Reason.BLOCKED'),
        ("port.again_s(response)", 'float(response.headers["retry-after"])'),
    ):
        assert well in program
        program = program.replace(well, wrong)
    done = suite_in(checkout(tmp_path, program, line, cases))
    assert done.returncode == 1, done.stdout
    assert "test_a_vendors_answer_is_a_verdict_for_each_recipient[acme/bad_number]" in done.stdout
    assert "test_too_many_requests_is_come_back_later_and_not_too_late" in done.stdout


def test_the_vendor_of_the_page_is_written_as_this_repository_is():
    program, _, _ = shown()
    for words in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [RUFF, *words, "--stdin-filename", "src/posthouse/vendors/acme.py", "-"],
            cwd=ROOT,
            input=program,
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
