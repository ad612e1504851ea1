"""What `/notify` answers: the document's examples, as structs."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

SENT = "短信发送成功"
"""The document's own words."""


class SendReply(Struct):
    """What was accepted: one message, or one for each number of the set, in its order."""

    result: Literal["success"]
    desc: str
    message_id: str | UnsetType = UNSET
    message_ids: list[str] | UnsetType = UNSET


class CodeReply(Struct):
    """A code, which is not shown again."""

    code: str


class TemplateReply(Struct):
    """A text as a handset would show it."""

    content: str


class StatusReply(Struct):
    """Where a message stands."""

    status: Literal["delivered", "failed", "pending", "scheduled", "canceled"]
    desc: str


class ErrorReply(Struct):
    """What was not done, and why."""

    result: Literal["error"]
    desc: str
