"""The aggregator's document, line by line: every row and JSON example is tried on a server just started.

Only the address and the key are other than in the document.
"""

import json
import re
from typing import Any

import pytest

from posthouse.storage.engine.sqlite import connect
from tests.documents.document import read, same_shape
from tests.e2e.aggregator import (
    ACCOUNT,
    ADDRESS,
    BATCH,
    DOCUMENT,
    KEY_HEADER,
    RECORDS,
    SECRET_HEADER,
    SEND,
    STATUSES,
    begun,
    call,
    refused,
)
from tests.e2e.server import command, wait_until

ANOTHER = {"string": 5, "array": "x", "object": "x", "int": "x"}
"""A value of another type than the one that a table names."""


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    with begun(tmp_path_factory.mktemp("aggregator") / "data") as here:
        yield here


@pytest.fixture
def api(here):
    with here.caller() as api:
        yield api


def row(section, name) -> list[str]:
    return next(cells for cells in section.rows if cells[0] == name)


def bound(section, name, pattern) -> int:
    """A number that a row tells."""
    found = re.search(pattern, row(section, name)[3])
    assert found is not None
    return int(found[1])


# ------------------------------------------------------------------------------------------ the document


def test_no_row_and_no_example_of_the_document_is_left_out():
    rows = [*SEND.rows, *BATCH.rows, *RECORDS.rows, *DOCUMENT["错误码说明"].rows]
    in_all = sum(line.startswith("|") and "---" not in line for line in DOCUMENT.lines)
    headings = 4
    assert len(rows) == in_all - headings == 18
    assert [len(section.examples) for section in (SEND, BATCH, RECORDS, ACCOUNT)] == [3, 1, 1, 1]
    assert sum(line.startswith("JSON") for line in DOCUMENT.lines) == 6
    assert [ADDRESS in "\n".join(section.lines) for section in DOCUMENT.sections.values()] == [
        *[True, False, False, False, False, False],
        *[True, True, True],
    ]
    assert (KEY_HEADER, SECRET_HEADER) == ("X-API-Key", "X-API-Secret")


# ----------------------------------------------------------------------------- the tables of parameters

BODY_ROWS = [
    pytest.param(section, *cells, id=f"{section.lines[1]}-{cells[0]}")
    for section in (SEND, BATCH)
    for cells in section.rows
]


@pytest.mark.parametrize(("section", "name", "type_", "needed", "meaning"), BODY_ROWS)
def test_a_parameter_is_required_or_not_as_its_row_says(api, section, name, type_, needed, meaning):
    request = read(section.examples[0])
    request.pop(name, None)
    answer = call(api, section, request)
    if needed == "必填":
        assert name in refused(answer)
    else:
        assert needed == "可选"
        assert answer.json()["success"] is True


@pytest.mark.parametrize(("section", "name", "type_", "needed", "meaning"), BODY_ROWS)
def test_a_parameter_has_the_type_that_its_row_says(api, section, name, type_, needed, meaning):
    message = refused(call(api, section, read(section.examples[0]) | {name: ANOTHER[type_]}))
    assert name in message


def test_each_provider_of_the_row_is_known_and_told_to_have_no_channel(api):
    providers = re.findall(r"[a-z]+", row(SEND, "provider")[3])
    assert providers == ["tencent", "aliyun"]
    for provider in providers:
        answer = call(api, SEND, read(SEND.examples[0]) | {"provider": provider})
        assert refused(answer) == f"服务商 {provider} 未配置通道"
    assert "carrier-pigeon" in refused(
        call(api, SEND, read(SEND.examples[0]) | {"provider": "carrier-pigeon"})
    )


def test_as_many_phones_as_the_row_says_and_no_more(api):
    most = bound(BATCH, "phones", r"最多(\d+)个")
    request = read(BATCH.examples[0])
    phones = [f"137{each:08d}" for each in range(most + 1)]
    answer = call(api, BATCH, request | {"phones": phones[:most]}).json()
    assert (answer["success"], answer["data"]["success_count"]) == (True, most)
    assert str(most) in refused(call(api, BATCH, request | {"phones": phones}))
    assert str(most) in refused(call(api, BATCH, request | {"phones": phones[:1] * (most + 1)}))


