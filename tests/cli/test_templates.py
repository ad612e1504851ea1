"""Templates at the command line: made, edited, compared, bound, previewed; beside a running server too."""

import json
import os
import pty
import re
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

from posthouse.cli import app
from tests.cli.conftest import Cli
from tests.cli.test_messages import settled

FIRST = "尊敬的{name},您的验证码是{code},请及时输入。"
NOTICED_MAX_S = 1.0


@pytest.fixture
def login(cli: Cli) -> Cli:
    """An installation with a template `login` of two versions."""
    cli.json("templates", "create", "Login", "Your code is {code}.", "--id", "login", "--kind", "otp")
    cli.json("templates", "edit", "login", "{code} is your code.", "--signature", "驿站")
    return cli


def test_every_account_begins_with_the_documents_template(cli):
    (first,) = cli.json("templates", "list")["data"]
    assert (first["template_id"], first["name"], first["kind"]) == ("1", "验证码", "otp")
    assert first["text"] == FIRST
    assert first["variables"] == [{"name": "name", "max_length": 64}, {"name": "code", "max_length": 64}]
    assert FIRST in cli.well("templates", "list")
    cli.well("accounts", "create", "acme")
    (other,) = cli.json("templates", "list", "--account", "acme")["data"]
    assert other["text"] == FIRST
    assert "nobody" in cli.refused("templates", "list", "--account", "nobody")


def test_a_template_is_made_with_an_id_of_ours_or_of_the_callers(cli):
    made = cli.json("templates", "create", "Notice", "Parcel {number} is here.", "--max", "number=12")
    assert re.fullmatch(r"tpl_[0-9a-z]{13}", made["template_id"])
    assert (made["kind"], made["version"], made["signature"]) == ("notification", 1, None)
    assert made["variables"] == [{"name": "number", "max_length": 12}]
    assert (made["warnings"], made["bindings"]) == ([], [])
    chosen = cli.json("templates", "create", "Other", "Hello", "--id", "hello", "--signature", "驿站")
    assert (chosen["template_id"], chosen["signature"]) == ("hello", "驿站")
    assert [each["template_id"] for each in cli.json("templates", "list")["data"]] == [
        "1",
        made["template_id"],
        "hello",
    ]
    assert "template" in cli.refused("templates", "create", "Again", "Hello", "--id", "hello")
    told = cli.well("templates", "show", made["template_id"])
    assert re.search(r"^variables +number \(12\)$", told, re.MULTILINE)
    assert "bound to no vendor" in told


def test_an_account_has_its_own_templates(cli):
    cli.well("accounts", "create", "acme")
    cli.json("templates", "create", "Mine", "Hello", "--id", "mine", "--account", "acme")
    assert len(cli.json("templates", "list")["data"]) == 1
    assert "'mine'" in cli.refused("templates", "show", "mine")
    assert cli.json("templates", "show", "mine", "--account", "acme")["text"] == "Hello"


def test_a_text_may_come_from_standard_input(cli):
    def run(*words: str, text: bytes):
        return CliRunner().invoke(app, [*words, "--json", "--data", str(cli.data)], input=text)

    made = run("templates", "create", "Lines", "-", "--id", "lines", text="第一行\n{code}\n".encode())
    assert json.loads(made.stdout)["text"] == "第一行\n{code}"
    changed = run("templates", "edit", "lines", "-", text=b"{code}\r\n")
    assert json.loads(changed.stdout)["text"] == "{code}"
    broken = run("templates", "create", "Lines", "-", text=b"\xff\xfe")
    assert (broken.exit_code, broken.stdout) == (1, "")
    assert "not UTF-8" in broken.stderr


WRONG = [
    (("create", "Name", "Your {code"), "position 6"),
    (("create", "Name", ""), "TEXT"),
    (("create", "Name", "x" * 1531), "TEXT"),
    (("create", "", "Text"), "NAME"),
    (("create", "Name", "Text", "--id", "a/b"), "--id"),
    (("create", "Name", "Text", "--signature", "【驿站】"), "--signature"),
    (("create", "Name", "{code}", "--max", "other=6"), "other"),
    (("edit", "1", "Your {code"), "position 6"),
    (("edit", "1", "--name", ""), "--name"),
    (("edit", "none", "--name", "Other"), "'none'"),
    (("show", "1", "--version", "2"), "ersion"),
    (("delete", "none"), "'none'"),
    (("diff", "none"), "--data"),
    (("bind", "none", "aliyun", "SMS_1"), "--data"),
    (("bind", "1", "nobody", "SMS_1"), "VENDOR"),
    (("bind", "1", "aliyun", ""), "VENDOR_TEMPLATE_ID"),
    (("bind", "1", "aliyun", "SMS_1", "--param", "other"), "other"),
    (("unbind", "1", "aliyun"), "'aliyun'"),
    (("preview", "1", "-v", "code=1"), "'name'"),
    (("preview", "1", "--to", "12"), "--to"),
]


