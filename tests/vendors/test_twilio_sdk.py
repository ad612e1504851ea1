"""Our Twilio against Twilio's own SDK: the same calls to one server, the same signatures."""

import asyncio
import threading
from urllib.parse import parse_qsl, urlencode

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from posthouse.core.ports.vendor import Callback, Forged, Heard, Money, Question
from posthouse.core.verdict import Accepted, Deferred, Fate, Reason, Refused, Unknown
from posthouse.signing.twilio import sign, verify
from posthouse.vendors import base
from tests.vendors import replay
from tests.vendors.peer import running, serving
from tests.vendors.twilio_peer import TwilioPeer

API_KEY, API_SECRET = "SK" + "7e" * 16, "Zk3vR8tQ1xW5yB7n"
CALLBACK = "https://sms.example.com/callbacks/twilio-main/5f3c9a7e21"
FORM = "application/x-www-form-urlencoded"


class Clock:
    def now(self):
        return replay.NOW


def adapter(peer, url, callback_url=None, **values):
    values = {"account_sid": peer.account_sid, "auth_token": peer.auth_token, "base_url": url} | values
    return replay.configured("twilio", values, callback_url)


def client(peer, url, *credentials):
    made = Client(*(credentials or (peer.account_sid, peer.auth_token)), account_sid=peer.account_sid)
    made.api.base_url = url
    return made


def message(**fields):
    return replay.outbound(to="+14155550123", country="US", text="Your code is 482913.", **fields)


@pytest.fixture
def peer():
    return TwilioPeer(**{API_KEY: API_SECRET})


@pytest.fixture
def url(peer):
    with running(peer) as address:
        yield address


async def offer(made, *batch, total_s=base.TOTAL_S):
    async with base.session(aiohttp.TCPConnector(), total_s=total_s) as http:
        return await base.HttpVendor(made, http, Clock(), channel="twilio-main").send(batch)


@pytest.mark.parametrize(
    ("values", "ours", "theirs"),
    [
        ({"from": "+15017122661"}, {}, {"from_": "+15017122661", "body": "Your code is 482913."}),
        (
            {"messaging_service_sid": "MG" + "9c" * 16},
            {"text": "您的验证码 & more + 50% 😀\n~*'()"},
            {"messaging_service_sid": "MG" + "9c" * 16, "body": "您的验证码 & more + 50% 😀\n~*'()"},
        ),
        (
            {"from": "ACME"},
            {"text": None, "template_id": "HX" + "b5" * 16, "params": {"1": "五"}},
            {"from_": "ACME", "content_sid": "HX" + "b5" * 16, "content_variables": '{"1": "五"}'},
        ),
    ],
)
async def test_what_we_send_is_what_the_sdk_sends(peer, url, values, ours, theirs):
    made, outbound = adapter(peer, url, CALLBACK, **values), message()._replace(**ours)
    (verdict,) = await offer(made, outbound)
    client(peer, url).messages.create(
        to=outbound.to, status_callback=f"{CALLBACK}?key={outbound.key}", **theirs
    )
    us, they = peer.asked
    assert (us.method, us.target) == (they.method, they.target)
    assert sorted(parse_qsl(us.body.decode())) == sorted(parse_qsl(they.body.decode()))
    for header in ("authorization", "content-type", "accept"):
        assert us.headers[header] == they.headers[header], header
    mine, sdks = peer.messages
    assert verdict == Accepted(mine.sid, None if "MessagingServiceSid" in mine.form else 1)
    assert mine.key == sdks.key == outbound.key


async def test_an_api_key_signs_in_as_with_the_sdk(peer, url):
    made = adapter(peer, url, **{"from": "ACME"}, api_key_sid=API_KEY, api_key_secret=API_SECRET)
    (verdict,) = await offer(made, message())
    assert isinstance(verdict, Accepted)
    client(peer, url, API_KEY, API_SECRET).messages.create(to="+14155550123", from_="ACME", body="x")
    us, they = peer.asked
    assert us.headers["authorization"] == they.headers["authorization"]
    assert us.target == they.target


