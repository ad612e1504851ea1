"""Our Dysms calls beside those of Alibaba's own SDK, and both against one simulated Dysms."""

import hashlib
import json
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from alibabacloud_dysmsapi20170525 import models
from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_tea_openapi.exceptions import (
    ClientException,
    ServerException,
)
from alibabacloud_tea_openapi.utils_models import Config as SdkConfig

from posthouse.core.ports.vendor import Question
from posthouse.core.verdict import Deferred, Reason, Refused, Unknown
from posthouse.signing import acs3
from posthouse.vendors.adapter import Request, Response
from tests.vendors.aliyun_peer import (
    KEY_ID,
    NOW,
    SECRET,
    TRICKY,
    AliyunPeer,
    adapter,
    one,
    sdk_signature,
    two_that_differ,
)
from tests.vendors.peer import Asked, running

MEANT = (
    *("host", "accept", "content-type", "x-acs-action", "x-acs-version", "x-acs-date"),
    *("x-acs-signature-nonce", "x-acs-security-token", "x-acs-accesskey-id"),
)
"""The headers that a call is told with; the rest is who tells it."""


@pytest.fixture
def peer():
    return AliyunPeer(clock=lambda: NOW / 1e6)


def sdk(url, **more):
    host = urlsplit(url).netloc
    secrets_ = {"access_key_id": KEY_ID, "access_key_secret": SECRET, **more}
    return Client(SdkConfig(endpoint=host, protocol="HTTP", **secrets_))


def asked_like(request: Request) -> Asked:
    """Our request as a server sees it."""
    parts = urlsplit(request.url)
    return Asked(request.method, f"{parts.path}?{parts.query}", dict(request.headers), request.body)


def business(asked: Asked):
    """All that a call says, apart from its signature; JSON inside of it as what it holds."""
    fields = {
        **dict(parse_qsl(urlsplit(asked.target).query, keep_blank_values=True)),
        **dict(parse_qsl(asked.body.decode(), keep_blank_values=True)),
    }
    said = {
        name: json.loads(value) if name.startswith("TemplateParam") or name.endswith("Json") else value
        for name, value in fields.items()
    }
    return said, {name: asked.headers.get(name) for name in MEANT}


