"""Vendors' templates taken over at the command line, one by one and from files."""

import json

import pytest
from typer.testing import CliRunner

from posthouse.cli import app

ALIYUN = ("import", "--vendor", "aliyun", "--id", "SMS_1")
TENCENT = ("import", "--vendor", "tencent", "--id", "449739")


def test_a_vendors_template_becomes_ours_with_its_binding(cli):
    told = cli.json("templates", *ALIYUN, "【驿站】您的验证码是${code}。", "--as", "login", "--kind", "otp")
    assert (told["template_id"], told["name"], told["kind"]) == ("login", "SMS_1", "otp")
    assert (told["text"], told["signature"]) == ("您的验证码是{code}。", "驿站")
    (binding,) = told["bindings"]
    assert (binding["vendor"], binding["vendor_template_id"], binding["state"]) == (
        "aliyun",
        "SMS_1",
        "draft",
    )
    assert binding["parameters"] == {"code": "code"}
    shown = cli.json("templates", "show", "login")
    assert (shown["text"], shown["bindings"]) == (told["text"], told["bindings"])
    assert "cannot" not in cli.well("templates", "preview", "login", "-v", "code=1")


def test_places_that_only_have_a_number_get_our_names(cli):
    words = (*TENCENT, "您的验证码是{1}，{2}分钟内有效。", "--state", "approved", "--name", "Login")
    told = cli.json("templates", *words, "--names", "code, minutes")
    assert (told["name"], told["text"]) == ("Login", "您的验证码是{code}，{minutes}分钟内有效。")
    assert told["bindings"][0]["parameters"] == {"1": "code", "2": "minutes"}
    assert told["bindings"][0]["state"] == "approved"


def test_a_text_may_come_from_a_file_or_from_standard_input(cli, tmp_path):
    file = tmp_path / "template.txt"
    file.write_text("您的验证码是${code}。\n", encoding="utf-8-sig")
    assert cli.json("templates", *ALIYUN, "--file", str(file))["text"] == "您的验证码是{code}。"
    words = ["templates", *ALIYUN, "-", "--json", "--data", str(cli.data)]
    piped = CliRunner().invoke(app, words, input="您好${name}\n".encode())
    assert json.loads(piped.stdout)["text"] == "您好{name}"
    assert "nowhere" in cli.refused("templates", *ALIYUN, "--file", str(tmp_path / "nowhere"))


def test_a_dry_run_shows_and_writes_nothing(cli):
    told = cli.json("templates", *ALIYUN, "您的验证码是${code}。", "--dry-run")
    assert (told["template_id"], told["text"]) == (None, "您的验证码是{code}。")
    assert told["bindings"][0]["parameters"] == {"code": "code"}
    assert "Nothing was written." in cli.well("templates", *ALIYUN, "您好", "--dry-run")
    assert len(cli.json("templates", "list")["data"]) == 1
    assert cli.refused("templates", *ALIYUN, "您的${code", "--dry-run")


