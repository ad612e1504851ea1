"""What the message of a verification says: a usual text or a template's, the code in it, and its last line.

The code is not kept with the message. Its parameters hold what the code is computed from, sealed; the text
is made at dispatch and nowhere else.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping

import msgspec

from posthouse.core.errors import Code, Refusal
from posthouse.core.message import Lane
from posthouse.core.otp import Codes, Seed
from posthouse.core.ports.templates import Own
from posthouse.core.template import Template, render
from posthouse.core.text import forbidden

USUAL_ZH = "您的验证码是{code},{minutes}分钟内有效,请勿告知他人。"
USUAL_EN = "Your verification code is {code}. It expires in {minutes} minutes. Do not share it."
CHINESE = frozenset({"CN", "HK", "MO", "TW"})
"""Where the usual text is Chinese."""

RETRIEVER_BYTES_MAX = 140
"""Of a text that Android's SMS Retriever looks at (developers.google.com/identity/sms-retriever)."""

CODE, MINUTES = "code", "minutes"
_OURS = (CODE, MINUTES)

_DOMAIN = re.compile(r"(?=.{1,100}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])")
_APP_HASH = re.compile(r"[A-Za-z0-9+/]{11}")


class Passcode(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that a verification's text is made of, beside its template.

    Attributes:
        salt, binding: in base 64, as `core.otp.Seed` explains them.
        mode: of the key that asked: a rehearsal has codes of its own.
        params: the caller's, for the template's other variables.
        ending: the last line, perhaps with `{code}` in it; it lets the phone fill the code in.
    """

    salt: str
    mode: str
    purpose: str
    length: int
    minutes: str
    binding: str = ""
    params: dict[str, str] = {}
    ending: str = ""

    def code(self, codes: Codes, account_id: int, number: str) -> str:
        """The code itself."""
        salt, binding = b64decode(self.salt), b64decode(self.binding)
        return codes.code(Seed(salt, account_id, self.mode, number, self.purpose, self.length, binding))

    def values(self, code: str) -> dict[str, str]:
        """Every variable a template may have."""
        return {**self.params, CODE: code, MINUTES: self.minutes}

    def text(self, template: Template | None, country: str, code: str) -> str:
        """What is said, without a signature."""
        usual = USUAL_ZH if country in CHINESE else USUAL_EN
        said = render(usual if template is None else template.text, self.values(code))
        return f"{said}\n{self.ending.replace('{code}', code)}" if self.ending else said

    def encode(self) -> str:
        """As it is sealed."""
        return _encoder.encode(self).decode()


_encoder, _decoder = msgspec.json.Encoder(), msgspec.json.Decoder(Passcode)


def passcode(seed: Seed, *, ttl_s: int, params: Mapping[str, str], ending: str) -> Passcode:
    """The text of a code that lives for so many seconds more."""
    return Passcode(
        salt=b64encode(seed.salt).decode("ascii"),
        mode=seed.mode,
        purpose=seed.purpose,
        length=seed.length,
        minutes=str(-(-ttl_s // 60)),
        binding=b64encode(seed.binding).decode("ascii"),
        params=dict(params),
        ending=ending,
    )


def decode(sealed: str) -> Passcode:
    """What was encoded.

    Raises:
        ValueError: it is no such thing.
    """
    return _decoder.decode(sealed)


def template_of(own: Own, template_id: str, params: Mapping[str, str], length: int) -> Template:
    """The account's template for codes, whose other variables `params` fill.

    Refuses with TEMPLATE_NOT_OTP, TEMPLATE_DELETED and, by the variable's name, as filling it does, with
    INVALID_TEXT and SENSITIVE_WORD.
    """
    template = own.templates.get(template_id)
    if template is not None and template.deleted:
        raise Refusal(Code.TEMPLATE_DELETED, param="template_id")
    named = () if template is None else tuple(variable.name for variable in template.variables)
    if template is None or template.kind is not Lane.OTP or CODE not in named:
        raise Refusal(Code.TEMPLATE_NOT_OTP, param="template_id")
    others = ", ".join(each for each in named if each not in _OURS)
    for name in _OURS:
        if name in params:
            raise Refusal(Code.UNKNOWN_PARAM, param=f"params.{name}", known=others)
    ours = {CODE: "0" * length, MINUTES: "10"}
    try:
        template.fill({**params, **{name: ours[name] for name in _OURS if name in named}})
    except Refusal as refusal:
        if "known" not in refusal.facts:
            raise
        raise Refusal(refusal.code, param=refusal.param, known=others) from None
    for name, value in params.items():
        if (culprit := forbidden(value)) is not None:
            raise Refusal(Code.INVALID_TEXT, param=f"params.{name}", **culprit.facts())
        own.words.check(value, param=f"params.{name}")
    return template


def ending_of(domain: str | None, app_hash: str | None) -> str:
    """The last line: `@domain #code` for browsers (wicg.github.io/sms-one-time-codes), a hash for Android.

    Refuses with INVALID_VALUE.
    """
    if domain is not None:
        if app_hash is not None:
            raise Refusal(Code.INVALID_VALUE, param="app_hash", kind="either")
        if _DOMAIN.fullmatch(domain) is None:
            raise Refusal(Code.INVALID_VALUE, param="domain", kind="domain")
        return f"@{domain} #{{code}}"
    if app_hash is not None and _APP_HASH.fullmatch(app_hash) is None:
        raise Refusal(Code.INVALID_VALUE, param="app_hash", kind="app_hash")
    return app_hash or ""
