"""A simulated Alibaba Cloud Dysms: signatures are computed by the official SDK's own code."""

import hashlib
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import aiohttp
from aiohttp import web
from alibabacloud_tea_openapi.utils import Utils
from darabonba.request import DaraRequest

from posthouse.core.ports.vendor import Outbound
from posthouse.signing.acs3 import ALGORITHM
from posthouse.vendors.adapter import Adapter
from tests.vendors.peer import Asked, Failure, Peer
from tests.vendors.replay import configured, outbound

KEY_ID, SECRET = "LTAI5tSimulated", "a-made-up-secret"
NOW = 1_764_000_000_000_000
TRICKY = {"code": "1 2+3&4=5/6%20", "name": "张三~*'()!;,:@\"\\{}[]", "emoji": "🚀\n"}


class Taken(NamedTuple):
    """One message as it was taken; `at` in seconds."""

    number: str
    sign_name: str
    template_code: str
    params: dict[str, str]
    out_id: str
    biz_id: str
    extend: str
    at: float


class AliyunPeer(Peer):
    """Takes messages, answers queries from what it took, pushes receipts and texts from handsets."""

    def __init__(self, *, clock: Callable[[], float] = time.time, token: str = "") -> None:
        super().__init__()
        self.taken: list[Taken] = []
        self.reports: dict[tuple[str, str], tuple[str, float]] = {}
        self._clock = clock
        self._token = token
        self._nonces: set[str] = set()

    async def answer(self, asked: Asked) -> web.Response:
        headers = asked.headers
        if (code := self._stranger(asked)) is not None:
            return _no(code, 404 if code == "InvalidAccessKeyId.NotFound" else 400)
        nonce = headers["x-acs-signature-nonce"]
        if nonce in self._nonces:
            return _no("SignatureNonceUsed", 400)
        self._nonces.add(nonce)
        said = dict(parse_qsl(urlsplit(asked.target).query, keep_blank_values=True, strict_parsing=True))
        said |= dict(parse_qsl(asked.body.decode(), keep_blank_values=True))
        actions = {"SendSms": self._send, "SendBatchSms": self._send_batch, "QuerySendDetails": self._query}
        if headers["x-acs-version"] != "2017-05-25" or headers["x-acs-action"] not in actions:
            return _no("InvalidAction.NotFound", 404)
        try:
            return actions[headers["x-acs-action"]](said)
        except KeyError as missing:
            return _no(f"Missing{missing.args[0]}", 400)

    def error(self, asked: Asked, failure: Failure) -> web.Response:
        of_dysms = failure.code.startswith(("isv.", "isp."))
        return _no(failure.code, failure.status or (200 if of_dysms else 400))

    async def deliver(self, callback_url: str, *messages: Taken, code: str = "DELIVERED") -> int:
        """Push a receipt for each, in one call; answers the HTTP status it got."""
        now = self._clock()
        for message in messages:
            self.reports[message.biz_id, message.number] = code, now
        return await _push(
            callback_url,
            [
                {
                    "phone_number": message.number,
                    "send_time": _local(message.at),
                    "report_time": _local(now),
                    "success": code == "DELIVERED",
                    "err_code": code,
                    "err_msg": "用户接收成功" if code == "DELIVERED" else "发送失败",
                    "sms_size": "1",
                    "biz_id": message.biz_id,
                    "out_id": message.out_id,
                }
                for message in messages
            ],
        )

    async def write(self, callback_url: str, number: str, text: str, *, dest_code: str = "1234") -> int:
        """Push what a handset wrote."""
        item = {"phone_number": number, "content": text, "send_time": _local(self._clock())}
        return await _push(callback_url, [item | {"dest_code": dest_code, "sequence_id": "1234567890"}])

    def _stranger(self, asked: Asked) -> str | None:
        said = asked.headers.get("authorization", "")
        found = re.fullmatch(ALGORITHM + " Credential=(.*),SignedHeaders=(.*),Signature=[0-9a-f]{64}", said)
        if found is None:
            return "IncompleteSignature"
        if found[1] != KEY_ID:
            return "InvalidAccessKeyId.NotFound"
        if self._token and asked.headers.get("x-acs-security-token") != self._token:
            return "InvalidSecurityToken.Malformed"
        if asked.headers.get("x-acs-content-sha256") != hashlib.sha256(asked.body).hexdigest():
            return "SignatureDoesNotMatch"
        signed = {name: asked.headers.get(name, "") for name in found[2].split(";")}
        return None if said == sdk_signature(asked, signed) else "SignatureDoesNotMatch"

    def _send(self, said: dict[str, str]) -> web.Response:
        numbers = said["PhoneNumbers"].split(",")
        params = json.loads(said.get("TemplateParam", "{}"))
        each = [(number, said["SignName"], params, said.get("SmsUpExtendCode", "")) for number in numbers]
        return self._take(said, each)

    def _send_batch(self, said: dict[str, str]) -> web.Response:
        numbers, names = json.loads(said["PhoneNumberJson"]), json.loads(said["SignNameJson"])
        params = json.loads(said.get("TemplateParamJson", "null")) or [{}] * len(numbers)
        codes = json.loads(said.get("SmsUpExtendCodeJson", "null")) or [""] * len(numbers)
        if len({len(each) for each in (numbers, names, params, codes)}) > 1 or len(numbers) > 100:
            return _no("isv.INVALID_PARAMETERS", 200)
        return self._take(said, list(zip(numbers, names, params, codes, strict=True)))

    def _take(self, said: dict[str, str], each: list[tuple[str, str, dict[str, str], str]]) -> web.Response:
        if not all(re.fullmatch("[1-9][0-9]{6,14}", number) for number, *_ in each):
            return _no("isv.MOBILE_NUMBER_ILLEGAL", 200)
        if not all(isinstance(value, str) for _, _, params, _ in each for value in params.values()):
            return _no("isv.INVALID_JSON_PARAM", 200)
        biz_id = f"9006197469364984{len(self.taken):03}^0"
        self.taken += [
            Taken(
                number,
                name,
                said["TemplateCode"],
                params,
                said.get("OutId", ""),
                biz_id,
                extend,
                self._clock(),
            )
            for number, name, params, extend in each
        ]
        return _yes(BizId=biz_id)

    def _query(self, said: dict[str, str]) -> web.Response:
        if not re.fullmatch("1[3-9][0-9]{9}|[2-9][0-9]{6,14}", said["PhoneNumber"]):
            return _no("isv.MOBILE_NUMBER_ILLEGAL", 200)
        found = [
            message
            for message in self.taken
            if message.number == said["PhoneNumber"]
            and said.get("BizId") in {None, message.biz_id}
            and _local(message.at)[:10].replace("-", "") == said["SendDate"]
        ]
        page = found[: int(said["PageSize"])] if said["CurrentPage"] == "1" else []
        details = [self._detail(message) for message in page]
        return _yes(TotalCount=str(len(found)), SmsSendDetailDTOs={"SmsSendDetailDTO": details})

    def _detail(self, message: Taken) -> dict[str, Any]:
        detail = {
            "PhoneNum": message.number,
            "SendDate": _local(message.at),
            "SendStatus": 1,
            "OutId": message.out_id,
            "TemplateCode": message.template_code,
            "Content": f"【{message.sign_name}】…",
        }
        if (report := self.reports.get((message.biz_id, message.number))) is not None:
            code, at = report
            detail |= {
                "SendStatus": 3 if code == "DELIVERED" else 2,
                "ErrCode": code,
                "ReceiveDate": _local(at),
            }
        return detail


