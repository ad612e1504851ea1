"""Where messages are taken in, among fakes: one account, its templates, and a clock that stands."""

from typing import Any
from zoneinfo import ZoneInfo

from posthouse.core.ids import Ids
from posthouse.core.message import Lane, Mode
from posthouse.core.ports.admin import AccountStatus, Role
from posthouse.core.ports.admission import FindSuppressed
from posthouse.core.ports.channels import ChannelRecord, ListChannelRecords
from posthouse.core.ports.life import Accept, Acceptance
from posthouse.core.ports.queries import AccountRecord, DirectoryVersion
from posthouse.core.ports.routes import ListRoutes
from posthouse.core.ports.templates import Own
from posthouse.core.routing import Channel, UnknownPolicy
from posthouse.core.template import Template, variables_of
from posthouse.core.words import WordList
from posthouse.observe import Metrics
from posthouse.services.directory import Caller, Directory
from posthouse.services.drafting import Drafting
from posthouse.services.submit import Submit
from tests.fakes import CIPHER, CountedWakeups, ScriptedStore

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = 1_795_852_800_000_000  # 2026-11-28T16:00:00+08:00
HOUR = 3_600_000_000
TO = "+8613800138000"
CODE = "尊敬的{name},您的验证码是{code},请及时输入。"


def template(text: str = CODE, template_id: str = "1", **fields: Any) -> Template:
    """A template of kind otp, version 1, without a signature."""
    values: dict[str, Any] = {
        "id": template_id,
        "kind": Lane.OTP,
        "version": 1,
        "text": text,
        "variables": variables_of(text),
    }
    return Template(**(values | fields))


def own(*templates: Template, words: tuple[str, ...] = (), **fields: Any) -> Own:
    """What an account has."""
    return Own({each.id: each for each in templates}, words=WordList(words), **fields)


class Desk:
    """The real services over a scripted store; nobody is suppressed unless the store says so."""

    def __init__(self, *channels: Channel, approving: frozenset[str] = frozenset()) -> None:
        self.at = NOW
        self.store = ScriptedStore()
        self.store.answers |= {
            Accept: lambda _: Acceptance(),
            FindSuppressed: lambda asked: [False] * len(asked.recipients),
            DirectoryVersion: lambda _: 1,
            ListRoutes: lambda _: [],
            ListChannelRecords: lambda _: [ChannelRecord(each, {}, b"") for each in channels],
        }
        kinds = frozenset(channel.vendor for channel in channels)
        self.directory = Directory(self.store, pepper=b"p" * 32, vendors=kinds, approving=approving)
        self.wakeups = CountedWakeups()
        self.submit = Submit(
            self.store,
            self,
            Ids(1),
            self.wakeups,
            Drafting(self.directory, SHANGHAI, CIPHER),
            zone=SHANGHAI,
            pepper=b"p" * 32,
            metrics=Metrics(),
        )

    def now(self) -> int:
        return self.at


def caller(things: Own | None = None, **account: Any) -> Caller:
    """Who may send at 0.05 a part."""
    values: dict[str, Any] = {
        "id": 1,
        "name": "acme",
        "status": AccountStatus.APPROVED,
        "region": "CN",
        "currency": "CNY",
        "unknown_policy": UnknownPolicy.LEAVE,
        "created_at": 0,
    }
    return Caller(
        AccountRecord(**(values | account)),
        {"*": 50_000},
        "lookup",
        Role.ACCOUNT,
        Mode.LIVE,
        frozenset({"messages:write"}),
        None,
        things or Own(),
    )
