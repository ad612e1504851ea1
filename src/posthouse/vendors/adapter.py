"""What a vendor's file consists of: its words, and no I/O.

An adapter says which requests a batch makes (`build`), what an answer to one of them means (`read`), and what
the vendor's callbacks tell (`receipts`, `inbound`). Time and nonce are arguments, so that a signature can be
compared to the byte. `base.py` makes the calls.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Literal, NamedTuple, TypeVar

from posthouse.core.ports.vendor import (
    NOTHING_TOLD,
    Answer,
    Callback,
    Capabilities,
    Forged,
    Kind,
    Money,
    Outbound,
    Question,
    Setting,
    Told,
    Unreadable,
)
from posthouse.core.verdict import Deferred, Reason, Receipt, Refused, Reply, Verdict
from posthouse.vendors.bounds import json_of

__all__ = [
    "MISREAD",
    "Adapter",
    "Answer",
    "Callback",
    "Capabilities",
    "Config",
    "Forged",
    "Kind",
    "Money",
    "Outbound",
    "Proven",
    "Pulled",
    "Question",
    "Request",
    "Response",
    "Setting",
    "Told",
    "Unreadable",
    "again_s",
    "kind_of",
    "refusal",
    "rows_of",
]

Proven = Literal["sdk", "docs", "live"]
"""How a wire format was checked: against the official SDK, by its documentation, or with a real account."""


MISREAD = (Unreadable, LookupError, TypeError, ValueError, AttributeError, RecursionError)
"""What a vendor can make an adapter raise by what it says: its answer or callback is not in its form."""


class Config(NamedTuple):
    """What a channel was told: its settings by name, secret ones included, defaults filled in.

    `callback_url` is the whole address that the vendor may call; None where there is no public one.
    """

    values: Mapping[str, str]
    callback_url: str | None = None


class Request(NamedTuple):
    """One HTTP request, ready to be sent as it stands; `batch` is whom it is about, in order."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""
    batch: Sequence[Outbound] = ()


class Response(NamedTuple):
    """What came back; `headers` by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - whatever the vendor says
        """The body as JSON.

        Raises:
            Unreadable: it is none, whatever its status and content type say.
        """
        try:
            return json_of(self.body)
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"HTTP {self.status} with a body that is not JSON") from error


class Pulled(NamedTuple):
    """What a vendor's queue gave; `more`: ask again at once."""

    receipts: Sequence[Receipt] = ()
    replies: Sequence[Reply] = ()
    more: bool = False


class Adapter(ABC):
    """One channel's vendor: what it is as class attributes; what it cannot do is left out.

    What is not understood raises `Unreadable`, or whatever else of `MISREAD` untrusted data lead to: a call
    then ended unknown, a callback is answered 400.
    """

    name: ClassVar[str]
    title: ClassVar[tuple[str, str]]
    capabilities: Capabilities
    settings: ClassVar[tuple[Setting, ...]]
    PROVEN: ClassVar[Proven]
    ANSWER: Answer = Answer()
    tells_money: ClassVar[bool] = False

    def __init__(self, config: Config) -> None:
        """Raises ValueError with a sentence for the operator when the settings make no sense together."""
        self.config = config

    @abstractmethod
    def build(self, batch: Sequence[Outbound], *, now: int, nonce: str) -> list[Request]:
        """The requests that offer a batch, each with its part of it; `now` is microseconds UTC.

        The batch is never longer than `capabilities.recipients_max`, holds no number twice, and is alike in
        what `capabilities.alike` names.
        """

    @abstractmethod
    def read(self, batch: Sequence[Outbound], response: Response) -> list[Verdict]:
        """One verdict for each of a request's batch, in order."""

    def authentic(self, callback: Callback) -> bool:
        """Whether the vendor sent this; vendors that sign nothing are known by their unguessable address."""
        del callback
        return True

    def receipts(self, callback: Callback) -> Sequence[Receipt | Unreadable]:
        """The receipts in a callback; none when it is about something else.

        Where a callback has rows, `Unreadable` stands for each that is not in the vendor's form (`rows_of`).
        """
        del callback
        return []

    def inbound(self, callback: Callback) -> Sequence[Reply | Unreadable]:
        """The texts in a callback that handsets sent, likewise; a row is told by one of both methods.

        A text that the vendor gives no id has an empty reference: it gets one by its words and its time.
        """
        del callback
        return []

    def query(self, question: Question, *, now: int, nonce: str) -> Request | None:
        """How to ask about one attempt; None where the vendor cannot be asked about this one."""
        del question, now, nonce
        return None

    def told(self, question: Question, response: Response) -> Told:
        """What the answer to `query` says."""
        del question, response
        return NOTHING_TOLD

    def pulls(self, *, now: int, nonce: str) -> list[Request]:
        """The requests that empty the vendor's queues of receipts and texts; none where there are none."""
        del now, nonce
        return []

    def pulled(self, response: Response) -> Pulled:
        """What the answer to one of `pulls` says."""
        del response
        return Pulled()

    def check(self, *, now: int, nonce: str) -> Request | None:
        """A request that costs nothing and needs the credentials, best for the money left; None for none."""
        del now, nonce
        return None

    def checked(self, response: Response) -> Money | Verdict | None:
        """What the answer to `check` says: the money, None where it tells none, or a refusal."""
        del response
        return None


