"""curl 8: one request after the other, with its messages and exit statuses.

https://curl.se/docs/manpage.html, https://curl.se/libcurl/c/libcurl-errors.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kcnet.lab.machine import Effect, Machine, Outcome, Ran, World
from kcnet.lab.tools.answers import Answer, http_date, of_pod, of_the_node_itself
from kcnet.lab.tools.curlwords import Options, UsageError, parse
from kcnet.lab.tools.fetch import RequestError, Sent, send
from kcnet.lab.tools.pages import flavour_of, of_controller
from kcnet.model.names import IPAddress
from kcnet.model.trace import Stage, Verdict, socket_address
from kcnet.path.flow import EPHEMERAL_PORT
from kcnet.reasons.dns import DNS_BLOCKED_BY_POLICY, DNS_UNREACHABLE
from kcnet.reasons.ingress import TLS_CERTIFICATE_MISSING

AGENT = "curl/8.11.1"
_DNS_WAIT = 10.0
"""Seconds after which a resolver gives up on servers that do not answer."""
_DISTRUST = (
    "\nMore details here: https://curl.se/docs/sslcerts.html\n\n"
    "curl failed to verify the legitimacy of the server and therefore could not\n"
    "establish a secure connection to it. To learn more about this situation and\n"
    "how to fix it, please visit the webpage mentioned above."
)
_TCP_WAIT = 134.0
"""Seconds after which Linux gives up on a connection that nobody answers."""


class Result(NamedTuple):
    stdout: str
    stderr: str
    status: int
    code: int = 0
    """The HTTP status; 0 for none."""
    sent: Sent | None = None
    after: str = ""
    """Of standard error what follows the body."""


def run(world: World, machine: Machine, argv: Sequence[str], stdin: str) -> Outcome:
    try:
        options = parse(argv[1:])
    except UsageError as error:
        return Outcome(stderr=f"curl: {error}\n", status=error.status)
    if options.on("help"):
        return Outcome("Usage: curl [options...] <url>\n")
    if options.on("version"):
        return Outcome("curl 8.11.1 (x86_64-pc-linux-gnu) libcurl/8.11.1 OpenSSL/3.3.2 zlib/1.3.1\n")
    if not options.urls:
        return Outcome(stderr="curl: (2) no URL specified\n", status=2)
    status = 0
    chunks: list[tuple[int, str]] = []
    effects: list[Effect] = []
    for url in options.urls:
        result = _fetch(world, machine, options, url)
        if result.sent is not None:
            effects.append(result.sent.effect("curl"))
        saved = options.text("output") is not None or options.on("remote-name")
        shown = ("" if saved else result.stdout) + _written(options, result)
        chunks += [(2, result.stderr), (1, shown), (2, result.after)]
        status = result.status
    if not effects or any("proxyMode" in word or "healthz" in word for word in argv):
        effects.append(Ran("curl", tuple(argv[1:])))
    stdout, stderr = ("".join(text for stream, text in chunks if stream == wanted) for wanted in (1, 2))
    return Outcome(stdout, stderr, status, tuple(effects), tuple(chunks))


def _fetch(world: World, machine: Machine, options: Options, url: str) -> Result:
    scheme = url.partition("://")[0].lower() if "://" in url else "http"
    if scheme not in ("http", "https", "telnet"):
        return Result("", _said(options, f'curl: (1) Protocol "{scheme}" not supported'), 1)
    full = url if "://" in url else f"http://{url}"
    answer = of_the_node_itself(world, machine, full)
    if answer is not None:
        return _shown(world, options, answer, None)
    try:
        sent = send(
            world, machine, full.replace("telnet://", ""), host=options.host_header, known=_resolved(options, full)
        )
    except RequestError as error:
        if (
            error.message.endswith("cannot be read")
            or "not a URL" in error.message
            or "not a host name" in error.message
        ):
            return Result("", _said(options, f"curl: (3) URL rejected: {error.message}"), 3)
        return Result("", _said(options, f"curl: (6) Could not resolve host: {_host_of(full)}"), 6)
    return _outcome(world, machine, options, sent)


def _resolved(options: Options, url: str) -> IPAddress | None:
    """``--resolve host:port:address``."""
    from ipaddress import ip_address

    host = _host_of(url).lower()
    for entry in options.values.get("resolve", ()):
        name, _, rest = entry.partition(":")
        address = rest.partition(":")[2].strip("[]")
        try:
            if name.lower() in (host, "*"):
                return ip_address(address)
        except ValueError:
            continue
    return None


def _host_of(url: str) -> str:
    rest = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return rest.rpartition(":")[0] if rest.rpartition(":")[2].isdecimal() and ":" in rest else rest


def _outcome(world: World, machine: Machine, options: Options, sent: Sent) -> Result:
    talk = _trying(options, sent)
    limit = min((v for v in (options.seconds("max-time"), options.seconds("connect-timeout")) if v), default=None)
    if sent.redirected and not options.on("location"):
        return _shown(world, options, _redirect(world, options, sent), sent, talk)
    match sent.verdict:
        case Verdict.UNRESOLVED:
            waits = sent.path.reason in (DNS_BLOCKED_BY_POLICY, DNS_UNREACHABLE)
            if waits and limit is not None and limit < _DNS_WAIT:
                return _failed(options, sent, 28, f"Resolving timed out after {limit * 1000 + 2:.0f} milliseconds")
            return _failed(options, sent, 6, f"Could not resolve host: {sent.host}", talk)
        case Verdict.REFUSED:
            place = f"{sent.address} port {sent.port} from {machine.client.address} port {EPHEMERAL_PORT}"
            talk += f"* connect to {place} failed: Connection refused\n" if options.on("verbose") else ""
            text = f"Failed to connect to {sent.host} port {sent.port} after 0 ms: Could not connect to server"
            return _failed(options, sent, 7, text, talk)
        case Verdict.TIMEOUT:
            return _timed_out(options, sent, limit, talk)
        case Verdict.TLS_ERROR:
            if sent.path.reason is TLS_CERTIFICATE_MISSING and options.on("insecure"):
                return _unverified(world, machine, options, sent, talk)
            if "(60)" in sent.trace.client_sees:
                return _failed(options, sent, 60, f"SSL certificate problem: self-signed certificate{_DISTRUST}", talk)
            return _failed(options, sent, 35, "TLS connect error: error:00000000:lib(0)::reason(0)", talk)
        case Verdict.HTTP_ERROR:
            return _shown(
                world,
                options,
                of_controller(sent.path.http_status or 503, flavour=flavour_of(world.cluster, sent.path)),
                sent,
                talk,
            )
        case Verdict.EXTERNAL | Verdict.UNKNOWN:
            return Result("", f"{talk}(lab) {sent.beyond}\n", 0, 0, sent)
    return _delivered(world, options, sent, talk)


def _redirect(world: World, options: Options, sent: Sent) -> Answer:
    host = options.host_header or sent.host
    return of_controller(308, f"https://{host}{sent.url_path}", flavour_of(world.cluster, sent.path))


def _unverified(world: World, machine: Machine, options: Options, sent: Sent, talk: str) -> Result:
    """With -k: the certificate is the controller's own, and behind it the rules are those of plain HTTP."""
    known = _resolved(options, f"https://{sent.host}:{sent.port}")
    plain = send(world, machine, f"http://{sent.host}{sent.url_path}", host=options.host_header, known=known)
    if sent.port != 443 or plain.redirected:
        note = f"The certificate is not the one of {sent.host}. What comes behind it kcnet does not follow."
        return Result("", f"{talk}(lab) {note}\n", 0, 0, sent)
    return _outcome(world, machine, options, plain._replace(scheme="https", port=sent.port))


