"""Posthouse for Python: messages, one-time passwords and everything around them.

from posthouse_sdk import Client

with Client() as client:
    client.sms.send(to="+8613800138000", body="Hello")
"""

from posthouse_sdk._async.client import AsyncClient
from posthouse_sdk._async.paging import AsyncPager
from posthouse_sdk._sync.client import Client
from posthouse_sdk._sync.paging import Pager
from posthouse_sdk.errors import (
    APIError,
    AuthenticationError,
    BadReply,
    BadRequest,
    Conflict,
    ConnectionFailed,
    CredentialsMissing,
    CredentialsUnreadable,
    InsufficientBalance,
    InvalidSettings,
    NotFound,
    PermissionDenied,
    PosthouseError,
    RateLimited,
    ServerError,
    StillOpen,
    TimedOut,
    Unprocessable,
    WebhookInvalid,
)
from posthouse_sdk.records.codes import OtpReply, VerificationRecord, VerifyReply
from posthouse_sdk.records.messages import SmsRecord
from posthouse_sdk.replies import Raw
from posthouse_sdk.routes import ROUTES
from posthouse_sdk.version import __version__

__all__ = [
    "ROUTES",
    "APIError",
    "AsyncClient",
    "AsyncPager",
    "AuthenticationError",
    "BadReply",
    "BadRequest",
    "Client",
    "Conflict",
    "ConnectionFailed",
    "CredentialsMissing",
    "CredentialsUnreadable",
    "InsufficientBalance",
    "InvalidSettings",
    "NotFound",
    "OtpReply",
    "Pager",
    "PermissionDenied",
    "PosthouseError",
    "RateLimited",
    "Raw",
    "ServerError",
    "SmsRecord",
    "StillOpen",
    "TimedOut",
    "Unprocessable",
    "VerificationRecord",
    "VerifyReply",
    "WebhookInvalid",
    "__version__",
]
