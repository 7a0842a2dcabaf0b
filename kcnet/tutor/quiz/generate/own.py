"""Questions about the learner's own manifests: requests that could be made there, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from random import Random

from msgspec.structs import replace

from kcnet.model.cluster import Cluster
from kcnet.model.objects import Pod, Service
from kcnet.tutor.quiz.generate.asking import about
from kcnet.tutor.quiz.generate.draft import Asked, Draft, Option, several
from kcnet.tutor.quiz.generate.ingresses import RULES, SERVED
from kcnet.tutor.quiz.generate.names import BELIEVED
from kcnet.tutor.quiz.generate.outside import SEEN, WAYS_IN
from kcnet.tutor.quiz.generate.policies import WAYS
from kcnet.tutor.quiz.generate.services import PORT_BELIEFS, SERVICE_BELIEFS

LONGEST_SHOWN = 120
"""Lines of manifests that a question repeats; longer ones the learner has at hand anyway."""
NOT_THEIRS = frozenset(("kube-system", "kube-public", "kube-node-lease"))


def questions_on(cluster: Cluster, text: str, seed: int, count: int) -> tuple[Draft, ...]:
    """Up to ``count`` questions, the same for the same cluster and seed; fewer if the cluster holds no more."""
    rng = Random(f"own {seed}")
    shown = text if text.count("\n") <= LONGEST_SHOWN else ""
    found: dict[str, Draft] = {}
    chances = [*_requests(cluster, rng), *_memberships(cluster)]
    rng.shuffle(chances)
    for asked, probe in chances[: 12 * count]:
        if len(found) == count:
            break
        if isinstance(asked, Service):
            draft = _membership(rng, cluster, asked, shown)
        else:
            topic = TOPIC_OF[probe]
            extra = list(_extras(cluster, asked, probe))
            rng.shuffle(extra)
            held = BELIEFS_OF[probe]
            draft = about(rng, cluster, shown, asked, probe, 2, topic=topic, beliefs=held, extra=extra)
        if draft is not None and draft.stem not in found:
            digest = sha256(draft.stem.encode()).hexdigest()[:10]
            found[draft.stem] = replace(draft, id=f"{draft.topic}-own-{digest}", stem=_unprefixed(draft.stem))
    return tuple(found.values())


TOPIC_OF = {
    "verdict": "troubleshooting",
    "endpoint": "services",
    "port": "services",
    "dns": "dns",
    "source": "kube-proxy",
    "policy-ingress": "networkpolicy",
    "policy-egress": "networkpolicy",
    "backend": "ingress",
    "status": "ingress",
}

BELIEFS_OF = {
    "verdict": (*SERVICE_BELIEFS, *WAYS, *WAYS_IN),
    "endpoint": (*SERVICE_BELIEFS, *WAYS),
    "port": PORT_BELIEFS,
    "dns": BELIEVED,
    "source": SEEN,
    "policy-ingress": WAYS,
    "policy-egress": WAYS,
    "backend": RULES,
    "status": SERVED,
}


def _unprefixed(stem: str) -> str:
    bare = stem.removeprefix("Given this cluster: ")
    return bare[:1].upper() + bare[1:]


def _requests(cluster: Cluster, rng: Random) -> Iterator[tuple[Asked | Service, str]]:
    """What could be asked of whom, each with the probes that make sense for it."""
    clients = list(_clients(cluster))
    rng.shuffle(clients)
    for client in clients[:4]:
        for pod in clients:
            if pod.ports and pod is not client:
                own = Asked(
                    f"{client.namespace}/pod/{client.name}", f"pod/{pod.name}:{pod.ports[0].number}", pod.namespace
                )
                for probe in ("verdict", "policy-ingress", "policy-egress", "source"):
                    yield own, probe
    for service in _services(cluster):
        if service.external_name is not None:
            for pod in clients[:2]:
                asked = Asked(
                    f"{pod.namespace}/pod/{pod.name}", f"http://{service.name}.{service.namespace}/", pod.namespace
                )
                yield asked, "dns"
        for port in service.ports[:2]:
            if port.protocol.value != "TCP":
                continue
            target = f"http://{service.name}.{service.namespace}:{port.port}/"
            for pod in clients[:4]:
                asked = Asked(f"{pod.namespace}/pod/{pod.name}", target, pod.namespace)
                for probe in ("verdict", "endpoint", "port", "policy-ingress", "policy-egress", "source", "dns"):
                    yield asked, probe
            if port.node_port is not None and cluster.nodes:
                node = rng.choice(list(cluster.nodes.values()))
                for probe in ("verdict", "source", "port"):
                    yield Asked("internet", f"{node.address}:{port.node_port}", service.namespace), probe
    for ingress in cluster.ingresses.values():
        for rule in ingress.rules:
            if rule.host is None or rule.host.startswith("*"):
                continue
            for entry in rule.paths or ():
                for path in (entry.path, f"{entry.path.rstrip('/')}/new", f"{entry.path.rstrip('/')}s"):
                    for probe in ("backend", "status"):
                        yield Asked("internet", f"http://{rule.host}{path or '/'}"), probe


def _clients(cluster: Cluster) -> Iterator[Pod]:
    """One pod of each workload, and bare ones, that can send."""
    seen = set()
    for pod in cluster.pods.values():
        owner = pod.owner or pod.ref
        if pod.namespace in NOT_THEIRS or owner in seen or pod.address is None or pod.phase != "Running":
            continue
        seen.add(owner)
        yield pod


def _services(cluster: Cluster) -> Iterator[Service]:
    for service in cluster.services.values():
        if service.namespace not in NOT_THEIRS and service.ref.origin is not None:
            yield service


def _extras(cluster: Cluster, asked: Asked, probe: str) -> Iterator[tuple[str, str]]:
    """Wrong answers of the same kind, from the same cluster; whichever is right is left out later."""
    match probe:
        case "dns":
            for service in _services(cluster):
                for address in service.cluster_ips[:1]:
                    yield str(address), f"That is the cluster IP of {service.namespace}/{service.name}."
            for pod in _clients(cluster):
                yield str(pod.address), f"That is the address of pod {pod.namespace}/{pod.name}."
            yield "NXDOMAIN", "NXDOMAIN means that there is no such name."
        case "source":
            for node in cluster.nodes.values():
                yield str(node.address), f"That is the address of {node.name}."
            for pod in _clients(cluster):
                yield str(pod.address), f"That is the address of pod {pod.namespace}/{pod.name}."
        case "port":
            numbers = {port.port for service in _services(cluster) for port in service.ports}
            numbers |= {port.node_port for service in _services(cluster) for port in service.ports if port.node_port}
            numbers |= {port.number for pod in _clients(cluster) for port in pod.ports}
            for number in sorted(numbers):
                yield str(number), f"{number} is a port of this cluster, but not where this request arrives."
        case "endpoint":
            for pod in _clients(cluster):
                yield f"{pod.namespace}/{pod.name}", f"Pod {pod.name} does not stand behind that Service, or not alone."
            yield "nobody", "Nobody answers only if the request is refused, dropped or lost."
        case "backend":
            for service in _services(cluster):
                for port in service.ports[:1]:
                    yield f"{service.namespace}/{service.name}:{port.port}", "Another rule leads there, or none does."
            yield "404", "404 is the answer where no rule matches."


def _memberships(cluster: Cluster) -> Iterator[tuple[Asked | Service, str]]:
    for service in _services(cluster):
        if service.selector:
            yield service, "endpoints"


def _membership(rng: Random, cluster: Cluster, service: Service, shown: str) -> Draft | None:
    """Which pods are ready endpoints of a Service?"""
    pieces = cluster.slices.get((service.namespace, service.name), ())
    ready = {endpoint.target for piece in pieces for endpoint in piece.endpoints if endpoint.ready}
    listed = {endpoint.target for piece in pieces for endpoint in piece.endpoints}
    picks = ",".join(f"{key}={value}" for key, value in service.selector.items())
    options = []
    for pod in cluster.pods.values():
        if pod.namespace in NOT_THEIRS:
            continue
        right = pod.ref in ready
        belief = None
        why = f"It carries {picks} in namespace {service.namespace}, and is ready."
        if not right:
            why = f"It does not carry {picks} in namespace {service.namespace}."
            if pod.ref in listed:
                why, belief = "It is selected, but not ready.", "unready-pods-get-traffic"
            elif service.selector.items() <= pod.labels.items():
                why, belief = "It is in another namespace.", "selector-crosses-namespaces"
        options.append(Option(f"{pod.namespace}/{pod.name}", right, why, belief))
    rng.shuffle(options)
    offered = several(rng, options)
    if offered is None:
        return None
    return Draft(
        form="multiple",
        topic="services",
        difficulty=2,
        stem=f"Which of these pods does Service {service.name} of {service.namespace} send to?",
        explanation=f"It sends to ready pods of {service.namespace} with the labels {picks}.",
        references=("https://kubernetes.io/docs/concepts/services-networking/service/",),
        options=offered,
        manifest=shown,
    )
