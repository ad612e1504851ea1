"""A channel called over HTTP: makes the calls that an adapter describes, and knows what no answer means.

`NotSent` means that no byte left: the name was not found, the connection refused, the certificate wrong. From
there on every failure is `Unknown`, since the vendor may have read what we wrote.
"""

import asyncio
import errno
import os
import secrets
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import aiohttp
import structlog
from yarl import URL

from posthouse.core.ports.store import Clock
from posthouse.core.ports.vendor import (
    NOTHING_TOLD,
    Callback,
    Capabilities,
    Forged,
    Heard,
    Money,
    Outbound,
    Question,
    Receipts,
    Settle,
    Told,
)
from posthouse.core.verdict import Accepted, NotSent, Reason, Receipt, Refused, Reply, Unknown, Verdict
from posthouse.vendors.adapter import MISREAD, Adapter, Request, Response, Unreadable
from posthouse.vendors.bounds import bounded, receipts_of, replies_of
from posthouse.vendors.discreet import discreet
from posthouse.vendors.exchange import exchange

TOTAL_S, CONNECT_S = 7.5, 3.0
"""Of one call: inside the lease, and so long for name, connection and TLS together."""
BODY_MAX = 1 << 20
"""Bytes of an answer: nobody who sends 200 verdicts needs more."""
LINE_MAX, HEADERS_MAX = 8190, 64
PULL_EVERY_S, PULL_BUSY_S, PULL_FAILED_S = 5.0, 0.2, 30.0
PULL_LAST_S = 5.0
"""What a pull that has begun gets when its channel changes or the server stops: the queue gives once."""
QUERIES_AT_ONCE = 4

