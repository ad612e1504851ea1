"""Every vendor's fixtures against its adapter, and what is asked of all adapters alike."""

import json
from contextlib import suppress

import pytest

from posthouse.core.ports.vendor import NOTHING_TOLD, Money, Unreadable
from posthouse.core.verdict import Accepted, Deferred, NotSent, Reason, Receipt, Refused, Reply, Verdict
from posthouse.vendors.adapter import MISREAD, Response
from posthouse.vendors.exchange import exchange
from posthouse.vendors.registry import ADAPTERS
from tests.vendors import replay

CASES = [case for name in replay.VENDORS for case in replay.load(name)]
every_vendor = pytest.mark.parametrize("vendor", replay.VENDORS)


def every_case(*keys):
    """Those that hold one of the keys."""
    found = [case for case in CASES if not keys or case.told.keys() & set(keys)]
    return pytest.mark.parametrize("case", found, ids=[f"{case.vendor}/{case.name}" for case in found])


GARBAGE = (
    *(b"", b"   ", b"<html><body>Bad Gateway</body></html>", b"a=b&c=%ZZ&=&&", b"\x00" * 20),
    *(b"null", b"true", b"0", b'""', b"[]", b"{}", b"[[]]", b"[null]", b'[{"":0}]', b"NaN", b'{"a":1'),
    *(b"[" * 100_000, b"9" * 5_000, b"\xe4\xf6\xfc \xff", b"\xff\xfe{\x00}\x00"),
    *(b'{"code":{}}', b'{"code":[],"status":{}}', b'{"Code":null,"BizId":7}', b'{"sid":null}', b'{"sid":[]}'),
    *(b'{"Response":[]}', b'{"Response":{"Error":1}}', b'{"Response":{"SendStatusSet":[null,1,"x",{}]}}'),
)
STATUSES = (100, 200, 201, 204, 302, 400, 401, 403, 404, 413, 500, 502, 503)


@every_case()
def test_a_case_says_what_it_is_about_and_expects_something(case):
    assert case.told["about"].strip()
    assert case.told["source"].strip()
    assert case.told.keys() <= replay.GIVEN | replay.ASKED
    assert case.told.keys() & replay.ASKED


@every_case("batch")
def test_what_is_asked_of_a_vendor_is_what_the_case_says(case):
    requests = case.adapter().build(case.batch, **case.at)
    offered = {each.key: each for request in requests for each in request.batch}
    assert sum(len(request.batch) for request in requests) == len(case.batch)
    assert offered == {each.key: each for each in case.batch}
    assert requests == case.adapter().build(case.batch, **case.at), "not the same twice"
    if "requests" in case.told:
        assert [replay.shown(request) for request in requests] == list(
            map(replay.expected, case.told["requests"])
        )


@every_case("responses")
def test_a_vendors_answer_is_a_verdict_for_each_recipient(case):
    adapter, found = case.adapter(), dict[str, Verdict]()
    requests = adapter.build(case.batch, **case.at)
    for request, response in zip(requests, case.responses(), strict=True):
        verdicts = replay.read(adapter, request, response)
        found |= dict(zip((each.key for each in request.batch), verdicts, strict=True))
    for told, each in zip(case.told["verdicts"], case.batch, strict=True):
        wanted, got = replay.verdict(told, found[each.key])
        assert got == wanted, each.to


@every_case("callback")
def test_a_callback_is_known_by_its_signature_and_read(case):
    adapter = case.adapter()
    callback = replay.callback(case.told["callback"], adapter.config.callback_url)
    authentic = case.told.get("authentic", True)
    assert adapter.authentic(callback) is authentic
    if not authentic:
        return
    if case.told.get("unreadable"):
        with pytest.raises(MISREAD):
            (adapter.receipts(callback), adapter.inbound(callback))
        return
    receipts, replies = adapter.receipts(callback), adapter.inbound(callback)
    wanted = replay.receipts(case.told.get("receipts", ())), replay.replies(case.told.get("replies", ()))
    assert [each for each in receipts if isinstance(each, Receipt)] == wanted[0]
    assert [each for each in replies if isinstance(each, Reply)] == wanted[1]
    unread = [each for each in (*receipts, *replies) if isinstance(each, Unreadable)]
    assert len(unread) == case.told.get("unread", 0)


@every_case("question")
def test_a_question_is_asked_and_its_answer_understood(case):
    adapter, question = case.adapter(), replay.question(case.told["question"])
    request = adapter.query(question, **case.at)
    if "query" in case.told:
        assert replay.shown(request) == replay.expected(case.told["query"])
    if "answer" not in case.told:
        return
    try:
        found = adapter.told(question, replay.response(case.told["answer"]))
    except MISREAD:
        found = NOTHING_TOLD
    told = case.told["told"]
    receipt = told.get("receipt")
    assert found.receipt == (None if receipt is None else replay.receipts([receipt])[0])
    if found.verdict is None or told.get("verdict") is None:
        assert found.verdict == told.get("verdict")
    else:
        wanted, got = replay.verdict(told["verdict"], found.verdict)
        assert got == wanted


