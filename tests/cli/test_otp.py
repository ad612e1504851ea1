"""`posthouse otp`: beside a running server, and without one."""

import http.client
import json
import os
import time
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from posthouse.bootstrap.premises import first_key
from posthouse.cli import app
from tests.cli.conftest import Cli, Server

NUMBERS = (f"+155555501{last:02d}" for last in range(100))
TEST_CODE = "86420975"


class Served(NamedTuple):
    """A server that runs on a directory, and a key to call it with."""

    cli: Cli
    server: Server
    key: str | None


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """One server for most of these."""
    with pytest.MonkeyPatch.context() as clean:
        for name in [name for name in os.environ if name.startswith("POSTHOUSE_")]:
            clean.delenv(name)
        clean.setenv("POSTHOUSE_OUTPUT", "text")
        cli = Cli(tmp_path_factory.mktemp("otp") / "var")
        server = Server(cli.data)
        yield Served(cli, server, first_key(cli.data))
        server.stop()


@pytest.fixture
def number():
    """One that no other test has written to."""
    return next(NUMBERS)


@pytest.fixture(params=["served", "alone"])
def either(request):
    """A directory with a server, and one without."""
    return (
        request.getfixturevalue("served").cli if request.param == "served" else request.getfixturevalue("cli")
    )


def typed(cli, text, *words):
    """A command that reads standard input."""
    return CliRunner().invoke(app, [*words, "--data", str(cli.data)], input=text)


def call(served, method, path, document=None):
    connection = http.client.HTTPConnection("127.0.0.1", served.server.port, timeout=10)
    body = None if document is None else json.dumps(document)
    connection.request(method, path, body, {"Authorization": f"Bearer {served.key}"})
    reply = json.loads(connection.getresponse().read())
    connection.close()
    return reply


