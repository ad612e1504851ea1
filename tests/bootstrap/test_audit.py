"""The audit in its own process: however much it finds, little is read."""

import sys

from posthouse.bootstrap.audit import audit
from posthouse.workers.watch import SHOWN, Audited

CHILD = """#!/bin/sh
echo "$@" > {asked}
echo '{{"ok":false,"drift_count":1000001,"drifts":[{{"account_id":1,"what":"purse held"}}]}}'
exit 3
"""


async def test_the_child_is_asked_for_the_count_and_the_first_few(tmp_path, monkeypatch):
    child, asked = tmp_path / "child", tmp_path / "asked"
    child.write_text(CHILD.format(asked=asked))
    child.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(child))
    assert await audit(tmp_path) == Audited(1_000_001, ("account 1, purse held",))
    assert f"ledger check --json --first {SHOWN} " in asked.read_text()
