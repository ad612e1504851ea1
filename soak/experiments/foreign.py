"""Every call with another account's ids, cursors and filters: as if there were nothing, in the same words."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import httpx2

from posthouse.core.keys import ACCOUNT_SCOPES
from soak.experiment import Outcome
from soak.operations import Operation, operations
from soak.premises import a_running, afflicted, another_account, caller
from tests.e2e.nursery import forked

ROWS = (49,)

MARK = "seen-by-nobody-else"
ID = re.compile(r"\b(?!req_)[a-z]{2,5}_[0-9A-Za-z]{8,14}\b")
ID_DIGITS = re.compile(r"(?<=_).*")
QUOTED = re.compile(r"'[^']*'")
MALFORMED = "no-such-thing"
TEMPLATE = {"kind": "notification", "text": "{code}, good for {minutes} minutes."}
"""With the variables of the document's examples."""
REPLIES = "0007"
"""How simulated numbers end that answer."""
VENDOR = {
    "secret_id": "AKIDsimulated",
    "secret_key": "a-made-up-secret",
    "sdk_app_id": "1400006666",
    "base_url": "https://vendor.invalid",
}
"""A channel of the account's own. It has a name and no id; one is given to it that looks like an id."""
LOOKS, LOOK_EVERY_S = 400, 0.05
"""How long an answer may take, which comes within a second or two."""
DENIED = {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN}


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Let one account fill the house, and another ask for all of it; planted: a condition is missing."""
    counted = Counter({"answers": 0, "shown": 0, "told apart": 0, "never reached": 0, "5xx": 0})
    detail: list[str] = []
    async with a_running(afflicted("any-account") if planted else forked) as server:
        owner = await another_account(server.data, "owner", scopes=ACCOUNT_SCOPES)
        other = await another_account(server.data, "other", scopes=ACCOUNT_SCOPES)
        async with (
            caller(server.port, owner.credential.key) as mine,
            caller(server.port, other.credential.key) as theirs,
        ):
            calls = [call for call in await operations(theirs) if not call.open]
            # What is gone cannot be asked for, nor what belonged to it.
            calls.sort(key=lambda call: len(call.path) if call.method == "DELETE" else 1000, reverse=True)
            await _fill(mine, 2 * scale)
            await _fill(theirs, 1, mark="another")
            ids, cursors = await _everything(mine, calls)
            foreign = _few(ids - (await _everything(theirs, calls))[0], 2 * scale)
            for call in calls:
                if call.places:
                    detail += await _by_id(call, foreign, theirs, counted)
                elif call.method == "GET":
                    detail += await _by_list(call, foreign, cursors, theirs, counted)
            for call in calls:
                if call.places and not await _is_reached(call, ids, mine):
                    counted["never reached"] += 1
                    detail.append(f"{call.name} was never reached")
    wrong = counted["shown"] + counted["told apart"] + counted["5xx"]
    return Outcome(
        injected=f"{len(foreign)} foreign ids, {len(cursors)} cursors on {len(calls)} calls",
        counted=counted,
        bar="0 shown; foreign, unknown and malformed alike",
        held=not wrong and not counted["never reached"] and len(foreign) > 0,
        detail="; ".join(detail[:5]),
    )


async def _fill(api: httpx2.AsyncClient, count: int, mark: str = MARK) -> None:
    """Messages that are sent, messages that wait, a batch, and what an account says things with."""
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    for number in range(count):
        message = {"to": f"+86139{number:06d}11", "body": mark, "reference": mark}
        for each in (message, message | {"send_at": later}):
            (await api.post("/v1/sms/send", json=each)).raise_for_status()
    batch = {"to": ["+8613900000011", "+8613900000022"], "body": mark, "reference": mark}
    (await api.post("/v1/sms/batch", json=batch | {"send_at": later})).raise_for_status()
    await api.post("/v1/keys", json={"name": mark})
    (await api.post("/v1/templates", json=TEMPLATE | {"name": mark})).raise_for_status()
    (await api.post("/v1/signatures", json={"name": mark})).raise_for_status()
    suppression = {"to": "+8613900000033", "reason": mark}
    (await api.post("/v1/suppressions", json=suppression)).raise_for_status()
    (await api.post("/v1/sms/otp", json={"to": "+8613900000044", "purpose": mark})).raise_for_status()
    test_number = {"to": "+8613900000055", "code": "246810"}
    (await api.post("/v1/test-numbers", json=test_number)).raise_for_status()
    for name in ("blocks", "safe"):
        (await api.post(f"/v1/guard/{name}", json={"prefix": "+23767"})).raise_for_status()
    await _hear(api, f"+8613{len(mark):05d}{REPLIES}", mark)
    # Last: who has a channel of its own is not simulated any more.
    name = f"chn_{len(mark):010d}"
    channel = {"vendor": "tencent", "name": name, "settings": VENDOR | {"sign_name": mark}}
    (await api.post("/v1/channels", json=channel)).raise_for_status()


async def _hear(api: httpx2.AsyncClient, number: str, mark: str) -> None:
    """Have somebody answer."""
    message = {"to": number, "body": mark, "purpose": "notification"}
    (await api.post("/v1/sms/send", json=message)).raise_for_status()
    for _ in range(LOOKS):
        if (await api.get("/v1/inbox")).json()["data"]:
            return
        await asyncio.sleep(LOOK_EVERY_S)
    raise TimeoutError(number)


async def _everything(api: httpx2.AsyncClient, calls: Iterable[Operation]) -> tuple[set[str], set[str]]:
    """Every id that the caller's own lists show, and every cursor."""
    ids, cursors = set[str](), set[str]()
    for call in calls:
        if call.method == "GET" and not call.places:
            query = {"limit": "1"} if "limit" in call.queries else {}
            for asked in (query, {}):
                answer = await api.get(call.path, params=asked)
                if answer.status_code == HTTPStatus.OK:
                    ids |= set(ID.findall(answer.text))
                    cursors |= set(_named(answer.json(), "next_cursor"))
    return ids, cursors


