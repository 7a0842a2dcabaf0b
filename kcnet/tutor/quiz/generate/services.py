"""Questions on Services: who stands behind one, at which port, and what kubectl shows of it."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from kcnet.model.cluster import Cluster
from kcnet.simulate import trace
from kcnet.tutor.beliefs import BELIEFS
from kcnet.tutor.probes import PROBES, misread
from kcnet.tutor.quiz.generate import words
from kcnet.tutor.quiz.generate.asking import about
from kcnet.tutor.quiz.generate.draft import Asked, Draft, Generator, Option, listed, several, single
from kcnet.tutor.quiz.generate.sketch import Sketch, service_ports

SERVICE_PAGE: Final = "https://kubernetes.io/docs/concepts/services-networking/service/"
SLICE_PAGE: Final = "https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/"
PORT_BELIEFS: Final = ("service-port-is-container-port", "node-port-reaches-the-same-port", "target-port-is-asked")
SERVICE_BELIEFS: Final = (
    "no-endpoints-means-timeout",
    "unready-pods-get-traffic",
    "one-unready-pod-stops-the-service",
    "container-port-opens-the-port",
    "service-port-is-container-port",
    "target-port-is-asked",
    "no-name-without-pods",
    "headless-translates-ports",
    "headless-has-a-virtual-ip",
    "selector-matches-any-label",
    "service-selects-deployments-by-name",
    "fqdn-needed-everywhere",
)


class Crowd:
    """A Service, pods that it selects, and pods that only look so: what each one lacks."""

    def __init__(self, rng: Random, difficulty: int, good: tuple[int, int] = (1, 3)) -> None:
        self.sketch = Sketch(rng)
        self.namespace = self.sketch.namespace()
        self.app = self.sketch.app()
        self.port, self.target = service_ports(rng)
        tier = rng.choice(words.TIERS[1:])
        self.labels = {"app": self.app} if difficulty == 1 else {"app": self.app, "tier": tier}
        self.lacks: dict[str, tuple[str, str | None]] = {}
        """Name of a pod -> why it gets nothing, and the belief that it does."""
        more = {"port": self.target}
        self.good = self.sketch.pods(self.app, self.namespace, rng.randint(*good), self.labels, **more)
        (sick,) = self.sketch.pods(self.app, self.namespace, 1, self.labels, ready=False, **more)
        self.lacks[sick] = ("its Ready condition is False", "unready-pods-get-traffic")
        if difficulty == 1:
            other = self.sketch.app()
            (stranger,) = self.sketch.pods(self.app, self.namespace, 1, {"app": other}, **more)
            self.lacks[stranger] = (f"its label is app={other}", "service-selects-deployments-by-name")
        else:
            half = {"app": self.app, "tier": rng.choice([name for name in words.TIERS if name != tier])}
            (stranger,) = self.sketch.pods(self.app, self.namespace, 1, half, **more)
            self.lacks[stranger] = (f"its label tier is {half['tier']}", "selector-matches-any-label")
        away = self.sketch.namespace()
        (far,) = self.sketch.pods(self.app, away, 1, self.labels, **more)
        self.lacks[far] = (f"it is in namespace {away}", "selector-crosses-namespaces")
        if difficulty == 3:
            (bare,) = self.sketch.pods(self.app, self.namespace, 1, {"tier": tier}, **more)
            self.lacks[bare] = ("it has no label app", "selector-matches-any-label")
        rng.shuffle(self.sketch.docs)
        self.client = self.sketch.pick(words.FRONTS)
        self.sketch.pod(self.client, self.namespace, {"app": self.client}, port=None)
        self.sketch.service(self.app, self.namespace, self.labels, port=self.port, target=self.target)

    @property
    def asked(self) -> Asked:
        port = "" if self.port == 80 else f":{self.port}"
        return Asked(f"pod/{self.client}", f"http://{self.app}{port}/", self.namespace)


def _endpoints(rng: Random, difficulty: int) -> Draft | None:
    crowd = Crowd(rng, difficulty, good=(2, 3) if difficulty < 3 else (1, 3))
    sketch = crowd.sketch
    request = sketch.request(crowd.asked)
    truth = trace(sketch.cluster, request)
    answer = PROBES["endpoint"].value(truth).split(", ")
    if set(answer) != {f"{crowd.namespace}/{name}" for name in crowd.good}:
        return None
    options = [
        Option(name, True, f"{name} carries every label of the selector, is in the namespace, and is ready.")
        for name in crowd.good
    ]
    for name, (lack, belief) in crowd.lacks.items():
        options.append(Option(name, False, f"{name} gets nothing: {lack}. {_correction(belief)}", belief))
    offered = several(rng, options)
    if offered is None:
        return None
    return Draft(
        form="multiple",
        topic="services",
        difficulty=difficulty,
        stem=f"Which of these pods get connections when {crowd.client} asks Service {crowd.app} in {crowd.namespace}?",
        explanation=f"A Service sends to ready pods of its own namespace that carry all labels of its selector "
        f"({_labels(crowd)}): {listed(crowd.good)}.",
        references=(SERVICE_PAGE, SLICE_PAGE, "explain:SERVICE_ENDPOINT_CHOSEN"),
        options=offered,
        manifest=sketch.text,
        request=crowd.asked,
    )


def _correction(belief: str | None) -> str:
    return BELIEFS[belief].correction if belief else ""


def _labels(crowd: Crowd) -> str:
    return ",".join(f"{key}={value}" for key, value in crowd.labels.items())


def _column(rng: Random, difficulty: int) -> Draft | None:
    """The ENDPOINTS column of ``kubectl get endpointslices``: every address that is listed, ready or not."""
    crowd = Crowd(rng, difficulty, good=(1, 1) if difficulty == 3 else (1, 2))
    cluster = crowd.sketch.cluster
    right = _listed(cluster, crowd.namespace, crowd.app)
    if right is None:
        return None
    wrong = []
    for belief, change in (
        (None, _ready_only),
        ("selector-matches-any-label", None),
        ("selector-crosses-namespaces", None),
        ("service-selects-deployments-by-name", None),
    ):
        shown = change(cluster, crowd.namespace, crowd.app) if change else _believed(crowd, belief or "")
        why = _correction(belief) or (
            "The column lists every address of the slice, un-ready ones too: being listed is not getting traffic."
        )
        if shown:
            wrong.append(Option(shown, False, why, belief))
    ports = right.split(",")
    wrong.append(
        Option(
            ",".join(f"{address}:{crowd.target}" for address in ports),
            False,
            "The column of endpointslices holds addresses alone; the ports have a column of their own.",
        )
    )
    sick = set(ports) - set(_ready_only(cluster, crowd.namespace, crowd.app).split(","))
    wrong.append(Option(",".join(sorted(sick)), False, "Ready pods are listed as well; being ready is what they need."))
    wrong.append(Option("<unset>", False, "That is shown for a slice without any address."))
    ip = next(iter(cluster.services[crowd.namespace, crowd.app].cluster_ips))
    wrong.append(Option(str(ip), False, "That is the cluster IP, which stands in the Service, not in its endpoints."))
    options = single(rng, Option(right, True, "All pods that the selector picks are listed, ready or not."), wrong)
    if options is None:
        return None
    return Draft(
        form="single",
        topic="services",
        difficulty=difficulty,
        stem=f"What does kubectl get endpointslices -n {crowd.namespace} show under ENDPOINTS for Service {crowd.app}?",
        explanation=f"The slice lists every pod of {crowd.namespace} with the labels {_labels(crowd)} that has an "
        "address; whether it is ready stands in its conditions, which this column does not show.",
        references=(SLICE_PAGE,),
        options=options,
        manifest=crowd.sketch.text,
    )


def _listed(cluster: Cluster, namespace: str, name: str) -> str | None:
    """None for more than three, which kubectl cuts short."""
    pieces = cluster.slices.get((namespace, name), ())
    addresses = [str(endpoint.addresses[0]) for piece in pieces for endpoint in piece.endpoints]
    return ",".join(addresses) if 0 < len(addresses) <= 3 else None


def _ready_only(cluster: Cluster, namespace: str, name: str) -> str:
    pieces = cluster.slices.get((namespace, name), ())
    ready = [str(endpoint.addresses[0]) for piece in pieces for endpoint in piece.endpoints if endpoint.ready]
    return ",".join(ready)


def _believed(crowd: Crowd, belief: str) -> str:
    """What would be listed by a belief on selectors: read from where it would send, ready or not."""
    cluster = crowd.sketch.cluster
    pods = {f"{pod.namespace}/{pod.name}": pod for pod in cluster.pods.values()}
    told = misread(BELIEFS[belief], cluster, crowd.sketch.request(crowd.asked))
    names = PROBES["endpoint"].value(told).split(", ") if told is not None else []
    sick = [name for name, (_, why) in crowd.lacks.items() if why == "unready-pods-get-traffic"]
    picked = [pods[name] for name in names if name in pods]
    picked += [pod for pod in pods.values() if pod.name in sick]
    ordered = sorted(picked, key=lambda pod: pod.name)
    return ",".join(str(pod.address) for pod in ordered) if 0 < len(ordered) <= 4 else ""


def _port(rng: Random, difficulty: int) -> Draft | None:
    """At which port is the pod asked? From one plain port to two named ones and a node port."""
    sketch = Sketch(rng)
    namespace, app = sketch.namespace(), sketch.app()
    port, target = service_ports(rng)
    other = rng.choice([number for number in words.PORTS if number != target])
    name = rng.choice(words.PORT_NAMES)
    client = sketch.pick(words.FRONTS)
    sketch.pod(client, namespace, {"app": client}, port=None)
    sketch.pods(app, namespace, 1, port=target, port_name=name if difficulty > 1 else "", node="node-1")
    node_port = rng.randint(30086, 32767) if difficulty == 3 else None
    more: dict[str, Any] = {"type": "NodePort"} if node_port else {}
    sketch.service(
        app, namespace, {"app": app}, port=port, target=name if difficulty > 1 else target, node_port=node_port, **more
    )
    sketch.nodes()
    asked = Asked(f"pod/{client}", f"http://{app}:{port}/", namespace)
    if node_port:
        asked = Asked("internet", f"{sketch.node_address('node-2')}:{node_port}", namespace)
    what = "is not what the Service sends to."
    extra = [(str(number), f"{number} {what}") for number in (other, target + 1, target + 10, 10 * target)]
    extra += [(str(node_port or 30080), "Node ports are asked at nodes, not at pods.")]
    extra.append(("80", "80 is a common port, but the Service says where it sends to."))
    extra.append((str(port), BELIEFS["service-port-is-container-port"].correction))
    return about(
        rng,
        sketch.cluster,
        sketch.text,
        asked,
        "port",
        difficulty,
        topic="services",
        beliefs=PORT_BELIEFS,
        extra=extra,
        form="single",
    )


def _verdict(rng: Random, difficulty: int) -> Draft | None:
    """What becomes of a request through a Service that may be broken, or merely look so."""
    sketch = Sketch(rng)
    namespace, app = sketch.namespace(), sketch.app()
    port, target = service_ports(rng)
    client = sketch.pick(words.FRONTS)
    case = rng.choice(("fine", "unready", "wrong-target", "wrong-port", "typo", "listens", "part-ready", "headless"))
    sketch.pod(client, namespace, {"app": client}, port=None)
    ready = case != "unready"
    sketch.pods(
        app,
        namespace,
        rng.randint(1, 2),
        port=None if case == "listens" else target,
        listens=target if case == "listens" else None,
        ready=ready,
    )
    if case == "part-ready" or difficulty > 1:
        sketch.pods(app, namespace, 1, port=target, ready=False)
    if case in ("part-ready", "listens") or difficulty == 3:
        sketch.pods(sketch.app(), namespace, 1, port=target)
    selector = {"app": app[:-1] if case == "typo" else app}
    aimed = target + 1 if case == "wrong-target" else target
    more: dict[str, Any] = {"clusterIP": "None"} if case == "headless" else {}
    sketch.service(app, namespace, selector, port=port, target=aimed, **more)
    number = target if case == "wrong-port" else port
    asked = Asked(f"pod/{client}", f"http://{app}:{number}/", namespace)
    return about(
        rng, sketch.cluster, sketch.text, asked, "verdict", difficulty, topic="services", beliefs=SERVICE_BELIEFS
    )


def _share(rng: Random, difficulty: int) -> Draft | None:
    """How many of many connections one pod gets."""
    crowd = Crowd(rng, difficulty, good=(2, 4))
    cluster = crowd.sketch.cluster
    truth = trace(cluster, crowd.sketch.request(crowd.asked))
    pod = rng.choice(crowd.good)
    share = sum(path.share for path in truth.paths if path.destination and path.destination.name == pod)
    total = 60 * rng.randint(5, 50)

    def count(part: float) -> str:
        return f"About {round(total * part)}" if 0 < part < 1 else ("All of them" if part else "None of them")

    right = Option(count(share), True, f"The choice is random, and alike for all {len(crowd.good)} ready endpoints.")
    wrong = []
    for id_ in ("unready-pods-get-traffic", "selector-matches-any-label", "selector-crosses-namespaces"):
        told = misread(BELIEFS[id_], cluster, crowd.sketch.request(crowd.asked))
        if told is not None:
            part = sum(p.share for p in told.paths if p.destination and p.destination.name == pod)
            wrong.append(Option(count(part), False, f"{BELIEFS[id_].correction}", id_))
    everything = len(crowd.good) + len(crowd.lacks)
    wrong.append(Option(count(1 / everything), False, "Only ready pods that the selector picks share the connections."))
    wrong.append(Option(count(0.8), False, "No pod is preferred: each ready endpoint is as likely as the next."))
    wrong.append(Option(count(1 / 2), False, "The share is one of as many parts as there are ready endpoints."))
    wrong.append(Option(count(0), False, f"{pod} is a ready endpoint, so it is chosen now and then."))
    options = single(rng, right, wrong)
    if options is None or share in (0, 1):
        return None
    return Draft(
        form="single",
        topic="kube-proxy",
        difficulty=difficulty,
        stem=f"{crowd.client} opens {total} connections to Service {crowd.app} in {crowd.namespace}. How many of them "
        f"does pod {pod} get?",
        explanation=f"kube-proxy chooses at random for each new connection: {listed(sorted(crowd.good))} get "
        f"{share:.0%} each.",
        references=(
            "https://kubernetes.io/docs/reference/networking/virtual-ips/#proxy-mode-iptables",
            "explain:SERVICE_ENDPOINT_CHOSEN",
        ),
        options=options,
        manifest=crowd.sketch.text,
        request=crowd.asked,
    )


def _ports_column(rng: Random, difficulty: int) -> Draft | None:
    """The PORT(S) column of ``kubectl get svc``."""
    sketch = Sketch(rng)
    namespace, app = sketch.namespace(), sketch.app()
    port, target = service_ports(rng)
    if difficulty == 1 and rng.random() < 0.5:
        port, target = target, port
    node_port = rng.randint(30086, 32767)
    kind = "ClusterIP" if difficulty == 1 else "NodePort"
    more: dict[str, Any] = {} if difficulty == 1 else {"type": kind}
    sketch.service(
        app, namespace, {"app": app}, port=port, target=target, node_port=node_port if difficulty > 1 else None, **more
    )
    texts = {
        "bare": str(port),
        "bare-target": str(target),
        "plain": f"{port}/TCP",
        "target": f"{target}/TCP",
        "both": f"{port}:{target}/TCP",
        "swapped": f"{target}:{port}/TCP",
        "node": f"{port}:{node_port}/TCP",
        "reversed": f"{node_port}:{port}/TCP",
        "node-target": f"{node_port}:{target}/TCP",
        "target-node": f"{target}:{node_port}/TCP",
    }
    right = "plain" if difficulty == 1 else "node"
    whys = {
        "bare": "The protocol stands behind each port.",
        "bare-target": "The column shows the Service's port, with its protocol.",
        "target": "The column shows the port that the Service is asked at, not targetPort.",
        "both": "targetPort is not shown; what follows a colon is the node port.",
        "swapped": "targetPort is not shown; the port that clients ask comes first.",
        "plain": "A Service of type NodePort shows its node port behind the colon.",
        "reversed": "The Service's own port comes first, the node port behind the colon.",
        "node-target": "targetPort is not shown, and the Service's own port comes first.",
        "target-node": "It is the Service's port that comes first; targetPort is not shown.",
        "node": "A Service of type ClusterIP has no node port.",
    }
    beliefs = {"target": "target-port-is-asked", "reversed": "node-port-is-port"}
    wrong = [Option(texts[key], False, whys[key], beliefs.get(key)) for key in texts if key != right]
    rng.shuffle(wrong)
    explained = "PORT(S) shows port/PROTOCOL, and for node ports port:nodePort/PROTOCOL. targetPort is not shown."
    options = single(rng, Option(texts[right], True, explained), wrong)
    if options is None:
        return None
    return Draft(
        form="single",
        topic="services",
        difficulty=difficulty,
        stem=f"What does kubectl get service {app} -n {namespace} show under PORT(S)?",
        explanation=explained,
        references=(SERVICE_PAGE + "#type-nodeport",),
        options=options,
        manifest=sketch.text,
        competency="Kubernetes Core Concepts",
    )


GENERATORS: Final = (
    Generator(
        id="endpoints", title="which pods get connections", topic="services", difficulties=(1, 2, 3), make=_endpoints
    ),
    Generator(
        id="slice-column",
        title="what kubectl get endpointslices shows",
        topic="services",
        difficulties=(1, 2, 3),
        make=_column,
    ),
    Generator(
        id="pod-port",
        title="the port at the pod",
        topic="services",
        difficulties=(1, 2, 3),
        beliefs=PORT_BELIEFS,
        make=_port,
    ),
    Generator(
        id="service-verdict",
        title="what becomes of a request to a Service",
        topic="services",
        difficulties=(1, 2, 3),
        beliefs=SERVICE_BELIEFS,
        make=_verdict,
    ),
    Generator(
        id="share", title="how many connections a pod gets", topic="kube-proxy", difficulties=(1, 2, 3), make=_share
    ),
    Generator(
        id="ports-column",
        title="what kubectl get service shows",
        topic="services",
        difficulties=(1, 2),
        make=_ports_column,
    ),
)
