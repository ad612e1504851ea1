"""What handsets wrote before there was an inbox is in it, in the order it came."""

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from posthouse.core.ids import taken_at
from posthouse.storage.engine.sqlite import SQLite
from posthouse.storage.migrating import migrate
from posthouse.storage.migrations import __file__ as migrations

AT = 1_795_852_800_000_000


def test_replies_of_an_older_release_get_ids_that_tell_when_they_came(tmp_path):
    engine = SQLite(tmp_path).sqlalchemy
    config = Config()
    config.set_main_option("script_location", migrations.rpartition("/")[0])
    with engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
        for number, at in ((1, 0), (2, AT), (3, AT), (4, AT + 1)):
            connection.execute(
                text(
                    "INSERT INTO replies (id, channel_id, reference, sender, text, at) "
                    "VALUES (:number, 1, :number, '+8613800138000', 'OK', :at)"
                ),
                {"number": number, "at": at},
            )
    migrate(engine)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT id, reference, received_at FROM replies ORDER BY id")).all()
    engine.dispose()
    assert [row.reference for row in rows] == ["1", "2", "3", "4"]
    assert [(taken_at(row.id), row.received_at) for row in rows[1:]] == [(AT, AT), (AT, AT), (AT + 1,) * 2]
    assert (rows[0].id, rows[0].received_at) == (1, 0)