def _named(tree: Any, name: str) -> Iterable[str]:  # noqa: ANN401 - JSON
    if isinstance(tree, dict) and isinstance(tree.get(name), str):
        yield tree[name]


def _few(ids: Iterable[str], count: int) -> set[str]:
    """So many of each kind."""
    kinds: dict[str, list[str]] = {}
    for each in sorted(ids):
        kinds.setdefault(each.partition("_")[0], []).append(each)
    return {each for kind in kinds.values() for each in kind[:count]}


async def _by_id(
    call: Operation, foreign: Iterable[str], theirs: httpx2.AsyncClient, counted: Counter[str]
) -> list[str]:
    """The same answer for an id of somebody else, of nobody, and of no shape."""
    wrong = []
    nobody = _shape(await _ask(call, MALFORMED, theirs))
    unheard = {ID_DIGITS.sub(lambda digits: "1".zfill(len(digits[0])), each) for each in foreign}
    for value in (*foreign, *unheard):
        answer = await _ask(call, value, theirs)
        counted["answers"] += 1
        counted["5xx"] += answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
        if MARK in answer.text:
            counted["shown"] += 1
            wrong.append(f"{call.name} shows {value}")
        elif _shape(answer) != nobody or answer.status_code not in DENIED:
            counted["told apart"] += 1
            wrong.append(f"{call.name} {value}: {answer.status_code} {answer.text[:80]}")
    return wrong


async def _by_list(
    call: Operation,
    foreign: set[str],
    cursors: Iterable[str],
    theirs: httpx2.AsyncClient,
    counted: Counter[str],
) -> list[str]:
    """Nothing of it in a list, whatever is asked of the list."""
    kinds = {each.partition("_")[0]: each for each in sorted(foreign)}
    asked: list[dict[str, str]] = [{}]
    asked += [{name: value} for name in call.queries for value in (*kinds.values(), *cursors, MARK)]
    wrong = []
    for query in asked:
        answer = await theirs.get(call.path, params=query)
        counted["answers"] += 1
        counted["5xx"] += answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
        shown = foreign & set(ID.findall(answer.text)) if answer.status_code == HTTPStatus.OK else set()
        if shown or MARK in answer.text:
            counted["shown"] += 1
            wrong.append(f"{call.name} {query} shows {shown or MARK}")
    return wrong


async def _is_reached(call: Operation, ids: Iterable[str], mine: httpx2.AsyncClient) -> bool:
    """Whether one of the ids means something to this call when its owner uses it: else nothing was tried."""
    statuses = set[int]()
    for each in sorted(ids):
        statuses.add((await _ask(call, each, mine)).status_code)
        if not {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, *DENIED}.issuperset(statuses):
            return True
    return statuses == {HTTPStatus.FORBIDDEN}  # an operator's call


async def _ask(call: Operation, value: str, api: httpx2.AsyncClient) -> httpx2.Response:
    return await api.request(call.method, call.of(value), json=call.example)


def _shape(answer: httpx2.Response) -> Any:  # noqa: ANN401 - JSON
    """The answer without what names the request, and without the name that it gives back."""
    text = QUOTED.sub("…", answer.text)
    if not answer.headers.get("content-type", "").endswith("json"):
        return answer.status_code, text
    body = json.loads(text)
    return answer.status_code, {**body, "request_id": ""} if isinstance(body, dict) else body