def _delivered(world: World, options: Options, sent: Sent, talk: str) -> Result:
    through = any(step.stage is Stage.INGRESS for step in sent.path.steps)
    host = options.host_header or sent.host
    answer = of_pod(world, sent.path, sent.url_path, host, options.method)
    if answer.greeting == "apiserver":
        return _api_server(world, options, sent, talk)
    if not answer.speaks_http:
        if answer.greeting == "mysql":
            return _failed(options, sent, 1, "Received HTTP/0.9 when not allowed", talk)
        return _failed(options, sent, 52, "Empty reply from server", talk)
    if sent.scheme == "https" and not through and sent.port not in (443, 8443):
        return _failed(options, sent, 35, "TLS connect error: error:0A00010B:SSL routines::wrong version number", talk)
    world.served(sent.path, f"{options.method} {sent.url_path} HTTP/1.1", answer.status, answer.body)
    return _shown(world, options, answer, sent, talk)


def _api_server(world: World, options: Options, sent: Sent, talk: str) -> Result:
    if sent.scheme != "https":
        return _shown(
            world,
            options,
            Answer(400, "Client sent an HTTP request to an HTTPS server.\n", kind="text/plain"),
            sent,
            talk,
        )
    if not options.on("insecure") and options.text("cacert") is None:
        return _failed(options, sent, 60, "SSL certificate problem: unable to get local issuer certificate"
                       f"{_DISTRUST}", talk)  # fmt: skip
    path = sent.url_path
    body = (
        '{\n  "kind": "Status",\n  "apiVersion": "v1",\n  "metadata": {},\n  "status": "Failure",\n'
        f'  "message": "forbidden: User \\"system:anonymous\\" cannot get path \\"{path}\\"",\n'
        '  "reason": "Forbidden",\n  "details": {},\n  "code": 403\n}'
    )
    return _shown(world, options, Answer(403, body, kind="application/json"), sent, talk)


