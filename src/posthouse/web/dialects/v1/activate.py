"""A first key without asking anybody, for whoever sits at the machine itself."""

from typing import Any

import msgspec

from posthouse.core.errors import Code, Refusal
from posthouse.core.keys import issue
from posthouse.core.ledger import CURRENCY, Balance
from posthouse.core.message import Mode
from posthouse.core.ports.admin import AccountStatus
from posthouse.core.ports.life import Once
from posthouse.services.activate import NOBODY, TRIAL_BALANCE
from posthouse.services.administer import Issued
from posthouse.web.body import SMALL, Form
from posthouse.web.dialects.v1.admin_records import TrialReply, of_balance
from posthouse.web.dialects.v1.admin_wire import ActivateRequest
from posthouse.web.endpoint import Call, Route
from posthouse.web.idempotency import Sealed, mark_of
from posthouse.web.origin import from_this_machine, to_this_machine
from posthouse.web.services import Services

ACTIVATE = "activate"


class Activation:
    """The call that opens an account on trial."""

    def __init__(self, services: Services) -> None:
        self._submit = services.submit
        self._activate = services.activate
        self._sealed = Sealed(services.secrets)

    async def activate(self, call: Call[ActivateRequest]) -> bytes:
        """Open an account on trial, with its key."""
        headers = call.headers
        if not (from_this_machine(headers, call.client) and to_this_machine(headers)):
            raise Refusal(Code.LOCAL_ONLY)
        mark = mark_of(headers, call.wanted)
        offered = self._activate.offer(issue(Mode.LIVE))
        reply = msgspec.json.encode(_reply(offered, headers[b"host"].decode("ascii")))
        if mark is None:
            await self._activate.activate(offered)
            return reply
        once = Once(NOBODY, ACTIVATE, mark.key, self._submit.fingerprint(mark.request), reply)
        kept = await self._activate.activate(offered, self._sealed.seal(once))
        if kept is None:
            return reply
        call.replayed = True
        return self._sealed.open(once, kept)


def _reply(offered: Issued, host: str) -> TrialReply:
    credential = offered.credential
    return TrialReply(
        account=offered.account,
        status=AccountStatus.TRIAL.value,
        balance=of_balance(Balance(TRIAL_BALANCE), CURRENCY),
        key=credential.key,
        api_key=credential.api_key,
        api_secret=credential.api_secret,
        base_url=f"http://{host}",
    )


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The one call that needs no key, because it makes one."""
    return (
        Route(
            method="POST",
            path="/v1/activate",
            name="activate",
            summary="Open an account on trial",
            form=Form(ActivateRequest),
            handle=Activation(services).activate,
            reply=TrialReply,
            status=201,
            scope=None,
            refusals=(Code.LOCAL_ONLY, Code.TRIALS_EXHAUSTED),
            idempotent=True,
            bodiless=True,
            body_max=SMALL,
        ),
    )
