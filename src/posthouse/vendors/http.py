"""Any vendor with an HTTP API, described by settings: how to ask, what its answers and its callbacks mean.

One message a call. An answer that fits no rule says nothing: the message may have been sent.
`http_request.py` makes the request, `http_callbacks.py` reads what vendors tell later; the languages of the
settings are in `http_templates.py`, `http_places.py` and `http_rules.py`.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from posthouse.core.ports.vendor import Answer, Callback, Capabilities, Outbound, Receipts
from posthouse.core.verdict import Accepted, Reason, Receipt, Refused, Reply, Unknown, Verdict
from posthouse.signing import stamped
from posthouse.vendors.adapter import Adapter, Config, Proven, Request, Response, again_s, refusal
from posthouse.vendors.http_callbacks import Listener, plain
from posthouse.vendors.http_places import ANSWER, CALLBACK, Places
from posthouse.vendors.http_presets import settled
from posthouse.vendors.http_request import Composer
from posthouse.vendors.http_rules import Rule
from posthouse.vendors.http_said import Said
from posthouse.vendors.http_settings import SETTINGS

_BY_STATUS = {401: Reason.AUTH, 402: Reason.BALANCE, 403: Reason.FORBIDDEN}
# "Too slow" and "there is one already" may both be said of a message that was taken.
_MAY_BE_TAKEN = frozenset({408, 409})


class Http(Adapter):
    """The generic channel."""

    name = "http"
    title = ("HTTP API (generic)", "通用 HTTP 接口")
    capabilities = Capabilities(inbound=True, senders=True)
    settings = SETTINGS
    PROVEN: ClassVar[Proven] = "docs"

    def __init__(self, config: Config) -> None:
        """Raises ValueError that names the setting that cannot be used, and says why."""
        super().__init__(config)
        told = settled(config.values)
        self._composer = Composer(told, config.callback_url)
        self._success = Rule.parse(told["success"], where="success")
        self._places = {
            name: Places.parse(told[name], kinds=ANSWER, where=name) for name in ("reference", "code")
        }
        self._token_in = Places.parse(told["callback_token_in"], kinds=CALLBACK, where="callback_token_in")
        self._codes = _codes(told["codes"])
        self._listener = Listener(told, self._codes)
        if not self._listener.hears_receipts:
            self.capabilities = replace(self.capabilities, receipts=Receipts.NONE)
        self._echoes = any(place.kind == "key" for place in self._places["reference"])
        self._secret, self._token = told["secret"], told["callback_token"]
        if answer := told["callback_answer"]:
            self.ANSWER = Answer(answer.encode(), "text/plain")

    def build(self, batch: Sequence[Outbound], *, now: int, nonce: str) -> list[Request]:
        """One request a message."""
        return [self._composer.compose(outbound, now=now, nonce=nonce) for outbound in batch]

    def read(self, batch: Sequence[Outbound], response: Response) -> list[Verdict]:
        """By the rule `success`, the table `codes`, and the status, in this order."""
        (outbound,) = batch
        said = Said(response, key=outbound.key)
        if self._success.holds(said):
            reference = self._find("reference", said)
            return [Unknown("taken, but without a reference") if reference is None else Accepted(reference)]
        return [self._refused(said, again_s(response))]

    def authentic(self, callback: Callback) -> bool:
        """By our signature where there is a `secret`, by the repeated `callback_token` where there is one."""
        content = stamped.content(callback.body, callback.query)
        if self._secret and not stamped.verify(
            self._secret, content, callback.headers.get(stamped.HEADER.lower())
        ):
            return False
        if not self._token:
            return True
        repeated = self._token_in.find(Said(callback)) or ""
        return hmac.compare_digest(repeated.encode(), self._token.encode())

    def receipts(self, callback: Callback) -> list[Receipt]:
        """What it says became of messages."""
        return self._listener.receipts(self._vouched(callback), echoes=self._echoes)

    def inbound(self, callback: Callback) -> list[Reply]:
        """What handsets said in it."""
        return self._listener.inbound(self._vouched(callback))

    def _vouched(self, callback: Callback) -> Callback:
        """As much of it as the signature covers, where there is a `secret`."""
        if not self._secret:
            return callback
        return callback._replace(headers={}, query="" if callback.body else callback.query)

    def _find(self, name: str, said: Said) -> str | None:
        return self._places[name].find(said)

    def _refused(self, said: Said, after_s: float) -> Verdict:
        code = self._find("code", said) or ""
        reason = self._codes.get(code)
        if reason is None and code and said.status < 500:  # noqa: PLR2004 - a gateway's own errors have no codes
            reason = self._codes.get("*")
        code, status = plain(code, self._codes), f"HTTP {said.status}"
        if said.status == 429:  # noqa: PLR2004 - Too Many Requests
            reason = reason or Reason.RATE_LIMITED
            return refusal(reason, code, status, after_s=after_s if reason is Reason.RATE_LIMITED else None)
        if reason is not None:
            return refusal(reason, code)
        if 400 <= said.status < 500 and said.status not in _MAY_BE_TAKEN:  # noqa: PLR2004 - as HTTP has it
            return Refused(_BY_STATUS.get(said.status, Reason.INVALID_REQUEST), code, status)
        return Unknown(f"{status}, which `success` and `codes` say nothing about")


def _codes(text: str) -> Mapping[str, Reason]:
    try:
        told = json.loads(text)
        return {code: Reason(reason) for code, reason in told.items()}
    except (ValueError, AttributeError, RecursionError):
        reasons = ", ".join(Reason)
        raise ValueError(
            f'codes: not a JSON object such as {{"1001": "invalid_number"}}; the reasons are {reasons}'
        ) from None
