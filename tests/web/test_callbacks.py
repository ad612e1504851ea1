"""Vendors' callbacks: who is believed, what is stored before the answer, what everybody else is told."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from posthouse.core.callbacks import secret_of
from posthouse.core.ports.channels import ChannelRecord
from posthouse.core.ports.life import SettleReceipts
from posthouse.core.ports.store import Overloaded, Unavailable
from posthouse.core.ports.vendor import Answer, Callback, Forged, Heard, Unreadable
from posthouse.core.routing import Channel, ChannelState
from posthouse.core.verdict import Fate, Receipt, Reply
from posthouse.observe import Metrics
from posthouse.services.hearing import Hearing
from posthouse.services.settle import Settle
from posthouse.web import callbacks
from tests.fakes import CountedWakeups, ScriptedStore, ScriptedVendor
from tests.web.client import Client, Response
from tests.web.house import PEPPER, FixedClock, build

OK = Answer(b"<Response/>", "text/xml")


class Believing(ScriptedVendor):
    """A vendor that posts `[{"id", "to"}, ...]` and signs with a header."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Callback] = []

    def hear(self, callback: Callback) -> Heard:
        self.heard.append(callback)
        if callback.headers.get("x-signature", "good") != "good":
            msg = "its signature is missing or wrong"
            raise Forged(msg)
        if callback.query:
            return Heard([Receipt(callback.query, "", Fate.DELIVERED)], [], OK)
        try:
            said = json.loads(callback.body)
            receipts = [Receipt(each["id"], each["to"], Fate.DELIVERED) for each in said]
        except (ValueError, LookupError, TypeError) as error:
            msg = "not in the vendor's form"
            raise Unreadable(msg) from error
        return Heard(receipts, [Reply("r", "+8613800138000", "OK", 0)][: len(said) == 0], OK)


@dataclass
class Post:
    """The application with one connected channel, 7, and what was settled."""

    client: Client
    vendor: Believing
    records: list[ChannelRecord]
    vendors: dict[int, Any]
    clock: FixedClock
    metrics: Metrics
    settled: list[tuple[int, list[Receipt], list[Reply]]] = field(default_factory=list)
    failing: Exception | None = None
    meanwhile: Callable[[], Any] | None = None

    async def call(self, body: object = (), *, method: str = "POST", **options: Any) -> Response:
        path = options.pop("path", self.path())
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        options["headers"] = {"authorization": "", "host": "me:8025"} | options.get("headers", {})
        return await self.client.call(method, path, body=raw, **options)

    def path(self, number: int = 7, name: str = "main", generation: int = 1) -> str:
        return f"/callbacks/{name}/{secret_of(PEPPER, number, generation)}"

    def settle_of(self, channel_id: int) -> Callable[..., Any]:
        async def settle(receipts: Sequence[Receipt], replies: Sequence[Reply]) -> None:
            if self.meanwhile is not None:
                await self.meanwhile()
            if self.failing is not None:
                raise self.failing
            self.settled.append((channel_id, list(receipts), list(replies)))

        return settle


def record(number: int = 7, **fields: Any) -> ChannelRecord:
    state = fields.pop("state", ChannelState.ACTIVE)
    return ChannelRecord(Channel(number, "main", "twilio", state=state), {}, b"", **fields)


async def open_post(**changes: Any) -> Post:
    clock, metrics, vendor = FixedClock(), Metrics(), Believing()
    records, vendors = [record()], {7: vendor}
    made: list[Post] = []
    parts: dict[str, Any] = {
        "key": PEPPER,
        "records": lambda: tuple(records),
        "vendors": vendors,
        "settle_of": lambda number: made[0].settle_of(number),  # noqa: PLW0108 - it is made below
        "clock": clock,
        "metrics": metrics,
    }
    hearing = Hearing(**(parts | changes))
    house = await build(hearing=hearing, counts=metrics, clock=clock)
    made.append(Post(house.client(), vendor, records, vendors, clock, metrics))
    return made[0]


@pytest.fixture
async def post() -> Post:
    return await open_post()


ONE = [{"id": "SM1", "to": "+8613800138000"}]


async def test_a_vendors_own_answer_leaves_once_its_news_are_stored(post):
    answer = await post.call(ONE)
    assert (answer.status, answer.headers["content-type"], answer.body) == (200, "text/xml", b"<Response/>")
    assert post.settled == [(7, [Receipt("SM1", "+8613800138000", Fate.DELIVERED)], [])]


async def test_texts_of_handsets_are_handed_on_as_well(post):
    assert (await post.call([])).status == 200
    [(_, receipts, replies)] = post.settled
    assert (receipts, [reply.text for reply in replies]) == ([], ["OK"])


async def test_a_vendor_may_call_with_get_and_a_query(post):
    answer = await post.call(b"", method="GET", path=f"{post.path()}?SM1")
    assert answer.status == 200
    assert post.settled[0][1][0].reference == "SM1"


async def test_the_callback_is_what_came_over_the_wire(post):
    await post.call(ONE, path=f"{post.path()}?a=%20b", headers={"x-signature": "good"}, client="203.0.113.9")
    [heard] = post.vendor.heard
    assert (heard.method, heard.query, heard.remote) == ("POST", "a=%20b", "203.0.113.9")
    assert heard.url == f"http://me:8025{post.path()}?a=%20b"
    assert json.loads(heard.body) == ONE


async def test_its_address_is_the_public_one_where_there_is_one():
    post = await open_post(public_url="https://sms.example.com/")
    await post.call(ONE)
    assert post.vendor.heard[0].url == f"https://sms.example.com{post.path()}"


