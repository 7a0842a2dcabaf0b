"""The entry point: what must hold before the command line itself is imported."""

from __future__ import annotations

import gc
import os
import sys

INTERRUPTED = 130


def main() -> None:
    """Run ``kcnet``. Ctrl-C is silent from the first moment on; a standard stream that is closed reads and writes
    nothing, as under cron."""
    gc.set_threshold(100_000)  # what is imported and read is kept: looking for garbage all the time finds none
    try:
        _open_what_is_closed()
        if sys.argv[1:] == ["--version"]:
            _say_version()
        else:
            from kcnet.cli.app import run

            run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    finally:
        gc.freeze()  # the process is ending: nothing needs to look for cycles in what it held


def _say_version() -> None:
    # Alone, as scripts ask it, it needs no command line to be read; the other ways of asking go through the app.
    from kcnet import __version__
    from kcnet.cli.terminal import write

    write(sys.stdout, f"kcnet {__version__}\n")


def _open_what_is_closed() -> None:
    # In this order: each takes the lowest free descriptor, which is then no longer free for a file of manifests.
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123
