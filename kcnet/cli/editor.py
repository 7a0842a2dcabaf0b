"""The user's own editor, for a text that is not a file yet."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from kcnet.cli.terminal import interactive

OF_TERMINALS = frozenset({"vi", "vim", "nvim", "nano", "pico", "emacs", "micro", "hx", "helix", "less", "more", "joe"})
"""Editors that would wait for ever where nobody types."""


def edit(name: str, text: str) -> str | None:
    """``text`` as the user left it; None where there is no editor, or it failed.

    The editor is that of ``KUBE_EDITOR`` or ``EDITOR``, as for kubectl; on a terminal vi (on Windows notepad) if
    neither is set.
    """
    asked = os.environ.get("KUBE_EDITOR") or os.environ.get("EDITOR") or ""
    default = "notepad" if sys.platform == "win32" else "vi"
    try:
        command = shlex.split(asked, posix=sys.platform != "win32") or [default]
    except ValueError:
        return None
    if not interactive() and (not asked or Path(command[0]).name in OF_TERMINALS):
        return None
    suffix = "".join(char for char in Path(name).name if char.isalnum() or char in "-_.")[-60:] or "text"
    with tempfile.TemporaryDirectory(prefix="kcnet-") as folder:
        file = Path(folder) / suffix
        file.write_text(text, encoding="utf-8")
        try:
            done = subprocess.run([*command, str(file)], check=False)
            return file.read_text(encoding="utf-8", errors="replace") if done.returncode == 0 else None
        except OSError:
            return None
