"""What the callbacks of a generic HTTP channel say: receipts, and texts from handsets."""

import re
from collections.abc import Mapping, Sequence

from posthouse.core import phone
from posthouse.core.ports.vendor import Callback, Unreadable
from posthouse.core.verdict import Fate, Reason, Receipt, Reply
from posthouse.vendors.china import carrier_reason
from posthouse.vendors.http_places import CALLBACK, Places
from posthouse.vendors.http_said import Said, at

ITEMS_MAX = 100_000
"""Receipts and texts of one callback."""

_TOLD = (
    "receipt_reference",
    "receipt_to",
    "receipt_status",
    "receipt_code",
    "inbound_from",
    "inbound_to",
    "inbound_text",
    "inbound_id",
    "inbound_charset",
)
_CHARSETS = {
    **dict.fromkeys(("utf-8", "utf8"), "utf-8"),
    **dict.fromkeys(("utf-16be", "utf16-be", "ucs-2"), "utf-16-be"),
    **dict.fromkeys(("gbk", "gb2312"), "gbk"),
    "iso-8859-1": "latin-1",
}
_CODE = re.compile(r"[\w.:/\-]{1,64}", re.ASCII)


class Listener:
    """Reads callbacks as the settings say."""

    def __init__(self, settings: Mapping[str, str], codes: Mapping[str, Reason]) -> None:
        """`settings`: complete. Raises ValueError that names the setting and says what is wrong with it."""
        self._places = {name: Places.parse(settings[name], kinds=CALLBACK, where=name) for name in _TOLD}
        self._list = Places.parse(settings["callback_items"], kinds={"json"}, where="callback_items")
        self._in_json = any(place.kind == "json" for places in self._places.values() for place in places)
        self._codes = codes
        self._fates = dict.fromkeys(_listed(settings["receipt_undelivered"]), Fate.UNDELIVERED)
        self._fates |= dict.fromkeys(_listed(settings["receipt_delivered"]), Fate.DELIVERED)
        self._region = settings["region"]
        self.hears_receipts = bool(settings["receipt_status"] and self._fates)

    def receipts(self, callback: Callback, *, echoes: bool) -> list[Receipt]:
        """What became of messages; `echoes`: the references may be our own.

        Raises Unreadable for what is neither a receipt nor a text; nothing at all is only somebody who looks
        whether the address answers.
        """
        found, known = list[Receipt](), False
        for said in self._items(callback):
            status = self._find("receipt_status", said)
            if status is None:
                known = known or self._find("inbound_from", said) is not None
                continue
            known = True
            fate = self._fates.get(status)
            if fate is not None and (reference := self._find("receipt_reference", said)) is not None:
                found.append(self._receipt(said, reference, fate, key=reference if echoes else None))
        if not known and (callback.body.strip() or callback.query):
            raise Unreadable("neither a receipt nor a text from a handset")
        return found

    def inbound(self, callback: Callback) -> list[Reply]:
        """What handsets said: whatever has a sender and a text, and no status."""
        found = list[Reply]()
        for said in self._items(callback):
            sender = self._find("inbound_from", said)
            if sender is None or self._find("receipt_status", said) is not None:
                continue
            text = self._text(said)
            if text is not None and (number := self._number(sender)) is not None:
                reference = self._find("inbound_id", said) or ""
                found.append(Reply(reference, number, text, 0, self._find("inbound_to", said)))
        return found

    def _find(self, name: str, said: Said) -> str | None:
        return self._places[name].find(said)

    def _items(self, callback: Callback) -> Sequence[Said]:
        whole = Said(callback)
        parts = None
        if self._in_json:
            parts = at(whole.json, self._list[0].name) if self._list else whole.json
        if not isinstance(parts, list):
            return [whole]
        if len(parts) > ITEMS_MAX:
            raise Unreadable(f"more than {ITEMS_MAX} items")
        return [whole.item(part) for part in parts if isinstance(part, dict | list)]

    def _receipt(self, said: Said, reference: str, fate: Fate, *, key: str | None) -> Receipt:
        code = self._find("receipt_code", said) or ""
        reason = None if fate is Fate.DELIVERED else self._codes.get(code) or carrier_reason(code)
        recipient = re.sub(r"[\s().-]", "", self._find("receipt_to", said) or "")
        recipient = "+" + recipient[2:] if recipient.startswith("00") else recipient
        return Receipt(reference, recipient, fate, reason, plain(code, self._codes), key=key)

    def _text(self, said: Said) -> str | None:
        places = self._places["inbound_text"]
        charset = (self._find("inbound_charset", said) or "").lower()
        raw = next((raw for place in places if (raw := place.raw(said)) is not None), None)
        return None if raw is None else raw.decode(_CHARSETS.get(charset, "utf-8"), "replace")

    def _number(self, sender: str) -> str | None:
        """E.164; None for a sender that is a name."""
        bare = sender.isdecimal() and not self._region and not sender.startswith("00")
        try:
            return phone.parse("+" + sender if bare else sender, region=self._region or "CN").e164
        except ValueError:
            return None


def plain(code: str, codes: Mapping[str, Reason]) -> str:
    """A code that may be kept: one that is known, or a single word; anything else may hold what was sent."""
    return code if code in codes or _CODE.fullmatch(code) else ""


def _listed(setting: str) -> list[str]:
    return [word for each in setting.split(",") if (word := each.strip())]
