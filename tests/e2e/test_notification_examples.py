"""The examples of the notification document, each unchanged, on a server just started.

A message's id is our own, so the reply to a send has one more member, and a status is asked for by it.
"""

import re

import pytest

from posthouse.storage.engine.sqlite import connect
from tests.documents.document import same_shape
from tests.e2e.notification import CODE, EXAMPLES, PATHS, SEND, STATUS, TEMPLATE, accepted, refused

SENDING, CODING, FILLING, LOOKING = EXAMPLES.values()


def test_no_line_of_the_table_is_left_out():
    assert list(EXAMPLES) == ["短信发送", "短信验证码生成", "短信模板", "短信状态查询"]
    assert list(PATHS.values()) == [SEND, CODE, TEMPLATE, STATUS]
    assert [len(example.replies) for example in EXAMPLES.values()] == [2, 1, 1, 2]


def pair(here) -> dict[str, str]:
    """The credential where it leaves the example as it is."""
    return {"X-API-Key": here.credential["api_key"], "X-API-Secret": here.credential["api_secret"]}


def test_a_text_is_sent_and_arrives(here):
    success, _ = SENDING.replies
    reply = accepted(here.post(SEND, SENDING.request, **pair(here)))
    assert re.fullmatch("sms_[0-9a-z]{13}", reply["message_id"])
    assert reply == success | {"message_id": reply["message_id"]}
    here.until(reply["message_id"], "delivered")
    content = SENDING.request["content"]
    assert here.handset(SENDING.request["phone"], reply["message_id"]) == [content]


def rename(database, table, name) -> None:
    connection = connect(str(database))
    connection.execute(f"ALTER TABLE {table} RENAME TO {name}")
    connection.close()


def test_what_goes_wrong_on_our_side_is_told_in_the_example_s_words(here):
    _, error = SENDING.replies
    database = here.server.data / "posthouse.db"
    rename(database, "daily_counts", "mislaid")
    try:
        answer = here.post(SEND, SENDING.request, **pair(here))
    finally:
        rename(database, "mislaid", "daily_counts")
    assert (answer.status_code, answer.json()) == (503, error)
    assert answer.headers["retry-after"]
    assert accepted(here.post(SEND, SENDING.request, **pair(here)))["result"] == "success"


def test_a_code_is_drawn(here):
    [example] = CODING.replies
    found = accepted(here.post(CODE, CODING.request, **pair(here)))
    assert same_shape(example, found)
    assert re.fullmatch(r"[0-9]{6}", found["code"])
    assert (CODING.request["length"], CODING.request["type"]) == (6, "number")


def test_a_template_is_filled_to_the_letter(here):
    [example] = FILLING.replies
    assert accepted(here.post(TEMPLATE, FILLING.request, **pair(here))) == example


@pytest.mark.parametrize(
    ("phone", "reply"),
    [("13800138000", 0), ("13700000001", 1), ("13700000009", 1)],
    ids=["delivered", "refused", "undelivered"],
)
def test_the_status_of_a_message_is_one_of_the_examples(here, phone, reply):
    message_id = accepted(here.post(SEND, SENDING.request | {"phone": phone}, **pair(here)))["message_id"]
    expected = LOOKING.replies[reply]
    here.until(message_id, expected["status"])
    assert accepted(here.post(STATUS, {"message_id": message_id}, **pair(here))) == expected


def test_the_example_s_own_id_is_nobody_s(here):
    assert refused(here.post(STATUS, LOOKING.request, **pair(here)), 404).startswith("当前账户下没有该短信")


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=lambda example: example.what)
def test_an_example_runs_as_well_with_the_credential_of_the_table(here, example):
    answer = here.ask(PATHS[example.what], **example.request)
    assert answer.status_code == (404 if example is LOOKING else 200)
    assert refused(here.post(PATHS[example.what], example.request), 401)
