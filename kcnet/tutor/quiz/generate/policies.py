"""Questions on NetworkPolicy: who gets in, what lets a packet pass, and which policy is in the way."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any, Final

from msgspec.structs import replace

from kcnet.model.cluster import Cluster
from kcnet.model.trace import Request, Verdict
from kcnet.simulate import trace
from kcnet.tutor.beliefs import BELIEFS
from kcnet.tutor.probes import PROBES, misread
from kcnet.tutor.quiz.generate import words
from kcnet.tutor.quiz.generate.asking import about
from kcnet.tutor.quiz.generate.draft import Asked, Draft, Generator, Option, several, shuffled
from kcnet.tutor.quiz.generate.sketch import Sketch, request_of, service_ports

PAGE: Final = "https://kubernetes.io/docs/concepts/services-networking/network-policies/"
PEERS: Final = (
    "list-items-anded",
    "one-item-ored",
    "pod-selector-every-namespace",
    "empty-selector-selects-nothing",
    "empty-rules-allow-all",
    "policies-can-deny",
    "later-policy-wins",
    "policy-on-service-port",
    "policy-selects-every-namespace",
    "ipblock-except-denies-elsewhere",
)
WAYS: Final = (
    *PEERS,
    "ingress-only-policy-blocks-egress",
    "egress-needs-no-dns-rule",
    "replies-need-a-rule",
    "policy-names-service",
    "policy-works-on-any-cni",
)

TOO_OFTEN: Final = 0.6
"""Of requests that are answered so many are passed over: else whoever always says so would mostly be right."""


def match(**labels: str) -> dict[str, Any]:
    return {"matchLabels": dict(labels)} if labels else {}


class Neighbours:
    """A server that policies are about, and clients in two namespaces with roles and teams."""

    def __init__(self, rng: Random, difficulty: int) -> None:
        self.sketch = sketch = Sketch(rng)
        self.home, self.away = sketch.namespace(), sketch.namespace()
        self.team, self.other_team = sketch.pick(words.TEAMS), sketch.pick(words.TEAMS)
        self.server = sketch.app()
        self.port, self.target = service_ports(rng)
        self.role, self.other_role = sketch.pick(words.FRONTS), sketch.pick(words.FRONTS)
        sketch.labelled(self.home, {"team": self.team})
        sketch.labelled(self.away, {"team": self.other_team})
        self.server_pod = sketch.pods(self.server, self.home, 1, port=self.target)[0]
        self.clients: list[tuple[str, str]] = []
        for namespace in (self.home, self.away):
            for role in (self.role, self.other_role):
                name = f"{role}-{sketch.suffix()}"
                sketch.pod(name, namespace, {"app": role}, port=None)
                self.clients.append((namespace, name))
        name = sketch.pick(words.APPS)
        sketch.pod(name, rng.choice((self.home, self.away)), {"app": name}, port=None)
        self.clients.append((sketch.docs[-1]["metadata"]["namespace"], name))
        sketch.service(self.server, self.home, {"app": self.server}, port=self.port, target=self.target)

    def peers(self, rng: Random, difficulty: int) -> list[Mapping[str, Any]]:
        role = {"podSelector": match(app=self.role)}
        space = {"namespaceSelector": match(team=rng.choice((self.team, self.other_team)))}
        simple: list[list[Mapping[str, Any]]] = [
            [role],
            [{"podSelector": {}}],
            [space],
            [{"podSelector": match(app=self.other_role)}],
        ]
        joined: list[list[Mapping[str, Any]]] = [
            [{**space, **role}],
            [role, space],
            [space, {"podSelector": match(app=self.other_role)}],
        ]
        everywhere: list[list[Mapping[str, Any]]] = [[{"namespaceSelector": {}, **role}], [{"namespaceSelector": {}}]]
        return rng.choice({1: simple, 2: joined, 3: joined + everywhere}[difficulty])

    def admit(self, rng: Random, difficulty: int, name: str) -> None:
        rule: dict[str, Any] = {"from": self.peers(rng, difficulty)}
        if difficulty > 1:
            port = self.port if difficulty == 3 and rng.random() < 0.3 else self.target
            rule["ports"] = [{"port": port}]
        spec = {"podSelector": match(app=self.server), "policyTypes": ["Ingress"], "ingress": [rule]}
        self.sketch.policy(name, self.home, spec)

    def close(self, name: str, *, everything: bool = False, namespace: str = "") -> None:
        selector = {} if everything else match(app=self.server)
        self.sketch.policy(name, namespace or self.home, {"podSelector": selector, "policyTypes": ["Ingress"]})

    def asked(self, client: tuple[str, str]) -> Asked:
        port = "" if self.port == 80 else f":{self.port}"
        return Asked(f"{client[0]}/pod/{client[1]}", f"http://{self.server}.{self.home}{port}/", client[0])


def _who(rng: Random, difficulty: int) -> Draft | None:
    around = Neighbours(rng, difficulty)
    around.admit(rng, difficulty, "admit-some")
    if difficulty > 1 and rng.random() < 0.5:
        around.close("default-deny", everything=True)
    cluster = around.sketch.cluster
    options = [_client_option(cluster, around, client) for client in around.clients]
    offered = several(rng, options)
    if offered is None:
        return None
    return Draft(
        form="multiple",
        topic="networkpolicy",
        difficulty=difficulty,
        stem=f"Which of these pods reach Service {around.server} in {around.home} under the policies shown?",
        explanation="A policy's rules admit what matches one of their peers and one of their ports; several policies "
        "that select the same pod add up.",
        references=(PAGE + "#behavior-of-to-and-from-selectors", "explain:NETPOL_INGRESS_DENIED"),
        options=offered,
        manifest=around.sketch.text,
    )


def _client_option(cluster: Cluster, around: Neighbours, client: tuple[str, str]) -> Option:
    request = request_of(cluster, around.asked(client))
    truth = trace(cluster, request)
    right = truth.verdict is Verdict.DELIVERED
    proof = PROBES["policy-ingress"].proof(truth)
    text = f"{client[0]}/{client[1]}"
    if right:
        return Option(text, True, proof)
    for id_ in PEERS:
        told = misread(BELIEFS[id_], cluster, request)
        if told is not None and told.verdict is Verdict.DELIVERED:
            return Option(text, False, f"{BELIEFS[id_].correction} Here: {proof}", id_)
    return Option(text, False, proof)


def _passing(rng: Random, difficulty: int) -> Draft | None:
    """Why a packet passes, or that it does not."""
    around = Neighbours(rng, difficulty)
    client = rng.choice(around.clients[:4])
    case = rng.choice(("admit", "admit", "close", "elsewhere", "none", "egress", "flannel"))
    if case == "admit":
        around.admit(rng, difficulty, "admit-some")
    elif case == "close":
        around.close("default-deny", everything=rng.random() < 0.5)
    elif case == "elsewhere":
        around.close("default-deny", namespace=around.away)
    elif case == "egress":
        spec = {"podSelector": match(app=around.server), "policyTypes": ["Egress"]}
        around.sketch.policy("no-way-out", around.home, spec)
    elif case == "flannel":
        around.close("default-deny")
        around.sketch.facts(cni="flannel")
    elif difficulty > 1:
        around.sketch.policy("admit-some", around.home, {"podSelector": match(app="nobody"), "ingress": [{}]})
    asked = around.asked(client)
    return about(
        rng,
        around.sketch.cluster,
        around.sketch.text,
        asked,
        "policy-ingress",
        difficulty,
        topic="networkpolicy" if case != "flannel" else "cni",
        beliefs=WAYS,
        stem=f"Pod {client[1]} of {client[0]} asks {asked.target}. What do policies make of the packet where it is to "
        f"enter pod {around.server_pod}?",
    )


def _verdict(rng: Random, difficulty: int) -> Draft | None:
    """What becomes of a request, with policies at either end."""
    around = Neighbours(rng, difficulty)
    home_clients = [client for client in around.clients[:4] if client[0] == around.home]
    client = rng.choice(home_clients)
    role = around.role if client[1].startswith(around.role) else around.other_role
    case = rng.choice(("egress-no-dns", "egress-dns", "egress-port", "admit", "two", "mute", "flannel"))
    out: list[dict[str, Any]] = [{"to": [{"podSelector": match(app=around.server)}]}]
    dns = {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}
    if case.startswith("egress"):
        if case != "egress-no-dns":
            out.insert(0, dns)
        if case == "egress-port":
            out[-1]["ports"] = [{"port": rng.choice((around.port, around.target))}]
        spec = {"podSelector": match(app=role), "policyTypes": ["Egress"], "egress": out}
        around.sketch.policy("way-out", around.home, spec)
    elif case == "mute":
        spec = {"podSelector": match(app=around.server), "policyTypes": ["Egress"]}
        around.sketch.policy("no-way-out", around.home, spec)
    else:
        around.admit(rng, difficulty, "admit-some")
    if case == "two":
        around.close("z-default-deny", everything=True)
    if case == "flannel":
        around.sketch.facts(cni="flannel")
    draft = about(
        rng,
        around.sketch.cluster,
        around.sketch.text,
        around.asked(client),
        "verdict",
        difficulty,
        topic="cni" if case == "flannel" else "networkpolicy",
        beliefs=WAYS,
        stem=f"{client[1]} of {client[0]} asks {around.asked(client).target}. What becomes of it?",
    )
    answered = draft is not None and any(option.correct and option.value == "delivered" for option in draft.options)
    return None if answered and rng.random() < TOO_OFTEN else draft


def _in_the_way(rng: Random, difficulty: int) -> Draft | None:
    """The one policy whose removal lets the request through."""
    around = Neighbours(rng, difficulty)
    sketch = around.sketch
    client = rng.choice([client for client in around.clients[:4] if client[0] == around.home])
    role = around.role if client[1].startswith(around.role) else around.other_role
    spare = around.other_role if role == around.role else around.role
    names = ["allow-web", "team-rules", "baseline", "hardening", "legacy", "zone-a", "quarantine", "lockdown"]
    rng.shuffle(names)
    nobody = {"from": [{"podSelector": match(app="nobody")}]}
    culprits: list[dict[str, Any]] = [
        {"podSelector": match(app=around.server), "policyTypes": ["Ingress"], "ingress": [nobody]},
        {"podSelector": match(app=role), "policyTypes": ["Egress"], "egress": []},
        {"podSelector": {}, "policyTypes": ["Ingress"]},
    ]
    innocents: list[dict[str, Any]] = [
        {"podSelector": match(app=spare), "policyTypes": ["Ingress"]},
        {"podSelector": match(app=spare), "policyTypes": ["Egress"]},
        {"podSelector": match(app=around.server), "policyTypes": ["Egress"]},
        {"podSelector": match(app=role), "policyTypes": ["Ingress"], "ingress": [nobody]},
        {"podSelector": match(app=around.server, tier="x"), "policyTypes": ["Ingress"]},
    ]
    rng.shuffle(innocents)
    specs = [rng.choice(culprits), *innocents[:3]]
    for name, spec in sorted(zip(names, specs, strict=False), key=lambda pair: pair[0]):
        sketch.policy(name, around.home, spec)
    cluster = sketch.cluster
    request = request_of(cluster, around.asked(client))
    truth = trace(cluster, request)
    options = []
    for policy in cluster.policies[around.home]:
        freed = trace(without(cluster, policy.name, around.home), request).verdict is Verdict.DELIVERED
        why = "Without it the request is answered." if freed else _innocent(policy.name, cluster, request)
        options.append(Option(policy.name, freed, why))
    if sum(option.correct for option in options) != 1 or truth.verdict is Verdict.DELIVERED:
        return None
    return Draft(
        form="single",
        topic="networkpolicy",
        difficulty=max(2, difficulty),
        stem=f"Pod {client[1]} of {client[0]} gets no answer from {around.asked(client).target}. Which policy has to "
        "go for the request to pass?",
        explanation=truth.summary,
        references=(PAGE + "#the-two-sorts-of-pod-isolation", f"explain:{truth.reason.code}"),
        options=shuffled(rng, options),
        manifest=sketch.text,
        request=around.asked(client),
        competency="Troubleshooting",
    )


def without(cluster: Cluster, name: str, namespace: str) -> Cluster:
    left = tuple(policy for policy in cluster.policies[namespace] if policy.name != name)
    return replace(cluster, policies={**cluster.policies, namespace: left})


def _innocent(name: str, cluster: Cluster, request: Request) -> str:
    policy = next(p for own in cluster.policies.values() for p in own if p.name == name)
    ways = " and ".join(sorted(direction.value.lower() for direction in policy.directions))
    return (
        f"{name} selects pods with {policy.pod_selector} for {ways}: that is not what holds this request up, and "
        "without it nothing changes."
    )


GENERATORS: Final = (
    Generator(
        id="who-gets-in", title="which pods a policy admits", topic="networkpolicy", difficulties=(1, 2, 3), make=_who
    ),
    Generator(
        id="policy-passing",
        title="why a packet passes a policy or not",
        topic="networkpolicy",
        difficulties=(1, 2, 3),
        also=("cni",),
        beliefs=WAYS,
        make=_passing,
    ),
    Generator(
        id="policy-verdict",
        title="what becomes of a request under policies",
        topic="networkpolicy",
        difficulties=(1, 2, 3),
        also=("cni",),
        beliefs=WAYS,
        make=_verdict,
    ),
    Generator(
        id="which-policy-blocks",
        title="which policy is in the way",
        topic="networkpolicy",
        difficulties=(2, 3),
        make=_in_the_way,
    ),
)
