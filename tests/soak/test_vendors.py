"""What the experiments know of vendors is kept up: a kind that is added needs words of its own there."""

import pytest

from posthouse.vendors.registry import ADAPTERS
from soak.callbacks import FORMS
from soak.odd_words import TONGUES
from soak.receipt_model import Model, Word
from soak.receiving import SETTINGS
from tests.contracts.build import HOUR

AGE_US = 72 * HOUR


def model(parts: int = 1, *, elsewhere: bool = False) -> Model:
    return Model(parts, elsewhere=elsewhere, expires_at=24 * HOUR, age_us=AGE_US)


@pytest.mark.parametrize("table", [FORMS, TONGUES, SETTINGS])
def test_every_kind_has_its_words(table):
    assert set(table) == set(ADAPTERS)


def test_the_model_keeps_early_receipts_until_the_vendors_yes():
    told = model()
    told.hears([Word(1, delivered=True)], 0)
    assert told.state == "sending"
    told.taken(1, 0)
    assert (told.state, told.events["delivered"]) == ("delivered", 1)


def test_the_model_wants_all_parts():
    told = model(2)
    told.taken(1, 0)
    told.hears([Word(1, delivered=True, part=2)] * 100, 0)
    assert told.state == "sent"
    told.hears([Word(1, delivered=True, part=1)], 0)
    assert told.state == "delivered"


def test_the_model_sends_once_more_where_the_route_was_to_blame_and_in_time():
    reason = "vendor_temporary"
    told, late = model(elsewhere=True), model(elsewhere=True)
    for each, now in ((told, 0), (late, 25 * HOUR)):
        each.taken(1, 0)
        each.hears([Word(1, delivered=False, reason=reason)], now)
    assert (told.state, late.state) == ("queued", "undelivered")


def test_the_model_lets_nothing_but_delivered_end_what_grew_old():
    told = model()
    told.taken(1, 0)
    told.ages(AGE_US)
    told.hears([Word(1, delivered=False)], AGE_US)
    assert told.state == "unconfirmed"
    told.hears([Word(1, delivered=True)], AGE_US)
    assert told.state == "delivered"
