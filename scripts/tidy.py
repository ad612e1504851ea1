"""Fail when a source file has outgrown its caption: more than 400 lines."""

import subprocess
import sys
from pathlib import Path

ROOMS = ("src", "sdk", "console/src", "tests", "bench", "soak")
KINDS = (".py", ".ts", ".tsx")
LINES_MAX = 400


def main() -> int:
    """Name every file that is too long, longest first; the exit status says whether there was one."""
    long = sorted(
        ((lines, name) for name in _files() if (lines := _count(Path(name))) > LINES_MAX),
        reverse=True,
    )
    for lines, name in long:
        print(f"{name}: {lines} lines, at most {LINES_MAX}; split it by concept")
    return 1 if long else 0


def _files() -> list[str]:
    """Sources that git tracks or would: a file counts before it is added, an ignored one never."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *ROOMS],
        check=True,
        capture_output=True,
        text=True,
    )
    # A file that was deleted but not yet committed is still listed.
    return [name for name in listing.stdout.split("\0") if name.endswith(KINDS) and Path(name).is_file()]


def _count(path: Path) -> int:
    return len(path.read_bytes().splitlines())


if __name__ == "__main__":
    sys.exit(main())
