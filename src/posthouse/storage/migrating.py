"""Bring a database to the schema of this release.

Alembic costs a third of a second to import, which only migrating is worth: looking whether there is
anything to migrate does without it.
"""

from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import Engine

from posthouse.storage.schema import metadata

_SCRIPTS = Path(__file__).parent / "migrations"


class UnknownRevision(Exception):
    """The database was migrated by another release, to a revision this one does not know."""


def head() -> str:
    """The newest revision this release knows."""
    return max(_known())


def knows(revision: str) -> bool:
    """Whether this release can bring a database of this revision up to date."""
    return revision in _known()


def current(engine: Engine) -> str | None:
    """The revision the database is at; None when it is empty."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found


def migrate(engine: Engine) -> None:
    """Run what is missing.

    Raises:
        UnknownRevision: see the class.
    """
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415 - see above

    revision = current(engine)
    if revision is not None and not knows(revision):
        raise UnknownRevision(revision)
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def differences(engine: Engine) -> list[object]:
    """How the database differs from `storage/schema.py`; nothing, after `migrate`."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - see above
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 - see above

    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))


def _known() -> frozenset[str]:
    """Every revision: a migration's file is called `<revision>_<what>.py`, and the names sort by age."""
    return frozenset(path.name.partition("_")[0] for path in (_SCRIPTS / "versions").glob("[0-9]*_*.py"))