@pytest.mark.parametrize(
    ("name", "type_", "needed", "meaning"), [pytest.param(*cells, id=cells[0]) for cells in RECORDS.rows]
)
def test_a_query_parameter_is_optional_and_checked(api, name, type_, needed, meaning):
    assert needed == "可选"
    assert call(api, RECORDS).json()["success"] is True
    assert name in refused(call(api, RECORDS, **{name: "no such thing"}))


def test_pages_have_the_defaults_and_the_most_that_the_rows_say(api):
    data = call(api, RECORDS).json()["data"]
    assert data["page"] == bound(RECORDS, "page", r"默认(\d+)")
    assert data["per_page"] == bound(RECORDS, "per_page", r"默认(\d+)")
    most = bound(RECORDS, "per_page", r"最大(\d+)")
    assert call(api, RECORDS, per_page=most).json()["data"]["per_page"] == most
    assert "per_page" in refused(call(api, RECORDS, per_page=most + 1))


def test_each_status_of_the_row_filters_by_what_became_of_the_messages(api):
    words = re.findall(r"[a-z]+", row(RECORDS, "status")[3])
    assert words == ["pending", "success", "failed"]
    endings = {"pending": "0003", "success": "8000", "failed": "0001"}  # the sandbox's fates
    for word in words:
        phone = f"1370000{endings[word]}"
        assert call(api, SEND, read(SEND.examples[0]) | {"phone": phone}).json()["success"] is True
        shown = f"137****{endings[word]}"

        def filtered(word: str = word, shown: str = shown) -> bool:
            records = call(api, RECORDS, status=word).json()["data"]["records"]
            assert {record["status"] for record in records} <= {word}
            return shown in [record["phone"] for record in records]

        wait_until(filtered, within_s=5, what=f"{shown} is not among the {word}")