@every_case("pulls", "pulled")
def test_what_a_vendor_keeps_for_us_is_fetched(case):
    adapter = case.adapter()
    if "pulls" in case.told:
        found = [replay.shown(request) for request in adapter.pulls(**case.at)]
        assert found == list(map(replay.expected, case.told["pulls"]))
    if "pulled" in case.told:
        told, found = case.told["pulled"], adapter.pulled(replay.response(case.told["answer"]))
        assert list(found.receipts) == replay.receipts(told.get("receipts", ()))
        assert list(found.replies) == replay.replies(told.get("replies", ()))
        assert found.more is told.get("more", False)


@every_case("check", "checked", "money")
def test_credentials_are_tried_at_no_cost(case):
    adapter = case.adapter()
    if "check" in case.told:
        assert replay.shown(adapter.check(**case.at)) == replay.expected(case.told["check"])
    if "money" in case.told:
        money = case.told["money"]
        found = adapter.checked(replay.response(case.told["answer"]))
        assert found == (None if money is None else Money(**money))
    if "checked" in case.told:
        verdict = adapter.checked(replay.response(case.told["answer"]))
        assert verdict is not None
        assert not isinstance(verdict, Money)
        wanted, got = replay.verdict(case.told["checked"], verdict)
        assert got == wanted


@every_case("responses")
def test_the_trace_of_a_call_holds_nothing_that_is_secret(case):
    adapter = case.adapter()
    values = adapter.config.values
    secrets = {values[each.name] for each in adapter.settings if each.secret}
    for each in case.batch:
        secrets |= {each.text, *(each.params or {}).values(), each.to, each.to.removeprefix("+86")}
    for request, response in zip(adapter.build(case.batch, **case.at), case.responses(), strict=True):
        told = exchange(request, response, 0.1, taken=False)
        kept = json.dumps(json.loads(told), ensure_ascii=False)
        # Shorter than a code, anything may stand there by chance.
        assert not [each for each in secrets if each is not None and len(each) >= 4 and each in kept]


def talking(vendor):
    """The cases of a vendor that send something: each with an adapter and its first request."""
    for case in replay.load(vendor):
        if "batch" in case.told:
            adapter = case.adapter()
            yield adapter, adapter.build(case.batch, **case.at)[0]


@every_vendor
def test_garbage_is_never_taken_for_an_acceptance_or_for_a_crash(vendor):
    adapter, request = next(talking(vendor))
    for status in STATUSES:
        for body in GARBAGE:
            verdicts = replay.read(adapter, request, Response(status, {}, body))
            assert len(verdicts) == len(request.batch), (status, body[:60])
            assert not any(isinstance(each, NotSent) for each in verdicts), (status, body[:60])
            # A vendor that is only configured may say yes with its status alone.
            if status >= 300 or adapter.PROVEN == "sdk":
                assert not any(isinstance(each, Accepted) for each in verdicts), (status, body[:60])
            if status >= 500:
                assert not any(isinstance(each, Refused) for each in verdicts), (status, body[:60])


@every_vendor
@pytest.mark.parametrize("retry_after", [None, "7", "86400", "-1", "soon", "9" * 5000, "nan"])
def test_too_many_requests_is_come_back_later_and_not_too_late(vendor, retry_after):
    adapter, request = next(talking(vendor))
    headers = {} if retry_after is None else {"retry-after": retry_after}
    for verdict in replay.read(adapter, request, Response(429, headers, b"slow down")):
        assert isinstance(verdict, Deferred)
        assert verdict.reason is Reason.RATE_LIMITED
        assert 0 < verdict.after_s <= 300
        assert retry_after != "7" or verdict.after_s == 7


@every_vendor
def test_garbage_to_a_callback_address_tells_nothing(vendor):
    adapter, _ = next(talking(vendor))
    for body in GARBAGE:
        callback = replay.callback({}, adapter.config.callback_url)._replace(body=body)
        with suppress(*MISREAD):
            adapter.authentic(callback)
            assert not [*adapter.receipts(callback), *adapter.inbound(callback)], body[:60]


@every_vendor
def test_garbage_in_answer_to_a_question_tells_nothing(vendor):
    adapter, _ = next(talking(vendor))
    question = replay.question({"reference": "r1"})
    for status in STATUSES:
        for body in GARBAGE:
            response = Response(status, {}, body)
            with suppress(*MISREAD):
                assert adapter.told(question, response) == NOTHING_TOLD, (status, body[:60])
            with suppress(*MISREAD):
                pulled = adapter.pulled(response)
                assert not [*pulled.receipts, *pulled.replies], (status, body[:60])
            with suppress(*MISREAD):
                assert not isinstance(adapter.checked(response), Money), (status, body[:60])


@every_vendor
def test_a_kind_says_all_that_a_channel_needs_to_know(vendor):
    adapter = replay.adapter_class(vendor)
    assert adapter.name == vendor
    assert all(adapter.title)
    assert adapter.PROVEN in {"sdk", "docs", "live"}
    assert "base_url" in {setting.name for setting in adapter.settings}
    assert len({setting.name for setting in adapter.settings}) == len(adapter.settings)
    for setting in adapter.settings:
        assert all(setting.about), setting.name
        assert not setting.choices or setting.default in setting.choices, setting.name
        assert not (setting.secret and setting.default), setting.name


@pytest.mark.parametrize("kind", sorted(ADAPTERS))
def test_every_registered_kind_has_fixtures(kind):
    assert replay.load(kind)
