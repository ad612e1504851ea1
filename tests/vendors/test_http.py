import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from posthouse.core.ports.vendor import Callback, Forged, Heard, Unreadable
from posthouse.core.verdict import Accepted, Deferred, Fate, NotSent, Reason, Refused, Unknown
from posthouse.signing import stamped
from posthouse.vendors.adapter import Config, Response
from posthouse.vendors.base import HttpVendor, session
from posthouse.vendors.http import Http
from tests.vendors import replay
from tests.vendors.http_peer import JsonPeer, KannelPeer, Taken
from tests.vendors.peer import Asked, Failure, Peer, serving

KEY = "sms_0c7xk3m9p2q4r.1"


class Clock:
    at = replay.NOW

    def now(self) -> int:
        return self.at


@dataclass
class Door(Peer):
    """A channel's callback address: what comes is read, and answered as the product answers."""

    vendor: HttpVendor | None = None
    url: str = ""
    heard: list[Heard] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    async def answer(self, asked: Asked) -> web.Response:
        query = asked.target.partition("?")[2]
        assert self.vendor is not None
        try:
            heard = self.vendor.hear(
                Callback(asked.method, asked.target, asked.headers, query, asked.body, "127.0.0.1")
            )
        except (Forged, Unreadable) as error:
            return web.Response(status=403 if isinstance(error, Forged) else 400)
        self.heard.append(heard)
        said = heard.answer
        return web.Response(status=said.status, body=said.body, content_type=said.content_type)

    def error(self, asked: Asked, failure: Failure) -> web.Response:
        raise NotImplementedError


@asynccontextmanager
async def channel(values, peer):
    """A channel to the peer, with a callback address of its own."""
    door = Door()
    connector = aiohttp.TCPConnector()
    async with serving(peer) as url, serving(door) as address, session(connector) as http:
        door.url = f"{address}/callbacks/main/s3cret"
        adapter = Http(Config(values | {"base_url": url}, door.url))
        door.vendor = HttpVendor(adapter, http, Clock(), channel="main", nonce=lambda: replay.NONCE)
        yield door.vendor, door


KANNEL = {"preset": "kannel", "username": "house", "password": "p&ss ä+%d"}
JSON = {"preset": "json", "url": "/send", "secret": "whsec_1234"}


async def sent(vendor, **fields):
    (verdict,) = await vendor.send([replay.outbound(**{"text": "Hello"} | fields)])
    return verdict


# ---------------------------------------------------------------------------------------------- whole lives


@pytest.mark.parametrize(
    ("text", "country", "parts"),
    [
        ("Your code is 482913 & {x} +1 #%d 100%A", "FI", 1),
        ("验证码 482913 😀", "CN", 1),
        ("a" * 160, "FI", 1),
        ("a" * 161, "FI", 2),
        ("汉" * 71, "CN", 2),
    ],
)
async def test_kannel_gets_the_text_the_number_and_our_key_whatever_is_in_them(text, country, parts):
    peer = KannelPeer(KANNEL["username"], KANNEL["password"])
    async with channel(KANNEL, peer) as (vendor, _):
        verdict = await sent(vendor, text=text, country=country, sender="A&B C")
    assert verdict == Accepted(KEY)
    (taken,) = peer.taken
    assert taken[:5] == (KEY, "+8613800138000", "A&B C", text, parts)


async def test_kannels_reports_find_the_message_by_our_key_and_keep_no_text():
    peer = KannelPeer(KANNEL["username"], KANNEL["password"])
    async with channel(KANNEL, peer) as (vendor, door):
        await sent(vendor)
        (taken,) = peer.taken
        said = (
            "id:1 sub:001 dlvrd:000 submit date:2511 done date:2511 stat:{} err:000 text:Your code is 482913"
        )
        assert await peer.report(taken, 8, "ACK/") == 200
        assert await peer.report(taken, 4) == 200
        assert await peer.report(taken, 1, said.format("DELIVRD")) == 200
        assert await peer.report(taken, 2, said.format("UNDELIV")) == 200
        assert await peer.report(taken, 16, "NACK/0x0000000b/Invalid Destination Address") == 200
    receipts = [receipt for heard in door.heard for receipt in heard.receipts]
    assert [(each.reference, each.key, each.recipient) for each in receipts] == [
        (KEY, KEY, "8613800138000")
    ] * 3
    assert [(each.fate, each.reason, each.code) for each in receipts] == [
        (Fate.DELIVERED, None, "DELIVRD"),
        (Fate.UNDELIVERED, Reason.UNREACHABLE, "UNDELIV"),
        (Fate.UNDELIVERED, Reason.UNKNOWN, "0x0000000b"),
    ]


