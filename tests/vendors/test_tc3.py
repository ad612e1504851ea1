"""TC3-HMAC-SHA256: what is signed, and what is not taken for signed."""

import hashlib
import hmac

import pytest

from posthouse.signing import tc3

KEY, AT = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", 1551113065
HEADERS = {"content-type": "application/json", "host": "sms.tencentcloudapi.com", "x-tc-timestamp": str(AT)}
CALL = tc3.Call("POST", HEADERS, b'{"SmsSdkAppId": "1400006666"}')


def signed(call: tc3.Call = CALL) -> str:
    return tc3.authorization(call, secret_id="AKIDEXAMPLE", secret_key=KEY, service="sms", timestamp=AT)


def verified(call: tc3.Call, header: str, key: str = KEY) -> bool:
    claim = tc3.claimed(header)
    return claim is not None and tc3.verified(call, claim, secret_key=key)


def by_hand(names: str, values: str, payload: bytes, query: str = "", method: str = "POST") -> str:
    """The recipe of the documentation, step by step."""
    digest = hashlib.sha256(payload).hexdigest()
    canonical = hashlib.sha256(f"{method}\n/\n{query}\n{values}\n{names}\n{digest}".encode()).hexdigest()
    key = f"TC3{KEY}".encode()
    for step in ("2019-02-25", "sms", "tc3_request"):
        key = hmac.new(key, step.encode(), "sha256").digest()
    text = f"TC3-HMAC-SHA256\n{AT}\n2019-02-25/sms/tc3_request\n{canonical}"
    signature = hmac.new(key, text.encode(), "sha256").hexdigest()
    scope = "AKIDEXAMPLE/2019-02-25/sms/tc3_request"
    return f"TC3-HMAC-SHA256 Credential={scope}, SignedHeaders={names}, Signature={signature}"


def test_a_signature_is_that_of_the_documented_recipe():
    values = "content-type:application/json\nhost:sms.tencentcloudapi.com\n"
    assert signed() == by_hand("content-type;host", values, CALL.body)


def test_a_claim_says_who_signed_what_and_when():
    claim = tc3.claimed(signed())
    assert claim is not None
    assert claim[:4] == ("AKIDEXAMPLE", "2019-02-25", "sms", ("content-type", "host"))


def test_any_headers_may_be_signed_besides_and_in_lower_case():
    values = "content-type:application/json\nhost:sms.tencentcloudapi.com\nx-tc-action:sendsms\n"
    call = CALL._replace(headers={**HEADERS, "x-tc-action": " SendSms "})
    header = by_hand("content-type;host;x-tc-action", values, CALL.body)
    assert verified(call, header)
    assert not verified(call._replace(headers={**HEADERS, "x-tc-action": "SendMultiGlobalSms"}), header)
    assert not verified(CALL, header), "a header that was signed is gone"


def test_a_body_may_be_left_out_and_a_query_counts():
    values = "content-type:application/json\nhost:sms.tencentcloudapi.com\n"
    unsigned = CALL._replace(headers={**HEADERS, "x-tc-content-sha256": "UNSIGNED-PAYLOAD"}, body=b"any")
    assert verified(unsigned, by_hand("content-type;host", values, b"UNSIGNED-PAYLOAD"))
    asked = tc3.Call("GET", HEADERS, b"", "Limit=1&Offset=0")
    header = by_hand("content-type;host", values, b"", asked.query, "GET")
    assert verified(asked, header)
    assert not verified(asked._replace(query="Limit=2&Offset=0"), header)


@pytest.mark.parametrize(
    "other",
    [
        CALL._replace(body=CALL.body + b" "),
        CALL._replace(method="PUT"),
        CALL._replace(query="a=b"),
        CALL._replace(headers={**HEADERS, "host": "sms.tencentcloudapi.cn"}),
        CALL._replace(headers={**HEADERS, "content-type": "application/jsom"}),
        CALL._replace(headers={**HEADERS, "x-tc-timestamp": str(AT + 1)}),
        CALL._replace(headers={**HEADERS, "x-tc-timestamp": str(AT + 86_400)}),
        CALL._replace(headers={**HEADERS, "x-tc-timestamp": "9" * 5000}),
        CALL._replace(headers={**HEADERS, "x-tc-timestamp": "-1"}),
        CALL._replace(headers={**HEADERS, "x-tc-timestamp": ""}),
        CALL._replace(headers={**HEADERS, "host": "\udce4\ud800"}),
        CALL._replace(headers={}),
    ],
)
def test_a_call_that_was_changed_is_not_verified(other):
    assert verified(CALL, signed())
    assert not verified(other, signed())


def test_another_key_does_not_verify():
    assert not verified(CALL, signed(), KEY + "x")


@pytest.mark.parametrize("names", ["host", "content-type", "host;x-tc-action", ";"])
def test_content_type_and_host_must_be_signed(names):
    values = "".join(f"{name}:{HEADERS[name]}\n" for name in names.split(";") if name in HEADERS)
    assert not verified(CALL, by_hand(names, values, CALL.body))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer abc",
        signed()[:-1],
        signed() + "0",
        signed().replace("TC3-HMAC-SHA256", "TC3-HMAC-SHA1"),
        signed().replace("tc3_request", "tc2_request"),
        signed().replace("Credential=AKIDEXAMPLE/", "Credential="),
        signed().replace("2019-02-25", "２０１９-02-25"),
        "TC3-HMAC-SHA256 " + "Credential=" * 10_000,
    ],
)
def test_what_is_not_of_the_scheme_claims_nothing(header):
    assert tc3.claimed(header) is None
