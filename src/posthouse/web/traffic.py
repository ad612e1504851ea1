"""What came of every request: counted always, told one by one where such detail is wanted."""

import structlog

from posthouse.core.ports.store import Clock
from posthouse.observe import Metrics, detailed
from posthouse.web.asgi import Answer

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class Traffic:
    """The requests of one surface, which is known by how its paths begin."""

    def __init__(self, surface: str, counts: Metrics, clock: Clock) -> None:
        self._surface = surface
        self._counts = counts
        self._clock = clock

    def answered(
        self, route: str, answer: Answer, request_id: str, *, since: int, replayed: bool = False
    ) -> None:
        """A request that came at `since` gets this answer. Paths may hold numbers, so none is named."""
        self._counts.answered(route, answer.status)
        if answer.refused is not None:
            self._counts.refused(self._surface, answer.refused)
        if replayed:
            self._counts.replayed(route)
        if detailed():
            log.debug(
                "request",
                route=route,
                status=answer.status,
                code=answer.refused,
                ms=(self._clock.now() - since) / 1000,
                request_id=request_id,
            )
