"""Where key and address come from, and the file that `activate` writes."""

import json
import stat

import pytest

from posthouse_sdk import (
    AuthenticationError,
    Client,
    CredentialsMissing,
    CredentialsUnreadable,
    InvalidSettings,
)
from posthouse_sdk.credentials import Credentials, default_path, find, load, store
from tests.sdk.loopback import loopback

ORDER = [
    ("api_key", ("POSTHOUSE_API_KEY", "INFRAI_API_KEY")),
    ("base_url", ("POSTHOUSE_BASE_URL", "INFRAI_BASE_URL")),
]


@pytest.mark.parametrize(("field", "names"), ORDER)
def test_what_is_given_wins_then_ours_then_the_document_s_then_the_file(nobody, monkeypatch, field, names):
    store(Credentials(base_url="http://file", api_key="http://file"), default_path())
    seen = [getattr(find(None, None), field)]
    for name in reversed(names):
        monkeypatch.setenv(name, f"http://{name.lower()}")
        seen.append(getattr(find(None, None), field))
    seen.append(getattr(find("http://given", "http://given"), field))
    assert seen == ["http://file", *(f"http://{name.lower()}" for name in reversed(names)), "http://given"]


def test_each_is_looked_for_by_itself_and_empty_is_as_good_as_unset(nobody, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_API_KEY", " ")
    monkeypatch.setenv("INFRAI_API_KEY", "of-the-document")
    monkeypatch.setenv("POSTHOUSE_BASE_URL", "")
    assert find(None, None) == Credentials("http://127.0.0.1:8025", "of-the-document")


def test_the_environment_is_what_a_client_uses(nobody, monkeypatch):
    with loopback() as server:
        monkeypatch.setenv("POSTHOUSE_BASE_URL", f"{server.base_url}/")
        monkeypatch.setenv("POSTHOUSE_API_KEY", "from-the-environment")
        with Client() as client:
            client.account.get()
    assert server.asked[0].headers["authorization"] == "Bearer from-the-environment"
    assert server.asked[0].target == "/v1/account"


def test_without_a_key_the_error_says_what_to_do_and_open_calls_work(nobody, base_url):
    with Client(base_url=base_url) as client:
        assert client.errors.get("not_found")["codes"]
        with pytest.raises(CredentialsMissing) as missing:
            client.account.get()
    assert "activate()" in str(missing.value)
    assert "export POSTHOUSE_API_KEY=" in str(missing.value)


def test_a_file_that_cannot_be_understood_is_named(nobody):
    default_path().parent.mkdir()
    for text in ("{", "[]", "\ud800".encode("utf-8", "surrogatepass")):
        default_path().write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(CredentialsUnreadable, match="activate"):
            Client()
    assert Client("key", "http://127.0.0.1:1").base_url == "http://127.0.0.1:1"


@pytest.mark.parametrize(
    "base_url",
    [
        "localhost:8025",
        "ftp://host",
        "http://",
        "http://[::1",
        "http://me:secret@host",
        "http://host/?secret",
    ],
)
def test_an_address_that_is_none_is_refused_at_once_without_being_shown(nobody, base_url):
    with pytest.raises(InvalidSettings, match="base URL") as refused:
        Client("key", base_url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("key", ["схема", "ph_live_a\nX-Evil: 1", "ph live"])
def test_a_key_that_cannot_be_one_is_refused_without_being_shown(nobody, key):
    with pytest.raises(InvalidSettings) as refused:
        Client(key)
    assert key not in str(refused.value)


def test_activate_leaves_a_file_for_its_user_alone_and_the_next_client_finds_it(nobody, base_url):
    with Client(base_url=base_url) as client:
        opened = client.activate()
        sent = client.sms.send(to="+8613900138000", body="Hello")
    path = nobody / ".infrai" / "credentials"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["credentials"]
    kept = json.loads(path.read_text())
    assert kept.keys() == {"api_key", "base_url"}
    assert kept["base_url"] == base_url
    assert opened["status"] == "trial"
    assert kept["api_key"] not in str(opened)
    with Client() as another:
        assert another.sms.status(sent["sms_id"])["sms_id"] == sent["sms_id"]
        assert kept["api_key"] not in repr(another)


def test_a_folder_of_the_caller_s_choice_stays_open_to_others(nobody, base_url):
    shared = nobody / "shared"
    shared.mkdir()
    shared.chmod(0o755)
    path = shared / "credentials"
    path.write_text("{}")
    path.chmod(0o644)
    with Client(base_url=base_url, credentials_path=str(path)) as client:
        client.activate()
    assert stat.S_IMODE(shared.stat().st_mode) == 0o755
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_who_has_no_home_needs_none_but_to_activate(nobody, monkeypatch, base_url):
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", lambda uid: {}[uid])
    with Client(base_url=base_url) as client:
        assert client.errors.get("not_found")["codes"]
        with pytest.raises(InvalidSettings, match="set HOME"):
            client.activate()


def test_activate_again_keeps_the_account_and_closes_its_file_to_others(nobody, base_url):
    with Client(base_url=base_url) as client:
        first = client.activate()["account"]
    default_path().chmod(0o644)
    with Client() as client:
        assert client.activate()["account"] == first
    assert stat.S_IMODE(default_path().stat().st_mode) == 0o600


def test_activate_replaces_a_key_that_opens_nothing(nobody, base_url):
    store(Credentials(base_url, "ph_live_nothing"), default_path())
    default_path().parent.chmod(0o755)
    with Client() as client:
        with pytest.raises(AuthenticationError):
            client.account.get()
        assert client.activate()["status"] == "trial"
        assert client.account.get()["status"] == "trial"
    assert load(default_path())["api_key"] != "ph_live_nothing"
    assert stat.S_IMODE(default_path().parent.stat().st_mode) == 0o700
