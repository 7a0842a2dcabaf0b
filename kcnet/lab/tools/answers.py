"""What an application answers to a request that has arrived: known images, and what authors of a cluster state.

The annotation ``kcnet/answers`` of a pod says what it answers; {pod}, {source} and {path} in it are filled in. Of any
other image kcnet knows that it was reached, not what it says, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from kcnet.lab.machine import World
from kcnet.model.trace import Path, Stage

ANSWERS = "kcnet/answers"
REASONS = {200: "OK", 308: "Permanent Redirect", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
           502: "Bad Gateway", 503: "Service Temporarily Unavailable", 504: "Gateway Time-out"}  # fmt: skip


class Answer(NamedTuple):
    """An HTTP response, or what comes instead of one."""

    status: int = 200
    body: str = ""
    server: str = ""
    kind: str = "text/html"
    note: str = ""
    """What kcnet has to say beside it."""
    speaks_http: bool = True
    greeting: str = ""
    """What an application that speaks no HTTP sends or answers."""
    location: str = ""

    crlf: bool = False
    """On the wire its lines end in CR LF; what is printed here has LF alone, and the length counts both."""

    @property
    def reason(self) -> str:
        return REASONS.get(self.status, "")

    @property
    def length(self) -> int:
        """Content-Length."""
        return len(self.body.encode()) + (self.body.count("\n") if self.crlf else 0)


def of_controller(status: int, location: str = "") -> Answer:
    """The page that an Ingress controller of the nginx kind makes itself."""
    title = f"{status} {REASONS.get(status, 'Error')}"
    body = (
        f"<html>\n<head><title>{title}</title></head>\n<body>\n<center><h1>{title}</h1></center>\n"
        "<hr><center>nginx</center>\n</body>\n</html>\n"
    )
    return Answer(status=status, body=body, server="nginx", location=location, crlf=True)


WELCOME = """<!DOCTYPE html>
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
_PROTOCOLS = {
    5432: "postgres",
    3306: "mysql",
    6379: "redis",
    27017: "mongodb",
    9092: "kafka",
    53: "dns",
    11211: "memcached",
}


def of_pod(world: World, path: Path, url_path: str, host: str, method: str = "GET") -> Answer:
    """What the container at the end of ``path`` answers."""
    found = path.destination
    if found is None or found.kind != "Pod":
        return _of_node(found.port if found else None)
    name = f"{found.namespace}/{found.name}"
    try:
        pod = world.objects.pod(found.namespace or "", found.name)
    except KeyError:
        return Answer(note=f"{name} answered; what it says is not known.")
    source = str(path.source_seen or "")
    text = (pod.get("metadata", {}).get("annotations") or {}).get(ANSWERS)
    if text is not None:
        filled = text.replace("{pod}", found.name).replace("{source}", source).replace("{path}", url_path)
        return Answer(body=f"{filled}\n", kind="text/plain", server=_server(_image(pod, found.port)))
    image = _image(pod, found.port)
    return _by_image(world, pod, image, path, url_path, host) or Answer(
        note=f"{name} answered. What its image says ({image or 'none is named'}) is not known."
    )


def _by_image(world: World, pod: Mapping[str, Any], image: str, path: Path, url_path: str, host: str) -> Answer | None:
    name = image.partition("@")[0].rpartition("/")[2].partition(":")[0]
    found = path.destination
    assert found is not None
    if (protocol := _PROTOCOLS.get(found.port or 0)) is not None:
        return Answer(speaks_http=False, greeting=protocol)
    if name.startswith("nginx"):
        if url_path.partition("?")[0] in ("/", "/index.html"):
            return Answer(body=WELCOME, server=_server(image))
        return of_controller(404)._replace(server=_server(image), body=_nginx_page(404, _server(image)))
    if name == "httpd":
        return Answer(body="<html><body><h1>It works!</h1></body></html>\n", server="Apache/2.4.65 (Unix)")
    if name == "http-echo":
        words = [str(word) for key in ("command", "args") for word in _container(pod, found.port).get(key) or ()]
        said = next((word.partition("=")[2] for word in words if word.startswith(("-text=", "--text="))), "")
        return Answer(body=f"{said}\n", kind="text/plain") if said else None
    if name == "whoami":
        return Answer(body=_whoami(path, url_path, host), kind="text/plain")
    if name in ("echoserver", "agnhost", "hello-app", "hello-kubernetes"):
        return (
            Answer(body=f"Hostname: {found.name}\n", kind="text/plain")
            if name != "agnhost"
            else Answer(
                body=f"NOW: {world.now:%Y-%m-%d %H:%M:%S} +0000 UTC\n" if url_path == "/" else f"{found.name}\n",
                kind="text/plain",
            )
        )
    return None


def _whoami(path: Path, url_path: str, host: str) -> str:
    found = path.destination
    assert found is not None
    lines = [f"Hostname: {found.name}", f"IP: {found.address}", f"RemoteAddr: {path.source_seen}:40000",
             f"GET {url_path} HTTP/1.1", f"Host: {host}", "User-Agent: curl/8.11.1", "Accept: */*"]  # fmt: skip
    if any(step.stage is Stage.INGRESS for step in path.steps):
        client = path.steps[0].before.src
        lines += [f"X-Forwarded-For: {client}", f"X-Forwarded-Host: {host}", f"X-Real-Ip: {client}"]
    return "\n".join(lines) + "\n"


def _of_node(port: int | None) -> Answer:
    if port == 10249:
        return Answer(body="", kind="text/plain")
    if port in (6443, 443):
        return Answer(speaks_http=False, greeting="apiserver")
    if port == 10250:
        return Answer(status=400, body="Client sent an HTTP request to an HTTPS server.\n", kind="text/plain")
    return Answer(note="A process of the node answered; what it says is not known.")


def _container(pod: Mapping[str, Any], port: int | None) -> Mapping[str, Any]:
    """The container that declares ``port``, else the first."""
    containers: list[Mapping[str, Any]] = list(pod.get("spec", {}).get("containers") or [{}])
    for container in containers:
        if any(one.get("containerPort") == port for one in container.get("ports") or ()):
            return container
    return containers[0]


def _image(pod: Mapping[str, Any], port: int | None) -> str:
    return str(_container(pod, port).get("image") or "")


def _server(image: str) -> str:
    name, _, tag = image.partition("@")[0].rpartition("/")[2].partition(":")
    version = tag.partition("-")[0]
    if not name.startswith("nginx"):
        return ""
    return f"nginx/{version}" if version.count(".") == 2 else "nginx/1.27.5"


def _nginx_page(status: int, server: str) -> str:
    return of_controller(status).body.replace("<center>nginx</center>", f"<center>{server}</center>")


def http_date(now: datetime) -> str:
    return f"{now:%a, %d %b %Y %H:%M:%S} GMT"
