"""From what a sender asks for to the message that would be stored: checked, timed and priced."""

from datetime import tzinfo

from posthouse.core import phone
from posthouse.core.errors import Code, Refusal
from posthouse.core.message import VALIDITY_S, Lane, Mode, State
from posthouse.core.ports.admin import AccountStatus
from posthouse.core.ports.life import NewMessage
from posthouse.core.ports.queries import AccountRecord
from posthouse.core.times import sending_time
from posthouse.services.content import Content, as_json, of_template, of_text
from posthouse.services.directory import Caller, Directory
from posthouse.services.rendering import Rendering, rendering_of
from posthouse.services.sealing import ParamsCipher
from posthouse.services.submission import VALIDITY_MAX_S, Submission


class Drafting:
    """Drafts single messages; remembers the last text, since many ask for the same."""

    def __init__(self, directory: Directory, zone: tzinfo, cipher: ParamsCipher) -> None:
        """`zone`: by whose clocks hours are quiet; `cipher` seals what one-time passwords say."""
        self._directory = directory
        self._zone = zone
        self._cipher = cipher
        self._asked: tuple[object, ...] | None = None
        self._content: Content | Refusal = Content("", 0, Lane.NOTIFICATION, None)

    def draft(
        self, caller: Caller, wanted: Submission, now: int, message_id: int, batch_id: int | None
    ) -> NewMessage:
        """The message that would be stored. Refuses whatever is wrong with the submission."""
        number = recipient_of(caller.account, wanted.to)
        return self.draft_for(number, caller, wanted, now, message_id, batch_id)

    def draft_for(
        self,
        number: phone.Number,
        caller: Caller,
        wanted: Submission,
        now: int,
        message_id: int,
        batch_id: int | None,
    ) -> NewMessage:
        """The same, where the submission's number was read before (`recipient_of`)."""
        account = caller.account
        content = self._said(caller, wanted, number.country)
        if wanted.pin is not None:
            self._directory.check_pin(account.id, wanted.pin)
        lane = content.lane if wanted.lane is None else wanted.lane
        body, params = wanted.body, content.params
        if lane is Lane.OTP:
            if body is not None:
                params = self._cipher.seal_text(body, message_id)
                body = None
            elif params is not None:
                params = self._cipher.seal(params, message_id)
        send_at = None if wanted.send_at is None else sending_time(wanted.send_at, now)
        postponed_from = None
        if lane is Lane.MARKETING and account.quiet_hours is not None:
            asked = send_at or now
            allowed = account.quiet_hours.over(asked, self._zone)
            if allowed != asked:
                send_at, postponed_from = allowed, asked
        validity_s = wanted.validity_s if wanted.validity_s is not None else VALIDITY_S[lane]
        if not 0 < validity_s <= VALIDITY_MAX_S:
            raise Refusal(Code.INVALID_VALIDITY, param="validity_s", limit=VALIDITY_MAX_S)
        prices = caller.prices
        price = prices.get(number.country)
        if price is None:
            price = prices.get("*", 0)
        return NewMessage(
            message_id,
            account.id,
            batch_id,
            number.e164,
            number.country,
            lane.value,
            State.QUEUED.value if send_at is None else State.SCHEDULED.value,
            caller.mode.value,
            wanted.sender,
            content.signature,
            body,
            wanted.template_id,
            params,
            content.encoding,
            content.parts,
            price * content.parts,
            wanted.reference,
            wanted.metadata,
            wanted.pin,
            now,
            send_at,
            (send_at or now) + validity_s * 1_000_000,
            now if send_at is None else None,
            send_at,
            caller.mode is Mode.TEST
            or account.status is AccountStatus.TRIAL
            or self._directory.simulates(account.id),
            content.version,
            as_json(wanted.extend),
            postponed_from,
        )

    def rendering(self, caller: Caller, message: NewMessage) -> Rendering:
        """What a draft of this caller's says."""
        own = message.template_version is not None
        template = caller.own.templates.get(message.template_id or "") if own else None
        return rendering_of(message, template, self._cipher)

    def _said(self, caller: Caller, wanted: Submission, country: str) -> Content:
        own, template_id = caller.own, wanted.template_id
        if template_id is not None:
            return of_template(wanted, template_id, own, country=country)
        asked = (wanted.body, wanted.signature, country, own.words)
        if asked != self._asked:
            try:
                self._content = of_text(wanted.body, wanted.signature, own.words, country=country)
            except Refusal as refusal:
                self._content = refusal
            self._asked = asked
        if isinstance(self._content, Refusal):
            raise self._content.with_traceback(None)
        return self._content


def recipient_of(account: AccountRecord, to: str) -> phone.Number:
    """The number as the account writes it. Refuses what is none, and an unassigned one if it wants that."""
    number = phone.read_field(to, "to", region=account.region)
    if account.strict_numbers and not phone.valid(number):
        raise phone.BadNumber(phone.NumberProblem.UNASSIGNED).refusal("to")
    return number
