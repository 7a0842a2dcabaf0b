"""``kcnet trace``: the way of one request."""

from __future__ import annotations

import sys
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kcnet.cli import complete
from kcnet.cli.cluster import DEMO_NOTE, WRONG_INPUT, fail, note, read_cluster
from kcnet.cli.options import Files
from kcnet.cli.terminal import interactive, screen_of, write, write_document

if TYPE_CHECKING:
    from kcnet.model.cluster import Cluster
    from kcnet.model.trace import Trace

BAD_ANSWER = 1

Format = Literal["text", "json", "mermaid", "svg"]
Proxy = Literal["iptables", "ipvs", "nftables"]
Transport = Literal["tcp", "udp", "sctp"]
Expected = Literal[
    "delivered",
    "refused",
    "timeout",
    "unresolved",
    "http-error",
    "tls-error",
    "external",
    "unknown",
    "partial",
    "mixed",
]
"""The values of ``kcnet.model.trace.Verdict``, which is imported only when a trace is made."""


def trace(
    context: typer.Context,
    files: Files = [],  # noqa: B006  (Typer copies it)
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="SOURCE",
            help="Who sends: NAME, NAMESPACE/NAME, KIND/NAME, NAMESPACE/KIND/NAME, internet, or an IP address.",
            autocompletion=complete.sources,
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="TARGET",
            help="What it is sent to: a URL, HOST[:PORT], svc/NAME[:PORT], pod/NAME[:PORT], node/NAME:PORT, IP[:PORT].",
            autocompletion=complete.targets,
        ),
    ] = None,
    namespace: Annotated[
        str,
        typer.Option(
            "-n",
            "--namespace",
            metavar="NAMESPACE",
            help="Namespace of names that say none.",
            autocompletion=complete.namespaces,
        ),
    ] = "default",
    protocol: Annotated[
        Transport | None,
        typer.Option("--protocol", case_sensitive=False, help="Default: tcp, or that of the port named."),
    ] = None,
    proxy_mode: Annotated[
        Proxy | None,
        typer.Option("--proxy-mode", case_sensitive=False, help="How kube-proxy works, whatever the manifests say."),
    ] = None,
    cni: Annotated[
        str | None,
        typer.Option(
            "--cni",
            metavar="NAME",
            help="The network plugin, such as calico: it decides whether NetworkPolicy is enforced.",
            autocompletion=complete.cnis,
        ),
    ] = None,
    host: Annotated[
        str | None,
        typer.Option("--host", metavar="HOST", help="The HTTP Host header, and the TLS server name."),
    ] = None,
    step: Annotated[bool, typer.Option("--step", help="Show one step at a time; a key goes on to the next.")] = False,
    output: Annotated[Format, typer.Option("-o", "--output", help="What to print.")] = "text",
    expect: Annotated[
        Expected | None,
        typer.Option("--expect", help="Exit with 0 if and only if this is the verdict."),
    ] = None,
    all_blockers: Annotated[
        bool, typer.Option("--all-blockers", help="Go on behind each obstacle, and list them all.")
    ] = False,
    ignore: Annotated[
        Literal["policies"] | None,
        typer.Option("--ignore", help="Would it arrive without any NetworkPolicy?"),
    ] = None,
) -> None:
    """Show the way of one request through the cluster that your manifests make, step by step, and why it ends so.

    Exit status: 0 delivered or external, 1 any other verdict, 2 wrong input.
    """
    if context.args:
        raise _too_many(context.args, files)
    cluster = read_cluster(files, proxy_mode=proxy_mode, cni=cni, as_json=output == "json")
    if not files:
        note(DEMO_NOTE)
    source, target = _asked(cluster, source, target, files, namespace)
    answer = _answer(
        cluster, source, target, namespace, protocol, host, all_blockers=all_blockers, ignore_policies=bool(ignore)
    )
    _show(answer, output, step=step)
    raise typer.Exit(_status(answer, expect))


