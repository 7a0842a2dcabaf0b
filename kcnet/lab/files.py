"""The learner's own files: those of the working directory, and over them what was written in the lab.

Nothing is ever written to the disk, and nothing on it is deleted: a write stands in a layer above, which a saved lab
keeps. ``/etc/hosts`` is the lab's own. What is read from the disk is a regular file of moderate size.
"""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HOSTS = "/etc/hosts"
NOWHERE = "/dev/null"
LARGEST = 20_000_000
"""Bytes of a file that is read."""

_OWN: Mapping[str, str] = {HOSTS: "127.0.0.1\tlocalhost\n::1\tlocalhost\n"}


class FileFault(Exception):  # noqa: N818
    """What the shell says of a file that cannot be read or written: ``No such file or directory``."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name = name
        self.why = why


@dataclass(slots=True)
class Files:
    """``base`` is the working directory on the disk; None: nothing is read from a disk."""

    base: Path | None = None
    written: dict[str, str | None] = field(default_factory=dict)
    """Absolute path -> text; None: deleted in the lab."""
    folders: set[str] = field(default_factory=set)
    given: Mapping[str, str] = field(default_factory=dict)
    """Files that a lesson puts into the working directory, by their names."""
    here: str = ""
    """The working directory; "" at first, and then that of the disk."""

    def __post_init__(self) -> None:
        if not self.here:
            self.here = self.base.as_posix() if self.base else "/home/learner"

    def absolute(self, name: str) -> str:
        if name == "~" or name.startswith("~/"):
            name = "." + name[1:]
        return posixpath.normpath(posixpath.join(self.here, name.replace("\\", "/") if ":\\" in name else name))

    def read(self, name: str) -> str:
        """Raises FileFault."""
        path = self.absolute(name)
        if path == NOWHERE:
            return ""
        if path in self.written:
            text = self.written[path]
            if text is None:
                raise FileFault(name, "No such file or directory")
            return text
        if path in _OWN:
            return _OWN[path]
        if path in self._given():
            return self._given()[path]
        if self.is_folder(name):
            raise FileFault(name, "Is a directory")
        return self._from_disk(name, path)

    def _from_disk(self, name: str, path: str) -> str:
        if self.base is None:
            raise FileFault(name, "No such file or directory")
        try:
            place = Path(path)
            if not place.is_file():
                raise FileFault(name, "No such file or directory" if not place.exists() else "not a plain file")
            if place.stat().st_size > LARGEST:
                raise FileFault(name, "too big for the lab")
            return place.read_text(encoding="utf-8", errors="replace")
        except (OSError, ValueError) as error:
            raise FileFault(name, getattr(error, "strerror", None) or "cannot be read") from None

    def exists(self, name: str) -> bool:
        try:
            self.read(name)
        except FileFault as fault:
            return fault.why == "Is a directory"
        return True

    def is_folder(self, name: str) -> bool:
        path = self.absolute(name)
        made = any(one == path or one.startswith(path.rstrip("/") + "/") for one in self.folders)
        if made or path == self.here or self._inside(path):
            return True
        try:
            return self.base is not None and Path(path).is_dir()
        except (OSError, ValueError):
            return False

    def write(self, name: str, text: str, *, append: bool = False) -> None:
        """Into the layer above the disk. Raises FileFault."""
        path = self.absolute(name)
        if path == NOWHERE:
            return
        if self.is_folder(name):
            raise FileFault(name, "Is a directory")
        if not self.is_folder(posixpath.dirname(path)):
            raise FileFault(name, "No such file or directory")
        before = self.read(name) if append and self.exists(name) else ""
        self.written[path] = before + text

    def delete(self, name: str) -> None:
        if not self.exists(name):
            raise FileFault(name, "No such file or directory")
        self.written[self.absolute(name)] = None

    def names(self, folder: str = ".") -> list[str]:
        """What a folder holds, sorted; a folder's name ends in a slash. Raises FileFault."""
        path = self.absolute(folder)
        found: set[str] = set()
        if self.base is not None and Path(path).is_dir():
            try:
                found = {one.name + ("/" if one.is_dir() else "") for one in Path(path).iterdir()}
            except OSError as error:
                raise FileFault(folder, error.strerror or "cannot be read") from None
        elif not self.is_folder(folder):
            raise FileFault(folder, "No such file or directory")
        inside = self._inside(path)
        found |= {name for name, there in inside.items() if there}
        found -= {name for name, there in inside.items() if not there}
        prefix = path.rstrip("/") + "/"
        found |= {one[len(prefix) :].split("/")[0] + "/" for one in self.folders if one.startswith(prefix)}
        return sorted(found)

    def _inside(self, path: str) -> dict[str, bool]:
        """Names in a folder that stand in the layer above: True there, False deleted."""
        prefix = path.rstrip("/") + "/"
        found: dict[str, bool] = {}
        for one, text in {**self._given(), **_OWN, **self.written}.items():
            if one.startswith(prefix):
                first, slash, _ = one[len(prefix) :].partition("/")
                if slash and text is not None:
                    found[first + "/"] = True
                elif not slash:
                    found[first] = text is not None
        return found

    def matching(self, pattern: str) -> list[str]:
        """Names that match ``*.yaml`` or ``folder/*``; hidden ones only where the pattern says the dot."""
        folder, _, last = pattern.rpartition("/")
        try:
            names = [name.rstrip("/") for name in self.names(folder or ("/" if pattern.startswith("/") else "."))]
        except FileFault:
            return []
        found = [name for name in names if fnmatch.fnmatchcase(name, last) and (name[0] != "." or last[0] == ".")]
        return [f"{folder}/{name}" if "/" in pattern else name for name in found]

    def _given(self) -> dict[str, str]:
        home = self.base.as_posix() if self.base else "/home/learner"
        return {posixpath.join(home, name): text for name, text in self.given.items()}

    def copy(self) -> Files:
        return Files(self.base, dict(self.written), set(self.folders), self.given, self.here)
