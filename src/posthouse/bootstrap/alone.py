"""Take a message in without a server: the same service over the same store; a server sends it later."""

from posthouse.bootstrap.house import House
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import Ids
from posthouse.core.keys import SCOPES
from posthouse.core.message import Mode
from posthouse.core.ports.admin import NextBoot, Role
from posthouse.core.ports.life import NewMessage
from posthouse.core.ports.queries import AccountRecord, GetAccount, GetPrices
from posthouse.observe import Metrics
from posthouse.queue.inprocess import InProcess
from posthouse.services.administer import DEFAULT
from posthouse.services.directory import Caller, Directory
from posthouse.services.submit import Submission, Submit
from posthouse.vendors.registry import KINDS


async def accept_alone(house: House, wanted: Submission) -> tuple[NewMessage, AccountRecord]:
    """Accept a message in the name of account `default`, as the operator of this directory."""
    store, clock, vault = house.store, house.clock, house.vault
    account = await store.read(GetAccount(name=DEFAULT))
    if account is None:
        raise Refusal(Code.NOT_FOUND, resource="account")
    prices = await store.read(GetPrices(account.id))
    directory = Directory(store, pepper=vault.derive("keys"), vendors=KINDS)
    await directory.refresh()
    submit = Submit(
        store,
        clock,
        Ids(await store.write(NextBoot())),
        InProcess(),
        directory,
        zone=house.settings.time_zone(),
        pepper=vault.derive("requests"),
        metrics=Metrics(),
    )
    message = submit.draft(Caller(account, prices, "", Role.OPERATOR, Mode.LIVE, SCOPES, None), wanted)
    await submit.accept(message)
    return message, account
