"""What the tests of the aggregator's document share: the document, a server just started, and its calls."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.documents.document import Document, Section
from tests.e2e.server import HOST, Server, command

DOCUMENT = Document(
    "aggregator.txt",
    "认证方式",
    "发送短信",
    "批量发送短信",
    "查询发送记录",
    "查询账户信息",
    "错误码说明",
    "PHP 示例",
    "Python 示例",
    "Node.js 示例",
)
SEND, BATCH, RECORDS, ACCOUNT = (
    DOCUMENT[heading] for heading in ("发送短信", "批量发送短信", "查询发送记录", "查询账户信息")
)
STATUSES = {int(status): meaning for status, meaning in DOCUMENT["错误码说明"].rows}
ADDRESS = "https://aa.stjuntai.xyz"
KEY_HEADER, SECRET_HEADER = (
    line.partition(":")[0] for line in DOCUMENT["认证方式"].after("HTTP Headers").splitlines()[:2]
)


@dataclass(frozen=True)
class Here:
    """The server, and a credential of its first account."""

    server: Server
    credential: dict[str, str]
    first_account: bytes

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.server.port}"

    def caller(self, **headers: str) -> httpx2.Client:
        pair = {KEY_HEADER: self.credential["api_key"], SECRET_HEADER: self.credential["api_secret"]}
        return httpx2.Client(base_url=self.address, headers=pair | headers, timeout=20.0)

    @contextmanager
    def other(self, name: str, *verdict: str) -> Iterator[httpx2.Client]:
        """A caller of another account, which has no money."""
        data = self.server.data
        command(data, "accounts", "create", name)
        if verdict:
            command(data, "accounts", "verify", name, *verdict)
        issued = command(data, "keys", "create", "--account", name)
        with self.caller(**{KEY_HEADER: issued["api_key"], SECRET_HEADER: issued["api_secret"]}) as caller:
            yield caller


@contextmanager
def begun(data: Path) -> Iterator[Here]:
    """`serve` in an empty directory, and nothing else but a key."""
    server = Server(data)
    try:
        server.start()
        credential = command(data, "keys", "create", "--account", "default")
        with Here(server, credential, b"").caller() as api:
            first_account = call(api, ACCOUNT).content
        yield Here(server, credential, first_account)
    finally:
        server.close()


def call(api: httpx2.Client, section: Section, request: object = None, **query: str | int) -> httpx2.Response:
    """Make the call that a section is about; `request` may be an example as it stands."""
    method, path = section.lines[:2]
    content = request if isinstance(request, str) or request is None else json.dumps(request)
    headers = {} if content is None else {"Content-Type": "application/json"}
    return api.request(method, path, params=query or None, content=content, headers=headers)


def refused(answer, status=400) -> str:
    """The message of a refusal, which has nothing else."""
    assert answer.status_code == status, answer.text
    document = answer.json()
    assert (document.keys(), document["success"]) == ({"success", "message"}, False)
    return str(document["message"])
