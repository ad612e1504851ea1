"""What reviewers at vendors refuse in a template. It warns, and never refuses.

Sources, read 2026-11-22, by the letters that stand with the rules:

- A: Aliyun's rules for verification codes and notifications (help.aliyun.com/document_detail/463237.html,
  463270.htm).
- H: Huawei's rules for templates and variables (support.huaweicloud.com/productdesc-msgsms:
  sms_templates.html, sms_faq_0003.html).
- T: Tencent's standards of review (cloud.tencent.com/document/product/382/39023, faq/382/13301; abroad
  tencentcloud.com/document/product/382/40659).
- C: CTIA's Short Code Monitoring Handbook 1.9, for STOP.

They refuse whole trades and topics besides, which change by the month; no rule here follows those.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice, pairwise
from typing import NamedTuple

from posthouse.core.catalogue_entries.entry import Language
from posthouse.core.catalogue_entries.lint import LINT
from posthouse.core.message import Lane
from posthouse.core.sizing import worst
from posthouse.core.template import Place, Variable, literal, places
from posthouse.core.text import PARTS_MAX, with_signature

LENGTH_MAX = 500
"""Characters of a message, signature included (A, H, T)."""

PER_RULE_MAX = 5
"""Of the places where one rule is broken, the first so many are told."""


class Rule(StrEnum):
    """What is refused. The values are public: they may be added to, never renamed."""

    SEVERAL_SIGNATURES = "several_signatures"
    SIGNATURE_IN_TEXT = "signature_in_text"
    ONLY_VARIABLES = "only_variables"
    ADJACENT_VARIABLES = "adjacent_variables"
    MARKETING_VARIABLE = "marketing_variable"
    OTP_LINK = "otp_link"
    VARIABLE_LINK = "variable_link"
    SHORT_LINK = "short_link"
    LINK = "link"
    NO_OPT_OUT = "no_opt_out"
    OPT_OUT = "opt_out"
    OTP_WITHOUT_CODE = "otp_without_code"
    OTP_VARIABLES = "otp_variables"
    OTP_WORDING = "otp_wording"
    CONTACT = "contact"
    SYMBOL = "symbol"
    TOO_LONG = "too_long"
    TOO_MANY_PARTS = "too_many_parts"
    LEFT_OUT = "left_out"


class Finding(NamedTuple):
    """One thing a reviewer may refuse; `position` counts characters of the text as it is written, from 0."""

    rule: Rule
    position: int | None


def lint(
    text: str, kind: Lane, signature: str | None, variables: Sequence[Variable] = ()
) -> tuple[Finding, ...]:
    """What reviewers may refuse in a template's text, by rule and position; and whether we may.

    `signature` is the template's own, a bare name; `variables` tell how long it can become. Refuses only
    what is no template (INVALID_TEMPLATE).
    """
    draft = _draft(text, kind, signature, tuple(variables))
    return tuple(Finding(rule, start) for rule, look in _RULES for start in islice(look(draft), PER_RULE_MAX))


def left_out(text: str, parameters: Iterable[str]) -> tuple[Finding, ...]:
    """The variables of a template that a binding gives to the vendor under no name: its text lacks them."""
    given = set(parameters)
    first = {place.name: place.start for place in reversed(places(text))}
    lacking = sorted(start for name, start in first.items() if name not in given)
    return tuple(Finding(Rule.LEFT_OUT, start) for start in lacking)


def worded(finding: Finding, language: Language) -> str:
    """What is found and what to do about it, in two sentences or more."""
    advice = LINT[finding.rule.value]
    between = "" if language == "zh" else " "
    return f"{advice.sentence.of(language)}{between}{advice.remedy.of(language)}"


@dataclass(frozen=True, slots=True)
class _Draft:
    """A template under review; in `masked` every character of a place is one that no text has."""

    text: str
    kind: Lane
    signature: str | None
    variables: tuple[Variable, ...]
    places: tuple[Place, ...]
    masked: str


_Look = Callable[[_Draft], Iterable[int | None]]
_MASK = "\ue000"


def _draft(text: str, kind: Lane, signature: str | None, variables: tuple[Variable, ...]) -> _Draft:
    found = places(text)
    chars = list(text)
    for place in found:
        chars[place.start : place.end] = _MASK * (place.end - place.start)
    return _Draft(text, kind, signature, variables, found, "".join(chars))


def _starts(pattern: re.Pattern[str], draft: _Draft) -> Iterator[int]:
    return (found.start() for found in pattern.finditer(draft.masked))


def _signatures(draft: _Draft) -> list[int]:
    """Where signatures stand in the text, after the one that is placed in front of it."""
    own = list(_starts(_SIGNED, draft))
    placed = with_signature(draft.text, draft.signature) != draft.text
    return own if placed else own[1:]


def _several_signatures(draft: _Draft) -> Iterable[int | None]:
    """A, H, T: 【】 in front of the text is the signature, and there is one."""
    return _signatures(draft)


def _signature_in_text(draft: _Draft) -> Iterable[int | None]:
    """A, H, T: no 【】 anywhere in the text."""
    return () if _signatures(draft) else islice(_starts(_BRACKET, draft), 1)


def _only_variables(draft: _Draft) -> Iterable[int | None]:
    """A, H, T."""
    if draft.places and not any(char.isalnum() for char in draft.masked):
        yield None


def _adjacent_variables(draft: _Draft) -> Iterable[int | None]:
    """H, T; by H's edition abroad a space does not part them either."""
    for one, other in pairwise(draft.places):
        if not draft.text[one.end : other.start].strip():
            yield other.start