def test_many_are_taken_over_from_csv(cli, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text(
        "vendor_template_id,text,name,kind,id,names\r\n"
        '449739,"您的验证码是{1}，{2}分钟内有效。",Login,otp,login,"code,minutes"\r\n'
        "449740,您的快递到了,,,parcel,\r\n",
        encoding="utf-8-sig",
    )
    told = cli.json("templates", "import", "--vendor", "tencent", "--list", str(file))["data"]
    assert [(each["row"], each["template"]["template_id"], each["code"]) for each in told] == [
        (1, "login", None),
        (2, "parcel", None),
    ]
    login, parcel = (each["template"] for each in told)
    assert (login["text"], login["kind"]) == ("您的验证码是{code}，{minutes}分钟内有效。", "otp")
    assert (parcel["name"], parcel["kind"]) == ("449740", "notification")
    assert {each["template_id"] for each in cli.json("templates", "list")["data"]} == {"1", "login", "parcel"}


def test_of_a_list_every_row_is_tried_and_the_faulty_ones_are_told(cli, tmp_path):
    file = tmp_path / "list.ndjson"
    rows = [
        {"vendor": "aliyun", "vendor_template_id": "SMS_1", "text": "您好${name}", "id": "hello"},
        {"vendor": "aliyun", "vendor_template_id": "SMS_2", "text": "您好${name"},
        {"vendor": "tencent", "vendor_template_id": "3", "text": "您好{1}", "names": ["name"], "id": "hi"},
    ]
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", encoding="utf-8")
    tried = cli.run("templates", "import", "--list", str(file), "--json")
    assert tried.exit_code == 1
    assert tried.stderr.startswith("row 2: ")
    assert len(tried.stderr.splitlines()) == 1
    told = json.loads(tried.stdout)["data"]
    assert [each["code"] for each in told] == [None, "invalid_template", None]
    assert told[2]["template"]["text"] == "您好{name}"
    again = cli.run("templates", "import", "--list", str(file), "--json")
    assert [each["code"] for each in json.loads(again.stdout)["data"]] == [
        "already_exists",
        "invalid_template",
        "already_exists",
    ]
    dry = cli.run("templates", "import", "--list", str(file), "--dry-run", "--text")
    assert "Nothing was written." in dry.stdout


NO_LISTS = [
    ("", "no template"),
    ("vendor_template_id,text\r\n", "no template"),
    ("vendor_template_id,text,size\r\n1,您好,3\r\n", "size"),
    ("vendor_template_id,text\r\n1,您好,3\r\n", "more fields"),
    ("vendor_template_id,text\r\n1\r\n", "no text"),
    ("text\r\n您好\r\n", "no vendor_template_id"),
    ("vendor_template_id,text,kind\r\n1,您好,spam\r\n", "kind"),
    ('vendor_template_id,text\r\n1,"您好\r\n', "no CSV"),
    ('{"vendor_template_id":"1","text":"您好"}\n{"vendor', "Line 2"),
    ('{"vendor_template_id":1,"text":"您好"}', "no text"),
    ('{"vendor_template_id":"1","text":"您好","names":[1]}', "no text"),
    ("[]", "no template"),
]


def test_a_list_that_cannot_be_understood_is_refused_before_anything_is_written(cli, tmp_path):
    file = tmp_path / "list"
    for content, said in NO_LISTS:
        file.write_text(content, encoding="utf-8")
        assert said in cli.refused("templates", "import", "--vendor", "tencent", "--list", str(file))
    assert len(cli.json("templates", "list")["data"]) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("import", "--vendor", "aliyun", "您好"),
        ("import", "--vendor", "aliyun", "--id", "", "您好"),
        ("import", "--id", "SMS_1", "您好"),
        ALIYUN,
        (*ALIYUN, "您好", "--file", "somewhere"),
        (*ALIYUN, "您好", "--list", "somewhere"),
        ("import", "--vendor", "smpp", "--id", "1", "您好"),
    ],
)
def test_what_cannot_be_understood_is_a_usage_error(empty, words):
    assert empty.run("templates", *words).exit_code == 2


@pytest.mark.parametrize("option", ["--id", "--as", "--name"])
def test_what_belongs_to_one_template_is_not_given_to_a_list(empty, tmp_path, option):
    file = tmp_path / "list"
    file.write_text("vendor,vendor_template_id,text\naliyun,SMS_1,hello\n")
    assert empty.run("templates", "import", "--list", str(file), option, "one").exit_code == 2


def test_a_fault_of_a_text_is_told_with_its_place(cli):
    told = cli.refused("templates", *ALIYUN, "您的验证码是${code")
    assert "position 7" in told
    assert "vendor" in told
    assert cli.refused("templates", *TENCENT, "您的验证码是{1}", "--names", "a b")
    assert "--id" in cli.refused("templates", "import", "--vendor", "aliyun", "--id", "x" * 101, "您好")
