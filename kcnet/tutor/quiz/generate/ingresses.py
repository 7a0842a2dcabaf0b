"""Questions on Ingress: which backend, and what the client gets back."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from kcnet.tutor.quiz.generate import words
from kcnet.tutor.quiz.generate.asking import about
from kcnet.tutor.quiz.generate.draft import Asked, Draft, Generator
from kcnet.tutor.quiz.generate.sketch import Sketch, service_ports

RULES: Final = (
    "prefix-is-string-prefix",
    "prefix-matches-nothing-below",
    "exact-ignores-slash",
    "first-path-wins",
    "wildcard-many-labels",
    "unmatched-goes-to-the-first-backend",
)
SERVED: Final = (
    "ingress-other-namespace-backend",
    "ingress-uses-target-port",
    "ingress-without-class-works",
    "ingress-works-by-itself",
    "unready-pods-get-traffic",
    "no-endpoints-means-timeout",
    *RULES,
)


class Gate:
    """An Ingress of one host with several paths, each with a Service of its own."""

    def __init__(self, rng: Random, difficulty: int, served: int = 3) -> None:
        self.sketch = sketch = Sketch(rng, nodes=1)
        self.home = sketch.namespace()
        domain = f"{rng.choice(words.NAMESPACES)}.{rng.choice(words.DOMAINS)}"
        self.host = f"{rng.choice(words.HOSTS)}.{domain}"
        self.domain = domain
        self.apps = [sketch.app() for _ in range(served)]
        self.port, self.target = service_ports(rng)
        self.paths: list[dict[str, Any]] = []

    def route(self, path: str, app: str, kind: str = "Prefix", port: int | None = None) -> None:
        service = {"name": app, "port": {"number": port or self.port}}
        self.paths.append({"path": path, "pathType": kind, "backend": {"service": service}})

    def serve(self, app: str, *, ready: bool = True, listens: int | None = None) -> None:
        self.sketch.pod(
            f"{app}-{self.sketch.suffix()}", self.home, {"app": app}, port=self.target, ready=ready, listens=listens
        )
        self.sketch.service(app, self.home, {"app": app}, port=self.port, target=self.target)

    def close(self, *, host: str = "", class_name: str = "haproxy", default: str = "") -> None:
        spec: dict[str, Any] = {"ingressClassName": class_name} if class_name else {}
        if default:
            spec["defaultBackend"] = {"service": {"name": default, "port": {"number": self.port}}}
        spec["rules"] = [{"host": host or self.host, "http": {"paths": self.paths}}]
        self.sketch.add(
            "IngressClass",
            None,
            "haproxy",
            api="networking.k8s.io/v1",
            spec={"controller": "haproxy.org/ingress-controller"},
        )
        self.sketch.add("Ingress", self.home, self.sketch.pick(words.FRONTS), api="networking.k8s.io/v1", spec=spec)


def _backend(rng: Random, difficulty: int) -> Draft | None:
    gate = Gate(rng, difficulty, served=4)
    for app in gate.apps:
        gate.serve(app)
    first, second, third, fourth = gate.apps
    one, two = rng.sample(words.PATHS, 2)
    gate.route("/", first)
    gate.route(f"/{one}", second, "Exact" if difficulty > 1 and rng.random() < 0.5 else "Prefix")
    if difficulty > 1:
        gate.route(f"/{one}/{two}", third)
    if difficulty == 3:
        gate.route(f"/{two}", fourth, "Exact")
    if rng.random() < 0.4:
        gate.paths = gate.paths[1:]
    rng.shuffle(gate.paths)
    wildcard = difficulty == 3 and rng.random() < 0.3
    gate.close(host=f"*.{gate.domain}" if wildcard else "", default=fourth if rng.random() < 0.2 else "")
    asked_host = rng.choice((f"a.b.{gate.domain}", gate.host)) if wildcard else gate.host
    path = rng.choice(
        (f"/{one}", f"/{one}/", f"/{one}s", f"/{one}/{two}", f"/{one}/{two}/7", f"/{two}", f"/{two}/", "/")
    )
    asked = Asked("internet", f"http://{asked_host}{path}")
    extra = [(f"{gate.home}/{app}:{gate.port}", "Its path does not match, or a longer one does.") for app in gate.apps]
    extra.append(("404", "404 is the answer where no path matches and there is no default backend."))
    rng.shuffle(extra)
    return about(
        rng,
        gate.sketch.cluster,
        gate.sketch.text,
        asked,
        "backend",
        difficulty,
        topic="ingress",
        beliefs=RULES,
        extra=extra,
        form="single",
        stem=f"Which backend does the Ingress controller choose for {asked.target}?",
    )


def _status(rng: Random, difficulty: int) -> Draft | None:
    gate = Gate(rng, difficulty, served=2)
    first, second = gate.apps
    case = rng.choice(
        ("fine", "unready", "no-service", "wrong-port", "no-path", "closed", "class", "policy", "other-home")
    )
    if case == "other-home":
        gate.home, home = gate.sketch.namespace(), gate.home
        gate.serve(first)
        gate.home = home
    elif case != "no-service":
        gate.serve(first, ready=case != "unready", listens=gate.target + 1 if case == "closed" else None)
    if difficulty > 1:
        gate.serve(second)
        gate.route("/status", second, "Exact")
    gate.route("/shop" if case == "no-path" else "/", first, port=gate.target if case == "wrong-port" else None)
    gate.close(class_name="internal" if case == "class" else "haproxy")
    if case == "policy":
        spec = {"podSelector": {"matchLabels": {"app": first}}, "policyTypes": ["Ingress"]}
        gate.sketch.policy("closed", gate.home, spec)
    asked = Asked("internet", f"http://{gate.host}/")
    return about(
        rng,
        gate.sketch.cluster,
        gate.sketch.text,
        asked,
        "status",
        difficulty,
        topic="ingress",
        beliefs=SERVED,
        extra=[("no-address", "An address is missing where no controller serves the Ingress.")],
        stem=f"What does a client outside get back for {asked.target}?",
    )


GENERATORS: Final = (
    Generator(
        id="ingress-backend",
        title="which backend is chosen",
        topic="ingress",
        difficulties=(1, 2, 3),
        beliefs=RULES,
        make=_backend,
    ),
    Generator(
        id="ingress-status",
        title="what the controller answers",
        topic="ingress",
        difficulties=(1, 2, 3),
        beliefs=SERVED,
        make=_status,
    ),
)
