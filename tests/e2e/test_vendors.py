"""Real channels on a running server: added by command, called over HTTP, heard at their callbacks."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
import structlog
from typer.testing import CliRunner

from posthouse.cli import app
from tests.e2e.house import number, send, trace, until
from tests.e2e.server import HOST, Server, wait_until
from tests.vendors import aliyun_peer, tencent_peer
from tests.vendors.aliyun_peer import AliyunPeer
from tests.vendors.peer import running
from tests.vendors.tencent_peer import TencentPeer
from tests.vendors.twilio_peer import TwilioPeer

FOLLOWED_S = 2.0
"""The server notices what the command line changed within one."""


@dataclass
class Street:
    """A server, three vendors, and the channels to them as `channels add` told of them."""

    server: Server
    issued: dict[str, str]
    tencent: TencentPeer
    aliyun: AliyunPeer
    twilio: TwilioPeer
    channels: dict[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.server.port}"

    def caller(self, **headers: str) -> httpx2.Client:
        return httpx2.Client(base_url=self.address, headers=headers, timeout=20.0)

    def callback(self, name: str) -> str:
        return str(self.channels[name]["callback_url"])

    def add(self, vendor: str, *words: str, **settings: str) -> Any:
        told = [word for each in settings.items() for word in ("--set", "=".join(each))]
        made = typed(self.server.data, "channels", "add", vendor, *words, *told)
        self.channels[made["name"]] = made
        return made


@pytest.fixture(scope="module")
def street(tmp_path_factory) -> Iterator[Street]:
    data = tmp_path_factory.mktemp("street") / "data"
    issued = typed(data, "init")
    server = Server(data)
    (data / "posthouse.toml").write_text(f'public_url = "http://{HOST}:{server.port}"\n')
    peers = TencentPeer(), AliyunPeer(), TwilioPeer()
    with ExitStack() as stack:
        tencent, aliyun, twilio = (stack.enter_context(running(peer)) for peer in peers)
        stack.callback(server.close)
        server.start()
        here = Street(server, issued, *peers)
        here.add(
            "tencent",
            "--cost",
            "0.045",
            secret_id=tencent_peer.SECRET_ID,
            secret_key=tencent_peer.SECRET_KEY,
            sdk_app_id=tencent_peer.APP_ID,
            sign_name="驿站",
            base_url=tencent,
        )
        here.add(
            "aliyun",
            access_key_id=aliyun_peer.KEY_ID,
            access_key_secret=aliyun_peer.SECRET,
            sign_name="驿站",
            base_url=aliyun,
        )
        here.add(
            "twilio",
            **{"from": "+15005550006"},
            account_sid=here.twilio.account_sid,
            auth_token=here.twilio.auth_token,
            base_url=twilio,
        )
        with here.caller(Authorization=f"Bearer {issued['key']}") as api:
            wait_until(
                lambda: all(knows(api, vendor) for vendor in here.channels),
                within_s=FOLLOWED_S,
                what="the server did not follow",
            )
        yield here


@pytest.fixture
def api(street) -> Iterator[httpx2.Client]:
    with street.caller(Authorization=f"Bearer {street.issued['key']}") as caller:
        yield caller


def typed(data: Path, *words: str, exit_code: int = 0) -> Any:
    """What a command prints, run in this process: to begin a new one takes seconds."""
    done = CliRunner().invoke(app, [*words, "--data", str(data), "--json"])
    structlog.reset_defaults()
    assert done.exit_code == exit_code, done.output
    return json.loads(done.stdout)


def knows(api: httpx2.Client, vendor: str) -> bool:
    """Whether messages can be sent over it."""
    wanted = {"to": "+8613800138000", "template_id": "1000", "vendor": vendor}
    return api.post("/v1/sms/estimate", json=wanted).status_code == 200


def taken_of(peer: Any, to: str) -> Any:
    """What a vendor took for a number, whichever way it writes numbers."""
    ending = to.removeprefix("+86")

    def look() -> Any:
        found = peer.messages if isinstance(peer, TwilioPeer) else peer.taken
        return next((each for each in found if _number(each).endswith(ending)), None)

    return wait_until(look, within_s=5.0, what=f"{type(peer).__name__} took nothing for {to}")


def _number(taken: Any) -> str:
    return str(taken.to if hasattr(taken, "sid") else taken.number)


def deliver(street: Street, vendor: str, taken: Any) -> int:
    """The vendor calls back; the status it is answered with."""
    if vendor == "tencent":
        return asyncio.run(street.tencent.deliver(street.callback(vendor), taken))[0]
    if vendor == "aliyun":
        return asyncio.run(street.aliyun.deliver(street.callback(vendor), taken))
    return asyncio.run(street.twilio.deliver(taken.sid))


def peer_of(street: Street, vendor: str) -> Any:
    return getattr(street, vendor)


@pytest.mark.parametrize("vendor", ["tencent", "aliyun"])
def test_a_vendors_own_template_goes_out_over_the_aggregators_document(street, api, vendor):
    pair = {"X-API-Key": street.issued["api_key"], "X-API-Secret": street.issued["api_secret"]}
    phone = number()[3:]
    wanted = {"phone": phone, "template_id": "123456", "params": {"code": "1234", "time": "5"}}
    with street.caller(**pair) as caller:
        reply = caller.post("/api/sms/send", json=wanted | {"provider": vendor})
        assert reply.json()["success"] is True, reply.text
        sms_id = reply.json()["data"]["message_id"]
        taken = taken_of(peer_of(street, vendor), phone)
        assert (taken.template_id if vendor == "tencent" else taken.template_code) == "123456"
        params = list(taken.params) if vendor == "tencent" else list(taken.params.values())
        assert params == ["1234", "5"]
        assert deliver(street, vendor, taken) == 200
        until(api, sms_id, "delivered")
        row = caller.get("/api/sms/records").json()["data"]["records"][0]
        assert (row["template_id"], row["status"]) == ("123456", "success")


@pytest.mark.parametrize("vendor", ["tencent", "aliyun"])
def test_a_template_of_ours_goes_out_as_the_vendors_that_it_is_bound_to(street, api, vendor):
    binding = {"vendor_template_id": "SMS_42", "parameters": ["code", "name"], "state": "approved"}
    bound = api.put(f"/v1/templates/1/bindings/{vendor}", json=binding)
    assert bound.status_code == 200, bound.text
    to = number()
    wanted = {"to": to, "template_id": "1", "params": {"name": "张三", "code": "8421"}, "vendor": vendor}
    reply = api.post("/v1/sms/send", json=wanted)
    assert reply.status_code == 202, reply.text
    taken = taken_of(peer_of(street, vendor), to)
    assert (taken.template_id if vendor == "tencent" else taken.template_code) == "SMS_42"
    assert list(taken.params if vendor == "tencent" else taken.params.values()) == ["8421", "张三"]
    assert deliver(street, vendor, taken) == 200
    assert until(api, reply.json()["sms_id"], "delivered")["vendor"] == vendor
    story = trace(api, reply.json()["sms_id"])
    assert street.issued["key"] not in str(story)
    assert "8421" not in str(story["attempts"])


def test_a_text_goes_out_over_the_channel_that_it_is_pinned_to(street, api):
    to = "+1555555" + number()[-4:]
    sent = send(api, to, "Hello there", vendor="twilio")
    taken = taken_of(street.twilio, to)
    assert (taken.text, taken.form["From"]) == ("Hello there", "+15005550006")
    forged = {"MessageSid": taken.sid, "MessageStatus": "undelivered", "To": to}
    url = taken.form["StatusCallback"]
    assert asyncio.run(street.twilio.call(url, forged, token="another")) == 403
    assert deliver(street, "twilio", taken) == 200
    until(api, sent["sms_id"], "delivered")


def test_nobody_is_heard_who_does_not_know_the_address(street, api):
    to = number()
    sent = api.post("/v1/sms/send", json={"to": to, "template_id": "77", "vendor": "tencent"}).json()
    taken = taken_of(street.tencent, to)
    right = street.callback("tencent")
    for wrong in (f"{right[:-1]}{'a' if right[-1] != 'a' else 'b'}", right.replace("tencent", "aliyun")):
        assert asyncio.run(street.tencent.deliver(wrong, taken))[0] == 404
    assert asyncio.run(street.tencent.deliver(right, taken))[0] == 200
    until(api, sent["sms_id"], "delivered")


def test_channels_are_tried_rotated_drained_and_removed_while_the_server_runs(street, api):
    data = street.server.data
    assert typed(data, "channels", "test", "twilio")["balance"] == {"amount": "12.3456", "unit": "USD"}
    tried = typed(data, "channels", "test", "tencent", "--set", "secret_key=wrong", exit_code=3)
    assert (tried["ok"], tried["reason"]) == (False, "auth")
    api.post("/v1/channels/twilio/rotate", json={"settings": {"auth_token": "wrong"}})

    def refused() -> bool:
        told = api.post("/v1/channels/twilio/test").json()
        return str(told["reason"]) == "auth"

    wait_until(refused, within_s=FOLLOWED_S, what="the old token is still used")
    typed(data, "channels", "rotate", "twilio", "--set", f"auth_token={street.twilio.auth_token}")
    typed(data, "channels", "drain", "twilio")
    asked = {"to": "+15555550100", "body": "x", "vendor": "twilio"}
    wait_until(
        lambda: api.post("/v1/sms/estimate", json=asked).json().get("code") == "vendor_not_configured",
        within_s=FOLLOWED_S,
        what="a draining channel is still asked for",
    )
    typed(data, "channels", "remove", "twilio")
    assert typed(data, "ledger", "check")["ok"]
