"""``kcnet lab``: a sandbox of a cluster, with kubectl and tools inside it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kcnet.cli import complete
from kcnet.cli.cluster import WRONG_INPUT, check_cni, fail, note
from kcnet.cli.options import Files
from kcnet.cli.terminal import interactive, screen_of, write

if TYPE_CHECKING:
    from kcnet.lab.session import Session

Proxy = Literal["iptables", "ipvs", "nftables"]

BUG = 70
"""Exit status of a line that kcnet itself failed over."""


def lab(
    scenario: Annotated[
        str | None,
        typer.Argument(
            metavar="SCENARIO",
            show_default=False,
            help="A sample cluster (shop, clusterip, broken/selector-typo ...) or a lesson. Without it: the demo shop.",
        ),
    ] = None,
    files: Files = [],  # noqa: B006  (Typer copies it)
    commands: Annotated[
        list[str],
        typer.Option("-c", "--command", metavar="CMD", help="Run this line and leave; repeatable, in order."),
    ] = [],  # noqa: B006
    state: Annotated[
        Path | None,
        typer.Option("--state", metavar="FILE", help="Keep the sandbox in this file between calls."),
    ] = None,
    namespace: Annotated[
        str | None,
        typer.Option("-n", "--namespace", metavar="NAMESPACE", help="Namespace that commands work in at first."),
    ] = None,
    proxy_mode: Annotated[
        Proxy | None,
        typer.Option("--proxy-mode", case_sensitive=False, help="How kube-proxy works, whatever the manifests say."),
    ] = None,
    cni: Annotated[
        str | None,
        typer.Option("--cni", metavar="NAME", help="The network plugin, such as calico.", autocompletion=complete.cnis),
    ] = None,
) -> None:
    """Open a cluster in a sandbox, and use kubectl, curl, nslookup and more in it as beside a real one.

    Nothing outside is touched. Exit status: that of the last command; 2 for wrong input.
    """
    session, opened = _open(scenario, files, state, namespace, proxy_mode, cni)
    if commands:
        status = _run_all(session, commands)
    elif interactive():
        from kcnet.cli.labprompt import converse

        status = converse(session)
    else:
        status = _run_all(session, _lines(session))
    if state is not None:
        _save(session, opened, state)
    raise typer.Exit(status)


def _open(
    scenario: str | None,
    files: list[str],
    state: Path | None,
    namespace: str | None,
    proxy_mode: str | None,
    cni: str | None,
) -> tuple[Session, list[str]]:
    """The session, and what it was opened on: a name, or paths."""
    from kcnet.cli.editor import edit

    if scenario is not None and files:
        raise fail(
            "A scenario and -f are two clusters.", fix="Name one of them: kcnet lab SCENARIO, or kcnet lab -f FOLDER"
        )
    check_cni(cni)
    opened = ["-f", *files] if files else [scenario] if scenario else []
    if state is not None and state.exists():
        session = _load(state, opened)
        session[0].editor = edit
        if namespace:
            session[0].namespace = namespace
        return session
    from kcnet.cli.waiting import Waiting
    from kcnet.lab.opening import open_session
    from kcnet.lab.scenarios import Scenario, UnknownScenario, find
    from kcnet.loading.problems import InvalidManifestsError
    from kcnet.model.manifests import ClusterFacts

    try:
        found = Scenario(_name_of(files[0]), tuple(files)) if files else find(scenario)
        with Waiting("building the cluster"):
            made = open_session(
                found.paths,
                found.name,
                facts=ClusterFacts(proxy_mode=proxy_mode, cni=cni),
                namespace=namespace or found.namespace,
                base=Path.cwd(),
                editor=edit,
            )
    except UnknownScenario as unknown:
        near = f"Did you mean {unknown.nearest}? " if unknown.nearest else ""
        raise fail(
            str(unknown), fix=f"{near}Your own manifests: kcnet lab -f FOLDER. The samples: {', '.join(_samples())}."
        ) from None
    except InvalidManifestsError as error:
        from kcnet.render import problems

        write(sys.stderr, problems.render(error.problems, screen_of(sys.stderr)))
        raise typer.Exit(WRONG_INPUT) from None
    return made, opened


def _samples() -> list[str]:
    from kcnet.lab.scenarios import scenarios

    names = [one.name for one in scenarios()]
    return [name for name in names if "/" not in name] + (["broken/..."] if any("/" in name for name in names) else [])


def _name_of(path: str) -> str:
    return "stdin" if path == "-" else Path(path).resolve().stem or "lab"


def _load(state: Path, opened: list[str]) -> tuple[Session, list[str]]:
    import json

    from kcnet.lab import saved
    from kcnet.lab.session import utc_now

    try:
        value = json.loads(state.read_text(encoding="utf-8"))
        session, before = saved.from_json(value, base=Path.cwd(), clock=utc_now, editor=None)
    except OSError as error:
        raise fail(f"--state {state} cannot be read: {error.strerror}.", fix="It was left as it is.") from None
    except saved.StateError as error:
        raise fail(
            f"--state {state}: {error}.", fix="It was left as it is. Name another file, or remove this one."
        ) from None
    except (ValueError, RecursionError):
        raise fail(f"--state {state}: it is no saved lab.", fix="It was left as it is. Name another file.") from None
    if opened and opened != before:
        raise fail(
            f"--state {state} holds another lab: {' '.join(before) or 'the demo shop'}.",
            fix="Leave the scenario out to go on with it, or name another file.",
        )
    return session, before


def _save(session: Session, opened: list[str], state: Path) -> None:
    """Whole, or not at all."""
    import json
    import os
    import tempfile

    from kcnet.lab import saved

    text = json.dumps(saved.to_json(session, opened), ensure_ascii=False, separators=(",", ":"))
    try:
        handle, name = tempfile.mkstemp(prefix=f".{state.name}.", dir=state.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="surrogatepass") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(name, state)  # noqa: PTH105
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise fail(f"--state {state} cannot be written: {error.strerror}.") from None


def _lines(session: Session) -> Iterator[str]:
    """What standard input holds, line by line; a heredoc or a quoted line break makes one line of several.

    At a terminal that cannot move its cursor a prompt is shown before each.
    """
    typed = sys.stdin.isatty()
    text = ""
    while True:
        if typed:
            write(sys.stdout, "> " if text else session.prompt)
        line = sys.stdin.readline()
        if not line:
            break
        text = f"{text}\n{line.rstrip(chr(10))}" if text else line.rstrip("\r\n")
        if session.pending(text) is None:
            yield text
            text = ""
    if text:
        yield text


def _run_all(session: Session, lines: Iterable[str]) -> int:
    status = 0
    for line in lines:
        status = run_line(session, line)
        if session.ended:
            break
    return status


def run_line(session: Session, line: str) -> int:
    """Run one line and print what it prints. A bug of kcnet ends the line, and not the lab."""
    try:
        status = session.run(line).status
    except KeyboardInterrupt:
        raise
    except Exception as error:
        note(f"This line met a bug of kcnet: {type(error).__name__}: {error}. Please report it, with the line.")
        return BUG
    show(session)
    return status


def show(session: Session) -> None:
    """Print what the last line printed, harmless for the terminal."""
    for stream, text in session.chunks:
        target = sys.stdout if stream == 1 else sys.stderr
        screen = screen_of(target)
        shown = "\n".join("\t".join(map(screen.shown, line.split("\t"))) for line in text.split("\n"))
        write(target, shown)
