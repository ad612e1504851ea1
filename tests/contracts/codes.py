"""Codes asked for and checked over the port, as `services.challenge` and `services.verify` would."""

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from posthouse.core import otp
from posthouse.core.errors import Code, Refusal
from posthouse.core.guard import UNCHANGED_GUARD
from posthouse.core.ids import Ids
from posthouse.core.message import Lane, Mode
from posthouse.core.otp import Codes, VerificationState
from posthouse.core.ports.guard import Asked
from posthouse.core.ports.life import Accept, Once
from posthouse.core.ports.otp import (
    Challenge,
    CheckCode,
    Checked,
    CodeSent,
    FindChallenge,
    GetVerification,
    SendCode,
    Verification,
    VerificationRecord,
)
from tests.contracts.build import HOUR, PRICE, SECOND, TO, World

CODES = Codes(b"c" * 32)
PURPOSE = otp.PURPOSE
DAY = 24 * HOUR
OTHER = "+8613800138001"


@dataclass
class Desk:
    """Asks for codes and checks them, for an account of a world and a number."""

    world: World
    account_id: int = 0
    number: str = TO
    purpose: str = PURPOSE
    mode: Mode = Mode.LIVE
    ids: Ids = field(default_factory=lambda: Ids(2))

    def __post_init__(self) -> None:
        self.account_id = self.account_id or self.world.account_id

    def of(self, **other: Any) -> "Desk":
        """The same for another account, number, purpose or mode."""
        return replace(self, **other)

    async def found(self) -> Challenge:
        """How things stand."""
        return await self.world.read(
            FindChallenge(self.account_id, self.mode, self.number, self.purpose, self.world.now)
        )

    def drafted(self, found: Challenge, **fields: Any) -> Verification:
        """The verification that lives, sent once more, or a new one; `fields` make it another one."""
        now, current = self.world.now, found.verification
        if (
            current is not None
            and not fields
            and current.state == VerificationState.PENDING
            and otp.lives(current.created_at, current.expires_at, now)
            and found.checks_left
            and current.fixed == found.fixed
        ):
            return current._replace(sends=current.sends + 1, silent_at=now + 20 * SECOND)
        verification_id = self.ids.take(now)
        values: dict[str, Any] = {
            "id": verification_id,
            "account_id": self.account_id,
            "mode": self.mode.value,
            "number": self.number,
            "country": "CN",
            "purpose": self.purpose,
            "length": otp.LENGTH,
            "salt": hashlib.sha256(b"%d" % verification_id).digest()[: otp.SALT_BYTES],
            "binding": b"",
            "fixed": found.fixed,
            "state": VerificationState.PENDING.value,
            "checks_left": otp.CHECKS_MAX,
            "sends": 1,
            "created_at": now,
            "expires_at": now + otp.TTL_S * SECOND,
            "silent_at": now + 20 * SECOND,
        }
        return Verification(**(values | fields))

    def command(
        self,
        found: Challenge,
        verification: Verification,
        *,
        once: Once | None = None,
        price: int = PRICE,
        **accept: Any,
    ) -> SendCode:
        """The command that sends it."""
        now = self.world.now
        asked = Asked(
            account_id=self.account_id,
            mode=self.mode,
            number=self.number,
            country="CN",
            kind="mobile",
            address=None,
            price=price,
            simulated=True,
            begins=verification.sends == 1,
            guard=UNCHANGED_GUARD,
            at=now,
        )
        if verification.fixed is not None:
            return SendCode(Accept(self.account_id, (), 0, now, 0, once), verification, found, asked)
        message = self.world.message(
            id=self.ids.take(now),
            account_id=self.account_id,
            recipient=self.number,
            lane=Lane.OTP.value,
            mode=self.mode.value,
            body=None,
            params="sealed",
            price=price,
            expires_at=verification.expires_at,
            verification_id=verification.id,
        )
        acceptance = replace(self.world.acceptance(message, once=once), **accept)
        return SendCode(acceptance, verification, found, asked)

    async def send(self, *, once: Once | None = None, accept: Any = None, **fields: Any) -> CodeSent:
        """Look, and send."""
        found = await self.found()
        verification = self.drafted(found, **fields)
        return await self.world.write(self.command(found, verification, once=once, **(accept or {})))

    async def sent(self, **fields: Any) -> Verification:
        """Send; it must go. The verification as it is stored then."""
        assert await self.send(**fields) == CodeSent()
        return await self.newest()

    async def newest(self) -> Verification:
        """The newest verification."""
        verification = (await self.found()).verification
        assert verification is not None
        return verification

    async def code(self) -> str:
        """What the handset shows last."""
        return CODES.code((await self.newest()).seed)

    def checking(self, code: str, **fields: Any) -> CheckCode:
        """The command that checks a code."""
        values: dict[str, Any] = {
            "account_id": self.account_id,
            "mode": self.mode,
            "number": self.number,
            "purpose": self.purpose,
            "verification_id": None,
            "code": code,
            "binding": b"",
            "codes": CODES,
            "at": self.world.now,
        }
        return CheckCode(**(values | fields))

    async def check(self, code: str, **fields: Any) -> Checked:
        """Check a code."""
        return await self.world.write(self.checking(code, **fields))

    async def right(self, **fields: Any) -> Checked:
        """Check the code that was sent last."""
        return await self.check(await self.code(), **fields)

    async def wrong(self, times: int = 1, **fields: Any) -> list[Checked]:
        """Check another code, so many times."""
        code = f"{(int(await self.code()) + 1) % 10**otp.LENGTH:06d}"
        return [await self.check(code, **fields) for _ in range(times)]

    async def record(self, verification: Verification) -> VerificationRecord:
        """As its owner sees it."""
        record = await self.world.read(GetVerification(self.account_id, verification.id, self.world.now))
        assert record is not None
        return record

    async def state(self, verification: Verification) -> str:
        """What became of it."""
        return (await self.record(verification)).state.value


def keyed(desk: Desk, key: str = "key", request: bytes = b"request", operation: str = "sms.otp") -> Once:
    """The record of a key."""
    return Once(desk.account_id, operation, key, request, b"reply")


async def refused(desk: Desk, **fields: Any) -> Refusal:
    """Why a code is not sent."""
    with pytest.raises(Refusal) as refusal:
        await desk.send(**fields)
    return refusal.value


async def wait_of(desk: Desk) -> int:
    """How long the next has to wait, by its refusal."""
    refusal = await refused(desk)
    assert refusal.code is Code.OTP_COOLDOWN
    return int(refusal.facts["retry_after_s"])


async def pause(desk: Desk) -> None:
    """Until the next may be sent."""
    pause_us = otp.cooldown_us((await desk.found()).sent_at, desk.world.now)
    desk.world.later(pause_us)
