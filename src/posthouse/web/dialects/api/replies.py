"""What `/api` answers: the document's examples, as structs."""

from typing import Literal

from msgspec import Raw, Struct

from posthouse.core import phone
from posthouse.core.ids import MESSAGE, show
from posthouse.core.ports.life import NewMessage

SENT = "短信发送成功"


class Sent(Struct):
    """Which message was accepted, and for whom."""

    message_id: str
    phone: str


class SendReply(Struct):
    """One message was accepted."""

    success: bool
    message: str
    data: Sent


class Result(Struct):
    """What became of one number of a batch; `message_id` is null where it was not accepted."""

    phone: str
    message_id: str | None
    success: bool
    message: str


class BatchData(Struct):
    """What became of a batch: a result for every number, in the order of the request."""

    batch_id: str
    total: int
    success_count: int
    failed_count: int
    results: list[Result]


class BatchReply(Struct):
    """A batch was accepted, or what could be accepted of it."""

    success: bool
    message: str
    data: BatchData


class Record(Struct):
    """One message, by its number within the account."""

    id: int
    phone: str
    template_id: str | None
    status: Literal["pending", "success", "failed"]
    created_at: str


class RecordsData(Struct):
    """One page of the records, newest first, and how many there are."""

    records: list[Record]
    total: int
    page: int
    per_page: int


class RecordsReply(Struct):
    """The page that was asked for."""

    success: bool
    data: RecordsData


class AccountData(Struct):
    """The account: money left to send with, messages accepted, verification."""

    balance: Raw
    total_sent: int
    today_sent: int
    verification_status: Literal["pending", "approved", "rejected"]


class AccountReply(Struct):
    """The account as it stands."""

    success: bool
    data: AccountData


class ErrorReply(Struct):
    """What was not done, and why."""

    success: bool
    message: str


def sent(message: NewMessage) -> SendReply:
    """The reply for a message that is being accepted."""
    return SendReply(
        success=True, message=SENT, data=Sent(show(MESSAGE, message.id), phone.mask(message.recipient))
    )
