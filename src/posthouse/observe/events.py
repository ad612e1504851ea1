"""Events: a stable name and facts, one line each, on standard error. `docs/observability.md` lists them."""

import logging
import os
import sys
import traceback
from types import TracebackType

import structlog

from posthouse.observe.failpoints import arm

_detailed = False


def configure(*, json: bool, level: int = logging.INFO) -> None:
    """Send events to standard error, as JSON lines or for eyes, and arm `POSTHOUSE_FAILPOINT`.

    An event is a name and facts, never prose: `log.info("claimed", lane="otp", count=12)`. Numbers
    are masked and texts, codes and keys left out by whoever logs. Levels below `level` cost next to
    nothing.

    Raises:
        UnknownFailpoint: see `arm`.
    """
    global _detailed  # noqa: PLW0603 - one per process, so that asking costs nothing
    arm(os.environ.get("POSTHOUSE_FAILPOINT"))
    _detailed = level <= logging.DEBUG
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_words,
            structlog.processors.JSONRenderer()
            if json
            else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def detailed() -> bool:
    """Whether events of single messages and requests are shown: ask before gathering their facts."""
    return _detailed


def _without_words(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """An exception as its type and stack, without its own words: they may quote a number or a text."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    elif isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event.setdefault("error", type(error).__name__)
        event["stack"] = _stack(error.__traceback__)
    return event


def _stack(frames: TracebackType | None) -> str:
    return "".join(traceback.format_tb(frames)).rstrip()
