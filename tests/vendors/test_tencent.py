"""Tencent Cloud SMS: settings, and what no fixture can hold."""

import json
import time

import pytest

from posthouse.vendors.adapter import Callback
from tests.vendors import replay


def adapter(**values):
    plain = {"secret_id": "AKIDEXAMPLE", "secret_key": "s3cret", "sdk_app_id": "1400006666"}
    return replay.configured("tencent", plain | values)


def test_a_callback_of_twenty_thousand_receipts_is_read_in_linear_time():
    row = {"user_receive_time": "2025-11-25 00:00:05", "nationcode": "86", "report_status": "SUCCESS"}
    rows = [
        {**row, "mobile": f"138{n:08d}", "errmsg": "DELIVRD", "description": "…", "sid": f"2019:{n}"}
        for n in range(20_000)
    ]
    callback = Callback("POST", "", {}, "", json.dumps(rows).encode(), "203.0.113.7")
    since = time.process_time()
    receipts = adapter().receipts(callback)
    assert len(receipts) == 20_000
    assert time.process_time() - since < 5


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"base_url": "sms.tencentcloudapi.com"}, "base_url"),
        ({"base_url": "ftp://sms.tencentcloudapi.com"}, "base_url"),
        ({"base_url": "https://me@sms.tencentcloudapi.com"}, "base_url"),
        ({"base_url": "https://sms.tencentcloudapi.com/?a=b"}, "base_url"),
        ({"secret_id": "AKID\nX-TC-Action: DeleteSmsSign"}, "secret_id"),
        ({"secret_key": "köy"}, "secret_key"),
        ({"sdk_app_id": "my app"}, "sdk_app_id"),
        ({"sdk_app_id": ""}, "sdk_app_id"),
    ],
)
def test_settings_that_make_no_sense_are_refused_in_a_sentence(values, word):
    with pytest.raises(ValueError, match=word) as refused:
        adapter(**values)
    assert "köy" not in str(refused.value)


def test_a_text_without_a_template_cannot_be_sent():
    with pytest.raises(ValueError, match="template"):
        adapter().build([replay.outbound(text="hi")], now=0, nonce="")
