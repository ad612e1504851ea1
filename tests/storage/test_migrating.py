"""Migrations: whole or not at all, and the schema that the code expects."""

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from structlog.testing import capture_logs

from posthouse.core.keys import SCOPES
from posthouse.core.ports.templates import GetOwn, ListTemplates
from posthouse.storage.engine.sqlite import SQLite, connect
from posthouse.storage.migrating import UnknownRevision, current, differences, head, migrate
from posthouse.storage.migrations import __file__ as migrations
from posthouse.storage.owned import get_own
from posthouse.storage.templates import list_templates, save_first_template
from posthouse.storage.tx import Tx
from tests.contracts.backends import SQLiteBackend
from tests.contracts.build import World
from tests.contracts.codes import Desk

SCRIPTS = migrations.rpartition("/")[0]


@pytest.fixture
def engine(tmp_path):
    database = SQLite(tmp_path).sqlalchemy
    yield database
    database.dispose()


@pytest.fixture
def config():
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    return config


def test_migrations_build_the_schema_that_the_code_expects(engine):
    assert current(engine) is None
    with capture_logs() as told:
        migrate(engine)
    assert told == []  # there was nothing to count
    assert current(engine) == head()
    assert differences(engine) == []


def test_the_newest_file_is_the_newest_revision(config):
    assert head() == ScriptDirectory.from_config(config).get_current_head()


def test_a_migration_cut_short_leaves_nothing_behind(engine, config):
    with engine.connect() as connection, connection.begin() as transaction:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        transaction.rollback()
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
    migrate(engine)
    assert current(engine) == head()


def test_migrating_twice_changes_nothing(engine):
    migrate(engine)
    migrate(engine)
    assert current(engine) == head()


def test_a_schema_of_another_release_is_left_alone(engine):
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UnknownRevision, match="9999"):
        migrate(engine)


def test_keys_of_the_first_release_may_do_what_is_new_for_their_account_and_operators_everything(
    engine, config
):
    old = "account:read messages:read messages:write sandbox:read"
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for number, (role, scopes) in enumerate(
            [("operator", old), ("operator", "messages:read"), ("account", old)]
        ):
            connection.execute(
                text(
                    "INSERT INTO keys"
                    " (lookup, account_id, role, mode, scopes, token_hash, secret_hash, created_at)"
                    " VALUES (:lookup, 1, :role, 'live', :scopes, x'00', x'00', 1)"
                ),
                {"lookup": str(number), "role": role, "scopes": scopes},
            )
    migrate(engine)
    own = {*old.split(), "suppressions:read", "suppressions:write", "templates:read", "templates:write"}
    with engine.connect() as connection:
        found = connection.execute(text("SELECT scopes FROM keys ORDER BY id")).scalars().all()
    assert found == [" ".join(sorted(SCOPES)), "messages:read", " ".join(sorted(own))]


def test_accounts_that_were_there_get_the_template_that_new_ones_begin_with(engine, config, tmp_path):
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        for name in ("acme", "beta"):
            connection.execute(
                text(
                    "INSERT INTO accounts"
                    " (name, status, region, currency, unknown_policy, total, numbered, created_at)"
                    " VALUES (:name, 'approved', 'CN', 'CNY', 'leave', 0, 0, 7)"
                ),
                {"name": name},
            )
    migrate(engine)
    connection = connect(str(tmp_path / SQLite.file))
    connection.execute("BEGIN IMMEDIATE")
    tx = Tx(connection, SQLite(tmp_path).dialect)
    save_first_template(tx, 3, 7)
    had, got, made = (get_own(tx, GetOwn(number)).templates for number in (1, 2, 3))
    assert had == got == made
    assert set(made) == {"1"}
    assert [record.row for record in list_templates(tx, ListTemplates(2, 10))] == [2]
    connection.close()


@pytest.mark.parametrize("state", ["queued", "sending", "unknown", "delivered"])
async def test_no_way_leads_back_while_one_time_passwords_are_under_way(config, tmp_path, state):
    backend = SQLiteBackend(tmp_path)
    world = World(backend)
    await world.begin()
    await Desk(world).sent()
    await world.end()
    backend.plant(f"UPDATE messages SET state = '{state}'")  # noqa: S608 - words of ours
    engine = SQLite(tmp_path).sqlalchemy
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        if state == "delivered":
            command.downgrade(config, "0004")
        else:
            with pytest.raises(RuntimeError, match="one-time passwords are waiting"):
                command.downgrade(config, "0004")
    engine.dispose()
