"""How many of the codes that channels carry are used, read now and then and not for each message."""

from collections.abc import Callable, Mapping, Sequence

from posthouse.core.conversion import Conversion
from posthouse.core.ports.conversions import GetConversions
from posthouse.core.ports.store import Clock, Store
from posthouse.core.routing import Channel

WINDOW_US = 3_600_000_000
"""What is older says little of how a channel does now."""


class Conversions:
    """The figures of the last hour, by country."""

    def __init__(self, store: Store, clock: Clock, channels: Callable[[], Sequence[Channel]]) -> None:
        self._store = store
        self._clock = clock
        self._channels = channels
        self._by_country: Mapping[str, tuple[Conversion, ...]] = {}

    def of(self, country: str) -> tuple[Conversion, ...]:
        """The channels that carried codes there, with what became of those."""
        return self._by_country.get(country, ())

    async def refresh(self) -> None:
        """Read them anew, where there are channels to choose between."""
        if sum(not channel.simulated for channel in self._channels()) > 1:
            self._by_country = await self._store.read(GetConversions(self._clock.now() - WINDOW_US))
        else:
            self._by_country = {}
