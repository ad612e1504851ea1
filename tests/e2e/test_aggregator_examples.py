"""The examples of the aggregator's document in four languages, run as they stand but for address and key."""

import ast
import json
import re
import shutil
import subprocess
import sys

import pytest

from tests.documents.document import HERE, Section, read, same_shape
from tests.e2e.aggregator import ADDRESS, DOCUMENT, SEND, Here, begun
from tests.e2e.server import environment, wait_until


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    with begun(tmp_path_factory.mktemp("aggregator") / "data") as here:
        yield here


def script(section: Section, language: str, here: Here) -> str:
    """The example as it stands, for this server and this key."""
    text = section.after(language)
    pair = here.credential
    changes = {
        ADDRESS: here.address,
        "your_api_key": pair["api_key"],
        "your_api_secret": pair["api_secret"],
        "X-API-Key: sk_xxxxxxxxxxxxxxxx": f"X-API-Key: {pair['api_key']}",
        "X-API-Secret: xxxxxxxxxxxxxxxx": f"X-API-Secret: {pair['api_secret']}",
    }
    for old, new in changes.items():
        text = text.replace(old, new)
    assert here.address in text
    assert pair["api_key"] in text
    assert pair["api_secret"] in text
    return text


def run(*words: str, cwd=None) -> str:
    """What a program prints, with no proxy in its way."""
    variables = {name: value for name, value in environment().items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(words, env=variables, cwd=cwd, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout.decode()


def delivered(here, message_id) -> None:
    """The message is the example's, and it reached the handset."""
    key = (here.server.data / "key").read_text().strip()
    with here.caller(Authorization=f"Bearer {key}") as api:
        wait_until(
            lambda: api.get(f"/v1/sms/{message_id}").json()["state"] == "delivered",
            within_s=5,
            what="the message is not delivered",
        )
        handset = api.get("/v1/sandbox/messages", params={"to": "13800138000"}).json()["data"]
        assert [shown["text"] for shown in handset if shown["sms_id"] == message_id] == ["[123456] code=1234"]


needs = {
    program: pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")
    for program in ("bash", "curl", "node", "npm")
}


@needs["bash"]
@needs["curl"]
def test_the_curl_example_runs(here):
    found = json.loads(run("bash", "-c", script(DOCUMENT["认证方式"], "cURL", here)))
    assert same_shape(read(SEND.examples[1]), found)
    assert found["data"]["phone"] == "138****8000"
    delivered(here, found["data"]["message_id"])


def test_the_python_example_runs(here):
    found = ast.literal_eval(run(sys.executable, "-c", script(DOCUMENT["Python 示例"], "Python", here)))
    assert same_shape(read(SEND.examples[1]), found)
    delivered(here, found["data"]["message_id"])


def _php_has_curl() -> bool:
    php = shutil.which("php")
    return php is not None and "curl" in run(php, "-m").split()


@pytest.mark.skipif(not _php_has_curl(), reason="php with its curl extension is not installed")
def test_the_php_example_runs(here, tmp_path):
    (tmp_path / "example.php").write_text(script(DOCUMENT["PHP 示例"], "PHP", here))
    printed = run("php", str(tmp_path / "example.php"))
    assert "[success] => 1" in printed
    assert "[message] => 短信发送成功" in printed
    assert "[phone] => 138****8000" in printed
    [message_id] = re.findall(r"\[message_id\] => (sms_\w+)", printed)
    delivered(here, message_id)


@pytest.fixture
def axios(tmp_path):
    """A directory where `require('axios')` finds what the lock file says."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / "node" / name, tmp_path)
    words = ["npm", "ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, timeout=180, check=False)
    said = done.stderr.decode(errors="replace")
    if re.search(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT", said):
        pytest.skip("npm cannot reach its registry for axios")
    assert done.returncode == 0, said
    return tmp_path


@needs["node"]
@needs["npm"]
def test_the_node_example_runs(here, axios):
    (axios / "example.js").write_text(script(DOCUMENT["Node.js 示例"], "JavaScript", here))
    printed = run("node", "example.js", cwd=axios)
    assert re.search(r"success: true,\s+message: '短信发送成功'", printed), printed
    assert "phone: '138****8000'" in printed
    [message_id] = re.findall(r"message_id: '(sms_\w+)'", printed)
    delivered(here, message_id)


def test_the_lock_file_of_the_node_example_names_the_public_registry_alone():
    lock = json.loads((HERE / "node" / "package-lock.json").read_text())
    packages = [package for path, package in lock["packages"].items() if path]
    assert "node_modules/axios" in lock["packages"]
    assert all(package["resolved"].startswith("https://registry.npmjs.org/") for package in packages)
