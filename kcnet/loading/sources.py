"""Which files the user means, and their text.

A path is a file, a folder (read recursively), a glob, or ``-`` for standard input. Below a folder, these are not read:
folders whose name begins with a dot, ``node_modules``, and virtual environments of Python (they hold ``pyvenv.cfg``).
A folder that is named itself is always read.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO, Final

from msgspec import Struct

from kcnet.loading.problems import Problem, excerpt

SUFFIXES: Final = (".yaml", ".yml", ".json")
STDIN: Final = "<stdin>"
MAX_BYTES: Final = 1 << 30
"""A bigger file is a mistake (``/dev/zero``), or too much for one machine's memory."""

_GLOB = re.compile(r"[*?\[]")
_URL = re.compile(r"https?:/", re.IGNORECASE)


class File(Struct, frozen=True, kw_only=True):
    """One input. ``listed``: found in a folder, not named by the user, so it may well be something else."""

    name: str
    size: int
    open: Callable[[], BinaryIO]
    listed: bool = False

    def read(self) -> bytes:
        """Raises OSError."""
        with self.open() as stream:
            return stream.read(MAX_BYTES + 1)


def find_files(paths: Iterable[str | os.PathLike[str]], stdin: BinaryIO | None) -> tuple[list[File], list[Problem]]:
    """The files that ``paths`` mean, each once, in the order of the paths; and what is wrong with the paths."""
    files: list[File] = []
    problems: list[Problem] = []
    seen: set[tuple[int, int]] = set()
    has_stdin = False

    def add(path: Path, *, listed: bool) -> None:
        try:
            found = path.stat()
        except OSError as error:
            problems.append(unreadable(str(path), error))
            return
        if (found.st_dev, found.st_ino) not in seen:
            seen.add((found.st_dev, found.st_ino))
            files.append(File(name=str(path), size=found.st_size, open=lambda: path.open("rb"), listed=listed))

    def add_folder(folder: Path) -> None:
        before = len(seen)
        known = False
        for path in manifests_in(folder, problems):
            known = True
            add(path, listed=True)
        if not known and len(seen) == before:
            left_out = os.access(folder, os.R_OK) and any(map(is_left_out, folder.iterdir()))
            but = "; folders whose name begins with a dot, and those of installed packages, are left out"
            problems.append(
                Problem(
                    code="INPUT_NO_MANIFEST",
                    message=f"There is no *.yaml, *.yml or *.json file in the folder {folder} or below it"
                    f"{but if left_out else ''}.",
                    fix="Name the folder that your manifests are in, or a file.",
                    file=str(folder),
                )
            )

    for given in paths:
        name = os.fspath(given)
        path = Path(name)
        if name == "-":
            if not has_stdin:
                has_stdin = True
                files.append(File(name=STDIN, size=0, open=lambda: _standard_input(stdin)))
        elif "\0" in name or not name:
            problems.append(_missing(name))
        elif _URL.match(name):
            problems.append(_address(name))
        elif (error := _refused(path)) is not None:
            problems.append(unreadable(name, error))
        elif path.is_dir():
            add_folder(path)
        elif not path.exists() and _GLOB.search(name):
            import glob

            matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 - takes absolute patterns too
            if not matches:
                problems.append(_missing(name, "matches no file"))
            for match in map(Path, matches):
                if os.path.isdir(match):  # noqa: PTH112 - is_dir() may raise
                    for found in manifests_in(match, problems):
                        add(found, listed=True)
                else:
                    add(match, listed=False)
        elif not path.exists():
            problems.append(_missing(name))
        else:
            add(path, listed=False)
    return files, problems


def manifests_in(folder: Path, problems: list[Problem]) -> list[Path]:
    """Files with the suffix of a manifest in ``folder`` and below, sorted; without loops of symbolic links, and what
    ``is_left_out``."""
    found: list[Path] = []
    seen: set[tuple[int, int]] = set()

    def failed(error: OSError) -> None:
        problems.append(unreadable(str(error.filename or folder), error))

    for top, folders, names in os.walk(folder, onerror=failed, followlinks=True):
        try:
            status = Path(top).stat()
        except OSError as error:
            failed(error)
            folders.clear()
            continue
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if not is_left_out(Path(top, name)))
        for name in names:
            path = Path(top, name)
            if name.endswith(SUFFIXES) and not os.path.isdir(path):  # noqa: PTH112 - is_dir() may raise
                found.append(path)
    return sorted(found)


