"""Questions on names: which resolve, to what, in which order they are tried, and the variables beside DNS."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from kcnet.model.cluster import Cluster
from kcnet.path.dns import names_tried, resolv_conf
from kcnet.simulate import trace
from kcnet.tutor.beliefs import BELIEFS
from kcnet.tutor.probes import PROBES, misread
from kcnet.tutor.quiz.generate import words
from kcnet.tutor.quiz.generate.asking import about
from kcnet.tutor.quiz.generate.draft import Asked, Draft, Fill, Generator, Option, several, single
from kcnet.tutor.quiz.generate.sketch import Sketch, request_of

PAGE: Final = "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/"
SERVICE_PAGE: Final = "https://kubernetes.io/docs/concepts/services-networking/service/"
DOMAIN: Final = "cluster.local"
BELIEVED: Final = (
    "short-name-crosses-namespaces",
    "two-labels-work-at-home-only",
    "fqdn-needed-everywhere",
    "headless-has-a-virtual-ip",
    "no-name-without-pods",
    "dns-gives-pod-addresses",
    "headless-unready-answers-empty",
    "external-name-proxies",
    "external-name-with-ip-resolves",
    "selector-matches-any-label",
    "unready-pods-get-traffic",
    "selector-crosses-namespaces",
)

NAMED: Final = (
    "short-name-crosses-namespaces",
    "headless-has-a-virtual-ip",
    "unready-pods-get-traffic",
    "external-name-with-ip-resolves",
)
"""Under these more names resolve than do."""


def _resolving(rng: Random, difficulty: int) -> Draft | None:
    sketch = Sketch(rng, nodes=1)
    home, away = sketch.namespace(), sketch.namespace()
    own, other, client = sketch.app(), sketch.app(), sketch.pick(words.FRONTS)
    sketch.pod(client, home, {"app": client}, port=None)
    sketch.service(own, home, {"app": own}, target=8080)
    sketch.service(other, away, {"app": other}, target=8080)
    names = [own, other, f"{own}.{home}", f"{other}.{away}", f"{other}.{home}", f"{own}.{away}"]
    if difficulty > 1:
        names += [f"{own}.{home}.svc", f"{own}.svc", f"{other}.{away}.svc.{DOMAIN}", f"{other}.{away}.{DOMAIN}"]
    if difficulty == 3:
        ghost, old = sketch.app(), sketch.app()
        sketch.service(ghost, home, {"app": ghost}, target=8080, clusterIP="None")
        sketch.service(old, home, None, type="ExternalName", externalName=f"192.0.2.{rng.randint(5, 90)}")
        names += [ghost, f"{ghost}.{home}", old, f"{own}.{home}.svc.{DOMAIN}."]
        names = names[1:]
    options = [_name_option(sketch.cluster, client, home, name) for name in names]
    offered = several(rng, options)
    if offered is None:
        return None
    return Draft(
        form="multiple",
        topic="dns",
        difficulty=difficulty,
        stem=f"Which of these names can pod {client} in namespace {home} resolve?",
        explanation=f"The search list of the pod is {home}.svc.{DOMAIN}, svc.{DOMAIN}, {DOMAIN}: NAME resolves inside "
        "its namespace, NAME.NAMESPACE from anywhere.",
        references=(PAGE, "explain:DNS_NXDOMAIN", "explain:DNS_RESOLVED"),
        options=offered,
        manifest=sketch.text,
    )


def _name_option(cluster: Cluster, client: str, home: str, name: str) -> Option:
    request = request_of(cluster, Asked(f"pod/{client}", f"http://{name}/", home))
    probe = PROBES["dns"]
    truth = trace(cluster, request)
    right = probe.value(truth) not in ("NXDOMAIN", "NODATA", "no-answer", "no-address", "") and not probe.value(
        truth
    ).startswith("CNAME")
    why = probe.proof(truth)
    if right:
        return Option(name, True, why)
    for id_ in NAMED:
        told = misread(BELIEFS[id_], cluster, request)
        if told is not None and probe.value(told) not in ("NXDOMAIN", "NODATA", ""):
            return Option(name, False, f"{BELIEFS[id_].correction} {why}", id_)
    return Option(name, False, why)


def _search_order(rng: Random, difficulty: int) -> Draft | None:
    sketch = Sketch(rng, nodes=1)
    home, away = sketch.namespace(), sketch.namespace()
    app, client = sketch.app(), sketch.pick(words.FRONTS)
    sketch.pod(client, home, {"app": client}, port=None)
    domain = rng.choice(words.DOMAINS)
    name = {1: app, 2: f"{app}.{away}", 3: rng.choice((f"{rng.choice(words.HOSTS)}.{domain}", f"{app}.{away}.svc"))}[
        difficulty
    ]
    pod = sketch.cluster.pods[home, client]
    tried = list(dict.fromkeys(names_tried(name, resolv_conf(sketch.cluster, pod))))
    if len(tried) < 4:
        return None
    reasons = [
        f"First with the pod's own namespace, {home}.svc.{DOMAIN}.",
        f"Then with svc.{DOMAIN}, which makes NAME.NAMESPACE whole.",
        f"Then with the cluster's domain, {DOMAIN}.",
        "Last as it was typed, since it has fewer than five dots (ndots: 5).",
    ]
    options = tuple(Option(text, True, why) for text, why in zip(tried, reasons, strict=False))
    return Draft(
        form="order",
        topic="dns",
        difficulty=difficulty,
        stem=f"A pod in namespace {home} looks up {name}. In which order does its resolver try these names, if none "
        "of them exists? (ClusterFirst; the node adds no search domains.)",
        explanation=f"The name has fewer dots than ndots:5 asks for, so the search list {home}.svc.{DOMAIN}, "
        f"svc.{DOMAIN}, {DOMAIN} is gone through first, and the name itself comes last.",
        references=(PAGE + "#pod-s-dns-config", "explain:DNS_NXDOMAIN"),
        options=options,
    )


def _answer(rng: Random, difficulty: int) -> Draft | None:
    sketch = Sketch(rng)
    home, away = sketch.namespace(), sketch.namespace()
    app, client = sketch.app(), sketch.pick(words.FRONTS)
    sketch.pod(client, home, {"app": client}, port=None)
    cases = ["plain", "unready", "elsewhere", "headless"]
    cases += ["headless-unready", "with-namespace"] if difficulty > 1 else []
    cases += ["external", "external-address"] if difficulty > 2 else []
    case = rng.choice(cases)
    where = away if case in ("elsewhere", "with-namespace") else home
    labels = {"app": app}
    wrong: list[tuple[str, str]] = []
    ready = case not in ("unready", "headless-unready")
    count = 1 if case != "headless" else rng.randint(1, 2)
    for _ in range(count):
        node = sketch.node()
        ip = sketch.pod(f"{app}-{sketch.suffix()}", where, labels, node=node, ready=ready)
        wrong.append((ip, "That is the address of a pod."))
    if difficulty > 1 and case == "headless":
        wrong.append((sketch.pod(f"{app}-{sketch.suffix()}", where, labels, ready=False), "That pod is not ready."))
    wrong.append((sketch.node_address("node-1"), "That is the address of a node."))
    more: dict[str, Any] = {}
    if case.startswith("headless"):
        more = {"clusterIP": "None"}
    elif case == "external":
        more = {"type": "ExternalName", "externalName": f"{rng.choice(words.HOSTS)}.{rng.choice(words.DOMAINS)}"}
    elif case == "external-address":
        more = {"type": "ExternalName", "externalName": f"192.0.2.{rng.randint(5, 90)}"}
    ip_of = sketch.service(app, where, None if case.startswith("external") else labels, target=8080, **more)
    if ip_of is None:
        wrong.append((sketch.virtual_ip(), "Nothing in this cluster has that address."))
    other = sketch.app()
    second = sketch.service(other, home, {"app": other}, target=8080)
    wrong.append((second or "", f"That is the cluster IP of {other}."))
    wrong.append(("NXDOMAIN", "NXDOMAIN means that there is no such name."))
    wrong.append(("NODATA", "An empty answer is for names that exist without an address of the kind asked for."))
    sketch.nodes()
    name = f"{app}.{away}" if case == "with-namespace" else app
    asked = Asked(f"pod/{client}", f"http://{name}/", home)
    return about(
        rng,
        sketch.cluster,
        sketch.text,
        asked,
        "dns",
        difficulty,
        topic="dns",
        beliefs=BELIEVED,
        extra=wrong,
        form="single",
        stem=f"What does DNS answer when pod {client} in namespace {home} looks up {name}?",
    )


def _full_name(rng: Random, difficulty: int) -> Draft | None:
    sketch = Sketch(rng, nodes=1)
    home, app = sketch.namespace(), sketch.app()
    stateful = difficulty > 1 and rng.random() < 0.5
    number = rng.randint(0, 2)
    subject = f"pod {app}-{number} of a StatefulSet whose headless Service is {app}" if stateful else f"Service {app}"
    prefix = f"{app}-{number}." if stateful else ""
    right = f"{prefix}{app}.{home}.svc.{DOMAIN}"
    wrong = (
        (f"{prefix}{home}.{app}.svc.{DOMAIN}", "The Service comes before its namespace."),
        (f"{prefix}{app}.{home}.{DOMAIN}", "Names of Services stand below svc: NAME.NAMESPACE.svc."),
        (f"{prefix}{app}.svc.{home}.{DOMAIN}", "svc comes after the namespace."),
        (f"{prefix}{app}.{home}.pod.{DOMAIN}", "Below pod there are only names made of addresses."),
    )
    return Draft(
        form="fill",
        topic="dns",
        difficulty=difficulty,
        stem=f"Write the full DNS name of {subject} in namespace {home} (cluster domain {DOMAIN}).",
        explanation=f"It is {right}: the Service, its namespace, svc, and the cluster's domain"
        + (", with the pod's host name in front." if stateful else "."),
        references=(PAGE + "#services",),
        fill=Fill("dns-name", (right,), wrong),
        competency="Kubernetes Core Concepts",
    )


def _variable(rng: Random, difficulty: int) -> Draft | None:
    sketch = Sketch(rng, nodes=1)
    first, second = sketch.app(), rng.choice(words.STORES)
    app = f"{first}-{second}"
    what = rng.choice(("HOST", "PORT"))
    meant = {"HOST": "cluster IP", "PORT": "port"}[what]
    upper = app.upper()
    plain = upper.replace("-", "_")
    right = Option(
        f"{plain}_SERVICE_{what}", True, "Upper case, dashes become underscores, then _SERVICE_ and what it is."
    )
    wrong = [
        Option(f"{upper}_SERVICE_{what}", False, "A variable's name holds no dashes: they become underscores."),
        Option(f"{app.replace('-', '_')}_service_{what.lower()}", False, "The names are in upper case."),
        Option(f"{plain}_{what}", False, "_SERVICE_ is missing."),
        Option(f"SERVICE_{plain}_{what}", False, "The Service's name comes first."),
        Option(f"KUBERNETES_{plain}_SERVICE_{what}", False, "Nothing stands in front of the Service's name."),
        Option(f"{plain}_SVC_{what}", False, "It is spelled out: SERVICE."),
        Option(f"{plain}_CLUSTER_{'IP' if what == 'HOST' else 'PORT'}", False, "It is SERVICE_HOST and SERVICE_PORT."),
    ]
    rng.shuffle(wrong)
    options = single(rng, right, wrong)
    if options is None:
        return None
    return Draft(
        form="single",
        topic="dns",
        difficulty=difficulty,
        stem=f"A pod starts in the namespace of Service {app}, which has a cluster IP. Which environment variable "
        f"holds the Service's {meant}?",
        explanation=f"For each Service with a cluster IP that exists when the container starts: {right.text}. Services "
        "made later are missing, and headless ones have none.",
        references=(SERVICE_PAGE + "#environment-variables",),
        options=options,
        competency="Kubernetes Core Concepts",
    )


def _headless_names(rng: Random, difficulty: int) -> Draft | None:
    """Names of pods behind a headless Service."""
    sketch = Sketch(rng)
    home, store, client = sketch.namespace(), rng.choice(words.STORES), sketch.pick(words.FRONTS)
    sketch.pod(client, home, {"app": client}, port=None)
    ready = [True, True, rng.random() < 0.5 if difficulty < 3 else False]
    for number, is_ready in enumerate(ready):
        sketch.pod(f"{store}-{number}", home, {"app": store}, port=5432, ready=is_ready)
        spec = sketch.docs[-1]["spec"]
        sketch.docs[-1]["spec"] = {"hostname": f"{store}-{number}", "subdomain": store, **spec}
    sketch.service(store, home, {"app": store}, port=5432, clusterIP="None")
    names = [f"{store}-{number}.{store}" for number in range(3)]
    names += [f"{store}-0", f"{store}.{store}-1", store, f"{store}-1.{home}", f"{store}-3.{store}"]
    names += [f"{store}-1.{store}.{home}", f"{store}-0.{store}.{home}.svc.{DOMAIN}"] if difficulty > 1 else []
    options = [_name_option(sketch.cluster, client, home, name) for name in names]
    offered = several(rng, options)
    if offered is None:
        return None
    return Draft(
        form="multiple",
        topic="dns",
        difficulty=difficulty,
        stem=f"Which of these names can pod {client} in namespace {home} resolve, given the headless Service {store}?",
        explanation="A headless Service has one record for each ready pod under its own name, and for pods with "
        "hostname and subdomain (those of a StatefulSet) a record HOSTNAME.SERVICE as long as they are ready.",
        references=(PAGE + "#pod-s-hostname-and-subdomain-fields", "explain:DNS_HEADLESS"),
        options=offered,
        manifest=sketch.text,
    )


GENERATORS: Final = (
    Generator(
        id="names-that-resolve", title="which names resolve", topic="dns", difficulties=(1, 2, 3), make=_resolving
    ),
    Generator(
        id="search-order",
        title="the order in which names are tried",
        topic="dns",
        difficulties=(1, 2, 3),
        make=_search_order,
    ),
    Generator(
        id="dns-answer", title="what DNS answers", topic="dns", difficulties=(1, 2, 3), beliefs=BELIEVED, make=_answer
    ),
    Generator(id="full-name", title="the full name of a Service", topic="dns", difficulties=(1, 2), make=_full_name),
    Generator(
        id="service-variable",
        title="environment variables of Services",
        topic="dns",
        difficulties=(1, 2),
        make=_variable,
    ),
    Generator(
        id="headless-names",
        title="names behind a headless Service",
        topic="dns",
        difficulties=(1, 2, 3),
        make=_headless_names,
    ),
)
