"""What is done to a whole batch, in steps: each a commit of its own."""

from collections.abc import Awaitable, Callable

from posthouse.core.ports.changes import Step

STEP = 500
"""Messages that one step looks at."""


async def to_the_end(take: Callable[[int], Awaitable[Step]]) -> tuple[int, bool]:
    """Take every step; answers how many messages they changed, and whether the key was used.

    `take` makes the step behind a message's id. Where it breaks off, the rest can be done by asking again,
    and under the same key the count goes on too.
    """
    changed, after_id, replayed = 0, 0, False
    while True:
        step = await take(after_id)
        changed += step.changed
        replayed = replayed or step.replayed
        if step.looked_to is None:
            return changed, replayed
        after_id = step.looked_to