@pytest.mark.parametrize(
    ("code", "status", "ours"),
    [
        (21211, 400, Refused(Reason.INVALID_NUMBER, "21211", "No.")),
        (20429, 429, Deferred(Reason.RATE_LIMITED, 1.0, "20429", "No.")),
        (20503, 503, Deferred(Reason.VENDOR_TEMPORARY, 2.0, "20503", "No.")),
        (20003, 401, Refused(Reason.AUTH, "20003", "No.")),
    ],
)
async def test_a_refusal_is_one_for_the_sdk_and_for_us(peer, url, code, status, ours):
    peer.next("error", code=str(code), status=status, times=2)
    assert await offer(adapter(peer, url, **{"from": "ACME"}), message()) == [ours]
    with pytest.raises(TwilioRestException) as error:
        client(peer, url).messages.create(to="+14155550123", from_="ACME", body="x")
    assert (error.value.code, error.value.status) == (code, status)
    assert not peer.messages


async def test_wrong_credentials_are_refused_to_both(peer, url):
    made = adapter(peer, url, **{"from": "ACME"}, auth_token="wrong")
    (verdict,) = await offer(made, message())
    assert isinstance(verdict, Refused)
    assert verdict.reason is Reason.AUTH
    with pytest.raises(TwilioRestException):
        client(peer, url, peer.account_sid, "wrong").messages.create(to="+1", from_="ACME", body="x")


async def test_the_state_and_the_balance_are_those_the_sdk_sees(peer):
    async with serving(peer) as url, base.session(aiohttp.TCPConnector()) as http:
        there = base.HttpVendor(adapter(peer, url, **{"from": "ACME"}), http, Clock(), channel="twilio-main")
        (verdict,) = await there.send([message()])
        assert isinstance(verdict, Accepted)
        taken = peer.taken[verdict.reference]
        taken.status, taken.error = "undelivered", 30005
        question = Question("k", "c", taken.to, replay.NOW, verdict.reference)
        (told,) = await there.query([question])
        money = await there.check()
        sdk = client(peer, url)
        seen = await asyncio.to_thread(sdk.messages(taken.sid).fetch)
        balance = await asyncio.to_thread(sdk.api.v2010.account.balance.fetch)
    assert told.verdict == verdict
    assert told.receipt is not None
    assert told.receipt.fate is Fate.UNDELIVERED
    assert told.receipt.reason is Reason.INVALID_NUMBER
    assert told.receipt.at == int(seen.date_updated.timestamp()) * 1_000_000
    assert (seen.status, seen.error_code) == ("undelivered", 30005)
    assert money == Money(balance.balance, balance.currency)


@pytest.mark.parametrize("failure", ["drop", "html", "hang"])
async def test_an_answer_that_is_lost_is_unknown_though_the_message_was_taken(peer, url, failure):
    peer.next(failure, taken=True)
    made = adapter(peer, url, CALLBACK, **{"from": "ACME"})
    (verdict,) = await offer(made, message(), total_s=0.5 if failure == "hang" else base.TOTAL_S)
    assert isinstance(verdict, Unknown)
    assert [taken.key for taken in peer.messages] == [message().key]


async def test_callbacks_come_with_our_key_and_forgeries_do_not_pass(peer):
    heard, forged = list[Heard](), list[Callback]()

    async def house(request):
        told = replay.callback(
            {"headers": dict(request.headers), "body": (await request.read()).decode()}, str(request.url)
        )
        try:
            heard.append(there.hear(told))
        except Forged:
            forged.append(told)
            return aiohttp.web.Response(status=403)
        answer = heard[-1].answer
        return aiohttp.web.Response(body=answer.body, content_type=answer.content_type, status=answer.status)

    ours = aiohttp.web.Application()
    ours.router.add_post("/callbacks/twilio-main/x", house)
    runner = aiohttp.web.AppRunner(ours)
    await runner.setup()
    await aiohttp.web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/callbacks/twilio-main/x"
    async with serving(peer) as url, base.session(aiohttp.TCPConnector()) as http:
        made = adapter(peer, url, address, **{"from": "ACME"})
        there = base.HttpVendor(made, http, Clock(), channel="twilio-main")
        (verdict,) = await there.send([message()])
        assert isinstance(verdict, Accepted)
        assert await peer.deliver(verdict.reference, "sent") == 200
        assert await peer.deliver(verdict.reference, "undelivered", 30003) == 200
        assert await peer.reply(address, "+14155550123", "好的") == 200
        assert (
            await peer.call(address, {"MessageSid": "SM", "MessageStatus": "delivered"}, token="other") == 403
        )
    await runner.cleanup()
    sent, undelivered, reply = heard
    assert (sent.receipts, sent.replies) == ([], [])
    (receipt,) = undelivered.receipts
    assert (receipt.reference, receipt.key) == (verdict.reference, message().key)
    assert (receipt.recipient, receipt.reason) == ("+14155550123", Reason.UNREACHABLE)
    assert [(each.sender, each.text) for each in reply.replies] == [("+14155550123", "好的")]
    assert len(forged) == 1


