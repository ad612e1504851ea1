"""What the operator sees: structured events, metrics, and the places where a crash can be rehearsed."""

from posthouse.observe.events import configure, detailed
from posthouse.observe.failpoints import FAILPOINTS, UnknownFailpoint, arm, failpoint
from posthouse.observe.metrics import Metrics

__all__ = ["FAILPOINTS", "Metrics", "UnknownFailpoint", "arm", "configure", "detailed", "failpoint"]
