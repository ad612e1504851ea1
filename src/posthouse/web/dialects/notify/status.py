"""Look up what became of a message."""

from posthouse.core.ids import MESSAGE, read
from posthouse.core.message import Progress, State, progress_of
from posthouse.core.ports.queries import GetMessage, MessageRecord
from posthouse.web.dialects.notify.replies import StatusReply
from posthouse.web.dialects.notify.wire import StatusRequest
from posthouse.web.endpoint import Call
from posthouse.web.refuse import not_found
from posthouse.web.services import Services

_BY_STATE = {
    State.SCHEDULED: StatusReply("scheduled", "短信等待定时发送"),
    State.CANCELED: StatusReply("canceled", "短信已取消发送"),
}
_BY_PROGRESS = {
    Progress.SUCCESS: StatusReply("delivered", "短信已成功投递"),
    Progress.FAILED: StatusReply("failed", "短信投递失败"),
    Progress.PENDING: StatusReply("pending", "短信发送中，尚无投递结果"),
}
"""The first two in the document's own words."""


class Statuses:
    """The call about one message."""

    def __init__(self, services: Services) -> None:
        self._store = services.store

    async def get(self, call: Call[StatusRequest]) -> StatusReply:
        """Where it stands."""
        message_id = read(MESSAGE, call.wanted.message_id)
        found = None
        if message_id is not None:
            found = await self._store.read(GetMessage(call.caller.account.id, message_id))
        if found is None:
            raise not_found("message")
        return _status(found)


def _status(message: MessageRecord) -> StatusReply:
    state = State(message.state)
    final_sent = message.look_at is None  # no receipt is waited for
    return _BY_STATE.get(state) or _BY_PROGRESS[progress_of(state, final_sent=final_sent)]