def _marketing_variable(draft: _Draft) -> Iterable[int | None]:
    """H; T where an account has not been allowed them."""
    if draft.kind is Lane.MARKETING:
        yield from (place.start for place in draft.places[:1])


def _links(draft: _Draft) -> Iterator[tuple[int, Rule]]:
    named = {place.start for place in draft.places if _LINK_NAME.fullmatch(place.name)}
    for found in _LINK.finditer(draft.masked):
        within = {start for start in named if found.start() <= start < found.end()}
        named -= within
        if draft.kind is Lane.OTP:
            yield found.start(), Rule.OTP_LINK
        elif _MASK in found[0]:
            yield found.start(), Rule.VARIABLE_LINK
        elif _SHORTENER.match(found[0]):
            yield found.start(), Rule.SHORT_LINK
        else:
            yield found.start(), Rule.LINK
    for start in sorted(named):
        yield start, Rule.OTP_LINK if draft.kind is Lane.OTP else Rule.VARIABLE_LINK


def _linked(rule: Rule) -> _Look:
    """No link with a code (A, H); none that varies (H, T); none shortened (H); others are checked (T)."""
    return lambda draft: (start for start, found in _links(draft) if found is rule)


def _no_opt_out(draft: _Draft) -> Iterable[int | None]:
    """H, T; abroad C."""
    if draft.kind is Lane.MARKETING and not _OPT_OUT.search(draft.masked):
        yield None


def _opt_out(draft: _Draft) -> Iterable[int | None]:
    """A."""
    if draft.kind is not Lane.MARKETING:
        yield from islice(_starts(_OPT_OUT, draft), 1)


def _otp_without_code(draft: _Draft) -> Iterable[int | None]:
    """A: the one variable is the code."""
    if draft.kind is Lane.OTP and not any(_CODE_NAME.search(place.name) for place in draft.places):
        yield None


def _otp_variables(draft: _Draft) -> Iterable[int | None]:
    """A, H."""
    if draft.kind is Lane.OTP:
        distinct = list({place.name: place for place in reversed(draft.places)}.values())
        yield from sorted(place.start for place in distinct)[1:2]


def _otp_wording(draft: _Draft) -> Iterable[int | None]:
    """A, H; abroad T."""
    if draft.kind is Lane.OTP and not _CODE_WORD.search(draft.masked):
        yield None


def _contact(draft: _Draft) -> Iterable[int | None]:
    """A; T for mobile numbers."""
    yield from _starts(_ANY_CONTACT if draft.kind is Lane.OTP else _PRIVATE_CONTACT, draft)


def _symbol(draft: _Draft) -> Iterable[int | None]:
    """A, H, T."""
    return _starts(_SYMBOL, draft)


def _too_long(draft: _Draft) -> Iterable[int | None]:
    """A, H, T. Even with empty values."""
    if len(with_signature(literal(draft.text), draft.signature)) > LENGTH_MAX:
        yield None


def _too_many_parts(draft: _Draft) -> Iterable[int | None]:
    """Ours: a message of more parts is refused. Mainland China counts the most of them."""
    if draft.variables:
        longest = worst(draft.text, draft.variables, draft.signature, country="CN")
        if max(longest.parts, longest.parts_unicode) > PARTS_MAX:
            yield None


