"""The client's two README pages: every block does what the page says, against a real server."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infrai import Infra
from posthouse_pytest.outbox import Outbox
from posthouse_sdk import Client
from tests.sdk.own_pytest import outcome
from tests.sdk.test_webhooks import BODY, ID, SECRET

SDK = Path(__file__).parents[2] / "sdk" / "python"
PAGES = ["README.md", "README.zh-CN.md"]
TO = "+8613800138000"

THEIRS = """
from posthouse_sdk import Client
client = Client()
def ask_for_a_code(number): client.sms.otp(to=number)
def sign_in(number, code): return client.sms.verify(to=number, code=code)["valid"]
"""
"""The program that the page's test speaks of."""


def blocks(page: str) -> dict[str, str]:
    """The Python blocks of a page, by something that only one of them says."""
    found = re.findall(
        r"^```python\n(.*?)^```", (SDK / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    marks = (
        "input(",
        "client.sms.wait(sent",
        "RateLimited",
        "asyncio.run",
        "webhooks",
        "sms_outbox",
        "from infrai",
    )
    named = {
        mark: block
        for block in found
        for mark in marks
        if mark in block and ("asyncio" not in block or mark == "asyncio.run")
    }
    assert len(found) == len(marks) == len(named)
    return named


@pytest.fixture
def reader(nobody, monkeypatch, base_url):
    """A reader with an empty home, who knows where the server is."""
    monkeypatch.setenv("POSTHOUSE_BASE_URL", base_url)
    return nobody


@pytest.fixture
def activated(reader) -> Iterator[Client]:
    """The reader's account on trial."""
    with Client() as client:
        client.activate()
        yield client


@pytest.fixture
def run(capsys, monkeypatch):
    """Runs a block as a program of its own; answers what it printed."""

    def run(code: str, **names: Any) -> str:
        infra = Infra()
        monkeypatch.setattr("infrai.infra", infra)
        exec(compile(code, "README", "exec"), names)  # noqa: S102 - the pages' own lines
        infra.client.close()
        for each in names.values():
            if isinstance(each, Client):
                each.close()
        return str(capsys.readouterr().out)

    return run


@pytest.mark.parametrize("page", PAGES)
def test_three_lines_send_and_verify_a_code(page, reader, run):
    block = blocks(page)["input("]
    assert len(block.strip().splitlines()) == 2 + 3, "the import, an empty line, and three"
    [activate] = re.findall(r'^python -c "(.*)"$', (SDK / page).read_text(encoding="utf-8"), re.MULTILINE)
    subprocess.run([sys.executable, "-c", activate], check=True)
    with Client() as client:
        outbox = Outbox(client)
        assert run(block, input=lambda prompt: outbox.last_code(TO)) == "True\n"


@pytest.mark.parametrize("page", PAGES)
def test_calls_in_threads_and_in_tasks(page, activated, run):
    told = run(blocks(page)["client.sms.wait(sent"])
    assert re.fullmatch(r"delivered\nsms_\w+ delivered\n", told)
    assert re.fullmatch(r"delivered\nsms_\w+\nsms_\w+\n", run(blocks(page)["asyncio.run"]))


@pytest.mark.parametrize("page", PAGES)
def test_errors_are_caught_as_shown(page, activated, run):
    assert run(blocks(page)["RateLimited"]) == "invalid_number to\n"


@pytest.mark.parametrize("page", PAGES)
def test_the_document_s_namespace(page, reader, run):
    assert re.fullmatch(r"sms_id: sms_\w+ \| state: queued\n", run(blocks(page)["from infrai"]))


@pytest.mark.parametrize("page", PAGES)
def test_a_webhook_is_verified(page, reader, run):
    call = f"""
import time
at = int(time.time())
signature = webhooks.sign({BODY!r}, id={ID!r}, timestamp=at, secret={SECRET!r})
headers = {{"webhook-id": {ID!r}, "webhook-timestamp": str(at), "webhook-signature": signature}}
print(received({BODY.encode()!r}, headers, {SECRET!r}))
"""
    assert run(blocks(page)["webhooks"] + call) == "{'test': 2432232314}\n"


def test_the_fixture_reads_the_code(activated, reader, base_url):
    pages = {f"test_{number}": THEIRS + blocks(page)["sms_outbox"] for number, page in enumerate(PAGES)}
    assert "2 passed" in outcome(reader, pages, POSTHOUSE_BASE_URL=base_url)


def test_the_pages_name_every_call_group_and_error():
    with Client("key", "http://127.0.0.1:1") as client:
        groups = {name for name in vars(client) if not name.startswith("_")} - {
            "with_raw_response",
            "webhooks",
        }
    for page in PAGES:
        text = (SDK / page).read_text(encoding="utf-8")
        for name in groups:
            assert f"`{name}`" in text, (page, name)
        for name in ("sms", "guard", "verifications", "test_numbers", "batches"):
            row = re.search(rf"^\| `{name}` \|(.*)\|$", text, re.MULTILINE)
            assert row is not None
            calls = {each for each in dir(getattr(client, name)) if not each.startswith("_")}
            assert set(re.findall(r"`(\w+)`", row[1])) == calls, (page, name)
