"""Failpoints, events and metrics."""

import os
import signal
import subprocess
import sys

import pytest

from posthouse.core.message import Lane, Outcome
from posthouse.core.verdict import Fate
from posthouse.observe import FAILPOINTS, Metrics, UnknownFailpoint, arm, failpoint

SCRIPT = """
from posthouse.observe import configure, failpoint
import structlog
configure(json=True)
for time in range(1, 4):
    failpoint("claimed")
    structlog.get_logger().info("survived", time=time)
"""


def run(spec: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT],
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


def test_the_metrics_page_counts():
    metrics = Metrics()
    metrics.accepted(1, "live", Lane.OTP.value, 3)
    metrics.committed(12, 40)
    metrics.verdicts("sandbox", Outcome.UNKNOWN, 2)
    metrics.receipts(Fate.DELIVERED)
    metrics.claimed(Lane.OTP, 7)
    metrics.in_flight(5)
    page = metrics.page().decode()
    assert 'posthouse_messages_accepted_total{account="1",lane="otp",mode="live"} 3.0' in page
    assert "posthouse_commit_commands_sum 12.0" in page
    assert "posthouse_commit_rows_total 40.0" in page
    assert 'posthouse_verdicts_total{channel="sandbox",outcome="unknown"} 2.0' in page
    assert "posthouse_ambiguous_total 2.0" in page
    assert "posthouse_in_flight 5.0" in page