def test_what_is_wrong_is_told_in_the_words_of_the_command_line(cli):
    for words, said in WRONG:
        told = cli.refused("templates", *words)
        assert said in told
        for field in (
            "'text'",
            "'name' must",
            "template_id",
            "params.",
            "variables.",
            "field",
            "API reference",
        ):
            assert field not in told
    assert len(cli.json("templates", "list")["data"]) == 1


NOT_UNDERSTOOD = [
    ("create", "Name", "{code}", "--max", "code=0"),
    ("create", "Name", "{code}", "--max", "code=1001"),
    ("create", "Name", "{code}", "--max", "code=6", "--max", "code=7"),
    ("preview", "1", "-v", "code=1", "-v", "code=2"),
    ("preview", "1", "--country", "XX"),
    ("list", "--limit", "0"),
    ("create", "Name", "Text", "--kind", "spam"),
    ("create", "Name", "{code}", "--max", "code"),
    ("create", "Name", "{code}", "--max", "code=six"),
    ("edit", "1"),
    ("bind", "1", "aliyun"),
    ("bind", "1", "aliyun", "SMS_1", "--param", "code", "--param", "name=name"),
    ("bind", "1", "aliyun", "SMS_1", "--state", "perhaps"),
    ("preview", "1", "-v", "code"),
    ("preview", "1", "--to", "13800138000", "--country", "CN"),
    ("show", "1", "--version", "0"),
]


def test_what_cannot_be_understood_is_a_usage_error(cli):
    for words in NOT_UNDERSTOOD:
        assert cli.run("templates", *words).exit_code == 2, words


