"""Test numbers: for reviewers of apps and for end-to-end tests, who cannot read a message."""

from dataclasses import replace
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from posthouse.core.errors import Code
from posthouse.core.ids import TEST_NUMBER, read, show
from posthouse.core.message import Mode
from posthouse.core.ports.otp import TEST_NUMBERS_MAX, FixedCode
from posthouse.core.times import rfc3339
from posthouse.services.test_numbers import TTL_MAX_S, TTL_MIN_S, TTL_S
from posthouse.web.body import SMALL, Form
from posthouse.web.dialects.v1.records import Time
from posthouse.web.dialects.v1.wire import Key, To
from posthouse.web.endpoint import Call, Nothing, Route
from posthouse.web.idempotency import create
from posthouse.web.refuse import not_found
from posthouse.web.services import Services

CREATE = "test_numbers.create"


class TestNumberRequest(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A number that gets no messages, and whose code is always the same one."""

    to: To
    code: Annotated[
        str,
        Meta(
            description="Its code: 6 to 10 digits; with a test key 4 to 10.",
            examples=["246810"],
            min_length=1,
            max_length=64,
        ),
    ]
    ttl_s: Annotated[
        int,
        Meta(
            description="For how long; then it is a number like any other.",
            examples=[TTL_S],
            ge=TTL_MIN_S,
            le=TTL_MAX_S,
        ),
    ] = TTL_S
    idempotency_key: Key | None = None


class TestNumber(Struct):
    """A test number. Its code is not told again: a hash of it is all that is kept."""

    id: Annotated[str, Meta(examples=["tst_0c7xk3m9p2q4r"])]
    to: Annotated[str, Meta(description="E.164.", examples=["+15555550123"])]
    mode: Annotated[
        str,
        Meta(
            description="Of the keys it holds for: those of the same mode as the key that made it.",
            examples=["live"],
            extra_json_schema={"enum": list(Mode)},
        ),
    ]
    created_at: Time
    expires_at: Time


class TestNumberRows(Struct):
    """An account's test numbers of the key's mode, newest first."""

    data: Annotated[list[TestNumber], Meta(description=f"{TEST_NUMBERS_MAX} at most.")]


class Numbers:
    """The calls about test numbers."""

    def __init__(self, services: Services) -> None:
        self._submit = services.submit
        self._numbers = services.test_numbers

    async def every(self, call: Call[Nothing]) -> TestNumberRows:
        """The account's test numbers, newest first: those of the key's own mode."""
        found = await self._numbers.every(call.caller.account.id, call.caller.mode)
        return TestNumberRows([of_fixed(entry) for entry in found])

    async def create(self, call: Call[TestNumberRequest]) -> bytes:
        """Make a number a test number, or give one another code."""
        caller, wanted = call.caller, call.wanted
        command = self._numbers.draft(caller.account, caller.mode, wanted.to, wanted.code, wanted.ttl_s)
        reply = msgspec.json.encode(of_fixed(command.entry))
        return await create(
            call,
            self._submit,
            CREATE,
            reply,
            lambda once: self._numbers.save(replace(command, once=once)),
        )

    async def delete(self, call: Call[Nothing]) -> TestNumber:
        """Make it a number like any other; answers what it was."""
        row = read(TEST_NUMBER, call.path["id"])
        if row is None:
            raise not_found("test_number")
        return of_fixed(await self._numbers.drop(call.caller.account.id, call.caller.mode, row))


def of_fixed(entry: FixedCode) -> TestNumber:
    """A test number that is stored, or is being."""
    return TestNumber(
        show(TEST_NUMBER, entry.row),
        entry.number,
        entry.mode.value,
        rfc3339(entry.created_at),
        rfc3339(entry.expires_at),
    )


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The calls about test numbers."""
    numbers = Numbers(services)
    return (
        Route(
            method="GET",
            path="/v1/test-numbers",
            name="test_numbers.list",
            summary="Test numbers, newest first",
            form=Form(Nothing),
            handle=numbers.every,
            reply=TestNumberRows,
            scope="guard:read",
        ),
        Route(
            method="POST",
            path="/v1/test-numbers",
            name=CREATE,
            summary="Give a number a code of its own, and send it none",
            form=Form(
                TestNumberRequest,
                faults={
                    "code": (Code.INVALID_VALUE, {"kind": "code"}),
                    "ttl_s": (Code.INVALID_VALUE, {"minimum": TTL_MIN_S, "maximum": TTL_MAX_S}),
                },
            ),
            handle=numbers.create,
            reply=TestNumber,
            status=201,
            scope="guard:write",
            refusals=(Code.INVALID_NUMBER, Code.INVISIBLE_CHARACTERS, Code.TOO_MANY),
            idempotent=True,
            body_max=SMALL,
            example={"to": "+15555550123", "code": "246810"},
        ),
        Route(
            method="DELETE",
            path="/v1/test-numbers/{id}",
            name="test_numbers.delete",
            summary="Make a test number a number like any other",
            form=Form(Nothing),
            handle=numbers.delete,
            reply=TestNumber,
            scope="guard:write",
            refusals=(Code.NOT_FOUND,),
            path_params={"id": "The test number's id, as tst_0c7xk3m9p2q4r."},
        ),
    )