def test_times_are_filtered_in_the_form_that_the_row_says_and_both_ends_count(api):
    assert "YYYY-MM-DD HH:mm:ss" in row(RECORDS, "start_time")[3]
    call(api, SEND, SEND.examples[0])
    at = call(api, RECORDS).json()["data"]["records"][0]["created_at"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", at)
    within = call(api, RECORDS, start_time=at, end_time=at).json()["data"]
    assert within["total"] >= 1
    assert {record["created_at"] for record in within["records"]} == {at}
    for name, nothing in (("start_time", "2099-01-01 00:00:00"), ("end_time", "2024-01-01 12:00:00")):
        assert call(api, RECORDS, **{name: nothing}).json()["data"] == {
            "records": [],
            "total": 0,
            "page": 1,
            "per_page": 10,
        }


# ------------------------------------------------------------------------------------- the JSON examples


def test_the_example_request_gets_the_example_reply(api):
    request, success, _ = SEND.examples
    answer = call(api, SEND, request)
    assert answer.status_code == 200
    found = answer.json()
    assert same_shape(read(success), found)
    assert found["data"].pop("message_id").startswith("sms_")
    expected = read(success)
    del expected["data"]["message_id"]
    assert found == expected


def test_an_account_without_money_gets_the_example_s_refusal(here):
    *_, failure = SEND.examples
    with here.other("poor", "approved") as poor:
        for section in (SEND, BATCH):
            answer = call(poor, section, section.examples[0])
            assert (answer.status_code, answer.json()) == (400, read(failure))
        assert call(poor, RECORDS).json()["data"]["total"] == 0


def test_the_example_of_a_batch_is_accepted_number_by_number(api):
    [request] = BATCH.examples
    answer = call(api, BATCH, request).json()
    assert answer["success"] is True
    data = answer["data"]
    assert data["batch_id"].startswith("bat_")
    assert (data["total"], data["success_count"], data["failed_count"]) == (2, 2, 0)
    assert [result["phone"] for result in data["results"]] == ["138****8000", "139****9000"]
    assert len({result["message_id"] for result in data["results"]}) == 2


def test_records_have_the_shape_of_the_example(api):
    [example] = RECORDS.examples
    call(api, SEND, SEND.examples[0])

    def delivered() -> Any:
        answer = call(api, RECORDS, per_page=1)
        return answer if answer.json()["data"]["records"][0]["status"] == "success" else None

    found = wait_until(delivered, within_s=5, what="the message is not delivered").json()
    assert same_shape(read(example), found)
    [record], [shown] = found["data"]["records"], read(example)["data"]["records"]
    for name in ("phone", "template_id", "status"):
        assert record[name] == shown[name]
    assert record["id"] >= 1


def test_the_account_of_an_empty_directory_has_the_balance_of_the_example_digit_by_digit(here):
    [example] = ACCOUNT.examples
    found = json.loads(here.first_account)
    assert same_shape(read(example), found)
    [line] = [line.strip().rstrip(",") for line in example.splitlines() if "balance" in line]
    assert line.replace(" ", "").encode() in here.first_account
    assert found["data"]["verification_status"] == read(example)["data"]["verification_status"]
    assert (found["data"]["total_sent"], found["data"]["today_sent"]) == (0, 0)


def test_the_account_counts_what_was_accepted(api):
    before = call(api, ACCOUNT).json()["data"]
    call(api, SEND, SEND.examples[0])
    after = call(api, ACCOUNT).json()["data"]
    assert after["total_sent"] == before["total_sent"] + 1
    assert after["balance"] == pytest.approx(before["balance"] - 0.05)


# ---------------------------------------------------------------------------------- the table of statuses


def test_every_status_of_the_table_has_a_test():
    tried = {int(found[1]) for name in globals() if (found := re.match(r"test_status_(\d+)_", name))}
    assert tried == set(STATUSES)


def test_status_200_is_a_request_that_was_done(api):
    assert STATUSES[200] == "请求成功"
    for answer in (call(api, SEND, SEND.examples[0]), call(api, RECORDS), call(api, ACCOUNT)):
        assert (answer.status_code, answer.json()["success"]) == (200, True)


def test_status_400_is_a_bad_parameter(api):
    assert refused(call(api, SEND, {"phone": "x", "template_id": "1"})).startswith(STATUSES[400])
    assert refused(call(api, SEND, "{")).startswith(STATUSES[400])


@pytest.mark.parametrize(
    "headers", [{KEY_HEADER: "sk_xxxxxxxxxxxxxxxx"}, {SECRET_HEADER: "xxxxxxxxxxxxxxxx"}]
)
def test_status_401_is_a_wrong_key_or_secret(here, headers):
    with here.caller(**headers) as stranger:
        for answer in (
            call(stranger, SEND, SEND.examples[0]),
            call(stranger, RECORDS),
            call(stranger, ACCOUNT),
        ):
            assert refused(answer, 401) == STATUSES[401]


def test_status_403_is_an_account_without_verification(here):
    denied, _, why = STATUSES[403].partition(",如")
    with here.other("new") as new:
        message = refused(call(new, SEND, SEND.examples[0]), 403)
        assert message.startswith(denied)
        assert why in message
        assert call(new, ACCOUNT).json()["data"]["verification_status"] == "pending"


def test_status_429_is_a_key_that_calls_too_often(here):
    with here.other("hasty", "approved") as hasty:
        command(here.server.data, "accounts", "set", "hasty", "--rate-limit", "1")
        wait_until(lambda: call(hasty, ACCOUNT).status_code == 429, within_s=5, what="nobody minds")
        answer = call(hasty, ACCOUNT)
        assert refused(answer, 429).startswith(STATUSES[429])
        assert answer.headers["retry-after"] == "1"


def rename(database, table, name) -> None:
    connection = connect(str(database))
    connection.execute(f"ALTER TABLE {table} RENAME TO {name}")
    connection.close()


def test_status_500_is_a_defect_of_ours(here, api):
    database = here.server.data / "posthouse.db"
    rename(database, "daily_counts", "mislaid")
    try:
        assert refused(call(api, ACCOUNT), 500).startswith(STATUSES[500])
    finally:
        rename(database, "mislaid", "daily_counts")
    assert call(api, ACCOUNT).status_code == 200
