"""What kubectl says when it cannot print, on standard error behind ``error: ``; it leaves with status 1."""

from __future__ import annotations


class PrintError(Exception):
    """The message, without ``error: ``; ``printed`` is what already stands on standard output by then."""

    def __init__(self, message: str, *, printed: str = "") -> None:
        super().__init__(message)
        self.printed = printed
