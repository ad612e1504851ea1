"""What came of inbound texts is logged without what they say, and with masked numbers."""

from structlog.testing import capture_logs

from posthouse.core.ports.inbox import Inbound
from posthouse.services.inbox import note


def test_who_asked_for_something_is_told_masked_and_who_only_wrote_is_not():
    inbound = Inbound(5, ("+8613800138000",), ("+15555550123",), ("+8613800138001",))
    with capture_logs() as logs:
        note(inbound, "main")
        note(Inbound(3), "main")
    assert [(each["log_level"], each["event"], each["to"], each["channel"]) for each in logs] == [
        ("info", "opted_out", "138****8000", "main"),
        ("info", "opted_in", "+1555****0123", "main"),
        ("warning", "opt_out_unheard", "138****8001", "main"),
    ]
