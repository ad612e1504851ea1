"""What vendors may answer that nobody expects, and what each answer says of the messages it is about."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

NOTHING: tuple[Any, ...] = (None, 0, "", [], {}, True)
"""Values where others belong."""
LIKE_TEXT: tuple[Any, ...] = (None, "", [], {})
"""The same for vendors whose ids may be numbers."""
DEEP = 50_000
PAGE = b"<!DOCTYPE html><html><body><h1>Ok</h1>accepted</body></html>"


class Said(Enum):
    """What an answer says of a message."""

    TAKEN = "taken"
    NOT = "not taken"
    UNCLEAR = "unclear"


TAKEN, NOT, UNCLEAR = Said.TAKEN, Said.NOT, Said.UNCLEAR


class Odd(NamedTuple):
    """An answer, and what it says of each message of the call; with `cut` it ends before its end."""

    name: str
    body: bytes
    says: tuple[Said, ...]
    status: int = 200
    kind: str = "application/json"
    cut: bool = False


class Tongue(NamedTuple):
    """How a vendor answers a call.

    `fine` says yes to numbers under ids; `steps`: to what of the first number nothing can be understood
    without, `whole`: without it nothing of the others either. `nothing`: values that are no text there.
    `refusals` and `riddles`: status and document.
    """

    fine: Callable[[Sequence[str], Sequence[str]], Any]
    steps: tuple[tuple[Any, ...], ...]
    whole: bool
    nothing: tuple[Any, ...]
    refusals: tuple[tuple[int, Any], ...]
    riddles: tuple[tuple[int, Any], ...]
    at_once: int = 1


def _tencent(numbers: Sequence[str], ids: Sequence[str]) -> Any:  # noqa: ANN401 - JSON
    rows = [
        {
            "SerialNo": serial,
            "PhoneNumber": number,
            "Fee": 1,
            "SessionContext": "",
            "Code": "Ok",
            "Message": "send success",
            "IsoCode": "CN",
        }
        for number, serial in zip(numbers, ids, strict=True)
    ]
    return {"Response": {"SendStatusSet": rows, "RequestId": "a0aabda6-cf91-4f3e"}}


def _tencent_error(code: str) -> Any:  # noqa: ANN401 - JSON
    return {"Response": {"Error": {"Code": code, "Message": "…"}, "RequestId": "a0aabda6-cf91-4f3e"}}


def _aliyun(_numbers: Sequence[str], ids: Sequence[str]) -> Any:  # noqa: ANN401 - JSON
    return {"Code": "OK", "Message": "OK", "BizId": ids[0], "RequestId": "0A1B-2C3D"}


def _aliyun_error(code: str) -> Any:  # noqa: ANN401 - JSON
    return {"Code": code, "Message": "…", "RequestId": "0A1B-2C3D"}


def _twilio(numbers: Sequence[str], ids: Sequence[str]) -> Any:  # noqa: ANN401 - JSON
    return {"sid": ids[0], "to": numbers[0], "status": "queued", "num_segments": "1", "error_code": None}


def _twilio_error(code: int, status: int) -> Any:  # noqa: ANN401 - JSON
    return {"code": code, "message": "…", "more_info": "https://www.twilio.com/docs/errors", "status": status}


def _http(_numbers: Sequence[str], ids: Sequence[str]) -> Any:  # noqa: ANN401 - JSON
    return {"status": "accepted", "id": ids[0]}


_ROW = ("Response", "SendStatusSet", 0)

TONGUES: Mapping[str, Tongue] = {
    "tencent": Tongue(
        _tencent,
        (_ROW, (*_ROW, "SerialNo"), (*_ROW, "PhoneNumber"), (*_ROW, "Code")),
        whole=False,
        nothing=NOTHING,
        refusals=tuple(
            (200, _tencent_error(code))
            for code in (
                "AuthFailure.SignatureFailure",
                "FailedOperation.InsufficientBalanceInSmsPackage",
                "LimitExceeded.PhoneNumberDailyLimit",
                "RequestLimitExceeded",
                "InvalidParameterValue.IncorrectPhoneNumber",
            )
        ),
        riddles=tuple(
            (200, _tencent_error(code))
            for code in (
                "InternalError.Timeout",
                "InternalError.SendAndRecvFail",
                "InternalError",
                "NeverSeen",
                "",
            )
        ),
        at_once=2,
    ),
    "aliyun": Tongue(
        _aliyun,
        (("Code",), ("BizId",)),
        whole=True,
        nothing=NOTHING,
        refusals=(
            (200, _aliyun_error("isv.AMOUNT_NOT_ENOUGH")),
            (200, _aliyun_error("isv.BUSINESS_LIMIT_CONTROL")),
            (200, _aliyun_error("isv.SMS_TEMPLATE_ILLEGAL")),
            (400, _aliyun_error("Throttling.User")),
            (403, _aliyun_error("Forbidden.RAM")),
        ),
        riddles=(
            (200, _aliyun_error("NEVER_SEEN")),
            (200, _aliyun_error("ok")),
            (500, _aliyun_error("InternalError")),
            (400, _aliyun_error("SignatureNonceUsed")),
        ),
        at_once=2,
    ),
    "twilio": Tongue(
        _twilio,
        (("sid",),),
        whole=True,
        nothing=(*NOTHING, "SM123", "0" * 34, "SM" + "0" * 32 + "\n", "SM" + "0" * 33),
        refusals=tuple(
            (status, _twilio_error(code, status))
            for status, code in ((400, 21211), (401, 20003), (400, 21610), (429, 20429), (400, 99999))
        ),
        riddles=(
            (500, _twilio_error(20500, 500)),
            (200, _twilio_error(21211, 200)),
            (503, _twilio_error(99999, 503)),
            (400, {"message": "no code"}),
        ),
    ),
    "http": Tongue(
        _http,
        (("id",), ("status",)),
        whole=True,
        nothing=LIKE_TEXT,
        refusals=(
            (200, {"status": "failed", "code": "no_money"}),
            (400, {"status": "failed", "code": "bad_number"}),
            (200, {"status": "failed", "code": "busy", "id": "x"}),
        ),
        riddles=(
            (200, {"status": "failed", "code": "never_seen"}),
            (200, {"status": "Accepted", "id": "x"}),
            (200, {"status": "not accepted", "id": "x"}),
            (200, {"status": ["accepted"], "id": "x"}),
        ),
    ),
}


def oddities(tongue: Tongue, numbers: Sequence[str], ids: Sequence[str]) -> Iterator[Odd]:
    """All of them, about a call to these numbers; the ids are what a yes would name them."""
    count = len(numbers)
    unclear, no, yes = (UNCLEAR,) * count, (NOT,) * count, (TAKEN,) * count
    fine = tongue.fine(numbers, ids)
    body = json.dumps(fine).encode()
    yield Odd("nothing wrong with it", body, yes)
    yield Odd("cut off on the way", body, unclear, cut=True)
    yield Odd("a page", PAGE, unclear, kind="text/html")
    yield Odd("a page that says it is JSON", PAGE, unclear)
    yield Odd("a gateway's page", PAGE, unclear, 502, "text/html")
    yield Odd("nothing", b"", unclear)
    yield Odd("twice", body + body, unclear)
    yield Odd("GBK", body.replace(b': "', b': "\xb7\xa2\xcb\xcd', 1), unclear)
    yield Odd("latin-1", body.replace(b'"', b'"\xe9', 1), unclear)
    yield Odd("deep", b"[" * DEEP + b"]" * DEEP, unclear)
    for at in range(1, 8):
        yield Odd(f"{at} eighths of it", body[: len(body) * at // 8], unclear)
    for told in (None, [], "Ok", 1, True, {}, [fine], {"Response": fine}):
        yield Odd(f"the shape of {json.dumps(told)[:20]}", json.dumps(told).encode(), unclear)
    for status in (302, 500, 503):
        yield Odd(f"yes, and HTTP {status}", body, unclear, status)
    for status, told in tongue.refusals:
        yield Odd(f"HTTP {status}: {told}", json.dumps(told).encode(), no, status)
    for status, told in tongue.riddles:
        yield Odd(f"HTTP {status}: {told}", json.dumps(told).encode(), unclear, status)
    partly = unclear if tongue.whole else (UNCLEAR, *yes[1:])
    for steps in tongue.steps:
        for value in tongue.nothing:
            yield Odd(f"{steps[-1]} is {value!r}", _with(fine, steps, value), partly)
        yield Odd(f"{steps[-1]} is missing", _with(fine, steps), partly)


def counts(numbers: Sequence[str], ids: Sequence[str]) -> Iterator[Odd]:
    """Answers of the vendor that has a row a number, with rows too many, too few or out of order."""
    fine = _tencent(numbers, ids)
    first, second = fine["Response"]["SendStatusSet"]

    def rows(*each: Any) -> bytes:
        return json.dumps({"Response": {**fine["Response"], "SendStatusSet": each}}).encode()

    bare = {**first, "PhoneNumber": numbers[0].removeprefix("+")}
    yield Odd("in another order", rows(second, first), (TAKEN, TAKEN))
    yield Odd("one too few", rows(second), (UNCLEAR, TAKEN))
    yield Odd("one twice", rows(first, second, first), (UNCLEAR, TAKEN))
    yield Odd("one twice, none of the other", rows(first, first), (UNCLEAR, UNCLEAR))
    yield Odd(
        "somebody else's too",
        rows(first, {**first, "PhoneNumber": "+8613900009999", "SerialNo": "9"}, second),
        (TAKEN, TAKEN),
    )
    yield Odd("one id for both", rows(first, {**second, "SerialNo": first["SerialNo"]}), (UNCLEAR, UNCLEAR))
    yield Odd("a number without its plus", rows(bare, second), (UNCLEAR, TAKEN))
    refused = {**first, "Code": "LimitExceeded.PhoneNumberDailyLimit", "SerialNo": ""}
    yield Odd("one of two", rows(refused, second), (NOT, TAKEN))
    yield Odd("yes and no for one", rows(refused, first, second), (UNCLEAR, TAKEN))


_MISSING = object()


def _with(document: Any, steps: Sequence[Any], value: Any = _MISSING) -> bytes:  # noqa: ANN401 - JSON
    changed = copy.deepcopy(document)
    place = changed
    for step in steps[:-1]:
        place = place[step]
    if value is _MISSING:
        del place[steps[-1]]
    else:
        place[steps[-1]] = value
    return json.dumps(changed).encode()
