"""The catalogue's words for one at a command line: options instead of fields, directories instead of keys."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from posthouse.core.errors import Code, Refusal

if TYPE_CHECKING:
    from posthouse.core.catalogue_entries.entry import Language

OPTIONS = {
    "to": "TO",
    "body": "TEXT",
    "template_id": "-t",
    "params": "-v",
    "send_at": "--at",
    "vendor": "--via",
    "purpose": "--purpose",
    "from": "--from",
    "signature": "--signature",
    "reference": "--reference",
}
"""What `posthouse send` calls the fields of the API."""

_OF_VARIABLES = frozenset({Code.MISSING_PARAM, Code.UNKNOWN_PARAM, Code.INVALID_PARAM})
_OF_OTHERS = _OF_VARIABLES | {Code.SENSITIVE_WORD}
"""Refusals that quote the words of templates and lists: one that is called `to` is no option."""

_VARIABLE = re.compile(r"(?<![\w.])params\.(?=\w)")
_TYPED = re.compile(r"[Tt]he (?:required )?field '(--?[a-z-]+(?: [^']*)?|[A-Z_]{2,}|column [a-z_]+)'")
"""An option or argument that `renamed` has put into a refusal."""

_NAMES = "|".join(OPTIONS)
_FIELDS: "Mapping[Language, re.Pattern[str]]" = {
    "en": re.compile(rf"(?:[Tt]he (?:required )?field )?'({_NAMES})'|(?<=Field: )({_NAMES})(?=\.)"),
    "zh": re.compile(rf"(?<![\w.-])({_NAMES})(?![\w.-])", re.ASCII),
}

_AT_END: "Mapping[Language, re.Pattern[str]]" = {
    "en": re.compile(rf"(?<=Field: )({_NAMES})(?:\.([^.]+))?(?=\.$)"),
    "zh": re.compile(rf"(?<=字段：)({_NAMES})(?:\.([^。]+))?(?=。$)"),
}
"""The field that stands behind a sentence."""

_NONE_HERE: "Mapping[Language, tuple[re.Pattern[str], str]]" = {
    "en": (re.compile("Your account has no (.*) with this id"), r"There is no \1 with this id"),
    "zh": (re.compile("当前账户下没有该"), "没有该"),
}

_REMEDIES: "Mapping[str, Mapping[Language, str]]" = {
    "not_found": {
        "en": "Check the id or name, and that --data names the right directory.",
        "zh": "请核对 ID 或名称，并确认 --data 指定的数据目录正确。",
    },
    "unknown_vendor": {
        "en": "Give the name of a vendor, as aliyun, or of a channel.",
        "zh": "请填写服务商（例如 aliyun）或通道的名称。",
    },
    "internal": {
        "en": "Look at the server's log, and whether it was done, before you try again.",
        "zh": "请先查看服务器日志，确认是否已经完成，再决定是否重试。",
    },
}
"""What helps at a command line, where the API's advice does not."""

_HELP: "Mapping[Language, str]" = {
    "en": "Run the command with --help to see what it takes.",
    "zh": "请在命令后加 --help 查看可用的取值。",
}


def reworded(code: str, detail: str, action: str, language: "Language") -> str:
    """What is wrong and what to do about it, on one line."""
    pattern, better = _NONE_HERE[language]
    detail = _AT_END[language].sub(_option_at_end, detail)
    detail = _VARIABLE.sub("", _TYPED.sub(r"\1", pattern.sub(better, detail)))
    if code not in _OF_OTHERS:
        detail = _FIELDS[language].sub(_option, detail)
    detail = detail.replace("Field: ", "See ").replace("字段 column ", "列 ").replace("字段", "参数")
    if remedy := _REMEDIES.get(code):
        action = remedy[language]
    elif "API reference" in action or "接口文档" in action:
        action = _HELP[language]
    return f"{detail}{'' if language == 'zh' else ' '}{action}".strip()


def renamed(refusal: Refusal, options: Mapping[str, str], asked: Mapping[str, str] | None = None) -> Refusal:
    """The same refusal with its field called by a command's own word for it: field → option or argument.

    What is below a field keeps its name: `variables.code` becomes `--max code`. A refusal that speaks of a
    variable of a template calls it by its name alone. `asked` says what was looked for: kind → id or name.
    """
    facts = dict(refusal.facts)
    if refusal.code is Code.NOT_FOUND and (name := (asked or {}).get(str(facts.get("resource")))):
        facts.setdefault("name", name)
    field, _, below = (refusal.param or "").partition(".")
    option = options.get(field.partition("[")[0])
    if option is None:
        return Refusal(refusal.code, param=refusal.param, **facts)
    whole = f"{option} {below}" if below else option
    return Refusal(refusal.code, param=below if below and refusal.code in _OF_VARIABLES else whole, **facts)


def _option_at_end(found: re.Match[str]) -> str:
    return " ".join(filter(None, (OPTIONS[found[1]], found[2])))


def _option(found: re.Match[str]) -> str:
    return next(OPTIONS[name] for name in found.groups() if name)
