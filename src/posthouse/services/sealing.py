"""What one-time passwords say, which is stored sealed: whoever reads a file learns no code."""

import json
from base64 import b64decode, b64encode

from posthouse.core.otp import Codes
from posthouse.core.vault import Cipher


class ParamsCipher:
    """Seals a message's parameters or text, bound to the message; and computes codes that are in neither.

    Attributes:
        codes: makes the code of a verification's message, which is stored nowhere.
    """

    def __init__(self, cipher: Cipher, codes: Codes) -> None:
        self._cipher = cipher
        self.codes = codes

    def seal(self, params: str, message_id: int) -> str:
        """As they are stored; JSON begins with `{`, and this never does."""
        return b64encode(self._cipher.seal(params.encode(), _context(message_id))).decode("ascii")

    def open(self, stored: str, message_id: int) -> str:
        """The JSON again; what was stored as JSON is that already.

        Raises:
            Unreadable, ValueError: it was changed, or is another message's or another installation's.
        """
        if not is_sealed(stored):
            return stored
        return self._cipher.open(b64decode(stored, validate=True), _context(message_id)).decode()

    def seal_text(self, text: str, message_id: int) -> str:
        """A text of the sender's own, stored in place of parameters: a JSON string instead of an object."""
        return self.seal(json.dumps(text, ensure_ascii=False), message_id)


def is_sealed(stored: str) -> bool:
    """Whether these parameters are readable with their message only."""
    return not stored.startswith("{")


def _context(message_id: int) -> bytes:
    return b"%d" % message_id
