"""Failpoints, events and metrics."""

import json
import os
import signal
import subprocess
import sys

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from posthouse.core.errors import Code
from posthouse.core.message import Lane, Outcome
from posthouse.core.ports.queries import Gauges
from posthouse.core.verdict import Fate, Reason
from posthouse.observe import FAILPOINTS, Metrics, UnknownFailpoint, arm, failpoint
from posthouse.observe.tally import Spread

SCRIPT = """
from posthouse.observe import configure, failpoint
import structlog
configure(json=True)
for time in range(1, 4):
    failpoint("claimed")
    structlog.get_logger().info("survived", time=time)
"""


def run(spec: str, script: str = SCRIPT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"POSTHOUSE_FAILPOINT": spec},
    )


@pytest.mark.parametrize(("spec", "survived"), [("claimed", 0), ("claimed:3", 2), ("", 3), ("draining", 3)])
def test_a_process_dies_at_the_chosen_place_the_chosen_time(spec, survived):
    process = run(spec)
    assert process.stderr.count('"event": "survived"') == survived
    assert process.returncode == (0 if survived == 3 else -signal.SIGKILL)


@pytest.mark.parametrize("spec", ["nowhere", "claimed:0", "claimed:x", "claimed:-1"])
def test_an_unknown_failpoint_is_refused_with_the_list(spec):
    with pytest.raises(UnknownFailpoint, match="attempt-committed, before-commit"):
        arm(spec)


def test_unarmed_failpoints_do_nothing():
    arm(None)
    for name in FAILPOINTS:
        failpoint(name)


DEFECT = """
from posthouse.observe import configure, detailed
import logging, structlog
configure(json={json}, level=logging.{level})
def send(to):
    raise KeyError(to)
try:
    send("+8613800138000")
except KeyError:
    structlog.get_logger().exception("loop_failed", loop="test")
structlog.get_logger().debug("accepted", shown=detailed())
"""


def test_an_exception_is_told_by_its_type_and_stack_but_not_in_its_own_words():
    line = json.loads(run("", DEFECT.format(json=True, level="INFO")).stderr)
    assert (line["event"], line["level"], line["error"]) == ("loop_failed", "error", "KeyError")
    assert "in send" in line["stack"]
    assert "+8613800138000" not in line["stack"].replace('send("+8613800138000")', "")
    assert "exception" not in line
    for_eyes = run("", DEFECT.format(json=False, level="INFO")).stderr
    assert "KeyError" in for_eyes
    assert "8613800138000" not in for_eyes


def test_details_are_told_at_the_level_debug_alone():
    assert "accepted" not in run("", DEFECT.format(json=True, level="INFO")).stderr
    last = run("", DEFECT.format(json=True, level="DEBUG")).stderr.splitlines()[-1]
    assert json.loads(last)["shown"] is True


GAUGES = Gauges(
    by_state={"queued": 7, "delivered": 90},
    waiting={Lane.OTP: (0, None), Lane.NOTIFICATION: (5, 40_000_000), Lane.MARKETING: (2, 60_000_000)},
    held=3,
    scheduled_since=47_500_000,
)


def counted(page: bytes) -> dict[str, float]:
    """Every sample of a page as Prometheus itself reads it: `name{label,…}` → number."""
    return {
        sample.name + (f"{{{','.join(sample.labels.values())}}}" if sample.labels else ""): sample.value
        for family in text_string_to_metric_families(page.decode())
        for sample in family.samples
    }


def test_the_metrics_page_counts():
    metrics = Metrics()
    metrics.accepted("live", Lane.OTP.value, 3)
    metrics.committed(12, 40, 0.003)
    metrics.verdicts("sandbox", Outcome.UNKNOWN, 2)
    metrics.reason("sandbox", Reason.BALANCE)
    metrics.calling("sandbox", 3)
    metrics.calling("sandbox", -2)
    metrics.called("sandbox", 0.2)
    metrics.receipts("sandbox", Fate.DELIVERED)
    metrics.receipt_lag("sandbox", 3)
    metrics.claimed(Lane.OTP, 7)
    metrics.in_flight(5)
    metrics.answered("sms.send", 202)
    metrics.refused("/", Code.OVERLOADED)
    metrics.replayed("sms.send")
    metrics.checked("books", drifts=0, at_s=1000, seconds=0.01)
    page = counted(metrics.page(line=9, gauges=GAUGES, now=50_000_000))
    expected = {
        "posthouse_messages_accepted_total{otp,live}": 3,
        "posthouse_commit_commands_sum": 12,
        "posthouse_commit_commands_count": 1,
        "posthouse_commit_seconds_bucket{0.0025}": 0,
        "posthouse_commit_seconds_bucket{0.005}": 1,
        "posthouse_commit_seconds_bucket{+Inf}": 1,
        "posthouse_commit_rows_total": 40,
        "posthouse_verdicts_total{sandbox,unknown}": 2,
        "posthouse_vendor_reasons_total{sandbox,balance}": 1,
        "posthouse_ambiguous_total": 2,
        "posthouse_attempts_in_flight{sandbox}": 1,
        "posthouse_call_seconds_sum{sandbox}": 0.2,
        "posthouse_receipts_total{sandbox,delivered}": 1,
        "posthouse_receipt_lag_seconds_sum{sandbox}": 3,
        "posthouse_claim_messages_sum{otp}": 7,
        "posthouse_in_flight": 5,
        "posthouse_http_requests_total{sms.send,2xx}": 1,
        "posthouse_refused_total{overloaded,/}": 1,
        "posthouse_replays_total{sms.send}": 1,
        "posthouse_ledger_drifts{books}": 0,
        "posthouse_ledger_checked_timestamp_seconds{books}": 1000,
        "posthouse_writer_line": 9,
        "posthouse_store_answers": 1,
        "posthouse_messages{queued}": 7,
        "posthouse_messages{sending}": 0,
        "posthouse_waiting{notification}": 5,
        "posthouse_waiting_age_seconds{notification}": 10,
        "posthouse_waiting_age_seconds{marketing}": 0,
        "posthouse_held": 3,
        "posthouse_scheduler_lag_seconds": 2.5,
    }
    assert {name: page.get(name) for name in expected} == expected
    assert page["process_resident_memory_bytes"] > 1_000_000
    assert metrics.turned_away() == 1


def test_a_store_that_does_not_answer_is_seen_on_the_page():
    metrics = Metrics()
    assert counted(metrics.page())["posthouse_store_answers"] == 0
    assert "posthouse_held" not in counted(metrics.page())
    metrics.page(gauges=GAUGES, now=50_000_000)
    later = counted(metrics.page())
    assert (later["posthouse_store_answers"], later["posthouse_held"]) == (0, 3)


def test_a_bound_belongs_to_its_own_bucket():
    registry = CollectorRegistry()
    spread = Spread(registry, "size", "How large.", bounds=(1, 2))
    for size in (0, 1, 1.5, 2, 3):
        spread.observe(size)
    page = counted(generate_latest(registry))
    assert [page[f"size_bucket{{{bound}}}"] for bound in ("1.0", "2.0", "+Inf")] == [2, 4, 5]
    assert (page["size_sum"], page["size_count"]) == (7.5, 5)
