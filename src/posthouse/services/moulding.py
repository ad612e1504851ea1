"""Messages of a batch that differ in nothing but their recipients: worked out once, then cast."""

from posthouse.core.errors import Refusal
from posthouse.core.message import Lane
from posthouse.core.phone import Number
from posthouse.core.ports.life import NewMessage
from posthouse.services.directory import Caller
from posthouse.services.drafting import Drafting, recipient_of
from posthouse.services.submission import Submission

_FROM_COUNTRY_ON = NewMessage._fields.index("country")


class Mould:
    """Drafts the messages of one batch, one by one.

    What the last one asked for is remembered: for a campaign, nine tenths of the work on a message.
    """

    def __init__(self, drafting: Drafting, caller: Caller, now: int, batch_id: int) -> None:
        self._drafting = drafting
        self._caller = caller
        self._now = now
        self._batch_id = batch_id
        self._asked: tuple[object, ...] | None = None
        self._by_country: dict[str, tuple[object, ...] | Refusal] = {}

    def draft(self, wanted: Submission, message_id: int) -> NewMessage:
        """The message that would be stored. Refuses whatever is wrong with the submission."""
        account = self._caller.account
        number = recipient_of(account, wanted.to)
        # Names, too: to vendors that take parameters by position, their order matters.
        asked = (*wanted[1:], *(wanted.params or ()))
        if asked != self._asked:
            self._asked = asked
            self._by_country.clear()
        known = self._by_country.get(number.country)
        if known is None:
            return self._first(wanted, number, message_id)
        if isinstance(known, Refusal):
            raise known.with_traceback(None)
        return NewMessage._make((message_id, account.id, self._batch_id, number.e164, *known))

    def _first(self, wanted: Submission, number: Number, message_id: int) -> NewMessage:
        """The first of its kind for a country: what the others are like."""
        try:
            message = self._drafting.draft_for(
                number, self._caller, wanted, self._now, message_id, self._batch_id
            )
        except Refusal as refusal:
            self._by_country[number.country] = refusal
            raise
        # What is sealed is bound to its message.
        if message.lane != Lane.OTP:
            self._by_country[number.country] = message[_FROM_COUNTRY_ON:]
        return message
