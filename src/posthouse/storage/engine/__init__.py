"""What differs between databases, and nothing else does: opening, locking, begin, ON CONFLICT."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

INSERTS: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""Each dialect's own `insert`, which knows ON CONFLICT."""
