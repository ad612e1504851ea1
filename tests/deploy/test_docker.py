"""The image, as far as it can be held against the repository without a Docker daemon; and its steps, run."""

import json
import os
import re
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # it ships no types; schemathesis brings it

from posthouse.settings import PREFIX, Settings
from tests.e2e.server import STOPS_WITHIN_S, environment

ROOT = Path(__file__).parents[2]
FILE = ROOT / "deploy" / "docker" / "Dockerfile"
COMPOSE = ROOT / "deploy" / "docker" / "compose.yml"


def instructions() -> list[tuple[str, str]]:
    """Every instruction of the Dockerfile, on one line each."""
    text = re.sub(r"^#.*\n", "", FILE.read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines if line.strip())]


def all_of(word: str) -> list[str]:
    return [rest for name, rest in instructions() if name == word]


def of_image() -> list[tuple[str, str]]:
    """What comes after the last FROM."""
    last = max(index for index, (word, _) in enumerate(instructions()) if word == "FROM")
    return instructions()[last:]


def variables() -> dict[str, str]:
    [rest] = [rest for word, rest in of_image() if word == "ENV"]
    return dict(pair.split("=", 1) for pair in rest.split())


def test_every_base_is_pinned_and_the_same():
    bases = {rest.split()[0] for rest in all_of("FROM")}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.1[1-4]-slim-[a-z]+", bases.pop())


def test_the_image_runs_as_nobody_special_with_its_data_in_a_volume():
    named = dict(of_image())
    user, _, group = named["USER"].partition(":")
    assert int(user) >= 1000
    assert int(group) >= 1000
    assert named["VOLUME"] == variables()["POSTHOUSE_DATA"] == "/data"
    assert named["EXPOSE"] == variables()["POSTHOUSE_PORT"] == str(Settings().port)
    # The program belongs to root: the server cannot change itself.
    assert "--chown" not in FILE.read_text()


def test_the_image_sets_what_can_be_set_and_holds_no_secret():
    for name in variables():
        if name.startswith(PREFIX) and name != "POSTHOUSE_DATA":
            assert name.removeprefix(PREFIX).lower() in Settings.__struct_fields__
    assert not re.search(r"secret|token|password|\bkey\b", FILE.read_text(), re.IGNORECASE)


def copied() -> list[str]:
    """What the builder takes from the repository."""
    return [name for rest in all_of("COPY") if "--from" not in rest for name in rest.split()[:-1]]


def test_what_is_copied_is_there_and_let_through():
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    let_through = {line[1:] for line in ignore if line.startswith("!")}
    assert "*" in ignore
    assert set(copied()) == let_through
    for name in copied():
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("name", ["var", ".git", ".venv", "posthouse.toml", "var/secret.key", "key"])
def test_data_and_keys_never_reach_the_builder(name):
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    kept = True
    for line in lines:  # the last that fits decides
        pattern = line.lstrip("!")
        if fnmatch(name, pattern) or name.startswith(f"{pattern}/"):
            kept = line.startswith("!")
    assert not kept


def test_uv_is_the_one_make_uses():
    [wanted] = re.findall(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert re.findall(r"uv==(\S+)", FILE.read_text()) == [wanted]


def test_the_health_check_is_a_program_that_asks_livez():
    [check] = all_of("HEALTHCHECK")
    program = json.loads(check.partition("CMD ")[2])
    compile(program[2], "HEALTHCHECK", "exec")
    assert program[:2] == ["python", "-c"]
    assert "/livez" in program[2]


@pytest.fixture
def service() -> Any:
    return yaml.safe_load(COMPOSE.read_text())["services"]["posthouse"]


def test_compose_publishes_on_this_machine_only_and_stops_patiently(service):
    for published in service["ports"]:
        assert published.startswith("127.0.0.1:")
    assert float(service["stop_grace_period"].removesuffix("s")) >= STOPS_WITHIN_S
    assert [volume.partition(":")[2] for volume in service["volumes"]] == [variables()["POSTHOUSE_DATA"]]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    built = (COMPOSE.parent / service["build"]["context"] / service["build"]["dockerfile"]).resolve()
    assert built == FILE


def test_the_steps_of_the_build_make_a_program_that_runs(tmp_path):
    uv = ROOT / ".venv" / "bin" / "uv"
    assert uv.exists(), "make setup brings uv"
    source, place = tmp_path / "src", tmp_path / "opt"
    source.mkdir()
    for name in copied():
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    variables = environment() | {"UV_PROJECT_ENVIRONMENT": str(place), "UV_PYTHON_DOWNLOADS": "never"}
    variables.pop("VIRTUAL_ENV", None)
    steps = [rest.split()[1:] for rest in all_of("RUN") if rest.startswith("uv sync")]
    assert [step[0] for step in steps] == ["sync", "sync"]
    for step in steps:
        words = [word for word in step if word != "--compile-bytecode"]  # minutes, on a busy machine
        done = subprocess.run(
            [str(uv), *words], cwd=source, env=variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    shutil.rmtree(source)  # not editable: the image has the installed package alone
    program = place / "bin" / "posthouse"
    help_ = subprocess.run([program, "--help"], env=os.environ, capture_output=True, text=True, check=True)
    assert "serve" in help_.stdout
    assert not (place / "bin" / "pytest").exists()
