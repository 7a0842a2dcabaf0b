"""The tree speaks of the project alone: no path of a machine, no private package index, no page that is not here.

    python .ci/check_words.py [FOLDER]

Looks at every text file of a checkout. Prints what it finds as FILE:LINE: WHAT, and ends with 1 if that is anything.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

GENERATED = {".git", ".venv", "build", "dist", "__pycache__"}
MACHINE_PATH = re.compile(r"(?<![\w.>}-])/(?:home|root|Users|work|workspace|mnt|opt|build|github)/[\w.-]+")
TAUGHT = {"/home/learner", "/opt/cni"}
"""Paths that the lab shows and that lessons speak of."""
MARKDOWN = re.compile(r"\b[\w-]+\.md\b")
PUBLIC_INDEX = {"pypi.org", "files.pythonhosted.org"}


def files(root: Path) -> Iterator[Path]:
    for path in sorted(root.iterdir()):
        if path.name in GENERATED or path.name.endswith(("_cache", ".egg-info")) or path.name == ".hypothesis":
            continue
        if path.is_dir():
            yield from files(path)
        elif path.is_file():
            yield path


def private_indexes() -> set[str]:
    """Hosts and folders that pip is told to take packages from on this machine, but for the public one."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    found = set()
    for name, value in re.findall(r"^\S*?\.([a-z-]+)='(.*)'$", listed.stdout, re.MULTILINE):
        if name in ("index-url", "extra-index-url", "find-links", "trusted-host", "proxy"):
            for word in value.replace("\\n", " ").split():
                found.add(urlsplit(word).hostname or word)
    return found - PUBLIC_INDEX


def findings(root: Path) -> Iterator[str]:
    texts = {}
    for path in files(root):
        data = path.read_bytes()
        if b"\0" not in data:
            texts[path.relative_to(root)] = data.decode("utf-8", errors="replace")
    present = {path.name for path in texts}
    unwanted = {place for place in (str(Path.home()), str(root)) if place.count("/") > 1} | private_indexes()
    for path, text in texts.items():
        for number, line in enumerate(text.splitlines(), 1):
            for match in MACHINE_PATH.finditer(line):
                if match[0] in TAUGHT:
                    continue
                yield f"{path}:{number}: a path of a machine: {match[0]}"
            for word in unwanted:
                if word in line:
                    yield f"{path}:{number}: a word of this machine: {word}"
            for name in MARKDOWN.findall(line):
                if name not in present and "://" not in line:
                    yield f"{path}:{number}: a page that is not here: {name}"


def main() -> int:
    found = list(findings(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
