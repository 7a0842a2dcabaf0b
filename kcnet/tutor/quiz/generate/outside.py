"""Questions on the way in: node ports, load balancers, and the source address that the pod sees."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from kcnet.loading.problems import InvalidManifestsError
from kcnet.model.trace import Verdict
from kcnet.simulate import trace
from kcnet.tutor.beliefs import BELIEFS
from kcnet.tutor.probes import PROBES, misread
from kcnet.tutor.quiz.generate import words
from kcnet.tutor.quiz.generate.asking import about
from kcnet.tutor.quiz.generate.draft import Asked, Draft, Fill, Generator, Option, listed, several, single
from kcnet.tutor.quiz.generate.sketch import Sketch, request_of, service_ports
from kcnet.tutor.quiz.generate.yamltext import cluster_of, documents

PAGE: Final = "https://kubernetes.io/docs/concepts/services-networking/service/"
SOURCE_IP: Final = "https://kubernetes.io/docs/tutorials/services/source-ip/"
WAYS_IN: Final = (
    "node-port-on-pods-node-only",
    "node-port-is-port",
    "node-port-reaches-the-same-port",
    "source-kept-through-node-port",
    "source-ranges-guard-node-port",
    "local-policy-falls-back",
    "load-balancer-works-anywhere",
    "clusterip-reachable-from-outside",
    "no-endpoints-means-timeout",
    "unready-pods-get-traffic",
    "target-port-is-asked",
)
SEEN: Final = (
    "source-kept-through-node-port",
    "source-always-node",
    "source-is-the-service",
    "ingress-keeps-the-source",
    "node-port-on-pods-node-only",
    "outsiders-see-pod-addresses",
)


class Door:
    """A Service with a node port, pods on some of the nodes."""

    def __init__(self, rng: Random, difficulty: int, kind: str = "NodePort", **spec: Any) -> None:
        self.sketch = sketch = Sketch(rng, nodes=3 if difficulty > 1 else 2)
        self.home, self.app = sketch.namespace(), sketch.app()
        self.port, self.target = service_ports(rng)
        self.node_port = rng.randint(30086, 32767)
        self.busy = sorted(rng.sample(sketch.node_names, rng.randint(1, len(sketch.node_names) - 1)))
        sketch.nodes()
        self.addresses = [
            sketch.pod(f"{self.app}-{sketch.suffix()}", self.home, {"app": self.app}, node=node, port=self.target)
            for node in self.busy
        ]
        self.ip = sketch.service(
            self.app,
            self.home,
            {"app": self.app},
            port=self.port,
            target=self.target,
            node_port=self.node_port,
            type=kind,
            **spec,
        )


def _node_ports(rng: Random, difficulty: int) -> Draft | None:
    """Which addresses and ports answer a client outside?"""
    local = difficulty > 1 and rng.random() < 0.6
    door = Door(rng, difficulty, **({"externalTrafficPolicy": "Local"} if local else {}))
    sketch = door.sketch
    targets = [f"{sketch.node_address(name)}:{door.node_port}" for name in sketch.node_names]
    first = sketch.node_address(door.busy[0])
    targets += [f"{first}:{door.port}", f"{first}:{door.target}", f"{door.ip}:{door.port}"]
    targets += [f"{door.addresses[0]}:{door.target}", f"{door.ip}:{door.node_port}"] if difficulty > 1 else []
    options = []
    for target in targets:
        request = request_of(sketch.cluster, Asked("internet", target))
        truth = trace(sketch.cluster, request)
        right = truth.verdict is Verdict.DELIVERED
        believed = None if right else _who_expects(sketch, Asked("internet", target))
        why = PROBES["verdict"].proof(truth)
        options.append(Option(target, right, f"{BELIEFS[believed].correction} {why}" if believed else why, believed))
    offered = several(rng, options)
    if offered is None:
        return None
    return Draft(
        form="multiple",
        topic="external",
        difficulty=difficulty,
        stem=f"At which of these addresses does Service {door.app} of {door.home} answer a client outside the cluster "
        "that can reach the nodes?",
        explanation="From outside a Service of type NodePort answers at the nodes' addresses and its nodePort: "
        + ("with externalTrafficPolicy Local on nodes with a ready endpoint alone." if local else "on every node."),
        references=(PAGE + "#type-nodeport", "explain:NODE_PORT_CLOSED"),
        options=offered,
        manifest=sketch.text,
    )


def _who_expects(sketch: Sketch, asked: Asked) -> str | None:
    """The belief under which the request would be answered."""
    request = request_of(sketch.cluster, asked)
    for id_ in WAYS_IN:
        told = misread(BELIEFS[id_], sketch.cluster, request)
        if told is not None and told.verdict is Verdict.DELIVERED:
            return id_
    return None


def _source(rng: Random, difficulty: int) -> Draft | None:
    """Which source address does the pod see?"""
    case = rng.choice(("pod", "node-port") if difficulty == 1 else ("pod", "node-port", "local", "out", "node-port"))
    door = Door(rng, difficulty, **({"externalTrafficPolicy": "Local"} if case == "local" else {}))
    sketch = door.sketch
    client = sketch.pick(words.FRONTS)
    node = rng.choice(sketch.node_names)
    ip = sketch.pod(client, door.home, {"app": client}, node=node, port=None)
    entry = rng.choice(door.busy) if case == "local" else rng.choice(sketch.node_names)
    outside = f"198.51.100.{rng.randint(10, 90)}"
    server = f"203.0.113.{rng.randint(10, 90)}"
    asked, who = {
        "pod": (Asked(f"pod/{client}", f"http://{door.app}:{door.port}/", door.home), f"pod {client}"),
        "out": (Asked(f"pod/{client}", f"{server}:443", door.home), f"pod {client}"),
    }.get(case, (Asked(outside, f"{sketch.node_address(entry)}:{door.node_port}"), f"a client at {outside}"))
    extra = [
        (sketch.node_address(name), "That is a node's address; it is seen where that node rewrites the source.")
        for name in sketch.node_names
    ]
    extra += [
        (ip, f"That is the address of {client}; it is seen by whom {client} asks inside the cluster."),
        (str(door.ip), BELIEFS["source-is-the-service"].correction),
        (outside, "A client outside is seen only where nobody rewrites the source."),
    ]
    rng.shuffle(extra)
    what = f"{server}, outside the cluster," if case == "out" else f"the pod of {door.app} that answers"
    return about(
        rng,
        sketch.cluster,
        sketch.text,
        asked,
        "source",
        difficulty,
        topic="external",
        beliefs=SEEN,
        extra=extra,
        form="single",
        stem=f"Which source address does {what} see when {who} asks {asked.target}?",
    )


def _range(rng: Random, difficulty: int) -> Draft | None:
    """Which nodePort does the API server accept? (``--service-node-port-range`` as it is by default.)"""
    sketch = Sketch(rng, nodes=1)
    home, app = sketch.namespace(), sketch.app()
    good = rng.choice((30000, 32767, rng.randint(30001, 32766), rng.randint(30001, 32766)))
    bad = [29999, 32768, rng.randint(1024, 29998), rng.randint(32769, 65000), rng.choice((80, 443, 8080)), 65536]
    bad = bad[:2] + rng.sample(bad[2:], 3) if difficulty > 1 else bad[2:]
    accepted = {number: _accepts(home, app, number) for number in (good, *bad)}
    if not accepted[good] or any(accepted[number] for number in bad):
        return None
    why = "The default range of node ports is 30000-32767, both ends included."
    options = single(
        rng,
        Option(str(good), True, why),
        [Option(str(number), False, f"{number} is not in the range. {why}") for number in bad],
    )
    if options is None:
        return None
    return Draft(
        form="single",
        topic="external",
        difficulty=difficulty,
        stem=f"Which nodePort may Service {app} in {home} (type NodePort) ask for, if the API server's range is the "
        "default?",
        explanation=why + " A number that another Service holds is refused as well.",
        references=(PAGE + "#type-nodeport",),
        options=options,
        competency="Kubernetes Core Concepts",
    )


def _accepts(namespace: str, name: str, number: int) -> bool:
    port = {"port": 80, "nodePort": number}
    spec = {"type": "NodePort", "selector": {"app": name}, "ports": [port]}
    meta = {"name": name, "namespace": namespace}
    try:
        cluster_of(documents([{"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec}]))
    except InvalidManifestsError:
        return False
    return 30000 <= number <= 32767


def _from_outside(rng: Random, difficulty: int) -> Draft | None:
    """What becomes of a request from outside: the right and the wrong door, with and without a load balancer."""
    kind = rng.choice(("NodePort", "LoadBalancer"))
    spec: dict[str, Any] = {}
    ranges = kind == "LoadBalancer" and difficulty > 1 and rng.random() < 0.6
    if ranges:
        spec["loadBalancerSourceRanges"] = ["203.0.113.0/24"]
    if difficulty > 1 and rng.random() < 0.5:
        spec["externalTrafficPolicy"] = "Local"
    door = Door(rng, difficulty, kind, **spec)
    sketch = door.sketch
    if kind == "LoadBalancer" and rng.random() < 0.4:
        sketch.facts(loadBalancer=False)
    node = sketch.node_address(rng.choice(sketch.node_names))
    doors = [f"{node}:{door.node_port}", f"{node}:{door.port}", f"{door.ip}:{door.port}"]
    if kind == "LoadBalancer":
        doors += [f"svc/{door.app}:{door.port}"] * 2
    target = rng.choice(doors)
    source = f"198.51.100.{rng.randint(10, 90)}"
    asked = Asked(source, target, door.home)
    what = f"the load balancer of {door.app}, port {door.port}" if target.startswith("svc/") else target
    return about(
        rng,
        sketch.cluster,
        sketch.text,
        asked,
        "verdict",
        difficulty,
        topic="external",
        beliefs=WAYS_IN,
        stem=f"A client at {source}, outside the cluster, asks {what}. What becomes of it?",
    )


def _which_number(rng: Random, difficulty: int) -> Draft | None:
    """The port to type, from outside or from a pod."""
    door = Door(rng, difficulty)
    sketch = door.sketch
    node = rng.choice(sketch.node_names)
    cases = {
        "node": (f"a client outside the cluster asks {node} ({sketch.node_address(node)})", door.node_port, "nodePort"),
        "service": (f"a pod asks the Service's cluster IP, {door.ip}", door.port, "port"),
        "pod": (f"a pod asks the pod's own address, {door.addresses[0]}", door.target, "the container's port"),
    }
    case = rng.choice(("node", "service") if difficulty == 1 else tuple(cases))
    who, right, name = cases[case]
    whys = {
        door.node_port: "That is the nodePort, for the addresses of nodes.",
        door.port: "That is the Service's port, for its cluster IP.",
        door.target: "That is the targetPort, for the pods' own addresses.",
    }
    wrong = tuple((str(number), why) for number, why in whys.items() if number != right)
    return Draft(
        form="fill",
        topic="external",
        difficulty=difficulty,
        stem=f"To reach {door.app} in {door.home}, {who}. At which port?",
        explanation=f"It is {name}, {right}: nodes are asked at nodePort, the cluster IP at port, pods at targetPort.",
        references=(PAGE + "#type-nodeport",),
        fill=Fill("port", (str(right),), wrong),
        manifest=sketch.text,
    )


def _local_nodes(rng: Random, difficulty: int) -> Draft | None:
    """Which pods answer a pod, by internal and external traffic policy?"""
    local = rng.random() < 0.6
    spec: dict[str, Any] = {"internalTrafficPolicy": "Local"} if local else {"externalTrafficPolicy": "Local"}
    door = Door(rng, max(2, difficulty), **spec)
    sketch = door.sketch
    extra_node = rng.choice(sketch.node_names)
    sick = f"{door.app}-{sketch.suffix()}"
    sketch.pod(sick, door.home, {"app": door.app}, node=extra_node, port=door.target, ready=False)
    more = [f"{door.app}-{sketch.suffix()}" for _ in range(4)]
    for name in more:
        sketch.pod(name, door.home, {"app": door.app}, node=rng.choice(sketch.node_names), port=door.target)
    client, node = sketch.pick(words.FRONTS), rng.choice(door.busy)
    sketch.pod(client, door.home, {"app": client}, node=node, port=None)
    asked = Asked(f"pod/{client}", f"http://{door.app}:{door.port}/", door.home)
    cluster = sketch.cluster
    truth = trace(cluster, request_of(cluster, asked))
    answer = PROBES["endpoint"].value(truth).split(", ")
    believed: dict[str, str] = {}
    for id_ in (
        "local-policy-falls-back",
        "local-policy-breaks-pods",
        "external-policy-rules-inside",
        "unready-pods-get-traffic",
    ):
        told = misread(BELIEFS[id_], cluster, request_of(cluster, asked))
        for name in PROBES["endpoint"].value(told).split(", ") if told is not None else ():
            believed.setdefault(name, id_)
    options = []
    for pod in cluster.pods.values():
        if pod.labels.get("app") != door.app:
            continue
        name = f"{pod.namespace}/{pod.name}"
        right = name in answer
        held = None if right else believed.get(name)
        where = f"It is {'ready' if pod.ready else 'not ready'}, on {pod.node}; the client is on {node}."
        options.append(Option(pod.name, right, f"{BELIEFS[held].correction} {where}" if held else where, held))
    if len(options) < 5:
        return None
    offered = several(rng, options)
    if offered is None:
        return None
    rule = (
        "internalTrafficPolicy Local keeps to endpoints of the client's node."
        if local
        else ("externalTrafficPolicy is about traffic from outside: for a pod every ready endpoint counts.")
    )
    return Draft(
        form="multiple",
        topic="kube-proxy",
        difficulty=max(2, difficulty),
        stem=f"Pod {client} of {door.home} runs on {node} and asks http://{door.app}:{door.port}/. Which of these pods "
        "may get the connection?",
        explanation=f"{rule} They are {listed(sorted(name.partition('/')[2] for name in answer))}.",
        references=(
            "https://kubernetes.io/docs/reference/networking/virtual-ips/#traffic-policies",
            "explain:SERVICE_LOCAL_ONLY",
        ),
        options=offered,
        manifest=sketch.text,
        request=asked,
    )


GENERATORS: Final = (
    Generator(
        id="node-ports", title="which node ports answer", topic="external", difficulties=(1, 2, 3), make=_node_ports
    ),
    Generator(
        id="source-seen",
        title="the source address that the pod sees",
        topic="external",
        difficulties=(1, 2, 3),
        beliefs=SEEN,
        make=_source,
    ),
    Generator(
        id="node-port-range", title="the range of node ports", topic="external", difficulties=(1, 2), make=_range
    ),
    Generator(
        id="from-outside",
        title="what becomes of a request from outside",
        topic="external",
        difficulties=(1, 2, 3),
        beliefs=WAYS_IN,
        make=_from_outside,
    ),
    Generator(id="which-port", title="the port to ask", topic="external", difficulties=(1, 2), make=_which_number),
    Generator(
        id="traffic-policy",
        title="which endpoints a traffic policy leaves",
        topic="kube-proxy",
        difficulties=(2, 3),
        make=_local_nodes,
    ),
)
