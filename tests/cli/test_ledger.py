"""`ledger check`: many findings, and as few of them shown as one likes."""

import json

from posthouse.storage.engine.sqlite import connect

PLANTED = """
WITH RECURSIVE n(id) AS (SELECT 100 UNION ALL SELECT id + 1 FROM n WHERE id < 1099)
INSERT INTO balances SELECT id, 1, 0, 0, 0, 0, x'' FROM n
"""


def test_all_are_counted_and_the_first_shown(cli):
    database = connect(str(cli.data / "posthouse.db"))
    database.execute(PLANTED)
    database.close()
    all_of_them = json.loads(cli.run("ledger", "check", "--json").stdout)
    assert all_of_them["drift_count"] == len(all_of_them["drifts"]) >= 1000
    few = cli.run("ledger", "check", "--json", "--first", "2")
    assert few.exit_code == 3
    assert json.loads(few.stdout) == {**all_of_them, "drifts": all_of_them["drifts"][:2]}
    *shown, counted = cli.run("ledger", "check", "--first", "2").stdout.splitlines()
    assert len(shown) == 2
    assert counted.startswith(f"drifts: {all_of_them['drift_count']} (")
    none = cli.run("ledger", "check", "--json", "--first", "0")
    assert (none.exit_code, json.loads(none.stdout)["ok"]) == (3, False)
