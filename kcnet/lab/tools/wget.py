"""wget: BusyBox's where the image brings that one, else GNU's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kcnet.apiserver.images import is_busybox
from kcnet.lab.machine import Effect, Machine, Outcome, Ran, World
from kcnet.lab.tools.answers import Answer, http_date, of_pod, of_the_node_itself
from kcnet.lab.tools.fetch import RequestError, Sent, send
from kcnet.lab.tools.pages import flavour_of, of_controller
from kcnet.model.trace import Verdict, socket_address

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
    tries: int
    host: str | None
    show_headers: bool
    unknown: str = ""


class _Log(NamedTuple):
    """What one request printed."""

    stdout: str = ""
    stderr: str = ""
    status: int = 0
    after: str = ""
    """Of standard error what follows the body."""


def run(world: World, machine: Machine, argv: Sequence[str], stdin: str) -> Outcome:
    options = _parse(argv[1:])
    busybox = machine.pod is not None and is_busybox(machine.image, "wget")
    if options.unknown:
        said = "unrecognized option" if options.unknown.startswith("--") else "invalid option --"
        return Outcome(
            stderr=f"wget: {said} '{options.unknown if options.unknown.startswith('--') else options.unknown[1:]}'\n",
            status=1 if busybox else 2,
        )
    if not options.urls:
        text = "BusyBox v1.37.0 multi-call binary.\n\nUsage: wget [-cqS] [--spider] [-O FILE] [-T SEC] URL...\n"
        return Outcome(stderr=text if busybox else "wget: missing URL\nUsage: wget [OPTION]... [URL]...\n", status=1)
    status = 0
    chunks: list[tuple[int, str]] = []
    effects: list[Effect] = []
    for url in options.urls:
        full = url if "://" in url else f"http://{url}"
        own = of_the_node_itself(world, machine, full)
        if own is not None:
            effects.append(Ran("wget", tuple(argv[1:])))
            chunks.append((1, own.body if options.output == "-" else ""))
            continue
        try:
            log = (_busybox if busybox else _gnu)(world, machine, options, full, effects)
        except RequestError:
            host = _typed(full)
            said = f"wget: bad address '{host}'\n" if busybox else f"wget: unable to resolve host address ‘{host}’\n"
            log = _Log("", said, 1 if busybox else 4)
            effects.append(Ran("wget", tuple(argv[1:])))
        chunks += [(2, log.stderr), (1, log.stdout), (2, log.after)]
        status = log.status
    stdout, stderr = ("".join(text for stream, text in chunks if stream == wanted) for wanted in (1, 2))
    return Outcome(stdout, stderr, status, tuple(effects), tuple(chunks))


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
    tries = values.get("-t") or values.get("--tries") or ""
    header = values.get("--header", "")
    host = header.partition(":")[2].strip() if header.lower().startswith("host:") else None
    return _Options(
        urls=tuple(urls),
        output=values.get("-O", values.get("--output-document")),
        quiet="q" in flags or "--quiet" in flags,
        spider="--spider" in flags,
        timeout=float(limit) if limit.replace(".", "", 1).isdigit() else None,
        tries=int(tries) if tries.isdecimal() and tries.isascii() and len(tries) < 4 else 20,
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
        world.served(sent.path, f"GET {sent.url_path} HTTP/1.1", answer.status, answer.body)
    return answer


def _typed(url: str) -> str:
    """Host and port as they were typed."""
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2]


def _name(url: str) -> str:
    last = url.partition("://")[2].partition("?")[0].rstrip("/").rpartition("/")
    return last[2] if last[1] else "index.html"


def _kept(target: str) -> str:
    if target in ("-", "STDOUT", "/dev/null"):
        return ""
    return "(lab) The file is not kept: tools save nothing here. wget -O- URL shows it.\n"


def _head(world: World, answer: Answer) -> str:
    """The response's headers, as ``-S`` shows them."""
    lines = [
        f"HTTP/1.1 {answer.status} {answer.reason}".rstrip(),
        *([f"Server: {answer.server}"] if answer.server else []),
    ]
    lines += [f"Date: {http_date(world.now)}", f"Content-Type: {answer.kind}", f"Content-Length: {answer.length}"]
    lines += ["Connection: close", *([f"Location: {answer.location}"] if answer.location else [])]
    return "".join(f"  {line}\n" for line in lines)


def _secure(sent: Sent, host: str | None) -> str:
    """Where a redirect to https leads."""
    return f"https://{host or sent.host}{sent.url_path}"


