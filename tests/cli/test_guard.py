"""`posthouse guard`: rules shown and changed, lists kept, the platform's prefixes loaded."""

import pytest

PREFIX, ADDRESS, HOUSEHOLD = "+23767", "203.0.113.7", "2001:db8:1:2::/64"


def blocks(cli, *words):
    return cli.json("guard", "blocks", *words)["data"]


def safe(cli, *words):
    return cli.json("guard", "safe", *words)["data"]


def test_the_usual_rules_are_shown(cli):
    told = cli.json("guard", "show")
    assert (told["account"], told["countries"], told["simulator"]) == ("default", None, "shadow")
    assert told["spend"] == {"hour": None, "day": None}
    assert told["rules"]["velocity_prefix"] == {
        "mode": "enforce",
        "refused_24h": 0,
        "shadowed_24h": 0,
        "per_hour": 30,
        "block_s": 3600,
    }
    assert "breaker" not in told
    shown = cli.well("guard", "show")
    for word in ("countries", "all", "velocity_range", "43200", "from 20 verifications", "premium_rate"):
        assert word in shown


def test_rules_are_changed_one_by_one_and_the_rest_stays(cli):
    told = cli.json(
        "guard",
        "set",
        *("--countries", "cn, US", "--simulator", "enforce", "--spend-hour", "10", "--spend-day", "99.5"),
        *("--rule", "velocity_prefix=shadow", "--rule", "spend=off"),
        *("--per-hour", "velocity_prefix=50", "--per-hour", "velocity_account=1000"),
        *("--block-s", "velocity_prefix=600", "--block-s", "conversion=none"),
        *("--types", "voip,premium_rate", "--min-sends", "30"),
    )
    assert told == cli.json("guard", "show")
    assert told["countries"] == ["CN", "US"]
    assert (told["simulator"], told["spend"]) == ("enforce", {"hour": "10.00", "day": "99.50"})
    rules = told["rules"]
    prefix = rules["velocity_prefix"]
    assert (prefix["mode"], prefix["per_hour"], prefix["block_s"]) == ("shadow", 50, 600)
    assert rules["velocity_account"]["per_hour"] == 1000
    assert (rules["conversion"]["block_s"], rules["conversion"]["min_sends"]) == (None, 30)
    assert rules["number_type"]["types"] == ["premium_rate", "voip"]
    assert rules["velocity_range"]["per_hour"] == 90
    back = cli.json("guard", "set", "--countries", "all", "--spend-hour", "none", "--types", "none")
    assert (back["countries"], back["spend"]["hour"], back["spend"]["day"]) == (None, None, "99.50")
    assert back["rules"]["number_type"]["types"] == []


def test_each_account_has_a_guard_of_its_own(cli):
    cli.well("accounts", "create", "acme")
    cli.well("guard", "set", "--rule", "spend=off", "--account", "acme")
    cli.well("guard", "block", PREFIX, "--account", "acme")
    assert cli.json("guard", "show")["rules"]["spend"]["mode"] == "enforce"
    assert blocks(cli) == []
    (entry,) = blocks(cli, "--account", "acme")
    assert cli.refused("guard", "unblock", entry["id"])
    for words in (("show",), ("set", "--spend-day", "1"), ("blocks",), ("block", "+1"), ("safe",)):
        assert "nobody" in cli.refused("guard", *words, "--account", "nobody")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--countries", "CN,XX"), "--countries"),
        (("--per-hour", "velocity_prefix=0"), "--per-hour velocity_prefix"),
        (("--block-s", "conversion=5"), "--block-s conversion"),
        (("--types", "satellite"), "--types"),
        (("--min-sends", "0"), "--min-sends"),
    ],
)
def test_what_cannot_be_set_is_refused_by_its_option_and_nothing_changes(cli, words, told):
    sentence = cli.refused("guard", "set", "--simulator", "enforce", *words)
    assert told in sentence
    assert "rules." not in sentence
    assert cli.json("guard", "show")["simulator"] == "shadow"