def kind_of(adapter: type[Adapter]) -> Kind:
    """A vendor kind as the rest of the program sees it."""
    return Kind(
        adapter.name,
        adapter.title,
        adapter.capabilities,
        adapter.settings,
        adapter.PROVEN,
        checks=adapter.check is not Adapter.check,
        balance=adapter.tells_money,
    )


ROWS_MAX = 100_000
"""Rows of one callback: no vendor sends a thousandth of it."""

_Row = TypeVar("_Row")
_Found = TypeVar("_Found")


def rows_of(rows: Iterable[_Row], read: Callable[[_Row], _Found]) -> list[_Found | Unreadable]:
    """What the rows of a callback say.

    One that is not in the vendor's form does not take the others with it.

    Raises:
        Unreadable: no row is in the vendor's form, or there are too many.
    """
    found, count, misread, broken = list[_Found | Unreadable](), 0, 0, Unreadable("a row that cannot be read")
    for count, row in enumerate(rows, 1):
        if count > ROWS_MAX:
            raise Unreadable(f"more than {ROWS_MAX} rows")
        try:
            found.append(read(row))
        except MISREAD:
            misread += 1
            found.append(broken)
    if misread and misread == count:
        raise broken
    return found


AGAIN_MAX_S = 300
"""The longest that a vendor is left alone because it says so, in seconds."""


def again_s(response: Response) -> float:
    """The seconds of an answer's Retry-After, from 1 to `AGAIN_MAX_S`; 1 where it says none."""
    told = response.headers.get("retry-after", "").strip()
    return float(min(max(int(told[:6]), 1), AGAIN_MAX_S)) if told.isascii() and told.isdecimal() else 1.0


_AGAIN_S: Mapping[Reason, float] = {Reason.RATE_LIMITED: 1.0, Reason.VENDOR_TEMPORARY: 2.0}
"""Reasons that pass by themselves, and after how many seconds the same channel may be asked again."""


_QUOTED_MAX = 4000


def refusal(reason: Reason, code: str, text: str = "", *, after_s: float | None = None) -> Refused | Deferred:
    """A vendor's "no": for now or for good, by its reason; `code` and `text` are the vendor's own words.

    Of a text more is handed over than is kept: `discreet.py` has to see what it quotes.
    """
    wait_s = _AGAIN_S.get(reason) if after_s is None else after_s
    code, text = code[:100], text[:_QUOTED_MAX]
    return Refused(reason, code, text) if wait_s is None else Deferred(reason, wait_s, code, text)
