"""Work over a second says on standard error that it goes on; on a terminal alone."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType

_PATIENCE = 1.0
_WHEEL = "|/-\\"


class Waiting:
    """A context in which a line ``what ... 40 % 3 s`` appears after a second, and is gone afterwards."""

    def __init__(self, what: str, *, quiet: bool = False) -> None:
        self.what = what
        self.share: float | None = None
        self.quiet = quiet
        self._done = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Waiting:
        if sys.stderr.isatty() and not self.quiet:
            self._thread = threading.Thread(target=self._show, daemon=True)
            self._thread.start()
        return self

    def progress(self, done: int, known: int) -> None:
        """How much of the work is done, of how much is known of."""
        self.share = done / known if known else None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._done.set()
        if self._thread is not None:
            self._thread.join()

    def _show(self) -> None:
        began = time.monotonic()
        shown = 0
        turn = 0
        wait = _PATIENCE
        while not self._done.wait(wait):
            wait = 0.2
            share = "" if self.share is None else f"{min(1.0, self.share):.0%} "
            line = f"{_WHEEL[turn % 4]} {self.what} ... {share}{time.monotonic() - began + _PATIENCE:.0f} s"[:78]
            turn += 1
            sys.stderr.write("\r" + line.ljust(shown))
            sys.stderr.flush()
            shown = len(line)
        if shown:
            sys.stderr.write("\r" + " " * shown + "\r")
            sys.stderr.flush()
