"""Take a message or a code in, estimate or check one, without a server: the same services, the same store."""

from posthouse.bootstrap.house import House
from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import Ids
from posthouse.core.keys import SCOPES
from posthouse.core.message import Mode
from posthouse.core.ports.admin import NextBoot, Role
from posthouse.core.ports.life import NewMessage
from posthouse.core.ports.otp import Checked
from posthouse.core.ports.queries import AccountRecord, GetAccount, GetPrices
from posthouse.observe import Metrics
from posthouse.queue.inprocess import InProcess
from posthouse.services.administer import DEFAULT
from posthouse.services.challenge import Challenges, CodeWanted, Sending
from posthouse.services.directory import Caller, Directory
from posthouse.services.drafting import Drafting
from posthouse.services.estimate import Estimate, Estimator
from posthouse.services.explain import Explainer, Explanation, Foresight, Question
from posthouse.services.submission import Submission
from posthouse.services.submit import Submit
from posthouse.services.verify import CodeGiven, Verify
from posthouse.vendors.registry import APPROVING, KNOWN


async def accept_alone(house: House, wanted: Submission) -> tuple[NewMessage, AccountRecord]:
    """Accept a message in the name of account `default`, as the operator of this directory.

    A server sends it later.
    """
    await house.administer.know_secret()  # a server would not take over what another key sealed
    caller, directory = await _operator(house)
    submit = _submit(house, directory, await house.store.write(NextBoot()))
    message = submit.draft(caller, wanted)
    await submit.accept(caller, message)
    return message, caller.account


async def estimate_alone(house: House, wanted: Submission) -> tuple[Estimate, AccountRecord]:
    """What accepting the same would do; nothing is written."""
    caller, directory = await _operator(house)
    foresight = Foresight(directory, house.clock, house.settings.time_zone())
    estimator = Estimator(_submit(house, directory, node=0), directory, house.store, foresight)
    return await estimator.estimate(caller, wanted), caller.account


async def explain_alone(house: House, asked: Question) -> Explanation:
    """Which way a message would go; how channels do, only a server knows."""
    directory = await _directory(house)
    foresight = Foresight(directory, house.clock, house.settings.time_zone())
    return await Explainer(house.store, directory, foresight).explain(asked)


async def send_code_alone(house: House, wanted: CodeWanted) -> Sending:
    """Accept a one-time password likewise. Its message waits for a server no longer than the code lives."""
    await house.administer.know_secret()
    caller, directory = await _operator(house)
    node = await house.store.write(NextBoot())
    drafting = Drafting(directory, house.settings.time_zone(), house.cipher)
    submit = _submit(house, directory, node)
    challenges = Challenges(house.store, house.clock, Ids(node), submit, drafting, house.cipher)
    drafts: list[Sending] = []

    def note(sending: Sending) -> bytes:
        drafts.append(sending)
        return b""

    await challenges.send(caller, wanted, note, lambda _reply: None)
    return drafts[-1]


async def check_code_alone(house: House, given: CodeGiven) -> Checked:
    """Check a one-time password likewise; the counts in the database hold here as they do for a server."""
    await house.administer.know_secret()
    caller, directory = await _operator(house)
    verify = Verify(house.store, house.clock, _submit(house, directory, node=0), house.codes)
    return await verify.check(caller, given, None)


async def _operator(house: House) -> tuple[Caller, Directory]:
    account = await house.store.read(GetAccount(name=DEFAULT))
    if account is None:
        raise Refusal(Code.NOT_FOUND, resource="account")
    prices = await house.store.read(GetPrices(account.id))
    directory = await _directory(house)
    own = await directory.own(account.id)
    return Caller(account, prices, "", Role.OPERATOR, Mode.LIVE, SCOPES, None, own), directory


async def _directory(house: House) -> Directory:
    pepper = house.vault.derive("keys")
    directory = Directory(house.store, pepper=pepper, vendors=KNOWN, approving=APPROVING)
    await directory.refresh()
    return directory


def _submit(house: House, directory: Directory, node: int) -> Submit:
    zone = house.settings.time_zone()
    return Submit(
        house.store,
        house.clock,
        Ids(node),
        InProcess(),
        Drafting(directory, zone, house.cipher),
        zone=zone,
        pepper=house.vault.derive("requests"),
        metrics=Metrics(),
    )
