"""The product's own sending and checking of codes over a real store, with the world's clock."""

from typing import Any
from zoneinfo import ZoneInfo

from posthouse.core.errors import Code, Refusal
from posthouse.core.ids import Ids
from posthouse.core.message import Mode
from posthouse.core.otp import PURPOSE
from posthouse.core.ports.admin import AccountStatus, Role
from posthouse.core.ports.otp import Checked, FindChallenge, Verification
from posthouse.core.ports.queries import AccountRecord
from posthouse.core.routing import Channel, UnknownPolicy
from posthouse.observe import Metrics
from posthouse.services.challenge import Challenges, CodeWanted
from posthouse.services.directory import Caller, Directory
from posthouse.services.drafting import Drafting
from posthouse.services.submit import Submit
from posthouse.services.verify import CodeGiven, Verify
from soak.dispatching import Told
from tests.contracts.build import CHANNEL, PRICE, World
from tests.fakes import CIPHER, CODES, CountedWakeups

ZONE = ZoneInfo("Asia/Shanghai")
PEPPER = b"p" * 32


class _Alone(Directory):
    """The sandbox and nothing else."""

    def channels(self) -> tuple[Channel, ...]:
        return (Channel(CHANNEL, "sandbox", "sandbox", simulated=True),)


class Desk:
    """Sends and checks codes; `verify` may be exchanged, and with it goes its breaker."""

    def __init__(self, world: World) -> None:
        self.world, self._clock = world, Told(world)
        drafting = Drafting(_Alone(world.store, pepper=PEPPER, vendors=frozenset({"sandbox"})), ZONE, CIPHER)
        ids = Ids(9)
        self._submit = Submit(
            world.store,
            self._clock,
            ids,
            CountedWakeups(),
            drafting,
            zone=ZONE,
            pepper=PEPPER,
            metrics=Metrics(),
        )
        self._challenges = Challenges(world.store, self._clock, ids, self._submit, drafting, CIPHER)
        self.verify = self.another_verify()

    def another_verify(self) -> Verify:
        """The checks, with a breaker that has seen nothing yet."""
        return Verify(self.world.store, self._clock, self._submit, CODES)

    async def send(self, who: Caller, to: str, **wanted: Any) -> Code | None:
        """Ask for a code; why not, if it is refused."""
        try:
            await self._challenges.send(who, CodeWanted(to, **wanted), lambda _: b"", lambda _: None)
        except Refusal as refusal:
            return refusal.code
        return None

    async def check(self, who: Caller, to: str, code: str, **given: Any) -> Checked:
        """Check a code."""
        return await self.verify.check(who, CodeGiven(to, code, **given), None)

    async def newest(self, who: Caller, to: str, purpose: str = PURPOSE) -> Verification:
        """The newest verification."""
        asked = FindChallenge(who.account.id, who.mode, to, purpose, self.world.now)
        verification = (await self.world.read(asked)).verification
        if verification is None:
            raise LookupError(to)
        return verification

    async def code(self, who: Caller, to: str, purpose: str = PURPOSE) -> str:
        """What the handset shows last."""
        return CODES.code((await self.newest(who, to, purpose)).seed)


async def a_caller(world: World, name: str, mode: Mode = Mode.LIVE, codes: int = 1_000_000) -> Caller:
    """Who may send at the usual price, with money for so many codes."""
    return of_account(await world.account(name, codes * PRICE), mode)


def of_account(account_id: int, mode: Mode = Mode.LIVE) -> Caller:
    """A caller of an account there is."""
    account = AccountRecord(account_id, "name", AccountStatus.APPROVED, "CN", "CNY", UnknownPolicy.LEAVE, 0)
    return Caller(account, {"*": PRICE}, "lookup", Role.ACCOUNT, mode, frozenset({"messages:write"}), None)
