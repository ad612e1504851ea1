"""Numbers kept in plain dicts and shown when somebody looks: a lock and a child cost more than the count.

Each label set of a number is written by one thread only, and read by any.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry
from prometheus_client.utils import floatToGoString


class Tally(Collector):
    """Something that is counted, by its labels."""

    def __init__(self, registry: CollectorRegistry, name: str, help: str, *labels: str) -> None:
        self._name, self._help, self._labels = name, help, labels
        self._counts: dict[tuple[str, ...], float] = defaultdict(float)
        if not labels:
            self._counts[()] = 0.0
        registry.register(self)

    def add(self, *labels: str, count: float = 1) -> None:
        """Count; the labels in the order of their names."""
        self._counts[labels] += count

    def all(self) -> dict[tuple[str, ...], float]:
        """Everything counted so far, by its labels."""
        return dict(self._counts)

    def describe(self) -> list[Metric]:
        """Its name, for the registry."""
        return [CounterMetricFamily(self._name, self._help, labels=self._labels)]

    def collect(self) -> Iterator[Metric]:
        """Its numbers now."""
        family = CounterMetricFamily(self._name, self._help, labels=self._labels)
        for labels, count in list(self._counts.items()):
            family.add_metric(labels, count)
        yield family


class Level(Collector):
    """Something that rises and falls, by its labels."""

    def __init__(self, registry: CollectorRegistry, name: str, help: str, *labels: str) -> None:
        self._name, self._help, self._labels = name, help, labels
        self._levels: dict[tuple[str, ...], float] = defaultdict(float)
        registry.register(self)

    def set(self, *labels: str, to: float) -> None:
        """It stands there now."""
        self._levels[labels] = to

    def change(self, *labels: str, by: float) -> None:
        """It rises, or falls."""
        self._levels[labels] += by

    def drop(self, *labels: str) -> None:
        """There is no such thing any more."""
        self._levels.pop(labels, None)

    def replace(self, levels: Mapping[tuple[str, ...], float]) -> None:
        """It stands so for these labels now, and there are no others any more."""
        self._levels = defaultdict(float, levels)

    def describe(self) -> list[Metric]:
        """Its name, for the registry."""
        return [GaugeMetricFamily(self._name, self._help, labels=self._labels)]

    def collect(self) -> Iterator[Metric]:
        """Where it stands now."""
        family = GaugeMetricFamily(self._name, self._help, labels=self._labels)
        for labels, level in list(self._levels.items()):
            family.add_metric(labels, level)
        yield family


class _Sizes:
    __slots__ = ("counts", "total")

    def __init__(self, buckets: int) -> None:
        self.counts = [0] * buckets
        self.total = 0.0


class Spread(Collector):
    """How large something is each time: counts by upper bound, by its labels."""

    def __init__(
        self, registry: CollectorRegistry, name: str, help: str, *labels: str, bounds: Sequence[float]
    ) -> None:
        """`bounds` rise; what is above the last is counted too."""
        self._name, self._help, self._labels = name, help, labels
        self._bounds = tuple(bounds)
        self._titles = [*map(floatToGoString, bounds), "+Inf"]
        self._sizes: dict[tuple[str, ...], _Sizes] = {}
        if not labels:
            self._sizes[()] = _Sizes(len(self._titles))
        registry.register(self)

    def observe(self, size: float, *labels: str) -> None:
        """It was so large this time; the labels in the order of their names."""
        sizes = self._sizes.get(labels)
        if sizes is None:
            sizes = self._sizes[labels] = _Sizes(len(self._titles))
        sizes.counts[bisect_left(self._bounds, size)] += 1
        sizes.total += size

    def describe(self) -> list[Metric]:
        """Its name, for the registry."""
        return [HistogramMetricFamily(self._name, self._help, labels=self._labels)]

    def collect(self) -> Iterator[Metric]:
        """Its counts now."""
        family = HistogramMetricFamily(self._name, self._help, labels=self._labels)
        for labels, sizes in list(self._sizes.items()):
            buckets, seen = [], 0
            for title, count in zip(self._titles, list(sizes.counts), strict=True):
                seen += count
                buckets.append((title, float(seen)))
            family.add_metric(labels, buckets=buckets, sum_value=sizes.total)
        yield family
