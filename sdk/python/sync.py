"""Writes the client for threads from the one for event loops, so that nothing stands twice by hand.

`python sdk/python/sync.py` writes it; with `--check` it only says whether that would change anything.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

_PACKAGE = Path(__file__).parent / "src" / "posthouse_sdk"
_SOURCE = _PACKAGE / "_async"
_TARGET = _PACKAGE / "_sync"

_WORDS = (
    (r"posthouse_sdk\._async", "posthouse_sdk._sync"),
    (r"\bhttpx2\.AsyncClient\b", "httpx2.Client"),
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\bAwaitable\[T\]", "T"),
    (r"import Awaitable, Callable\b", "import Callable"),
    (r"\bAsyncIterator\b", "Iterator"),
    (r"\bAsync([A-Z]\w*)", r"\1"),
    (r"\b__a(enter|exit|iter)__\b", r"__\1__"),
    (r"\baiter_bytes\b", "iter_bytes"),
    (r"\basleep\b", "sleep"),
)

_TWICE = re.compile(r"\n    async def close\(self\).*?(?=\n    async def )", re.DOTALL)
"""In a client for threads `close` is all there is."""


def synchronous(source: str, name: str) -> str:
    """A module of the one client as the other has it."""
    text = re.sub(
        r"\baclose\b", "close", _TWICE.sub("\n", source, count=1).replace("\n\n\n    async", "\n\n    async")
    )
    for pattern, ours in _WORDS:
        text = re.sub(pattern, ours, text, flags=re.MULTILINE)
    done = subprocess.run(
        ["ruff", "format", "-q", "--stdin-filename", str(_TARGET / name), "-"],
        input=f"# @generated from _async/{name} by sync.py; do not edit.\n{text}",
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"},
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout


def main(words: list[str]) -> int:
    """Write every module, or tell which ones differ."""
    stale = []
    for path in sorted(_SOURCE.glob("*.py")):
        if path.name == "__init__.py":
            continue
        target = _TARGET / path.name
        text = synchronous(path.read_text(encoding="utf-8"), path.name)
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            stale.append(path.name)
            if "--check" not in words:
                target.write_text(text, encoding="utf-8")
    if "--check" in words and stale:
        print(f"not as generated: {', '.join(stale)}; run {Path(__file__).name}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
