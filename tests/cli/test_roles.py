"""`serve --role`: one process accepts, the next one sends."""

import json
import time
import urllib.error
import urllib.request

import pytest

PATIENCE_S = 10


def ask(server, path, key, body=None):
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:  # noqa: S310 - our own address
        return json.load(response)


def test_what_one_process_accepted_another_sends(empty, serve):
    accepting = serve("--role", "api")
    key = (empty.data / "key").read_text().strip()
    wanted = {"to": "+8613800138000", "body": "first in, later out"}
    sms_id = ask(accepting, "/v1/sms/send", key, wanted)["sms_id"]
    assert ask(accepting, f"/v1/sms/{sms_id}", key)["state"] == "queued"
    assert accepting.stop() == 0

    sending = serve("--role", "worker")
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(sending, "/v1/sms/send", key, wanted)
    assert refused.value.code == 404
    deadline = time.monotonic() + PATIENCE_S
    while (state := empty.json("messages", "get", sms_id)["state"]) != "delivered":
        assert time.monotonic() < deadline, state
    assert sending.stop() == 0
