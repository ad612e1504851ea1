"""Twilio Programmable Messaging (API 2010-04-01): one recipient a call, an id for each message."""

import base64
import json
from collections.abc import Sequence
from urllib.parse import parse_qs, quote, urlencode

from posthouse.core.ports.vendor import (
    NOTHING_TOLD,
    Answer,
    Callback,
    Capabilities,
    Money,
    Outbound,
    Question,
    Setting,
    Told,
    Unreadable,
)
from posthouse.core.verdict import Accepted, Receipt, Reply, Verdict
from posthouse.signing import twilio as signing
from posthouse.vendors.adapter import Adapter, Config, Request, Response
from posthouse.vendors.twilio_answers import OK, SID, form_of, moment, parts, receipt, refused, sid_of


class Twilio(Adapter):
    """`from` or `messaging_service_sid` is who sends, unless a message names its sender."""

    name = "twilio"
    title = ("Twilio Programmable Messaging", "Twilio 短信")
    capabilities = Capabilities(query=True, inbound=True, senders=True)
    settings = (
        Setting("account_sid", ("Account SID, AC…", "账户 SID，AC 开头"), required=True),
        Setting(
            "auth_token",
            (
                "Auth token: calls, and the signatures of callbacks",
                "Auth Token：用于调用，也用于校验回调签名",
            ),
            required=True,
            secret=True,
        ),
        Setting("api_key_sid", ("API key for calls, SK…", "调用所用的 API Key，SK 开头")),
        Setting("api_key_secret", ("The API key's secret", "该 API Key 的密钥"), secret=True),
        Setting("from", ("Sender: a number of yours or a name", "发送方：您的号码或名称")),
        Setting("messaging_service_sid", ("Messaging service, MG…", "消息服务 SID，MG 开头")),
        Setting("base_url", ("Address of the API", "接口地址"), default="https://api.twilio.com"),
    )
    PROVEN = "sdk"
    tells_money = True
    ANSWER = Answer(b"<Response/>", "text/xml")

    def __init__(self, config: Config) -> None:
        """Raises ValueError when the settings make no sense together."""
        super().__init__(config)
        values = config.values
        if not values["account_sid"].startswith("AC"):
            raise ValueError("account_sid begins with AC; an API key (SK…) goes into api_key_sid")
        if bool(values["api_key_sid"]) != bool(values["api_key_secret"]):
            raise ValueError("api_key_sid and api_key_secret go together: give both or neither")
        if values["from"] and values["messaging_service_sid"]:
            raise ValueError(
                "a messaging service chooses its sender: give from or messaging_service_sid, not both"
            )
        user, word = values["api_key_sid"], values["api_key_secret"]
        pair = f"{user}:{word}" if user else f"{values['account_sid']}:{values['auth_token']}"
        self._headers = {
            "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
            "Accept": "application/json",
        }
        base = values["base_url"].rstrip("/")
        self._account = f"{base}/2010-04-01/Accounts/{quote(values['account_sid'], safe='')}"

    def build(self, batch: Sequence[Outbound], *, now: int, nonce: str) -> list[Request]:
        """One request a message."""
        headers = {**self._headers, "Content-Type": "application/x-www-form-urlencoded"}
        url = f"{self._account}/Messages.json"
        return [
            Request("POST", url, headers, urlencode(self._fields(each)).encode(), [each]) for each in batch
        ]

    def read(self, batch: Sequence[Outbound], response: Response) -> list[Verdict]:
        """Its id, or why not. A request is about one number: the answer is believed without comparing it."""
        if response.status // 100 != OK:
            return [refused(response, each.to) for each in batch]
        reply = response.json()
        # What Twilio took and gave up at once (`failed` with an error code) has an id too: it was taken, and
        # the callback or the query tells what became of it.
        return [Accepted(sid_of(reply), parts(reply)) for _ in batch]

    def authentic(self, callback: Callback) -> bool:
        """By `X-Twilio-Signature`."""
        return signing.verify(
            self.config.values["auth_token"],
            callback.url,
            content_type=callback.headers.get("content-type", ""),
            body=callback.body,
            signature=callback.headers.get("x-twilio-signature", ""),
        )

    def receipts(self, callback: Callback) -> list[Receipt]:
        """A status callback tells one message's state; its address carries our key."""
        form = form_of(callback)
        # What handsets send has an SmsStatus only.
        if (state := form.get("MessageStatus")) is None:
            return []
        key = parse_qs(callback.query).get("key", [None])[0]
        found = receipt(form["MessageSid"], form["To"], state, form.get("ErrorCode"), key=key)
        return [] if found is None else [found]

    def inbound(self, callback: Callback) -> list[Reply]:
        """A text that a handset sent; Twilio does not say when."""
        form = form_of(callback)
        if "MessageStatus" in form or form.get("SmsStatus") != "received":
            return []
        return [Reply(form["MessageSid"], form["From"], form["Body"], 0, form["To"])]

    def query(self, question: Question, *, now: int, nonce: str) -> Request | None:
        """By its id; there is no list by anything that is ours."""
        if question.reference is None or not SID.match(question.reference):
            return None
        return Request("GET", f"{self._account}/Messages/{question.reference}.json", self._headers)

    def told(self, question: Question, response: Response) -> Told:
        """That there is no such message says nothing: messages can be deleted."""
        if response.status // 100 != OK:
            return NOTHING_TOLD
        reply = response.json()
        if sid_of(reply) != question.reference:
            raise Unreadable("the answer is about another message")
        at = moment(reply.get("date_updated"))
        found = receipt(reply["sid"], reply["to"], reply["status"], reply["error_code"], at=at)
        return Told(Accepted(reply["sid"], parts(reply)), found)

    def check(self, *, now: int, nonce: str) -> Request | None:
        """The balance."""
        return Request("GET", f"{self._account}/Balance.json", self._headers)

    def checked(self, response: Response) -> Money | Verdict | None:
        """In the account's currency."""
        if response.status // 100 != OK:
            return refused(response)
        reply = response.json()
        amount, unit = reply["balance"], reply["currency"]
        if not (isinstance(amount, str) and isinstance(unit, str) and amount and unit):
            raise Unreadable("the balance is not told as text")
        return Money(amount, unit)

    def _fields(self, outbound: Outbound) -> dict[str, str]:
        values, form = self.config.values, {"To": outbound.to}
        if sender := outbound.sender or values["from"]:
            form["From"] = sender
        elif service := values["messaging_service_sid"]:
            form["MessagingServiceSid"] = service
        if outbound.text is not None:
            form["Body"] = outbound.text
        elif outbound.template_id is not None:
            form["ContentSid"] = outbound.template_id
            form["ContentVariables"] = json.dumps(outbound.params or {}, ensure_ascii=False)
        else:
            raise ValueError("neither a text nor a template")
        if (address := self.config.callback_url) is not None:
            # Twilio echoes nothing of ours but the address itself.
            form["StatusCallback"] = (
                f"{address}{'&' if '?' in address else '?'}key={quote(outbound.key, safe='')}"
            )
        return form