def test_the_sdk_in_threads_finds_the_peer_running(peer, url):
    def send():
        client(peer, url).messages.create(to="+14155550123", from_="ACME", body="x")

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(peer.messages) == 3


HOSTS = st.sampled_from(
    ["a.example", "a.example:443", "a.example:80", "a.example:8443", "127.0.0.1:9000", "a.example:8080"]
)
URLS = st.builds(
    "{}://{}{}".format,
    st.sampled_from(["https", "http"]),
    HOSTS,
    st.sampled_from(["", "/", "/c/x/y?key=sms_1.2", "/c?a=1&b=%2F:8", "/a:1/b@c"]),
)
FIELDS = st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=8), max_size=5)


@settings(max_examples=150, deadline=None)
@given(URLS, FIELDS, st.text(min_size=1, max_size=40), st.booleans())
def test_signatures_are_those_of_the_sdk(url, form, token, port):
    theirs = RequestValidator(token)
    assert sign(token, url, form.items()) == theirs.compute_signature(url, form)
    body = urlencode(form).encode()
    signature = sign(token, url, form.items())
    assert theirs.validate(url, form, signature) == verify(
        token, url, content_type=FORM, body=body, signature=signature
    )
    assert not verify(token + "x", url, content_type=FORM, body=body, signature=signature)
    assert not verify(token, url + "x", content_type=FORM, body=body, signature=signature)
    changed = body + b"&z=1"
    assert not verify(token, url, content_type=FORM, body=changed, signature=signature)


def test_without_a_token_nothing_is_authentic():
    assert not verify("", CALLBACK, content_type="", body=b"", signature=sign("", CALLBACK))


def test_a_value_that_comes_twice_is_signed_once():
    class Several(dict[str, list[str]]):
        def getlist(self, name):
            return self[name]

    said = Several(MediaUrl=["b", "a", "b"], Body=[""])
    pairs = [("MediaUrl", "b"), ("Body", ""), ("MediaUrl", "a"), ("MediaUrl", "b")]
    assert sign("t", CALLBACK, pairs) == RequestValidator("t").compute_signature(CALLBACK, said)


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b"&".join(b"a%d=1" % each for each in range(2000)), b"a=1;b=2" * 100_000]
)
def test_a_body_that_is_no_form_of_twilios_is_nobodys(body):
    assert not verify("t", CALLBACK, content_type=FORM, body=body, signature="x")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"account_sid": API_KEY}, "api_key_sid"),
        ({"api_key_sid": API_KEY}, "both or neither"),
        ({"api_key_secret": "x"}, "both or neither"),
        ({"from": "ACME", "messaging_service_sid": "MG"}, "not both"),
    ],
)
def test_settings_that_make_no_sense_together_are_named(values, words):
    with pytest.raises(ValueError, match=words):
        replay.configured("twilio", {"account_sid": "AC1", "auth_token": "t"} | values)


def test_a_message_without_anything_to_say_is_a_mistake_of_ours(peer):
    with pytest.raises(ValueError, match="neither"):
        adapter(peer, "http://127.0.0.1").build([message()._replace(text=None)], now=0, nonce="")
