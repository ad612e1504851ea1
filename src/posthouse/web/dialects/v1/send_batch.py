"""Take many messages in at once."""

import asyncio
from typing import Any, NamedTuple

import msgspec

from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import BATCH, show
from posthouse.services.batching import BatchDraft, Rejected
from posthouse.services.directory import Caller
from posthouse.services.submission import Submission
from posthouse.services.submit import BATCH_MAX
from posthouse.web.body import Form
from posthouse.web.dialects.v1.records import BatchReply, RejectedItem
from posthouse.web.dialects.v1.submission import REFUSALS, submission
from posthouse.web.dialects.v1.wire import FAULTS, RESERVED, BatchItem, BatchRequest
from posthouse.web.endpoint import Call, Route
from posthouse.web.intake import Intake
from posthouse.web.refuse import DetailedRefusal
from posthouse.web.services import Services

OPERATION = "sms.batch"
BODY_MAX = 8 * 1024 * 1024
"""10,000 messages of 800 bytes: as many texts of 70 Chinese characters each, even written as \\u escapes."""

REJECTED_SHOWN = 100
_TO_SHOWN = 64
_SLICE = 500


class SendBatch:
    """The call about batches."""

    def __init__(self, services: Services) -> None:
        self._submit = services.submit
        self._intake = Intake(services.submit, OPERATION)

    async def send(self, call: Call[BatchRequest]) -> bytes:
        """Take a batch in, all of it or what can be accepted."""
        return await self._intake.many(call, lambda: self._draft(call.caller, call.wanted), _reply)

    async def _draft(self, caller: Caller, wanted: BatchRequest) -> BatchDraft:
        return await self._submit.draft_batch(
            caller,
            await _submissions(wanted),
            reference=wanted.reference,
            judge=lambda draft: _refuse_unless_good(draft, wanted),
        )


async def _submissions(wanted: BatchRequest) -> list[Submission]:
    """Every message as the core wants it, in slices so that others get their turn."""
    if wanted.to is not None and wanted.messages is not None:
        raise Refusal(Code.CONTENT_CONFLICT, param="messages", text_field="to", template_field="messages")
    if wanted.messages is not None:
        _check_count(len(wanted.messages), "messages")
        common = _Common.of(wanted)
        submissions = []
        for index, item in enumerate(wanted.messages):
            if index % _SLICE == _SLICE - 1:
                await asyncio.sleep(0)
            submissions.append(common.with_item(item, index))
        return submissions
    if wanted.to is None:
        raise Refusal(Code.MISSING_FIELD, param="to")
    _check_count(len(wanted.to), "to")
    template = submission("", wanted)
    return (
        [template._replace(to=to) for to in wanted.to]
        if len(wanted.to) <= _SLICE
        else await _many(template, wanted.to)
    )


async def _many(template: Submission, recipients: list[str]) -> list[Submission]:
    rest = template[1:]
    submissions: list[Submission] = []
    for start in range(0, len(recipients), _SLICE):
        submissions.extend(Submission(to, *rest) for to in recipients[start : start + _SLICE])
        await asyncio.sleep(0)
    return submissions


class _Common(NamedTuple):
    """What a batch says of all its messages: each takes from it what it does not say itself."""

    defaults: Submission
    has_content: bool

    @classmethod
    def of(cls, wanted: BatchRequest) -> "_Common":
        return cls(submission("", wanted), wanted.body is not None or wanted.template_id is not None)

    def with_item(self, item: BatchItem, index: int) -> Submission:
        own = submission(item.to, item, f"messages[{index}].")
        common = self.defaults
        # A content is taken whole: never one's text with the other's parameters.
        content = own if item.body is not None or item.template_id is not None else None
        if content is None:
            content = common if own.params is None else common._replace(params=own.params)
        return Submission(
            own.to,
            content.body,
            content.template_id,
            content.params,
            own.sender if own.sender is not None else common.sender,
            own.signature if own.signature is not None else common.signature,
            own.send_at if own.send_at is not None else common.send_at,
            own.validity_s if own.validity_s is not None else common.validity_s,
            own.lane if item.purpose is not None else common.lane,
            own.reference if own.reference is not None else common.reference,
            own.metadata if own.metadata is not None else common.metadata,
            own.pin if own.pin is not None else common.pin,
        )


def _check_count(count: int, param: str) -> None:
    if count == 0:
        raise Refusal(Code.BATCH_EMPTY, param=param)
    if count > BATCH_MAX:
        raise Refusal(Code.BATCH_TOO_LARGE, param=param, count=count, limit=BATCH_MAX)


def _refuse_unless_good(draft: BatchDraft, wanted: BatchRequest) -> None:
    rejected = draft.rejected
    if not rejected or (wanted.on_error == "accept_rest" and draft.messages):
        return
    first = rejected[0].refusal
    if wanted.to is not None and first.param != "to" and not draft.messages and _all_alike(draft, first):
        raise first  # the fault is in what all recipients share: name it once
    total = len(rejected) + len(draft.messages)
    shown = [_rejected(item) for item in rejected[:REJECTED_SHOWN]]
    members = {"rejected": shown}
    if not draft.messages:
        raise DetailedRefusal(Code.BATCH_REFUSED, members, total=total)
    raise DetailedRefusal(Code.BATCH_REFUSED, members, rejected=len(rejected), total=total)


def _all_alike(draft: BatchDraft, first: Refusal) -> bool:
    return all(
        item.refusal.code is first.code and item.refusal.param == first.param for item in draft.rejected
    )


def _reply(draft: BatchDraft) -> bytes:
    rejected = [_rejected(item) for item in draft.rejected]
    return msgspec.json.encode(BatchReply(show(BATCH, draft.batch.id), len(draft.messages), rejected))


def _rejected(item: Rejected) -> RejectedItem:
    return RejectedItem(item.index, item.to[:_TO_SHOWN], item.refusal.code.value)


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The call that takes a batch in."""
    return (
        Route(
            method="POST",
            path="/v1/sms/batch",
            name="sms.batch",
            summary="Send up to 10,000 messages",
            form=Form(BatchRequest, RESERVED, FAULTS),
            handle=SendBatch(services).send,
            reply=BatchReply,
            status=202,
            scope="messages:write",
            refusals=(*REFUSALS, Code.BATCH_EMPTY, Code.BATCH_TOO_LARGE, Code.BATCH_REFUSED),
            idempotent=True,
            body_max=BODY_MAX,
            example={
                "to": ["+15555550123", "13800138000"],
                "body": "We open at nine.",
                "on_error": "accept_rest",
            },
        ),
    )
