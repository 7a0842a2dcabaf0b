"""wget: BusyBox's where the image brings that one, else GNU's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kcnet.lab.machine import Effect, Machine, Outcome, Ran, World
from kcnet.lab.tools.answers import Answer, of_pod
from kcnet.lab.tools.fetch import RequestError, Sent, send
from kcnet.lab.tools.images import is_busybox
from kcnet.lab.tools.pages import flavour_of, of_controller
from kcnet.model.trace import Verdict

_VALUED = frozenset(
    (
        *("-O", "-T", "-P", "-o", "-U", "-Y", "-t", "-w", "-e", "--output-document", "--timeout", "--tries"),
        *("--header", "--user-agent", "--post-data", "--connect-timeout", "--dns-timeout", "--read-timeout"),
    )
)
_LETTERS = "qcSvndNrkpE"


class _Options(NamedTuple):
    urls: tuple[str, ...]
    output: str | None
    quiet: bool
    spider: bool
    timeout: float | None
    host: str | None
    show_headers: bool
    unknown: str = ""


def run(world: World, machine: Machine, argv: Sequence[str], stdin: str) -> Outcome:
    options = _parse(argv[1:])
    busybox = machine.pod is not None and is_busybox(machine.image)
    if options.unknown:
        said = "unrecognized option" if options.unknown.startswith("--") else "invalid option --"
        return Outcome(stderr=f"wget: {said} '{options.unknown.removeprefix('-')}'\n", status=1 if busybox else 2)
    if not options.urls:
        text = "BusyBox v1.37.0 multi-call binary.\n\nUsage: wget [-cqS] [--spider] [-O FILE] [-T SEC] URL...\n"
        return Outcome(stderr=text if busybox else "wget: missing URL\nUsage: wget [OPTION]... [URL]...\n", status=1)
    stdout, stderr, status = "", "", 0
    effects: list[Effect] = []
    for url in options.urls:
        full = url if "://" in url else f"http://{url}"
        try:
            sent = send(world, machine, full, host=options.host)
        except RequestError:
            said = f"wget: bad address '{url}'\n" if busybox else f"wget: unable to resolve host address ‘{url}’\n"
            return Outcome(stdout, stderr + said, 1 if busybox else 4, (*effects, Ran("wget", tuple(argv[1:]))))
        effects.append(sent.effect("wget"))
        show = _busybox if busybox else _gnu
        out, err, status = show(world, options, sent, url)
        stdout += out
        stderr += err
    return Outcome(stdout, stderr, status, tuple(effects))


def _parse(words: Sequence[str]) -> _Options:
    rest = list(words)
    urls: list[str] = []
    values: dict[str, str] = {}
    flags: set[str] = set()
    unknown = ""
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if word.startswith("--") and name in _VALUED:
            values[name] = value if equals else (rest.pop(0) if rest else "")
        elif word in (
            "--spider",
            "--quiet",
            "--server-response",
            "--no-check-certificate",
            "--no-verbose",
            "--verbose",
        ):
            flags.add(word)
        elif word.startswith("--"):
            unknown = unknown or word
        elif word.startswith("-") and len(word) > 1:
            for index, letter in enumerate(word[1:], 1):
                if f"-{letter}" in _VALUED:
                    values[f"-{letter}"] = word[index + 1 :] or (rest.pop(0) if rest else "")
                    break
                if letter not in _LETTERS:
                    unknown = unknown or f"-{letter}"
                flags.add(letter)
        else:
            urls.append(word)
    limit = values.get("-T") or values.get("--timeout") or values.get("--connect-timeout") or ""
    header = values.get("--header", "")
    host = header.partition(":")[2].strip() if header.lower().startswith("host:") else None
    return _Options(
        urls=tuple(urls),
        output=values.get("-O", values.get("--output-document")),
        quiet="q" in flags or "--quiet" in flags,
        spider="--spider" in flags,
        timeout=float(limit) if limit.replace(".", "", 1).isdigit() else None,
        host=host,
        show_headers="S" in flags or "--server-response" in flags,
        unknown=unknown,
    )


def _answer(world: World, sent: Sent, host: str | None) -> Answer | None:
    """The HTTP response; None if none came."""
    if sent.verdict is Verdict.HTTP_ERROR:
        return of_controller(sent.path.http_status or 503, flavour=flavour_of(world.cluster, sent.path))
    if sent.verdict is not Verdict.DELIVERED:
        return None
    answer = of_pod(world, sent.path, sent.url_path, host or sent.host)
    if answer.speaks_http:
        world.served(sent.path, f"GET {sent.url_path} HTTP/1.1", answer.status)
    return answer


def _name(url: str) -> str:
    last = url.partition("://")[2].partition("?")[0].rstrip("/").rpartition("/")
    return last[2] if last[1] else "index.html"


def _busybox(world: World, options: _Options, sent: Sent, url: str) -> tuple[str, str, int]:
    if sent.verdict is Verdict.UNRESOLVED:
        return "", f"wget: bad address '{_place(sent)}'\n", 1
    connecting = "" if options.quiet else f"Connecting to {_place(sent)} ({sent.address}:{sent.port})\n"
    answer = _answer(world, sent, options.host)
    if answer is None:
        return "", connecting + _busybox_failure(options, sent), 0 if sent.verdict is Verdict.EXTERNAL else 1
    if not answer.speaks_http:
        return "", f"{connecting}wget: error getting response\n", 1
    if answer.status >= 400:
        return "", f"{connecting}wget: server returned error: HTTP/1.1 {answer.status} {answer.reason}\n", 1
    note = f"(lab) {answer.note}\n" if answer.note else ""
    if options.spider:
        return "", connecting + note + ("" if options.quiet else "remote file exists\n"), 0
    size = answer.length
    to_stdout = options.output == "-"
    target = "-" if to_stdout else options.output or _name(url)
    if options.quiet:
        return (answer.body if to_stdout else ""), note, 0
    begin = "writing to stdout\n" if to_stdout else f"saving to '{target}'\n"
    bar = f"{target:<20} 100% |{'*' * 32}| {size:5d}  0:00:00 ETA\n"
    end = "written to stdout\n" if to_stdout else f"'{target}' saved\n"
    return (answer.body if to_stdout else ""), f"{connecting}{begin}{bar}{end}{note}", 0


def _place(sent: Sent) -> str:
    return sent.host if sent.port == 80 else f"{sent.host}:{sent.port}"


def _busybox_failure(options: _Options, sent: Sent) -> str:
    if sent.verdict is Verdict.REFUSED:
        return f"wget: can't connect to remote host ({sent.address}): Connection refused\n"
    if sent.verdict is Verdict.TIMEOUT:
        if options.timeout is not None:
            return "wget: download timed out\n"
        return (
            f"wget: can't connect to remote host ({sent.address}): Connection timed out\n"
            "(lab) That took two minutes of lab time. wget -T 3 gives up after three seconds.\n"
        )
    if sent.verdict is Verdict.TLS_ERROR:
        return (
            "wget: TLS error from peer (alert code 40): handshake failure\n"
            "wget: error getting response: Connection reset by peer\n"
        )
    return f"(lab) The request leaves the cluster for {sent.host}; what is beyond, kcnet does not know.\n"


_GNU_FAILURES = {
    Verdict.REFUSED: "failed: Connection refused.\n",
    Verdict.TIMEOUT: "failed: Connection timed out.\n",
    Verdict.TLS_ERROR: "connected.\nUnable to establish SSL connection.\n",
}


def _gnu(world: World, options: _Options, sent: Sent, url: str) -> tuple[str, str, int]:
    now = f"{world.now:%Y-%m-%d %H:%M:%S}"
    full = url if "://" in url else f"http://{url}/" if "/" not in url else f"http://{url}"
    log = f"--{now}--  {full}\n"
    named = sent.host != str(sent.address)
    if sent.verdict is Verdict.UNRESOLVED:
        log += f"Resolving {sent.host} ({sent.host})... failed: Name or service not known.\n"
        return "", f"{'' if options.quiet else log}wget: unable to resolve host address ‘{sent.host}’\n", 4
    if named:
        log += f"Resolving {sent.host} ({sent.host})... {sent.address}\n"
    place = f"{sent.host} ({sent.host})|{sent.address}|:{sent.port}" if named else f"{sent.address}:{sent.port}"
    log += f"Connecting to {place}... "
    answer = _answer(world, sent, options.host)
    if answer is None:
        log += _GNU_FAILURES.get(sent.verdict, "\n")
        if sent.verdict is Verdict.TIMEOUT:
            log += "Giving up.\n\n" if options.timeout else "Retrying.\n\n"
        if sent.verdict in (Verdict.EXTERNAL, Verdict.UNKNOWN):
            return (
                "",
                f"(lab) The request leaves the cluster for {sent.host}; what is beyond, kcnet does not know.\n",
                0,
            )
        return "", "" if options.quiet else log, 4 if sent.verdict is not Verdict.TLS_ERROR else 5
    log += "connected.\nHTTP request sent, awaiting response... "
    if not answer.speaks_http:
        return "", "" if options.quiet else f"{log}No data received.\nRetrying.\n\n", 4
    log += f"{answer.status} {answer.reason}\n"
    note = f"(lab) {answer.note}\n" if answer.note else ""
    if answer.status >= 400:
        return "", "" if options.quiet else f"{log}{now} ERROR {answer.status}: {answer.reason}.\n\n", 8
    size = answer.length
    to_stdout = options.output == "-"
    target = "STDOUT" if to_stdout else options.output or _name(full)
    log += f"Length: {size} [{answer.kind}]\n"
    if options.spider:
        return "", ("" if options.quiet else f"{log}Remote file exists.\n\n") + note, 0
    end = f"written to stdout [{size}/{size}]" if to_stdout else f"‘{target}’ saved [{size}/{size}]"
    log += f"Saving to: ‘{target}’\n\n     0K{' ' * 55}100% 31.4M=0s\n\n{now} (31.4 MB/s) - {end}\n\n"
    return (answer.body if to_stdout else ""), ("" if options.quiet else log) + note, 0
