"""The document's calls by their document's names."""

from __future__ import annotations

import threading

from posthouse_sdk import Client, OtpReply, SmsRecord, VerifyReply
from posthouse_sdk.records.accounts import Activated


class Infra:
    """Everything behind one name; its client is made when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._client: Client | None = None
        self.sms = Sms(self)

    @property
    def client(self) -> Client:
        """The whole of Posthouse's client, for what the document does not show."""
        with self._lock:
            if self._client is None:
                self._client = Client()
            return self._client

    def activate(self) -> Activated:
        """Open a trial account without asking anybody; its key is kept in `~/.infrai/credentials`."""
        return self.client.activate()


class Sms:
    """Messages, one-time passwords, and what became of them. Results are mappings with `.get`."""

    def __init__(self, infra: Infra) -> None:
        self._infra = infra

    def send(
        self,
        *,
        to: str,
        body: str | None = None,
        from_: str | None = None,
        template_id: str | None = None,
        vendor: str | None = None,
        idempotency_key: str | None = None,
    ) -> SmsRecord:
        """Send a message: `body`, or `template_id` in its stead."""
        return self._infra.client.sms.send(
            to=to,
            body=body,
            from_=from_,
            template_id=template_id,
            vendor=vendor,
            idempotency_key=idempotency_key,
        )

    def otp(self, to: str) -> OtpReply:
        """Send a one-time password to a number."""
        return self._infra.client.sms.otp(to=to)

    def verify(self, *, to: str, code: str) -> VerifyReply:
        """Check the one-time password that was typed."""
        return self._infra.client.sms.verify(to=to, code=code)

    def status(self, id: str) -> SmsRecord:
        """The message as it stands now."""
        return self._infra.client.sms.status(id)
