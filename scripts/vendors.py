"""Write the matrix of vendors, as the code has it, into `docs/vendors/README.md` and `README.zh-CN.md`.

Only what stands between the two markers is made here; a test compares.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from posthouse.core.ports.vendor import Capabilities, Receipts
from posthouse.vendors.adapter import Adapter
from posthouse.vendors.registry import ADAPTERS

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- matrix: scripts/vendors.py -->", "<!-- /matrix -->"
YES, NO = "✔", "–"


class Language(NamedTuple):
    """The words of one page; `place` is where a pair of texts has this language."""

    page: Path
    ending: str
    place: int
    heads: tuple[str, ...]
    approved: str
    texts: str
    mainland: str
    usual: str
    everywhere: str
    receipts: Mapping[Receipts, str]


ENGLISH = Language(
    ROOT / "docs" / "vendors" / "README.md",
    ".md",
    0,
    (
        *("vendor", "kind", "recipients a call", "takes", "senders", "receipts", "query", "replies"),
        *("idempotent", "characters a part", "calls a second", "countries", "balance", "proven"),
    ),
    "approved templates",
    "texts",
    "70, then 67",
    "160, then 153; 70, then 67",
    "all",
    {Receipts.PUSH: "push", Receipts.PULL: "pull", Receipts.BOTH: "push, pull", Receipts.NONE: NO},
)
CHINESE = Language(
    ROOT / "docs" / "vendors" / "README.zh-CN.md",
    ".zh-CN.md",
    1,
    (
        *("服务商", "类型", "每次号码数", "发送内容", "自选发送方", "回执", "查询", "上行短信"),
        *("防重复", "每条字数", "每秒调用", "国家和地区", "余额", "验证方式"),
    ),
    "已审核的模板",
    "正文",
    "70，超过则 67",
    "160，超过则 153；70，超过则 67",
    "不限",
    {Receipts.PUSH: "推送", Receipts.PULL: "拉取", Receipts.BOTH: "推送、拉取", Receipts.NONE: NO},
)


def main() -> None:
    """Write both pages."""
    for language in (ENGLISH, CHINESE):
        page = language.page.read_text(encoding="utf-8")
        language.page.write_text(renewed(page, language), encoding="utf-8")


def renewed(page: str, language: Language) -> str:
    """The page with the matrix of today. Raises ValueError where it lacks the markers."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{language.page.name} needs {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{matrix(language)}\n\n{END}{after}"


def matrix(language: Language) -> str:
    """A row for each kind that is called over HTTP, in the order of the registry."""
    rows = [language.heads, ("---",) * len(language.heads)]
    rows += [_row(adapter, language) for adapter in ADAPTERS.values()]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(adapter: type[Adapter], language: Language) -> tuple[str, ...]:
    can = adapter.capabilities
    return (
        f"[{adapter.title[language.place]}]({adapter.name}{language.ending})",
        f"`{adapter.name}`",
        str(can.recipients_max),
        language.approved if can.approval else language.texts,
        _mark(can.senders),
        language.receipts[can.receipts],
        _mark(can.query),
        _mark(can.inbound),
        _mark(can.idempotent),
        language.mainland if can.mainland_parts else language.usual,
        f"{can.rate_per_s:,}" if can.rate_per_s else NO,
        _countries(can, language),
        _mark(adapter.tells_money),
        f"`{adapter.PROVEN}`",
    )


def _mark(can: bool) -> str:  # noqa: FBT001 - a cell of the table
    return YES if can else NO


def _countries(can: Capabilities, language: Language) -> str:
    return ", ".join(sorted(can.countries)) or language.everywhere


if __name__ == "__main__":
    main()