def sdk_signature(asked: Asked, signed: dict[str, str]) -> str:
    """What the official SDK would write into `Authorization` for this request with these headers."""
    request = DaraRequest()
    request.method, request.pathname, request.headers = asked.method, urlsplit(asked.target).path, signed
    request.query = dict(parse_qsl(urlsplit(asked.target).query, keep_blank_values=True))
    payload = hashlib.sha256(asked.body).hexdigest()
    return str(Utils.get_authorization(request, ALGORITHM, payload, KEY_ID, SECRET))


def _yes(**more: Any) -> web.Response:
    return web.json_response({"Code": "OK", "Message": "OK", "RequestId": "0A1B-2C3D", **more})


def _no(code: str, status: int) -> web.Response:
    told = {"Code": code, "Message": f"simulated {code}", "RequestId": "0A1B-2C3D"}
    if status != 200:
        told |= {"HostId": "dysmsapi.aliyuncs.com", "Recommend": "https://next.api.aliyun.com/troubleshoot"}
    return web.json_response(told, status=status)


def _local(at: float) -> str:
    return datetime.fromtimestamp(at + 8 * 3600, UTC).strftime("%Y-%m-%d %H:%M:%S")


async def _push(callback_url: str, items: list[dict[str, Any]]) -> int:
    """As Alibaba judges an answer: 200, and a `code` that is a number."""
    async with aiohttp.ClientSession() as http, http.post(callback_url, json=items) as answer:
        if answer.status == 200:
            assert isinstance((await answer.json())["code"], int)
        return answer.status


def adapter(url: str, **values: str) -> Adapter:
    """Ours, configured for the simulated account."""
    own = {"access_key_id": KEY_ID, "access_key_secret": SECRET, "sign_name": "邮局", "base_url": url}
    return configured("aliyun", own | values)


def one(**fields: Any) -> Outbound:
    """A message with parameters that are hard to encode."""
    plain = {"to": "+8613800138000", "template_id": "SMS_154950909", "call": "c1-1", "params": TRICKY}
    return outbound(**(plain | fields))


def two_that_differ() -> list[Outbound]:
    """In number, parameters, signature and extension code."""
    first = one(key="sms_0c7xk3m9p2q4r.1", params={"code": "1 1"}, extend={"up": "90"})
    second = one(key="sms_0c7xk3m9p2q4s.1", to="+85251234567", params={"code": "2&2"}, signature="另一个")
    return [first, second._replace(extend={"up": "91"})]