def _busybox(world: World, machine: Machine, options: _Options, url: str, effects: list[Effect]) -> _Log:
    sent = send(world, machine, url, host=options.host)
    effects.append(sent.effect("wget"))
    if sent.verdict is Verdict.UNRESOLVED and not sent.redirected:
        return _Log("", f"wget: bad address '{_typed(url)}'\n", 1)
    connecting = "" if options.quiet else f"Connecting to {_typed(url)} ({socket_address(sent.address, sent.port)})\n"
    if sent.redirected:
        # It follows 300 to 303 alone.
        way = of_controller(308, _secure(sent, options.host))
        connecting += _head(world, way) if options.show_headers else ""
        return _Log("", f"{connecting}wget: server returned error: HTTP/1.1 {way.status} {way.reason}\n", 1)
    answer = _answer(world, sent, options.host)
    if answer is None:
        unknown = sent.verdict in (Verdict.EXTERNAL, Verdict.UNKNOWN)
        return _Log("", connecting + _busybox_failure(options, sent), 0 if unknown else 1)
    if sent.scheme == "https":
        connecting += "" if options.quiet else "wget: note: TLS certificate validation not implemented\n"
    connecting += _head(world, answer) if options.show_headers and answer.speaks_http else ""
    if not answer.speaks_http:
        return _Log("", f"{connecting}wget: error getting response\n", 1)
    if answer.status >= 400:
        return _Log("", f"{connecting}wget: server returned error: HTTP/1.1 {answer.status} {answer.reason}\n", 1)
    note = f"(lab) {answer.note}\n" if answer.note else ""
    if options.spider:
        return _Log("", connecting + note + ("" if options.quiet else "remote file exists\n"))
    to_stdout = options.output == "-"
    target = "-" if to_stdout else options.output or _name(url)
    shown = answer.body if to_stdout else ""
    note += _kept(target)
    if options.quiet:
        return _Log(shown, connecting, 0, note)
    begin = "writing to stdout\n" if to_stdout else f"saving to '{target}'\n"
    bar = f"{target:<20} 100% |{'*' * 32}| {answer.length:5d}  0:00:00 ETA\n"
    end = "written to stdout\n" if to_stdout else f"'{target}' saved\n"
    return _Log(shown, f"{connecting}{begin}", 0, f"{bar}{end}{note}")


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
    return f"(lab) {sent.beyond}\n"


_GNU_FAILURES = {
    Verdict.REFUSED: "failed: Connection refused.\n",
    Verdict.TIMEOUT: "failed: Connection timed out.\n",
    Verdict.TLS_ERROR: "connected.\nUnable to establish SSL connection.\n",
}


def _gnu(world: World, machine: Machine, options: _Options, url: str, effects: list[Effect]) -> _Log:
    sent = send(world, machine, url, host=options.host)
    effects.append(sent.effect("wget"))
    now = f"{world.now:%Y-%m-%d %H:%M:%S}"
    full = url if "/" in url.partition("://")[2] else f"{url}/"
    log = f"--{now}--  {full}\n"
    named = sent.host != str(sent.address)
    if sent.verdict is Verdict.UNRESOLVED and not sent.redirected:
        log += f"Resolving {sent.host} ({sent.host})... failed: Name or service not known.\n"
        said = f"wget: unable to resolve host address ‘{sent.host}’\n"
        return _Log("", "" if options.quiet else log + said, 4)
    if named:
        log += f"Resolving {sent.host} ({sent.host})... {sent.address}\n"
    place = f"{sent.host} ({sent.host})|{sent.address}|:{sent.port}" if named else f"{sent.address}:{sent.port}"
    log += f"Connecting to {place}... "
    answer = of_controller(308, _secure(sent, options.host)) if sent.redirected else _answer(world, sent, options.host)
    if answer is None:
        return _gnu_failure(options, sent, log)
    log += "connected.\nHTTP request sent, awaiting response... "
    if not answer.speaks_http:
        return _Log("", "" if options.quiet else f"{log}No data received.\n{_again(options)}", 4)
    log += f"\n{_head(world, answer)}" if options.show_headers else f"{answer.status} {answer.reason}\n"
    if answer.location:
        log += f"Location: {answer.location} [following]\n"
        onward = _gnu(world, machine, options, answer.location, effects)
        return onward._replace(stderr=onward.stderr if options.quiet else log + onward.stderr)
    if answer.status >= 400:
        return _Log("", "" if options.quiet else f"{log}{now} ERROR {answer.status}: {answer.reason}.\n\n", 8)
    return _gnu_saved(options, answer, full, now, log)


def _gnu_failure(options: _Options, sent: Sent, log: str) -> _Log:
    if sent.verdict in (Verdict.EXTERNAL, Verdict.UNKNOWN):
        return _Log("", f"(lab) {sent.beyond}\n")
    log += _GNU_FAILURES.get(sent.verdict, "\n")
    if sent.verdict is Verdict.TIMEOUT:
        log += _again(options)
    return _Log("", "" if options.quiet else log, 5 if sent.verdict is Verdict.TLS_ERROR else 4)


def _again(options: _Options) -> str:
    """It tries twenty times unless it is told otherwise, and that looks the same twenty times."""
    if options.tries == 1:
        return "Giving up.\n\n"
    times = options.tries or "for ever, not 20"
    return f"Retrying.\n\n(lab) And so on: it tries {times} times. wget -t 1 -T 3 tries once, for three seconds.\n"


def _gnu_saved(options: _Options, answer: Answer, url: str, now: str, log: str) -> _Log:
    size = answer.length
    note = f"(lab) {answer.note}\n" if answer.note else ""
    to_stdout = options.output == "-"
    target = "STDOUT" if to_stdout else options.output or _name(url)
    note += _kept(target)
    log += f"Length: {size} [{answer.kind.partition(';')[0]}]\n"
    if options.spider:
        return _Log("", ("" if options.quiet else f"{log}Remote file exists.\n\n") + note)
    end = f"written to stdout [{size}/{size}]" if to_stdout else f"‘{target}’ saved [{size}/{size}]"
    if options.quiet:
        return _Log(answer.body if to_stdout else "", "", 0, note)
    log += f"Saving to: ‘{target}’\n\n"
    after = f"     0K{' ' * 55}100% 31.4M=0s\n\n{now} (31.4 MB/s) - {end}\n\n"
    return _Log(answer.body if to_stdout else "", log, 0, after + note)
