"""The receipts' loop: every channel's vendor is listened to, and again when listening fails."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

import structlog

from posthouse.core.ports.vendor import Settle, Vendor
from posthouse.workers.pace import Wait, backoff_s, rest

LOOK_EVERY_S = 1.0
STEADY_S = 60.0
"""After listening this long a failure counts as the first again."""

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class Receipts:
    """One listener for each channel; channels may come, go and change while it runs."""

    def __init__(
        self,
        *,
        vendors: Mapping[int, Vendor],
        settle_of: Callable[[int], Settle],
        stop: asyncio.Event,
        wait: Wait = rest,
    ) -> None:
        """`vendors` by channel id, looked at each second; `settle_of` makes a channel's `Settle`."""
        self._vendors = vendors
        self._settle_of = settle_of
        self._stop = stop
        self._wait = wait
        self._listeners: dict[int, tuple[Vendor, asyncio.Task[None]]] = {}

    async def run(self) -> None:
        """Listen until `stop`."""
        try:
            while not self._stop.is_set():
                await self._follow()
                await self._wait(self._stop, LOOK_EVERY_S)
        finally:
            await self._end(list(self._listeners))

    async def _follow(self) -> None:
        vendors = dict(self._vendors)
        listeners = self._listeners.items()
        await self._end([number for number, (vendor, _) in listeners if vendors.get(number) is not vendor])
        for channel_id in vendors.keys() - self._listeners.keys():
            vendor = vendors[channel_id]
            self._listeners[channel_id] = (vendor, asyncio.create_task(self._listen(channel_id, vendor)))

    async def _listen(self, channel_id: int, vendor: Vendor) -> None:
        """Supervise one listener. One that returns has nothing to listen to."""
        failures = 0
        loop = asyncio.get_running_loop()
        while not self._stop.is_set():
            since = loop.time()
            try:
                await vendor.listen(self._settle_of(channel_id))
            except Exception as error:
                failures = 1 if loop.time() - since > STEADY_S else failures + 1
                log.warning(
                    "listener_failed", channel_id=channel_id, error=type(error).__name__, failures=failures
                )
            else:
                return
            await self._wait(self._stop, backoff_s(failures))

    async def _end(self, channel_ids: Sequence[int]) -> None:
        """End listeners, all at once; one that just empties a queue may take some seconds, and loses nothing.

        Whoever runs out of patience and cancels this too waits until then all the same.
        """
        tasks = [self._listeners.pop(channel_id)[1] for channel_id in channel_ids]
        for task in tasks:
            task.cancel()
        ending = asyncio.gather(*tasks, return_exceptions=True)
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError:
            await ending
            raise
