"""The words that an account's messages must not hold, for operators."""

from typing import Any

from posthouse.core.errors import Code
from posthouse.web.body import Form
from posthouse.web.dialects.v1.admin_records import WordsCount, WordsReply
from posthouse.web.dialects.v1.admin_wire import WordsRequest
from posthouse.web.endpoint import Call, Nothing, Route
from posthouse.web.services import Services

BODY_MAX = 2 * 1024 * 1024
"""Bytes; 10,000 words of 50 Chinese characters are 1.5 MB."""


class Words:
    """The calls about words. What was accepted before is not looked at again."""

    def __init__(self, services: Services) -> None:
        self._administer = services.administer
        self._directory = services.directory

    async def get(self, call: Call[Nothing]) -> WordsReply:
        """The whole list."""
        account = await self._administer.account(call.path["name"])
        words = await self._administer.words(account.id)
        return WordsReply(account.name, len(words), list(words))

    async def put(self, call: Call[WordsRequest]) -> WordsCount:
        """Another list instead."""
        account = await self._administer.account(call.path["name"])
        words = await self._administer.set_words(account.id, call.wanted.words)
        self._directory.forget()
        return WordsCount(account.name, len(words))


_NAME = {"name": "The account's name, as acme."}


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The calls about words."""
    words = Words(services)
    return (
        Route(
            method="GET",
            path="/v1/accounts/{name}/words",
            name="accounts.words",
            summary="The words that an account does not let pass",
            form=Form(Nothing),
            handle=words.get,
            reply=WordsReply,
            scope="accounts:read",
            refusals=(Code.NOT_FOUND,),
            path_params=_NAME,
        ),
        Route(
            method="PUT",
            path="/v1/accounts/{name}/words",
            name="accounts.set_words",
            summary="Set the words that an account does not let pass",
            form=Form(WordsRequest),
            example={"words": ["稳赚不赔", "free money"]},
            handle=words.put,
            reply=WordsCount,
            scope="accounts:write",
            refusals=(Code.NOT_FOUND, Code.INVALID_TEXT),
            body_max=BODY_MAX,
            path_params=_NAME,
        ),
    )