@pytest.mark.parametrize(
    "words",
    [
        ("set",),
        ("set", "--rule", "velocity_prefix"),
        ("set", "--rule", "velocity=off"),
        ("set", "--rule", "spend=maybe"),
        ("set", "--per-hour", "spend=5"),
        ("set", "--per-hour", "velocity_prefix=many"),
        ("set", "--block-s", "velocity_account=600"),
        ("set", "--spend-hour", "lots"),
        ("set", "--simulator", "off"),
        ("block",),
        ("block", PREFIX, "--ttl", "soon"),
        ("blocks", "--limit", "0"),
        ("load",),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(cli, words):
    assert cli.run("guard", *words).exit_code == 2


def test_prefixes_and_addresses_are_blocked_shown_and_freed(cli):
    told = cli.json("guard", "block", "+237 67", ADDRESS, "2001:db8:1:2::5", "--ttl", "12h")
    assert [entry["prefix"] or entry["address"] for entry in told["data"]] == [PREFIX, ADDRESS, HOUSEHOLD]
    third, second, first = blocks(cli)
    assert (first["prefix"], first["address"], first["rule"], first["mode"]) == (PREFIX, None, None, None)
    assert (second["address"], third["address"]) == (ADDRESS, HOUSEHOLD)
    assert first["expires_at"] is not None
    shown = cli.well("guard", "blocks")
    assert first["id"] in shown
    assert "hand" in shown
    assert len(blocks(cli, "--limit", "1")) == 1
    assert cli.well("guard", "unblock", first["id"], ADDRESS, "2001:db8:1:2:ffff::")
    assert blocks(cli) == []
    assert cli.well("guard", "blocks") == "Nothing is blocked.\n"


def test_what_is_safe_is_on_a_list_of_its_own(cli):
    assert safe(cli) == []
    assert cli.well("guard", "safe", PREFIX) == f"{PREFIX}\n"
    (entry,) = safe(cli)
    assert (entry["prefix"], entry["expires_at"]) == (PREFIX, None)
    assert blocks(cli) == []
    assert cli.refused("guard", "unblock", entry["id"])
    assert PREFIX in cli.refused("guard", "unblock", PREFIX)
    assert cli.well("guard", "unsafe", PREFIX)
    assert cli.well("guard", "safe") == "Nothing is held to be safe.\n"


def test_of_several_that_are_typed_the_good_ones_are_taken_and_the_others_told(cli):
    result = cli.run("guard", "block", PREFIX, "2376", "+0", "--json")
    assert result.exit_code == 1
    assert [line.partition(":")[0] for line in result.stderr.splitlines()] == ["2376", "+0"]
    assert [entry["prefix"] for entry in blocks(cli)] == [PREFIX]
    result = cli.run("guard", "unblock", PREFIX, "+1", "nonsense", "grd_0000000000000", "grd_x")
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 4)
    assert blocks(cli) == []


def test_a_ttl_must_be_long_enough(cli):
    assert "--ttl" in cli.refused("guard", "block", PREFIX, "--ttl", "5s")


def test_the_platforms_list_is_loaded_whole_and_holds_for_every_account(cli, tmp_path):
    file = tmp_path / "prefixes.txt"
    file.write_text("\ufeff# loaded nightly\r\n+237 67\r\n\r\n +8835 \r\n+23767\r\n")
    assert cli.json("guard", "load", str(file)) == {"count": 2}
    cli.well("accounts", "create", "acme")
    loaded = blocks(cli, "--account", "acme")
    assert {(entry["prefix"], entry["platform"]) for entry in loaded} == {(PREFIX, True), ("+8835", True)}
    assert "the platform" in cli.well("guard", "blocks")
    assert "platform" in cli.refused("guard", "unblock", PREFIX)
    assert cli.refused("guard", "unblock", loaded[0]["id"])
    file.write_text("+8835\n")
    assert cli.well("guard", "load", str(file)) == "The platform's list has 1 prefix.\n"
    file.write_text("")
    assert cli.json("guard", "load", str(file)) == {"count": 0}
    assert blocks(cli) == []


def test_a_faulty_line_is_told_by_its_number_and_the_list_stays(cli, tmp_path):
    file = tmp_path / "prefixes.txt"
    file.write_text("+237\n")
    cli.well("guard", "load", str(file))
    file.write_text("+86\n138\n+1\n" + "x\n" * 30)
    result = cli.run("guard", "load", str(file))
    lines = result.stderr.splitlines()
    assert (result.exit_code, result.stdout, len(lines), lines[-1]) == (1, "", 21, "… and 11 more.")
    assert lines[0].startswith(f"{file}:2: '138' ")
    assert [entry["prefix"] for entry in blocks(cli)] == ["+237"]
    assert cli.refused("guard", "load", str(tmp_path / "missing"))


def test_settings_reach_a_running_server(cli, serve):
    serve()
    cli.well("guard", "set", "--countries", "CN")
    cli.well("guard", "block", PREFIX)
    assert cli.json("guard", "show")["countries"] == ["CN"]
    assert len(blocks(cli)) == 1
