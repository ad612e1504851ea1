"""Whose address is called, from where, and how often a refusal is told."""

import threading
from collections.abc import Sequence
from typing import Any

import pytest
from structlog.testing import capture_logs

from posthouse.core.callbacks import secret_of
from posthouse.core.ports.channels import ChannelRecord
from posthouse.core.ports.vendor import Answer, Callback, Settle
from posthouse.core.ports.vendor import Heard as Said
from posthouse.core.routing import Channel, ChannelState
from posthouse.core.verdict import Fate, Receipt, Reply
from posthouse.observe import Metrics
from posthouse.services.hearing import Heard, Hearing, admitted
from tests.fakes import ScriptedVendor

KEY = b"k" * 32
S = 1_000_000


class Told:
    at = 5 * S

    def now(self) -> int:
        return self.at


def record(number: int, name: str = "main", **fields: Any) -> ChannelRecord:
    state = fields.pop("state", ChannelState.ACTIVE)
    return ChannelRecord(Channel(number, name, "twilio", state=state), {}, b"", **fields)


class Post:
    """Where callbacks come in."""

    def __init__(self, *records: ChannelRecord, public_url: str = "") -> None:
        self.records, self.clock, self.metrics = records, Told(), Metrics()
        self.vendors: dict[int, ScriptedVendor] = {}
        self.settle: Settle = lambda *_: pytest.fail("nothing is settled here")
        self.hearing = Hearing(
            key=KEY,
            records=lambda: self.records,
            vendors=self.vendors,
            settle_of=lambda _: self.settle,
            clock=self.clock,
            metrics=self.metrics,
            public_url=public_url,
        )


def test_an_address_belongs_to_one_channel_whatever_its_name_and_state():
    one, two = record(1), record(2, state=ChannelState.OFF)
    post = Post(one, two, record(3, "other"))
    assert post.hearing.channel("main", secret_of(KEY, 1, 1)) is one
    assert post.hearing.channel("main", secret_of(KEY, 2, 1)) is two
    assert post.hearing.channel("main", secret_of(KEY, 3, 1)) is None
    assert post.hearing.channel("main", "") is None
    assert post.hearing.channel("nobody", secret_of(KEY, 1, 1)) is None
    assert post.hearing.channel("nobody", secret_of(KEY, -1, 1)) is None


def test_a_new_generation_is_a_new_address_and_a_removed_channel_has_none():
    post = Post(record(1))
    post.records = (record(1, generation=2),)
    assert post.hearing.channel("main", secret_of(KEY, 1, 1)) is None
    assert post.hearing.channel("main", secret_of(KEY, 1, 2)) is post.records[0]
    post.records = ()
    assert post.hearing.channel("main", secret_of(KEY, 1, 2)) is None


@pytest.mark.parametrize(
    ("networks", "remote", "may"),
    [
        ((), "203.0.113.9", True),
        ((), "", True),
        (("203.0.113.0/24",), "203.0.113.9", True),
        (("203.0.113.0/24",), "::ffff:203.0.113.9", True),
        (("203.0.113.0/24",), "203.0.114.9", False),
        (("203.0.113.0/24", "2001:db8::/32"), "2001:db8::7", True),
        (("198.51.100.7",), "198.51.100.7", True),
        (("0.0.0.0/0",), "::1", False),
        (("0.0.0.0/0",), "", False),
        (("0.0.0.0/0",), "unix", False),
    ],
)
def test_callbacks_come_from_the_networks_that_the_channel_names(networks, remote, may):
    assert admitted(record(1, callback_from=networks), remote) is may


def test_the_whole_address_is_the_public_one_where_there_is_one():
    given = Post(public_url="https://sms.example.com/relay/").hearing
    assert given.address("/callbacks/a/b", "x=1", origin="http://10.0.0.1") == (
        "https://sms.example.com/relay/callbacks/a/b?x=1"
    )
    assert Post().hearing.address("/callbacks/a/b", "", origin="http://me") == "http://me/callbacks/a/b"


async def test_a_body_that_may_take_long_is_read_in_a_thread():
    here = threading.get_ident()
    threads: list[int] = []

    class Slow(ScriptedVendor):
        def hear(self, callback: Callback) -> Said:
            threads.append(threading.get_ident())
            return Said([], [], Answer())

    async def settle(receipts: Sequence[Receipt], replies: Sequence[Reply]) -> None:
        assert not [*receipts, *replies]

    post = Post(record(1))
    post.vendors[1] = Slow()
    post.settle = settle
    for size in (8 * 1024, 8 * 1024 + 1):
        await post.hearing.hear(record(1), Callback("POST", "", {}, "", b"x" * size, ""))
    assert [thread == here for thread in threads] == [True, False]


async def test_rows_that_cannot_be_read_are_counted_and_told_while_the_others_are_settled():
    settled: list[Receipt] = []
    receipt = Receipt("r", "", Fate.DELIVERED)

    class Mixed(ScriptedVendor):
        def hear(self, callback: Callback) -> Said:
            return Said([receipt], [], Answer(), unreadable=2)

    async def settle(receipts: Sequence[Receipt], replies: Sequence[Reply]) -> None:
        settled.extend(receipts)

    post = Post(record(1))
    post.vendors[1], post.settle = Mixed(), settle
    callback = Callback("POST", "", {}, "", b"[]", "")
    with capture_logs() as logs:
        for _ in range(3):
            await post.hearing.hear(record(1), callback)
        post.clock.at += S
        await post.hearing.hear(record(1), callback)
    assert settled == [receipt] * 4
    assert [(told["event"], told["channel"], told["count"]) for told in logs] == [
        ("callback_rows_unreadable", "main", 2),
        ("callback_rows_unreadable", "main", 6),
    ]
    assert b'posthouse_callback_rows_unreadable_total{channel="main"} 8.0' in post.metrics.page()


def test_a_defect_is_told_with_its_trace_once_a_second_however_often_it_is_met():
    post = Post()
    with capture_logs() as logs:
        for _ in range(1000):
            post.hearing.note("main", Heard.FAILED, KeyError("a defect"))
    [told] = logs
    assert (told["event"], told["log_level"], told["error"]) == ("callback_failed", "error", "KeyError")
    assert isinstance(told["exc_info"], KeyError)


def test_refusals_are_counted_all_and_told_once_a_second_for_each_channel_and_kind():
    post = Post()
    with capture_logs() as logs:
        for _ in range(1000):
            post.hearing.note("main", Heard.FORGED)
        post.hearing.note("main", Heard.UNREADABLE)
        post.hearing.note("other", Heard.FORGED)
        post.hearing.note("main", Heard.SETTLED)
        post.clock.at += S
        post.hearing.note("main", Heard.FORGED)
    told = [(line["channel"], line["why"], line["count"]) for line in logs]
    assert told == [
        ("main", "forged", 1),
        ("main", "unreadable", 1),
        ("other", "forged", 1),
        ("main", "forged", 1000),
    ]
    page = post.metrics.page()
    assert b'posthouse_callbacks_total{channel="main",outcome="forged"} 1001.0' in page
    assert b'posthouse_callbacks_total{channel="main",outcome="settled"} 1.0' in page