# Before the request is written; a time-out of the connection is told from one of the answer by its class.
_NOT_BEGUN = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class NoAnswer(Exception):
    """A call that came to nothing usable; `sent`: bytes may have left."""

    def __init__(self, detail: str, *, sent: bool) -> None:
        super().__init__(detail)
        self.detail = detail
        self.sent = sent


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Send it once: aiohttp repeats a GET whose connection was dropped, and some vendors send by GET."""
    try:
        return await handler(request)
    except _NOT_BEGUN:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise NoAnswer(_words(error), sent=True) from error


_ONCE = (_once,)
"""For all but a POST, which aiohttp does not repeat."""


def session(
    connector: aiohttp.TCPConnector, *, total_s: float = TOTAL_S, connect_s: float = CONNECT_S
) -> aiohttp.ClientSession:
    """A session for vendor calls: bounded in time and size, without cookies, redirects or proxies.

    The time to connect must be the shorter one: when both end together, it counts as sent.
    """
    return aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(
            total=total_s,
            connect=connect_s,
            sock_connect=connect_s,
            ceil_threshold=total_s + 1,  # aiohttp rounds times from here on up to whole seconds
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=True,
        max_line_size=LINE_MAX,
        max_field_size=LINE_MAX,
        max_headers=HEADERS_MAX,
        trust_env=False,
    )


class HttpVendor:
    """`core.ports.vendor.Vendor` over HTTP."""

    def __init__(
        self,
        adapter: Adapter,
        http: aiohttp.ClientSession,
        clock: Clock,
        *,
        channel: str,
        nonce: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        """`channel`: its name, for the log."""
        self._adapter = adapter
        self._http = http
        self._clock = clock
        self._channel = channel
        self._nonce = nonce

    @property
    def capabilities(self) -> Capabilities:
        """What its vendor can do."""
        return self._adapter.capabilities

    async def send(self, outbounds: Sequence[Outbound]) -> list[Verdict]:
        """Offer the messages, in as many requests as the vendor needs."""
        try:
            requests = self._adapter.build(outbounds, now=self._clock.now(), nonce=self._nonce())
        except ValueError as error:  # nothing that this vendor could be asked; another may well be
            if len(outbounds) == 1:
                return discreet([Refused(Reason.UNROUTABLE, "", str(error)[:300])], outbounds)
            alone = await asyncio.gather(*(self.send([outbound]) for outbound in outbounds))
            return [verdict for [verdict] in alone]
        if len(requests) == 1:
            return await self._offer(requests[0])
        verdicts: dict[str, Verdict] = {}
        for told in await asyncio.gather(*(self._offered(request) for request in requests)):
            verdicts |= told
        forgotten = Unknown("the adapter made no request for it")
        return [verdicts.get(outbound.key, forgotten) for outbound in outbounds]

    async def query(self, questions: Sequence[Question]) -> list[Told]:
        """Ask about each, a few at once."""
        slots = asyncio.Semaphore(QUERIES_AT_ONCE)

        async def ask(question: Question) -> Told:
            try:
                request = self._adapter.query(question, now=self._clock.now(), nonce=self._nonce())
                if request is None:
                    return NOTHING_TOLD
                async with slots:
                    told = self._adapter.told(question, await self._call(request))
            except (NoAnswer, *MISREAD) as error:
                log.info("query_unanswered", channel=self._channel, error=type(error).__name__)
                return NOTHING_TOLD
            verdict = None if told.verdict is None else bounded(discreet([told.verdict])[0])
            receipts = [] if told.receipt is None else receipts_of([told.receipt])
            return Told(verdict, receipts[0] if receipts else None)

        return await asyncio.gather(*map(ask, questions))

    async def listen(self, settle: Settle) -> None:
        """Empty the vendor's queues again and again; returns at once where there are none."""
        if self.capabilities.receipts not in (Receipts.PULL, Receipts.BOTH):
            return
        while requests := self._adapter.pulls(now=self._clock.now(), nonce=self._nonce()):
            pauses_s = [await self._to_its_end(self._pull(request, settle)) for request in requests]
            await asyncio.sleep(PULL_FAILED_S if PULL_FAILED_S in pauses_s else min(pauses_s))

    def hear(self, callback: Callback) -> Heard:
        """Read what the vendor sent."""
        adapter = self._adapter
        try:
            if not adapter.authentic(callback):
                raise Forged("its signature is missing or wrong")
            receipts, replies = adapter.receipts(callback), adapter.inbound(callback)
        except MISREAD as error:
            raise Unreadable(_misread(error)) from error
        return Heard(
            receipts_of(each for each in receipts if isinstance(each, Receipt)),
            replies_of((each for each in replies if isinstance(each, Reply)), now=self._clock.now()),
            adapter.ANSWER,
            unreadable=sum(isinstance(each, Unreadable) for each in (*receipts, *replies)),
        )

    async def check(self) -> Money | Verdict | None:
        """Ask for the money left, or something else that needs the credentials."""
        request = self._adapter.check(now=self._clock.now(), nonce=self._nonce())
        if request is None:
            return None
        try:
            response = await self._call(request)
        except NoAnswer as error:
            return _unanswered(error)
        try:
            found = self._adapter.checked(response)
        except MISREAD as error:
            return Unknown(f"HTTP {response.status}: {_misread(error)}")
        return found if found is None or isinstance(found, Money) else discreet([found])[0]

    async def _pull(self, request: Request, settle: Settle) -> float:
        """Fetch once from a queue, which forgets what it gives, and store that; how long to rest, seconds."""
        try:
            news = self._adapter.pulled(await self._call(request))
        except (NoAnswer, *MISREAD) as error:
            log.info("pull_failed", channel=self._channel, error=type(error).__name__)
            return PULL_FAILED_S
        receipts, replies = receipts_of(news.receipts), replies_of(news.replies, now=self._clock.now())
        if receipts or replies:
            await self._keep(settle, receipts, replies)
        return PULL_BUSY_S if news.more else PULL_EVERY_S

    async def _to_its_end(self, pull: Coroutine[Any, Any, float]) -> float:
        """Let a pull that has begun end even if the listener is cancelled, within `PULL_LAST_S` from then."""
        pulling = asyncio.create_task(pull)
        try:
            return await asyncio.shield(pulling)
        except asyncio.CancelledError:
            _, late = await asyncio.wait([pulling], timeout=PULL_LAST_S)
            if late:
                log.warning("pull_abandoned", channel=self._channel)
                pulling.cancel()
                await asyncio.wait([pulling])
            raise

    async def _keep(self, settle: Settle, receipts: list[Receipt], replies: list[Reply]) -> None:
        """Store what a queue gave: it gives it once, so this is tried until it is done."""
        pause_s = 0.5
        while True:
            try:
                return await settle(receipts, replies)
            except Exception as error:  # noqa: BLE001 - whatever the store's trouble, what was pulled is here only
                log.warning("pulled_not_stored", channel=self._channel, error=type(error).__name__)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, PULL_FAILED_S)

    async def _offered(self, request: Request) -> dict[str, Verdict]:
        keys = [outbound.key for outbound in request.batch]
        return dict(zip(keys, await self._offer(request), strict=True))

    async def _offer(self, request: Request) -> list[Verdict]:
        batch, clock = request.batch, asyncio.get_running_loop().time
        since_s, response, verdicts = clock(), None, list[Verdict]()
        try:
            response = await self._call(request)
            verdicts = self._adapter.read(batch, response)
        except NoAnswer as error:
            verdicts = [_unanswered(error)] * len(batch)
        except MISREAD as error:
            status = response.status if response is not None else 0
            verdicts = [Unknown(f"HTTP {status}: {_misread(error)}")] * len(batch)
        if len(verdicts) != len(batch):
            verdicts = [Unknown(f"{len(verdicts)} verdicts for {len(batch)} messages")] * len(batch)
        taken = all(isinstance(verdict, Accepted) for verdict in verdicts)
        told = exchange(request, response, clock() - since_s, taken=taken)
        if response is not None and not taken:
            verdicts = discreet(verdicts, batch)
        return [bounded(verdict, told) for verdict in verdicts]

    async def _call(self, request: Request) -> Response:
        """Make one call and read its whole answer.

        Raises:
            NoAnswer: there is none that is whole, small and in time.
        """
        try:
            async with self._http.request(
                request.method,
                _address(request.url),
                headers=request.headers,
                data=request.body or None,
                allow_redirects=False,
                middlewares=() if request.method == "POST" else _ONCE,
            ) as answer:
                body, content = bytearray(), answer.content
                # Unpacked, piece by piece: a small body may hold a thousand times its size.
                while piece := await content.readany():
                    body += piece
                    if len(body) > BODY_MAX:
                        answer.close()
                        raise NoAnswer(f"HTTP {answer.status} with more than {BODY_MAX} bytes", sent=True)
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return Response(answer.status, headers, bytes(body))
        except _NOT_BEGUN as error:
            raise NoAnswer(_words(error), sent=False) from error
        except TimeoutError as error:
            raise NoAnswer("no answer in time", sent=True) from error
        except (aiohttp.ClientError, OSError) as error:
            raise NoAnswer(_words(error), sent=True) from error


