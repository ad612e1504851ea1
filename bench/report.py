"""The report: a Markdown table for people and the README, a JSON document for machines."""

import json
from collections.abc import Mapping, Sequence

from bench.finding import Bar, Finding, Unit

_HELD = {True: "yes", False: "**no**", None: "–"}


def markdown(conditions: Mapping[str, str], findings: Sequence[Finding]) -> str:
    """The conditions in a line, then the table, ratios first: they survive a change of machine."""
    lines = [
        "; ".join(f"{name} {value}" if name != "date" else value for name, value in conditions.items()) + ".",
        "Server on one core, load on another, loopback; medians of the runs shown.",
        "",
        "| figure | measured | bar | held | aim | runs | seen with it |",
        "|---|--:|--:|---|--:|---|---|",
    ]
    for finding in sorted(findings, key=lambda one: one.unit is not Unit.RATIO):
        unit, bar = finding.unit, finding.bar
        runs = " · ".join(unit.write(run) for run in finding.runs) if len(finding.runs) > 1 else ""
        seen = [f"**invalid: {'; '.join(dict.fromkeys(finding.faults))}**"] if finding.faults else []
        seen += [finding.note] if finding.note else []
        measured, limit, aim = f"**{unit.write(finding.value)}**", _limit(bar, unit), _aim(bar, unit)
        cells = (finding.what, measured, limit, _HELD[finding.held], aim, runs, "; ".join(seen))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def document(conditions: Mapping[str, str], findings: Sequence[Finding]) -> str:
    """The same as JSON."""
    told = [
        {
            "figure": finding.figure,
            "what": finding.what,
            "unit": finding.unit.name.lower(),
            "value": finding.value,
            "runs": list(finding.runs),
            "bar": finding.bar.limit,
            "aim": finding.bar.aim,
            "better": "lower" if finding.bar.at_most else "higher",
            "held": finding.held,
            "note": finding.note,
            "faults": list(dict.fromkeys(finding.faults)),
        }
        for finding in findings
    ]
    return json.dumps({"conditions": dict(conditions), "findings": told}, ensure_ascii=False, indent=2)


def _limit(bar: Bar, unit: Unit) -> str:
    return "" if bar.limit is None else f"{bar.sign} {unit.write(bar.limit)}"


def _aim(bar: Bar, unit: Unit) -> str:
    return "" if bar.aim is None else unit.write(bar.aim)
