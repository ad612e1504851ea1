"""Alibaba Cloud Short Message Service (Dysms 2017-05-25): approved templates, to mainland China and abroad.

A call answers one BizId for all its recipients, so receipts are told apart by their numbers. A call without
an answer is found again by OutId: our key for one recipient, our name of the call for several.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from posthouse.core.ports.vendor import (
    NOTHING_TOLD,
    Answer,
    Callback,
    Capabilities,
    Outbound,
    Question,
    Setting,
    Told,
    Unreadable,
)
from posthouse.core.verdict import Accepted, Reason, Receipt, Refused, Reply, Verdict
from posthouse.signing import acs3
from posthouse.vendors.adapter import Adapter, Config, Request, Response
from posthouse.vendors.aliyun_answers import (
    answer,
    biz_id_of,
    fields,
    found,
    matches,
    news,
    word,
)
from posthouse.vendors.china import mainland

_ABOUT_THE_ACCOUNT = frozenset({Reason.AUTH, Reason.FORBIDDEN, Reason.BALANCE})
_PAGE = {"CurrentPage": "1", "PageSize": "50"}
_NOBODY = "10000000000"  # as long as a mobile number of mainland China, but none begins with 10
_ASKED_FOR_US = 30 * 86_400_000_000


class Aliyun(Adapter):
    """One AccessKey with its signatures and templates."""

    name = "aliyun"
    title = ("Alibaba Cloud SMS", "阿里云短信")
    capabilities = Capabilities(
        recipients_max=100,
        alike=("template_id",),
        query=True,
        inbound=True,
        approval=True,
        mainland_parts=True,
        rate_per_s=5000,
    )
    settings = (
        Setting("access_key_id", ("AccessKey ID of a RAM user", "RAM 用户的 AccessKey ID"), required=True),
        Setting("access_key_secret", ("its secret", "AccessKey Secret"), required=True, secret=True),
        Setting("sign_name", ("the signature of messages that name none", "消息未指定签名时使用的签名")),
        Setting("security_token", ("only with STS credentials", "仅 STS 临时凭证需要"), secret=True),
        Setting("base_url", ("API address", "接口地址"), default="https://dysmsapi.aliyuncs.com"),
    )
    PROVEN = "sdk"
    ANSWER = Answer('{"code":0,"msg":"接收成功"}'.encode())

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        base = urlsplit(config.values["base_url"])
        if base.scheme not in {"http", "https"} or not base.hostname or base.query or "@" in base.netloc:
            raise ValueError(
                "base_url must be like https://dysmsapi.aliyuncs.com: http or https, a host, at most a path"
            )
        self._host, self._path = base.netloc, base.path.rstrip("/") or "/"
        self._url = f"{base.scheme}://{self._host}{self._path}"
        self._keys = acs3.Keys(
            *(config.values[name] for name in ("access_key_id", "access_key_secret", "security_token"))
        )

    def build(self, batch: Sequence[Outbound], *, now: int, nonce: str) -> list[Request]:
        """SendSms where all say the same, else SendBatchSms; two calls where some have extension codes."""
        # A call has such codes for all or for none; and no nonce is used twice.
        halves = ([each for each in batch if bool(_extend(each)) is extended] for extended in (False, True))
        return [
            self._offer(half, now=now, nonce=nonce + "x" * number)
            for number, half in enumerate(filter(None, halves))
        ]

    def read(self, batch: Sequence[Outbound], response: Response) -> list[Verdict]:
        """One answer for all recipients."""
        said, no = answer(response)
        return [no or Accepted(word(said, "BizId"))] * len(batch)

    def receipts(self, callback: Callback) -> list[Receipt | Unreadable]:
        """Of the push named SmsReport; and whatever is no text either."""
        return [each for each in news(callback) if not isinstance(each, Reply)]

    def inbound(self, callback: Callback) -> list[Reply]:
        """Of the push named SmsUp."""
        return [each for each in news(callback) if isinstance(each, Reply)]

    def query(self, question: Question, *, now: int, nonce: str) -> Request | None:
        """A number's messages of one day; they are kept for 30 days."""
        if now - question.started_at > _ASKED_FOR_US:
            return None
        biz_id = biz_id_of(question)
        more = {} if biz_id is None else {"BizId": biz_id}
        return self._ask(_dialled(question.to), question.started_at, more, now=now, nonce=nonce)

    def told(self, question: Question, response: Response) -> Told:
        """Found or not; what is not found may be there later."""
        said, no = answer(response)
        items = [] if no else map(fields, fields(said["SmsSendDetailDTOs"])["SmsSendDetailDTO"])
        return next((found(question, item) for item in items if matches(question, item)), NOTHING_TOLD)

    def check(self, *, now: int, nonce: str) -> Request | None:
        """A query about nobody: Dysms tells no money."""
        return self._ask(_NOBODY, now, {}, now=now, nonce=nonce)

    def checked(self, response: Response) -> Verdict | None:
        """None where the credentials were taken."""
        _, no = answer(response)
        # That nobody cannot be asked about says as well that the credentials were taken.
        if isinstance(no, Refused) and no.code.startswith("isv.") and no.reason not in _ABOUT_THE_ACCOUNT:
            return None
        return no

    def _offer(self, batch: Sequence[Outbound], *, now: int, nonce: str) -> Request:
        first, template_id = batch[0], batch[0].template_id
        if template_id is None:
            raise ValueError("Alibaba Cloud sends its own templates only")
        query = {"OutId": first.key if len(batch) == 1 else first.call, "TemplateCode": template_id}
        form: dict[str, str] = {}
        numbers = [_dialled(each.to) for each in batch]
        names = [each.signature or self.config.values["sign_name"] for each in batch]
        params = [each.params or {} for each in batch]
        codes = [_extend(each) for each in batch]
        if all(each == (names[0], params[0], codes[0]) for each in zip(names, params, codes, strict=True)):
            action = "SendSms"
            query |= {"PhoneNumbers": ",".join(numbers), "SignName": names[0]}
            query |= {"TemplateParam": _json(params[0])} if params[0] else {}
            query |= {"SmsUpExtendCode": codes[0]} if codes[0] else {}
        else:
            action = "SendBatchSms"
            form = {"PhoneNumberJson": _json(numbers), "SignNameJson": _json(names)}
            form |= {"TemplateParamJson": _json(params)} if any(params) else {}
            form |= {"SmsUpExtendCodeJson": _json(codes)} if codes[0] else {}
        return self._request(action, query, form, now=now, nonce=nonce)._replace(batch=batch)

    def _ask(self, number: str, sent_at: int, more: Mapping[str, str], *, now: int, nonce: str) -> Request:
        # By the day in China; a call in its last second may be filed under the next, and is then not found.
        day = datetime.fromtimestamp(sent_at // 1_000_000 + 8 * 3600, UTC).strftime("%Y%m%d")
        query = {"PhoneNumber": number, "SendDate": day, **_PAGE, **more}
        return self._request("QuerySendDetails", query, {}, now=now, nonce=nonce)

    def _request(
        self, action: str, query: Mapping[str, str], form: Mapping[str, str], *, now: int, nonce: str
    ) -> Request:
        """What names the message goes into the query and what a list is into the form, as in the SDK."""
        asked, body = acs3.canonical_query(query.items()), acs3.canonical_query(form.items()).encode()
        headers = {"host": self._host, **acs3.call(action, version="2017-05-25", nonce=nonce, now=now)}
        headers = acs3.signed(headers, path=self._path, query=asked, body=body, keys=self._keys)
        return Request("POST", f"{self._url}?{asked}", headers | {"accept": "application/json"}, body)


def _dialled(number: str) -> str:
    # 1 and ten digits is a mobile number of the mainland to this vendor, whatever country it was meant for.
    if number.startswith("+1"):
        raise ValueError("Alibaba Cloud would read a number of North America as one of mainland China")
    return mainland(number) or number.removeprefix("+")


def _extend(outbound: Outbound) -> str:
    return (outbound.extend or {}).get("up", "")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
