"""Webhooks as Standard Webhooks has them: the reference vector, and everything that must not pass."""

import base64

import pytest

from posthouse_sdk import Client, PosthouseError, WebhookInvalid, webhooks

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
AT = 1614265330
BODY = '{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
"""The vector that the reference libraries of Standard Webhooks are tested with."""

OTHER_SECRET = "whsec_" + base64.b64encode(b"another secret of an endpoint").decode()


def headers(**changes: str | None) -> dict[str, str]:
    given = {"id": ID, "timestamp": str(AT), "signature": SIGNATURE} | changes
    return {f"webhook-{name}": value for name, value in given.items() if value is not None}


def test_the_reference_vector_passes_as_text_and_as_bytes():
    assert webhooks.verify(BODY, headers(), SECRET, now=AT) == {"test": 2432232314}
    assert webhooks.verify(BODY.encode(), headers(), SECRET, now=AT) == {"test": 2432232314}


def test_what_we_sign_for_tests_is_the_reference_vector():
    assert webhooks.sign(BODY, id=ID, timestamp=AT, secret=SECRET) == SIGNATURE


def test_header_names_come_in_any_case():
    shouted = {name.upper(): value for name, value in headers().items()}
    assert webhooks.verify(BODY, shouted, SECRET, now=AT) == {"test": 2432232314}


def test_one_of_several_signatures_is_enough():
    several = headers(signature=f"v1a,Zm9v v1,bm90aGluZw== v1,!!! {SIGNATURE} v2,{SIGNATURE[3:]}")
    assert webhooks.verify(BODY, several, SECRET, now=AT) == {"test": 2432232314}


def test_while_a_secret_is_replaced_either_fits():
    both = [OTHER_SECRET, SECRET]
    assert webhooks.verify(BODY, headers(), both, now=AT) == {"test": 2432232314}
    resigned = webhooks.sign(BODY, id=ID, timestamp=AT, secret=OTHER_SECRET)
    assert webhooks.verify(BODY, headers(signature=resigned), both, now=AT) == {"test": 2432232314}


@pytest.mark.parametrize("now", [AT - 300, AT + 300])
def test_five_minutes_either_way_are_fresh(now):
    assert webhooks.verify(BODY, headers(), SECRET, now=now)


@pytest.mark.parametrize("now", [AT - 301, AT + 301])
def test_more_than_that_is_stale(now):
    with pytest.raises(WebhookInvalid, match="300 s"):
        webhooks.verify(BODY, headers(), SECRET, now=now)


def test_without_a_given_time_our_clock_decides():
    with pytest.raises(WebhookInvalid, match="clock"):
        webhooks.verify(BODY, headers(), SECRET)


@pytest.mark.parametrize(
    ("body", "changes", "secret"),
    [
        (BODY.replace("4", "5"), {}, SECRET),
        (BODY, {"id": "msg_other"}, SECRET),
        (BODY, {"timestamp": str(AT + 1)}, SECRET),
        (BODY, {}, OTHER_SECRET),
        (BODY, {"signature": SIGNATURE.replace("v1,", "v2,")}, SECRET),
        (BODY, {"signature": SIGNATURE[3:]}, SECRET),
        (BODY, {"signature": ""}, SECRET),
        (BODY, {"signature": "v1,"}, SECRET),
        (BODY, {"timestamp": "soon"}, SECRET),
        (BODY, {"timestamp": f"-{AT}"}, SECRET),
        (BODY, {"timestamp": "9" * 400}, SECRET),
        (BODY, {"timestamp": "9" * 5_000}, SECRET),
        (BODY, {"id": "\ud800"}, SECRET),
        ("\ud800", {}, SECRET),
        (BODY, {"timestamp": "１６１４２６５３３０"}, SECRET),
        (BODY, {"id": None}, SECRET),
        (BODY, {"timestamp": None}, SECRET),
        (BODY, {"signature": None}, SECRET),
        (BODY, {}, []),
        (BODY, {}, ""),
        (BODY, {}, "whsec_"),
        (BODY, {}, "whsec_not base64"),
    ],
)
def test_what_was_forged_or_changed_does_not_pass(body, changes, secret):
    with pytest.raises(WebhookInvalid) as invalid:
        webhooks.verify(body, headers(**changes), secret, now=AT)
    assert isinstance(invalid.value, PosthouseError)
    assert SECRET not in str(invalid.value)


def test_a_signed_body_that_is_no_json_is_told_as_such():
    signature = webhooks.sign("no", id=ID, timestamp=AT, secret=SECRET)
    with pytest.raises(WebhookInvalid, match="JSON"):
        webhooks.verify("no", headers(signature=signature), SECRET, now=AT)


def test_a_client_has_the_same():
    with Client("key", "http://127.0.0.1:1") as client:
        assert client.webhooks.verify(BODY, headers(), SECRET, now=AT) == {"test": 2432232314}
