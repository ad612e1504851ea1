"""The unit: systemd itself reads it where there is one, and its limits fit what the server promises."""

import configparser
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from posthouse.settings import DRAIN_MAX_S, PREFIX, Settings
from tests.e2e.server import STOPS_WITHIN_S

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "deploy" / "systemd" / "posthouse.service"


class Repeated(dict[str, Any]):
    """A section in which a directive may stand more than once: its values are joined."""

    def __setitem__(self, name, value):
        known = self.get(name)
        if isinstance(known, list) and isinstance(value, list):
            value = [*known, *value]
        super().__setitem__(name, value)


@pytest.fixture
def service():
    unit = configparser.RawConfigParser(strict=False, dict_type=Repeated, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign] # directives keep their capitals
    unit.read_string(UNIT.read_text())
    return dict(unit["Service"])


def test_the_service_is_stopped_patiently_and_started_again_after_a_failure(service):
    assert service["KillSignal"] == "SIGTERM"
    assert float(service["TimeoutStopSec"]) >= STOPS_WITHIN_S > DRAIN_MAX_S
    assert service["Restart"] == "on-failure"


def test_the_service_has_a_user_of_its_own_and_no_privilege(service):
    assert service["DynamicUser"] == "yes"
    assert service["StateDirectory"] == "posthouse"
    assert "--data /var/lib/posthouse" in service["ExecStart"]
    assert service["CapabilityBoundingSet"] == service["AmbientCapabilities"] == ""
    shut = {"NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes"}
    assert {name: service[name] for name in shut} == shut
    assert service["EnvironmentFile"].startswith("-/etc/")


def test_the_service_sets_what_can_be_set_and_no_secret(service):
    names = [line.partition("=")[0] for line in service["Environment"].split()]
    assert names
    for name in names:
        assert name.removeprefix(PREFIX).lower() in Settings.__struct_fields__
        assert "secret" not in name.lower()
        assert "token" not in name.lower()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_understands_every_line(tmp_path):
    here = tmp_path / UNIT.name
    program = Path(sys.executable).with_name("posthouse")
    here.write_text(UNIT.read_text().replace("/opt/posthouse/.venv/bin/posthouse", str(program)))
    told = subprocess.run(
        ["systemd-analyze", "verify", str(here)], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stdout + told.stderr) == (0, "")
