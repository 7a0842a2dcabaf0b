"""What a stream can show, by environment; and writing to it."""

from __future__ import annotations

import io
import os

import pytest

from kcnet.cli.terminal import screen_of, write

VARIABLES = ("COLUMNS", "NO_COLOR", "TERM", "LC_ALL", "LC_CTYPE", "LANG", "PYTHONIOENCODING")


class Stream(io.TextIOWrapper):
    def __init__(self, *, terminal: bool, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=encoding)
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    def fileno(self) -> int:
        raise OSError


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("terminal", "environment", "colour"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
        (False, {"TERM": "xterm-256color", "FORCE_COLOR": "1"}, False),
    ],
)
def test_colour_on_a_terminal_alone(
    terminal: bool, environment: dict[str, str], colour: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert screen_of(Stream(terminal=terminal)).colour is colour


@pytest.mark.parametrize(
    ("columns", "width"), [(None, 80), ("120", 120), ("40", 40), ("5", 20), ("0", 80), ("wide", 80), ("-1", 80)]
)
def test_width_without_a_terminal(columns: str | None, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if columns is not None:
        monkeypatch.setenv("COLUMNS", columns)
    assert screen_of(Stream(terminal=False)).width == width


@pytest.mark.parametrize(
    ("environment", "encoding", "expected"),
    [
        ({}, "utf-8", "utf-8"),
        ({}, "cp1252", "cp1252"),
        ({"LANG": "C"}, "utf-8", "ascii"),
        ({"LC_ALL": "POSIX", "LANG": "de_DE.UTF-8"}, "utf-8", "ascii"),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "utf-8", "ascii"),
        ({"LANG": "C.UTF-8"}, "utf-8", "utf-8"),
        ({"LANG": "en_GB.UTF-8"}, "utf-8", "utf-8"),
        ({"LANG": "C", "PYTHONIOENCODING": "utf-8"}, "utf-8", "utf-8"),
    ],
)
def test_encoding(environment: dict[str, str], encoding: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert screen_of(Stream(terminal=True, encoding=encoding)).encoding == expected


def test_a_closed_pipe_is_silent() -> None:
    read, end = os.pipe()
    os.close(read)
    with os.fdopen(end, "w", encoding="utf-8") as stream:
        write(stream, "x" * 100_000)
        write(stream, "and more")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
def test_a_full_disk_is_told_with_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with open("/dev/full", "w", encoding="utf-8") as stream, pytest.raises(SystemExit) as left:  # noqa: PTH123
        write(stream, "x")
    assert left.value.code == 2
    assert "cannot be written" in capsys.readouterr().err
