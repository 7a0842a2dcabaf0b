"""The lab at a terminal: a prompt with history and completion, and lines that go on until they are whole."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.key_binding.key_processor import KeyPressEvent

from kcnet.cli.terminal import screen_of, write
from kcnet.render.screen import Line, Row, Style, laid_out

if TYPE_CHECKING:
    from kcnet.lab.session import Session

CLEAR = "\x1b[2J\x1b[H"
_BLANK = Row((), ())


def converse(session: Session) -> int:
    """Read and run lines until the learner leaves; the status of the last."""
    from kcnet.cli.lab import run_line

    write(sys.stdout, greeting(session))
    prompt: PromptSession[str] = PromptSession(
        history=_history(),
        completer=_Completer(session),
        complete_while_typing=False,
        key_bindings=_keys(session),
        multiline=True,
        prompt_continuation="> ",
        enable_open_in_editor=False,
    )
    status = 0
    while not session.ended:
        try:
            line = prompt.prompt(session.prompt)
        except KeyboardInterrupt:
            continue
        except EOFError:
            if session.inside:
                line = "exit"
            else:
                break
        try:
            status = run_line(session, line)
        except KeyboardInterrupt:
            continue
        if session.clearing:
            session.clearing = False
            write(sys.stdout, CLEAR)
    return status


def greeting(session: Session) -> str:
    """Few lines: where one is, and how to get on."""
    cluster = session.cluster
    spaces = sorted({space for space, _ in cluster.pods} - {"kube-system"})
    where = f"{len(cluster.nodes)} nodes, {len(cluster.pods)} pods, {len(cluster.services)} Services"
    rows = [
        Row((), (), (("kcnet lab", Style.STRONG), (f": a sandbox of {session.scenario}. ", Style.PLAIN),
                     ("Nothing outside is touched.", Style.PLAIN))),
        Row((), (), ((f"{where}. Pods run in: {', '.join(spaces) or 'no namespace yet'}.", Style.QUIET),)),
        _BLANK,
        _tip("kubectl get pods -A", "what there is"),
        _tip("map", "the same as a picture"),
        _tip("help", "what works here; Tab completes, Ctrl-D leaves"),
        _BLANK,
    ]  # fmt: skip
    return "\n".join(laid_out(screen_of(sys.stdout), rows)) + "\n"


def _tip(command: str, about: str) -> Row:
    indent: Line = (("  ", Style.PLAIN),)
    return Row(indent, indent, ((f"{command:<22}", Style.CHANGE), (about, Style.PLAIN)))


class _Completer(Completer):
    def __init__(self, session: Session) -> None:
        self.session = session

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        from kcnet.lab.complete import complete
        from kcnet.render.printable import printable

        for one in complete(self.session, document.current_line_before_cursor):
            if one.text.isprintable():
                yield Completion(one.text, one.start, display_meta=printable(one.about)[:40])


def _keys(session: Session) -> KeyBindings:
    """Enter runs what is whole, and begins another line where something is missing, such as the end of a heredoc."""
    keys = KeyBindings()

    @keys.add("enter")
    def _enter(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state is not None and buffer.complete_state.current_completion is not None:
            buffer.complete_state = None
            return
        if session.pending(buffer.text) is None:
            buffer.validate_and_handle()
        else:
            buffer.cursor_position = len(buffer.text)
            buffer.insert_text("\n")

    return keys


def _history() -> History:
    """In the user's data folder; of this process alone where that cannot be written."""
    try:
        folder = data_folder()
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "lab-history"
        with file.open("a", encoding="utf-8"):
            pass
        return FileHistory(str(file))
    except OSError:
        return InMemoryHistory()


def data_folder() -> Path:
    """``KCNET_HOME``, else where programs keep data on this system."""
    if home := os.environ.get("KCNET_HOME"):
        return Path(home)
    import platformdirs

    return Path(platformdirs.user_data_dir("kcnet", appauthor=False))
