"""What one vendor call carries: as many recipients as the vendor takes, alike in what it says but once."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any

from posthouse.core.ports.vendor import Capabilities, Outbound
from posthouse.services.call import outbound
from posthouse.services.plan import Load, Planned


def cut(load: Load, capabilities: Capabilities, burst: int | None) -> Iterator[Load]:
    """Cut a channel's load into calls, at most `burst` recipients each (None: no limit).

    No call has the same number twice, since a vendor's receipts would not tell the two apart; but simulators
    know messages by our own reference. What was first in line stays so among what is alike.
    """
    size = min(capabilities.recipients_max, burst or capabilities.recipients_max)
    if size == 1 or capabilities.simulated:
        yield from _chunks(load, load.planned, size)
        return
    groups: dict[object, list[Planned]] = defaultdict(list)
    seen: Counter[object] = Counter()
    alike = _likeness(load, capabilities.alike)
    for planned in load.planned:
        key = alike(planned)
        twin = key, planned.message.recipient
        groups[key, seen[twin]].append(planned)
        seen[twin] += 1
    for group in groups.values():
        yield from _chunks(load, group, size)


def _chunks(load: Load, planned: list[Planned], size: int) -> Iterator[Load]:
    for at in range(0, len(planned), size):
        yield Load(load.channel, planned[at : at + size])


def _likeness(load: Load, fields: tuple[str, ...]) -> Callable[[Planned], object]:
    """What must be equal for messages that share a call."""
    if not fields:
        return lambda _: None
    read: Callable[[Outbound], Any] = attrgetter(*fields)
    known: dict[object, object] = {}

    def key(planned: Planned) -> object:
        message, rendering = planned.message, planned.rendering
        # What says the same shares one rendering (`services/arrange.py`), which lives as long as the load.
        whole = id(rendering), message.sender, message.country, message.parts, message.lane
        if whole not in known:
            found = read(outbound(message, rendering, load.channel, 0))
            values = found if len(fields) > 1 else (found,)
            known[whole] = tuple(tuple(each.items()) if isinstance(each, dict) else each for each in values)
        return known[whole]

    return key
