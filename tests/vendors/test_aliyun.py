"""The Dysms adapter over real HTTP, against the simulated Dysms."""

import secrets

import aiohttp
import pytest
from aiohttp import web

from posthouse.core.ports.vendor import NOTHING_TOLD, Callback, Question, Told, Unreadable
from posthouse.core.verdict import Accepted, Deferred, Fate, NotSent, Reason, Receipt, Refused, Reply, Unknown
from posthouse.vendors.base import HttpVendor, session
from tests.vendors.aliyun_peer import NOW, TRICKY, AliyunPeer, adapter, one, two_that_differ
from tests.vendors.peer import Peer, serving


class Clock:
    def now(self):
        return NOW


@pytest.fixture
def peer():
    return AliyunPeer(clock=lambda: NOW / 1e6)


async def spoken(url, **values):
    http = session(aiohttp.TCPConnector())
    return http, HttpVendor(
        adapter(url, **values), http, Clock(), channel="main", nonce=lambda: secrets.token_hex(16)
    )


async def test_what_we_send_arrives_to_the_letter(peer):
    async with serving(peer) as url:
        http, vendor = await spoken(url + "/")
        async with http:
            single = await vendor.send([one()])
            plain = await vendor.send([one(params=None), one(key="k.2", to="+85290001234", params={})])
            several = await vendor.send(two_that_differ())
            apart = await vendor.send([one(), two_that_differ()[1]])
    assert all(isinstance(each, Accepted) for each in [*single, *plain, *several, *apart])
    first, *_ = peer.taken
    assert (first.number, first.sign_name, first.params) == ("13800138000", "邮局", TRICKY)
    assert (first.out_id, first.biz_id) == ("sms_0c7xk3m9p2q4r.1", single[0].reference)
    assert [(each.number, each.params, each.out_id) for each in peer.taken[1:3]] == [
        ("13800138000", {}, "c1-1"),
        ("85290001234", {}, "c1-1"),
    ]
    assert [(each.sign_name, each.params["code"], each.extend) for each in peer.taken[3:5]] == [
        ("邮局", "1 1", "90"),
        ("另一个", "2&2", "91"),
    ]
    # One with an extension code, one without: two calls, each with a reference of its own.
    assert len({each.reference for each in apart}) == 2
    assert {each.out_id for each in peer.taken[5:]} == {one().key, two_that_differ()[1].key}


async def test_a_number_that_would_be_read_as_one_of_another_country_is_left_to_other_vendors(peer):
    async with serving(peer) as url:
        http, vendor = await spoken(url + "/")
        async with http:
            taken, refused = await vendor.send([one(), one(key="k.2", to="+13802138000")])
            told = await vendor.query([Question("k.2", "c1-1", "+13802138000", NOW)])
    assert isinstance(taken, Accepted)
    assert (type(refused), refused.reason) == (Refused, Reason.UNROUTABLE)
    assert [each.number for each in peer.taken] == ["13800138000"]
    assert told == [Told()]


async def test_a_call_that_is_not_answered_is_found_by_asking(peer):
    async with serving(peer) as url:
        http, vendor = await spoken(url)
        async with http:
            batch = [one(), one(key="sms_0c7xk3m9p2q4s.1", to="+85251234567")]
            peer.next("drop", taken=True)
            assert all(isinstance(each, Unknown) for each in await vendor.send(batch))
            asked = [Question(each.key, each.call, each.to, NOW) for each in batch]
            told = await vendor.query(asked)
            assert [each.verdict for each in told] == [Accepted(each.key) for each in batch]
            assert [each.receipt for each in told] == [None, None]
            peer.reports[peer.taken[0].biz_id, "13800138000"] = "MK:0001", NOW / 1e6
            again = asked[0]._replace(reference=batch[0].key)
            (told_later,) = await vendor.query([again])
            receipt = Receipt(
                batch[0].key,
                batch[0].to,
                Fate.UNDELIVERED,
                Reason.INVALID_NUMBER,
                "MK:0001",
                NOW,
                key=batch[0].key,
            )
            assert told_later.receipt == receipt
            others = [
                asked[0]._replace(key="sms_0c7xk3m9p2q4t.1", call="c9-9"),
                asked[0]._replace(to="+8613900139000"),
            ]
            assert await vendor.query(others) == [NOTHING_TOLD, NOTHING_TOLD]


