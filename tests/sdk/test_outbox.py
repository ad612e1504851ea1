"""The fixture `sms_outbox`, as somebody's own tests use it: in a pytest of its own, over a real server."""

import pytest

from posthouse_pytest.outbox import Outbox, code_in
from posthouse_sdk import Client
from tests.e2e.house import number
from tests.e2e.server import free_port
from tests.sdk.own_pytest import outcome
from tests.sdk.scenarios import CODES

READS = """
from posthouse_sdk import Client

def test_reads(sms_outbox):
    assert sms_outbox.messages("{to}") == []
    with Client() as client:
        client.sms.otp(to="{to}")
        code = sms_outbox.last_code("{to}")
        assert client.sms.verify(to="{to}", code=code)["valid"]
        client.sms.send(to="{to}", body="Welcome")
        client.sms.send(to="{other}", body="To somebody else")
        assert sms_outbox.last("{other}")["text"] == "To somebody else"
"""

SINCE = """
import pytest
from posthouse_sdk import Client

@pytest.fixture(scope="session")
def posthouse_base_url():
    return "{base_url}"

@pytest.fixture(scope="session")
def posthouse_api_key():
    return "{key}"

def test_since(sms_outbox, posthouse_base_url, posthouse_api_key):
    with Client(posthouse_api_key, posthouse_base_url) as client:
        assert client.sandbox.messages(to="{to}")["data"]
        assert sms_outbox.messages("{to}") == []
        client.sms.wait(client.sms.send(to="{to}", body="Code: 222222")["sms_id"])
        client.sms.wait(client.sms.send(to="{to}", body="Thank you")["sms_id"])
        assert [each["text"] for each in sms_outbox.messages("{to}")] == ["Thank you", "Code: 222222"]
        assert sms_outbox.last("{to}")["text"] == "Thank you"
        assert sms_outbox.last_code("{to}") == "222222"
"""

WAITS = """
from posthouse_sdk import Client

def test_waits(sms_outbox):
    with Client() as client:
        client.sms.wait(client.sms.send(to="{to}", body="The secret text without digits")["sms_id"])
    sms_outbox.last_code("{to}", within_s=0.3)
"""

NOBODY_LISTENS = """
import pytest

@pytest.fixture(scope="session")
def posthouse_base_url():
    return "http://127.0.0.1:{port}"

def test_alone(sms_outbox):
    pass
"""


@pytest.fixture(scope="module")
def silent() -> str:
    return number()


@pytest.fixture(scope="module")
def told(tmp_path_factory, house, base_url, silent) -> str:
    """What pytest says of all of these."""
    seen = number()
    with Client(house.key, base_url) as client:
        client.sms.wait(client.sms.send(to=seen, body="Before: 111111")["sms_id"])
    tests = {
        "test_reads": READS.format(to=number(), other=number()),
        "test_since": SINCE.format(to=seen, base_url=base_url, key=house.key),
        "test_waits": WAITS.format(to=silent),
        "test_alone": NOBODY_LISTENS.format(port=free_port()),
    }
    place = tmp_path_factory.mktemp("theirs")
    return outcome(place, tests, POSTHOUSE_API_KEY=house.key, POSTHOUSE_BASE_URL=base_url)


def test_a_test_reads_the_code_that_its_program_asked_for(told):
    assert "PASSED test_reads.py::test_reads" in told, told


def test_only_what_came_since_the_test_began_counts(told):
    assert "PASSED test_since.py::test_since" in told, told


def test_what_does_not_come_fails_the_test_in_time_and_says_which_number(told, silent):
    assert "FAILED test_waits.py::test_waits" in told, told
    assert f"AssertionError: no message with a code reached {silent} within 0.3 s" in told


def test_without_a_server_it_says_what_to_do_and_shows_no_inner_parts(told, house):
    assert "ERROR test_alone.py::test_alone" in told, told
    assert "sms_outbox: GET http://127.0.0.1:" in told
    assert "Fix: check that a server runs at http://127.0.0.1:" in told
    assert "engine.py" not in told
    assert house.key not in told


def test_a_run_that_does_not_ask_for_it_imports_no_client(tmp_path):
    test = """
import sys

def test_theirs():
    assert "posthouse_pytest" in sys.modules
    assert not {"posthouse_sdk", "httpx2", "posthouse_pytest.outbox"} & sys.modules.keys()
"""
    told = outcome(tmp_path, {"test_theirs": test})
    assert "1 passed" in told, told


def test_a_code_is_found_in_the_texts_that_carry_one_among_other_numbers():
    assert {text: code_in(text) for text in CODES} == CODES


def test_an_outbox_on_a_server_without_messages_begins_empty(base_url, nobody):
    with Client(base_url=base_url) as client:
        client.activate()
        outbox, to = Outbox(client), number()
        client.sms.send(to=to, body="Hello")
        assert outbox.last(to)["text"] == "Hello"