@pytest.mark.parametrize("text", ["STOP & go + 100%", "退订 😀"])
async def test_what_a_handset_says_comes_through_kannel_in_either_character_set(text):
    peer = KannelPeer(KANNEL["username"], KANNEL["password"])
    async with channel(KANNEL, peer) as (_, door):
        url = f"{door.url}?from=%p&to=%P&text=%b&charset=%C&id=%I"
        assert await peer.forward(url, sender="+8613800138000", to="10690000", text=text, id="4b5d") == 200
    ((reply,),) = (heard.replies for heard in door.heard)
    assert (reply.sender, reply.text, reply.to, reply.reference) == (
        "+8613800138000",
        text,
        "10690000",
        "4b5d",
    )


async def test_kannels_refusals_and_silences_are_told_apart():
    peer = KannelPeer(KANNEL["username"], KANNEL["password"], global_sender=None)
    async with channel(KANNEL, peer) as (vendor, _):
        assert await sent(vendor) == Refused(
            Reason.INVALID_SENDER, "Sender missing and no global set, rejected"
        )
        peer.next("error", code="Temporal failure, try again later.", status=503)
        assert isinstance(await sent(vendor), Deferred)
        for kind in ("html", "drop"):
            peer.next(kind, taken=True)
            assert isinstance(await sent(vendor, sender="1069"), Unknown)
        peer.queued = True
        assert await sent(vendor, sender="1069") == Accepted(KEY)
    async with channel(KANNEL | {"password": "wrong"}, peer) as (vendor, _):
        assert await sent(vendor) == Refused(Reason.AUTH, "Authorization failed for sendsms")


async def test_a_webhook_gets_one_object_and_answers_with_receipts_and_texts_under_one_secret():
    peer = JsonPeer(JSON["secret"])
    async with channel(JSON, peer) as (vendor, door):
        assert await sent(vendor, text='"\\\n{text}', sender=None) == Accepted("m1")
        (taken,) = peer.taken
        url = door.url
        assert taken == Taken(KEY, "+8613800138000", None, '"\\\n{text}', 1, url)
        receipt = {"id": "m1", "to": taken.to, "status": "undelivered", "code": "MK:0001"}
        reply = {"id": "r1", "from": "+8613800138000", "to": "1069", "text": "TD"}
        assert await peer.tell(url, receipt, reply) == 200
        assert await peer.tell(url, receipt, secret="other") == 403
        assert await peer.tell(url, receipt, secret="") == 403
        assert await peer.tell(url, {"hello": "world"}) == 400
    (heard,) = door.heard
    assert [(each.fate, each.reason) for each in heard.receipts] == [
        (Fate.UNDELIVERED, Reason.INVALID_NUMBER)
    ]
    assert [each.text for each in heard.replies] == ["TD"]
    async with channel(JSON | {"secret": "other"}, peer) as (vendor, _):
        assert await sent(vendor) == Refused(Reason.AUTH, "bad_signature", "HTTP 401")
    assert peer.refused == 1


async def test_a_token_goes_out_with_the_callback_address_and_has_to_come_back():
    peer = KannelPeer(KANNEL["username"], KANNEL["password"])
    async with channel(KANNEL | {"callback_token": "t0k-42"}, peer) as (vendor, door):
        await sent(vendor)
        (taken,) = peer.taken
        assert await peer.report(taken, 1) == 200
        assert (
            await peer.report(taken._replace(report_to=taken.report_to.replace("t0k-42", "t0k-43")), 1) == 403
        )
        assert await peer.report(taken._replace(report_to=door.url + "?id=1&type=%d"), 1) == 403
    assert len(door.heard) == 1


async def test_a_vendor_that_wants_a_certain_answer_gets_it():
    peer = JsonPeer()
    values = {"preset": "json", "callback_answer": "ACK/Jasmin"}
    async with channel(values, peer) as (_, door):
        assert await peer.tell(door.url, {"id": "1", "status": "delivered"}) == 200
    assert [heard.answer.body for heard in door.heard] == [b"ACK/Jasmin"]


async def test_nothing_was_sent_when_nobody_listens():
    async with session(aiohttp.TCPConnector()) as http:
        adapter = Http(Config({"preset": "json", "base_url": "http://127.0.0.1:9"}))
        vendor = HttpVendor(adapter, http, Clock(), channel="main")
        assert isinstance(await sent(vendor), NotSent)


