"""What an error says: cause, fix, link, request; never a key, a code or a text."""

import pickle
from datetime import UTC, datetime, timedelta

import pytest

import posthouse_sdk
from posthouse_sdk import (
    APIError,
    BadReply,
    BadRequest,
    Client,
    ConnectionFailed,
    NotFound,
    PosthouseError,
    errors,
)
from posthouse_sdk.replies import REPLY_MAX_BYTES
from tests.e2e.house import number
from tests.e2e.server import free_port
from tests.sdk.loopback import Answer, loopback

BY_STATUS = {
    400: "BadRequest",
    401: "AuthenticationError",
    402: "InsufficientBalance",
    403: "PermissionDenied",
    404: "NotFound",
    409: "Conflict",
    413: "APIError",
    422: "Unprocessable",
    429: "RateLimited",
    500: "ServerError",
    503: "ServerError",
}


def test_an_error_prints_cause_fix_link_and_request(client, base_url):
    with pytest.raises(BadRequest) as refused:
        client.sms.send(to="12", body="the secret text")
    error = refused.value
    cause, fix, link, request = str(error).splitlines()
    assert cause.startswith("Invalid phone number: The field 'to' is not a phone number")
    assert cause.endswith("[400 invalid_number]")
    assert fix == f"Fix: {error.suggested_action}"
    assert link == f"More: {base_url}/v1/errors/invalid_number" == f"More: {error.link}"
    assert request == f"Request: {error.request_id}"
    assert "secret" not in str(error)


def test_the_link_leads_to_the_code(client):
    with pytest.raises(BadRequest) as refused:
        client.sms.send(to="12", body="Hello")
    found = client.errors.get((refused.value.link or "").rsplit("/", 1)[1])
    assert [each["code"] for each in found["codes"]] == [refused.value.code]


def test_errors_speak_the_language_one_asks_for(house, base_url):
    with Client(house.key, base_url, language="zh") as client, pytest.raises(BadRequest) as refused:
        client.sms.send(to="12", body="你好")
    assert refused.value.title == "手机号码无效"


@pytest.mark.parametrize(("status", "name"), BY_STATUS.items())
def test_every_status_has_its_class(status, name):
    refusal = Answer(status, {"code": "x", "title": "No", "retryable": False})
    with loopback(refusal) as server, Client("key", server.base_url) as client:
        with pytest.raises(APIError) as refused:
            client.account.get()
        assert type(refused.value).__name__ == name
    assert refused.value.status == status


def test_members_of_a_problem_that_we_do_not_know_are_kept():
    refusal = Answer(403, {"code": "guard_blocked", "title": "No", "rule": "country", "retryable": False})
    with (
        loopback(refusal) as server,
        Client("key", server.base_url) as client,
        pytest.raises(APIError) as refused,
    ):
        client.account.get()
    assert refused.value.problem["rule"] == "country"


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (Answer(200, b"<html>Welcome</html>", {"Content-Type": "text/html"}), "not JSON .* but text/html"),
        (Answer(200, b'{"cut'), "not JSON"),
        (Answer(200, b"[]"), "not JSON"),
        (Answer(200, b'{"data":' * 100_000), "not JSON"),
        (Answer(308, b"", {"Location": "https://elsewhere.example/"}), "redirects elsewhere"),
        (Answer(200, b" " * (REPLY_MAX_BYTES + 1)), "longer than any"),
    ],
    ids=["html", "cut", "list", "deep", "redirect", "endless"],
)
def test_what_is_no_reply_of_ours_is_told_as_such(answer, what):
    with (
        loopback(answer) as server,
        Client("key", server.base_url) as client,
        pytest.raises(BadReply, match=what),
    ):
        client.sms.status("sms_1")


def test_a_refusal_that_somebody_else_wrote_says_what_to_check():
    with (
        loopback(Answer(404, {"error": "no route"})) as server,
        Client("key", server.base_url) as client,
        pytest.raises(
            NotFound, match=r"not one that Posthouse writes\. \[404 unknown\]\nFix: Check the base"
        ),
    ):
        client.account.get()


@pytest.mark.parametrize(
    ("page", "what"),
    [({"data": [{}], "next_cursor": "c"}, "where this page began"), ({"items": []}, "no page of a list")],
)
def test_a_list_that_would_never_end_is_given_up(page, what):
    with loopback(Answer(body=page)) as server, Client("key", server.base_url) as client:
        with pytest.raises(BadReply, match=what):
            list(client.sms.list())
        assert len(server.asked) <= 2


def test_an_error_survives_the_way_to_another_process(client):
    with pytest.raises(BadRequest) as refused:
        client.sms.send(to="12", body="Hello")
    revived = pickle.loads(pickle.dumps(refused.value))  # noqa: S301 - made one line above
    assert type(revived) is BadRequest
    assert str(revived) == str(refused.value)
    assert vars(revived) == vars(refused.value)


def test_every_error_is_exported_and_stands_in_the_tree():
    ours = {
        name: kind
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, Exception)
    }
    for name, kind in ours.items():
        assert getattr(posthouse_sdk, name) is kind
        assert name in posthouse_sdk.__all__
        assert issubclass(kind, PosthouseError)
        assert f"- {name}" in (errors.__doc__ or "")


def test_a_wait_that_is_up_says_where_the_message_stands(client):
    sent = client.sms.send(to=number("0003"), body="No receipt will come")
    with pytest.raises(posthouse_sdk.StillOpen, match=r"is still sent after 0\.5 s") as still:
        client.sms.wait(sent["sms_id"], timeout_s=0.5)
    assert still.value.record["state"] == "sent"
    assert client.sms.wait(sent["sms_id"], until="sent")["state"] == "sent"


def test_nothing_of_a_call_stands_in_what_tracebacks_show(client):
    raw = client.with_raw_response(client.sms.send, to=number(), body="the secret text")
    assert raw.status == 202
    assert raw.request_id is not None
    assert "secret" not in repr(raw)


def test_no_argument_that_a_traceback_shows_holds_the_key():
    with Client("ph_live_secret", f"http://127.0.0.1:{free_port()}", retries=0) as client:
        with pytest.raises(ConnectionFailed) as failed:
            client.account.get()
        shown = [entry.frame.f_locals for entry in failed.traceback if "posthouse_sdk" in str(entry.path)]
    assert len(shown) >= 4
    assert "secret" not in repr(shown)


@pytest.mark.parametrize("id", ["", ".", ".."])
def test_an_id_that_would_name_another_call_is_refused_here(client, id):
    with pytest.raises(ValueError, match="id must not be empty"):
        client.sms.status(id)


def test_a_time_without_its_zone_is_refused_here(client):
    later = datetime.now(UTC) + timedelta(hours=1)
    sent = client.sms.send(to=number(), body="Later", send_at=later)
    assert datetime.fromisoformat(sent["send_at"] or "") == later
    with pytest.raises(ValueError, match="zone"):
        client.sms.send(to=number(), body="Later", send_at=later.replace(tzinfo=None))
