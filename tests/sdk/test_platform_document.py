"""The developer platform's document in Python, line by line, on a server started in an empty directory."""

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infrai import Infra
from posthouse_sdk import ROUTES, NotFound
from tests.e2e.house import number
from tests.e2e.server import environment
from tests.sdk.conftest import CREDENTIALS
from tests.sdk.document import METHODS, TEXT

EACH = [pytest.param(method, id=method.name) for method in METHODS.values()]
ROWS = [
    pytest.param(method, row, id=f"{method.name} {row.name}")
    for method in METHODS.values()
    for row in method.rows
]
STATE = r"(pending|verified|expired|canceled|locked)"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's home, with nothing in it."""
    return tmp_path_factory.mktemp("platform")


def run(words: list[str], place: Path, base_url: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in environment().items() if name not in CREDENTIALS}
    path = f"{Path(sys.executable).parent}:{clean['PATH']}"
    variables = clean | {"HOME": str(place), "PATH": path, "INFRAI_BASE_URL": base_url}
    return subprocess.run(
        words, cwd=place, env=variables, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture(scope="module")
def home(place: Path, base_url: str) -> Path:
    """The same home after the document's one-time preparation."""
    [shell] = {method.shell for method in METHODS.values()}
    install, *rest = shell.splitlines()
    # What it installs is in our own distribution; the registry's package of that name is not ours.
    assert install == "pip install infrai"
    assert [line for line in rest if not line.startswith("#")] == [
        'python -c "from infrai import infra; infra.activate()"'
    ]
    done = run(["sh", "-ec", "\n".join(rest)], place, base_url)
    assert done.returncode == 0, done.stderr
    assert (place / ".infrai" / "credentials").stat().st_mode & 0o777 == 0o600
    return place


@pytest.fixture
def infra(home, base_url, monkeypatch) -> Iterator[Infra]:
    """The namespace as a program in that home has it."""
    for name in CREDENTIALS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("INFRAI_BASE_URL", base_url)
    infra = Infra()
    yield infra
    infra.client.close()


def told(name: str, home: Path, base_url: str, example: str | None = None) -> str:
    done = run([sys.executable, "-c", example or METHODS[name].example], home, base_url)
    assert done.returncode == 0, done.stderr
    return done.stdout


# ------------------------------------------------------------------------------------------ the document


def test_no_method_and_no_row_is_left_out():
    assert list(METHODS) == ["sms.send", "sms.otp", "sms.verify", "sms.status"]
    assert [len(method.rows) for method in METHODS.values()] == [6, 1, 2, 1]
    assert TEXT.count("from infrai import infra\n") == len(METHODS) + 1
    assert {row.type for method in METHODS.values() for row in method.rows} == {"string"}
    assert {row.needed for method in METHODS.values() for row in method.rows} == {"必填", "可选"}


@pytest.mark.parametrize("method", EACH)
def test_a_method_asks_for_the_path_that_the_document_names(method):
    assert (method.verb, method.path) in {(route.method, route.path) for route in ROUTES.values()}


@pytest.mark.parametrize("method", EACH)
def test_a_signature_is_the_document_s(method):
    call = ast.parse(method.signature, mode="eval").body
    assert isinstance(call, ast.Call)
    theirs = {keyword.arg: keyword.value for keyword in call.keywords}
    ours = inspect.signature(getattr(Infra().sms, method.name.removeprefix("sms."))).parameters
    assert list(ours) == list(theirs)
    for name, parameter in ours.items():
        if isinstance(theirs[str(name)], ast.Constant) and ast.literal_eval(theirs[str(name)]) is None:
            assert parameter.default is None


@pytest.mark.parametrize(("method", "row"), ROWS)
def test_a_row_is_a_text_and_is_needed_or_not(method, row):
    parameters = inspect.signature(getattr(Infra().sms, method.name.removeprefix("sms."))).parameters
    parameter = parameters["from_" if row.name == "from" else row.name]
    assert parameter.annotation == ("str" if row.needed == "必填" else "str | None")
    assert (parameter.default is parameter.empty) == (row.needed == "必填")


# ------------------------------------------------------------------------------------------ the examples


def test_the_namespace_s_own_lines_run(home, base_url):
    assert told("", home, base_url, "# Python\nfrom infrai import infra\n") == ""


def test_the_example_of_send_runs(home, base_url):
    assert re.fullmatch(r"sms_id: sms_[0-9a-z]{13} \| state: queued\n", told("sms.send", home, base_url))


def test_the_example_of_otp_runs(home, base_url):
    assert told("sms.otp", home, base_url) == "sent: pending\nvalid: False\n"


def test_the_example_of_verify_runs(home, base_url):
    # `False or None`: the example looks for another field when the answer is no.
    assert told("sms.verify", home, base_url) == "valid: None\n"


def test_the_example_of_status_runs_with_an_id_and_explains_its_dots(home, base_url, infra):
    example = METHODS["sms.status"].example
    sms_id = infra.sms.send(to=number(), body="Hello")["sms_id"]
    output = told("sms.status", home, base_url, example.replace('"sms_..."', repr(sms_id)))
    assert re.fullmatch(r"state: \w+ \| segments: 1\n", output)
    done = run([sys.executable, "-c", example], home, base_url)
    assert done.returncode == 1
    assert "posthouse_sdk.errors.NotFound: Not found: " in done.stderr


def test_a_returning_user_exports_a_key(house, base_url, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert "export INFRAI_API_KEY=" in METHODS["sms.send"].shell
    clean = f"import os; os.environ['INFRAI_API_KEY'] = {house.key!r}\n"
    assert "| state: queued" in told("sms.send", tmp_path, base_url, clean + METHODS["sms.send"].example)


def test_importing_reads_no_credentials(tmp_path, base_url):
    (tmp_path / ".infrai").mkdir()
    (tmp_path / ".infrai" / "credentials").write_text("{")
    assert told("", tmp_path, base_url, "from infrai import infra; infra.sms.send") == ""


# ------------------------------------------------------------------------------------- the rows, one by one


def test_row_to_says_who_gets_it(infra):
    to = number()
    assert infra.sms.send(to=to, body="Hello").get("to") == to


def test_row_body_is_the_text(infra):
    to = number()
    sent = infra.sms.send(to=to, body="Hello")
    infra.client.sms.wait(sent["sms_id"])
    assert infra.client.sandbox.messages(to=to)["data"][0]["text"] == "Hello"


def test_row_from_is_the_sender(infra):
    sent = infra.sms.send(to=number(), body="Hello", from_="10690000")
    assert sent.get("from") == "10690000"


def test_row_template_id_stands_in_the_body_s_stead(infra):
    infra.client.templates.create(id="shipped", name="Shipped", kind="notification", text="It has shipped.")
    to = number()
    sent = infra.sms.send(to=to, template_id="shipped")
    infra.client.sms.wait(sent["sms_id"])
    assert infra.client.sandbox.messages(to=to)["data"][0]["text"] == "It has shipped."


def test_row_vendor_chooses_one(infra):
    sent = infra.sms.send(to=number(), body="Hello", vendor="sandbox")
    assert infra.client.sms.wait(sent["sms_id"]).get("vendor") == "sandbox"


def test_row_idempotency_key_gives_the_same_result_again(infra):
    to = number()
    first = infra.sms.send(to=to, body="Hello", idempotency_key="order-4711")
    assert infra.sms.send(to=to, body="Hello", idempotency_key="order-4711") == first


def test_rows_to_and_code_of_a_right_code(infra):
    to = number()
    sent = infra.sms.otp(to=to)
    assert {"request_id", "expires_at"} <= sent.keys()
    infra.client.sms.wait(sent["sms_id"] or "")
    [shown] = infra.client.sandbox.messages(to=to)["data"]
    found = re.search(r"[0-9]{6}", shown["text"])
    assert found is not None
    verified = infra.sms.verify(to=to, code=found[0])
    assert verified.get("valid") is True


def test_row_id_is_the_message_s(infra):
    sent = infra.sms.send(to=number(), body="Hello")
    record = infra.sms.status(id=sent["sms_id"])
    assert record.get("sms_id") == sent["sms_id"] == infra.sms.status(sent["sms_id"]).get("sms_id")
    with pytest.raises(NotFound):
        infra.sms.status(id="sms_0000000000000")


@pytest.mark.parametrize("name", ["sms.send", "sms.status"])
def test_a_record_has_the_fields_that_the_document_shows(infra, name):
    sent = infra.sms.send(to=number(), body="Hello")
    returned = re.search(r"{(.*)}", METHODS["sms.send"].returns)
    assert returned is not None
    assert METHODS[name].returns.startswith("SmsRecord")
    record = sent if name == "sms.send" else infra.sms.status(id=sent["sms_id"])
    assert {each.strip() for each in returned[1].split(",")} <= record.keys()
