"""``kcnet reach``: who can talk to whom, as far as NetworkPolicy allows; and ``kcnet reach diff``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kcnet.cli import complete
from kcnet.cli.cluster import WRONG_INPUT, fail, note, read_cluster
from kcnet.cli.options import Files
from kcnet.cli.terminal import screen_of, write, write_document

if TYPE_CHECKING:
    from kcnet.analysis.reach.connectivity import Choice, Reachability, Row
    from kcnet.analysis.reach.entries import Entry
    from kcnet.analysis.reach.expect import Outcome
    from kcnet.analysis.reach.explain import Explanation

NOT_MET = 1
DIFFERENT = 1

Format = Literal["text", "json", "csv", "md", "dot", "mermaid", "html"]

MERMAID_ARROWS = 500
"""https://mermaid.js.org/config/schema-docs/config.html#maxedges"""

DEMO_NOTE = "The built-in demo cluster, a small shop. For your own: kcnet reach -f FOLDER"

reach = typer.Typer(
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
    no_args_is_help=False,
    rich_markup_mode=None,
)

_CNI = typer.Option("--cni", metavar="NAME", help="The network plugin, such as calico.", autocompletion=complete.cnis)


@reach.callback()
def show(
    context: typer.Context,
    files: Files = [],  # noqa: B006  (Typer copies it)
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="SOURCE",
            help="Only from this: NAME, NAMESPACE/NAME, KIND/NAME, internet, an IP address or a network.",
            autocompletion=complete.sources,
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option("--to", metavar="TARGET", help="Only to this; as --from.", autocompletion=complete.sources),
    ] = None,
    namespace: Annotated[
        str | None,
        typer.Option(
            "-n",
            "--namespace",
            metavar="NAMESPACE",
            help="Only pairs with an end in it; and that of names without one.",
            autocompletion=complete.namespaces,
        ),
    ] = None,
    port: Annotated[
        str | None,
        typer.Option("--port", metavar="PORT[/PROTOCOL]", help="Only pairs that are allowed it, such as 80 or 53/udp."),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Of each pair, denied ones too, the policies and rules that decide.")
    ] = False,
    expect: Annotated[
        str | None,
        typer.Option(
            "--expect",
            metavar="FILE",
            help="A table of lines SOURCE -> TARGET[:PORT[/PROTOCOL]] allow|deny: exit with 0 only if all are met.",
        ),
    ] = None,
    cni: Annotated[str | None, _CNI] = None,
    output: Annotated[Format, typer.Option("-o", "--output", help="What to print.")] = "text",
) -> None:
    """Show who can talk to whom, as far as NetworkPolicy allows: workloads, and addresses outside the cluster.

    Whether a port is listened on does not matter. Exit status: 0, with --expect 1 if a line is not met, 2 wrong input.
    """
    if context.invoked_subcommand is not None:
        return
    if expect is not None and output not in ("text", "json"):
        raise fail(f"--expect cannot be printed as {output}.", fix="Use -o text or -o json.")
    if explain and output not in ("text", "json"):
        raise fail(f"--explain cannot be printed as {output}.", fix="Use -o text or -o json.")
    wanted = _port(port)
    found = _reachability(files, cni, as_json=output == "json")
    if not files:
        note(DEMO_NOTE)
    for sentence in found.notes:
        note(sentence)
    if expect is not None:
        raise typer.Exit(_expected(found, expect, namespace or "default", output))
    choice = _choice(found, source, target, namespace, wanted)
    if explain:
        _explained(found, choice, output)
    else:
        _shown(found, choice, output)