def shown(served, number):
    """What the handset shows."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        found = call(served, "GET", f"/v1/sandbox/messages?to=%2B{number[1:]}")["data"]
        if found:
            return found[0]["text"]
        time.sleep(0.05)  # the sandbox delivers within a tenth of a second
    raise AssertionError(number)


def code_in(text):
    return next(word for word in text.replace(".", " ").split() if word.isdigit())


def other(code):
    return str((int(code) + 1) % 10 ** len(code)).zfill(len(code))


# ------------------------------------------------------------------------------------- send and verify


def test_a_code_is_sent_through_the_server_and_checked_by_what_the_handset_shows(served, number):
    cli = served.cli
    sent = cli.json("otp", "send", number, "--purpose", "login", "--length", "8", "--ttl", "120")
    assert (sent["state"], sent["to"], sent["purpose"]) == ("pending", number, "login")
    code = code_in(shown(served, number))
    assert len(code) == 8
    wrong = cli.run("otp", "verify", number, other(code), "--purpose", "login", "--json")
    assert (wrong.exit_code, json.loads(wrong.stdout)) == (3, {"valid": False})
    elsewhere = cli.run("otp", "verify", number, code)
    assert (elsewhere.exit_code, elsewhere.stdout) == (3, "The code is not valid.\n")
    words = ("otp", "verify", number, "-", "--purpose", "login", "--request-id", sent["request_id"])
    right = typed(cli, f"{code[:4]}-{code[4:]}\n", *words)
    assert (right.exit_code, right.stdout) == (0, "The code is valid.\n")
    assert typed(cli, code, *words).exit_code == 3
    record = cli.json("otp", "get", sent["request_id"])
    assert (record["state"], record["checks_left"], record["sms_ids"]) == ("verified", 3, [sent["sms_id"]])


def test_what_a_code_is_bound_to_and_how_it_is_dressed_up_goes_with_it(served, number):
    cli = served.cli
    template = {"id": "pay", "name": "pay", "kind": "otp", "text": "{code} pays {shop}, {minutes} min"}
    assert call(served, "POST", "/v1/templates", template)["template_id"] == "pay"
    words = ("-t", "pay", "-v", "shop=ACME", "--signature", "Post", "--domain", "example.com")
    bound = ("--amount", "99.00 CNY", "--payee", "ACME")
    told = cli.well("otp", "send", number, *words, *bound, "--ip", "203.0.113.7", "--via", "sandbox")
    assert number in told
    text = shown(served, number)
    code = code_in(text.replace("】", " "))
    assert text == f"【Post】{code} pays ACME, 5 min\n@example.com #{code}"
    assert cli.run("otp", "verify", number, code).exit_code == 3
    assert cli.run("otp", "verify", number, code, "--amount", "1", "--payee", "ACME").exit_code == 3
    assert cli.well("otp", "verify", number, code, *bound) == "The code is valid.\n"


def test_without_a_server_a_code_is_taken_in_and_checked_likewise(cli, number):
    told = cli.well("otp", "send", number)
    assert f"No server runs on {cli.data}" in told
    (record,) = cli.json("otp", "list")["data"]
    assert (record["state"], len(record["sms_ids"])) == ("pending", 1)
    assert cli.json("messages", "get", record["sms_ids"][0])["state"] == "queued"
    result = cli.run("otp", "verify", number, "12345", "--json")  # never right: five digits
    assert (result.exit_code, json.loads(result.stdout)) == (3, {"valid": False})
    assert cli.json("otp", "get", record["request_id"])["checks_left"] == 4


def test_a_code_that_was_taken_in_without_a_server_is_sent_by_the_next_one(cli, serve, number):
    key = cli.json("keys", "create", "--account", "default")["key"]
    sent = cli.json("otp", "send", number)
    server = serve()
    code = code_in(shown(Served(cli, server, key), number))
    server.stop()
    assert cli.json("otp", "verify", number, code)["request_id"] == sent["request_id"]
    assert cli.run("otp", "verify", number, code).exit_code == 3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("send", "12"), "TO"),
        (("send", "{}", "-t", "nothing"), "-t"),
        (("send", "{}", "--purpose", " "), "--purpose"),
        (("send", "{}", "--domain", "UPPER"), "domain"),
        (("send", "{}", "--app-hash", "short"), "app_hash"),
        (("send", "{}", "--vendor", "nobody"), "nobody"),
        (("verify", "12", "123456"), "TO"),
    ],
)
def test_what_is_refused_is_told_in_one_sentence_with_a_server_and_without(either, number, words, told):
    assert told in either.refused("otp", *(word.replace("{}", number) for word in words))


def test_a_second_code_at_once_is_refused_with_the_time_to_wait(either, number):
    either.well("otp", "send", number)
    assert " s." in either.refused("otp", "send", number)
    assert either.json("otp", "send", number, "--purpose", "other")["state"] == "pending"


@pytest.mark.parametrize(
    "words",
    [
        ("send",),
        ("send", "+15555550123", "--length", "3"),
        ("send", "+15555550123", "--ttl", "601"),
        ("send", "+15555550123", "-v", "a=b"),
        ("verify", "+15555550123"),
        ("list", "--state", "sent"),
        ("test-numbers", "add", "+15555550123", "123456", "--ttl", "soon"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(empty, words):
    assert empty.run("otp", *words).exit_code == 2


def test_no_sentence_tells_anybody_to_type_a_code(cli, number):
    told = [cli.well("otp", "send", number), cli.run("otp", "verify", number, "12345").output]
    told.append(cli.well("otp", "verify", "--help"))
    assert "verify" not in told[0] + told[1]
    assert "standard input" in told[2]


# --------------------------------------------------------------------------------- list, get, cancel


def test_codes_are_listed_masked_by_filters_and_shown_whole_by_their_id(either):
    one, two = next(NUMBERS), next(NUMBERS)
    sent = [either.json("otp", "send", to, "--purpose", "list") for to in (one, two)]
    newest = either.json("otp", "list", "--purpose", "list")["data"]
    wanted = [each["request_id"] for each in reversed(sent)]
    assert [row["request_id"] for row in newest if row["request_id"] in wanted] == wanted
    assert all("****" in row["to"] for row in newest)
    (found,) = either.json("otp", "list", "--to", one, "--state", "pending")["data"]
    assert found["request_id"] == sent[0]["request_id"]
    assert len(either.json("otp", "list", "--limit", "1")["data"]) == 1
    assert either.json("otp", "list", "--to", one, "--state", "locked")["data"] == []
    assert either.json("otp", "get", sent[0]["request_id"])["to"] == one
    table = either.well("otp", "list", "--to", one)
    assert sent[0]["request_id"] in table
    assert one not in table
    facts = either.well("otp", "get", sent[0]["request_id"])
    assert sent[0]["sms_id"] in facts
    assert one in facts


def test_pending_codes_are_canceled_each_for_itself(either):
    one, two = next(NUMBERS), next(NUMBERS)
    ids = [either.json("otp", "send", to)["request_id"] for to in (one, two)]
    assert either.well("otp", "cancel", ids[0]) == f"{ids[0]} is canceled.\n"
    result = either.run("otp", "cancel", *ids, "otp_nothing", "--json")
    assert result.exit_code == 1
    assert [(row["canceled"], row["code"]) for row in json.loads(result.stdout)["data"]] == [
        (True, None),
        (True, None),
        (False, "not_found"),
    ]
    assert [either.json("otp", "get", each)["state"] for each in ids] == ["canceled"] * 2


def test_what_is_over_or_anothers_cannot_be_canceled(cli, number):
    sent = cli.json("otp", "send", number)
    for _ in range(5):
        cli.run("otp", "verify", number, "12345")
    assert "locked" in cli.refused("otp", "cancel", sent["request_id"])
    cli.well("accounts", "create", "acme")
    for words in (("get",), ("cancel",)):
        told = cli.refused("otp", *words, sent["request_id"], "--account", "acme")
        assert "no verification" in told
    assert cli.json("otp", "list", "--account", "acme")["data"] == []
    assert cli.well("otp", "list", "--account", "acme") == "No code was asked for.\n"


# ---------------------------------------------------------------------------------------- test numbers


def test_a_test_number_verifies_by_its_own_code_until_it_is_removed(either, number):
    entry = either.json("otp", "test-numbers", "add", number, TEST_CODE, "--ttl", "2h")
    assert number not in json.dumps(entry)
    assert "code" not in entry
    told = either.well("otp", "send", number)
    assert "test number" in told
    assert "No server" not in told
    assert either.run("otp", "verify", number, "00000000").exit_code == 3
    assert either.json("otp", "verify", number, TEST_CODE)["valid"] is True
    (row,) = either.json("otp", "list", "--to", number)["data"]
    assert (row["test_number"], row["sms_ids"], row["state"]) == (True, [], "verified")
    assert entry["id"] in either.well("otp", "test-numbers", "list")
    whole = either.json("otp", "test-numbers", "list", "--whole")["data"]
    assert number in [each["to"] for each in whole]
    assert either.json("otp", "test-numbers", "remove", number)["removed"] == 1
    assert either.json("otp", "send", number)["sms_id"] is not None


def test_it_is_one_of_the_mode_that_is_named_and_of_live_keys_else(cli, number):
    words = ("otp", "test-numbers")
    rehearsed = cli.json(*words, "add", number, "1234", "--mode", "test")
    assert rehearsed["mode"] == "test"
    assert cli.json(*words, "list")["data"] == []
    assert [row["id"] for row in cli.json(*words, "list", "--mode", "test")["data"]] == [rehearsed["id"]]
    assert cli.json("otp", "send", number)["sms_id"] is not None  # with a live key
    for entry in (number, rehearsed["id"]):
        cli.refused(*words, "remove", entry)
    live = cli.json(*words, "add", number, TEST_CODE)
    assert (live["mode"], live["id"] != rehearsed["id"]) == ("live", True)
    assert cli.json(*words, "remove", number, "--mode", "test")["removed"] == 1
    assert [row["id"] for row in cli.json(*words, "list")["data"]] == [live["id"]]
    assert cli.json("otp", "send", number)["sms_id"] is None
    assert cli.json("otp", "verify", number, TEST_CODE)["valid"] is True


def test_a_code_of_one_that_is_removed_is_not_valid_any_more(cli, number):
    cli.well("otp", "test-numbers", "add", number, TEST_CODE)
    sent = cli.json("otp", "send", number)
    cli.well("otp", "test-numbers", "remove", number)
    assert cli.run("otp", "verify", number, TEST_CODE).exit_code == 3
    assert cli.json("otp", "get", sent["request_id"])["state"] == "canceled"


def test_a_test_numbers_code_may_come_from_standard_input(cli, number):
    words = ("otp", "test-numbers", "add", number, "-", "--json")
    assert typed(cli, f"{TEST_CODE}\n", *words).exit_code == 0
    cli.well("otp", "send", number)
    assert typed(cli, TEST_CODE, "otp", "verify", number, "-").exit_code == 0


def test_what_is_no_test_number_is_told_in_one_sentence(cli, number):
    assert "CODE" in cli.refused("otp", "test-numbers", "add", number, "12")
    assert "CODE" in cli.refused("otp", "test-numbers", "add", number, "12345")
    assert "NUMBER" in cli.refused("otp", "test-numbers", "add", "12", "123456")
    assert "--ttl" in cli.refused("otp", "test-numbers", "add", number, "123456", "--ttl", "91d")
    assert cli.refused("otp", "test-numbers", "add", number, "123456", "--account", "nobody")
    assert cli.well("otp", "test-numbers", "list") == "There is no test number.\n"
    for entry in (number, "tst_0000000000000", "tst_nothing", "12"):
        result = cli.run("otp", "test-numbers", "remove", entry)
        assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)


# ----------------------------------------------------------------------------------- keys and secrets


def test_a_given_key_is_used_instead_of_the_first_one(served, number, monkeypatch):
    cli = served.cli
    key = cli.json("keys", "create", "--account", "default", "--mode", "test")["key"]
    monkeypatch.setenv("POSTHOUSE_API_KEY", key)
    sent = cli.json("otp", "send", number)
    assert cli.json("otp", "get", sent["request_id"])["mode"] == "test"
    code = code_in(shown(served, number))
    assert cli.well("otp", "verify", number, code) == "The code is valid.\n"


def test_a_code_stands_in_no_log_and_nowhere_on_disk(empty, serve):
    served = Served(empty, serve(), first_key(empty.data))
    cli = served.cli
    fixed, handset = next(NUMBERS), next(NUMBERS)
    cli.well("otp", "test-numbers", "add", fixed, TEST_CODE)
    cli.well("otp", "send", fixed)
    cli.well("otp", "send", handset, "--length", "10")
    code = code_in(shown(served, handset))
    for to, right in ((fixed, TEST_CODE), (handset, code)):
        assert cli.run("otp", "verify", to, right).exit_code == 0
    process = served.server.process
    process.terminate()
    logged = "".join(process.communicate(timeout=30))
    assert "server_started" in logged
    kept = [file.read_bytes() for file in cli.data.rglob("*") if file.is_file()]
    assert kept
    for secret in (TEST_CODE, code):
        assert secret not in logged
        assert not [content for content in kept if secret.encode() in content]
