"""Send a text or a template, to one number or to a set of them."""

from datetime import datetime

import msgspec

from posthouse.core import phone
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import MESSAGE, show
from posthouse.core.ports.life import NewMessage
from posthouse.services.batching import BatchDraft
from posthouse.services.directory import Caller
from posthouse.web.dialects.notify.replies import SENT, SendReply
from posthouse.web.dialects.notify.submission import check_recipients, in_our_words, leave_out, submission
from posthouse.web.dialects.notify.wire import NUMBERS_MAX, SendRequest
from posthouse.web.endpoint import Call
from posthouse.web.intake import Intake
from posthouse.web.services import Services

OPERATION = "notify.send"


class Sending:
    """The call that sends."""

    def __init__(self, services: Services) -> None:
        self._submit = services.submit
        self._clock = services.clock
        self._zone = services.zone
        self._intake = Intake(services.submit, OPERATION)

    async def send(self, call: Call[SendRequest]) -> bytes:
        """Take one message in, or one for each number: all of them or none."""
        wanted = call.wanted
        leave_out(wanted)
        check_recipients(wanted)
        if wanted.phone is not None:
            return await self._one(call, wanted.phone)
        return await self._set(call, wanted.numbers or [])

    async def _one(self, call: Call[SendRequest], to: str) -> bytes:
        caller, wanted = call.caller, call.wanted

        def draft() -> NewMessage:
            self._submit.may_send(caller)
            return self._submit.draft(caller, submission(caller, wanted, self._zone)._replace(to=to))

        try:
            return await self._intake.one(call, draft, _reply)
        except Refusal as refusal:
            raise self._named(refusal, call, "phone") from None

    async def _set(self, call: Call[SendRequest], given: list[str]) -> bytes:
        caller, wanted = call.caller, call.wanted
        numbers: list[str] = []

        def all_or_nothing(drafted: BatchDraft) -> None:
            if drafted.rejected:
                first = drafted.rejected[0]
                raise self._named(first.refusal, call, f"PhoneNumberSet[{numbers.index(first.to)}]")

        async def draft() -> BatchDraft:
            self._submit.may_send(caller)
            _check_count(len(given))
            asked = submission(caller, wanted, self._zone)
            numbers.extend(_number(text, caller) for text in given)
            unique = list(dict.fromkeys(numbers))
            return await self._submit.draft_batch(
                caller,
                [asked._replace(to=each) for each in unique],
                reference=asked.reference,
                judge=all_or_nothing,
            )

        try:
            return await self._intake.many(call, draft, lambda drafted: _replies(drafted, numbers))
        except Refusal as refusal:
            raise self._named(refusal, call, "PhoneNumberSet") from None

    def _named(self, refusal: Refusal, call: Call[SendRequest], number: str) -> Refusal:
        now = datetime.fromtimestamp(self._clock.now() // 1_000_000, self._zone)
        return in_our_words(refusal, call.caller, call.wanted, number=number, now=now)


def _check_count(count: int) -> None:
    if count == 0:
        raise Refusal(Code.BATCH_EMPTY, param="PhoneNumberSet")
    if count > NUMBERS_MAX:
        raise Refusal(Code.BATCH_TOO_LARGE, param="PhoneNumberSet", count=count, limit=NUMBERS_MAX)


def _number(text: str, caller: Caller) -> str:
    """One form for all spellings of a number; what is none stays as it is, to be refused by the core."""
    try:
        return phone.parse(text, region=caller.account.region).e164
    except phone.BadNumber:
        return text


def _reply(message: NewMessage) -> bytes:
    return _encoder.encode(SendReply("success", SENT, message_id=show(MESSAGE, message.id)))


def _replies(draft: BatchDraft, numbers: list[str]) -> bytes:
    ids = {message.recipient: show(MESSAGE, message.id) for message in draft.messages}
    merged = len(numbers) - len(ids)
    said = SENT if merged == 0 else f"{SENT}，其中 {merged} 个重复号码已合并发送"
    return _encoder.encode(SendReply("success", said, message_ids=[ids[number] for number in numbers]))


_encoder = msgspec.json.Encoder()