# ------------------------------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({}, "url: it must be"),
        ({"url": "ftp://h/"}, "url: it must be"),
        ({"url": "http://{account}/"}, "url: it must be"),
        ({"url": "{to}://h/"}, "url: it must be"),
        ({"url": "http://u:p@h/"}, "url: it must be"),
        ({"url": "http://h:{to}/x"}, "url: it must be"),
        ({"url": "http://h/#x"}, "url: it must be"),
        ({"url": "http://h/\r\nX: 1"}, "url: it must be"),
        ({"url": "http://h/{to}"}, "url, path, character 2: there is no {to} here"),
        ({"url": "http://h/{password}"}, "url, path"),
        ({"url": "http://h/?a={b}"}, "url, query, character 3"),
        ({"url": "http://h/", "preset": "twilio"}, "preset"),
        ({"url": "http://h/", "method": "GET", "body": "x"}, "body: a GET has none"),
        ({"url": "http://h/", "body": '{{"a":{text}}}'}, "body: it is not JSON"),
        ({"url": "http://h/", "body": '{{"a":"{text|json}"}}'}, "body: it is not JSON"),
        ({"url": "http://h/", "content_type": "text/plain; charset=gbk"}, "content_type"),
        ({"url": "http://h/", "content_type": "text/plain\r\nX: 1"}, "content_type"),
        ({"url": "http://h/", "headers": "[]"}, "headers: not a JSON object"),
        ({"url": "http://h/", "headers": '{"Host":"x"}'}, "headers: 'Host'"),
        ({"url": "http://h/", "headers": '{"X: 1":"x"}'}, "headers: 'X: 1'"),
        ({"url": "http://h/", "headers": '{"X":"a\\r\\nY: 1"}'}, "headers, X: it holds a line break"),
        ({"url": "http://h/", "password": "x\n"}, "password: it holds a line break"),
        ({"url": "http://h/?to={to}", "codes": '{"1":"nope"}'}, "codes: not a JSON object"),
        ({"url": "http://h/?to={to}", "codes": "[]"}, "codes"),
        ({"url": "http://h/?to={to}", "success": "ok"}, "success"),
        ({"url": "http://h/?to={to}", "reference": "query id"}, "reference"),
        ({"url": "http://h/?to={to}", "receipt_to": "key"}, "receipt_to"),
        ({"url": "http://h/", "callback_query": "t={text}"}, "callback_query"),
        ({"url": "http://h/?user={username}&id={key}"}, "nothing of the message would be sent: neither"),
        ({"url": "http://h/", "callback_query": "to={to}"}, "nothing of the message would be sent"),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_name(values, complaint):
    plain = {setting.name: setting.default for setting in Http.settings}
    with pytest.raises(ValueError, match=complaint.replace("{", r"\{")):
        Http(Config(plain | values))


@pytest.mark.parametrize(
    "values",
    [
        {"url": "http://h/?to={to_digits}"},
        {"url": "http://h/", "headers": '{"X-Text":"{text|base64}"}'},
        {"url": "http://h/", "body": '{{"template":{template_id|json}}}'},
        {"url": "http://h/", "body": '{{"code":{params.code|json}}}'},
    ],
)
def test_a_piece_of_the_message_anywhere_in_a_request_is_enough(values):
    adapter = replay.configured("http", values)
    (request,) = adapter.build([replay.outbound(text="1", params={"code": "2"})], now=1, nonce="n")
    assert request.url.startswith("http://h/")


@pytest.mark.parametrize(
    ("status", "reason"),
    [(400, Reason.INVALID_REQUEST), (401, Reason.AUTH), (402, Reason.BALANCE), (429, Reason.RATE_LIMITED)],
)
def test_a_refusal_by_status_says_which_status_it_was(status, reason):
    adapter = replay.configured("http", {"preset": "json", "url": "http://h/"})
    (verdict,) = adapter.read([replay.outbound(text="1")], Response(status, {}, b""))
    assert isinstance(verdict, Refused | Deferred)
    assert (verdict.reason, verdict.code, verdict.text) == (reason, "", f"HTTP {status}")


def test_a_setting_of_ones_own_goes_before_the_presets():
    adapter = replay.configured("http", KANNEL | {"url": "/send?to={to}", "success": "status 299"})
    (request,) = adapter.build([replay.outbound(text="1")], now=1, nonce="n")
    assert request.url == "http://127.0.0.1:13013/send?to=%2B8613800138000"
    (verdict,) = adapter.read([replay.outbound(text="1")], Response(202, {}, b"0: Accepted for delivery"))
    assert isinstance(verdict, Unknown)


def test_a_message_without_a_text_is_not_sent_as_an_empty_one():
    adapter = replay.configured("http", {"preset": "json", "url": "http://h/"})
    with pytest.raises(ValueError, match="has none"):
        adapter.build([replay.outbound(template_id="1")], now=1, nonce="n")


