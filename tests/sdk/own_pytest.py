"""Somebody's own tests: a pytest of its own in an empty directory."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.sdk.conftest import CREDENTIALS

# Plugins that are here for other tests, and cost a second each; ours is loaded as pytest finds it.
_WITHOUT = [
    f"-pno:{name}"
    for name in ("cacheprovider", "schemathesis", "hypothesispytest", "xdist", "xdist.looponfail")
]


def outcome(place: Path, tests: Mapping[str, str], **variables: str) -> str:
    """What pytest says of these files, in a directory that is home too."""
    for name, text in tests.items():
        (place / f"{name}.py").write_text(text, encoding="utf-8")
    clean = {name: value for name, value in os.environ.items() if name not in CREDENTIALS}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", *_WITHOUT],
        cwd=place,
        env=clean | {"HOME": str(place)} | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr
