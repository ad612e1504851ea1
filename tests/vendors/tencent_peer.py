"""Tencent Cloud SMS as far as we use it: a real server that checks signatures with the SDK's own code."""

import itertools
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import aiohttp
from aiohttp import web
from tencentcloud.common.credential import Credential
from tencentcloud.common.http.request import RequestInternal
from tencentcloud.sms.v20210111.sms_client import SmsClient

from tests.vendors.peer import Asked, Failure, Peer

SECRET_ID, SECRET_KEY, APP_ID = (
    "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
    "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
    "1400006666",
)
SKEW_S = 300
CHINA = timezone(timedelta(hours=8))


class Refused(Exception):
    """The vendor's own error for a whole call."""


@dataclass(frozen=True)
class Taken:
    """A message that was accepted."""

    number: str
    template_id: str
    params: Sequence[str]
    signature: str
    context: str
    sender: str
    extend: str
    serial: str
    at_s: int


class TencentPeer(Peer):
    """One account with one application.

    `refused` maps numbers to the codes that they are answered with; `packages` is what was bought; `skew_s`
    may be None for clocks that are not real.
    """

    def __init__(
        self, secrets: Mapping[str, str] | None = None, *, app_id: str = APP_ID, skew_s: float | None = SKEW_S
    ) -> None:
        super().__init__()
        self.taken: list[Taken] = []
        self.refused: dict[str, str] = {}
        self.packages: list[dict[str, int]] = []
        self._secrets = dict(secrets or {SECRET_ID: SECRET_KEY})
        self._app_id, self._skew_s = app_id, skew_s
        self._numbers = itertools.count(1)
        self._reports: list[tuple[Taken, dict[str, Any]]] = []
        self._statuses: list[dict[str, Any]] = []
        self._replies: list[dict[str, Any]] = []
        self._actions = {
            "SendSms": self._send,
            "PullSmsSendStatus": self._pull_statuses,
            "PullSmsReplyStatus": self._pull_replies,
            "PullSmsSendStatusByPhoneNumber": self._ask_about,
            "SmsPackagesStatistics": self._count_packages,
        }

    async def answer(self, asked: Asked) -> web.Response:
        try:
            return _said(self._do(asked))
        except Refused as refused:
            return _said({"Error": {"Code": str(refused), "Message": f"this is {refused}"}})

    def error(self, asked: Asked, failure: Failure) -> web.Response:
        return _said(
            {"Error": {"Code": failure.code, "Message": f"this is {failure.code}"}}, failure.status or 200
        )

    def report(self, taken: Taken, *, status: str = "SUCCESS", errmsg: str = "DELIVRD") -> None:
        """What a carrier says: from now on it can be asked for and pulled."""
        record = {
            "UserReceiveTime": int(time.time()),
            "CountryCode": taken.number[1:3],
            "SubscriberNumber": taken.number[3:],
            "PhoneNumber": taken.number,
            "SerialNo": taken.serial,
            "ReportStatus": status,
            "Description": errmsg,
            "SessionContext": taken.context,
        }
        self._reports.append((taken, record))
        self._statuses.append(record)

    def hear(self, number: str, text: str, *, extend: str = "", at_s: int = 1764000060) -> None:
        """A handset's text, which can be pulled from now on; its number has two digits of country code."""
        self._replies.append(
            {
                "ExtendCode": extend,
                "CountryCode": number[1:3],
                "PhoneNumber": number,
                "SignName": "腾讯云",
                "ReplyContent": text,
                "ReplyTime": at_s,
                "SubscriberNumber": number[3:],
            }
        )

    async def deliver(
        self, callback_url: str, *taken: Taken, status: str = "SUCCESS", errmsg: str = "DELIVRD"
    ) -> tuple[int, str]:
        """Call back with receipts; the answer's status and body."""
        now = datetime.now(CHINA)
        return await self.post(
            callback_url,
            [
                {
                    "user_receive_time": f"{now:%Y-%m-%d %H:%M:%S}",
                    "nationcode": each.number[1:3],
                    "mobile": each.number[3:],
                    "report_status": status,
                    "errmsg": errmsg,
                    "description": "…",
                    "sid": each.serial,
                }
                for each in taken
            ],
        )

    async def inbound(
        self, callback_url: str, number: str, text: str, *, extend: str = "", at_s: int = 1764000060
    ) -> tuple[int, str]:
        """Call back with a handset's text; its number has two digits of country code."""
        nation, mobile = number[1:3], number[3:]
        told = {"nationcode": nation, "mobile": mobile, "text": text, "time": at_s, "sign": "腾讯云"}
        return await self.post(callback_url, {**told, "extend": extend})

    async def post(self, callback_url: str, told: object) -> tuple[int, str]:
        """Call back with anything."""
        timeout = aiohttp.ClientTimeout(total=10)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(callback_url, json=told) as answer,
        ):
            return answer.status, await answer.text()

    def _do(self, asked: Asked) -> Mapping[str, Any]:
        self._authenticate(asked)
        action = self._actions.get(asked.headers.get("x-tc-action", ""))
        if action is None or asked.headers.get("x-tc-version") != "2021-01-11":
            raise Refused("InvalidAction")
        wish = json.loads(asked.body)
        if wish.get("SmsSdkAppId") != self._app_id:
            raise Refused("UnauthorizedOperation.SmsSdkAppIdVerifyFail")
        return action(wish)

    def _authenticate(self, asked: Asked) -> None:
        headers = asked.headers
        timestamp, authorization = headers.get("x-tc-timestamp", ""), headers.get("authorization", "")
        secret_id = authorization.partition("Credential=")[2].partition("/")[0]
        if secret_id not in self._secrets:
            raise Refused("AuthFailure.SecretIdNotFound")
        if not timestamp.isdecimal() or headers.get("x-tc-region", "") == "":
            raise Refused("MissingParameter")
        if self._skew_s is not None and abs(time.time() - int(timestamp)) > self._skew_s:
            raise Refused("AuthFailure.SignatureExpire")
        if authorization != official(asked, secret_id, self._secrets[secret_id]):
            raise Refused("AuthFailure.SignatureFailure")

    def _send(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        numbers = wish["PhoneNumberSet"]
        if len(numbers) > 200:
            raise Refused("LimitExceeded.PhoneNumberCountLimit")
        if len({number.startswith("+86") for number in numbers}) != 1:
            raise Refused("UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber")
        if numbers[0].startswith("+86") and not wish.get("SignName"):
            raise Refused("FailedOperation.SignatureIncorrectOrUnapproved")
        return {"SendStatusSet": [self._take(number, wish) for number in numbers]}

    def _take(self, number: str, wish: Mapping[str, Any]) -> dict[str, Any]:
        context, code = wish.get("SessionContext", ""), self.refused.get(number)
        row = {
            "PhoneNumber": number,
            "SessionContext": context,
            "IsoCode": "CN" if number[:3] == "+86" else "DEF",
        }
        if code is not None:
            return {"SerialNo": "", "Fee": 0, "Code": code, "Message": f"this is {code}", **row}
        taken = Taken(
            number,
            wish["TemplateId"],
            wish.get("TemplateParamSet", []),
            wish.get("SignName", ""),
            context,
            wish.get("SenderId", ""),
            wish.get("ExtendCode", ""),
            f"2019:{next(self._numbers)}",
            int(time.time()),
        )
        self.taken.append(taken)
        return {"SerialNo": taken.serial, "Fee": 1, "Code": "Ok", "Message": "send success", **row}

    def _pull_statuses(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        page, self._statuses = self._statuses[: wish["Limit"]], self._statuses[wish["Limit"] :]
        return {"PullSmsSendStatusSet": page}

    def _pull_replies(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        page, self._replies = self._replies[: wish["Limit"]], self._replies[wish["Limit"] :]
        return {"PullSmsReplyStatusSet": page}

    def _ask_about(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        if wish["BeginTime"] < time.time() - 7 * 86_400:
            raise Refused("InvalidParameterValue.BeginTimeVerifyFail")
        found = [
            record
            for taken, record in self._reports
            if taken.number == wish["PhoneNumber"] and wish["BeginTime"] <= taken.at_s <= wish["EndTime"]
        ]
        return {"PullSmsSendStatusSet": found[: wish["Limit"]]}

    def _count_packages(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        if f"{datetime.now(CHINA):%Y%m%d%H}" < wish["EndTime"] or wish["EndTime"] <= wish["BeginTime"]:
            raise Refused("InvalidParameterValue.EndTimeVerifyFail")
        return {"SmsPackagesStatisticsSet": self.packages[: wish["Limit"]]}


def official(asked: Asked, secret_id: str, secret_key: str) -> str:
    """The `Authorization` header that the SDK's own code computes for a request as it arrived."""
    request = RequestInternal(asked.headers.get("host", ""), asked.method, "/", data=asked.body)
    request.header = {
        "Content-Type": asked.headers.get("content-type", ""),
        "Host": asked.headers.get("host", ""),
    }
    request.header["X-TC-Timestamp"] = timestamp = asked.headers["x-tc-timestamp"]
    date = datetime.fromtimestamp(int(timestamp), UTC).strftime("%Y-%m-%d")
    client = SmsClient(Credential(secret_id, secret_key), "")
    signature = client._get_tc3_signature({}, request, date, "sms", secret_key)  # noqa: SLF001 - the point
    scope = f"{secret_id}/{date}/sms/tc3_request"
    return f"TC3-HMAC-SHA256 Credential={scope}, SignedHeaders=content-type;host, Signature={signature}"


def _said(inside: Mapping[str, Any], status: int = 200) -> web.Response:
    # The SDK sees errors only where the type is exactly this one, without a charset.
    body = json.dumps({"Response": {**inside, "RequestId": "a0aabda6-cf91-4f3e-a81f-9198114a2279"}}).encode()
    return web.Response(status=status, body=body, content_type="application/json")
