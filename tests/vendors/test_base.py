"""The HTTP caller against a real and hostile server: what no answer means, and what of a call is told."""

import asyncio
import gzip
import json
import socket
import tracemalloc

import aiohttp
import pytest

from posthouse.core.ports.vendor import Callback, Forged, Question
from posthouse.core.verdict import Accepted, Fate, NotSent, Reason, Receipt, Refused, Reply, Unknown
from posthouse.vendors import base
from posthouse.vendors.adapter import (
    Told,
    Unreadable,
    refusal,
)
from tests.vendors import replay
from tests.vendors.plain import (
    CODE,
    FINE,
    SECRET,
    TEXT,
    TO,
    Clock,
    Plain,
    hostile,
    listening,
    message,
    says,
    vendor,
)


async def offered(url, *, method="POST", **settings):
    async with vendor(Plain(url, method=method), **settings) as there:
        (verdict,) = await there.send([message()])
    told = f"{verdict!r} {verdict.exchange}"
    assert not [each for each in (SECRET, CODE, TEXT, TO[1:], TO[3:]) if each in told]
    return verdict


async def test_an_answer_is_read_and_the_call_told_without_its_secrets():
    async with hostile(says(FINE)) as (url, asked):
        verdict = await offered(url)
    assert verdict == Accepted("id-1")
    told = json.loads(verdict.exchange)
    assert (told["request"], told["status"], told["recipients"]) == (f"POST {url}", 200, 1)
    assert "answer" not in told  # of what was taken the reference says all
    assert asked[0].endswith(TEXT.encode())


def refused_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://no-such-host.invalid/",
        "ftp://127.0.0.1/",
        "http://127.0.0.1:99999/",
        "127.0.0.1",
        "",
        "http:///path",
        "http://127.0.0.1:{port}/a b",
        "http://127.0.0.1:{port}/a\r\nX: y",
        "http://例子.invalid/",
    ],
)
async def test_what_never_reached_anybody_was_not_sent(url):
    verdict = await offered(url.format(port=refused_port()), total_s=5, connect_s=3)
    assert isinstance(verdict, NotSent)


async def test_tls_to_a_port_that_speaks_none_was_not_sent():
    async def speak_plainly(reader, writer):
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        await reader.read()

    async with listening(speak_plainly) as address:
        assert isinstance(await offered(f"https://{address}/"), NotSent)


async def test_tls_that_never_comes_about_was_not_sent():
    async def say_nothing(reader, writer):
        await reader.read(-1)

    async with listening(say_nothing) as address:
        assert isinstance(await offered(f"https://{address}/"), NotSent)


async def test_who_waits_in_vain_for_a_connection_has_sent_nothing():
    async with hostile(hanging) as (url, asked):
        connector = aiohttp.TCPConnector(limit=1)
        async with base.session(connector, total_s=0.5, connect_s=0.2) as http:
            there = base.HttpVendor(Plain(url), http, Clock(), channel="plain")
            first, second = await asyncio.gather(there.send([message()]), there.send([message()]))
    assert (type(first[0]), type(second[0])) == (Unknown, NotSent)
    assert len(asked) == 1


async def dropped(writer, _):
    writer.transport.abort()


async def closed(writer, _):
    writer.close()


async def broken_off(writer, _):
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"ids"')
    await writer.drain()
    writer.close()


async def broken_chunk(writer, _):
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
    await writer.drain()
    writer.close()


async def hanging(writer, _):
    await asyncio.Event().wait()


async def dripping(writer, _):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


async def no_http(writer, _):
    writer.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
    await writer.drain()


async def endless_line(writer, _):
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


async def endless_headers(writer, _):
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X: y\r\n" * 5000)
        await writer.drain()


async def endless_body(writer, _):
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        await writer.drain()


async def endless_continue(writer, _):
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)
        await writer.drain()


async def broken_gzip(writer, _):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd")
    await writer.drain()