async def test_failures_of_the_wire_are_told_apart(peer):
    async with serving(peer) as url:
        http, vendor = await spoken(url)
        async with http:
            peer.next("html")
            peer.next("error", code="Throttling.User")
            peer.next("error", code="SignatureNonceUsed")
            found = [(await vendor.send([one()]))[0] for _ in range(3)]
    assert [type(each) for each in found] == [Unknown, Deferred, Unknown]
    assert peer.taken == []
    http, vendor = await spoken(url)
    async with http:
        assert isinstance((await vendor.send([one()]))[0], NotSent)


async def test_credentials_are_checked_for_free(peer):
    async with serving(peer) as url:
        for values, wanted in (
            ({}, None),
            ({"access_key_secret": "wrong"}, Reason.AUTH),
            ({"access_key_id": "LTAIother"}, Reason.AUTH),
        ):
            http, vendor = await spoken(url, **values)
            async with http:
                found = await vendor.check()
            assert getattr(found, "reason", None) == wanted
            if wanted is None:
                assert found is None
    assert {each.headers["x-acs-action"] for each in peer.asked} == {"QuerySendDetails"}


class House(Peer):
    """What a vendor pushes to: hears with the adapter, answers as it says."""

    def __init__(self):
        super().__init__()
        self.heard = []

    async def answer(self, asked):
        ours = adapter("http://127.0.0.1")
        pushed = Callback(asked.method, asked.target, asked.headers, "", asked.body, "127.0.0.1")
        self.heard.append((ours.receipts(pushed), ours.inbound(pushed)))
        told = ours.ANSWER
        return web.Response(body=told.body, content_type=told.content_type, status=told.status)

    def error(self, asked, failure):
        return web.Response(status=failure.status)


async def test_receipts_and_texts_are_heard_as_the_vendor_pushes_them(peer):
    house = House()
    async with serving(peer) as url, serving(house) as address:
        http, vendor = await spoken(url)
        async with http:
            accepted = (await vendor.send([one()]))[0]
        assert await peer.deliver(address, *peer.taken) == 200
        assert await peer.write(address, "13800138000", "退订") == 200
        house.next("error", status=503)
        assert await peer.deliver(address, *peer.taken) == 503
    assert isinstance(accepted, Accepted)
    reference, key = accepted.reference, one().key
    receipt = Receipt(reference, "13800138000", Fate.DELIVERED, None, "DELIVERED", NOW, key=key)
    reply = Reply("1234567890", "+8613800138000", "退订", NOW, "1234")
    assert house.heard == [([receipt], []), ([], [reply])]


@pytest.mark.parametrize(
    "url", ["dysmsapi.aliyuncs.com", "ftp://h", "https://", "https://a@h", "https://h/?x=1", ""]
)
def test_an_address_that_cannot_be_one_is_refused(url):
    with pytest.raises(ValueError, match="base_url"):
        adapter(url)


def test_a_text_without_a_template_cannot_be_sent():
    with pytest.raises(ValueError, match="templates"):
        adapter("http://h").build([one(template_id=None)], now=NOW, nonce="n")


def test_more_rows_than_any_vendor_pushes_are_not_read():
    callback = Callback("POST", "", {}, "", b"[" + b"0," * 100_000 + b"0]", "")
    with pytest.raises(Unreadable, match="more than 100000 rows"):
        adapter("http://h").receipts(callback)


def test_an_attempt_of_last_month_is_not_asked_about():
    question = Question("k.1", "c", "+8613800138000", NOW - 31 * 86_400_000_000)
    assert adapter("http://h").query(question, now=NOW, nonce="n") is None
