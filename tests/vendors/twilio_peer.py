"""A simulated Twilio: takes messages, answers and calls back as it does, signed by its SDK."""

import base64
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode

import aiohttp
from aiohttp import web
from twilio.request_validator import RequestValidator

from tests.vendors.peer import Asked, Failure, Peer

VERSION = "2010-04-01"


@dataclass
class Taken:
    """One message; `form` as it was posted."""

    sid: str
    form: dict[str, str]
    status: str = "queued"
    error: int | None = None
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def to(self) -> str:
        return self.form["To"]

    @property
    def text(self) -> str | None:
        return self.form.get("Body")

    @property
    def key(self) -> str | None:
        """Ours, from the address that we want to be called at."""
        query = self.form.get("StatusCallback", "").partition("?")[2]
        return parse_qs(query).get("key", [None])[0]


class TwilioPeer(Peer):
    """One account; `keys` are the API keys that may sign in beside its own token."""

    def __init__(
        self,
        account_sid: str = "AC" + "0123456789abcdef" * 2,
        auth_token: str = "f0e1d2c3b4a59687" * 2,
        **keys: str,
    ) -> None:
        super().__init__()
        self.account_sid, self.auth_token, self.keys = account_sid, auth_token, keys
        self.taken: dict[str, Taken] = {}
        self.balance = "12.3456"

    @property
    def messages(self) -> list[Taken]:
        """In the order in which they were taken."""
        return list(self.taken.values())

    async def answer(self, asked: Asked) -> web.Response:
        account = f"/{VERSION}/Accounts/{self.account_sid}"
        path = asked.target.partition("?")[0]
        if not path.startswith(account + "/") or not self._known(asked.headers.get("authorization", "")):
            return _error(401, 20003, "Authenticate")
        match asked.method, path.removeprefix(account).removesuffix(".json").split("/")[1:]:
            case "POST", ["Messages"]:
                return self._take(asked)
            case "GET", ["Messages", sid] if sid in self.taken:
                return web.json_response(self._shown(self.taken[sid]))
            case "GET", ["Balance"]:
                told = {"account_sid": self.account_sid, "balance": self.balance, "currency": "USD"}
                return web.json_response(told)
        return _error(404, 20404, f"The requested resource {path} was not found")

    def error(self, asked: Asked, failure: Failure) -> web.Response:
        return _error(failure.status or 400, int(failure.code or 21211), "No.")

    async def deliver(self, sid: str, status: str = "delivered", error: int | None = None) -> int:
        """Tell the address that the message was posted with what became of it; the status of the answer."""
        taken = self.taken[sid]
        taken.status, taken.error = status, error
        told = {
            "MessageSid": sid,
            "SmsSid": sid,
            "MessageStatus": status,
            "SmsStatus": status,
            "To": taken.to,
            "From": taken.form.get("From", "+15005550006"),
            "AccountSid": self.account_sid,
            "ApiVersion": VERSION,
        }
        return await self.call(
            taken.form["StatusCallback"], told | ({"ErrorCode": str(error)} if error else {})
        )

    async def reply(self, url: str, sender: str, text: str, to: str = "+15005550006") -> int:
        """Hand over a text that a handset sent."""
        sid = _sid()
        told = {
            "MessageSid": sid,
            "SmsSid": sid,
            "SmsMessageSid": sid,
            "SmsStatus": "received",
            "From": sender,
            "To": to,
            "Body": text,
            "NumMedia": "0",
            "NumSegments": "1",
            "AccountSid": self.account_sid,
            "ApiVersion": VERSION,
        }
        return await self.call(url, told)

    async def call(self, url: str, form: dict[str, str], *, token: str | None = None) -> int:
        """Post a signed form; under another token it is a forgery."""
        signature = RequestValidator(token or self.auth_token).compute_signature(url, form)
        headers = {
            "X-Twilio-Signature": signature,
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "TwilioProxy/1.1",
        }
        timeout = aiohttp.ClientTimeout(total=15)
        async with (
            aiohttp.ClientSession(timeout=timeout) as http,
            http.post(url, data=urlencode(form).encode(), headers=headers) as answer,
        ):
            await answer.read()
            return answer.status

    def _known(self, authorization: str) -> bool:
        pairs = {self.account_sid: self.auth_token, **self.keys}
        return authorization in {
            "Basic " + base64.b64encode(f"{user}:{word}".encode()).decode() for user, word in pairs.items()
        }

    def _take(self, asked: Asked) -> web.Response:
        form = dict(parse_qsl(asked.body.decode(), keep_blank_values=True))
        if not form.get("To"):
            return _error(400, 21604, "A 'To' phone number is required.")
        if not form.get("From") and not form.get("MessagingServiceSid"):
            return _error(400, 21603, "A 'From' phone number is required.")
        if not form.get("Body") and not form.get("ContentSid"):
            return _error(400, 21602, "Message body is required.")
        if len(form.get("Body", "")) > 1600:
            return _error(400, 21617, "The concatenated message body exceeds the 1600 character limit.")
        taken = Taken(_sid(), form, "queued" if "From" in form else "accepted")
        self.taken[taken.sid] = taken
        return web.json_response(self._shown(taken), status=201)

    def _shown(self, taken: Taken) -> dict[str, Any]:
        form, uri = taken.form, f"/{VERSION}/Accounts/{self.account_sid}/Messages/{taken.sid}"
        return {
            "account_sid": self.account_sid,
            "api_version": VERSION,
            "body": form.get("Body", ""),
            "date_created": format_datetime(taken.at),
            "date_sent": None,
            "date_updated": format_datetime(taken.at),
            "direction": "outbound-api",
            "error_code": taken.error,
            "error_message": None,
            "from": form.get("From"),
            "to": taken.to,
            "messaging_service_sid": form.get("MessagingServiceSid"),
            "num_media": "0",
            "num_segments": "1" if "From" in form else "0",
            "price": None,
            "price_unit": "USD",
            "sid": taken.sid,
            "status": taken.status,
            "uri": f"{uri}.json",
            "subresource_uris": {"media": f"{uri}/Media.json"},
        }


def _sid() -> str:
    return "SM" + secrets.token_hex(16)


def _error(status: int, code: int, message: str) -> web.Response:
    more = f"https://www.twilio.com/docs/errors/{code}"
    told = {"code": code, "message": message, "more_info": more, "status": status}
    return web.json_response(told, status=status)
