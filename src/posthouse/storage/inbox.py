"""What handsets wrote: stored once, with whose it is, what it answers and what its keyword does."""

from collections.abc import Sequence

from sqlalchemy import bindparam, func, select

from posthouse.core.ids import first_at
from posthouse.core.keywords import Keyword, keyword_of
from posthouse.core.message import Happened, Life, State
from posthouse.core.ports.inbox import Inbound
from posthouse.core.ports.life import RecordReplies
from posthouse.core.verdict import Reply
from posthouse.storage.corresponding import last_writers
from posthouse.storage.group import Group
from posthouse.storage.moves import Moves, Open
from posthouse.storage.schema import channels, replies, vendor_references
from posthouse.storage.suppressing import opt_in, opt_out
from posthouse.storage.tx import Statement, Tx, Upsert

TEXT_MAX = 10_000
"""Characters of a text that are kept: several times what the longest message of a handset has."""
RECEIVER_MAX = 40

_FIND = Statement(
    select(
        vendor_references.c.reference,
        vendor_references.c.recipient,
        vendor_references.c.message_id,
    ).where(
        vendor_references.c.channel_id == bindparam("channel"),
        vendor_references.c.reference.in_(bindparam("ids", expanding=True)),
    ),
    "channel",
    "ids",
)
_OWNER = Statement(select(channels.c.account_id).where(channels.c.id == bindparam("channel")), "channel")
_NEWEST = Statement(select(func.max(replies.c.id)))
_REPLY = Upsert(
    replies,
    lambda insert_: insert_.on_conflict_do_nothing(),
    *("id", "account_id", "channel_id", "message_id", "reference", "sender", "text", "at"),
    *("receiver", "keyword", "received_at"),
)


def record_replies(group: Group, commands: Sequence[RecordReplies]) -> list[Inbound]:
    """Store what is new, each text once, however often it is told."""
    return [_record(group, command) for command in commands]


def _record(group: Group, command: RecordReplies) -> Inbound:
    tx = group.tx
    whose = _Whose(group, command)
    count, opted_out, opted_in, unheard = 0, [], [], []
    newest = tx.rows(_NEWEST)[0][0] or 0
    for reply in sorted(command.replies, key=lambda reply: reply.at):  # the last word is what counts
        account_id, message = whose.of(reply)
        keyword = keyword_of(reply.text)
        row = max(first_at(command.at), newest + 1)
        if not tx.run(
            _REPLY,
            row,
            account_id,
            command.channel_id,
            None if message is None else message.id,
            reply.reference,
            reply.sender,
            _storable(reply.text, TEXT_MAX),
            reply.at,
            None if reply.to is None else _storable(reply.to, RECEIVER_MAX),
            None if keyword is None else keyword.value,
            command.at,
        ):
            continue
        newest, count = row, count + 1
        if message is not None:
            whose.tell(message, command.at)
        if keyword not in _CHANGING:
            continue
        if account_id is None:
            unheard.append(reply.sender)
        elif keyword is Keyword.STOP:
            if opt_out(tx, account_id, reply.sender, command.at):
                opted_out.append(reply.sender)
        elif opt_in(tx, account_id, reply.sender):
            opted_in.append(reply.sender)
    whose.flush()
    return Inbound(count, tuple(opted_out), tuple(opted_in), tuple(unheard))


_CHANGING = (Keyword.STOP, Keyword.START)


class _Whose:
    """Whose a channel's texts are, and which messages they answer."""

    def __init__(self, group: Group, command: RecordReplies) -> None:
        tx, channel_id = group.tx, command.channel_id
        self._answered = _answered(tx, command)
        strangers = [reply.sender for reply in command.replies if _key(reply) not in self._answered]
        self._last = last_writers(tx, channel_id, strangers, command.at)
        owner = tx.row(_OWNER, channel_id)
        self._owner: int | None = None if owner is None else owner[0]
        written = [message_id for _, message_id in self._last.values()]
        self._moves = Moves(group, [*self._answered.values(), *written])

    def of(self, reply: Reply) -> tuple[int | None, Open | None]:
        """The account, and the message: by the reference, by the channel's owner, by who wrote last."""
        messages = self._moves.messages
        message = messages.get(self._answered.get(_key(reply), -1))
        if message is not None:
            return message.account_id, message
        writer, written = self._last.get(reply.sender, (None, -1))
        if self._owner not in (None, writer):
            return self._owner, None
        return writer, messages.get(written)

    def tell(self, message: Open, at: int) -> None:
        """Note in the story of the message that it was answered; nothing else of it changes."""
        waiting = message.state in (State.QUEUED, State.SCHEDULED)
        self._moves.move(
            message,
            Life(tuple(message.outcomes), more=waiting),
            at=at,
            due_at=message.due,
            kind=Happened.REPLIED,
            lease=message.lease,
            receipts=message.look_at is not None,  # a final `sent` stays final
        )

    def flush(self) -> None:
        """Write what was told."""
        self._moves.flush()


def _answered(tx: Tx, command: RecordReplies) -> dict[tuple[str, str], int]:
    wanted = dict.fromkeys(reply.reference for reply in command.replies)
    return {(row[0], row[1]): row[2] for row in tx.rows_in(_FIND, wanted, command.channel_id)}


def _key(reply: Reply) -> tuple[str, str]:
    return reply.reference, reply.sender


def _storable(text: str, most: int) -> str:
    """The beginning of a text; halves of surrogate pairs, which no database takes, are replaced."""
    return text[:most].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
