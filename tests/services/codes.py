"""Where codes are asked for, among fakes."""

import pytest

from posthouse.core import otp
from posthouse.core.errors import Refusal
from posthouse.core.ids import Ids
from posthouse.core.ports.life import Once
from posthouse.core.ports.otp import Challenge, CodeSent, FindChallenge, SendCode
from posthouse.core.routing import Channel
from posthouse.services.challenge import Challenges, CodeWanted
from posthouse.services.drafting import Drafting
from posthouse.services.rendering import rendering_of
from tests.fakes import CIPHER
from tests.services.desk import SHANGHAI, TO, Desk, caller

SECOND = 1_000_000
US = "+14155550123"
ONCE = Once(1, "sms.otp", "key", b"request", b"reply")
SANDBOX, REAL = Channel(1, "sandbox", "sandbox", simulated=True), Channel(2, "main", "tencent")


class Counter(Desk):
    """A desk that sends codes; `found` is how things stand, `answer` what the store makes of a wish."""

    def __init__(self, *channels: Channel) -> None:
        super().__init__(*channels)
        self.found = Challenge()
        self.answers: list[CodeSent] = []
        self.store.answers |= {
            FindChallenge: lambda _: self.found,
            SendCode: lambda _: self.answers.pop(0) if self.answers else CodeSent(),
        }
        drafting = Drafting(self.directory, SHANGHAI, CIPHER)
        self.challenges = Challenges(self.store, self, Ids(1), self.submit, drafting, CIPHER)
        self.sending = None

    async def ask(self, to=TO, *, who=None, once=None, **fields):
        def render(sending):
            self.sending = sending
            return b"reply"

        return await self.challenges.send(who or caller(), CodeWanted(to, **fields), render, lambda _: once)

    async def sent(self, to=TO, **fields):
        """Ask; it must go. What was accepted."""
        assert await self.ask(to, **fields) == (b"reply", False)
        return self.sending

    async def once_sent(self, **fields):
        """A verification of before, as the store would find it now."""
        sending = await self.sent(**fields)
        self.found = Challenge(sending.verification, (self.at,), checks_left=otp.CHECKS_MAX)
        return sending.verification

    @property
    def asked(self):
        return self.store.written(SendCode)


def text_of(sending, template_=None) -> str:
    """What dispatch would make of the message."""
    return rendering_of(sending.message, template_, CIPHER).text or ""


async def refused(counter, **fields) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        await counter.ask(**fields)
    return refusal.value
