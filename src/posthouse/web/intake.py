"""Take messages in, once for each idempotency key: the order of the steps, the same for every dialect."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakValueDictionary

from posthouse.core.errors import Refusal
from posthouse.core.ports.life import NewMessage
from posthouse.services.batching import BatchDraft
from posthouse.services.submit import Submit
from posthouse.web.endpoint import Call
from posthouse.web.idempotency import Mark, mark_of


class Intake:
    """Accepts what one operation drafts, or answers as it did before."""

    def __init__(self, submit: Submit, operation: str) -> None:
        """`operation`: its name in the scope of idempotency keys."""
        self._submit = submit
        self._operation = operation
        self._turns: WeakValueDictionary[tuple[int, str], asyncio.Lock] = WeakValueDictionary()

    async def one(
        self, call: Call[Any], draft: Callable[[], NewMessage], render: Callable[[NewMessage], bytes]
    ) -> bytes:
        """Take one message in. The hot path: nothing here awaits but the store."""
        submit, caller, name = self._submit, call.caller, self._operation
        mark = mark_of(call.headers, call.wanted)
        try:
            message = draft()
        except Refusal:
            # The same request may have been fine when its key was first used.
            replayed = None if mark is None else await submit.replay(caller, name, mark.key, mark.request)
            if replayed is None:
                raise
        else:
            reply = render(message)
            once = None if mark is None else submit.once(caller, name, mark.key, mark.request, reply)
            replayed = await submit.accept(caller, message, once)
            if replayed is None:
                return reply
        call.replayed = True
        return replayed

    async def many(
        self,
        call: Call[Any],
        draft: Callable[[], Awaitable[BatchDraft]],
        render: Callable[[BatchDraft], bytes],
    ) -> bytes:
        """Take a batch in; `draft` refuses one that is not to be accepted.

        Repetitions wait for each other: to the limits of an account, the recipients of one that is being
        accepted are the same as those of another.
        """
        mark = mark_of(call.headers, call.wanted)
        if mark is None:
            return await self._first(call, draft, render, None)
        turn = self._turns.setdefault((call.caller.account.id, mark.key), asyncio.Lock())
        async with turn:
            # Asked first: a repetition should neither be checked anew nor stage its chunks anew.
            replayed = await self._replay(call, mark)
            if replayed is None:
                return await self._first(call, draft, render, mark)
        call.replayed = True
        return replayed

    async def _first(
        self,
        call: Call[Any],
        draft: Callable[[], Awaitable[BatchDraft]],
        render: Callable[[BatchDraft], bytes],
        mark: Mark | None,
    ) -> bytes:
        submit, caller = self._submit, call.caller
        try:
            drafted = await draft()
        except Refusal:
            # Another process may have accepted it meanwhile.
            replayed = None if mark is None else await self._replay(call, mark)
            if replayed is None:
                raise
        else:
            reply = render(drafted)
            once = (
                None if mark is None else submit.once(caller, self._operation, mark.key, mark.request, reply)
            )
            replayed = await submit.accept_batch(drafted, once)
            if replayed is None:
                return reply
        call.replayed = True
        return replayed

    async def _replay(self, call: Call[Any], mark: Mark) -> bytes | None:
        return await self._submit.replay(call.caller, self._operation, mark.key, mark.request)