def at_and_nonce(asked: Asked):
    """When and with which nonce the SDK called."""
    at = datetime.strptime(asked.headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return {"now": int(at.timestamp()) * 1_000_000, "nonce": asked.headers["x-acs-signature-nonce"]}


def verified(asked: Asked, *, secret=SECRET, path=None, query=None):
    parts = urlsplit(asked.target)
    return acs3.verify(
        method=asked.method,
        path=parts.path if path is None else path,
        query=parts.query if query is None else query,
        headers=asked.headers,
        body=asked.body,
        secret=secret,
    )


def sdk_calls(client):
    """The calls that the adapter makes, as the SDK makes them; and what the adapter makes them of."""
    param = json.dumps(TRICKY, ensure_ascii=False, separators=(",", ":"))
    common = {"sign_name": "邮局", "template_code": "SMS_154950909", "template_param": param}
    single = models.SendSmsRequest(phone_numbers="13800138000", out_id="sms_0c7xk3m9p2q4r.1", **common)
    several = models.SendSmsRequest(
        phone_numbers="13800138000,85251234567", out_id="c1-1", sms_up_extend_code="9", **common
    )
    different = models.SendBatchSmsRequest(
        phone_number_json='["13800138000","85251234567"]',
        sign_name_json='["邮局","另一个"]',
        template_param_json='[{"code":"1 1"},{"code":"2&2"}]',
        sms_up_extend_code_json='["90","91"]',
        template_code="SMS_154950909",
        out_id="c1-1",
    )
    alike = [one(extend={"up": "9"}), one(key="b.1", to="+85251234567", extend={"up": "9"})]
    yield lambda: client.send_sms(single), [one()]
    yield lambda: client.send_sms(several), alike
    yield lambda: client.send_batch_sms(different), two_that_differ()


@pytest.mark.parametrize("token", ["", "CAIS+/made=up"])
def test_our_calls_say_what_the_sdk_says_and_are_signed_as_it_signs(token):
    peer = AliyunPeer(token=token)
    with running(peer) as url:
        more = {"security_token": token, "type": "sts"} if token else {}
        for call, batch in sdk_calls(sdk(url, **more)):
            assert call().body.code == "OK"
            theirs = peer.asked[-1]
            (request,) = adapter(url, security_token=token).build(batch, **at_and_nonce(theirs))
            ours = asked_like(request)
            assert business(ours) == business(theirs)
            own = {
                name: ours.headers[name] for name in ours.headers if name not in {"authorization", "accept"}
            }
            assert ours.headers["authorization"] == sdk_signature(ours, own)
            assert ours.headers["x-acs-content-sha256"] == hashlib.sha256(ours.body).hexdigest()


def test_a_query_is_the_sdks_query(peer):
    with running(peer) as url:
        asked = models.QuerySendDetailsRequest(
            phone_number="13800138000", send_date="20251125", biz_id="900^0", page_size=50, current_page=1
        )
        assert sdk(url).query_send_details(asked).body.total_count == "0"
        started_at = int(datetime(2025, 11, 24, 16, 0, 1, tzinfo=UTC).timestamp()) * 1_000_000
        question = Question("sms_0c7xk3m9p2q4r.1", "c1-1", "+8613800138000", started_at, "900^0")
        when = at_and_nonce(peer.asked[-1])
        request = adapter(url).query(question, nonce=when["nonce"], now=started_at)
        assert request is not None
        assert business(asked_like(request))[0] == business(peer.asked[-1])[0]


@pytest.fixture(scope="module")
def recorded():
    """Requests of the SDK, one with a body and one without."""
    peer = AliyunPeer()
    with running(peer) as url:
        for call, _ in sdk_calls(sdk(url)):
            call()
    return peer.asked


def test_requests_of_the_sdk_verify(recorded):
    for asked in recorded:
        assert verified(asked)
        told = acs3.credential(asked.headers["authorization"])
        assert told is not None
        assert told.key_id == KEY_ID
        assert not verified(asked, secret=SECRET + "x")
        assert not verified(asked._replace(method="PUT"))
        assert not verified(asked, path="/other")


def test_a_request_changed_anywhere_does_not_verify(recorded):
    for asked in recorded:
        query = urlsplit(asked.target).query
        for at in range(len(query)):
            changed = query[:at] + ("0" if query[at] != "0" else "1") + query[at + 1 :]
            assert not verified(asked, query=changed), changed
        for at in range(len(asked.body)):
            changed_body = asked.body[:at] + bytes([asked.body[at] ^ 1]) + asked.body[at + 1 :]
            assert not verified(asked._replace(body=changed_body)), changed_body
        told = acs3.credential(asked.headers["authorization"])
        assert told is not None
        for name in told.signed:
            changed_headers = asked.headers | {name: asked.headers[name] + "x"}
            assert not verified(asked._replace(headers=changed_headers)), name
            without = {other: value for other, value in asked.headers.items() if other != name}
            assert not verified(asked._replace(headers=without)), name


def test_headers_that_matter_may_not_be_left_unsigned(recorded):
    asked = recorded[0]
    assert not verified(asked._replace(headers=asked.headers | {"x-acs-security-token": "slipped in"}))
    for name in ("host", "x-acs-action"):
        headers = {key: value for key, value in asked.headers.items() if key not in {name, "authorization"}}
        authorization = sdk_signature(asked, headers)
        signed = asked._replace(
            headers={**headers, "authorization": authorization, name: asked.headers[name]}
        )
        assert not verified(signed), name
        whole = sdk_signature(asked, headers | {name: asked.headers[name]})
        assert verified(signed._replace(headers=signed.headers | {"authorization": whole}))


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "ACS3-HMAC-SHA256",
        "Bearer x",
        "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host",
        "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=,Signature=",
        "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host;host,Signature=é",
        "ACS3-HMAC-SM3 Credential=a,SignedHeaders=host,Signature=00",
        "ACS3-HMAC-SHA256 " + "," * 1000,
    ],
)
def test_no_signature_or_half_of_one_does_not_verify(authorization):
    headers = {"host": "h", "authorization": authorization}
    assert not verified(Asked("POST", "/?a=b", headers, b""))
    signed = "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=\udcff"
    assert not verified(Asked("POST", "/?a=%ff", headers | {"authorization": signed}, b""))
    assert not verified(Asked("POST", "/?" + "a=b&" * 200, headers | {"authorization": signed}, b""))


def test_the_sdk_and_we_read_the_same_refusals(peer):
    with running(peer) as url:
        client, ours = sdk(url), adapter(url)
        request = models.SendSmsRequest(
            phone_numbers="13800138000", sign_name="邮局", template_code="SMS_1", out_id="x"
        )
        batch = [one()]
        peer.next("error", code="isv.AMOUNT_NOT_ENOUGH")
        body = client.send_sms(request).body.to_map()
        (verdict,) = ours.read(batch, Response(200, {}, json.dumps(body).encode()))
        assert isinstance(verdict, Refused)
        assert (verdict.reason, verdict.code) == (Reason.BALANCE, "isv.AMOUNT_NOT_ENOUGH")
        for code, status, raised, kind in (
            ("InvalidAccessKeyId.NotFound", 404, ClientException, Refused),
            ("Throttling.User", 400, ClientException, Deferred),
            ("InternalError", 500, ServerException, Unknown),
        ):
            peer.next("error", code=code, status=status)
            with pytest.raises(raised) as error:
                client.send_sms(request)
            assert error.value.code == code
            told = json.dumps({"Code": error.value.code, "Message": "m", "RequestId": "r"}).encode()
            (verdict,) = ours.read(batch, Response(status, {}, told))
            assert isinstance(verdict, kind)
