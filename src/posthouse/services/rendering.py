"""What a stored message says: its text rendered once more, and whether vendors approved of it."""

import json
from collections.abc import Container, Mapping
from operator import attrgetter
from typing import NamedTuple, Protocol

from posthouse.core import vault
from posthouse.core.errors import Refusal
from posthouse.core.ports.life import Claimed, NewMessage
from posthouse.core.ports.templates import Own
from posthouse.core.routing import Channel, Reviewed
from posthouse.core.template import Binding, Template
from posthouse.core.text import with_signature
from posthouse.services.passcode import decode
from posthouse.services.sealing import ParamsCipher, is_sealed

_NOBODY: frozenset[str] = frozenset()

_said = attrgetter("account_id", "template_id", "template_version", "params", "body", "signature", "extend")


class Rendering(NamedTuple):
    """What goes to a vendor: a text or, where it takes no other, a template of its own.

    Attributes:
        text: as it is sent, signature included; None where the template is a vendor's.
        params: by name.
        bindings: approved ones, by the vendor's or channel's name; None where no template is the account's.
        extend: extension codes: name → code.
    """

    text: str | None
    params: dict[str, str] | None
    bindings: Mapping[str, Binding] | None
    extend: dict[str, str] | None

    def binding(self, channel: Channel) -> Binding | None:
        """The vendor's template to send instead of the text."""
        if not self.bindings or not channel.approval:
            return None
        return next((self.bindings[name] for name in channel.names if name in self.bindings), None)


class Versions(Protocol):
    """Where versions of templates are found."""

    async def version(self, account_id: int, template_id: str, version: int) -> Template:
        """One version of a template, deleted or not; a LookupError where there is none."""
        ...


class Unreadable(ValueError):
    """A message of which nothing can be made that could be sent."""


def likeness(message: Claimed) -> object | None:
    """What messages have in common that say the same; None where nothing but this message says that.

    In a claim those share one rendering: same account, template, parameters, text, signature and extension.
    """
    params = message.params
    if message.verification_id is not None or (params and is_sealed(params)):
        return None
    return _said(message)


async def render(message: Claimed, versions: Versions, cipher: ParamsCipher) -> Rendering:
    """What a claimed message says.

    Raises:
        Unreadable: nothing that could be sent, and so it will stay.
    """
    template_id, version = message.template_id, message.template_version
    if template_id is None or version is None:
        return rendering_of(message, None, cipher)
    try:
        template = await versions.version(message.account_id, template_id, version)
    except LookupError as error:
        raise Unreadable(f"no template {error}") from error
    return rendering_of(message, template, cipher)


def rendering_of(message: Claimed | NewMessage, template: Template | None, cipher: ParamsCipher) -> Rendering:
    """The same, where the version of the account's template is at hand (None: there is none).

    Raises:
        Unreadable: as above.
    """
    try:
        extend = json.loads(message.extend) if message.extend else None
        stored = cipher.open(message.params, message.id) if message.params else None
        params: dict[str, str] | None
        text: str | None
        if message.verification_id is not None:
            said = decode(stored or "")
            code = said.code(cipher.codes, message.account_id, message.recipient)
            params, text = said.values(code), said.text(template, message.country, code)
        elif message.template_id is None and stored is not None:
            params, text = None, _text(json.loads(stored))
        else:
            params = json.loads(stored) if stored else None
            text = message.body if template is None else template.filled_before(params or {})
    # Values that are missing, no texts or sealed elsewhere, and a text with broken places.
    except (LookupError, TypeError, ValueError, Refusal, vault.Unreadable) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error
    bindings = None if template is None else bound(template, params or {})
    return Rendering(
        None if text is None else with_signature(text, message.signature), params, bindings, extend
    )


def bound(template: Template, names: Container[str]) -> Mapping[str, Binding]:
    """The vendors' templates that can be sent instead, since these variables are all that they ask for."""
    return {
        name: binding
        for name, binding in template.bindings.items()
        if all(ours in names for _, ours in binding.parameters)
    }


def reviewed(message: Claimed | NewMessage, rendering: Rendering, own: Own) -> Reviewed | None:
    """Who approved of the account's template and of the signature; None without such a template."""
    template_id, version, signature = message.template_id, message.template_version, message.signature
    if rendering.bindings is None or template_id is None or version is None:
        return None
    return Reviewed(template_id, version, frozenset(rendering.bindings), _signed(signature, own))


def review_of(template: Template, names: Container[str], signature: str | None, own: Own) -> Reviewed:
    """The same for a template that is not rendered yet, of which these are the variables."""
    return Reviewed(template.id, template.version, frozenset(bound(template, names)), _signed(signature, own))


def _signed(signature: str | None, own: Own) -> frozenset[str] | None:
    return own.approved_signatures.get(signature, _NOBODY) if signature else None


def _text(sealed: object) -> str:
    """A text of the sender's own, which takes the place of parameters where it was sealed."""
    if not isinstance(sealed, str):
        raise TypeError(type(sealed))
    return sealed
