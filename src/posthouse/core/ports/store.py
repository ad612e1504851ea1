"""The store's port: write a command, read a query; and the clock."""

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Command(Generic[R]):
    """Base of everything that changes the store; `R` is what the write returns."""


@dataclass(frozen=True, slots=True)
class Query(Generic[R]):
    """Base of everything that only reads; `R` is the answer."""


class Unavailable(Exception):
    """The commit failed or its outcome is unknown: the caller must not assume either.

    Repeating the request with the same idempotency key is safe.
    """


class Overloaded(Exception):
    """The writer's line is full; nothing was done."""


class Store(Protocol):
    """Durable state. One contract suite (`tests/contracts`) holds for every engine."""

    async def write(self, command: Command[R]) -> R:
        """Do the command; return after its commit is on disk.

        Raises:
            Refusal: decided before the first write of this command; nothing changed.
            Unavailable: the commit failed or its outcome is unknown.
            Overloaded: too many commands wait; nothing changed.
        """
        ...

    async def read(self, query: Query[R]) -> R:
        """Answer from the last committed state."""
        ...


class Clock(Protocol):
    """The only source of the time of day, so that tests can advance it."""

    def now(self) -> int:
        """Microseconds since 1970-01-01 UTC."""
        ...


class Wakeups(Protocol):
    """Tells dispatchers that there may be work. Losing a wake-up costs latency only."""

    def wake(self) -> None:
        """Something was queued."""
        ...

    async def wait(self, timeout_s: float) -> None:
        """Return at the next wake-up, or after `timeout_s` at the latest."""
        ...
