"""`posthouse channels`: connected, shown, tried out, changed, drained and removed."""

import json

import pytest

from posthouse.storage.engine.sqlite import SQLite, connect

SECRET = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
TENCENT = (
    *("--set", "secret_id=AKID", "--set", f"secret_key={SECRET}"),
    *("--set", "sdk_app_id=1400006666", "--set", "sign_name=驿站"),
)
NOBODY = "http://127.0.0.1:1"


@pytest.fixture
def tencent(cli):
    return cli.json("channels", "add", "tencent", *TENCENT)


def test_a_channel_is_added_shown_and_listed_without_its_secret(cli, tencent):
    assert (tencent["name"], tencent["state"], tencent["credentials"]) == (
        "tencent",
        "active",
        ["secret_key"],
    )
    assert tencent["settings"]["sdk_app_id"] == "1400006666"
    assert tencent["callback_path"].startswith("/callbacks/tencent/")
    assert tencent["callback_url"] is None
    assert cli.json("channels", "show", "tencent") == tencent
    rows = cli.json("channels", "list")["data"]
    assert [row["name"] for row in rows] == ["sandbox", "tencent"]
    for words in (("show", "tencent"), ("list",)):
        shown = cli.well("channels", *words)
        assert "tencent" in shown
        assert SECRET not in shown


def test_the_whole_callback_address_needs_a_public_one(cli, tencent):
    assert "public_url" in cli.well("channels", "show", "tencent")
    (cli.data / "posthouse.toml").write_text('public_url = "https://sms.example.com/"\n')
    told = cli.json("channels", "show", "tencent")
    assert told["callback_url"] == f"https://sms.example.com{told['callback_path']}"


def test_a_secret_may_come_from_a_file_or_standard_input(cli, tmp_path):
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    told = cli.json(
        "channels", "add", "twilio", "--set", "account_sid=AC1", "--set", f"auth_token=@{tmp_path / 'secret'}"
    )
    assert told["credentials"] == ["auth_token"]
    said = cli.refused(
        "channels", "add", "twilio", "--set", "account_sid=AC1", "--set", "auth_token=@nowhere"
    )
    assert "nowhere" in said


def test_costs_countries_and_limits_are_set_and_changed(cli):
    told = cli.json(
        "channels",
        "add",
        "tencent",
        *TENCENT,
        *("--name", "cn", "--cost", "0.045", "--cost", "hk=0.3", "--countries", "cn, HK"),
        *("--rate", "50", "--concurrency", "4", "--weight", "3", "--callback-from", "203.0.113.0/24"),
    )
    assert (told["cost"], told["costs"], told["countries"]) == ("0.045", {"HK": "0.30"}, ["CN", "HK"])
    assert (told["rate_per_s"], told["concurrency"], told["weight"]) == (50, 4, 3)
    changed = cli.json(
        "channels",
        "set",
        "cn",
        *("--cost", "US=0.5", "--cost", "HK=none", "--countries", "all", "--callback-from", "any"),
        *("--set", "sign_name="),
    )
    assert (changed["cost"], changed["costs"], changed["countries"]) == ("0.045", {"US": "0.50"}, [])
    assert (changed["callback_from"], changed["rate_per_s"]) == ([], 50)
    assert "sign_name" not in changed["settings"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("tencnet", *TENCENT), "did you mean tencent? See `posthouse channels kinds`"),
        (("qqq", *TENCENT), "There is no vendor 'qqq'. See `posthouse channels kinds`"),
        (("tencent",), "--set secret_id=…"),
        (("tencent", *TENCENT, "--set", "regoin=x"), "did you mean region?"),
        (("tencent", *TENCENT, "--set", "sdk_app_id=x"), "SdkAppId|sdk_app_id"),
        (("tencent", *TENCENT, "--set", "pull=maybe"), "off, on"),
        (("tencent", *TENCENT, "--name", "a/b"), "--name"),
        (("tencent", *TENCENT, "--countries", "XX"), "--countries"),
        (("tencent", *TENCENT, "--callback-from", "here"), "--callback-from"),
        (("tencent", *TENCENT, "--concurrency", "0"), "--concurrency"),
        (("tencent", *TENCENT, "--account", "nobody"), "nobody"),
    ],
)
def test_what_cannot_be_added_is_told_in_one_sentence(cli, words, said):
    words = tuple(word for index, word in enumerate(words) if not _overridden(words, index))
    told = cli.refused("channels", "add", *words)
    assert any(each in told for each in said.split("|")), told
    assert SECRET not in told


