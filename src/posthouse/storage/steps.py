"""Work on a batch in bounded steps under one idempotency key: its reply tells how far they have come."""

from dataclasses import replace

from posthouse.core.ports.changes import Step
from posthouse.core.ports.life import Once
from posthouse.storage import idempotency
from posthouse.storage.tx import Tx


def so_far(tx: Tx, once: Once) -> Step | None:
    """What was done under this key before. Refuses with IDEMPOTENCY_KEY_REUSED."""
    kept = idempotency.reply(tx, once)
    if kept is None:
        return None
    changed, looked_to = map(int, kept.split())
    return Step(changed, looked_to or None, replayed=True)


def note(tx: Tx, once: Once, before: Step | None, step: Step, at: int) -> None:
    """Add a step to those that were made `before`."""
    changed = step.changed + (0 if before is None else before.changed)
    once = replace(once, reply=b"%d %d" % (changed, step.looked_to or 0))
    if before is None:
        idempotency.keep(tx, once, at)
    else:
        idempotency.revise(tx, once)
