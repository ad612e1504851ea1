"""What the calls about channels and routes take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Required, TypedDict

from posthouse_sdk.words import Purpose


class ChannelRequest(TypedDict, total=False):
    """A channel to set up."""

    vendor: Required[str]
    """Of which vendor kind: `client.vendors.list()` has them."""
    name: str | None
    """What it is called: letters, digits and . _ -; as its vendor, and numbered, when absent."""
    account: str | None
    """Whose it will be; the platform's with an operator's key when absent, one's own with any other."""
    settings: Mapping[str, str]
    """What its vendor kind asks for; secrets are sealed and never shown again."""
    countries: Sequence[str] | None
    """Countries that it carries, as ISO 3166 codes of two letters; an empty list for all."""
    cost: str | None
    """What a part costs us, in currency units; it orders channels, and never sets a price."""
    costs: Mapping[str, str] | None
    """Country → what a part costs us there, where it is not `cost`."""
    rate_per_s: int | None
    """Messages a second it is given at most; 0 for any number."""
    concurrency: int | None
    """Calls at once."""
    weight: int | None
    """Its share among equals; 0: only when there is no other."""
    callback_from: Sequence[str] | None
    """Networks that its vendor's callbacks may come from; an empty list for any."""
    idempotency_key: str | None
    """The same key and request get the first reply again, for 72 h; made up when absent."""


class ChannelChanges(TypedDict, total=False):
    """What to change of a channel; what is absent stays. Another address needs its secrets anew."""

    account: str | None
    """Whose it is; the platform's with an operator's key when absent, one's own with any other."""
    settings: Mapping[str, str]
    """What its vendor kind asks for; an empty text takes a setting back."""
    countries: Sequence[str]
    """Countries that it carries, as ISO 3166 codes of two letters; an empty list for all."""
    cost: str
    """What a part costs us, in currency units; it orders channels, and never sets a price."""
    costs: Mapping[str, str]
    """Country → what a part costs us there, where it is not `cost`."""
    rate_per_s: int
    """Messages a second it is given at most; 0 for any number."""
    concurrency: int
    """Calls at once."""
    weight: int
    """Its share among equals; 0: only when there is no other."""
    callback_from: Sequence[str]
    """Networks that its vendor's callbacks may come from; an empty list for any."""


class RotateRequest(TypedDict, total=False):
    """New credentials, some or all; the old ones are wiped."""

    account: str | None
    """Whose it is; the platform's with an operator's key when absent, one's own with any other."""
    settings: Mapping[str, str]
    """What its vendor kind asks for."""
    callback: bool
    """Whether the callback address becomes another too; the old one dies."""


class RouteRequest(TypedDict, total=False):
    """A route to make: what is said of messages must hold altogether."""

    name: Required[str]
    """What it is called: letters, digits and . _ -."""
    position: int | None
    """Of the routes that apply to a message the lowest decides; behind all others when absent."""
    accounts: Sequence[str]
    """Only messages of these accounts; empty: of all."""
    purposes: Sequence[Purpose]
    """Only messages of these purposes; empty: of all."""
    countries: Sequence[str]
    """Only to these countries, as ISO 3166 codes of two letters; empty: to all."""
    prefixes: Sequence[str]
    """Only to numbers that begin so, country code included; empty: to all."""
    templates: Sequence[str]
    """Only with these templates; empty: with any, or none."""
    hours: str | None
    """Only at this time of the day, as 09:00-21:00, on the clocks of the server's zone; else always."""
    channels: Sequence[str]
    """Channels, or vendors for all of theirs, in the order in which they are tried."""
    only: bool
    """Whether no other channels may carry these messages; else they follow, as usual."""
    receipt_within_s: int | None
    """Seconds without a receipt after which a message is sent once more, over another channel; never when
    absent. Not for marketing, and one-time passwords are looked after by themselves.
    """
    idempotency_key: str | None
    """The same key and request get the first reply again, for 72 h; made up when absent."""


class RouteChanges(TypedDict, total=False):
    """What to change of a route; what is absent stays."""

    position: int
    """Of the routes that apply to a message the lowest decides."""
    accounts: Sequence[str]
    """Only messages of these accounts; empty: of all."""
    purposes: Sequence[Purpose]
    """Only messages of these purposes; empty: of all."""
    countries: Sequence[str]
    """Only to these countries, as ISO 3166 codes of two letters; empty: to all."""
    prefixes: Sequence[str]
    """Only to numbers that begin so, country code included; empty: to all."""
    templates: Sequence[str]
    """Only with these templates; empty: with any, or none."""
    hours: str | None
    """Only at this time of the day, as 09:00-21:00, on the clocks of the server's zone; None: always."""
    channels: Sequence[str]
    """Channels, or vendors for all of theirs, in the order in which they are tried."""
    only: bool
    """Whether no other channels may carry these messages; else they follow, as usual."""
    receipt_within_s: int | None
    """Seconds without a receipt after which a message is sent once more, over another channel; None: never.
    Not for marketing, and one-time passwords are looked after by themselves.
    """


class ExplainRequest(TypedDict, total=False):
    """A message that is only thought of."""

    to: Required[str]
    """The recipient: E.164, or a number of the account's default region."""
    purpose: Purpose | None
    """When absent, the template's, else notification."""
    template_id: str | None
    """A template; one we do not know is the vendor's own."""
    body: str | None
    """The text, to count its segments."""
    vendor: str | None
    """The vendor or channel the sender asks for."""
    account: str | None
    """In whose name; one's own account when absent."""
