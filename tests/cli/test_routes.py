"""`posthouse routes`: kept with and without a server; `route explain`."""

import json

WAY = ("--purpose", "otp", "--country", "cn", "--channel", "sandbox")


def test_routes_are_made_listed_changed_and_removed(cli):
    assert "There are no routes" in cli.well("routes", "list")
    made = cli.json("routes", "add", "codes", *WAY, "--prefix", "+86 13", "--hours", "09:00-21:00")
    assert (made["name"], made["position"], made["purposes"]) == ("codes", 10, ["otp"])
    assert (made["countries"], made["prefixes"], made["hours"]) == (["CN"], ["+8613"], "09:00-21:00")
    changed = cli.json(
        *("routes", "set", "codes", "--only", "--receipt-within", "1m", "--hours", "none"),
        *("--purpose", "none", "--account", "default"),
    )
    assert (changed["only"], changed["receipt_within_s"], changed["hours"]) == (True, 60, None)
    assert (changed["purposes"], changed["accounts"], changed["countries"]) == ([], ["default"], ["CN"])
    assert cli.json("routes", "list") == {"data": [changed]}
    shown = cli.well("routes", "list")
    for word in ("codes", "accounts default", "countries CN", "sandbox only", "60 s"):
        assert word in shown
    assert "codes is gone" in cli.well("routes", "remove", "codes")
    assert cli.json("routes", "list") == {"data": []}


def test_what_will_not_do_is_refused_by_its_option(cli):
    for words, told in (
        (("add", "codes", "--channel", "sandbxo"), "--channel"),
        (("add", "codes", "--only"), "--channel"),
        (("add", "codes", *WAY, "--country", "XX"), "--country"),
        (("add", "codes", *WAY, "--purpose", "news"), "--purpose"),
        (("add", "codes", *WAY, "--hours", "9-21"), "--hours"),
        (("add", "codes", *WAY, "--account", "nobody"), "nobody"),
        (("add", "codes", *WAY, "--receipt-within", "1s"), "--receipt-within"),
        (("add", "co des", *WAY), "NAME"),
        (("set", "codes", "--only"), "codes"),
        (("remove", "codes"), "codes"),
    ):
        assert told in cli.refused("routes", *words), words
    assert cli.run("routes", "set", "codes").exit_code == 2
    assert cli.json("routes", "list") == {"data": []}


def test_explaining_without_a_server_says_all_but_how_channels_do(cli):
    cli.json("routes", "add", "codes", *WAY)
    found = cli.json("route", "explain", "13800138000", "hello", "--purpose", "otp")
    assert (found["rule"], found["channel"], found["segments"]) == ("codes", "sandbox", 1)
    shown = cli.well("routes", "explain", "13800138000")
    for word in ("none applies", "sandbox", "chosen", "no server runs here"):
        assert word in shown
    assert "smpp" in cli.refused("route", "explain", "13800138000", "--vendor", "smpp")
    assert "nobody" in cli.refused("route", "explain", "13800138000", "--account", "nobody")
    assert "TO" in cli.refused("route", "explain", "12")


def test_a_dry_run_goes_by_the_same_routes(cli):
    cli.json("routes", "add", "strict", "--channel", "tencent", "--only")
    told = cli.json("send", "13800138000", "hello", "--dry-run")
    assert told["candidates"][0]["why"] == "rule strict allows other channels only"


def test_a_server_is_asked_where_one_runs(empty, serve):
    cli = empty
    serve()
    cli.json("routes", "add", "codes", *WAY)
    shown = cli.well("route", "explain", "13800138000", "--purpose", "otp", "--text")
    assert "codes" in shown
    assert "no server runs here" not in shown
    found = json.loads(cli.well("route", "explain", "13800138000", "-t", "SMS_1", "--json"))
    assert found["candidates"][0]["why"] == "chosen"


def test_a_channel_that_a_route_names_is_not_removed(cli):
    cli.json("channels", "add", "sandbox", "--name", "near")
    cli.json("routes", "add", "codes", "--channel", "near")
    assert "Route 'codes' names this channel. Change or remove the route" in cli.refused(
        "channels", "remove", "near"
    )
    cli.well("routes", "remove", "codes")
    assert "near is removed" in cli.well("channels", "remove", "near")
