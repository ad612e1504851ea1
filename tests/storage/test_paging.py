"""What a page costs in a database with many messages: counted in steps of SQLite's machine, not in time."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from structlog.testing import capture_logs

from posthouse.core.ids import EPOCH_US, HOUR, STEP
from posthouse.core.message import Progress
from posthouse.core.ports.queries import PageMessages, RecordPage
from posthouse.storage.engine.sqlite import SQLite
from posthouse.storage.migrating import migrate
from posthouse.storage.migrations import __file__ as migrations
from posthouse.storage.paging import page_messages
from posthouse.storage.tx import Tx

ROWS = 200_000
AN_HOUR = 1_000
"""Messages in each of 200 hours."""

STEPS_A_ROW = 20
"""More than passing over one row takes."""

FILL = f"""
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS - 1})
INSERT INTO messages (
    id, account_id, recipient, country, lane, state, mode, encoding, parts, price, created_at,
    expires_at, simulated, number, charge, attempts, events, updated_at, look_at
)
SELECT
    (i / {AN_HOUR}) * {HOUR} + (i % {AN_HOUR}) * {STEP}, 1, '+8613800138000', 'CN', 1,
    CASE i % 100 WHEN 0 THEN 'failed' WHEN 1 THEN 'sent' ELSE 'delivered' END, 'live', 'ucs2', 1, 0, 0,
    0, 1, i + 1, 'settled', 1, 1, 0, CASE i % 100 WHEN 1 THEN 1 END
FROM n
"""  # noqa: S608 - numbers of ours
COUNT = f"""
INSERT INTO hourly_counts
SELECT account_id, id / {HOUR}, state, count(*) FROM messages GROUP BY 1, 2, 3
"""  # noqa: S608 - a constant of ours

Ask = Callable[..., tuple[RecordPage, int]]


@pytest.fixture(scope="module")
def ask(tmp_path_factory) -> Any:
    """Answers with the page, and about how many steps it took."""
    engine = SQLite(tmp_path_factory.mktemp("many"))
    migrate(engine.sqlalchemy)
    writer = engine.open_writer()
    writer.execute("BEGIN")
    writer.execute(FILL)
    writer.execute(COUNT)
    writer.execute("COMMIT")
    writer.close()
    connection = engine.open_reader()
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 100
        return 0

    connection.set_progress_handler(step, 100)

    def ask(*wanted: Any, **more: Any) -> tuple[RecordPage, int]:
        nonlocal steps
        steps = 0
        page = page_messages(Tx(connection, engine.dialect), PageMessages(1, *wanted, **more))
        return page, steps

    yield ask
    connection.close()
    engine.sqlalchemy.dispose()


@pytest.mark.parametrize("offset", [0, 77_777, ROWS // 2, ROWS - 10])
def test_a_page_at_any_depth_reads_no_more_than_its_hour(ask: Ask, offset):
    page, steps = ask(offset=offset)
    assert page.total == ROWS
    assert [line.number for line in page.lines] == list(range(ROWS - offset, ROWS - offset - 10, -1))
    assert steps < AN_HOUR * STEPS_A_ROW + 600 * STEPS_A_ROW  # one hour's messages, and all counters


def test_a_page_is_reached_from_the_nearer_end_of_its_hour(ask: Ask):
    page, nearly_through = ask(offset=AN_HOUR - 13)
    assert [line.number for line in page.lines] == list(range(ROWS - AN_HOUR + 13, ROWS - AN_HOUR + 3, -1))
    _, first = ask()
    _, in_the_middle = ask(offset=AN_HOUR // 2)
    assert nearly_through < first + 20 * STEPS_A_ROW
    assert in_the_middle > first + AN_HOUR


def test_a_page_beyond_the_end_reads_the_counters_alone(ask: Ask):
    page, steps = ask(offset=ROWS)
    assert (page.lines, page.total) == ([], ROWS)
    assert steps < 600 * STEPS_A_ROW


@pytest.mark.parametrize(
    ("progress", "total"), [(Progress.FAILED, ROWS // 100), (Progress.PENDING, ROWS // 100)]
)
def test_what_is_rare_is_found_by_its_hours(ask: Ask, progress, total):
    page, steps = ask(progress, offset=total - 10)
    assert (len(page.lines), page.total) == (10, total)
    assert steps < 2 * AN_HOUR * STEPS_A_ROW + 600 * STEPS_A_ROW


def test_a_range_of_time_counts_only_the_hours_it_cuts(ask: Ask):
    hour = 3_600_000_000
    since, until = EPOCH_US + 20 * hour + 500, EPOCH_US + 180 * hour + 500
    page, steps = ask(since=since, until=until, offset=150_000)
    assert page.total == 160 * AN_HOUR
    assert [line.number for line in page.lines] == [180_500 - 150_000 - each for each in range(10)]
    assert steps < 3 * AN_HOUR * STEPS_A_ROW + 600 * STEPS_A_ROW


def test_a_database_of_the_release_before_is_counted_when_it_is_migrated(tmp_path):
    engine = SQLite(tmp_path)
    config = Config()
    config.set_main_option("script_location", str(Path(migrations).parent))
    with engine.sqlalchemy.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.commit()
    writer = engine.open_writer()
    writer.execute(FILL)
    writer.execute("UPDATE messages SET look_at = NULL WHERE state = 'sent' AND number % 3 = 0")
    with capture_logs() as told:
        migrate(engine.sqlalchemy)
    assert [(each["event"], each["log_level"]) for each in told] == [
        ("counting_messages", "info"),
        ("messages_counted", "info"),
    ]
    for progress in (None, *Progress):
        counted = page_messages(Tx(writer, engine.dialect), PageMessages(1, progress, limit=0)).total
        condition = CONDITIONS[progress]
        assert [(counted,)] == writer.execute(f"SELECT count(*) FROM messages WHERE {condition}").fetchall()  # noqa: S608 - ours
    writer.close()
    engine.sqlalchemy.dispose()


CONDITIONS = {
    None: "1",
    Progress.SUCCESS: "state = 'delivered' OR state = 'sent' AND look_at IS NULL",
    Progress.PENDING: "state = 'sent' AND look_at IS NOT NULL",
    Progress.FAILED: "state = 'failed'",
}