@reach.command("diff")
def diff(
    old: Annotated[
        str, typer.Argument(metavar="OLD", help="A file, a folder or a glob.", autocompletion=complete.paths)
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="As OLD.", autocompletion=complete.paths)],
    cni: Annotated[str | None, _CNI] = None,
    output: Annotated[Literal["text", "json", "md"], typer.Option("-o", "--output", help="What to print.")] = "text",
) -> None:
    """Show what a change of manifests newly allows or denies.

    Exit status, as that of diff: 0 nothing changes, 1 something does, 2 wrong input.
    """
    from kcnet.analysis.reach.classes import lasting_name
    from kcnet.analysis.reach.connectivity import reachability
    from kcnet.analysis.reach.diff import changes
    from kcnet.render import reach as pages

    clusters = [read_cluster([files], cni=cni, as_json=output == "json") for files in (old, new)]
    before, after = (reachability(cluster, lasting_name) for cluster in clusters)
    for sentence in dict.fromkeys((*before.notes, *after.notes)):
        note(sentence)
    found = changes(before, after)
    if output == "json":
        write_document(pages.changes_json(found))
    elif output == "md":
        write_document(pages.changes_markdown(found))
    else:
        write(sys.stdout, pages.changes_text(found, screen_of(sys.stdout)))
    raise typer.Exit(DIFFERENT if found else 0)


def _reachability(files: list[str], cni: str | None, *, as_json: bool) -> Reachability:
    from kcnet.analysis.reach.connectivity import reachability

    return reachability(read_cluster(files, cni=cni, as_json=as_json))


def _port(text: str | None) -> tuple[int, frozenset[str]] | None:
    """The number, and the protocols meant: all if none is named."""
    if text is None:
        return None
    number, slash, protocol = text.partition("/")
    known = {"TCP", "UDP", "SCTP"}
    if not (number.isascii() and number.isdecimal() and 1 <= int(number[:6]) <= 65535):
        raise fail(f"{text} is not a port.", fix="Write a number from 1 to 65535, or one such as 53/udp.")
    if slash and protocol.upper() not in known:
        raise fail(f"{text} names no protocol.", fix="Protocols are tcp, udp and sctp.", nearest=())
    return int(number), frozenset({protocol.upper()} if slash else known)


def _choice(
    found: Reachability,
    source: str | None,
    target: str | None,
    namespace: str | None,
    port: tuple[int, frozenset[str]] | None,
) -> Choice:
    from kcnet.analysis.reach.connectivity import Choice
    from kcnet.model.names import Protocol

    if namespace is not None and namespace not in found.cluster.namespaces:
        from kcnet.path.nearest import closest

        near = closest(namespace, found.cluster.namespaces)
        known = sorted({one.namespace for one in found.workloads})
        names = f"There are {', '.join(known[:6])}{' and more' if len(known) > 6 else ''}." if known else ""
        raise fail(f"There is no namespace {namespace}.", fix=f"Did you mean {near}?" if near else names)
    return Choice(
        sources=None if source is None else _chosen(found, source, namespace),
        targets=None if target is None else _chosen(found, target, namespace),
        namespace=namespace,
        port=None if port is None else (port[0], frozenset(map(Protocol, port[1]))),
    )


def _chosen(found: Reachability, name: str, namespace: str | None) -> Callable[[str], bool]:
    from kcnet.analysis.reach.parties import chosen
    from kcnet.request import RequestError

    try:
        return chosen(found, name, namespace)
    except RequestError as error:
        raise fail(error.message, error.fix) from None


def _shown(found: Reachability, choice: Choice, output: Format) -> None:
    from kcnet.render import reach as pages

    rows = found.each(choice)
    screen = screen_of(sys.stdout)
    if output == "csv":
        _written(pages.csv(rows))
    elif output == "md":
        _written(pages.markdown(rows))
    elif output == "dot":
        _written(pages.dot(rows, found.everyone(choice)))
    elif output == "mermaid":
        _written(pages.mermaid(rows, found.everyone(choice)))
        if (arrows := sum(len(targets) for _, targets in found.each(choice))) >= MERMAID_ARROWS:
            note(
                f"Mermaid draws fewer than {MERMAID_ARROWS} arrows unless its maxEdges is raised where it runs, and "
                f"these are {arrows}. Choose some with --namespace, --from or --to, or print -o dot."
            )
    elif output == "html":
        _written(pages.html(rows, found.everyone(choice), _undecided(found, choice), _entries(found, choice), found))
    elif output == "json":
        _written(pages.json_document(rows, _undecided(found, choice), _entries(found, choice), found))
    else:
        if not _plain(pages.text(rows, found.everyone(choice), choice, screen)):
            write(sys.stdout, pages.no_row(found, choice, screen))
        write(sys.stdout, pages.undecided_text(_undecided(found, choice), screen))
        write(sys.stdout, pages.entries_text(_entries(found, choice), found, screen))


