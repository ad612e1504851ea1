"""What is installed: light to import, typed, generated where it says so, no longer than it should be."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import assert_type

import posthouse
import posthouse_sdk
from posthouse_sdk import AsyncClient, Client, Pager, Raw, SmsRecord, VerifyReply
from posthouse_sdk.words import MessageState

ROOT = Path(__file__).parents[2]
SDK = ROOT / "sdk" / "python"
LINES_MAX = 300


def imported(module: str) -> set[str]:
    """The modules that are there after an import, in an interpreter of its own."""
    code = f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_importing_the_client_imports_little_more_than_its_http_library():
    added = imported("posthouse_sdk") - imported("httpx2")
    ours = {name for name in added if name.startswith("posthouse_sdk")}
    # Each a millisecond or less; what is heavy would have to be named here.
    assert added - ours <= {"_contextvars", "contextvars", "_uuid", "hmac", "platform", "secrets", "uuid"}
    assert len(ours) < 60
    assert "asyncio" not in added


def test_the_document_s_namespace_adds_nothing_but_itself():
    assert imported("infrai") - imported("posthouse_sdk") == {"infrai", "infrai.namespace"}


def test_the_client_has_one_dependency():
    project = tomllib.loads((SDK / "pyproject.toml").read_text())["project"]
    assert project["dependencies"] == ["httpx2~=2.16"]
    assert project["name"] == "posthouse-sdk"


def test_server_and_client_are_of_one_release():
    assert posthouse_sdk.__version__ == posthouse.__version__


def test_every_package_says_that_it_is_typed():
    packages = [path for path in (SDK / "src").iterdir() if (path / "__init__.py").exists()]
    assert {path.name for path in packages} == {"infrai", "posthouse_pytest", "posthouse_sdk"}
    assert all((path / "py.typed").exists() for path in packages)


def test_the_client_for_threads_is_as_generated():
    done = subprocess.run([sys.executable, str(SDK / "sync.py"), "--check"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_no_module_outgrows_its_caption():
    lines = {path.name: len(path.read_text().splitlines()) for path in (SDK / "src").rglob("*.py")}
    assert {name: count for name, count in lines.items() if count > LINES_MAX} == {}


def types_that_a_checker_sees(client: Client, sms_id: str) -> None:
    """Never run: mypy reads it, and fails where an answer has lost its type."""
    assert_type(client.sms.status(sms_id), SmsRecord)
    assert_type(client.sms.status(sms_id)["state"], MessageState)
    assert_type(client.sms.list(), Pager[SmsRecord])
    assert_type(client.sms.verify(to="", code=""), VerifyReply)
    assert_type(client.with_raw_response(client.sms.send, to="", body=""), Raw[SmsRecord])
    client.sms.send(body="")  # type: ignore[call-arg]  # to is needed
    client.sms.send(to="", bdy="")  # type: ignore[call-arg]  # there is no such field
    client.sms.send(to="", purpose="spam")  # type: ignore[arg-type]  # nor such a purpose


async def types_of_the_other(client: AsyncClient, sms_id: str) -> None:
    """The same of the client for event loops."""
    assert_type(await client.sms.status(sms_id), SmsRecord)
    assert_type(await client.with_raw_response(client.sms.send, to="", body=""), Raw[SmsRecord])
    async for record in client.sms.list():
        assert_type(record, SmsRecord)
