"""Routing by what vendors approved of: who carries a template, and what the decision says of the others."""

from dataclasses import replace

import pytest

from posthouse.core.message import Mode
from posthouse.core.routing import Ask, Channel, Reviewed, route

STRICT = Channel(1, "tencent-1", "tencent", approval=True)
PLAIN = Channel(2, "smpp-1", "smpp")
BOUND = Reviewed("code", 3, frozenset({"tencent"}), frozenset({"tencent"}))
ASK = Ask(account_id=7, country="CN", mode=Mode.LIVE, reviewed=BOUND)
UNBOUND = "template code version 3 has no approved binding there"
UNSIGNED = "the signature is not approved there"


@pytest.mark.parametrize(
    ("ask", "why"),
    [
        (ASK, "chosen"),
        (replace(ASK, reviewed=BOUND._replace(bound=frozenset({"tencent-1"}))), "chosen"),
        (replace(ASK, reviewed=BOUND._replace(signed=frozenset({"tencent-1"}))), "chosen"),
        (replace(ASK, reviewed=BOUND._replace(signed=None)), "chosen"),
        (replace(ASK, reviewed=BOUND._replace(bound=frozenset({"tencent-2"}))), UNBOUND),
        (replace(ASK, reviewed=BOUND._replace(bound=frozenset())), UNBOUND),
        (replace(ASK, reviewed=BOUND._replace(signed=frozenset())), UNSIGNED),
        (replace(ASK, reviewed=None), "it takes approved templates only"),
        (replace(ASK, reviewed=None, foreign=True), "chosen"),
        (replace(ASK, reviewed=None, refused_by=frozenset({1})), "it refused this message"),
    ],
)
def test_a_channel_that_reviews_carries_what_its_vendor_approved_of(ask, why):
    [step] = route(ask, (STRICT,)).steps
    assert step.why == why


def test_other_channels_carry_the_text_whoever_approved_of_it():
    nobody = replace(ASK, reviewed=Reviewed("code", 3, frozenset(), frozenset()))
    for ask in (ASK, nobody, replace(ASK, reviewed=None)):
        assert PLAIN in route(ask, (STRICT, PLAIN)).candidates
