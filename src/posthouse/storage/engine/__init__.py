"""What differs between databases, and nothing else does: opening, locking, begin, ON CONFLICT."""

from importlib import import_module

from sqlalchemy import Table
from sqlalchemy.sql import Insert


def insert_into(table: Table, dialect: str) -> Insert:
    """The dialect's own `insert`, which knows ON CONFLICT; a dialect nobody uses is not even imported."""
    insert: Insert = import_module(f"sqlalchemy.dialects.{dialect}").insert(table)
    return insert
