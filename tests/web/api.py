"""A caller of `/api`, which checks that every answer has the shape of the document's."""

import json
from typing import Any

import msgspec

from posthouse.web.dialects.api.replies import ErrorReply
from posthouse.web.dialects.api.routes import routes
from tests.web.client import Response
from tests.web.house import House

PHONE = "13800138000"
SEND, BATCH, RECORDS, ACCOUNT = (
    "/api/sms/send",
    "/api/sms/batch-send",
    "/api/sms/records",
    "/api/account/info",
)


class Api:
    """Calls `/api` with a key and its secret."""

    def __init__(self, house: House, account_id: int = 1, **options: Any) -> None:
        self._client = house.client(account_id)
        self.key, self.secret = house.pair(account_id, **options)
        self._routes = {(route.method, route.path): route for route in routes(house.services)}

    async def get(self, path: str, **options: Any) -> Response:
        return await self.call("GET", path, **options)

    async def post(self, path: str, document: object = None, **options: Any) -> Response:
        return await self.call("POST", path, **{"body": json.dumps(document).encode()} | options)

    async def send(self, phone: object = PHONE, template_id: object = "123456", **more: Any) -> Response:
        return await self.post(SEND, {"phone": phone, "template_id": template_id, **more})

    async def call(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any
    ) -> Response:
        shown = {"authorization": "", "x-api-key": self.key, "x-api-secret": self.secret} | (headers or {})
        response = await self._client.call(method, path, headers=shown, language="en", **options)
        if response.body:
            self._check(method, path.partition("?")[0], response)
        return response

    def _check(self, method: str, path: str, response: Response) -> None:
        assert response.headers["content-type"] == "application/json"
        if response.status == 200:
            self._assert_is(self._routes[method, path].reply, response)
            assert response.json()["success"] is True
        else:
            self._assert_is(ErrorReply, response)
            assert response.json()["success"] is False
            assert response.headers["content-language"] == "zh-CN"

    def _assert_is(self, kind: type[msgspec.Struct], response: Response) -> None:
        """The body has all members of `kind`, and no others, in their order."""
        assert msgspec.json.encode(msgspec.json.decode(response.body, type=kind)) == response.body


def said(response: Response) -> tuple[int, str]:
    """The status and the message of a refusal."""
    return response.status, response.json()["message"]
