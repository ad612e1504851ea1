"""Tencent Cloud SMS, API 2021-01-11: approved templates under approved signatures, in China and abroad.

Here is what is asked of it; what it says is read in `tencent_answers.py`. Sources: the documentation of
product 382, and `tencentcloud-sdk-python-sms` 3.1.153 on loopback.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from posthouse.core.ports.vendor import (
    NOTHING_TOLD,
    Answer,
    Callback,
    Capabilities,
    Money,
    Outbound,
    Question,
    Receipts,
    Setting,
    Told,
    Unreadable,
)
from posthouse.core.verdict import Receipt, Reply, Verdict
from posthouse.signing import tc3
from posthouse.vendors import tencent_answers as answers
from posthouse.vendors.adapter import Adapter, Config, Pulled, Request, Response, rows_of
from posthouse.vendors.bounds import json_of
from posthouse.vendors.china import CHINA

PAGE = 100
"""The most records of one answer."""
ASKABLE_US = 7 * 86_400_000_000
"""How long the vendor can be asked about a message."""
PACKAGES_SINCE = timedelta(days=3 * 365)

_HEADER = re.compile(r"[!-~]*")


class Tencent(Adapter):
    """A channel over one SMS application (SdkAppId) of a Tencent Cloud account."""

    name = "tencent"
    title = ("Tencent Cloud SMS", "腾讯云短信")
    capabilities = Capabilities(
        recipients_max=200,
        alike=("template_id", "params", "signature", "sender", "extend"),
        receipts=Receipts.BOTH,
        query=True,
        inbound=True,
        approval=True,
        senders=True,
        mainland_parts=True,
        rate_per_s=3000,
    )
    settings = (
        Setting("secret_id", ("SecretId of an API key", "API 密钥的 SecretId"), required=True),
        Setting("secret_key", ("SecretKey of that key", "该密钥的 SecretKey"), required=True, secret=True),
        Setting("token", ("Token of a temporary key", "临时密钥的 Token"), secret=True),
        Setting("sdk_app_id", ("SdkAppId of the SMS application", "短信应用的 SdkAppId"), required=True),
        Setting("region", ("region of the API", "接口地域"), default="ap-guangzhou"),
        Setting(
            "sign_name", ("signature in the mainland, where a message has none", "国内短信的默认签名内容")
        ),
        Setting("sender_id", ("sender abroad, where a message has none", "国际/港澳台短信的默认 SenderId")),
        Setting(
            "pull",
            ("also pull receipts and replies", "是否同时拉取回执与上行短信"),
            default="off",
            choices=("off", "on"),
        ),
        Setting("base_url", ("address of the API", "接口地址"), default="https://sms.tencentcloudapi.com"),
    )
    PROVEN = "sdk"
    tells_money = True
    ANSWER = Answer(b'{"result":0,"errmsg":"OK"}')

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self._values = values = config.values
        address = urlsplit(values["base_url"])
        extra = address.username or address.query or address.fragment
        if address.scheme not in {"http", "https"} or not address.hostname or extra:
            raise ValueError("base_url is an address such as https://sms.tencentcloudapi.com")
        if not all(
            _HEADER.fullmatch(values[each]) for each in ("secret_id", "secret_key", "token", "region")
        ):
            raise ValueError("secret_id, secret_key, token and region are ASCII without spaces or line ends")
        if not answers.digits(values["sdk_app_id"]):
            raise ValueError("sdk_app_id is the number of the SMS application, such as 1400006666")
        self._url, self._host = values["base_url"].rstrip("/") + "/", address.netloc.lower()

    def build(self, batch: Sequence[Outbound], *, now: int, nonce: str) -> list[Request]:
        """One request, or two: numbers of the mainland and others must not be in the same one."""
        inside = [each for each in batch if each.to.startswith("+86")]
        abroad = [each for each in batch if not each.to.startswith("+86")]
        return [self._offer(part, now, abroad=part is abroad) for part in (inside, abroad) if part]

    def read(self, batch: Sequence[Outbound], response: Response) -> list[Verdict]:
        """Verdicts by the numbers that the vendor echoes."""
        said = answers.said(response)
        if not isinstance(said, dict):
            return [said] * len(batch)
        return answers.verdicts([each.to for each in batch], said["SendStatusSet"])

    def receipts(self, callback: Callback) -> list[Receipt | Unreadable]:
        """The receipts, which come as a list (page 382/43547)."""
        told = json_of(callback.body)
        rows = [] if isinstance(told, dict) else rows_of(told, answers.pushed)
        return [each for each in rows if each is not None]

    def inbound(self, callback: Callback) -> list[Reply]:
        """The one text, which comes as an object (page 382/43548)."""
        told = json_of(callback.body)
        if isinstance(told, list):
            return []
        return [answers.reply(answers.number(told), told["text"], told["time"], told.get("extend"))]

    def query(self, question: Question, *, now: int, nonce: str) -> Request | None:
        """All that the number got around that time."""
        since_s = question.started_at // 1_000_000 - 60
        if now - question.started_at > ASKABLE_US:
            return None
        wish = {
            "BeginTime": since_s,
            "Offset": 0,
            "Limit": PAGE,
            "PhoneNumber": question.to,
            "SmsSdkAppId": self._values["sdk_app_id"],
            "EndTime": since_s + 3660,
        }
        return self._ask("PullSmsSendStatusByPhoneNumber", wish, now)

    def told(self, question: Question, response: Response) -> Told:
        """The record that has our reference or the vendor's; there is none before a carrier reported."""
        said = answers.said(response)
        rows = said["PullSmsSendStatusSet"] if isinstance(said, dict) else None
        return next(answers.records(rows or (), question), NOTHING_TOLD)

    def pulls(self, *, now: int, nonce: str) -> list[Request]:
        """Both queues; the vendor's support has to open them."""
        wish = {"Limit": PAGE, "SmsSdkAppId": self._values["sdk_app_id"]}
        actions = ("PullSmsSendStatus", "PullSmsReplyStatus") if self._values["pull"] == "on" else ()
        return [self._ask(action, wish, now) for action in actions]

    def pulled(self, response: Response) -> Pulled:
        """What a queue gave; it gives everything once."""
        said = answers.said(response)
        if not isinstance(said, dict):
            raise Unreadable("the vendor refused")
        rows = (
            said["PullSmsSendStatusSet" if "PullSmsSendStatusSet" in said else "PullSmsReplyStatusSet"] or []
        )
        return answers.queued(rows)._replace(more=len(rows) >= PAGE)

    def check(self, *, now: int, nonce: str) -> Request | None:
        """The packages bought in the last years, up to the hour that has begun."""
        hour = datetime.fromtimestamp(now // 1_000_000, CHINA)
        begin, end = (f"{each:%Y%m%d%H}" for each in (hour - PACKAGES_SINCE, hour))
        wish = {
            "SmsSdkAppId": self._values["sdk_app_id"],
            "Limit": 500,
            "Offset": 0,
            "BeginTime": begin,
            "EndTime": end,
        }
        return self._ask("SmsPackagesStatistics", wish, now)

    def checked(self, response: Response) -> Money | Verdict | None:
        """What is left of packages; None where there are none to tell of."""
        said = answers.said(response)
        if not isinstance(said, dict):
            return said
        return answers.rest(said["SmsPackagesStatisticsSet"] or (), response.headers.get("date", ""))

    def _offer(self, batch: Sequence[Outbound], now: int, *, abroad: bool) -> Request:
        first, values, extend = batch[0], self._values, batch[0].extend or {}
        if first.template_id is None:
            raise ValueError("only templates can be sent")
        wish = {
            "PhoneNumberSet": [each.to for each in batch],
            "SmsSdkAppId": values["sdk_app_id"],
            "TemplateId": first.template_id,
            # Abroad no signature is needed, and that of the mainland would not be approved.
            "SignName": first.signature or ("" if abroad else values["sign_name"]),
            "TemplateParamSet": list((first.params or {}).values()),
            "ExtendCode": extend.get("up") or extend.get("sdk", ""),
            "SessionContext": first.key if len(batch) == 1 else first.call,
            "SenderId": (first.sender or values["sender_id"]) if abroad else "",
        }
        return self._ask("SendSms", {name: value for name, value in wish.items() if value != ""}, now, batch)

    def _ask(self, action: str, wish: Mapping[str, Any], now: int, batch: Sequence[Outbound] = ()) -> Request:
        values, body, timestamp = self._values, json.dumps(wish).encode(), now // 1_000_000
        signed = {"content-type": "application/json", "host": self._host}
        authorization = tc3.authorization(
            tc3.Call("POST", signed, body),
            secret_id=values["secret_id"],
            secret_key=values["secret_key"],
            service="sms",
            timestamp=timestamp,
        )
        told = {
            "Action": action,
            "Version": "2021-01-11",
            "Timestamp": str(timestamp),
            "Region": values["region"],
        }
        if values["token"]:
            told["Token"] = values["token"]
        named = {f"X-TC-{name}": value for name, value in told.items()}
        return Request("POST", self._url, {**signed, **named, "Authorization": authorization}, body, batch)
