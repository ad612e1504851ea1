"""What can be asked about batches."""

from collections.abc import Mapping
from dataclasses import dataclass

from posthouse.core.ports.store import Query


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """A batch and what has become of it: messages by state.

    `amount` is what its messages cost when they were accepted. `done`: none of them
    will change but by late news.
    """

    id: int
    account_id: int
    count: int
    amount: int
    reference: str | None
    created_at: int
    states: Mapping[str, int]
    done: bool


@dataclass(frozen=True, slots=True)
class GetBatch(Query[BatchRecord | None]):
    """One batch of an account, once it is published."""

    account_id: int
    batch_id: int


@dataclass(frozen=True, slots=True)
class BatchPage:
    """Batches, newest first; the list goes on below the id `next_before`, where there is one."""

    batches: list[BatchRecord]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class ListBatches(Query[BatchPage]):
    """Batches of an account below the id `before_id`, newest first.

    One query counts a bounded number of messages: a page may hold fewer than `limit`, though never none,
    while `next_before` says that there are more.
    """

    account_id: int
    reference: str | None = None
    limit: int = 20
    before_id: int | None = None
