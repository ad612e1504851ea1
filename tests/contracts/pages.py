"""Pages by number, as a look at every message would give them."""

from collections.abc import Awaitable, Callable, Sequence

from posthouse.core.message import Progress, State, progress_of
from posthouse.core.ports.queries import MessageRecord, PageMessages, RecordPage


def progress_in(message: MessageRecord) -> Progress:
    """How far a message is, in three words."""
    return progress_of(State(message.state), final_sent=message.look_at is None)


async def check_pages(
    read: Callable[[PageMessages], Awaitable[RecordPage]],
    account_id: int,
    everything: Sequence[MessageRecord],
) -> None:
    """The hourly counters agree with the messages."""
    mine = [message for message in everything if message.account_id == account_id]
    for progress in Progress:
        page = await read(PageMessages(account_id, progress, limit=0))
        assert page.total == sum(progress_in(message) is progress for message in mine)
