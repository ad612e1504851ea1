"""The parameters of one-time passwords, which are stored sealed: whoever reads a file learns no code."""

from base64 import b64decode, b64encode

from posthouse.core.vault import Cipher


class ParamsCipher:
    """Seals a message's parameters, bound to the message."""

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    def seal(self, params: str, message_id: int) -> str:
        """As they are stored; JSON begins with `{`, and this never does."""
        return b64encode(self._cipher.seal(params.encode(), _context(message_id))).decode("ascii")

    def open(self, stored: str, message_id: int) -> str:
        """The JSON again; what was stored as JSON is that already.

        Raises:
            Unreadable, ValueError: it was changed, or is another message's or another installation's.
        """
        if stored.startswith("{"):
            return stored
        return self._cipher.open(b64decode(stored, validate=True), _context(message_id)).decode()


def _context(message_id: int) -> bytes:
    return b"%d" % message_id