def _overridden(words, index):
    """Whether a setting, or the `--set` in front of it, is given once more later."""
    place = index + 1 if words[index] == "--set" else index
    name, mark, _ = words[place].partition("=") if place < len(words) else ("", "", "")
    return bool(mark) and any(later.startswith(f"{name}=") for later in words[place + 1 :])


def test_a_setting_needs_a_value_and_only_one(cli):
    for words in (("--set", "region"), ("--set", "region=a", "--set", "region=b")):
        assert cli.run("channels", "add", "tencent", *words).exit_code == 2


def test_an_accounts_own_channel_is_found_under_its_name_alone(cli):
    cli.well("accounts", "create", "acme")
    told = cli.json("channels", "add", "tencent", *TENCENT, "--account", "acme")
    assert told["account"] == "acme"
    assert "tencent" in cli.refused("channels", "show", "tencent")
    assert cli.json("channels", "show", "tencent", "--account", "acme") == told
    inside = cli.refused(
        "channels",
        "set",
        "tencent",
        "--account",
        "acme",
        "--set",
        f"base_url={NOBODY}",
        "--set",
        f"secret_key={SECRET}",
    )
    assert "--set base_url" in inside


def test_a_channel_is_drained_rotated_and_removed(cli, tencent):
    assert cli.json("channels", "drain", "tencent")["state"] == "draining"
    assert cli.well("channels", "undrain", "tencent").strip() == "Channel tencent is active."
    rotated = cli.json("channels", "rotate", "tencent", "--set", "secret_key=other", "--callback")
    assert rotated["callback_path"] != tencent["callback_path"]
    assert cli.run("channels", "rotate", "tencent").exit_code == 2
    assert cli.well("channels", "remove", "tencent").strip() == "Channel tencent is removed."
    assert "tencent" in cli.refused("channels", "show", "tencent")


def test_a_vendor_that_does_not_answer_is_told_with_exit_code_3(cli, tencent):
    result = cli.run(
        "channels", "test", "tencent", "--set", f"base_url={NOBODY}", "--set", f"secret_key={SECRET}"
    )
    assert (result.exit_code, SECRET in result.output) == (3, False)
    assert "no connection: Connection refused" in result.stdout
    assert "without sending" in cli.well("channels", "test", "sandbox")
    assert cli.json("channels", "balance", "sandbox") == {"data": []}


def test_what_needs_a_server_says_so(cli, tencent):
    for words in (("health",), ("test", "tencent", "--to", "13800138000")):
        assert "posthouse serve" in cli.refused("channels", *words)
    assert "nowhere" in cli.refused("channels", "test", "nowhere")


def test_what_there_could_be_is_listed_with_its_settings(cli):
    rows = cli.json("channels", "kinds")["data"]
    assert {"sandbox", "tencent", "aliyun", "twilio"} <= {row["vendor"] for row in rows}
    shown = cli.well("channels", "kinds", "tencent")
    assert "secret_key" in shown
    assert "required secret" in shown
    assert "kinds" in cli.refused("channels", "kinds", "tencentt")


def test_doctor_says_which_channels_cannot_be_connected_and_whose_vendors_cannot_call_back(
    cli, tencent, monkeypatch
):
    del tencent
    assert channel_findings(cli) == {"callbacks": False}
    monkeypatch.setenv("POSTHOUSE_PUBLIC_URL", "https://sms.example.com")
    assert channel_findings(cli) == {"channels": True}
    connection = connect(str(SQLite(cli.data).path))
    connection.execute("UPDATE channels SET credentials = x'00' WHERE name = 'tencent'")
    connection.close()
    assert channel_findings(cli) == {"channel tencent": False}


def test_with_the_simulator_alone_doctor_finds_channels_well(cli):
    assert channel_findings(cli) == {"channels": True}


def channel_findings(cli):
    checks = json.loads(cli.run("doctor", "--json").stdout)["checks"]
    return {
        check["name"]: check["ok"] for check in checks if check["name"].startswith(("channel", "callbacks"))
    }
