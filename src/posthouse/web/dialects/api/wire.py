"""What `/api` reads: the document's parameters, table by table. What it does not name is passed over."""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct

from posthouse.core.errors import Code
from posthouse.web.body import Fault

PHONES_MAX = 100
PER_PAGE_MAX = 100
PAGE_MAX = 1_000_000_000
PARAMS_MAX, PARAM_NAME_MAX, PARAM_MAX = 50, 64, 1000
TIME_FORM = "YYYY-MM-DD HH:mm:ss"

Phone = Annotated[str, Meta(description="接收短信的手机号", examples=["13800138000"])]


class Content(Struct, kw_only=True, omit_defaults=True):
    """What a message says, and by whom it goes."""

    template_id: Annotated[str, Meta(description="短信模板ID", min_length=1, max_length=64)]
    params: dict[str, object] | list[object] | None = None
    """PHP encodes an array without entries as a list, so an empty list is as good as an empty object."""
    provider: Annotated[str, Meta(max_length=100)] | None = None
    idempotency_key: str | None = None


class SendRequest(Content, kw_only=True, omit_defaults=True):
    """One message to one recipient."""

    phone: Phone


class BatchRequest(Content, kw_only=True, omit_defaults=True):
    """One message to many recipients."""

    phones: list[Phone]


class RecordsQuery(Struct, kw_only=True):
    """Which records, and which page of them; a filter that is left blank filters nothing."""

    page: Annotated[int, Meta(ge=1, le=PAGE_MAX)] = 1
    per_page: Annotated[int, Meta(ge=1, le=PER_PAGE_MAX)] = 10
    status: Literal["", "pending", "success", "failed"] = ""
    start_time: str = ""
    end_time: str = ""


class NoQuery(Struct):
    """A request that says nothing."""


FAULTS: Mapping[str, Fault] = {
    "page": (Code.INVALID_VALUE, {"minimum": 1, "maximum": PAGE_MAX}),
    "per_page": (Code.INVALID_VALUE, {"minimum": 1, "maximum": PER_PAGE_MAX}),
    "status": (Code.INVALID_VALUE, {"allowed": "pending, success, failed"}),
}
"""Fields whose faulty values have words of their own."""
