"""What a trace shows of an address."""

import json

import pytest

from posthouse.core.message import Lane
from posthouse.core.ports.vendor import Outbound
from posthouse.vendors.adapter import Request
from posthouse.vendors.exchange import exchange


def shown(url: str, text: str, params: dict[str, str] | None = None) -> str:
    outbound = Outbound(
        "sms_1.1", 1, 1, 1, "+8613800138000", "CN", Lane.OTP, None, text, "123" if params else None, params, 1
    )
    told = json.loads(exchange(Request("GET", url, {}, b"", [outbound]), None, 0.1, taken=True))
    return str(told["request"]).removeprefix("GET ")


@pytest.mark.parametrize(
    ("path", "text", "seen"),
    [
        ("/v1/send", "hello", "/v1/send"),
        ("/v1/hello/send", "hello", "/v1/…/send"),  # the text itself, even if it looks like a word
        ("/v1/hellothere/send", "hello", "/v1/…/send"),
        ("/sms/go", "s", "/sms/go"),  # so short that anything holds it
        ("/sms/s/go", "s", "/sms/…/go"),
        ("/2021-01-11/13800138000?code=123456", "hello", "/2021-01-11/…"),
        ("/a#123456", "hello", "/a"),
    ],
)
def test_an_address_shows_neither_numbers_nor_what_a_message_says(path, text, seen):
    assert shown(f"https://api.example.com:8443{path}", text) == f"https://api.example.com:8443{seen}"


def test_one_message_does_not_uncover_what_another_hid():
    url = "https://api.example.com/send/kappa"
    assert shown(url, "hello") == url
    assert shown(url, "hello", {"code": "kappa"}) == "https://api.example.com/send/…"
    assert shown(url, "hello") == url
