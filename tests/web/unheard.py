"""Callbacks for a house whose channels are connected to nobody."""

from posthouse.core.ports.store import Clock
from posthouse.core.ports.vendor import Settle
from posthouse.observe import Metrics
from posthouse.services.directory import Directory
from posthouse.services.hearing import Hearing


def hearing_over(directory: Directory, clock: Clock, metrics: Metrics) -> Hearing:
    """Hears of nothing."""

    def settle_of(_channel_id: int) -> Settle:
        raise ValueError("there is nothing to settle here")

    return Hearing(
        key=b"p" * 32,
        records=directory.records,
        vendors={},
        settle_of=settle_of,
        clock=clock,
        metrics=metrics,
    )
