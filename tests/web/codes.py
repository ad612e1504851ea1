"""What tests of `/v1/sms/otp` and `/v1/sms/verify` begin with: an account over a real store."""

from typing import Any
from zoneinfo import ZoneInfo

from posthouse.core.ids import Ids
from posthouse.core.message import Mode
from posthouse.core.ports.otp import FindChallenge
from posthouse.services.challenge import Challenges
from posthouse.services.drafting import Drafting
from posthouse.services.verify import Verify
from tests.fakes import CIPHER, CODES
from tests.web.client import Client, Response
from tests.web.house import House, build
from tests.web.office import Office

OTP, VERIFY = "/v1/sms/otp", "/v1/sms/verify"
TO, SHOWN = "138 0013 8000", "+8613800138000"
GOOD: dict[str, Any] = {"to": TO}
GIVEN: dict[str, Any] = {"to": TO, "code": "123456"}
SECOND = 1_000_000
OWN_TO_EACH = {"x-request-id", "ratelimit"}
"""Headers that differ between any two answers."""


class Desk:
    """An account's client, over a real store, and what its handset would show."""

    def __init__(self, office: Office, house: House, client: Client) -> None:
        self.office, self.house, self.client = office, house, client

    async def ask(self, **fields: Any) -> Response:
        return await self.client.post(OTP, GOOD | fields)

    async def sent(self, **fields: Any) -> Any:
        reply = await self.ask(**fields)
        assert reply.status == 200, reply.body
        return reply.json()

    async def check(self, code: str, headers: dict[str, str] | None = None, **fields: Any) -> Response:
        return await self.client.post(VERIFY, GIVEN | {"code": code} | fields, headers=headers)

    async def code(self, purpose: str = "default", number: str = SHOWN, account: int = 2) -> str:
        """The newest code."""
        asked = FindChallenge(account, Mode.LIVE, number, purpose, self.office.clock.at)
        verification = (await self.office.store.read(asked)).verification
        assert verification is not None
        return CODES.code(verification.seed)

    async def wrong(self) -> str:
        return f"{(int(await self.code()) + 1) % 10**6:06d}"

    def other(self, client: Client) -> "Desk":
        return Desk(self.office, self.house, Client(self.house.app, self.house.services, client.key))

    async def issue(self, account: str = "acme", **options: Any) -> "Desk":
        return self.other(await self.office.issue(account, **options))

    def later(self, seconds: float) -> None:
        self.office.clock.at += int(seconds * SECOND)


async def open_desk(office: Office) -> Desk:
    """The calls about codes over an office's store; account `acme` asks."""
    store, clock = office.store, office.clock
    submit = office.house.services.submit
    drafting = Drafting(office.directory, ZoneInfo("Asia/Shanghai"), CIPHER)
    house = await build(
        store=store,
        clock=clock,
        directory=office.directory,
        submit=submit,
        administer=office.administer,
        activate=office.house.services.activate,
        challenges=Challenges(store, clock, Ids(1), submit, drafting, CIPHER),
        verify=Verify(store, clock, submit, CODES),
    )
    return Desk(office, house, Client(house.app, house.services, (await office.issue()).key))


def problem(response: Response) -> tuple[int, str, str | None]:
    found = response.json()
    return response.status, found["code"], found["param"]
