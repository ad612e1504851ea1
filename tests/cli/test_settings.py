"""Settings: what counts, where it came from, and what is said of faults."""

import json

import pytest

from posthouse.settings import BadSettings, Settings, load, read


@pytest.fixture
def file(tmp_path):
    return tmp_path / "posthouse.toml"


def test_the_environment_counts_before_the_file_and_the_file_before_the_defaults(tmp_path, file):
    file.write_text('port = 9000\nhost = "0.0.0.0"\n')
    settings = load(tmp_path, {"POSTHOUSE_PORT": "9001"})
    assert (settings.port, settings.host, settings.zone) == (9001, "0.0.0.0", "Asia/Shanghai")  # noqa: S104
    origins = read(tmp_path, {"POSTHOUSE_PORT": "9001"}).origins
    assert [origins[name].source for name in ("port", "host", "zone")] == ["environment", "file", "default"]
    assert origins["port"].place == "POSTHOUSE_PORT"
    assert str(file) in origins["host"].place


def test_without_anything_all_is_default(tmp_path):
    assert load(tmp_path, {}) == Settings()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PORT", "many", "a whole number"),
        ("PORT", "65536", "between 0 and 65535"),
        ("PORT", "-1", "between 0 and 65535"),
        ("ZONE", "Mars/Olympus", "Asia/Shanghai"),
        ("ZONE", "../etc/passwd", "Asia/Shanghai"),
        ("LOG_FORMAT", "xml", "text, json"),
        ("DRAIN_S", "9", "between 0 and 8 seconds"),
        ("DRAIN_S", "long", "a number"),
        ("DRAIN_S", "nan", "between 0 and 8 seconds"),
    ],
)
def test_a_value_that_will_not_do_is_named_with_what_would(tmp_path, name, value, told):
    with pytest.raises(BadSettings) as error:
        load(tmp_path, {f"POSTHOUSE_{name}": value})
    sentence = str(error.value)
    assert sentence.startswith(f"POSTHOUSE_{name} cannot be {value!r}: it must be ")
    assert told in sentence
    assert sentence.endswith("correct it, or unset it.")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("prot = 1", "did you mean port?"),
        ("whatever = 1", "correct or remove it."),
        ("port = 'x'", "port in "),
        ("port", "is not TOML"),
        (b"host = '\xff'", "is not UTF-8"),
        ("host = 5", "it must be text"),
    ],
)
def test_a_fault_in_the_file_is_told_with_its_place(tmp_path, file, text, told):
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadSettings) as error:
        load(tmp_path, {})
    assert told in str(error.value)
    assert str(file) in str(error.value)


def test_a_secret_that_will_not_do_is_not_repeated(tmp_path, file):
    file.write_text("metrics_token = 123456\n")
    (fault,) = read(tmp_path, {}).faults
    assert "123456" not in fault


def test_check_tells_every_fault_at_once(cli, monkeypatch):
    (cli.data / "posthouse.toml").write_text("prot = 1\nzone = 'Nowhere'\n")
    monkeypatch.setenv("POSTHOUSE_PORTT", "1")
    result = cli.run("config", "check", "--json")
    assert result.exit_code == 3
    faults = json.loads(result.stdout)["faults"]
    assert len(faults) == 3
    assert "POSTHOUSE_PORT?" in faults[2]
    assert len(cli.run("config", "check").stdout.splitlines()) == 3


def test_check_is_content_with_what_can_be_understood(cli):
    assert cli.json("config", "check") == {"ok": True, "faults": []}
    assert "understood" in cli.well("config", "check")


def test_show_tells_where_each_value_comes_from_and_hides_secrets(cli, monkeypatch):
    (cli.data / "posthouse.toml").write_text("metrics_token = 'hush'\n")
    monkeypatch.setenv("POSTHOUSE_PORT", "9001")
    shown = cli.well("config", "show")
    assert "hush" not in shown
    told = {setting["name"]: setting for setting in cli.json("config", "show")["data"]}
    assert set(told) == set(Settings.__struct_fields__)
    assert (told["port"]["value"], told["port"]["source"]) == (9001, "environment")
    assert (told["metrics_token"]["value"], told["metrics_token"]["source"]) == ("(set)", "file")
    assert told["secret_key"]["value"] == ""


@pytest.mark.parametrize("secret", ["not-hex", "ab" * 31, " "])
def test_a_secret_key_that_is_none_is_found_where_it_was_set(cli, monkeypatch, secret):
    file = cli.data / "posthouse.toml"
    file.write_text(f'secret_key = "{secret}"\n')
    (fault,) = json.loads(cli.run("config", "check", "--json").stdout)["faults"]
    assert fault.startswith(f"secret_key in {file} cannot be what it is: it must be 64 hexadecimal digits")
    assert cli.refused("serve", "--port", "1025") == fault
    file.unlink()
    monkeypatch.setenv("POSTHOUSE_SECRET_KEY", secret)
    assert cli.refused("accounts", "list").startswith("POSTHOUSE_SECRET_KEY cannot be what it is")


def test_doctor_tells_where_the_secret_key_was_set(cli, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_PORT", "0")
    file = cli.data / "posthouse.toml"
    file.write_text(f'secret_key = "{(cli.data / "secret.key").read_text().strip()}"\n')
    checks = {check["name"]: check["found"] for check in cli.json("doctor")["checks"]}
    assert checks["secret key"] == f"from secret_key in {file}"


@pytest.mark.parametrize("command", ["check", "show"])
def test_settings_without_an_installation_are_told_with_a_warning(empty, command):
    told = empty.run("config", command, "--json")
    assert told.exit_code == 1
    assert json.loads(told.stdout)["faults"] == []
    assert "There is no installation" in told.stderr
