"""A caller of `/notify`, which checks that every answer has the shape of the document's."""

import json
from typing import Any

import msgspec

from posthouse.core.message import Lane
from posthouse.core.ports.templates import FIRST_TEMPLATE, Own
from posthouse.core.template import Template, variables_of
from posthouse.core.words import WordList
from posthouse.web.dialects.notify.replies import ErrorReply
from posthouse.web.dialects.notify.routes import routes
from tests.web.client import Response
from tests.web.house import House

PHONE, OTHER = "13800138000", "13900139000"
SEND, CODE, TEMPLATE, STATUS = "/notify/send", "/notify/code", "/notify/template", "/notify/status"
PARAMS = ["张三", "123456"]
TABLE = {
    "SignName": "驿站",
    "TemplateId": "1",
    "PhoneNumberSet": [PHONE, OTHER],
    "SmsTemplateParas": PARAMS,
}
"""What the document's table requires, but for the credential, and parameters for the template."""

SENTENCE = "尊敬的张三,您的验证码是123456,请及时输入。"


def template(id_: str, text: str, **more: Any) -> Template:
    """A template in its first version."""
    kind = more.pop("kind", Lane.NOTIFICATION)
    return Template(id_, kind, 1, text, variables=variables_of(text), **more)


def own(*templates: Template, words: tuple[str, ...] = (), **signatures: str) -> Own:
    """What an account has: template `1`, and these."""
    first = template("1", FIRST_TEMPLATE[2], kind=Lane.OTP)
    return Own({each.id: each for each in (first, *templates)}, signatures, words=WordList(words))


class Notify:
    """Calls `/notify` with a key and its secret, in the headers or, with `within`, in the body."""

    def __init__(self, house: House, account_id: int = 1, *, within: bool = False, **options: Any) -> None:
        self._client = house.client(account_id)
        self.key, self.secret = house.pair(account_id, **options)
        self._within = within
        self._routes = {route.path: route for route in routes(house.services)}

    async def send(self, **rows: object) -> Response:
        """A text for one number, but for these rows."""
        return await self.post(SEND, {"phone": PHONE, "content": "您好"} | rows)

    async def table(self, **rows: object) -> Response:
        """The required rows of the table, but for these; those that are None are left out."""
        return await self.post(SEND, {name: row for name, row in (TABLE | rows).items() if row is not None})

    async def post(self, path: str, document: object = None, **options: Any) -> Response:
        if self._within and isinstance(document, dict):
            document = {"AppID": self.key, "AppKey": self.secret} | document
        return await self.call("POST", path, **{"body": json.dumps(document).encode()} | options)

    async def call(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any
    ) -> Response:
        pair = {} if self._within else {"x-api-key": self.key, "x-api-secret": self.secret}
        shown = {"authorization": ""} | pair | (headers or {})
        response = await self._client.call(method, path, headers=shown, language="en", **options)
        if response.body:
            self._check(path.partition("?")[0], response)
        return response

    def _check(self, path: str, response: Response) -> None:
        assert response.headers["content-type"] == "application/json"
        kind: type[msgspec.Struct] = ErrorReply
        if response.status == 200:
            kind = self._routes[path].reply
        else:
            assert response.headers["content-language"] == "zh-CN"
        # All members of `kind`, and no others, in their order.
        assert msgspec.json.encode(msgspec.json.decode(response.body, type=kind)) == response.body


def said(response: Response) -> tuple[int, str]:
    """The status and the sentence of a refusal."""
    return response.status, response.json()["desc"]
