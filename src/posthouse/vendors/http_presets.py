"""Values for the settings of a generic HTTP channel: for a Kannel, and for a plain JSON webhook.

Kannel's words are those of its user guide, "Using the HTTP interface to send SMS messages" and "Delivery
reports", and of `gw/smsbox.c` and `gw/urltrans.c`, read 2026-11-22.
"""

import json
from collections.abc import Mapping

from posthouse.vendors.http_settings import SETTINGS

JSON_BODY = (
    '{{"id":{key|json},"to":{to|json},"from":{from|json},"text":{text|json},"parts":{parts},'
    '"callback_url":{callback_url|json}}}'
)

PRESETS: Mapping[str, Mapping[str, str]] = {
    "": {
        "method": "POST",
        "content_type": "application/json",
        "success": "status 200-299",
        "reference": "key",
        "codes": "{}",
        "headers": "{}",
        "callback_query": "token={callback_token}",
        "callback_token_in": "query token",
    },
    "kannel": {
        "base_url": "http://127.0.0.1:13013",
        "method": "GET",
        "url": "/cgi-bin/sendsms?username={username}&password={password}&to={to}&from={from}&text={text}"
        "&coding={coding}&charset=UTF-8&dlr-mask=31&dlr-url={callback_url}",
        # "Sent." is what versions before 1.4 said.
        "success": 'status 202, status 200-299 and text starts "0: Accepted for delivery",'
        ' status 200-299 and text starts "3: Queued for later delivery"',
        "code": "text",
        "codes": json.dumps(
            {
                "Authorization failed for sendsms": "auth",
                "Not routable. Do not try again.": "unroutable",
                # Said for the bearerbox's negative acknowledgement; the guide: "try again later".
                "Temporal failure, try again later.": "vendor_temporary",
                "Sender missing and no global set, rejected": "invalid_sender",
                "Empty receiver number not allowed, rejected": "invalid_number",
                "Number(s) has/have been denied by white- and/or black-lists.": "blocked",
            }
        ),
        # Kannel fills in what follows a percent sign, so nothing else here may need one: `%2B` would survive,
        # but `%C3` is a code of its own. Hence `to_digits`. `%A` is the SMSC's whole receipt, text included.
        "callback_query": "id={key}&to={to_digits}&token={callback_token}&type=%d&answer=%A",
        "receipt_reference": "query id",
        "receipt_to": "query to",
        "receipt_status": "query type",
        "receipt_delivered": "1",
        # 34 is 2 with "expired" added, in newer versions; 66, "unknown", says nothing.
        "receipt_undelivered": "2, 16, 34",
        # "NACK/" is from memory, not from the guide: without it a rejection only has no code.
        "receipt_code": 'query answer after "stat:", query answer after "NACK/" before "/"',
        "inbound_from": "query from",
        "inbound_to": "query to",
        "inbound_text": "query text",
        "inbound_charset": "query charset",
        "inbound_id": "query id",
    },
    "json": {
        "body": JSON_BODY,
        "reference": "json id, key",
        "code": "json code",
        "receipt_reference": "json id",
        "receipt_to": "json to",
        "receipt_status": "json status",
        "receipt_delivered": "delivered",
        "receipt_undelivered": "undelivered",
        "receipt_code": "json code",
        "inbound_from": "json from",
        "inbound_to": "json to",
        "inbound_text": "json text",
        "inbound_id": "json id",
    },
}
"""Values for settings that the operator left empty; the first is beneath both others."""


def settled(values: Mapping[str, str]) -> dict[str, str]:
    """All settings: the operator's where there is one, else the preset's.

    Raises ValueError for a preset that does not exist.
    """
    preset = values.get("preset", "")
    if preset not in PRESETS:
        raise ValueError(f"preset: there is no {preset[:40]!r}; there are kannel and json")
    plain = {setting.name: "" for setting in SETTINGS}
    return (
        plain
        | dict(PRESETS[""])
        | dict(PRESETS[preset])
        | {name: value for name, value in values.items() if value}
    )
