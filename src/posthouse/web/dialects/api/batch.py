"""Send one message to many numbers."""

import msgspec

from posthouse.core import phone
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import BATCH, MESSAGE, show
from posthouse.services.submit import BatchDraft
from posthouse.web.dialects.api.errors import in_our_words, sentence
from posthouse.web.dialects.api.replies import SENT, BatchData, BatchReply, Result
from posthouse.web.dialects.api.submission import submission
from posthouse.web.dialects.api.wire import PHONES_MAX, BatchRequest
from posthouse.web.endpoint import Call
from posthouse.web.idempotency import mark_of
from posthouse.web.services import Services

OPERATION = "api.batch"
MERGED = "重复号码,已合并发送"


class Batches:
    """The call about batches."""

    def __init__(self, services: Services) -> None:
        self._submit = services.submit

    async def send(self, call: Call[BatchRequest]) -> bytes:
        """Take in what can be accepted of a batch; refuses one of which nothing can."""
        submit, caller, wanted = self._submit, call.caller, call.wanted
        mark = mark_of(call.headers, wanted)
        replayed = None if mark is None else await submit.replay(caller, OPERATION, mark.key, mark.request)
        if replayed is None:
            _check_count(len(wanted.phones))
            numbers = [_number(text, caller.account.region) for text in wanted.phones]
            unique = list(dict.fromkeys(numbers))
            draft = await submit.draft_batch(caller, [submission(number, wanted) for number in unique])
            faults = {
                fault.to: in_our_words(fault.refusal, f"phones[{numbers.index(fault.to)}]")
                for fault in draft.rejected
            }
            if not draft.messages:
                raise faults[unique[0]]
            reply = msgspec.json.encode(_reply(draft, numbers, faults))
            once = None if mark is None else submit.once(caller, OPERATION, mark.key, mark.request, reply)
            replayed = await submit.accept_batch(draft, once)
            if replayed is None:
                return reply
        call.replayed = True
        return replayed


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


def _reply(draft: BatchDraft, numbers: list[str], faults: dict[str, Refusal]) -> BatchReply:
    ids = {message.recipient: show(MESSAGE, message.id) for message in draft.messages}
    results: list[Result] = []
    seen: set[str] = set()
    for number in numbers:
        message_id = ids.get(number)
        accepted = MERGED if number in seen else SENT
        said = sentence(faults[number]) if message_id is None else accepted
        seen.add(number)
        results.append(Result(phone.mask(number), message_id, message_id is not None, said))
    total, good = len(results), sum(result.success for result in results)
    said = SENT if good == total else f"部分短信发送失败:成功 {good} 条,失败 {total - good} 条"
    return BatchReply(
        success=True,
        message=said,
        data=BatchData(show(BATCH, draft.batch.id), total, good, total - good, results),
    )