def test_refusals_are_told_in_chinese_where_the_environment_is(cli, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    told = cli.refused("templates", "preview", "1", "-v", "code=1")
    assert told.startswith("缺少变量 name，")
    assert "--signature" in cli.refused("templates", "create", "名称", "您好", "--signature", "【驿站】")


def test_a_variable_that_is_called_like_a_field_keeps_its_name(cli, monkeypatch):
    cli.json("templates", "create", "Route", "From {from} to {to}", "--id", "route")
    for words in (("templates", "preview", "route"), ("send", "13800138000", "-t", "route")):
        assert "'to' has no value; the template's variables are: from, to." in cli.refused(
            *words, "-v", "from=a"
        )
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "变量 to，" in cli.refused("send", "13800138000", "-t", "route", "-v", "from=a")


def test_an_edit_makes_a_version_and_a_new_name_does_not(cli):
    cli.json("templates", "create", "Login", "Your code is {code}.", "--id", "login", "--max", "code=6")
    renamed = cli.json("templates", "edit", "login", "--name", "Sign in")
    assert (renamed["version"], renamed["name"]) == (1, "Sign in")
    said = cli.json("templates", "edit", "login", "{code}, {name}!", "--max", "name=20")
    assert (said["version"], said["variables"]) == (
        2,
        [{"name": "code", "max_length": 6}, {"name": "name", "max_length": 20}],
    )
    assert cli.json("templates", "edit", "login", "--signature", "驿站")["signature"] == "驿站"
    assert cli.json("templates", "edit", "login", "--signature", "")["signature"] is None
    assert cli.json("templates", "edit", "login", "--signature", "")["version"] == 4
    first = cli.json("templates", "show", "login", "--version", "1")
    assert (first["text"], first["version"], first["newest"]) == ("Your code is {code}.", 1, 4)
    assert "Version 4 is the newest" in cli.well("templates", "show", "login", "--version", "1")
    assert "version 5" in cli.well("templates", "edit", "login", "{code}")
    assert "Nothing changed; version 5 stays." in cli.well("templates", "edit", "login", "{code}")
    assert "Nothing changed" not in cli.well("templates", "edit", "login", "--name", "Log in")


def test_a_deleted_template_is_gone_and_its_id_with_it(cli):
    cli.json("templates", "create", "Login", "Your code is {code}.", "--id", "login")
    assert cli.well("templates", "delete", "login") == "Template login is deleted.\n"
    assert [each["template_id"] for each in cli.json("templates", "list")["data"]] == ["1"]
    assert cli.refused("templates", "show", "login")
    assert cli.refused("templates", "create", "Login", "Your code is {code}.", "--id", "login")
    assert "deleted" in cli.refused("send", "13800138000", "-t", "login", "-v", "code=1")
    assert cli.json("templates", "delete", "1") == {"template_id": "1", "deleted": True}


def test_two_versions_are_compared(login):
    told = login.json("templates", "diff", "login")
    assert (told["from"], told["to"]) == (1, 2)
    assert told["text"] == [
        "--- version 1",
        "+++ version 2",
        "@@ -1 +1 @@",
        "-Your code is {code}.",
        "+{code} is your code.",
    ]
    assert told["changes"] == [{"what": "signature", "from": None, "to": "驿站"}]
    login.json("templates", "edit", "login", "{code} for {name}", "--max", "code=6")
    last = login.well("templates", "diff", "login").splitlines()
    assert "+{code} for {name}" in last
    assert "variable code: at most 64 characters → at most 6 characters" in last
    assert "variable name: none → at most 64 characters" in last
    back = login.json("templates", "diff", "login", "3", "1")
    assert back["changes"][0] == {"what": "signature", "from": "驿站", "to": None}
    assert login.json("templates", "diff", "login", "1")["to"] == 3
    assert "say the same" in login.well("templates", "diff", "login", "2", "2")
    assert login.well("templates", "diff", "1") == "There is only one version of 1.\n"


def test_a_version_is_bound_to_a_vendors_template_and_its_review_is_kept(login):
    bound = login.json("templates", "bind", "login", "tencent", "449739", "--param", "code")
    assert bound["parameters"] == {"1": "code"}
    assert (bound["template_id"], bound["version"], bound["state"]) == ("login", 2, "draft")
    named = login.json("templates", "bind", "login", "aliyun", "SMS_1", "--param", "verify_code=code")
    assert named["parameters"] == {"verify_code": "code"}
    login.json("templates", "bind", "login", "aliyun", "--state", "pending")
    judged = login.json(
        "templates", "bind", "login", "aliyun", "--state", "rejected", "--reason", "变量属性不符"
    )
    assert (judged["vendor_template_id"], judged["parameters"]) == ("SMS_1", named["parameters"])
    assert (judged["state"], judged["reason"]) == ("rejected", "变量属性不符")
    told = login.json("templates", "show", "login")
    assert {each["vendor"]: each["state"] for each in told["bindings"]} == {
        "aliyun": "rejected",
        "tencent": "draft",
    }
    assert [(step["vendor"], step["state"]) for step in told["history"]] == [
        ("aliyun", "rejected"),
        ("aliyun", "pending"),
        ("aliyun", "draft"),
        ("tencent", "draft"),
    ]
    shown = login.well("templates", "show", "login")
    assert re.search(r"aliyun +SMS_1 +2 +verify_code=code +rejected +变量属性不符", shown)
    login.json("templates", "bind", "login", "aliyun", "SMS_0", "--version", "1", "--state", "approved")
    assert login.json("templates", "show", "login", "--version", "1")["bindings"][0]["state"] == "approved"
    assert login.json("templates", "unbind", "login", "aliyun")["bound"] is False
    assert [each["vendor"] for each in login.json("templates", "show", "login")["bindings"]] == ["tencent"]
    assert "tencent:draft" in login.well("templates", "list")


def test_an_approved_binding_stays_approved_until_it_is_another_template(login):
    bind = ("templates", "bind", "login", "aliyun")
    login.json(*bind, "SMS_1", "--state", "approved")
    again = login.run(*bind, "SMS_1", "--param", "verify_code=code", "--json")
    assert (json.loads(again.stdout)["state"], again.stderr) == ("approved", "")
    other = login.run(*bind, "SMS_2", "--json")
    assert (json.loads(other.stdout)["state"], json.loads(other.stdout)["parameters"]) == (
        "draft",
        {"code": "code"},
    )
    assert "--state approved" in other.stderr
    assert "--reason" in login.run(*bind, "--state", "rejected").stderr


def test_a_binding_that_leaves_variables_out_is_told(cli):
    words = ("templates", "bind", "1", "tencent", "449739", "--param", "code")
    bound = cli.json(*words)
    assert bound["parameters"] == {"1": "code"}
    (warning,) = bound["warnings"]
    assert f"! At character {warning['position'] + 1}: {warning['message']}" in cli.run(*words).stderr


def test_lists_shorten_long_texts_and_end_where_they_are_told_to(cli):
    cli.json("templates", "create", "Long", "很" * 60, "--id", "long")
    assert f"  {'很' * 29}…" in cli.well("templates", "list")
    assert [each["template_id"] for each in cli.json("templates", "list", "--limit", "1")["data"]] == ["1"]


def test_a_preview_shows_text_parts_and_the_longest_it_can_become(cli):
    cli.json("templates", "create", "Open", "It’s {what}: {link}", "--id", "open", "--max", "what=100")
    told = cli.json("templates", "preview", "open", "-v", "what=open", "-v", "link=x", "--country", "us")
    assert (told["country"], told["version"]) == ("US", 1)
    assert (told["text"], told["segments"], told["encoding"]) == ("It’s open: x", 1, "ucs2")
    assert told["worst_case"]["segments"] == 3
    assert [each["character"] for each in told["culprits"]] == ["’"]
    shown = cli.well(
        "templates", "preview", "open", "-v", "what=open", "-v", "link=x", "--to", "+15555550123"
    )
    for words in ("It⟦’⟧s open: x", "U+2019", "write ' instead", "1 part (ucs2", "3 parts (ucs2"):
        assert words in shown
    bare = cli.well("templates", "preview", "open", "--country", "US")
    assert "It⟦’⟧s {what}: {link}" in bare
    assert "⟦" not in cli.well("templates", "preview", "open", "--country", "CN")
    signed = cli.json("templates", "preview", "open", "-v", "what=a", "-v", "link=b", "--signature", "驿站")
    assert signed["text"] == "【驿站】It’s a: b"


def test_a_preview_is_refused_as_sending_would_be(cli):
    for words, said in (
        (("-v", "name=a"), "'code'"),
        (("-v", "name=a", "-v", "code=1", "-v", "other=2"), "'other'"),
        (("-v", f"name={'a' * 65}", "-v", "code=1"), "64"),
        (("-v", "name=【a】", "-v", "code=1"), "【"),
        (("-v", "name=a\nb", "-v", "code=1"), "line break"),
    ):
        for command in (("templates", "preview", "1"), ("send", "13800138000", "-t", "1")):
            assert said in cli.refused(*command, *words)


def test_what_reviewers_refuse_is_told_beside_the_answer(cli):
    words = ("templates", "create", "Sale", "Sale: https://example.com", "--kind", "marketing")
    told = cli.run(*words, "--id", "sale", "--text")
    assert told.exit_code == 0
    warnings = cli.json("templates", "show", "sale")["warnings"]
    assert len(warnings) >= 1
    assert len(told.stderr.splitlines()) == len(warnings)
    assert all(each["message"] in told.stderr for each in warnings)
    assert {"rule", "message", "position"} == set(warnings[0])
    assert cli.run("templates", "edit", "sale", "--name", "Sales", "--json").stderr == ""


def test_a_template_made_here_is_sent_without_a_server_and_estimated(cli):
    cli.json("templates", "create", "Login", "Your code is {code}.", "--id", "login", "--signature", "驿站")
    estimated = cli.json("send", "13800138000", "-t", "login", "-v", "code=1234", "--dry-run")
    assert (estimated["segments"], estimated["characters"]["used"]) == (1, len("【驿站】Your code is 1234."))
    sent = cli.json("send", "13800138000", "-t", "login", "-v", "code=1234")
    assert (sent["template_id"], sent["template_version"], sent["signature"]) == ("login", 1, "驿站")
    other = cli.json("send", "13800138000", "-t", "login", "-v", "code=1234", "--signature", "别站")
    assert other["signature"] == "别站"


def test_an_edit_is_used_by_the_running_servers_next_message_within_a_second(empty, serve):
    serve()
    empty.json("templates", "create", "Login", "Your code is {code}.", "--id", "login")
    words = ("send", "13900139000", "-t", "login", "-v", "code=1")
    _until(lambda: empty.run(*words, "--dry-run", "--json").exit_code == 0)
    first = empty.json(*words)
    assert first["template_version"] == 1
    empty.json("templates", "edit", "login", "Your code is {code}" + "." * 70)
    _until(lambda: empty.json(*words, "--dry-run")["segments"] == 2)
    second = empty.json(*words)
    assert (second["template_version"], second["segments"]) == (2, 2)
    assert settled(empty, first["sms_id"])["state"] == "delivered"
    assert settled(empty, second["sms_id"])["state"] == "delivered"
    assert "'code'" in empty.refused(*words[:4])
    empty.well("templates", "delete", "login")
    _until(lambda: empty.run(*words, "--dry-run").exit_code == 1)
    assert "deleted" in empty.refused(*words)


def _until(holds) -> None:
    """What was changed beside the server holds for every call that begins a second later."""
    deadline = time.monotonic() + NOTICED_MAX_S
    begun = time.monotonic()
    while not holds():
        assert begun < deadline, "not noticed within a second"
        time.sleep(0.02)
        begun = time.monotonic()


def test_a_terminal_gets_a_table_and_a_pipe_a_document(cli, monkeypatch):
    monkeypatch.delenv("POSTHOUSE_OUTPUT")
    words = ["templates", "list", "--data", str(cli.data)]
    assert cli.well("templates", "list").startswith('{"data":[')
    master, slave = pty.openpty()
    process = subprocess.Popen([sys.executable, "-m", "posthouse", *words], stdout=slave)
    os.close(slave)
    told = os.read(master, 4096).decode()
    assert process.wait(30) == 0
    os.close(master)
    assert re.sub(r"\x1b\[\d*m", "", told).startswith("id ")
