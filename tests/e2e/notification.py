"""What the tests of the notification document share: the document, a server just started, and its calls."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import httpx2

from tests.documents.document import Document
from tests.e2e.server import HOST, Server, command, wait_until

DOCUMENT = Document(
    "notification.txt",
    "短信通知接口简介",
    "(图片来源网络,侵删)短信通知接口功能",
    "短信通知接口使用流程",
    "短信通知接口参数说明",
    "下面是一个简单的介绍,描述了关于APP短信接口和短信通知接口的信息:",
)
"""Without its listing in Python, which is broken off in the middle of its imports and calls nothing."""

_, _FUNCTIONS, _STEPS, _PARAMETERS, _EXAMPLES = DOCUMENT.sections.values()


class Row(NamedTuple):
    """One parameter, as the table has it."""

    name: str
    type: str
    needed: str
    meaning: str


@dataclass(frozen=True)
class Example:
    """One line of the table of examples: what is done, with which request, and the replies there are."""

    what: str
    request: Any
    replies: list[Any]


def _numbered(lines: tuple[str, ...]) -> list[str]:
    """What the lines that count from 1 say."""
    found = [match for line in lines if (match := re.search(r"(\d)、(.+)。", line))]
    assert [int(match[1]) for match in found] == list(range(1, len(found) + 1))
    return [match[2] for match in found]


def _cells(lines: tuple[str, ...]) -> list[list[str]]:
    """The cells of a table's rows, without its heading."""
    rows = [line.strip().removesuffix("|").split("|") for line in lines if line.endswith("|")]
    return [[cell.strip() for cell in cells] for cells in rows[1:]]


def _documents(text: str) -> list[Any]:
    """The JSON documents in a text, whatever stands between them."""
    found, at = [], text.find("{")
    while at >= 0:
        document, end = json.JSONDecoder().raw_decode(text, at)
        found.append(document)
        at = text.find("{", end)
    return found


FUNCTIONS = _numbered(_FUNCTIONS.lines)
STEPS = _numbered(_STEPS.lines)
ROWS = {cells[0]: Row(*cells) for cells in _cells(_PARAMETERS.lines)}
EXAMPLES = {
    what: Example(what, _documents(request)[0], _documents(replies))
    for what, _, request, replies in _cells(_EXAMPLES.lines)
}

SEND, CODE, TEMPLATE, STATUS = "/notify/send", "/notify/code", "/notify/template", "/notify/status"
PATHS = dict(zip(EXAMPLES, (SEND, CODE, TEMPLATE, STATUS), strict=True))
"""The address of each line of the table of examples, which names none."""


@dataclass(frozen=True)
class Here:
    """The server, and a credential of its first account."""

    server: Server
    credential: dict[str, str]
    client: httpx2.Client

    @property
    def shown(self) -> dict[str, str]:
        """The credential as the table has it."""
        return {"AppID": self.credential["api_key"], "AppKey": self.credential["api_secret"]}

    def post(self, path: str, request: object, **headers: str) -> httpx2.Response:
        """Make a call just so, with no credential but the request's own."""
        return self._call("POST", path, request, headers)

    def ask(self, path: str, **rows: object) -> httpx2.Response:
        """Make a call with the credential within the request."""
        return self.post(path, self.shown | rows)

    def native(self, method: str, path: str, request: object = None) -> Any:
        """What the same credential sees on the native surface; the call must be good."""
        answer = self._call(method, path, request, {"Authorization": f"Bearer {self.credential['key']}"})
        assert answer.status_code < 300, answer.text
        return answer.json()

    def handset(self, to: str, sms_id: str) -> list[str]:
        """The texts of a message that a simulated handset shows."""
        shown = self.native("GET", f"/v1/sandbox/messages?to={to.replace('+', '%2B')}")["data"]
        return [each["text"] for each in shown if each["sms_id"] == sms_id]

    def until(self, sms_id: str, status: str, within_s: float = 5.0) -> Any:
        """What `/notify/status` says once it has this word."""

        def look() -> Any:
            found = self.ask(STATUS, message_id=sms_id).json()
            return found if found["status"] == status else None

        return wait_until(look, within_s=within_s, what=f"{sms_id} is not {status}")

    def _call(self, method: str, path: str, request: object, headers: dict[str, str]) -> httpx2.Response:
        content = None if request is None else json.dumps(request).encode()
        kind = {"Content-Type": "application/json"}
        return self.client.request(method, path, content=content, headers=kind | headers)


@contextmanager
def begun(data: Path) -> Iterator[Here]:
    """`serve` in an empty directory, and nothing else but a key."""
    server = Server(data)
    try:
        server.start()
        credential = command(data, "keys", "create", "--account", "default")
        with httpx2.Client(base_url=f"http://{HOST}:{server.port}", timeout=20.0) as client:
            yield Here(server, credential, client)
    finally:
        server.close()


def accepted(answer: httpx2.Response) -> Any:
    """The reply of a request that was done."""
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(answer: httpx2.Response, status: int = 400) -> str:
    """The sentence of a refusal, which has nothing else."""
    assert answer.status_code == status, answer.text
    document = answer.json()
    assert (list(document), document["result"]) == (["result", "desc"], "error")
    return str(document["desc"])
