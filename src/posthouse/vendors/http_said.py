"""What came over HTTP, an answer or a callback, before anybody knows what it means."""

from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from posthouse.core.ports.vendor import Callback
from posthouse.vendors.adapter import Response
from posthouse.vendors.bounds import json_of

FIELDS_MAX = 1000
"""Fields of a query or a form."""


class Said:
    """An answer or a callback, looked at only as far as somebody asks."""

    def __init__(self, came: Response | Callback, *, key: str = "") -> None:
        """`key`: our own reference of what it is about."""
        self.headers = came.headers
        self.body = came.body
        self.status = came.status if isinstance(came, Response) else 0
        self.query = _fields(came.query) if isinstance(came, Callback) else {}
        self.key = key

    @cached_property
    def text(self) -> str:
        """The body without white space around it; what is not UTF-8 in it is replaced."""
        return self.body.decode(errors="replace").strip()

    @cached_property
    def json(self) -> Any:  # noqa: ANN401 - whatever somebody says
        """The body as JSON; None for one that is none."""
        try:
            return json_of(self.body)
        except (ValueError, RecursionError):
            return None

    @cached_property
    def form(self) -> dict[str, bytes]:
        """The body as a form."""
        return _fields(self.body.decode("latin-1"))

    def item(self, part: object) -> "Said":
        """The same, with one part of its JSON in place of the whole, and no other body."""
        one = Said.__new__(Said)  # there may be a hundred thousand
        vars(one).update(vars(self), body=b"", json=part)
        return one


def at(value: Any, path: str) -> Any:  # noqa: ANN401 - any JSON
    """What stands in JSON under the steps of a path; None for nothing."""
    for step in path.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isascii() and step.isdecimal() and len(step) < len("10000"):
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return None
    return value


def word(value: Any) -> str | None:  # noqa: ANN401 - any JSON
    """A text, number or boolean of JSON as text; None for all else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def _fields(text: str) -> dict[str, bytes]:
    """Fields by name, the first of each, as bytes: their character set may be a field of its own."""
    pairs = parse_qsl(text, keep_blank_values=True, encoding="latin-1", max_num_fields=FIELDS_MAX)
    return {name: value.encode("latin-1", "replace") for name, value in reversed(pairs)}
