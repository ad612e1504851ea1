"""Every experiment at its smallest: its bar holds, and the bug that is planted into it is seen."""

import subprocess
import sys
from pathlib import Path

import pytest
import structlog

from posthouse.observe import FAILPOINTS
from soak.experiments import EXPERIMENTS, failpoints, restored


@pytest.fixture(autouse=True)
def quiet():
    """What the product logs while it is tormented speaks against nothing."""
    before = structlog.get_config()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory(), processors=[lambda *_: ((), {})])
    yield
    structlog.configure(**before)


def named(experiment):
    return experiment.__name__.rpartition(".")[2]


HERE = [each for each in EXPERIMENTS if each is not restored]
"""`tests/faults/test_restore.py` runs that one, and asks more of it."""


@pytest.mark.parametrize("experiment", HERE, ids=named)
async def test_the_bar_holds(experiment):
    outcome = await experiment.run(1)
    print(outcome)
    assert outcome.held, outcome


@pytest.mark.parametrize("experiment", HERE, ids=named)
async def test_a_planted_bug_is_seen(experiment):
    outcome = await experiment.run(1, planted=True)
    assert not outcome.held, outcome


def test_every_failpoint_is_tried():
    assert set(failpoints.TIMES) == FAILPOINTS


def test_no_two_experiments_stand_for_one_row():
    rows = [row for each in EXPERIMENTS for row in each.ROWS]
    assert sorted(rows) == sorted(set(rows))


def test_the_table_shows_what_was_injected_counted_and_held():
    done = subprocess.run(
        [sys.executable, "-m", "soak", "35", "--scale", "1"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for word in ("injected", "counted", "bar", "held", "yes", "seen", "30 rounds"):
        assert word in done.stdout