def _timed_out(options: Options, sent: Sent, limit: float | None, talk: str) -> Result:
    if limit is None:
        place = f"{sent.host} port {sent.port}"
        wait = f"Failed to connect to {place} after {_TCP_WAIT * 1000 + 823:.0f} ms: Could not connect to server"
        result = _failed(options, sent, 28, wait, talk)
        return result._replace(
            stderr=result.stderr + "(lab) That took two minutes of lab time. curl -m 3 gives up after three seconds.\n"
        )
    if options.seconds("max-time") == limit:
        return _failed(options, sent, 28, f"Connection timed out after {limit * 1000 + 2:.0f} milliseconds", talk)
    text = f"Failed to connect to {sent.host} port {sent.port} after {limit * 1000 + 1:.0f} ms: Timeout was reached"
    return _failed(options, sent, 28, text, talk)


def _failed(options: Options, sent: Sent, status: int, text: str, talk: str = "") -> Result:
    if options.on("verbose"):
        told = text.partition("\n")[0]
        talk += ("" if talk.endswith(f"* {told}\n") else f"* {told}\n") + "* closing connection #0\n"
    return Result("", f"{talk}{_said(options, f'curl: ({status}) {text}')}", status, 0, sent)


def _said(options: Options, text: str) -> str:
    return "" if options.quiet else f"{text}\n"


def _trying(options: Options, sent: Sent) -> str:
    """What -v tells until the connection stands."""
    if not options.on("verbose"):
        return ""
    if sent.address is None:
        return f"* Could not resolve host: {sent.host}\n"
    lines = []
    if sent.host != str(sent.address):
        kinds = ("(none)", str(sent.address)) if sent.address.version == 4 else (str(sent.address), "(none)")
        lines += [f"* Host {sent.host}:{sent.port} was resolved.", f"* IPv6: {kinds[0]}", f"* IPv4: {kinds[1]}"]
    lines.append(f"*   Trying {socket_address(sent.address, sent.port)}...")
    if sent.verdict in (Verdict.DELIVERED, Verdict.HTTP_ERROR, Verdict.TLS_ERROR):
        lines.append(f"* Connected to {sent.host} ({sent.address}) port {sent.port}")
    return "".join(f"{line}\n" for line in lines)


def _shown(world: World, options: Options, answer: Answer, sent: Sent | None, talk: str = "") -> Result:
    headers = [f"HTTP/1.1 {answer.status} {answer.reason}".rstrip()]
    if answer.server:
        headers.append(f"Server: {answer.server}")
    headers += [f"Date: {http_date(world.now)}", f"Content-Type: {answer.kind}"]
    headers += [f"Content-Length: {answer.length}", "Connection: keep-alive"]
    if answer.location:
        headers.append(f"Location: {answer.location}")
    left = ""
    if options.on("verbose") and sent is not None:
        default = 443 if sent.scheme == "https" else 80
        host = options.host_header or (sent.host if sent.port == default else f"{sent.host}:{sent.port}")
        agent = options.text("user-agent") or AGENT
        asked = [
            f"{options.method} {sent.url_path} HTTP/1.1",
            f"Host: {host}",
            f"User-Agent: {agent}",
            "Accept: */*",
            "",
        ]
        talk += "".join(f"> {line}\n" for line in asked) + "* Request completely sent off\n"
        talk += "".join(f"< {line}\n" for line in (*headers, ""))
        left = f"* Connection #0 to host {sent.host} left intact\n"
    note = f"(lab) {answer.note}\n" if answer.note and not options.quiet else ""
    if options.on("fail") and answer.status >= 400:
        text = f"curl: (22) The requested URL returned error: {answer.status}"
        return Result("", f"{talk}{left}{_said(options, text)}", 22, answer.status, sent)
    head = "".join(f"{line}\n" for line in (*headers, ""))
    if sent is not None and sent.redirected and options.on("location"):
        way = _redirect(world, options, sent)
        head = f"HTTP/1.1 {way.status} {way.reason}\nDate: {http_date(world.now)}\nLocation: {way.location}\n\n{head}"
    body = "" if options.on("head") else answer.body
    shown = head + body if options.on("include") or options.on("head") else body
    return Result(shown, talk, 0, answer.status, sent, left + note)


def _written(options: Options, result: Result) -> str:
    """What -w asks for."""
    form = options.text("write-out")
    if form is None:
        return ""
    sent = result.sent
    values = {
        "http_code": f"{result.code:03d}", "response_code": f"{result.code:03d}", "exitcode": str(result.status),
        "remote_ip": str(sent.address or "") if sent else "", "remote_port": str(sent.port) if sent else "0",
        "num_redirects": "0", "time_total": "0.002113", "time_connect": "0.000911", "url_effective": "",
        "size_download": str(len(result.stdout.encode())), "content_type": "text/html", "scheme": "HTTP",
        "errormsg": "", "method": options.method, "time_namelookup": "0.000702",
    }  # fmt: skip
    for name, value in values.items():
        form = form.replace(f"%{{{name}}}", value)
    return form.replace("\\n", "\n").replace("\\t", "\t").replace("%%", "%")
