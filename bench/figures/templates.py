"""Rendering: a template's text with its places filled, its parameters checked, in this process alone."""

import time
from collections.abc import Iterator

from bench.bench import Bench
from bench.finding import Bar, Finding, Unit
from posthouse.core.message import Lane
from posthouse.core.template import Template, variables_of

NAME = "templates"
_TEXT = "尊敬的{name},您的验证码是{code},{minutes}分钟内有效,请及时输入。"
_TEMPLATE = Template("1", Lane.OTP, 1, _TEXT, variables=variables_of(_TEXT))


def measure(bench: Bench) -> Iterator[Finding]:
    """Every message has parameters of its own."""
    count = bench.effort.rendered
    params = [{"name": f"用户{n}", "code": f"{n:06d}", "minutes": "5"} for n in range(count)]
    runs: list[float] = []
    length = 0
    for _ in range(bench.effort.runs):
        since = time.thread_time()
        for each in params:
            length += len(_TEMPLATE.fill(each))
        runs.append((time.thread_time() - since) / count * 1_000_000)
        bench.say(f"{runs[-1]:.2f} µs")
    faults = [] if length >= count * len(runs) * len(_TEMPLATE.fill(params[0])) else ["texts are too short"]
    yield Finding(
        figure=NAME,
        what="a template with three variables checked and rendered",
        unit=Unit.MICROSECONDS,
        runs=runs,
        bar=Bar(5, at_most=True),
        note=f"{count:,} messages a run",
        faults=faults,
    )
