"""Calls to vendors over HTTP: one message a call, 200 recipients a call, and beside a vendor that hangs."""

import json
import time
from collections.abc import Iterator
from statistics import median, quantiles

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
    """All three on one server; batches feed the first two, so that accepting them costs little."""
    effort = bench.effort
    per_s: dict[str, list[float]] = {"quick": [], "tencent": []}
    cpu_us: dict[str, list[float]] = {"quick": [], "tencent": []}
    faults: list[str] = []
    installation = bench.install(NAME)
    with Peer(bench.load_core) as peer:
        _connect(installation, peer.url)
        with bench.serve(installation) as server:
            for name in per_s:
                _sent(installation, server, name, 10_000)
            for _ in range(effort.runs):
                for name, rates in per_s.items():
                    seconds, used = _sent(installation, server, name, effort.called)
                    rates.append(effort.called / seconds)
                    cpu_us[name].append(used / effort.called)
                    bench.say(f"{rates[-1]:,.0f}/s over {name}, {cpu_us[name][-1]:.0f} µs each")
            alone = [_p99_ms(installation, server, effort.beside_s) for _ in range(effort.runs)]
            _feed(server, "hanging", _HANGING)
            time.sleep(_SEEN_S)
            beside = [_p99_ms(installation, server, effort.beside_s) for _ in range(effort.runs)]
            bench.say(f"p99 {median(alone):.1f} ms alone, {median(beside):.1f} ms beside a vendor that hangs")
            faults += _verify(installation)
    yield _rate("one message a call", "quick", per_s, cpu_us, Bar(2_500), faults)
    yield _rate("200 recipients a call", "tencent", per_s, cpu_us, Bar(10_000), faults)
    yield Finding(
        figure=NAME,
        what=f"p99 from accepted to taken beside a vendor that hangs, {_HANGING:,} waiting for it, ÷ alone",
        unit=Unit.RATIO,
        runs=[each / median(alone) for each in beside],
        bar=Bar(1.2, at_most=True),
        note=f"{median(alone):.1f} ms alone, {median(beside):.1f} ms beside it",
        faults=faults,
    )


def _rate(
    what: str,
    name: str,
    per_s: dict[str, list[float]],
    cpu_us: dict[str, list[float]],
    bar: Bar,
    faults: list[str],
) -> Finding:
    return Finding(
        figure=NAME,
        what=f"HTTP vendor on loopback, accepted to taken, {what}",
        unit=Unit.PER_SECOND,
        runs=per_s[name],
        bar=bar,
        note=f"{median(cpu_us[name]):.0f} µs CPU a message",
        faults=faults,
    )


def _connect(installation: Installation, url: str) -> None:
    for name, path in (("quick", "/sms"), ("hanging", "/slow")):
        words = ("http", "--name", name, "--set", "preset=json", "--set", f"url={url}{path}")
        installation.command("channels", "add", *words, "--concurrency", "64")
    account = ("secret_id=bench", "secret_key=bench", "sdk_app_id=1400000000", f"base_url={url}")
    settings = (word for setting in account for word in ("--set", setting))
    installation.command("channels", "add", "tencent", *settings, "--concurrency", "16", "--rate", "0")


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
