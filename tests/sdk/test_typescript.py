"""The client for TypeScript: its own tests, played on Node, and what it promises about itself."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

from posthouse import __version__
from posthouse_sdk import ROUTES, Client
from posthouse_sdk.credentials import Credentials, load, store
from posthouse_sdk.retrying import MINUTES
from posthouse_sdk.words import FINAL
from tests.sdk.typescript_tools import PACKAGE, TOOLS, needs_compiler, needs_node, run

pytestmark = needs_node

SUITES = sorted(path.name for path in (PACKAGE / "test").glob("*.test.mjs"))
LOADED_BYTES_MAX = 15_000


@pytest.fixture(scope="module")
def api_document(base_url) -> Any:
    return httpx2.get(f"{base_url}/openapi.json").raise_for_status().json()


@pytest.mark.parametrize("suite", SUITES)
def test_on_node_it_passes(suite, house, base_url, tmp_path):
    said = run(
        *("node", "--test-reporter=tap", PACKAGE / "test" / suite),
        POSTHOUSE_TEST_URL=base_url,
        POSTHOUSE_TEST_KEY=house.key,
        HOME=str(tmp_path),
    )
    counts = {word: int(count) for word, count in re.findall(r"^# (\w+) (\d+)$", said, re.MULTILINE)}
    assert counts["pass"] == counts["tests"] > 0
    assert counts["skipped"] == 0


def test_each_client_goes_on_with_the_key_that_the_other_left(house, base_url, tmp_path):
    path = tmp_path / ".infrai" / "credentials"
    store(Credentials(base_url, house.key), path)
    assert ask("(await client.account.get()).account", HOME=str(tmp_path)) == "default"
    path.unlink()
    trial = ask("(await client.activate()).account", HOME=str(tmp_path), POSTHOUSE_BASE_URL=base_url)
    left = load(path)
    with Client(left["api_key"], left["base_url"]) as client:
        assert client.account.get()["account"] == trial


def ask(expression: str, **variables: str) -> str:
    """What an expression about `client`, made from its surroundings, comes to."""
    script = f"""
        import {{ PosthouseClient }} from "@posthouse/sdk";
        const client = new PosthouseClient();
        process.stdout.write({expression});
    """
    return run("node", "--input-type=module", "--eval", script, within=PACKAGE, **variables)


@pytest.fixture(scope="module")
def table() -> Any:
    """ROUTES, as the package has it."""
    script = "import { ROUTES } from '@posthouse/sdk'; console.log(JSON.stringify(ROUTES));"
    return json.loads(run("node", "--input-type=module", "--eval", script))


def test_both_clients_have_the_same_calls_under_the_same_names(table):
    assert table.keys() - {"sms.status", "sms.send_batch"} == ROUTES.keys()
    assert table["sms.status"] == table["sms.get"]
    assert table["sms.send_batch"] == table["sms.batch"]
    for name, route in ROUTES.items():
        assert (table[name]["method"], table[name]["path"]) == (route.method, route.path)
        assert (table[name]["repeat"] != "never") == route.repeatable, name


def test_both_clients_know_the_same_by_heart():
    script = f"""
        import {{ FINAL_STATES }} from "@posthouse/sdk";
        import {{ MINUTES }} from "{PACKAGE}/dist/esm/retrying.js";
        console.log(JSON.stringify([[...FINAL_STATES], [...MINUTES]]));
    """
    final, minutes = json.loads(run("node", "--input-type=module", "--eval", script))
    assert set(final) == FINAL
    assert set(minutes) == MINUTES


def test_its_table_of_calls_is_the_servers(table, api_document):
    said = {(route["method"], route["path"]) for route in table.values()}
    operations = {
        (method.upper(), path): operation
        for path, item in api_document["paths"].items()
        for method, operation in item.items()
        if "operationId" in operation
    }
    assert said == operations.keys()
    for route in table.values():
        operation = operations[route["method"], route["path"]]
        headers = {each["name"] for each in operation.get("parameters", []) if each["in"] == "header"}
        assert (route["repeat"] == "keyed") == ("Idempotency-Key" in headers), route
        assert route.get("open", False) == (operation["security"] == []), route
        assert (route.get("input") == "body") == ("requestBody" in operation), route


def test_its_types_are_the_servers(api_document, tmp_path):
    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(api_document))
    run("node", TOOLS / "generate.mjs", document, "--check")


@needs_compiler
def test_what_is_built_is_what_the_sources_make():
    run("node", TOOLS / "build.mjs", "--check")


def test_what_is_loaded_is_small():
    # Each file by itself, as they would travel.
    loaded = loaded_with(PACKAGE / "dist" / "esm" / "index.js")
    sizes = {path.name: len(gzip.compress(path.read_bytes(), mtime=0)) for path in loaded}
    assert "routes.js" in sizes
    assert sum(sizes.values()) <= LOADED_BYTES_MAX, sizes


def loaded_with(module: Path, known: frozenset[Path] = frozenset()) -> frozenset[Path]:
    """The module and all that it imports."""
    known |= {module}
    for name in re.findall(r'\bfrom "(\.[^"]+)"', module.read_text()):
        imported = (module.parent / name).resolve()
        if imported not in known:
            known = loaded_with(imported, known)
    return known


def test_it_depends_on_nothing_and_runs_nothing_when_installed():
    package = json.loads((PACKAGE / "package.json").read_text())
    assert not [name for name in package if "ependencies" in name or name == "scripts"]
    assert package["version"] == __version__
    assert f'VERSION = "{__version__}"' in (PACKAGE / "src" / "version.ts").read_text()


def test_it_never_prints():
    sources = [path for path in (PACKAGE / "src").rglob("*.ts") if "console." in path.read_text()]
    assert sources == []


def test_the_lock_file_names_no_registry():
    lock = json.loads((TOOLS / "package-lock.json").read_text())
    assert not [name for name, each in lock["packages"].items() if "resolved" in each]
    assert all("integrity" in each for name, each in lock["packages"].items() if name)
