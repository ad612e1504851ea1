"""The platform's list of prefixes that get no codes, for operators: who loads it, loads it whole."""

from typing import Any

from posthouse.web.body import Form
from posthouse.web.dialects.v1.guard import need_live
from posthouse.web.dialects.v1.guard_wire import FAULTS, PrefixesCount, PrefixesReply, PrefixesRequest
from posthouse.web.endpoint import Call, Nothing, Route
from posthouse.web.services import Services

BODY_MAX = 4 * 1024 * 1024
"""Bytes; 100,000 prefixes of 15 digits are 2 MB."""


class Prefixes:
    """The calls about the platform's prefixes."""

    def __init__(self, services: Services) -> None:
        self._guarding = services.guarding

    async def get(self, _call: Call[Nothing]) -> PrefixesReply:
        """The whole list."""
        prefixes = await self._guarding.prefixes()
        return PrefixesReply(len(prefixes), prefixes)

    async def put(self, call: Call[PrefixesRequest]) -> PrefixesCount:
        """Another list instead; a prefix given twice counts once."""
        need_live(call.caller)
        return PrefixesCount(await self._guarding.set_prefixes(call.wanted.prefixes))


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The calls about the platform's prefixes."""
    prefixes = Prefixes(services)
    return (
        Route(
            method="GET",
            path="/v1/guard/prefixes",
            name="guard.prefixes",
            summary="Prefixes that get no codes, whoever asks",
            form=Form(Nothing),
            handle=prefixes.get,
            reply=PrefixesReply,
            scope="accounts:read",
        ),
        Route(
            method="PUT",
            path="/v1/guard/prefixes",
            name="guard.set_prefixes",
            summary="Set the prefixes that get no codes",
            form=Form(PrefixesRequest, faults=FAULTS),
            example={"prefixes": ["+23767", "+8835"]},
            handle=prefixes.put,
            reply=PrefixesCount,
            scope="accounts:write",
            body_max=BODY_MAX,
        ),
    )
