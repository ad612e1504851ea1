"""A vendor kind for tests of whatever looks after channels, and a vendor of it that says what it is told."""

from collections.abc import Sequence

from posthouse.core.ports.channels import ChannelRecord
from posthouse.core.ports.vendor import (
    Callback,
    Capabilities,
    Heard,
    Kind,
    Money,
    Outbound,
    Question,
    Setting,
    Settle,
    Told,
)
from posthouse.core.vault import Vault
from posthouse.core.verdict import Verdict
from posthouse.services.channel_settings import values_of

ACME = Kind(
    "acme",
    ("Acme SMS", "阿克米短信"),
    Capabilities(recipients_max=10, rate_per_s=100, countries=frozenset({"CN", "US"})),
    (
        Setting("key_id", ("id of a key", "密钥编号"), required=True),
        Setting("key_secret", ("its secret", "密钥"), required=True, secret=True),
        Setting("token", ("of a session", "会话令牌"), secret=True),
        Setting("region", ("where", "地域"), default="north", choices=("", "north", "south")),
        Setting("base_url", ("address", "地址"), default="https://acme.example"),
    ),
    proven="docs",
    checks=True,
    balance=True,
)
KINDS = {"sandbox": Kind("sandbox", ("Simulator", "模拟器"), Capabilities(simulated=True)), "acme": ACME}
SETTINGS = {"key_id": "A1", "key_secret": "very secret"}


class Acme:
    """Takes one secret; everything else it refuses as it is told."""

    capabilities = ACME.capabilities

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self.says: Money | Verdict | None = Money("12.50", "CNY")
        self.asked: list[dict[str, str]] = []

    def fit(self, record: ChannelRecord) -> None:
        if record.channel.vendor == "acme" and not record.settings["key_id"].startswith("A"):
            raise ValueError("key_id begins with A")

    async def connect(self, record: ChannelRecord) -> "Acme":
        self.fit(record)
        self.asked.append(values_of(ACME, record, self.vault.open))
        return self

    async def check(self) -> Money | Verdict | None:
        return self.says

    async def send(self, outbounds: Sequence[Outbound]) -> list[Verdict]:
        raise NotImplementedError

    async def query(self, questions: Sequence[Question]) -> list[Told]:
        raise NotImplementedError

    async def listen(self, settle: Settle) -> None:
        raise NotImplementedError

    def hear(self, callback: Callback) -> Heard:
        raise NotImplementedError
