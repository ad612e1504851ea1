"""Calls to vendors over HTTP: one message a call, 200 recipients a call, and beside a vendor that hangs."""

import json
import time
from collections.abc import Iterator
from statistics import median, quantiles

from bench.bare import BARE_US, bare_us
from bench.bench import Bench
from bench.feed import feed
from bench.finding import Bar, Finding, Unit
from bench.installation import Installation
from bench.peer import Peer
from bench.server import Server

NAME = "vendors"
TAKEN = frozenset({"sent", "delivered"})
_LOOK_S, _STALLED_S = 0.05, 30.0
_PACE_PER_S = 100
_HANGING = 5_000
_SEEN_S = 2.0
"""Until each of these has been in line once, as any five thousand messages of the account would be."""


def measure(bench: Bench) -> Iterator[Finding]:
    """Whole batches, so that accepting them costs little; then messages at an even pace."""
    with Peer(bench.load_core) as peer:
        yield from _rates(bench, peer.url)
        yield _beside(bench, peer.url)


def _rates(bench: Bench, url: str) -> Iterator[Finding]:
    effort = bench.effort
    per_s: dict[str, list[float]] = {"quick": [], "tencent": []}
    cpu_us: dict[str, list[float]] = {"quick": [], "tencent": []}
    bare: list[float] = []
    installation = _installed(bench, NAME, url)
    with bench.serve(installation) as server:
        for name in per_s:
            _sent(installation, server, name, 10_000)
        for _ in range(effort.runs):
            for name, rates in per_s.items():
                seconds, used = _sent(installation, server, name, effort.called)
                rates.append(effort.called / seconds)
                cpu_us[name].append(used / effort.called)
                bench.say(f"{rates[-1]:,.0f}/s over {name}, {cpu_us[name][-1]:.0f} µs each")
            bare.append(bare_us(f"{url}/sms", bench.server_core))
        faults = _verify(installation)
    for name, what, bar in (
        ("quick", "one message a call", 2_500),
        ("tencent", "200 recipients a call", 10_000),
    ):
        used_us = cpu_us[name]
        yield Finding(
            figure=NAME,
            what=f"HTTP vendor on loopback, accepted to taken, {what}",
            unit=Unit.PER_SECOND,
            runs=per_s[name],
            bar=Bar(bar),
            note=f"{median(used_us):.0f} µs CPU a message",
            faults=faults,
        )
        yield Finding(
            figure=NAME,
            what=f"… {what}: CPU a message ÷ that of a bare call of the HTTP client",
            unit=Unit.RATIO,
            runs=[used / alone for used, alone in zip(used_us, bare, strict=True)],
            bar=Bar(round(1e6 / bar / BARE_US, 2), at_most=True),
            note=f"a bare call: {median(bare):.0f} µs, {BARE_US} where the bars were set",
            faults=faults,
        )


def _beside(bench: Bench, url: str) -> Finding:
    """Two servers in turn, as disks have slow minutes: one of them has a vendor that hangs."""
    seconds = bench.effort.beside_s
    calm, beset = _installed(bench, f"{NAME}-alone", url), _installed(bench, f"{NAME}-beside", url)
    pairs: list[tuple[float, float]] = []
    with bench.serve(calm) as one, bench.serve(beset) as other:
        _feed(other, "hanging", _HANGING)
        time.sleep(_SEEN_S)
        for _ in range(bench.effort.runs):
            pairs.append((_p99_ms(calm, one, seconds), _p99_ms(beset, other, seconds)))
            bench.say("p99 {:.1f} ms alone, {:.1f} ms beside a vendor that hangs".format(*pairs[-1]))
        faults = _verify(beset)
    return Finding(
        figure=NAME,
        what=f"p99 from accepted to taken beside a vendor that hangs, {_HANGING:,} waiting for it, ÷ alone",
        unit=Unit.RATIO,
        runs=[beside / alone for alone, beside in pairs],
        bar=Bar(1.2, at_most=True),
        note=" · ".join(f"{beside:.1f} ÷ {alone:.1f} ms" for alone, beside in pairs),
        faults=faults,
    )


def _installed(bench: Bench, name: str, url: str) -> Installation:
    """An installation with three channels to the peer."""
    installation = bench.install(name)
    for channel, path in (("quick", "/sms"), ("hanging", "/slow")):
        words = ("http", "--name", channel, "--set", "preset=json", "--set", f"url={url}{path}")
        installation.command("channels", "add", *words, "--concurrency", "64")
    account = ("secret_id=bench", "secret_key=bench", "sdk_app_id=1400000000", f"base_url={url}")
    settings = (word for setting in account for word in ("--set", setting))
    installation.command("channels", "add", "tencent", *settings, "--concurrency", "16", "--rate", "0")
    return installation


def _sent(installation: Installation, server: Server, name: str, messages: int) -> tuple[float, float]:
    """Seconds and CPU from the first batch to the last message that a vendor took."""
    before, start = server.usage(), time.perf_counter()
    _feed(server, name, messages)
    end = _wait_until_taken(installation)
    return end - start, server.usage().since(before).cpu_us


def _feed(server: Server, name: str, messages: int) -> None:
    size = min(messages, 10_000)
    if name == "tencent":
        feed(server, messages, per_batch=size, template_id="1234567", params={"1": "on"}, vendor=name)
    else:
        feed(server, messages, per_batch=size, vendor=name)


def _wait_until_taken(installation: Installation) -> float:
    seen: dict[str, int] = {}
    moved = time.perf_counter()
    while True:
        states, now = installation.states(), time.perf_counter()
        if states.keys() <= TAKEN:
            return now
        if states != seen:
            seen, moved = states, now
        elif now - moved > _STALLED_S:
            return moved
        time.sleep(_LOOK_S)


def _p99_ms(installation: Installation, server: Server, seconds: float) -> float:
    """Singles at an even pace over the quick channel: from the acceptance to the vendor's answer."""
    begun = time.time_ns() // 1000
    body = json.dumps({"to": "+8613800138000", "body": "hello", "vendor": "quick"}).encode()
    with server.client() as client:
        start = time.perf_counter()
        for number in range(int(seconds * _PACE_PER_S)):
            client.call("POST", "/v1/sms/send", body, status=202)
            time.sleep(max(0.0, start + (number + 1) / _PACE_PER_S - time.perf_counter()))
    time.sleep(0.5)
    waits = installation.waits_us("quick", begun)
    return quantiles(waits, n=100)[98] / 1000


def _verify(installation: Installation) -> list[str]:
    states = installation.states()
    waiting = sum(states.get(state, 0) for state in ("queued", "sending", "unknown"))
    lost = states.keys() - TAKEN - {"queued", "sending", "unknown"}
    return [f"states: {states}"] if lost or waiting > _HANGING else []
