"""The pages that an Ingress controller makes itself: each kind of proxy has its own.

Texts of nginx's ngx_http_special_response.c, Traefik's and Go's net/http, HAProxy's default error files, and Envoy.
"""

from __future__ import annotations

from typing import Final

from kcnet.lab.tools.answers import REASONS, Answer
from kcnet.model.cluster import Cluster
from kcnet.model.trace import Path, Stage

_NGINX: Final = frozenset(("ingress-nginx", "nginx-ingress", ""))
_ENVOY: Final = frozenset(("contour", "istio"))
_TRAEFIK: Final = {
    404: "404 page not found\n",
    503: "no available server\n",
    502: "Bad Gateway",
    504: "Gateway Timeout",
}
_HAPROXY: Final = {
    404: ("404 Not Found", "The resource could not be found."),
    502: ("502 Bad Gateway", "The server returned an invalid or incomplete response."),
    503: ("503 Service Unavailable", "No server is available to handle this request."),
    504: ("504 Gateway Time-out", "The server didn't respond in time."),
}
_NAMES: Final = {502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}
"""As net/http and Envoy call them; nginx has two names of its own."""


def flavour_of(cluster: Cluster, path: Path) -> str:
    """Of the controller that answered: ``ingress-nginx``, ``traefik`` ...; "" if nothing tells."""
    places = [(step.at.namespace, step.at.name) for step in path.steps if step.stage is Stage.INGRESS]
    for controller in cluster.ingress_controllers:
        if any(pod in places for pod in controller.pods):
            return controller.flavour
    return ""


def of_controller(status: int, location: str = "", flavour: str = "") -> Answer:
    """A response that the controller makes itself, with its status or a redirect."""
    if flavour in _NGINX:
        title = f"{status} {REASONS.get(status, 'Error')}"
        body = (
            f"<html>\n<head><title>{title}</title></head>\n<body>\n<center><h1>{title}</h1></center>\n"
            "<hr><center>nginx</center>\n</body>\n</html>\n"
        )
        return Answer(status, body, server="nginx", location=location, crlf=True)
    plain = Answer(status, kind="text/plain", location=location, said=_NAMES.get(status, ""))
    if flavour in _ENVOY:
        return plain._replace(body="no healthy upstream" if status == 503 else "", server="envoy")
    if flavour == "haproxy" and status in _HAPROXY:
        title, text = _HAPROXY[status]
        body = f"<html><body><h1>{title}</h1>\n{text}\n</body></html>\n\n"
        return plain._replace(body=body, kind="text/html", said=title.partition(" ")[2])
    if flavour == "traefik" and status in _TRAEFIK:
        return plain._replace(body=_TRAEFIK[status], kind="text/plain; charset=utf-8")
    return plain._replace(note=f"The status is that of {flavour}; what its page says is not known." if flavour else "")
