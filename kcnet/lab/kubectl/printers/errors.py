"""What kubectl says when it cannot print, on standard error behind ``error: ``; it leaves with status 1."""


class PrintError(Exception):
    """The message, without ``error: ``."""
