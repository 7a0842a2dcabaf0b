"""Clusters that work, and faults that are known to break them: each is kept only if its symptom appears."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random
from typing import Any, Final, NamedTuple

from msgspec import Struct

from kcnet.model.cluster import Cluster
from kcnet.simulate import trace
from kcnet.tutor.probes import PROBES
from kcnet.tutor.quiz.generate import words
from kcnet.tutor.quiz.generate.draft import Asked
from kcnet.tutor.quiz.generate.sketch import Sketch, request_of, service_ports
from kcnet.tutor.quiz.generate.yamltext import cluster_of, documents, flow

Documents = list[dict[str, Any]]
LONG: Final = 30
"""A value that is not repeated in an option."""


class Change(NamedTuple):
    """One value of one object changed; None takes the field away."""

    kind: str
    name: str
    path: tuple[str | int, ...]
    value: Any
    why: str = ""
    """For a fault, what it does; for a repair, why it helps or does not."""

    @property
    def misspells(self) -> bool:
        """It only misspells a name: nobody would offer that as a repair."""
        return isinstance(self.value, str) and self.path[-1] in (
            "app",
            "team",
            "targetPort",
            "name",
            "ingressClassName",
        )

    def made(self, docs: Documents) -> Documents:
        copy = deepcopy(docs)
        target: Any = next(doc for doc in copy if doc["kind"] == self.kind and doc["metadata"]["name"] == self.name)
        for key in self.path[:-1]:
            target = target[key]
        if self.value is None:
            del target[self.path[-1]]
        else:
            target[self.path[-1]] = deepcopy(self.value)
        return copy

    def undone(self, docs: Documents) -> Change:
        """The change back, given the documents before it."""
        target: Any = next(doc for doc in docs if doc["kind"] == self.kind and doc["metadata"]["name"] == self.name)
        for key in self.path:
            target = target[key] if isinstance(key, int) else target.get(key)
        return self._replace(value=target)

    def text(self, docs: Documents) -> str:
        """How it reads as an option: the field, what stands there and what would stand there."""
        old = self.undone(docs).value
        field = dotted(self.path)
        if self.value is None:
            return f"{self.kind} {self.name}: remove {field}"
        if old is None:
            return f"{self.kind} {self.name}: add {field}: {flow(self.value)}"
        if len(flow(old)) > LONG:
            return f"{self.kind} {self.name}: set {field} to {flow(self.value)}"
        return f"{self.kind} {self.name}: {field} from {flow(old)} to {flow(self.value)}"


def dotted(path: Sequence[str | int]) -> str:
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return text.lstrip(".").removeprefix("spec.")


class Scenario(Struct, frozen=True, kw_only=True, dict=True):
    """A cluster in which a request ends as it should."""

    topic: str
    docs: Documents
    asked: Asked
    should: str
    """What should become of the request, as a clause: "be answered"."""
    faults: tuple[Change, ...]
    others: tuple[Change, ...]
    """Changes that look like repairs and are none."""

    def verdict(self, docs: Documents) -> str:
        return PROBES["verdict"].value(self.traced(docs))

    def traced(self, docs: Documents) -> Any:
        cluster = self.cluster(docs)
        return trace(cluster, request_of(cluster, self.asked))

    def cluster(self, docs: Documents) -> Cluster:
        return cluster_of(documents(docs))


def typo(rng: Random, word: str) -> str:
    """Two neighbouring letters swapped, or one left out."""
    if len(word) < 4:
        return word + word[-1]
    places = [
        n for n in range(1, len(word) - 1) if word[n] != word[n + 1] and word[n].isalpha() and word[n + 1].isalpha()
    ]
    if places and rng.random() < 0.7:
        n = rng.choice(places)
        return word[:n] + word[n + 1] + word[n] + word[n + 2 :]
    n = rng.randrange(1, len(word) - 1)
    return word[:n] + word[n + 1 :] if word[n] != "-" else word + "s"


class _Base:
    """A Deployment, a Service and a client: what every scenario stands on."""

    def __init__(self, rng: Random) -> None:
        self.sketch = sketch = Sketch(rng, nodes=2)
        self.home, self.away = sketch.namespace(), sketch.namespace()
        self.app, self.client = sketch.app(), sketch.pick(words.FRONTS)
        self.port, self.target = service_ports(rng)
        self.port_name = rng.choice(words.PORT_NAMES)
        container = {
            "name": "app",
            "image": f"{self.app}:1.4",
            "ports": [{"name": self.port_name, "containerPort": self.target}],
        }
        template = {"metadata": {"labels": {"app": self.app}}, "spec": {"containers": [container]}}
        spec = {"replicas": 2, "selector": {"matchLabels": {"app": self.app}}, "template": template}
        sketch.add("Deployment", self.home, self.app, api="apps/v1", spec=spec)
        sketch.add(
            "Service",
            self.home,
            self.app,
            spec={"selector": {"app": self.app}, "ports": [{"port": self.port, "targetPort": self.port_name}]},
        )
        sketch.pod(self.client, self.home, {"app": self.client}, port=None)

    def asked(self, namespace: str = "") -> Asked:
        port = "" if self.port == 80 else f":{self.port}"
        return Asked(f"pod/{self.client}", f"http://{self.app}{port}/", namespace or self.home)


def through_service(rng: Random) -> Scenario:
    base = _Base(rng)
    app = base.app
    slip, name_slip = typo(rng, app), typo(rng, base.port_name)
    faults = (
        Change("Service", app, ("spec", "selector", "app"), slip, f"No pod is labelled app={slip}."),
        Change(
            "Service", app, ("spec", "ports", 0, "targetPort"), name_slip, f"No container port is called {name_slip}."
        ),
        Change(
            "Service",
            app,
            ("metadata", "namespace"),
            base.away,
            f"A Service selects pods of its own namespace; the pods are in {base.home}.",
        ),
        Change("Service", app, ("spec", "ports", 0, "port"), base.port + 1, f"Clients ask port {base.port}."),
    )
    others = (
        Change("Deployment", app, ("spec", "replicas"), 4, "More pods of the same kind change nothing."),
        Change(
            "Service", app, ("spec", "type"), "NodePort", "A node port opens a way from outside, for the same pods."
        ),
        Change("Pod", base.client, ("metadata", "labels", "app"), app, "Labels of the client play no part in this."),
        Change(
            "Service", app, ("spec", "sessionAffinity"), "ClientIP", "Affinity chooses among endpoints that there are."
        ),
        Change(
            "Deployment",
            app,
            ("spec", "template", "spec", "containers", 0, "image"),
            f"{app}:1.5",
            "The image is not what is asked for here.",
        ),
        Change("Service", app, ("metadata", "labels"), {"app": app}, "A Service's own labels select nothing."),
    )
    return Scenario(
        topic="services", docs=base.sketch.docs, asked=base.asked(), should="be answered", faults=faults, others=others
    )


def through_ingress(rng: Random) -> Scenario:
    base = _Base(rng)
    sketch, app = base.sketch, base.app
    host = f"{rng.choice(words.HOSTS)}.{rng.choice(words.NAMESPACES)}.example"
    path = f"/{rng.choice(words.PATHS)}"
    kind = rng.choice(("traefik", "haproxy"))
    controller = {"traefik": "traefik.io/ingress-controller", "haproxy": "haproxy.org/ingress-controller"}[kind]
    sketch.docs.pop()
    sketch.add("IngressClass", None, kind, api="networking.k8s.io/v1", spec={"controller": controller})
    service = {"name": app, "port": {"number": base.port}}
    rule = {"host": host, "http": {"paths": [{"path": path, "pathType": "Prefix", "backend": {"service": service}}]}}
    name = sketch.pick(words.FRONTS)
    sketch.add("Ingress", base.home, name, api="networking.k8s.io/v1", spec={"ingressClassName": kind, "rules": [rule]})
    own = ("spec", "rules", 0, "http", "paths", 0)
    wrong_class, slip = typo(rng, kind), typo(rng, app)
    faults = (
        Change(
            "Ingress",
            name,
            ("spec", "ingressClassName"),
            None,
            "Without a class, and without a default class, no controller serves the Ingress.",
        ),
        Change("Ingress", name, ("spec", "ingressClassName"), wrong_class, f"There is no IngressClass {wrong_class}."),
        Change("Ingress", name, (*own, "backend", "service", "name"), slip, f"There is no Service {slip}."),
        Change(
            "Ingress",
            name,
            (*own, "backend", "service", "port", "number"),
            base.target,
            "A backend names the Service's port, not the container's.",
        ),
        Change("Ingress", name, (*own, "pathType"), "Exact", f"Exact {path} does not match {path}/new."),
        Change(
            "Ingress",
            name,
            ("metadata", "namespace"),
            base.away,
            "Backends are Services of the Ingress's own namespace.",
        ),
        Change("Service", app, ("spec", "selector", "app"), slip, f"No pod is labelled app={slip}."),
        Change("Ingress", name, ("spec", "rules", 0, "host"), f"www.{host}", "The rule is for another host."),
    )
    others = (
        Change("Deployment", app, ("spec", "replicas"), 4, "More pods of the same kind change nothing."),
        Change(
            "Service", app, ("spec", "type"), "NodePort", "The controller goes to the pods; a node port is not needed."
        ),
        Change("Ingress", name, ("metadata", "labels"), {"app": app}, "Labels of an Ingress select nothing."),
        Change("Service", app, ("metadata", "labels"), {"app": app}, "A Service's own labels select nothing."),
        Change(
            "Deployment",
            app,
            ("spec", "template", "spec", "containers", 0, "image"),
            f"{app}:1.5",
            "The image is not what is asked for here.",
        ),
        Change("IngressClass", kind, ("metadata", "labels"), {"app": kind}, "Labels of a class mean nothing to it."),
    )
    asked = Asked("internet", f"http://{host}{path}/new")
    return Scenario(topic="ingress", docs=sketch.docs, asked=asked, should="be answered", faults=faults, others=others)


def past_policies(rng: Random) -> Scenario:
    """A closed server that lets one kind of client of another namespace in, and those of its own."""
    base = _Base(rng)
    sketch, app, client = base.sketch, base.app, base.client
    sketch.docs.pop()
    team = rng.choice(words.TEAMS)
    sketch.labelled(base.away, {"team": team})
    outside = rng.random() < 0.5
    sketch.pod(client, base.away if outside else base.home, {"app": client}, port=None)
    space, role = {"matchLabels": {"team": team}}, {"matchLabels": {"app": client}}
    peers = [{"namespaceSelector": space}, {"podSelector": role}]
    rule = {"from": peers, "ports": [{"port": base.target}]}
    name = "allow-clients"
    closed = {"podSelector": {}, "policyTypes": ["Ingress"]}
    sketch.policy("default-deny", base.home, closed)
    spec = {"podSelector": {"matchLabels": {"app": app}}, "policyTypes": ["Ingress"], "ingress": [rule]}
    sketch.policy(name, base.home, spec)
    own = ("spec", "ingress", 0)
    slip, team_slip, app_slip = typo(rng, client), typo(rng, team), typo(rng, app)
    faults = (
        Change(
            "NetworkPolicy",
            name,
            (*own, "from", 1, "podSelector", "matchLabels", "app"),
            slip,
            "No client has that label.",
        ),
        Change(
            "NetworkPolicy",
            name,
            (*own, "from", 0, "namespaceSelector", "matchLabels", "team"),
            team_slip,
            "No namespace has that label.",
        ),
        Change(
            "NetworkPolicy",
            name,
            (*own, "from"),
            [{"namespaceSelector": space, "podSelector": role}],
            "Without its dash the podSelector belongs to the item before it: both must match then.",
        ),
        Change(
            "NetworkPolicy",
            name,
            (*own, "ports", 0, "port"),
            base.port,
            "Policies see the pod's port, not the Service's.",
        ),
        Change("NetworkPolicy", name, ("metadata", "namespace"), base.away, "A policy acts in its own namespace."),
        Change(
            "NetworkPolicy",
            name,
            ("spec", "podSelector", "matchLabels", "app"),
            app_slip,
            "The policy selects nobody, so its rule lets nobody in.",
        ),
        Change(
            "NetworkPolicy",
            name,
            ("spec", "policyTypes"),
            ["Egress"],
            "Rules for a direction that is not among policyTypes do not count.",
        ),
    )
    others = (
        Change("NetworkPolicy", "default-deny", ("spec", "policyTypes"), ["Ingress", "Egress"], "That closes more."),
        Change("Deployment", app, ("spec", "replicas"), 4, "More pods of the same kind change nothing."),
        Change("NetworkPolicy", name, ("metadata", "labels"), {"app": app}, "Labels of a policy select nothing."),
        Change("Service", app, ("spec", "type"), "NodePort", "A node port does not take the policies away."),
        Change("Service", app, ("metadata", "labels"), {"app": client}, "Policies look at pods, not at Services."),
        Change("NetworkPolicy", "default-deny", ("metadata", "labels"), {"order": "2"}, "Policies have no order."),
    )
    port = "" if base.port == 80 else f":{base.port}"
    where = base.away if outside else base.home
    asked = Asked(f"pod/{client}", f"http://{app}.{base.home}{port}/", where)
    return Scenario(
        topic="networkpolicy", docs=sketch.docs, asked=asked, should="be answered", faults=faults, others=others
    )


def kept_out(rng: Random) -> Scenario:
    """A server that nobody may leave from or get to: here the fault is that somebody can."""
    base = _Base(rng)
    sketch, app, client = base.sketch, base.app, base.client
    name = "no-way-out"
    spec = {"podSelector": {"matchLabels": {"app": client}}, "policyTypes": ["Ingress", "Egress"]}
    dns = {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}
    sketch.policy(name, base.home, {**spec, "egress": [dns]})
    slip = typo(rng, client)
    faults = (
        Change(
            "NetworkPolicy",
            name,
            ("spec", "policyTypes"),
            ["Ingress"],
            "Without Egress among policyTypes the policy leaves egress open.",
        ),
        Change("NetworkPolicy", name, ("spec", "egress"), [{}], "An empty rule allows everything."),
        Change(
            "NetworkPolicy", name, ("spec", "podSelector", "matchLabels", "app"), slip, "The policy selects nobody."
        ),
        Change("NetworkPolicy", name, ("metadata", "namespace"), base.away, "A policy acts in its own namespace."),
    )
    others = (
        Change("Service", app, ("spec", "type"), "NodePort", "A node port closes nothing."),
        Change("Deployment", app, ("spec", "replicas"), 4, "The number of pods closes nothing."),
        Change("NetworkPolicy", name, ("metadata", "labels"), {"app": client}, "A policy's own labels select nothing."),
        Change("Service", app, ("metadata", "labels"), {"app": app}, "A Service's own labels select nothing."),
        Change("Service", app, ("spec", "sessionAffinity"), "ClientIP", "Affinity closes nothing."),
    )
    return Scenario(
        topic="networkpolicy", docs=sketch.docs, asked=base.asked(), should="be kept out", faults=faults, others=others
    )


def with_bare_pods(rng: Random) -> Scenario:
    """A Service over one pod, and the status of it."""
    base = _Base(rng)
    sketch, app = base.sketch, base.app
    sketch.docs.pop(0)
    name = f"{app}-{sketch.suffix()}"
    sketch.pod(name, base.home, {"app": app}, port=base.target, port_name=base.port_name)
    ready = {**sketch.docs[-1]["status"], "conditions": [{"type": "Ready", "status": "True"}]}
    sketch.docs[-1]["status"] = ready
    sick = {**ready, "conditions": [{"type": "Ready", "status": "False"}]}
    slip = typo(rng, app)
    faults = (
        Change("Pod", name, ("status",), sick, "The pod is not ready, so the Service sends it nothing."),
        Change("Pod", name, ("metadata", "labels", "app"), slip, f"The Service selects app={app}."),
        Change("Service", app, ("spec", "selector", "app"), slip, f"No pod is labelled app={slip}."),
        Change("Pod", name, ("metadata", "namespace"), base.away, "A Service selects pods of its own namespace."),
    )
    others = (
        Change(
            "Service", app, ("spec", "type"), "NodePort", "A node port opens a way from outside, for the same pods."
        ),
        Change("Service", app, ("spec", "sessionAffinity"), "ClientIP", "Affinity chooses among endpoints there are."),
        Change("Service", app, ("metadata", "labels"), {"app": app}, "A Service's own labels select nothing."),
        Change("Pod", base.client, ("metadata", "labels", "app"), app, "Labels of the client play no part in this."),
        Change(
            "Pod", base.client, ("metadata", "labels", "tier"), "front", "Labels of the client play no part in this."
        ),
    )
    return Scenario(
        topic="services", docs=sketch.docs, asked=base.asked(), should="be answered", faults=faults, others=others
    )


SCENARIOS: Final[dict[int, tuple[Callable[[Random], Scenario], ...]]] = {
    1: (through_service, through_service, with_bare_pods),
    2: (through_ingress, kept_out, through_service, past_policies),
    3: (past_policies, past_policies, through_ingress, kept_out),
}
"""By difficulty."""
