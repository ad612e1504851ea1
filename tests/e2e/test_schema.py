"""A stranger who knows nothing but `/openapi.json` asks for everything in it, right and wrong."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.house import House, number, send
from tests.e2e.premises import inside
from tests.e2e.server import HOST, Server, command

TESTER = Path(sys.executable).with_name("st")
EXAMPLES_A_CALL = 2
ENDS_WITHIN_S = 150.0
"""On a loaded machine; alone it takes a fifth of that."""

LEFT_OUT = (
    # What a schema allows may still be no phone number, too long a text or a price out of reach; then it is
    # refused with a documented 400.
    "positive_data_acceptance",
    # A key that was revoked stays on record.
    "use_after_free",
)

# What no schema tells: which numbers are numbers, and which ids there are. Every other time it is guessed.
KNOWN = """
[dictionaries]
numbers = {{ values = ["+15555550123", "13800138000", "+8613900130001"] }}
messages = {{ values = {messages} }}
batches = {{ values = ["{batch}"] }}

[[operations]]
include-operation-id = ["sms.send", "sms.estimate"]
parameters = {{ "body.to" = {{ dictionary = "numbers", probability = 0.5 }} }}

[[operations]]
include-path-regex = "^/v1/sms/.id"
parameters = {{ "path.id" = {{ dictionary = "messages", probability = 0.5 }} }}

[[operations]]
include-path-regex = "^/v1/batches/.id"
parameters = {{ "path.id" = {{ dictionary = "batches", probability = 0.5 }} }}
"""


@pytest.fixture
def open_house(tmp_path) -> Iterator[House]:
    """A server of its own, since a stranger leaves it in a state nobody can foresee."""
    data = tmp_path / "data"
    issued = command(data, "init")
    inside(data, lambda house: house.administer.credit("default", 1_000_000_000))
    server = Server(data)
    try:
        yield House(server.start(), issued["key"], issued)
    finally:
        server.close()


def test_the_server_answers_whatever_its_document_allows_and_nothing_else(open_house, tmp_path):
    server = open_house.server
    with open_house.caller() as api:
        messages = [send(api, number(fate))["sms_id"] for fate in ("8000", "0001", "0003")]
        later = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
        messages.append(send(api, number(), send_at=later)["sms_id"])
        many = api.post("/v1/sms/batch", json={"to": [number(), number()], "body": "Hi", "send_at": later})
        batch = many.json()["batch_id"]
    (tmp_path / "schemathesis.toml").write_text(KNOWN.format(messages=messages, batch=batch))
    done = subprocess.run(
        [
            *(TESTER, "run", f"http://{HOST}:{server.port}/openapi.json"),
            *("--header", f"Authorization: Bearer {open_house.key}"),
            *("--checks", "all", "--exclude-checks", ",".join(LEFT_OUT)),
            *("--max-examples", str(EXAMPLES_A_CALL), "--generation-deterministic"),
            *("--continue-on-failure", "--no-color"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=ENDS_WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Stateful (in" in done.stdout, "no call was followed by another"
    server.stop()
    assert command(server.data, "ledger", "check")
