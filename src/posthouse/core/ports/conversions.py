"""How many codes come to be used, as routing and the metrics ask for it; live ones only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from posthouse.core.conversion import Conversion
from posthouse.core.ports.store import Query

OTHER = "other"
"""Stands for all prefixes that are not shown by themselves."""


@dataclass(frozen=True, slots=True)
class GetConversions(Query[Mapping[str, tuple[Conversion, ...]]]):
    """Codes that were asked for since then, by country; in it by channel, the last that took them.

    They are counted by the hour: those of the whole hour that `since` is in are among them.
    """

    since: int


class Converted(NamedTuple):
    """Verifications that ended, and how many verified.

    Attributes:
        channel: by its label: the last that took the code; empty: none did, or it is gone.
        prefix: of the numbers, all but their last four digits, or `OTHER`.
    """

    country: str
    channel: str
    prefix: str
    ended: int
    verified: int


@dataclass(frozen=True, slots=True)
class ListConversions(Query[list[Converted]]):
    """The same by country, channel and prefix; only the `prefixes` most used are told apart."""

    since: int
    prefixes: int