def _explained(found: Reachability, choice: Choice, output: Format) -> None:
    from kcnet.render import reach as pages

    pairs = _pairs(found, choice)
    if output == "json":
        _written(
            pages.json_document(
                found.each(choice), _undecided(found, choice), _entries(found, choice), found, explained=True
            )
        )
        _written(pages.json_explained(pairs))
        return
    screen = screen_of(sys.stdout)
    if not _plain(pages.explained_text(pairs, screen)):
        write(sys.stdout, pages.no_row(found, choice, screen))
    write(sys.stdout, pages.undecided_text(_undecided(found, choice), screen))
    write(sys.stdout, pages.entries_text(_entries(found, choice), found, screen))


def _pairs(found: Reachability, choice: Choice) -> Iterator[Explanation]:
    """Every chosen pair of workloads, and of a workload and the ranges that some row tells apart."""
    from kcnet.analysis.reach.explain import explain
    from kcnet.analysis.reach.parties import party_of_row

    for source, target in found.pairs(choice):
        yield explain(found, party_of_row(source), party_of_row(target))


def _undecided(found: Reachability, choice: Choice) -> list[Row]:
    if found.decided:
        return []
    from kcnet.analysis.reach.diff import undecided

    return [row for row in undecided(found) if choice.has(row)]


def _entries(found: Reachability, choice: Choice) -> list[Entry]:
    """The ways in from outside; only those to what was chosen, and none where the source is a workload."""
    from kcnet.cli.suggestions import targets

    cluster = found.cluster
    if choice.sources is not None and not choice.sources("198.51.100.7-198.51.100.7"):
        return []
    offered = [(one.value, one.about) for one in targets(cluster, "internet")]
    if not offered:
        return []
    from kcnet.analysis.reach.entries import entries

    ways = entries(cluster, offered)
    return [entry for entry in ways if choice.enters(entry.reached(cluster))]


def _expected(found: Reachability, file: str, namespace: str, output: Format) -> int:
    from kcnet.analysis.reach.expect import ExpectationError, outcome, parse_expectations
    from kcnet.render import reach as pages

    outcomes: list[Outcome] = []
    wrong: list[ExpectationError] = []
    for expectation in parse_expectations(_read(file)):
        if isinstance(expectation, ExpectationError):
            wrong.append(expectation)
            continue
        try:
            outcomes.append(outcome(found, expectation, namespace))
        except ExpectationError as error:
            wrong.append(error)
    if wrong:
        for one in wrong:
            fail(f"{file}:{one.line}: {one.message}", one.fix)
        return WRONG_INPUT
    if output == "json":
        write_document(pages.outcomes_json(outcomes, file))
    else:
        _plain(pages.outcomes_text(outcomes, file, screen_of(sys.stdout)))
    return 0 if all(one.met for one in outcomes) else NOT_MET


def _read(file: str) -> str:
    from pathlib import Path

    try:
        return Path(file).read_text(encoding="utf-8-sig") if file != "-" else sys.stdin.read()
    except (OSError, UnicodeError) as error:
        what = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise fail(f"{file} cannot be read: {what}.") from None


def _plain(parts: Iterable[str]) -> bool:
    """Whether there was anything to write."""
    written = False
    for part in parts:
        write(sys.stdout, part)
        written = True
    return written


def _written(parts: Iterable[str]) -> None:
    """Write a document in pieces of some size: there may be very many small ones."""
    held: list[str] = []
    size = 0
    for part in parts:
        held.append(part)
        size += len(part)
        if size > 1 << 20:
            write_document("".join(held))
            held, size = [], 0
    write_document("".join(held))
