"""What was sent: page by page, newest first."""

import re
from datetime import datetime, tzinfo

from posthouse.core import phone
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import taken_at
from posthouse.core.message import Progress
from posthouse.core.ports.queries import MessageLine, PageMessages
from posthouse.core.times import micros
from posthouse.web.dialects.api.replies import Record, RecordsData, RecordsReply
from posthouse.web.dialects.api.wire import TIME_FORM, RecordsQuery
from posthouse.web.endpoint import Call
from posthouse.web.services import Services


class Records:
    """The call about what was sent."""

    def __init__(self, services: Services) -> None:
        self._store = services.store
        self._zone = services.zone

    async def page(self, call: Call[RecordsQuery]) -> RecordsReply:
        """One page, with the number of all records that fit."""
        wanted, zone = call.wanted, self._zone
        since = _instant("start_time", wanted.start_time, zone, fold=0)
        until = _instant("end_time", wanted.end_time, zone, fold=1)
        if since is not None and until is not None and since > until:
            raise Refusal(Code.INVALID_VALUE, param="end_time", start="start_time")
        found = await self._store.read(
            PageMessages(
                call.caller.account.id,
                Progress(wanted.status) if wanted.status else None,
                since,
                None if until is None else until + _SECOND_US,  # the last second counts
                (wanted.page - 1) * wanted.per_page,
                wanted.per_page,
            )
        )
        records = [_record(line, zone) for line in found.lines]
        return RecordsReply(
            success=True, data=RecordsData(records, found.total, wanted.page, wanted.per_page)
        )


def _record(line: MessageLine, zone: tzinfo) -> Record:
    at = datetime.fromtimestamp(taken_at(line.id) // _SECOND_US, zone)
    return Record(
        line.number,
        phone.mask(line.recipient),
        line.template_id,
        line.progress.value,
        f"{at:%Y-%m-%d %H:%M:%S}",
    )


_SECOND_US = 1_000_000
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)


def _instant(name: str, text: str, zone: tzinfo, *, fold: int) -> int | None:
    """Microseconds UTC of a local time; `fold` says which of the two an hour that comes twice means."""
    if not text:
        return None
    try:
        local = datetime.strptime(text, "%Y-%m-%d %H:%M:%S") if _TIME.fullmatch(text) else None  # noqa: DTZ007 - its zone comes next
    except ValueError:
        local = None
    if local is None:
        raise Refusal(Code.INVALID_TIME, param=name, form=TIME_FORM)
    return micros(local.replace(tzinfo=zone, fold=fold))
