"""A house over a real store, for what is administered: an operator, accounts `acme` and `other`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from posthouse.core.ids import Ids
from posthouse.core.message import Mode
from posthouse.core.ports.admin import AccountStatus
from posthouse.observe import Metrics
from posthouse.services.activate import Activate
from posthouse.services.administer import Administer
from posthouse.services.challenge import Challenges
from posthouse.services.directory import Directory
from posthouse.services.drafting import Drafting
from posthouse.services.submit import Submit
from posthouse.services.test_numbers import FixedCodes
from posthouse.services.verify import Verify
from posthouse.storage.store import Store
from tests.contracts.backends import SQLiteBackend
from tests.fakes import CIPHER, CODES
from tests.web.client import Client
from tests.web.house import PEPPER, FixedClock, House, NoWakeups, build, channels_over

LOCAL = {"host": "127.0.0.1:8025", "authorization": ""}


@dataclass
class Office:
    """The application, what is behind it, and the operator's client."""

    house: House
    backend: SQLiteBackend
    store: Store
    clock: FixedClock
    administer: Administer
    directory: Directory
    operator: Client

    def plant(self, sql: str) -> None:
        """Change what no command could, and let everybody notice."""
        self.backend.plant(sql)
        self.directory.forget()

    def client(self, key: str = "") -> Client:
        return Client(self.house.app, self.house.services, key)

    async def issue(self, account: str = "acme", mode: Mode = Mode.LIVE, **options: Any) -> Client:
        """A client with a new key."""
        issued = await self.administer.create_key(account, mode=mode, **options)
        return self.client(issued.credential.key)

    async def key_id(self, client: Client) -> str:
        """The public id of a client's key."""
        found = await client.get("/v1/keys")
        [key_id] = [row["key_id"] for row in found.json()["data"] if row["key_id"][3:] in client.key]
        return str(key_id)


async def open_office(directory_path: Path, **channels: Any) -> Office:
    """Everything is real but the clock and the workers; `channels` are parts of the service of that name."""
    backend, clock, wakeups = SQLiteBackend(directory_path), FixedClock(), NoWakeups()
    store = backend.open()
    administer = Administer(store, clock, pepper=PEPPER, fingerprint=1)
    first = await administer.initialise()
    assert first is not None
    for name in ("acme", "other"):
        await administer.create_account(name, balance=1_000_000, status=AccountStatus.APPROVED)
    directory = Directory(store, pepper=PEPPER, vendors=frozenset({"sandbox"}))
    await directory.refresh()
    zone = ZoneInfo("Asia/Shanghai")
    drafting = Drafting(directory, zone, CIPHER)
    ids = Ids(1)
    submit = Submit(store, clock, ids, wakeups, drafting, zone=zone, pepper=PEPPER, metrics=Metrics())
    house = await build(
        store=store,
        clock=clock,
        directory=directory,
        submit=submit,
        challenges=Challenges(store, clock, ids, submit, drafting, CIPHER),
        verify=Verify(store, clock, submit, CODES),
        test_numbers=FixedCodes(store, clock, ids, CODES),
        administer=administer,
        channels=channels_over(store, clock, **channels),
        activate=Activate(store, clock, administer),
    )
    operator = Client(house.app, house.services, first.credential.key)
    return Office(house, backend, store, clock, administer, directory, operator)