def _asked(
    cluster: Cluster, source: str | None, target: str | None, files: list[str], namespace: str
) -> tuple[str, str]:
    """Source and target; what is missing is asked for on a terminal."""
    if source is not None and target is not None:
        return source, target
    from kcnet.cli.suggestions import example, has_own

    if not has_own(cluster):
        raise fail(
            "These manifests hold no pods and no Services: nothing could send a request, and nothing could take it.",
            fix="Name the files that hold them too: -f repeats.",
        )
    if not interactive():
        missing = " and ".join(name for name, value in (("--from", source), ("--to", target)) if value is None)
        raise fail(
            f"Say who sends the request and where to: add {missing}.",
            fix=f"For example {_typed(files)} {example(cluster, source, target, namespace)}",
        )
    from kcnet.cli.questions import ask_source, ask_target
    from kcnet.request import RequestError, parse_client, parse_target

    try:
        # What was typed already is looked at before anything is asked.
        if source is not None:
            parse_client(cluster, source, namespace)
        if target is not None:
            parse_target(cluster, target, namespace)
    except RequestError as error:
        raise fail(error.message, error.fix) from None
    source = source if source is not None else ask_source(cluster, namespace)
    target = target if target is not None else ask_target(cluster, source, namespace)
    # What the answers come to on a command line, for the next time.
    own = "" if namespace == "default" else f" -n {quote(namespace)}"
    note(f"$ {_typed(files)}{own} --from {quote(source)} --to {quote(target)}")
    return source, target


def _too_many(words: list[str], files: list[str]) -> typer.Exit:
    many = f"{' '.join(words)}: {'this word belongs' if len(words) == 1 else 'these words belong'} to no option."
    if not files:
        return fail(many, fix=f"Write -f before each file or folder: {_typed(words)}")
    return fail(many, fix=f"-f takes one path. Repeat it, or put the glob in quotes: {_typed([*files, *words])}")


def _typed(files: list[str]) -> str:
    return " ".join(["kcnet trace", *(f"-f {quote(file)}" for file in files)])


def _answer(
    cluster: Cluster,
    source: str,
    target: str,
    namespace: str,
    protocol: str | None,
    host: str | None,
    *,
    all_blockers: bool,
    ignore_policies: bool,
) -> Trace:
    from kcnet import simulate
    from kcnet.model.names import Protocol
    from kcnet.model.trace import Request
    from kcnet.request import RequestError, parse_client, parse_target

    try:
        return simulate.trace(
            cluster,
            Request(
                client=parse_client(cluster, source, namespace),
                target=parse_target(cluster, target, namespace),
                protocol=Protocol(protocol.upper()) if protocol else None,
                host=host,
                all_blockers=all_blockers,
                ignore_policies=ignore_policies,
            ),
        )
    except RequestError as error:
        raise fail(error.message, error.fix) from None


def _show(answer: Trace, output: Format, *, step: bool) -> None:
    if output == "json":
        from kcnet.render.printable import json_text

        write_document(json_text(answer.to_dict()))
    elif output == "mermaid":
        from kcnet.render import mermaid

        write_document(mermaid.render(answer))
    elif output == "svg":
        from kcnet.render import svg

        write_document(svg.render(answer))
    elif step:
        _step(answer)
    else:
        from kcnet.render import text

        write(sys.stdout, text.render(answer, screen_of(sys.stdout)))


def _step(answer: Trace) -> None:
    from kcnet.render import steps, text

    screen = screen_of(sys.stdout)
    if interactive():
        from kcnet.cli.stepper import step_through

        if not step_through(answer, screen):
            write(sys.stdout, text.render_answer(answer, screen))
            return
    write(sys.stdout, steps.plain(answer, screen))


def _status(answer: Trace, expect: str | None) -> int:
    if expect is None:
        return 0 if answer.verdict in ("delivered", "external") else BAD_ANSWER
    if answer.verdict == expect:
        return 0
    note(f"expected {expect}, but the verdict is {answer.verdict.value}")
    return BAD_ANSWER


__all__ = ["BAD_ANSWER", "WRONG_INPUT", "trace"]
