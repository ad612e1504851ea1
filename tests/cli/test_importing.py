"""Vendors' templates taken over at the command line, one by one and from files."""

import json

import pytest
from typer.testing import CliRunner

from posthouse.cli import app

ALIYUN = ("import", "--vendor", "aliyun", "--vendor-id", "SMS_1")
TENCENT = ("import", "--vendor", "tencent", "--vendor-id", "449739")


def test_a_vendors_template_becomes_ours_with_its_binding(cli):
    told = cli.json("templates", *ALIYUN, "【驿站】您的验证码是${code}。", "--id", "login", "--kind", "otp")
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
    words = ["templates", *TENCENT, "-", "--names", "name", "--json", "--data", str(cli.data)]
    piped = CliRunner().invoke(app, words, input="您好{1}\n".encode())
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
        (2, "login", None),
        (3, "parcel", None),
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
        {"vendor": "tencent", "vendor_template_id": "4", "text": "再见", "id": "hi"},
        {"vendor": "tencent", "vendor_template_id": "5", "text": "再见", "kind": "spam"},
        {"vendor": "tencent", "vendor_template_id": "6"},
        {"vendor": "tencent", "vendor_template_id": 7, "text": "再见"},
        {"vendor_template_id": "8", "text": "再见"},
        {"vendor": "tencent", "vendor_template_id": "9", "text": "再见", "size": "1"},
        {"vendor": "tencent", "vendor_template_id": "10", "text": "您好{1}", "names": [1]},
    ]
    file.write_text("\n" + "\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    faults = {
        3: ("invalid_template", "column text"),
        5: ("already_exists", "template"),
        6: ("invalid_value", "column kind must be one of: otp"),
        7: ("missing_field", "column text is missing"),
        8: ("wrong_type", "column vendor_template_id must be a string"),
        9: ("missing_field", "column vendor is missing"),
        10: ("unknown_field", "'size'"),
        11: ("wrong_type", "column names must be a list"),
    }

    def take(*words):
        tried = cli.run("templates", "import", "--list", str(file), "--json", *words)
        assert tried.exit_code == 1
        told = {each["row"]: each for each in json.loads(tried.stdout)["data"]}
        assert list(told) == list(range(2, 12))
        return told, {int(line[5 : line.index(":")]): line for line in tried.stderr.splitlines()}

    for words in (("--dry-run",), ()):
        told, said = take(*words)
        assert {line: each["code"] for line, each in told.items() if each["code"]} == {
            line: code for line, (code, _) in faults.items()
        }
        assert list(said) == list(faults)
        for line, (_, words_in) in faults.items():
            assert words_in in said[line], said[line]
        assert told[4]["template"]["text"] == "您好{name}"
    for words in (("--dry-run",), ()):
        told, _ = take(*words)
        assert (told[2]["code"], told[4]["code"]) == ("already_exists", "already_exists")


def test_a_vendors_template_is_taken_over_once(cli):
    assert cli.json("templates", *ALIYUN, "您的验证码是${code}。")["template_id"]
    for words in (("--dry-run",), ("--id", "again")):
        assert "already" in cli.refused("templates", *ALIYUN, "您的验证码是${code}。", *words)
    assert len(cli.json("templates", "list")["data"]) == 2


NO_LISTS = [
    ("", "no template"),
    ("vendor_template_id,text\r\n", "no template"),
    ("vendor_template_id,text,size\r\n1,您好,3\r\n", "size"),
    ("vendor_template_id,text\r\n1,您好\r\n1,您好,3\r\n", "Line 3"),
    ("text\r\n您好\r\n", "no column vendor_template_id"),
    ('vendor_template_id,text\r\n1,"您好\r\n', "no CSV"),
    ('{"vendor_template_id":"1","text":"您好"}\n{"vendor', "Line 2"),
    ('{"vendor_template_id":"1","text":"您好"}\n[]', "Line 2"),
    ("[]", "column"),
]


def test_a_list_that_cannot_be_read_to_its_end_is_not_begun(cli, tmp_path):
    file = tmp_path / "list"
    for content, said in NO_LISTS:
        file.write_text(content, encoding="utf-8")
        assert said in cli.refused("templates", "import", "--vendor", "tencent", "--list", str(file))
    assert len(cli.json("templates", "list")["data"]) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("import", "--vendor", "aliyun", "您好"),
        ("import", "--vendor", "aliyun", "--vendor-id", "", "您好"),
        ("import", "--vendor-id", "SMS_1", "您好"),
        ALIYUN,
        (*ALIYUN, "您好", "--file", "somewhere"),
        (*ALIYUN, "您好", "--list", "somewhere"),
        ("import", "--vendor", "smpp", "--id", "1", "您好"),
    ],
)
def test_what_cannot_be_understood_is_a_usage_error(empty, words):
    assert empty.run("templates", *words).exit_code == 2


@pytest.mark.parametrize("option", ["--vendor-id", "--id", "--name"])
def test_what_belongs_to_one_template_is_not_given_to_a_list(empty, tmp_path, option):
    file = tmp_path / "list"
    file.write_text("vendor,vendor_template_id,text\naliyun,SMS_1,hello\n")
    assert empty.run("templates", "import", "--list", str(file), option, "one").exit_code == 2


def test_a_fault_of_a_text_is_told_with_its_place(cli):
    told = cli.refused("templates", *ALIYUN, "您的验证码是${code")
    assert "position 7" in told
    assert "vendor" in told
    assert cli.refused("templates", *TENCENT, "您的验证码是{1}", "--names", "a b")
    assert "--vendor-id" in cli.refused(
        "templates", "import", "--vendor", "aliyun", "--vendor-id", "x" * 101, "您好"
    )
