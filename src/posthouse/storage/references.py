"""Vendors' references of attempts: written with the verdict, found by receipts."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import bindparam, delete, select

from posthouse.core.ports.life import Finish
from posthouse.core.verdict import Accepted
from posthouse.storage.schema import vendor_references
from posthouse.storage.tx import Row, Statement, Tx, Upsert


class Reference(NamedTuple):
    """What a vendor calls one part of an attempt; `id` is None where only our own key told the attempt."""

    reference: str
    recipient: str
    id: int | None
    message_id: int
    attempt: int
    part: int = 1
    parts: int = 1


_FIND = Statement(
    select(*(vendor_references.c[name] for name in Reference._fields)).where(
        vendor_references.c.channel_id == bindparam("channel"),
        vendor_references.c.reference.in_(bindparam("ids", expanding=True)),
    ),
    "channel",
    "ids",
)
_WRITTEN = (
    "channel_id",
    "reference",
    "recipient",
    "part",
    "message_id",
    "attempt",
    "created_at",
    "parts",
)
# Where a vendor's references come round again, receipts belong to the newest message.
_REFER = Upsert(
    vendor_references,
    lambda insert_: insert_.on_conflict_do_update(
        index_elements=["channel_id", "reference", "recipient"],
        set_={
            name: insert_.excluded[name] for name in ("part", "message_id", "attempt", "created_at", "parts")
        },
    ),
    *_WRITTEN,
)
_FORGET = Statement(delete(vendor_references).where(vendor_references.c.id == bindparam("known")), "known")
# Those of one attempt were written one after another.
_FORGET_PARTS = Statement(
    delete(vendor_references).where(
        vendor_references.c.id.between(bindparam("first"), bindparam("last")),
        vendor_references.c.message_id == bindparam("message"),
        vendor_references.c.attempt == bindparam("number"),
    ),
    "first",
    "last",
    "message",
    "number",
)


class Known:
    """What is known of some references of one channel, by the number or by how it ends."""

    def __init__(self, tx: Tx, channel_id: int, wanted: Iterable[str]) -> None:
        rows = map(Reference._make, tx.rows_in(_FIND, dict.fromkeys(wanted), channel_id))
        self._exactly = {(each.reference, each.recipient): each for each in rows}
        self._by_reference: dict[str, list[Reference]] | None = None
        self._by_ending: dict[tuple[str, int], dict[str, list[Reference]]] = {}

    @property
    def messages(self) -> set[int]:
        """Whose references they are."""
        return {each.message_id for each in self._exactly.values()}

    def find(self, reference: str, recipient: str) -> Reference | None:
        """The one with this recipient, or whose recipient alone ends like this; None for none or several."""
        found = self._exactly.get((reference, recipient))
        if found is not None or recipient.startswith("+") or not reference:
            return found
        ending = len(recipient)
        fitting = self._by_ending.get((reference, ending))
        if fitting is None:
            fitting = self._by_ending[reference, ending] = defaultdict(list)
            for each in self._of(reference):
                fitting[each.recipient[-ending:] if ending else ""].append(each)
        alike = fitting.get(recipient, ())
        return alike[0] if len(alike) == 1 else None

    def _of(self, reference: str) -> list[Reference]:
        if self._by_reference is None:
            self._by_reference = defaultdict(list)
            for each in self._exactly.values():
                self._by_reference[each.reference].append(each)
        return self._by_reference.get(reference, [])


def fits(recipient: str, told: str) -> bool:
    """Whether a number, E.164, is what a vendor tells of it."""
    return recipient == told if told.startswith("+") else recipient.endswith(told)


def names_of(finishes: Iterable[tuple[Finish, int]]) -> list[str]:
    """The references of accepted attempts, those of all parts."""
    names: list[str] = []
    for finish, _ in finishes:
        reference, others = _references(finish)
        names += (reference, *others)
    return names


def refer(tx: Tx, taken: dict[int, list[tuple[Finish, int]]]) -> None:
    """Write the references of attempts that vendors accepted: by channel, with when."""
    rows: list[Row] = []
    for channel_id, finishes in taken.items():
        for finish, at in finishes:
            reference, others = _references(finish)
            if not reference:
                continue
            attempt = finish.message_id, finish.attempt
            if not others:
                rows.append((channel_id, reference, finish.recipient, 1, *attempt, at, 1))
                continue
            each_part = list(dict.fromkeys((reference, *others)))
            rows += [
                (channel_id, own, finish.recipient, part, *attempt, at, len(each_part))
                for part, own in enumerate(each_part, 1)
            ]
    tx.many(_REFER, rows)


def _references(finish: Finish) -> tuple[str, tuple[str, ...]]:
    if not isinstance(finish.verdict, Accepted):
        raise TypeError(finish)
    return finish.verdict.reference, finish.verdict.others


def forget_references(tx: Tx, over: Iterable[Reference]) -> None:
    """Forget references of which nothing new can be told; of a message in parts, those of all parts."""
    single: list[Row] = []
    several: list[Row] = []
    for each in over:
        if each.id is None:
            continue
        if each.parts == 1:
            single.append((each.id,))
        else:
            first = each.id - each.part + 1
            several.append((first, first + each.parts - 1, each.message_id, each.attempt))
    tx.many(_FORGET, single)
    tx.many(_FORGET_PARTS, several)