def _unanswered(error: NoAnswer) -> Verdict:
    return Unknown(error.detail) if error.sent else NotSent(error.detail)


def _address(url: str) -> URL:
    """The address to the byte, since it may be signed.

    Raises:
        NoAnswer: it is none.
    """
    try:
        address = URL(url, encoded=True)
        if address.host and address.port and url.isascii() and url.isprintable() and " " not in url:
            return address
    except ValueError:
        pass
    raise NoAnswer("the address of the call is none", sent=False)


def _misread(error: Exception) -> str:
    """What was wrong with an answer; errors of Python quote what they fail at, which may be anything."""
    return (
        str(error) if isinstance(error, Unreadable) else f"not in the vendor's form ({type(error).__name__})"
    )[:300]


_PLAIN: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientConnectorCertificateError, "its certificate is not trusted"),
    (aiohttp.ClientSSLError, "TLS failed"),
    (aiohttp.ConnectionTimeoutError, "no connection in time"),
    (aiohttp.ServerDisconnectedError, "it hung up without an answer"),
    (aiohttp.ClientPayloadError, "its answer broke off"),
    (aiohttp.InvalidURL, "the address of the call is none"),
)
"""The first that fits; which host it was, the exchange tells."""


def _words(error: Exception) -> str:
    """What went wrong, without addresses, which may be nobody else's business."""
    if (plain := next((words for kind, words in _PLAIN if isinstance(error, kind)), None)) is not None:
        return plain
    if not isinstance(error, aiohttp.ClientConnectorError):
        return type(error).__name__
    code = error.os_error.errno or 0
    if code == errno.EACCES:
        return "no connection: its address is not public"
    found = isinstance(error, aiohttp.ClientConnectorDNSError) or code <= 0
    return "the name of its host was not found" if found else f"no connection: {os.strerror(code)}"
