"""SQL, CRLF, format strings, signatures and formulas in every text field: stored as they are, or refused."""

import asyncio
import csv
import io
import re
import subprocess
import sys
from collections import Counter
from http import HTTPStatus
from typing import Any

import httpx2

from posthouse.core.ports.queries import CheckLedger
from posthouse.storage.engine.sqlite import SQLite
from soak.experiment import Outcome
from soak.operations import Operation, operations
from soak.premises import a_running, another_account, caller, in_house, plant
from tests.e2e.client import soon
from tests.e2e.premises import rows
from tests.e2e.server import Server, environment

ROWS = (53,)

PAYLOADS = (
    "'; DROP TABLE messages; --",
    "x' OR '1'='1",
    "1); UPDATE balances SET available = 9e9; --",
    "ok\r\nX-Injected: yes\r\n\r\n<html>",
    "%0d%0aX-Injected: yes",
    "{0.__class__.__mro__} {secret} %s %(x)s ${7*7} {{7*7}}",
    "【银行】您的密码已泄露",
    '=HYPERLINK("http://evil.example","pay")',
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "../../etc/passwd",
)

KEPT = {"reference": "reference", "body": None, "metadata": "metadata", "signature": "signature"}
"""Fields of a message that are given back, and where in its record; the body is on the handset."""

FORMULA = re.compile(r"^[=+\-@\t\r](?!\d+$)")
TO = "+86139{:06d}11"


async def run(scale: int, *, planted: bool = False) -> Outcome:
    """Put each payload into each text field of each call, and read back what was taken."""
    names = ("requests", "taken", "refused", "altered", "effects", "formulas", "5xx")
    counted, detail = Counter(dict.fromkeys(names, 0)), list[str]()
    async with a_running() as server:
        issued = await another_account(server.data, balance=10_000_000_000)
        async with caller(server.port, issued.credential.key) as api:
            before = _tables(server)
            for call in await operations(api):
                if planted or call.open:
                    continue
                detail += await _into_every_field(call, api, counted, 4 if scale == 1 else 1)
            for turn in range(scale):
                await _there_and_back(server, api, turn, counted, planted=planted)
        counted["effects"] += _tables(server) != before
        audit = await in_house(server.data, lambda house: house.store.read(CheckLedger()))
        counted["effects"] += len(audit.drifts)
        counted["formulas"] = await asyncio.to_thread(_formulas, server)
    wrong = counted["altered"] + counted["effects"] + counted["formulas"] + counted["5xx"]
    return Outcome(
        injected=f"{len(PAYLOADS)} payloads in every text field",
        counted=counted,
        bar="stored and given back unharmed, or refused; 0 effects",
        held=not wrong and counted["taken"] > 0,
        detail="; ".join(detail[:5]),
    )


async def _into_every_field(
    call: Operation, api: httpx2.AsyncClient, counted: Counter[str], every: int
) -> list[str]:
    """A payload in one field, in a query, in the path, in a header: an answer that is not ours to regret."""
    wrong = []
    for number, payload in enumerate(PAYLOADS):
        # At the smallest scale each field gets every fourth payload, its neighbour the next ones.
        fields = [field for at, field in enumerate(call.texts) if every == 1 or at % every == number % every]
        asked: list[dict[str, Any]] = [{"json": (call.example or {}) | {field: payload}} for field in fields]
        asked += [{"params": {name: payload}} for name in call.queries[number % every :: every]]
        if call.method == "GET":
            asked.append({"headers": {"Accept-Language": payload.encode("ascii", "ignore").split(b"\r")[0]}})
        elif call.example is not None:
            asked.append({"json": call.example, "headers": {"Idempotency-Key": f"%0d%0a{number}{call.path}"}})
        for each in asked:
            answer = await api.request(call.method, call.at("%0d%0aX-Injected:%20yes"), **each)
            counted["requests"] += 1
            counted["refused"] += answer.status_code >= HTTPStatus.BAD_REQUEST
            counted["5xx"] += answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
            counted["effects"] += "x-injected" in answer.headers
            if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or "x-injected" in answer.headers:
                wrong.append(f"{call.name} {each}: {answer.status_code}")
    return wrong


async def _there_and_back(
    server: Server, api: httpx2.AsyncClient, turn: int, counted: Counter[str], *, planted: bool
) -> None:
    """Messages that carry payloads: what was taken is given back to the letter, and costs what it costs."""
    taken: dict[str, tuple[str, str, str]] = {}
    for number, payload in enumerate(PAYLOADS):
        for place, field in enumerate(KEPT):
            to = TO.format((turn * len(PAYLOADS) + number) * len(KEPT) + place)
            value: Any = {"note": payload} if field == "metadata" else payload
            answer = await api.post("/v1/sms/send", json={"to": to, "body": "plain"} | {field: value})
            counted["requests"] += 1
            if answer.status_code == HTTPStatus.ACCEPTED:
                taken[answer.json()["sms_id"]] = (to, field, payload)
            else:
                counted["refused"] += 1
                counted["5xx"] += answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
    counted["taken"] += len(taken)
    if planted:
        plant(server.data / SQLite.file, "UPDATE messages SET reference = upper(reference)")
    for sms_id, (to, field, payload) in taken.items():

        async def is_delivered() -> bool:
            record = (await api.get(f"/v1/sms/{sms_id}")).json()  # noqa: B023 - awaited here
            return bool(record["state"] == "delivered")

        await soon(is_delivered, within_s=20, what="it is delivered")
        record = (await api.get(f"/v1/sms/{sms_id}")).json()
        [shown] = (await api.get("/v1/sandbox/messages", params={"to": to})).json()["data"]
        given = {"body": shown["text"], "metadata": (record["metadata"] or {}).get("note")}
        counted["altered"] += given.get(field, record.get(field)) != payload
        if field == "signature":
            counted["altered"] += shown["text"] != f"【{payload}】plain"


def _tables(server: Server) -> list[Any]:
    """What no request may change: the tables, and who is paid what."""
    file = server.data / SQLite.file
    return [
        rows(file, "SELECT name, sql FROM sqlite_master ORDER BY name"),
        rows(file, "SELECT account_id, funded FROM balances ORDER BY account_id"),
    ]


def _formulas(server: Server) -> int:
    """Cells of an exported table that a spreadsheet would calculate."""
    target = server.data.with_name("exported.csv")
    words = ["messages", "export", "--output", str(target), "--data", str(server.data)]
    subprocess.run(
        [sys.executable, "-m", "posthouse", *words], check=True, capture_output=True, env=environment()
    )
    cells = [cell for row in csv.reader(io.StringIO(target.read_text())) for cell in row]
    return sum(bool(FORMULA.match(cell)) for cell in cells)