_RULES: tuple[tuple[Rule, _Look], ...] = (
    (Rule.SEVERAL_SIGNATURES, _several_signatures),
    (Rule.SIGNATURE_IN_TEXT, _signature_in_text),
    (Rule.ONLY_VARIABLES, _only_variables),
    (Rule.ADJACENT_VARIABLES, _adjacent_variables),
    (Rule.MARKETING_VARIABLE, _marketing_variable),
    (Rule.OTP_LINK, _linked(Rule.OTP_LINK)),
    (Rule.VARIABLE_LINK, _linked(Rule.VARIABLE_LINK)),
    (Rule.SHORT_LINK, _linked(Rule.SHORT_LINK)),
    (Rule.LINK, _linked(Rule.LINK)),
    (Rule.NO_OPT_OUT, _no_opt_out),
    (Rule.OPT_OUT, _opt_out),
    (Rule.OTP_WITHOUT_CODE, _otp_without_code),
    (Rule.OTP_VARIABLES, _otp_variables),
    (Rule.OTP_WORDING, _otp_wording),
    (Rule.CONTACT, _contact),
    (Rule.SYMBOL, _symbol),
    (Rule.TOO_LONG, _too_long),
    (Rule.TOO_MANY_PARTS, _too_many_parts),
)

_SIGNED = re.compile("【[^【】]*】")
_BRACKET = re.compile("[【】]")

_DOMAINS = (
    "com|cn|net|org|cc|top|vip|xyz|info|io|me|co|app|shop|site|club|ltd|tv|link|ly|gl|gd|gy|so|im|la|hk|tw|mo|"
    "us|uk|eu|de|fr|jp|kr|sg|in|biz|mobi|tech|online|store"
)
_HOST = rf"(?:[a-z0-9{_MASK}-]{{1,63}}\.){{1,6}}(?:{_DOMAINS}|{_MASK}+)(?![a-z0-9-])"
_PATH = rf"[/?#:][a-z0-9{_MASK}/?#&=%.,:;~+_@!$*()-]*"
_LINK = re.compile(
    rf"https?://[a-z0-9{_MASK}/?#&=%.,:;~+_@!$*()-]*|(?<![a-z0-9.@_{_MASK}-]){_HOST}(?:{_PATH}|{_MASK}+)?",
    re.IGNORECASE,
)
_LINK_NAME = re.compile(r"(?i:\w*(?:url|href|link)|\w*(?:链接|网址))")
_SHORTENER = re.compile(
    r"(?:https?://)?(?:www\.)?(?:t\.cn|url\.cn|dwz\.cn|suo\.im|suo\.nz|mrw\.so|985\.so|u\.nu|c\.suo\.im|w\.url\.cn|"
    r"bit\.ly|tinyurl\.com|goo\.gl|t\.co|is\.gd|ow\.ly|rb\.gy|cutt\.ly|tiny\.cc|t\.ly|rebrand\.ly|shorturl\.at)"
    r"(?![a-z0-9.-])",
    re.IGNORECASE,
)
_OPT_OUT = re.compile(
    r"拒收请?回复?\s*[A-Za-z]|退订请?回复?\s*[A-Za-z]|回复?\s*[A-Za-z]{1,2}\s*(?:即可|可)?退订|(?<![A-Z])STOP(?![A-Z])|"
    r"(?i:\b(?:reply|text|send|txt)\s+(?:with\s+)?[\"'“]?stop(?![a-z])|unsubscribe|opt[ -]?out)"
)
_CODE_NAME = re.compile(r"(?i:\d+|\w*(?:code|otp|pin|captcha|passw|token|verif)\w*|\w*(?:码|口令|密码)\w*)")
_CODE_WORD = re.compile(r"验证码|注册码|校验码|动态码|动态密码|(?i:(?<![a-z])(?:code|passcode)s?(?![a-z]))")
_MOBILE = r"(?<![0-9])1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}(?![0-9])"
_CHAT = (
    r"(?i:(?<![a-z0-9])(?:qq|微信|wechat|weixin|vx)(?:群|号码|号)?\s{0,3}[:：]?\s{0,3}"
    rf"[a-z0-9_{_MASK}-]{{3,}})"
)
_MAIL = rf"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{{1,64}}@[A-Za-z0-9{_MASK}-]{{1,63}}\.[A-Za-z0-9]"
_SERVICE = r"(?<![0-9])(?:400[ -]?[0-9]{3}[ -]?[0-9]{4}|95[0-9]{3,6}|0[0-9]{2,3}-[0-9]{7,8})(?![0-9])"
_PRIVATE_CONTACT = re.compile(f"{_MOBILE}|{_CHAT}|{_MAIL}")
_ANY_CONTACT = re.compile(f"{_MOBILE}|{_CHAT}|{_MAIL}|{_SERVICE}")
_SYMBOL = re.compile(r"[¥￥★☆※✓✔√☞→●•①-⑳『』「」〖〗]|\^_\^|\A\[|\]\Z")
