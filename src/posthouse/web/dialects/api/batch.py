"""Send one message to many numbers."""

import msgspec

from posthouse.core import phone
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import BATCH, MESSAGE, show
from posthouse.services.batching import BatchDraft
from posthouse.web.dialects.api.errors import in_our_words, sentence
from posthouse.web.dialects.api.replies import SENT, BatchData, BatchReply, Result
from posthouse.web.dialects.api.submission import submission
from posthouse.web.dialects.api.wire import PHONES_MAX, BatchRequest
from posthouse.web.endpoint import Call
from posthouse.web.intake import Intake
from posthouse.web.services import Services

OPERATION = "api.batch"
MERGED = "重复号码，已合并发送"


class Batches:
    """The call about batches."""

    def __init__(self, services: Services) -> None:
        self._submit = services.submit
        self._intake = Intake(services.submit, OPERATION)

    async def send(self, call: Call[BatchRequest]) -> bytes:
        """Take in what can be accepted of a batch; refuses one of which nothing can."""
        caller, wanted = call.caller, call.wanted
        numbers: list[str] = []

        async def draft() -> BatchDraft:
            _check_count(len(wanted.phones))
            numbers.extend(_number(text, caller.account.region) for text in wanted.phones)
            unique = list(dict.fromkeys(numbers))
            alike = submission("", wanted)
            drafted = await self._submit.draft_batch(caller, [alike._replace(to=each) for each in unique])
            if not drafted.messages:
                raise in_our_words(drafted.rejected[0].refusal, "phones[0]")
            return drafted

        return await self._intake.many(call, draft, lambda drafted: _reply(drafted, numbers))


def _check_count(count: int) -> None:
    if count == 0:
        raise Refusal(Code.BATCH_EMPTY, param="phones")
    if count > PHONES_MAX:
        raise Refusal(Code.BATCH_TOO_LARGE, param="phones", count=count, limit=PHONES_MAX)


def _number(text: str, region: str) -> str:
    """One form for all spellings of a number; what is none stays as it is, to be refused by the core."""
    try:
        return phone.parse(text, region=region).e164
    except phone.BadNumber:
        return text


def _reply(draft: BatchDraft, numbers: list[str]) -> bytes:
    faults = {fault.to: fault.refusal for fault in draft.rejected}
    ids = {message.recipient: show(MESSAGE, message.id) for message in draft.messages}
    results: list[Result] = []
    seen: set[str] = set()
    for index, number in enumerate(numbers):
        message_id = ids.get(number)
        said = MERGED if number in seen else SENT
        if message_id is None:
            said = sentence(in_our_words(faults[number], f"phones[{index}]"))
        seen.add(number)
        results.append(Result(phone.mask(number), message_id, message_id is not None, said))
    total, good = len(results), sum(result.success for result in results)
    said = SENT if good == total else f"部分短信发送失败：成功 {good} 条，失败 {total - good} 条"
    data = BatchData(show(BATCH, draft.batch.id), total, good, total - good, results)
    return msgspec.json.encode(BatchReply(success=True, message=said, data=data))