async def test_unknown_names_wrong_secrets_and_old_addresses_are_answered_alike(post):
    post.records[0] = record(generation=2)
    paths = (post.path(), post.path(8), post.path(name="other"), "/callbacks/main/x")
    answers = [await post.call(ONE, path=path) for path in paths]
    assert {(answer.status, answer.body) for answer in answers} == {
        (404, b'{"error":"there is no such address"}')
    }
    assert post.vendor.heard == []
    assert (await post.call(ONE, path=post.path(generation=2))).status == 200


@pytest.mark.parametrize("state", [ChannelState.DRAINING, ChannelState.OFF])
async def test_a_channel_that_sends_nothing_more_still_hears(post, state):
    post.records[0] = record(state=state)
    assert (await post.call(ONE)).status == 200


async def test_only_the_sockets_address_counts(post):
    post.records[0] = record(callback_from=("203.0.113.0/24",))
    forwarded = {"x-forwarded-for": "203.0.113.9"}
    assert (await post.call(ONE, client="198.51.100.1", headers=forwarded)).status == 403
    assert (await post.call(ONE, client="203.0.113.9")).status == 200
    assert len(post.settled) == 1


async def test_what_the_vendor_did_not_send_is_forbidden_and_what_nobody_understands_is_bad(post):
    forged = await post.call(ONE, headers={"x-signature": "bad"})
    assert (forged.status, forged.json()) == (403, {"error": "its signature is missing or wrong"})
    for body in (b"", b"<html>", b"[{}]", b"\xff\xfe"):
        answer = await post.call(body)
        assert (answer.status, answer.json()) == (400, {"error": "not in the vendor's form"})
    assert post.settled == []
    assert b'posthouse_callbacks_total{channel="main",outcome="unreadable"} 4.0' in post.metrics.page()


@pytest.mark.parametrize("failure", [Unavailable(), Overloaded()])
async def test_what_could_not_be_stored_is_to_be_said_again(post, failure):
    post.failing = failure
    answer = await post.call(ONE)
    assert (answer.status, answer.headers["retry-after"]) == (503, "2")
    post.failing = None
    assert (await post.call(ONE)).status == 200


async def test_a_channel_without_a_connection_is_to_be_called_again(post):
    post.vendors.clear()
    assert (await post.call(ONE)).status == 503


async def test_a_defect_of_ours_is_no_fault_of_the_vendors(post):
    post.failing = KeyError("a defect")
    answer = await post.call(ONE)
    assert (answer.status, answer.json()) == (500, {"error": "it was not understood"})


async def test_who_only_looks_whether_the_address_answers_hears_that_it_does(post):
    probes = [
        await post.call(b"", method="GET"),
        await post.call(b"", method="HEAD"),
        await post.call(b"[]", method="HEAD", path=f"{post.path()}?SM1"),
    ]
    assert [(probe.status, probe.body) for probe in probes] == [(200, b"")] * 3
    assert (await post.call(b"", method="HEAD", path=post.path(8))).status == 404
    assert (await post.call(ONE, method="PUT")).status == 405
    assert (post.vendor.heard, post.settled) == ([], [])


async def test_a_body_that_is_too_large_or_compressed_is_refused(post):
    declared = await post.call(b"x", headers={"content-length": str(callbacks.BODY_MAX + 1)})
    assert declared.status == 413
    pieces = [b" " * 1024 * 1024] * 33
    assert (await post.call(b"", pieces=pieces)).status == 413
    assert (await post.call(ONE, headers={"content-encoding": "gzip"})).status == 415
    assert post.vendor.heard == []


async def test_few_large_bodies_are_read_at_once_and_small_ones_go_on(post):
    large = b"[" + b" " * callbacks.BIG + b"]"
    gate, entered = asyncio.Event(), asyncio.Semaphore(0)

    async def wait() -> None:
        entered.release()
        await gate.wait()

    post.meanwhile = wait
    busy = [asyncio.create_task(post.call(large)) for _ in range(callbacks.BIG_AT_ONCE)]
    for _ in busy:
        await asyncio.wait_for(entered.acquire(), 10)
    refused = await post.call(large)
    assert (refused.status, refused.headers["retry-after"]) == (503, "2")
    chunked = await post.call(b"", pieces=[large[:1000], large[1000:]])
    assert chunked.status == 503
    gate.set()
    assert (await post.call(ONE)).status == 200
    assert [answer.status for answer in await asyncio.gather(*busy)] == [200] * callbacks.BIG_AT_ONCE
    assert (await post.call(large)).status == 200  # there is room again


async def test_whoever_goes_away_in_the_middle_leaves_nothing_behind(post):
    sent: list[Any] = []
    pieces = [
        {"type": "http.request", "body": b" " * (callbacks.BIG + 1), "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Any:
        return pieces.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": post.path(), "query_string": b"", "root_path": ""}
    await post.client.app(scope | {"headers": [], "client": ("127.0.0.1", 1)}, receive, send)
    assert sent == []
    large = b"[" + b" " * callbacks.BIG + b"]"
    for _ in range(callbacks.BIG_AT_ONCE + 1):
        assert (await post.call(large)).status == 200


async def test_a_hundred_thousand_receipts_in_one_body_are_settled_in_groups_with_others_between():
    store, metrics = ScriptedStore(), Metrics()
    settle_of = partial(
        Settle, store=store, clock=FixedClock(), wakeups=CountedWakeups(), metrics=metrics, channels=tuple
    )
    post = await open_post(settle_of=settle_of)
    body = [{"id": f"ref {number}", "to": "+8613800138000"} for number in range(100_000)]
    calling = asyncio.create_task(post.call(body))
    between = 0
    while not calling.done():
        assert (await post.client.get("/livez")).status == 200
        between += 1
        await asyncio.sleep(0)
    assert (await calling).status == 200
    assert between > 100
    assert [len(command.receipts) for command in store.written(SettleReceipts)] == [500] * 200
