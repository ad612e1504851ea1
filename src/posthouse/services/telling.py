"""What befalls a single message, as an event of level debug: its number masked, its text left out."""

import structlog

from posthouse.core.ids import MESSAGE, show
from posthouse.core.phone import mask

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


def tell(event: str, message_id: int, to: str, **facts: str | float) -> None:
    """Log one step of one message; ask `observe.detailed` first whether anybody wants it."""
    log.debug(event, sms_id=show(MESSAGE, message_id), to=mask(to), **facts)
