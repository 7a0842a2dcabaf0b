"""Questions on the way of a packet: its stations, the rules that choose an endpoint, the node that it travels to."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from kcnet.model.trace import Action, Stage, Trace, Verdict
from kcnet.simulate import trace
from kcnet.tutor.quiz.generate import words
from kcnet.tutor.quiz.generate.draft import Asked, Draft, Generator, Option, single
from kcnet.tutor.quiz.generate.policies import match
from kcnet.tutor.quiz.generate.sketch import Sketch, request_of, service_ports

VIRTUAL_IPS: Final = "https://kubernetes.io/docs/reference/networking/virtual-ips/"
CNI_PAGE: Final = "https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/network-plugins/"

HAPPENS: Final = {
    (Stage.DNS, Action.RESOLVED): "The name is looked up: DNS answers with an address",
    (Stage.SERVICE, Action.CHOSE): "kube-proxy's rules choose one of the Service's endpoints",
    (Stage.NAT, Action.REWROTE): "The destination becomes the address and port of a pod",
    (Stage.EGRESS_POLICY, Action.ALLOWED): "Policies judge whether the packet may leave its pod",
    (Stage.INGRESS_POLICY, Action.ALLOWED): "Policies judge whether the packet may enter the pod",
    (Stage.ROUTE, Action.MOVED): "The packet travels to the node of the chosen pod",
    (Stage.ENDPOINT, Action.DELIVERED): "The process in the container takes the connection",
}


def _hops(rng: Random, difficulty: int) -> Draft | None:
    sketch = Sketch(rng)
    home, app, client = sketch.namespace(), sketch.app(), sketch.pick(words.FRONTS)
    port, target = service_ports(rng)
    sketch.pod(client, home, {"app": client}, node="node-1", port=None)
    sketch.pod(f"{app}-{sketch.suffix()}", home, {"app": app}, node="node-2", port=target)
    more: dict[str, Any] = {"type": "NodePort"} if difficulty == 3 else {}
    node_port = rng.randint(30086, 32767) if difficulty == 3 else None
    sketch.service(app, home, {"app": app}, port=port, target=target, node_port=node_port, **more)
    if difficulty > 1:
        rule = {"from": [{"podSelector": match(app=client)}], "ports": [{"port": target}]}
        sketch.policy("admit-some", home, {"podSelector": match(app=app), "ingress": [rule]})
    sketch.nodes()
    outside = difficulty == 3 and rng.random() < 0.5
    if outside:
        sketch.docs = [doc for doc in sketch.docs if doc["kind"] != "NetworkPolicy"]
        asked = Asked("internet", f"{sketch.node_address('node-1')}:{node_port}", home)
    else:
        asked = Asked(f"pod/{client}", f"http://{app}:{port}/", home)
    truth = trace(sketch.cluster, request_of(sketch.cluster, asked))
    options = tuple(_stations(truth))
    if truth.verdict is not Verdict.DELIVERED or len(options) < 4:
        return None
    who = "A client outside" if outside else f"Pod {client} of {home}, on node-1,"
    return Draft(
        form="order",
        topic="kube-proxy",
        difficulty=difficulty,
        stem=f"{who} asks {asked.target}; the pod behind Service {app} runs on node-2. Put what happens in order.",
        explanation=" ".join(step.text for step in truth.paths[0].steps if step.stage is not Stage.RETURN),
        references=(VIRTUAL_IPS, "explain:NAT_DESTINATION"),
        options=options,
        manifest=sketch.text,
        request=asked,
    )


def _stations(truth: Trace) -> list[Option]:
    found: dict[str, Option] = {}
    for step in truth.paths[0].steps:
        text = HAPPENS.get((step.stage, step.action), "")
        if step.stage is Stage.NAT and step.before.dst == step.after.dst:
            text = "" if step.before.src == step.after.src else "The source becomes the address of a node"
        if step.stage is Stage.ROUTE and step.before.dst not in (None, truth.paths[0].steps[-1].after.dst):
            text = "The packet reaches the node whose address was asked" if text else ""
        if text and text not in found:
            found[text] = Option(text, True, step.text)
    return list(found.values())


def _probability(rng: Random, difficulty: int) -> Draft | None:
    """Rule i of n in iptables mode matches with 1/(n-i)."""
    sketch = Sketch(rng, nodes=1)
    app, home = sketch.app(), sketch.namespace()
    count = rng.randint(3, 5) if difficulty == 1 else rng.randint(4, 10)
    place_of = rng.randint(1, count - 1) if difficulty > 1 else 1
    if difficulty > 1 and place_of == 1:
        place_of = 2
    ordinal = {1: "first", 2: "second", 3: "third"}.get(place_of, f"{place_of}th")
    right = 1 / (count - place_of + 1)
    spelled = f"{right:.10f}"
    whys = {
        1 / count: "That is each endpoint's share, but only the first rule sees every connection.",
        1 / (count - place_of): "That is the probability of the rule after this one.",
        1 / (count + 1): "There is one rule for each ready endpoint, and no other.",
        place_of / count: "Probabilities are not added up: each rule sees what the rules before it left.",
        1 / 2: "One half is for the last but one rule.",
        1 / (count - place_of + 2): "That is the probability of the rule before this one.",
        1 - right: "That is the share of connections that go on to the next rule.",
    }
    wrong = [Option(f"{value:.10f}", False, why) for value, why in whys.items() if 0 < value < 1]
    rng.shuffle(wrong)
    explained = (
        f"Of {count} rules the {ordinal} sees what the {place_of - 1} before it left, and takes one of "
        f"{count - place_of + 1} parts: {spelled}. The last rule has no condition, so every endpoint gets 1/{count}."
    )
    options = single(rng, Option(spelled, True, explained), wrong)
    if options is None:
        return None
    return Draft(
        form="single",
        topic="kube-proxy",
        difficulty=difficulty,
        stem=f"Service {app} in {home} has {count} ready endpoints, and kube-proxy runs in iptables mode. With which "
        f"probability does the {ordinal} rule of its KUBE-SVC chain match?",
        explanation=explained,
        references=(VIRTUAL_IPS + "#proxy-mode-iptables",),
        options=options,
    )


def _node_of(rng: Random, difficulty: int) -> Draft | None:
    """Which node does a packet for a pod's address travel to, by the nodes' pod CIDRs?"""
    sketch = Sketch(rng, nodes=4)
    size = {1: 24, 2: 24, 3: 25}[difficulty]
    second = rng.randint(10, 240)
    blocks = [number * (2 if size == 25 else 1) for number in rng.sample(range(1, 100), 2)]
    ranges: list[str] = []
    for block in blocks:
        if size == 24:
            ranges += [f"10.{second}.{block}.0/24", f"10.{second}.{block + 100}.0/24"]
        else:
            ranges += [f"10.{second}.{block}.0/25", f"10.{second}.{block}.128/25"]
    rng.shuffle(ranges)
    for name, own in zip(sketch.node_names, ranges, strict=True):
        status = {"addresses": [{"type": "InternalIP", "address": sketch.node_address(name)}]}
        sketch.add("Node", None, name, spec={"podCIDR": own}, status=status)
    home, app = sketch.namespace(), sketch.app()
    right = rng.choice(sketch.node_names)
    own = ranges[sketch.node_names.index(right)]
    base = own.partition("/")[0].rpartition(".")
    address = f"{base[0]}.{int(base[2]) + rng.randint(3, 120)}"
    spec = {"nodeName": right, "containers": [{"name": "app", "image": f"{app}:1.4"}]}
    hidden = Sketch(rng, nodes=4)
    hidden.docs = [*sketch.docs]
    hidden.add(
        "Pod", home, app, meta={"labels": {"app": app}}, spec=spec, status={"phase": "Running", "podIP": address}
    )
    if str(hidden.cluster.pods[home, app].address) != address:
        return None
    in_range = [name for name, node in hidden.cluster.nodes.items() if _holds(node.pod_cidrs, address)]
    if in_range != [right]:
        return None
    whys = {
        name: f"{name} has the pod CIDR {cidr}, which does not hold {address}."
        for name, cidr in zip(sketch.node_names, ranges, strict=True)
    }
    options = tuple(
        Option(
            name, name == right, f"{address} lies in {own}, the pod CIDR of {right}." if name == right else whys[name]
        )
        for name in sketch.node_names
    )
    return Draft(
        form="single",
        topic="cni",
        difficulty=difficulty,
        stem=f"The plugin gives pods addresses from their node's podCIDR. On which node does pod {app} of {home} run, "
        f"whose address is {address}?",
        explanation=f"{address} lies in {own}: that is the range of {right}, so that is where packets for it go.",
        references=(CNI_PAGE, "https://kubernetes.io/docs/concepts/services-networking/"),
        options=options,
        manifest=sketch.text,
    )


def _holds(ranges: Any, address: str) -> bool:
    from ipaddress import ip_address

    return any(ip_address(address) in cidr for cidr in ranges)


GENERATORS: Final = (
    Generator(
        id="order-of-hops", title="the stations of a request", topic="kube-proxy", difficulties=(1, 2, 3), make=_hops
    ),
    Generator(
        id="rule-probability",
        title="the probability of a rule in iptables mode",
        topic="kube-proxy",
        difficulties=(1, 2),
        make=_probability,
    ),
    Generator(
        id="node-of-address", title="the node of a pod's address", topic="cni", difficulties=(1, 3), make=_node_of
    ),
)
