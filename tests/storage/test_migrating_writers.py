"""Who wrote last to a number stays known when the table changes, forth and back."""

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from posthouse.storage.engine.sqlite import SQLite
from posthouse.storage.migrations import __file__ as migrations

DAY_US = 86_400_000_000
AT = 1_795_852_800_000_000


def test_the_last_writer_of_a_number_is_known_before_and_after(tmp_path):
    engine = SQLite(tmp_path).sqlalchemy
    config = Config()
    config.set_main_option("script_location", migrations.rpartition("/")[0])
    writes = text("INSERT INTO correspondents VALUES (1, :number, :account, :message, :at)")
    with engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")
        for message, number in enumerate(("+8613800138000", "+8613800138001"), 1):
            connection.execute(writes, {"number": number, "account": 7, "message": message, "at": AT})
        command.upgrade(config, "0007")
        later = {"period": (AT + 40 * DAY_US) // (30 * DAY_US), "at": AT + 40 * DAY_US}
        connection.execute(
            text("INSERT INTO correspondents VALUES (:period, 1, '+8613800138001', 8, 3, :at)"), later
        )
        found = connection.execute(text("SELECT number, account_id, message_id, at FROM correspondents"))
        assert len(found.all()) == 3
        command.downgrade(config, "0006")
        rows = connection.execute(text("SELECT account_id, message_id FROM correspondents ORDER BY number"))
        assert rows.all() == [(7, 1), (8, 3)]
    engine.dispose()