def _refused(path: Path) -> OSError | None:
    """Why it cannot even be asked whether ``path`` exists: a folder above it is closed, or the name is too long."""
    try:
        path.exists()
    except OSError as error:
        return error
    return None


def is_left_out(path: Path) -> bool:
    """A folder that is not searched unless it is named itself."""
    # os.path answers False where pathlib raises PermissionError.
    if path.name.startswith(".") or path.name == "node_modules":
        return os.path.isdir(path)  # noqa: PTH112
    return os.path.isfile(path / "pyvenv.cfg")  # noqa: PTH113


def _standard_input(stdin: BinaryIO | None) -> BinaryIO:
    if stdin is not None:
        return stdin
    import sys

    return sys.stdin.buffer


def _missing(name: str, why: str = "does not exist") -> Problem:
    shown = name.replace("\0", "\\0")
    fix = "Check the spelling, and the folder that you are in."
    parts = [part for part in shown.split(",") if part]
    if len(parts) > 1 and "\0" not in name and any(map(os.path.exists, parts)):
        fix = f"-f takes one path: repeat it ({' '.join(f'-f {part}' for part in parts)})."
        return Problem(code="INPUT_MISSING", message=f"{shown} {why}.", fix=fix, file=shown)
    parent = Path(shown).parent
    if why == "does not exist" and parent.is_dir() and os.access(parent, os.R_OK) and shown:
        from kcnet.loading.kinds import nearest

        near = nearest(Path(shown).name, sorted(entry.name for entry in parent.iterdir()))
        if near is not None:
            fix = f"Did you mean {parent / near}?"
    return Problem(code="INPUT_MISSING", message=f"{shown or 'The empty path'} {why}.", fix=fix, file=shown or None)


def _address(name: str) -> Problem:
    return Problem(
        code="INPUT_MISSING",
        message=f"{name} is an address of the web; kcnet reads files only.",
        fix=f"Fetch it: curl -sL {name} | kcnet trace -f -",
        file=name,
    )


def unreadable(name: str, error: OSError | ValueError) -> Problem:
    reason = str(getattr(error, "strerror", None) or error).lower()
    return Problem(
        code="INPUT_UNREADABLE",
        message=f"{name} cannot be read: {reason}.",
        fix="Check its permissions." if isinstance(error, PermissionError) else "Check the path.",
        file=name,
    )


def too_big(name: str) -> Problem:
    return Problem(
        code="INPUT_TOO_BIG",
        message=f"{name} is larger than 1 GiB.",
        fix="Name the manifests that the request is about, or export fewer kinds.",
        file=name,
    )


BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_LONE_RETURN = re.compile(r"\r(?!\n)")


def decode(data: bytes, name: str) -> str | Problem:
    """The text of a file: UTF-8, or UTF-16 or UTF-32 with a byte order mark."""
    bom, encoding = next(((mark, name) for mark, name in BOMS if data.startswith(mark)), (b"", "utf-8"))
    if not bom and data[:400].count(0) * 4 >= len(data[:400]) > 1:
        return Problem(
            code="TEXT_ENCODING",
            message="The file looks like UTF-16 without a byte order mark; Kubernetes reads UTF-8.",
            fix='Save it again with the encoding "UTF-8" (in PowerShell: Out-File -Encoding utf8).',
            file=name,
            line=1,
            column=1,
        )
    try:
        text = data[len(bom) :].decode(encoding)
    except UnicodeDecodeError as error:
        return _undecodable(data[len(bom) :], name, encoding, error)
    return _LONE_RETURN.sub("\n", text) if "\r" in text else text


def _undecodable(data: bytes, name: str, encoding: str, error: UnicodeDecodeError) -> Problem:
    before = data[: error.start].decode(encoding, "replace")
    byte = data[error.start : error.start + 1]
    meant = byte.decode("cp1252", "ignore")
    guess = (
        f" (in an old Windows encoding it is {meant!r})"
        if encoding == "utf-8" and meant.isprintable() and meant
        else ""
    )
    line = before.count("\n") + 1
    lines, first = excerpt(data.decode(encoding, "replace"), len(before), line)
    return Problem(
        code="TEXT_ENCODING",
        message=f"The byte 0x{byte.hex() or '00'} is not {encoding.upper()} text{guess}.",
        fix='Save the file again with the encoding "UTF-8".',
        file=name,
        line=line,
        column=len(before) - (before.rfind("\n") + 1) + 1,
        excerpt=lines,
        excerpt_start=first,
    )