@pytest.mark.parametrize(
    "answer",
    [
        *(dropped, closed, broken_off, broken_chunk, hanging, dripping, no_http, broken_gzip),
        *(endless_line, endless_headers, endless_body, endless_continue),
        says(b"<html>OK</html>"),
        says(b""),
        says(b"{}"),
        says(json.dumps({"ids": {TO: None, TEXT: CODE}, "text": TEXT}).encode() + b"}"),
        says(b'{"ids": {}}', head=b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"),
        says(f'"{TEXT}"'.encode()),
        says(f'"{TEXT} \xfc"'.encode("latin-1")),
        says(FINE, head=b"HTTP/1.1 200 OK\r\n" + b"Y: z\r\n" * (base.HEADERS_MAX + 1)),
        says(FINE, head=b"HTTP/1.1 200 OK\r\nY: " + b"z" * (base.LINE_MAX + 9) + b"\r\n"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_what_may_have_arrived_is_unknown_and_sent_once(answer, method):
    async with hostile(answer) as (url, asked):
        verdict = await offered(url, method=method)
    assert isinstance(verdict, Unknown)
    assert len(asked) == 1


async def test_a_get_over_a_connection_that_was_used_before_is_not_repeated_either():
    async def once(writer, count):
        if count > 1:
            return writer.transport.abort()
        return await says(FINE)(writer, count)

    async with hostile(once) as (url, asked), vendor(Plain(url, method="GET")) as there:
        first, second = [(await there.send([message()]))[0] for _ in range(2)]
    assert (type(first), type(second)) == (Accepted, Unknown)
    assert len(asked) == 2


@pytest.mark.parametrize("layers", [1, 2])
async def test_a_small_body_that_unpacks_to_a_large_one_is_not_unpacked(layers):
    packed = gzip.compress(b" " * (60 << 20), 9) if layers == 1 else gzip.compress(b" " * (30 << 20), 9) * 10
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
    async with hostile(says(packed, head=head)) as (url, _):
        tracemalloc.start()
        try:
            verdict = await offered(url, total_s=5)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert verdict == Unknown(f"HTTP 200 with more than {base.BODY_MAX} bytes")
    assert peak < 16 << 20


@pytest.mark.parametrize("answer", [endless_line, endless_headers, endless_continue])
async def test_what_never_ends_takes_no_memory(answer):
    async with hostile(answer) as (url, _):
        tracemalloc.start()
        try:
            await offered(url)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 16 << 20


async def test_a_body_of_the_largest_size_is_read():
    async with hostile(says(FINE.ljust(base.BODY_MAX))) as (url, _):
        assert isinstance(await offered(url, total_s=5), Accepted)
    async with hostile(says(FINE.ljust(base.BODY_MAX + 1))) as (url, _):
        assert isinstance(await offered(url, total_s=5), Unknown)


async def test_of_several_requests_each_has_its_own_end():
    async def every_other(writer, count):
        if count % 2:
            return writer.transport.abort()
        numbers = {f"+861380013800{each}": f"id-{each}" for each in range(3)}
        return await says(json.dumps({"ids": numbers}).encode())(writer, count)

    batch = [message(key=f"k{each}")._replace(to=f"+861380013800{each}") for each in range(3)]
    async with hostile(every_other) as (url, _), vendor(Plain(url, requests=3)) as there:
        verdicts = await there.send(batch)
    assert sorted(type(each).__name__ for each in verdicts) == ["Accepted", "Unknown", "Unknown"]
    assert {each.reference for each in verdicts if isinstance(each, Accepted)} <= {"id-0", "id-1", "id-2"}
    assert all(each.exchange for each in verdicts)


async def test_questions_and_trials_that_fail_tell_nothing():
    question = Question("k", "c", TO, replay.NOW, "r")
    async with hostile(dropped) as (url, _), vendor(Plain(url)) as there:
        assert await there.query([question, question._replace(reference=None)]) == [Told(), Told()]
        assert isinstance(await there.check(), Unknown)
    async with vendor(Plain(f"http://127.0.0.1:{refused_port()}/")) as there:
        assert isinstance(await there.check(), NotSent)
    fine = says(f'{{"ids": {{"{TO}": "id-1"}}, "ok": false}}'.encode())
    async with hostile(fine) as (url, _), vendor(Plain(url)) as there:
        assert await there.query([question]) == [Told(Accepted("id-1"))]
        assert await there.check() == Refused(Reason.AUTH)


async def test_a_refusal_that_quotes_the_code_is_stored_without_it():
    class Quoting(Plain):
        def read(self, batch, response):
            return [refusal(Reason.CONTENT, "X", f"content [您的验证码{CODE}] to {TO} is bad") for _ in batch]

    async with hostile(says(b"{}")) as (url, _), vendor(Quoting(url)) as there:
        (verdict,) = await there.send([message()])
    assert verdict == Refused(Reason.CONTENT, "X", "…")


async def test_a_callback_whose_sender_cannot_even_be_looked_for_is_unreadable():
    class Strict(Plain):
        def authentic(self, callback):
            raise ValueError("more fields than one reads")

    async with vendor(Strict("http://127.0.0.1/")) as there:
        with pytest.raises(Unreadable):
            there.hear(Callback("POST", "https://sms.example.com/", {}, "", b"", "203.0.113.7"))


async def test_rows_that_cannot_be_read_are_counted_and_the_others_heard():
    receipt, reply = Receipt("id-1", TO, Fate.DELIVERED), Reply("r", TO, "hi", 1)

    class Mixed(Plain):
        def receipts(self, callback):
            return [Unreadable("a row"), receipt]

        def inbound(self, callback):
            return [reply, Unreadable("a row")]

    async with vendor(Mixed("http://127.0.0.1/")) as there:
        heard = there.hear(Callback("POST", "https://sms.example.com/", {"who": "me"}, "", b"", ""))
    assert (heard.receipts, heard.replies, heard.unreadable) == ([receipt], [reply], 2)


async def test_a_callback_is_forged_read_or_not_read_and_is_not_quoted():
    async with vendor(Plain("http://127.0.0.1/")) as there:
        callback = Callback("POST", "https://sms.example.com/", {"who": "me"}, "", b"id-1", "203.0.113.7")
        assert there.hear(callback).receipts == [Receipt("id-1", TO, Fate.DELIVERED)]
        with pytest.raises(Forged):
            there.hear(callback._replace(headers={}))
        with pytest.raises(Unreadable) as error:
            there.hear(callback._replace(body=f"{TEXT} ü".encode()))
        assert CODE not in str(error.value)
