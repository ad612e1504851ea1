"""What every table is made with: the metadata, 64-bit integers, constants within the SQL."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, MetaData, literal_column

from posthouse.core.ids import HOUR


def fixed(value: str | int) -> ColumnElement[Any]:
    """A constant written into the SQL: only constants find a partial index."""
    return literal_column(f"'{value}'" if isinstance(value, str) else str(value))


def hour_of(message_id: ColumnElement[int]) -> ColumnElement[int]:
    """The hour an id was taken in, counted from the ids' epoch."""
    return message_id // literal_column(str(HOUR), BigInteger())


NONE_SKIPPED = fixed(0)
"""For `.offset()` beside every `.limit()`: SQLAlchemy's SQLite dialect would add a parameter of its own."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

Big = BigInteger().with_variant(Integer, "sqlite")
"""64-bit; on SQLite an INTEGER PRIMARY KEY is the row id itself."""
