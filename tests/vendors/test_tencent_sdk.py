"""Our calls beside those of Tencent Cloud's own SDK, and both against one simulated Tencent Cloud."""

import json
import time
from contextlib import asynccontextmanager, contextmanager
from urllib.parse import urlsplit

import aiohttp
import pytest
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import (
    TencentCloudSDKException,
)
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111 import models
from tencentcloud.sms.v20210111.sms_client import SmsClient

from posthouse.core.ports.vendor import Money, Question
from posthouse.core.verdict import Accepted, Deferred, Fate, NotSent, Reason, Refused, Unknown
from posthouse.signing import tc3
from posthouse.vendors import base
from posthouse.vendors.adapter import Request, Response
from posthouse.vendors.tencent import Tencent
from tests.vendors import replay
from tests.vendors.peer import Asked, running, serving
from tests.vendors.tencent_peer import APP_ID, SECRET_ID, SECRET_KEY, TencentPeer, official

TO, OTHER, ABROAD = "+8613800138000", "+8613900139000", "+447700900123"
KEY, CALL = "sms_0c7xk3m9p2q4r.1", "c1-1"
PARAMS = {"code": "482913", "name": "驿站 “α” 👋 </b>\\n"}
OURS = (
    "content-type",
    "host",
    "authorization",
    "x-tc-action",
    "x-tc-version",
    "x-tc-timestamp",
    "x-tc-region",
)
"""The headers that say something; the others that the SDK sends say who it is."""


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@contextmanager
def sdk(url, *, secret_key=SECRET_KEY, token=None):
    profile = ClientProfile(
        httpProfile=HttpProfile(protocol="http", endpoint=urlsplit(url).netloc, reqTimeout=5)
    )
    client = SmsClient(Credential(SECRET_ID, secret_key, token), "ap-guangzhou", profile)
    try:
        yield client
    finally:
        client.request.conn._session.close()  # noqa: SLF001 - the SDK never closes it


def adapter(url, **values) -> Tencent:
    plain = {"secret_id": SECRET_ID, "secret_key": SECRET_KEY, "sdk_app_id": APP_ID, "base_url": url}
    made = replay.configured("tencent", plain | values)
    assert isinstance(made, Tencent)
    return made


def message(to=TO, n=1, **fields):
    plain = {"template_id": "449739", "params": PARAMS, "signature": "驿站", "call": CALL}
    return replay.outbound(key=f"sms_0c7xk3m9p2q4r.{n}", to=to, **plain | fields)


def of(action, **fields):
    """A request as the SDK has it."""
    wish = getattr(models, f"{action}Request")()
    for name, value in fields.items():
        setattr(wish, name, value)
    return wish