# ---------------------------------------------------------------------------------------- what may be hostile


def heard(vendor, query, *, body=b"", signed=None, method="GET"):
    headers = {} if signed is None else {stamped.HEADER.lower(): stamped.sign("sig", signed, at_s=1)}
    url = f"https://sms.example.com/callbacks/main/s3cret?{query}"
    return vendor.hear(Callback(method, url, headers, query, body, "203.0.113.7"))


async def test_a_signature_vouches_for_the_query_of_a_callback_without_a_body():
    async with channel(KANNEL | {"secret": "sig"}, KannelPeer("", "")) as (vendor, _):
        query = f"id={KEY}&to=8613800138000&type=1"
        assert [each.key for each in heard(vendor, query, signed=query.encode()).receipts] == [KEY]
        for signed in (b"", query.replace("type=1", "type=2").encode(), None):
            with pytest.raises(Forged):
                heard(vendor, query, signed=signed)


async def test_what_stands_beside_a_signed_body_is_not_vouched_for():
    values = JSON | {"secret": "sig", "receipt_status": "header x-status, query status, json status"}
    body = b'{"id":"m1","status":"undelivered"}'
    async with channel(values, JsonPeer()) as (vendor, _):
        (receipt,) = heard(vendor, "status=delivered", body=body, signed=body, method="POST").receipts
    assert receipt.fate is Fate.UNDELIVERED


async def test_a_request_without_a_body_has_its_query_signed():
    adapter = replay.configured("http", KANNEL | {"secret": "sig"})
    (request,) = adapter.build([replay.outbound(text="1")], now=replay.NOW, nonce="n")
    query = request.url.partition("?")[2].encode()
    assert stamped.verify("sig", query, request.headers[stamped.HEADER])


async def test_more_fields_than_are_read_make_a_callback_unreadable():
    query = "&".join(f"a{number}=1" for number in range(1200))
    for values in (KANNEL, KANNEL | {"callback_token": "t0k"}):
        async with channel(values, KannelPeer("", "")) as (vendor, _):
            with pytest.raises(Unreadable):
                heard(vendor, query)


async def test_the_same_words_without_an_id_count_again_a_minute_later(monkeypatch):
    callback = replay.callback({"body": {"from": "+8613800138000", "text": "STOP"}}, None)
    names = []
    async with channel({"preset": "json", "url": "/send"}, JsonPeer()) as (vendor, _):
        for seconds in (0, 1, 60):
            monkeypatch.setattr(Clock, "at", replay.NOW + seconds * 1_000_000)
            names += [reply.reference for reply in vendor.hear(callback).replies]
    assert names[0] == names[1] != names[2]


@pytest.mark.parametrize("item", ["0", "null", '"x"'])
def test_rubbish_in_a_callback_costs_little(item):
    adapter = replay.configured("http", {"preset": "json", "url": "http://h/"})
    callback = replay.callback({}, None)._replace(body=f"[{','.join([item] * 100_000)}]".encode())
    began = time.process_time()
    with pytest.raises(Unreadable):
        adapter.receipts(callback)
    assert adapter.inbound(callback) == []
    assert time.process_time() - began < 0.5


def test_more_items_than_any_vendor_sends_are_not_read():
    adapter = replay.configured("http", {"preset": "json", "url": "http://h/"})
    for read in (adapter.receipts, adapter.inbound):
        with pytest.raises(Unreadable, match="more than"):
            read(replay.callback({}, None)._replace(body=b"[" + b"0," * 100_000 + b"0]"))


def test_many_receipts_in_one_callback_take_linear_time():
    adapter = replay.configured("http", {"preset": "json", "url": "http://h/"})
    news = [{"id": f"m{n}", "to": "+8613800138000", "status": "delivered"} for n in range(30_000)]
    callback = replay.callback({"body": news}, None)
    began = time.process_time()
    assert len(adapter.receipts(callback)) == 30_000
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    "header", [None, "", "t=1", "v1=00", "t=1,v1=" + "0" * 64, "t=x,v1=" + "0" * 64, "é"]
)
def test_only_the_whole_signature_of_this_body_at_this_time_is_one(header):
    right = stamped.sign("s", b"{}", at_s=1)
    assert stamped.verify("s", b"{}", right)
    assert not stamped.verify("s", b"{}", header)
    assert not stamped.verify("t", b"{}", right)
    assert not stamped.verify("s", b"[]", right)
    assert not stamped.verify("s", b"{}", right.replace("t=1", "t=2"))
