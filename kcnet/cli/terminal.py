"""The edge to the terminal: what it can show, and writing to it without ever failing over it."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from typing import TextIO

from kcnet.render.screen import Screen

NARROWEST = 20


def screen_of(stream: TextIO) -> Screen:
    """What ``stream`` can show: colour on a terminal alone, and 80 columns where nothing says how many."""
    return Screen(width=_width(stream), colour=_colour(stream), encoding=_encoding(stream))


def interactive() -> bool:
    """Whether questions and single keys can be asked: both ends are a terminal that can move its cursor."""
    # Standard input is closed once manifests were read from it.
    ends = (sys.stdin, sys.stdout)
    return all(not end.closed and end.isatty() for end in ends) and os.environ.get("TERM") != "dumb"


def write(stream: TextIO, text: str) -> None:
    """Write and flush. A closed pipe (``| head -1``) is nobody's mistake; what follows is written nowhere."""
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        _to_nowhere(stream)
        # Windows reports a closed pipe as an invalid argument.
        if error.errno not in (errno.EPIPE, errno.EINVAL):
            sys.stderr.write(f"kcnet: the output cannot be written: {error.strerror}\n")
            raise SystemExit(2) from None


def write_document(text: str) -> None:
    """Write a machine-readable document to standard output: UTF-8 whatever the locale, line feeds on every system."""
    for stream in (sys.stdout,):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
        write(stream, text)


def _to_nowhere(stream: TextIO) -> None:
    # What is still buffered would fail once more when Python ends.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())
    finally:
        os.close(nowhere)


def _width(stream: TextIO) -> int:
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) > 0:
        return max(NARROWEST, int(columns))
    if stream.isatty():
        try:
            return max(NARROWEST, os.get_terminal_size(stream.fileno()).columns or 80)
        except OSError:
            return max(NARROWEST, shutil.get_terminal_size().columns)
    return 80


def _colour(stream: TextIO) -> bool:
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not stream.isatty():
        return False
    return sys.platform != "win32" or _windows_colour(stream)


def _windows_colour(stream: TextIO) -> bool:
    """Switch a Windows console to understanding escape sequences.

    https://learn.microsoft.com/windows/console/setconsolemode
    """
    import ctypes

    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  (exists on Windows alone)
    handle = kernel.GetStdHandle(-12 if stream is sys.stderr else -11)
    mode = ctypes.c_ulong()
    return bool(kernel.GetConsoleMode(handle, ctypes.byref(mode)) and kernel.SetConsoleMode(handle, mode.value | 4))


def _encoding(stream: TextIO) -> str:
    if not os.environ.get("PYTHONIOENCODING") and sys.platform != "win32" and _c_locale():
        # Python itself writes UTF-8 in the C locale (PEP 538, PEP 540); the terminal was not promised any.
        return "ascii"
    return stream.encoding or "ascii"


def _c_locale() -> bool:
    """Whether somebody asked for the C locale. Where nothing is set at all, as in containers, UTF-8 is the rule."""
    everything, characters, language = (os.environ.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    if characters == "C.UTF-8" and language in ("C", "POSIX"):
        # Python has put it there on starting up (PEP 538).
        characters = ""
    return (everything or characters or language) in ("C", "POSIX")
