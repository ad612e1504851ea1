"""The tables, defined once for both engines: integers for time (microseconds UTC) and money (micro-units).

Rules that keep them fast at tens of millions of rows: ids are time-ordered, so rows and index
entries are appended; an index exists only where a query needs it; what is looked up by a random
key (idempotency, vendor references) lives in small tables of its own; the message row is its own
outbox, and only open messages are in its partial indexes.
"""

from posthouse.storage.schema.accounts import (
    accounts,
    balances,
    channels,
    idempotency,
    keys,
    prices,
    routes,
    there,
    transfers,
)
from posthouse.storage.schema.admission import admissions, suppressions
from posthouse.storage.schema.attempts import (
    attempts,
    correspondents,
    delivered_parts,
    parked_receipts,
    replies,
    vendor_references,
)
from posthouse.storage.schema.base import NONE_SKIPPED, Big, fixed, hour_of, metadata
from posthouse.storage.schema.counting import (
    FINAL_SENT,
    counters,
    daily_counts,
    hourly_counts,
    nothing_counted,
    state_counts,
)
from posthouse.storage.schema.guarding import conversions, guard_counts, guard_entries
from posthouse.storage.schema.messages import (
    batches,
    events,
    held_messages,
    leased,
    messages,
    staged,
    timed,
    unheard,
    waiting,
)
from posthouse.storage.schema.templates import (
    approval_changes,
    approvals,
    signatures,
    template_versions,
    templates,
    word_lists,
)
from posthouse.storage.schema.verifications import (
    challenges,
    code_counts,
    fixed_codes,
    pending,
    silent,
    verifications,
)

__all__ = [
    "FINAL_SENT",
    "NONE_SKIPPED",
    "Big",
    "accounts",
    "admissions",
    "approval_changes",
    "approvals",
    "attempts",
    "balances",
    "batches",
    "challenges",
    "channels",
    "code_counts",
    "conversions",
    "correspondents",
    "counters",
    "daily_counts",
    "delivered_parts",
    "events",
    "fixed",
    "fixed_codes",
    "guard_counts",
    "guard_entries",
    "held_messages",
    "hour_of",
    "hourly_counts",
    "idempotency",
    "keys",
    "leased",
    "messages",
    "metadata",
    "nothing_counted",
    "parked_receipts",
    "pending",
    "prices",
    "replies",
    "routes",
    "signatures",
    "silent",
    "staged",
    "state_counts",
    "suppressions",
    "template_versions",
    "templates",
    "there",
    "timed",
    "transfers",
    "unheard",
    "vendor_references",
    "verifications",
    "waiting",
    "word_lists",
]