def as_asked(request: Request) -> Asked:
    """Our request as a server sees it."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Asked(request.method, urlsplit(request.url).path, headers, request.body)


def same(ours: Request, theirs: Asked, *besides: str):
    mine = as_asked(ours)
    assert json.loads(mine.body) == json.loads(theirs.body)
    assert mine.body == theirs.body
    assert (mine.method, mine.target) == (theirs.method, theirs.target)
    wanted = {name: theirs.headers[name] for name in (*OURS, *besides)}
    assert mine.headers == wanted, "the signature included"


def now_of(asked: Asked) -> int:
    """The time of a recorded call, microseconds."""
    return int(asked.headers["x-tc-timestamp"]) * 1_000_000


WISH = {"PhoneNumberSet": [TO], "SmsSdkAppId": APP_ID, "TemplateId": "449739", "SignName": "驿站"}
SENDS = {
    "one": ([message()], {**WISH, "TemplateParamSet": list(PARAMS.values()), "SessionContext": KEY}),
    "some": (
        [message(), message(OTHER, 2)],
        {
            **WISH,
            "PhoneNumberSet": [TO, OTHER],
            "TemplateParamSet": list(PARAMS.values()),
            "SessionContext": CALL,
        },
    ),
    "bare": ([message(params=None)], {**WISH, "TemplateParamSet": [], "SessionContext": KEY}),
    "extended": (
        [message(params=None, extend={"up": "12"})],
        {**WISH, "TemplateParamSet": [], "ExtendCode": "12", "SessionContext": KEY},
    ),
    "abroad": (
        [message(ABROAD, sender="Posthouse", params=None)],
        {
            **WISH,
            "PhoneNumberSet": [ABROAD],
            "TemplateParamSet": [],
            "SenderId": "Posthouse",
            "SessionContext": KEY,
        },
    ),
}


@pytest.mark.parametrize("case", SENDS)
def test_we_send_the_bytes_that_the_sdk_sends_and_its_signature(case):
    batch, wish = SENDS[case]
    peer = TencentPeer()
    with running(peer) as url:
        with sdk(url) as client:
            answer = client.SendSms(of("SendSms", **wish))
        assert [each.Code for each in answer.SendStatusSet] == ["Ok"] * len(batch)
        (asked,) = peer.asked
        (ours,) = adapter(url).build(batch, now=now_of(asked), nonce="")
    same(ours, asked)
    assert ours.headers["Authorization"] == official(as_asked(ours), SECRET_ID, SECRET_KEY)


def test_a_temporary_key_is_sent_as_the_sdk_sends_it():
    peer = TencentPeer()
    with running(peer) as url:
        with sdk(url, token="t0ken") as client:
            client.SendSms(of("SendSms", **SENDS["one"][1]))
        (ours,) = adapter(url, token="t0ken").build([message()], now=now_of(peer.asked[0]), nonce="")
    same(ours, peer.asked[0], "x-tc-token")


def test_we_ask_and_pull_with_the_bytes_of_the_sdk():
    peer = TencentPeer()
    since = int(time.time()) - 100
    question = Question(KEY, CALL, TO, (since + 60) * 1_000_000)
    asks = {
        "PullSmsSendStatusByPhoneNumber": {
            "BeginTime": since,
            "EndTime": since + 3660,
            "Offset": 0,
            "Limit": 100,
            "PhoneNumber": TO,
            "SmsSdkAppId": APP_ID,
        },
        "PullSmsSendStatus": {"Limit": 100, "SmsSdkAppId": APP_ID},
        "PullSmsReplyStatus": {"Limit": 100, "SmsSdkAppId": APP_ID},
    }
    with running(peer) as url:
        ours = adapter(url, pull="on")
        with sdk(url) as client:
            for action, fields in asks.items():
                getattr(client, action)(of(action, **fields))
            times = [now_of(asked) for asked in peer.asked]
            asked = ours.query(question, now=times[0], nonce="")
            check = ours.check(now=times[2], nonce="")
            assert asked is not None
            assert check is not None
            client.SmsPackagesStatistics(of("SmsPackagesStatistics", **json.loads(check.body)))
        same(asked, peer.asked[0])
        same(ours.pulls(now=times[1], nonce="")[0], peer.asked[1])
        same(ours.pulls(now=times[2], nonce="")[1], peer.asked[2])
        again = ours.check(now=now_of(peer.asked[3]), nonce="")
        assert again is not None
        same(again, peer.asked[3])


def test_our_verification_takes_the_sdks_call_and_no_changed_one():
    peer = TencentPeer()
    with running(peer) as url, sdk(url) as client:
        client.SendSms(of("SendSms", **SENDS["one"][1]))
    asked = peer.asked[0]
    claim = tc3.claimed(asked.headers["authorization"])
    assert claim is not None
    assert (claim.secret_id, claim.service) == (SECRET_ID, "sms")
    call = tc3.Call(asked.method, asked.headers, asked.body)
    assert tc3.verified(call, claim, secret_key=SECRET_KEY)
    assert not tc3.verified(call, claim, secret_key=SECRET_KEY[:-1] + "F")
    assert not tc3.verified(
        call._replace(body=call.body.replace(b"449739", b"449738")), claim, secret_key=SECRET_KEY
    )
    for name in ("host", "content-type", "x-tc-timestamp"):
        value = asked.headers[name]
        changed = {**asked.headers, name: value[:-1] + chr(ord(value[-1]) ^ 1)}
        assert not tc3.verified(call._replace(headers=changed), claim, secret_key=SECRET_KEY), name


def test_the_sdk_reads_what_the_simulation_says():
    peer = TencentPeer()
    peer.refused[OTHER] = "LimitExceeded.PhoneNumberThirtySecondLimit"
    peer.packages = [package(1000, 100)]
    with running(peer) as url, sdk(url) as client:
        answer = client.SendSms(of("SendSms", **SENDS["some"][1]))
        assert [(each.PhoneNumber, each.Code) for each in answer.SendStatusSet] == [
            (TO, "Ok"),
            (OTHER, "LimitExceeded.PhoneNumberThirtySecondLimit"),
        ]
        (taken,) = peer.taken
        assert (taken.number, list(taken.params), taken.context) == (TO, list(PARAMS.values()), CALL)
        peer.report(taken)
        peer.hear(TO, "T")
        pulled = client.PullSmsSendStatus(of("PullSmsSendStatus", Limit=100, SmsSdkAppId=APP_ID))
        assert [each.SerialNo for each in pulled.PullSmsSendStatusSet] == [taken.serial]
        pulled = client.PullSmsReplyStatus(of("PullSmsReplyStatus", Limit=100, SmsSdkAppId=APP_ID))
        assert [each.ReplyContent for each in pulled.PullSmsReplyStatusSet] == ["T"]
        check = adapter(url).check(now=int(time.time() * 1e6), nonce="")
        assert check is not None
        bought = client.SmsPackagesStatistics(of("SmsPackagesStatistics", **json.loads(check.body)))
        assert [each.CurrentUsage for each in bought.SmsPackagesStatisticsSet] == [100]
        peer.next("error", code="FailedOperation.TemplateIncorrectOrUnapproved")
        with pytest.raises(TencentCloudSDKException, match="TemplateIncorrectOrUnapproved"):
            client.SendSms(of("SendSms", **SENDS["one"][1]))
        peer.next("error", code="InternalError", status=500)
        with pytest.raises(TencentCloudSDKException, match="ServerNetworkError"):
            client.SendSms(of("SendSms", **SENDS["one"][1]))


def test_the_simulation_refuses_a_wrong_key_an_old_call_and_mixed_numbers():
    peer = TencentPeer()
    mixed = {**SENDS["some"][1], "PhoneNumberSet": [TO, ABROAD]}
    with running(peer) as url:
        with (
            sdk(url, secret_key="wrong") as client,
            pytest.raises(TencentCloudSDKException, match="SignatureFailure"),
        ):
            client.SendSms(of("SendSms", **SENDS["one"][1]))
        with sdk(url) as client, pytest.raises(TencentCloudSDKException, match="ContainDomestic"):
            client.SendSms(of("SendSms", **mixed))
    assert peer.taken == []


# ------------------------------------------------------------------------- the adapter over HTTP, as it runs


class Clock:
    def now(self):
        return int(time.time() * 1_000_000)


@asynccontextmanager
async def vendor(url, **values):
    async with base.session(aiohttp.TCPConnector()) as http:
        yield base.HttpVendor(adapter(url, **values), http, Clock(), channel="main")


def package(amount, used):
    now = int(time.time())
    times = {"PackageCreateTime": now - 9, "PackageEffectiveTime": now - 9, "PackageExpiredTime": now + 900}
    return {**times, "PackageAmount": amount, "PackageType": 1, "PackageId": 1, "CurrentUsage": used}


async def test_a_batch_is_sent_at_home_and_abroad_and_every_number_has_its_verdict():
    peer = TencentPeer()
    peer.refused[OTHER] = "FailedOperation.PhoneNumberInBlacklist"
    batch = [message(), message(ABROAD, 2, country="GB", sender="Posthouse"), message(OTHER, 3)]
    async with serving(peer) as url, vendor(url) as tencent:
        sent = await tencent.send(batch)
    serials = {taken.number: taken.serial for taken in peer.taken}
    assert sent[:2] == [Accepted(serials[TO], 1), Accepted(serials[ABROAD], 1)]
    assert isinstance(sent[2], Refused)
    assert sent[2].reason is Reason.BLOCKED
    assert {taken.number: (taken.context, taken.sender, taken.signature) for taken in peer.taken} == {
        TO: (CALL, "", "驿站"),
        ABROAD: ("sms_0c7xk3m9p2q4r.2", "Posthouse", "驿站"),
    }
    assert all(PARAMS["code"] not in (verdict.exchange or "") for verdict in sent)


async def test_what_fails_on_the_way_is_what_is_known_of_it():
    peer = TencentPeer()
    async with serving(peer) as url, vendor(url) as tencent, vendor(url, secret_key="wrong") as wrong:
        peer.next("drop", taken=True)
        peer.next("html", status=200)
        peer.next("error", code="InternalError.Timeout")
        peer.next("error", code="RequestLimitExceeded")
        verdicts = [(await tencent.send([message()]))[0] for _ in range(4)]
        assert [type(verdict) for verdict in verdicts] == [Unknown, Unknown, Unknown, Deferred]
        (refused,) = await wrong.send([message()])
        assert isinstance(refused, Refused)
        assert refused.reason is Reason.AUTH
    async with vendor(url) as gone:
        assert isinstance((await gone.send([message()]))[0], NotSent)


async def test_a_lost_answer_is_found_again_by_our_own_reference():
    peer = TencentPeer()
    async with serving(peer) as url, vendor(url) as tencent:
        question = Question(KEY, CALL, TO, Clock().now())
        peer.next("drop", taken=True)
        assert isinstance((await tencent.send([message()]))[0], Unknown)
        (told,) = await tencent.query([question])
        assert told.verdict is None, "no carrier has reported yet"
        (taken,) = peer.taken
        peer.report(taken, status="FAIL", errmsg="MK:0001")
        (told,) = await tencent.query([question])
        assert told.verdict == Accepted(taken.serial)
        assert told.receipt is not None
        assert (told.receipt.fate, told.receipt.reason) == (Fate.UNDELIVERED, Reason.INVALID_NUMBER)
        assert told.receipt.key == KEY


async def test_receipts_and_replies_are_pulled_page_by_page():
    peer = TencentPeer()
    numbers = [f"+86138001{n:05d}" for n in range(101)]
    async with serving(peer) as url, vendor(url, pull="on") as tencent:
        await tencent.send([message(number, n) for n, number in enumerate(numbers)])
        for taken in peer.taken:
            peer.report(taken)
        peer.hear(TO, "T", extend="12")
        requests = adapter(url, pull="on").pulls(now=Clock().now(), nonce="")
        heard = [adapter(url).pulled(await exchanged(request)) for request in (*requests, requests[0])]
    assert [(len(each.receipts), len(each.replies), each.more) for each in heard] == [
        (100, 0, True),
        (0, 1, False),
        (1, 0, False),
    ]
    assert {receipt.reference for each in heard for receipt in each.receipts} == {
        each.serial for each in peer.taken
    }
    (reply,) = heard[1].replies
    assert (reply.sender, reply.text, reply.to) == (TO, "T", "12")


async def exchanged(request: Request):
    async with (
        aiohttp.ClientSession() as http,
        http.request(request.method, request.url, headers=request.headers, data=request.body) as answer,
    ):
        return Response(answer.status, {k.lower(): v for k, v in answer.headers.items()}, await answer.read())


async def test_the_money_is_what_is_left_of_the_packages():
    peer = TencentPeer()
    peer.packages = [package(1000, 100), package(20, 5)]
    async with serving(peer) as url, vendor(url) as tencent, vendor(url, sdk_app_id="1400000000") as other:
        assert await tencent.check() == Money("915", "messages")
        peer.packages = []
        assert await tencent.check() is None
        refused = await other.check()
        assert isinstance(refused, Refused)
        assert refused.reason is Reason.AUTH
