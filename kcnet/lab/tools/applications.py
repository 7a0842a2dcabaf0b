"""What applications of images that people learn with answer: their own default pages, word for word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from kcnet.lab.tools.answers import Answer
from kcnet.model.names import IPAddress

AGENT: Final = "curl/8.11.1"


class Asked(NamedTuple):
    """One HTTP request as it reached a pod."""

    pod: str
    address: IPAddress | None
    port: int | None
    source: str
    """The address that the pod sees."""
    client: str
    """The address that the request began with."""
    method: str
    url: str
    """Path, and query if there is one."""
    host: str
    words: tuple[str, ...]
    """Command and arguments of the container."""
    proxied: bool
    now: datetime

    @property
    def path(self) -> str:
        return urlsplit(self.url).path or "/"


WELCOME: Final = """<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>

<p>For online documentation and support please refer to
<a href="http://nginx.org/">nginx.org</a>.<br/>
Commercial support is available at
<a href="http://nginx.com/">nginx.com</a>.</p>

<p><em>Thank you for using nginx.</em></p>
</body>
</html>
"""
"""615 bytes, as every nginx image serves them."""

_SPEAK_OTHERWISE: Final = ("postgres", "mysql", "mariadb", "redis", "valkey", "mongo", "memcached", "rabbitmq", "kafka")
_PORTS: Final = {5432: "postgres", 3306: "mysql", 6379: "redis", 27017: "mongo", 9092: "kafka", 53: "dns",
                 11211: "memcached", 5672: "rabbitmq"}  # fmt: skip


def answer_of(image: str, asked: Asked) -> Answer | None:
    """None: nobody can tell what this image says."""
    name = image.partition("@")[0].rpartition("/")[2].partition(":")[0]
    if name.startswith("nginx"):
        return _nginx(image, asked)
    if (found := _BY_NAME.get(name)) is not None:
        return found(image, asked)
    protocol = next((one for one in _SPEAK_OTHERWISE if name.startswith(one)), _PORTS.get(asked.port or 0))
    return Answer(speaks_http=False, greeting=protocol) if protocol else None


def server_of(image: str) -> str:
    """The header ``Server`` of nginx with its version; "" of others."""
    name, _, tag = image.partition("@")[0].rpartition("/")[2].partition(":")
    version = tag.partition("-")[0]
    if not name.startswith("nginx"):
        return ""
    return f"nginx/{version}" if version.count(".") == 2 else "nginx/1.27.5"


def _nginx(image: str, asked: Asked) -> Answer:
    from kcnet.lab.tools.pages import of_controller

    server = server_of(image)
    if asked.path in ("/", "/index.html"):
        return Answer(body=WELCOME, server=server)
    page = of_controller(404)
    return page._replace(server=server, body=page.body.replace("<center>nginx</center>", f"<center>{server}</center>"))


def _httpd(image: str, asked: Asked) -> Answer:
    server = "Apache/2.4.65 (Unix)"
    if asked.path in ("/", "/index.html"):
        return Answer(body="<html><body><h1>It works!</h1></body></html>\n", server=server)
    body = (
        '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>404 Not Found</title>\n'
        "</head><body>\n<h1>Not Found</h1>\n<p>The requested URL was not found on this server.</p>\n</body></html>\n"
    )
    return Answer(404, body, server, "text/html; charset=iso-8859-1")


def _http_echo(image: str, asked: Asked) -> Answer:
    """hashicorp/http-echo: what ``-text`` says."""
    text = "hello-world"
    for word, following in zip(asked.words, [*asked.words[1:], ""], strict=False):
        flag, equals, value = word.partition("=")
        if flag in ("-text", "--text"):
            text = value if equals else following
    return Answer(body=f"{text}\n", kind="text/plain; charset=utf-8")


def _whoami(image: str, asked: Asked) -> Answer:
    """traefik/whoami: the request as it came, with the addresses that it came from."""
    lines = [f"Hostname: {asked.pod}", "IP: 127.0.0.1", "IP: ::1", f"IP: {asked.address}",
             f"RemoteAddr: {asked.source}:40000", f"{asked.method} {asked.url} HTTP/1.1", f"Host: {asked.host}",
             f"User-Agent: {AGENT}", "Accept: */*"]  # fmt: skip
    if asked.proxied:
        lines += [f"X-Forwarded-For: {asked.client}", f"X-Forwarded-Host: {asked.host}", f"X-Real-Ip: {asked.client}"]
    return Answer(body="".join(f"{line}\n" for line in (*lines, "")), kind="text/plain; charset=utf-8")


def _echoserver(image: str, asked: Asked) -> Answer:
    """registry.k8s.io/echoserver:1.10, of the tutorial on source addresses."""
    forwarded = f"\tx-forwarded-for={asked.client}\n" if asked.proxied else ""
    body = (
        f"\n\nHostname: {asked.pod}\n\nPod Information:\n\t-no pod information available-\n\n"
        "Server values:\n\tserver_version=nginx: 1.13.3 - lua: 10008\n\n"
        f"Request Information:\n\tclient_address={asked.source}\n\tmethod={asked.method}\n\treal path={asked.url}\n"
        f"\tquery={urlsplit(asked.url).query}\n\trequest_version=1.1\n\trequest_scheme=http\n"
        f"\trequest_uri=http://{asked.host}:8080{asked.url}\n\n"
        f"Request Headers:\n\taccept=*/*\n\thost={asked.host}\n\tuser-agent={AGENT}\n{forwarded}\n"
        "Request Body:\n\t-no body in request-\n\n"
    )
    return Answer(body=body, kind="text/plain")


def _echo_server(image: str, asked: Asked) -> Answer:
    """kicbase/echo-server, of minikube's first steps."""
    forwarded = f"X-Forwarded-For: {asked.client}\n" if asked.proxied else ""
    body = (
        f"Request served by {asked.pod}\n\nHTTP/1.1 {asked.method} {asked.url}\n\nHost: {asked.host}\nAccept: */*\n"
        f"User-Agent: {AGENT}\n{forwarded}"
    )
    return Answer(body=body, kind="text/plain")


def _hello_app(image: str, asked: Asked) -> Answer:
    """gcr.io/google-samples/hello-app."""
    major = image.rpartition(":")[2].partition(".")[0]
    version = f"{major}.0.0" if major in ("1", "2") else "1.0.0"
    return Answer(body=f"Hello, world!\nVersion: {version}\nHostname: {asked.pod}\n", kind="text/plain; charset=utf-8")


def _agnhost(image: str, asked: Asked) -> Answer | None:
    """registry.k8s.io/e2e-test-images/agnhost: ``netexec`` and ``serve-hostname``."""
    plain = Answer(kind="text/plain; charset=utf-8")
    if "serve-hostname" in asked.words:
        return plain._replace(body=f"{asked.pod}\n")
    if "netexec" not in asked.words:
        return None
    match asked.path:
        case "/hostname":
            return plain._replace(body=asked.pod)
        case "/clientip":
            return plain._replace(body=f"{asked.source}:40000")
        case "/healthz":
            return plain
    return plain._replace(body=f"NOW: {asked.now:%Y-%m-%d %H:%M:%S.%f} +0000 UTC")


_BY_NAME: Final[Mapping[str, Callable[[str, Asked], Answer | None]]] = {
    "httpd": _httpd,
    "http-echo": _http_echo,
    "whoami": _whoami,
    "echoserver": _echoserver,
    "echo-server": _echo_server,
    "hello-app": _hello_app,
    "agnhost": _agnhost,
    "serve_hostname": lambda image, asked: Answer(body=f"{asked.pod}\n", kind="text/plain"),
}
