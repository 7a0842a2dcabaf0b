"""Which endpoints a Service has, at which port, and which of them are used.

https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/, staging/src/k8s.io/endpointslice and
pkg/proxy/endpointslicecache.go
"""

# One row of a table is one line.
# ruff: noqa: E501

from __future__ import annotations

from tests.flows.builders import (
    WEB1,
    WEB2,
    WEB3,
    Flow,
    Manifest,
    case,
    check,
    cluster_ip,
    endpoint,
    endpoint_slice,
    headless,
    legacy_endpoints,
    node_port,
    pod,
    port,
    sport,
    table,
    workload,
)

NONE = "SERVICE_NO_ENDPOINTS"
SVC = "client > svc/web"


def dying(name: str, ip: str, ready: bool = True) -> Manifest:
    return pod(name, ip, terminating=True, ready=ready)


@table(
    case("labels equal", [cluster_ip(), WEB1], SVC, "delivered", at=("web-1",)),
    case("a pod of another application", [cluster_ip(), pod("x", "10.244.1.1", app="x")], SVC, "refused", NONE),
    case("a pod without labels", [cluster_ip(), pod("x", "10.244.1.1", app=None)], SVC, "refused", NONE),
    case("label values are case-sensitive", [cluster_ip(), pod("x", "10.244.1.1", app="Web")], SVC, "refused", NONE),
    case("every pair of the selector counts", [cluster_ip(selector={"app": "web", "tier": "front"}, app=None), WEB1], SVC, "refused", NONE),
    case("more labels than the selector asks", [cluster_ip(), pod("w", "10.244.1.1", labels={"tier": "front"})], SVC, "delivered", at=("w",)),
    case("two pairs, both there", [cluster_ip(selector={"app": "web", "tier": "front"}, app=None), WEB1, pod("w", "10.244.2.9", labels={"tier": "front"})], SVC, "delivered", at=("w",)),
    case("pods of another namespace never", [cluster_ip(), pod("w", "10.244.1.1", ns="other")], SVC, "refused", NONE),
    case("any controller's pods, or none's, with the labels", [cluster_ip(), WEB1, pod("stray", "10.244.2.9")], SVC, "delivered", at=("web-1", "stray")),
    case("a finished pod", [cluster_ip(), pod("w", "10.244.1.1", phase="Succeeded", ready=False)], SVC, "refused", NONE),
    case("a failed pod", [cluster_ip(), pod("w", "10.244.1.1", phase="Failed", ready=False)], SVC, "refused", NONE),
    case("a finished pod beside a running one", [cluster_ip(), pod("w", "10.244.1.1", phase="Succeeded", ready=False), WEB2], SVC, "delivered", at=("web-2",)),
    case("a pod that no node takes", [cluster_ip(), workload("Deployment", "web", pod_spec={"nodeSelector": {"disk": "ssd"}})], SVC, "refused", NONE),
    case("a pod on a node that does not exist", [cluster_ip(), pod("w", "10.244.9.1", on="n9"), WEB2], SVC, "delivered", at=("web-2",)),
    case("pods of a Deployment", [cluster_ip(), workload("Deployment", "web", replicas=2)], SVC, "delivered"),
    case("a Deployment of no replicas", [cluster_ip(), workload("Deployment", "web", replicas=0)], SVC, "refused", NONE),
    case("selector matches the Deployment's own labels alone", [cluster_ip(), workload("Deployment", "web", app="api")], SVC, "refused", NONE),
    case("pods of a StatefulSet", [cluster_ip(), workload("StatefulSet", "web", replicas=2, serviceName="web")], SVC, "delivered", at=("web-0", "web-1")),
    case("pods of a DaemonSet: one on each node", [cluster_ip(internalTrafficPolicy="Local"), workload("DaemonSet", "web")], SVC, "delivered"),
    case("no selector and no slices", [cluster_ip(app=None), WEB1], SVC, "refused", NONE),
    case("an empty selector is no selector", [cluster_ip(app=None, selector={}), WEB1], SVC, "refused", NONE),
    case("hostNetwork pods are endpoints at the node's address", [cluster_ip(), pod("h", "10.0.0.2", on="n2", hostNetwork=True)], SVC, "delivered", at=("h",), port=8080),
)
def test_which_pods(flow: Flow, mode: str) -> None:
    check(flow, mode)


UNREADY1 = pod("web-1", "10.244.1.1", ready=False)
PUBLISH = {"publishNotReadyAddresses": True}


@table(
    case("an unready pod is left out", [cluster_ip(), UNREADY1, WEB2], SVC, "delivered", at=("web-2",)),
    case("all unready", [cluster_ip(), UNREADY1], SVC, "refused", NONE),
    case("unready but published", [cluster_ip(**PUBLISH), UNREADY1], SVC, "delivered", at=("web-1",)),
    case("unready but published, beside a ready one", [cluster_ip(**PUBLISH), UNREADY1, WEB2], SVC, "delivered", at=("web-1", "web-2")),
    case("terminating and published counts as ready", [cluster_ip(**PUBLISH), dying("web-1", "10.244.1.1"), WEB2], SVC, "delivered", at=("web-1", "web-2")),
    case("terminating beside a ready one", [cluster_ip(), dying("web-1", "10.244.1.1"), WEB2], SVC, "delivered", at=("web-2",)),
    case("all terminating, still serving", [cluster_ip(), dying("web-1", "10.244.1.1"), dying("web-2", "10.244.2.1")], SVC, "delivered", at=("web-1", "web-2")),
    case("all terminating, none serving", [cluster_ip(), dying("web-1", "10.244.1.1", ready=False)], SVC, "refused", NONE),
    case("terminating and serving beside one unready", [cluster_ip(), dying("web-1", "10.244.1.1"), pod("web-2", "10.244.2.1", ready=False)], SVC, "delivered", at=("web-1",)),
    case("terminating: one serves, one does not", [cluster_ip(), dying("web-1", "10.244.1.1"), dying("web-2", "10.244.2.1", ready=False)], SVC, "delivered", at=("web-1",)),
    case("eTP Local falls back to the local terminating pod", [node_port(externalTrafficPolicy="Local"), dying("web-1", "10.244.1.1"), WEB2], "internet > node/n1:30080", "delivered", at=("web-1",), seen="198.51.100.7"),
    case("eTP Local, local ready pod before the terminating one", [node_port(externalTrafficPolicy="Local"), dying("web-1", "10.244.1.1"), pod("web-1b", "10.244.1.2")], "internet > node/n1:30080", "delivered", at=("web-1b",)),
    case("eTP Cluster uses the ready pod elsewhere", [node_port(), dying("web-1", "10.244.1.1"), WEB2], "internet > node/n1:30080", "delivered", at=("web-2",)),
    case("iTP Local falls back to the local terminating pod", [cluster_ip(internalTrafficPolicy="Local"), dying("web-1", "10.244.1.1"), WEB2], SVC, "delivered", at=("web-1",)),
    case("iTP Local, only a terminating pod elsewhere", [cluster_ip(internalTrafficPolicy="Local"), dying("web-2", "10.244.2.1")], SVC, "timeout/timeout/refused", "SERVICE_NO_LOCAL_ENDPOINTS"),
)
def test_ready_and_terminating(flow: Flow, mode: str) -> None:
    check(flow, mode)


def at(number: int, **conditions: bool) -> Manifest:
    return endpoint(f"10.244.{number}.1", node=f"n{number}", **conditions)


BARE = cluster_ip(app=None)
P1, P2, P3 = (pod(f"web-{n}", f"10.244.{n}.1", app="other") for n in (1, 2, 3))


@table(
    case("no conditions: ready", [BARE, endpoint_slice(at(1)), P1], SVC, "delivered", at=("web-1",)),
    case("ready false", [BARE, endpoint_slice(at(1, ready=False), at(2)), P1, P2], SVC, "delivered", at=("web-2",)),
    case("ready false alone is still serving, but not terminating", [BARE, endpoint_slice(at(1, ready=False)), P1], SVC, "refused", NONE),
    case("serving and terminating as a last resort", [BARE, endpoint_slice(at(1, ready=False, serving=True, terminating=True)), P1], SVC, "delivered", at=("web-1",)),
    case("terminating with serving unsaid", [BARE, endpoint_slice(at(1, ready=False, terminating=True)), P1], SVC, "delivered", at=("web-1",)),
    case("terminating and not serving", [BARE, endpoint_slice(at(1, ready=False, serving=False, terminating=True)), P1], SVC, "refused", NONE),
    case("last resort only while none is ready", [BARE, endpoint_slice(at(1, ready=False, serving=True, terminating=True), at(2, ready=True)), P1, P2], SVC, "delivered", at=("web-2",)),
)
def test_conditions_in_a_slice(flow: Flow, mode: str) -> None:
    check(flow, mode)


def listening(name: str, ip: str, *ports: Manifest) -> Manifest:
    return pod(name, ip, ports=ports)


TWO = [sport(80, "http", "web"), sport(443, "https", "tls")]


@table(
    case("target port by number", [cluster_ip(ports=[sport(80, 8080)]), WEB1], SVC, "delivered", port=8080),
    case("no target port: the Service port's number", [cluster_ip(ports=[sport(8080)]), WEB1], "client > svc/web", "delivered", port=8080),
    case("target port 0 is the Service port's number", [cluster_ip(ports=[sport(8080, 0)]), WEB1], "client > svc/web", "delivered", port=8080),
    case("a number is never compared with container ports", [cluster_ip(ports=[sport(80, 9000)]), pod("w", "10.244.1.1", listens="9000")], SVC, "delivered", port=9000),
    case("target port by name", [cluster_ip(ports=[sport(80, "http")]), WEB1], SVC, "delivered", port=8080),
    case("one name, another number in each pod", [cluster_ip(), WEB1, listening("w", "10.244.2.7", port(9000, "http"))], SVC, "delivered", at=("web-1", "w")),
    case("the name is missing in one pod: that one is left out", [cluster_ip(), WEB1, listening("w", "10.244.2.7", port(8080, "web"))], SVC, "delivered", at=("web-1",)),
    case("the name is missing in every pod", [cluster_ip(), listening("w", "10.244.2.7", port(8080, "web"))], SVC, "refused", NONE),
    case("names are case-sensitive", [cluster_ip(ports=[sport(80, "Http")]), WEB1], SVC, "refused", NONE),
    case("the name belongs to a UDP port", [cluster_ip(), listening("w", "10.244.2.7", port(8080, "http", "UDP"))], SVC, "refused", NONE),
    case("one name for TCP and UDP", [cluster_ip(ports=[sport(53, "dns", "u", protocol="UDP"), sport(53, "dns", "t")]), listening("w", "10.244.2.7", port(5301, "dns", "UDP"), port(5302, "dns"))], "client > svc/web:u", "delivered", port=5301),
    case("one name for TCP and UDP, the TCP one", [cluster_ip(ports=[sport(53, "dns", "u", protocol="UDP"), sport(53, "dns", "t")]), listening("w", "10.244.2.7", port(5301, "dns", "UDP"), port(5302, "dns"))], "client > svc/web:t", "delivered", port=5302),
    case("the first container that has the name", [cluster_ip(), pod("w", "10.244.1.1", containers=[{"name": "a", "image": "a", "ports": [port(1001, "http")]}, {"name": "b", "image": "b", "ports": [port(1002, "http")]}])], SVC, "delivered", port=1001),
    case("a sidecar init container's port", [cluster_ip(), pod("w", "10.244.1.1", ports=[port(1)], initContainers=[{"name": "s", "image": "s", "restartPolicy": "Always", "ports": [port(1003, "http")]}])], SVC, "delivered", port=1003),
    case("containers before sidecars", [cluster_ip(), pod("w", "10.244.1.1", initContainers=[{"name": "s", "image": "s", "restartPolicy": "Always", "ports": [port(1003, "http")]}])], SVC, "delivered", port=8080),
    case("a plain init container's port does not count", [cluster_ip(), pod("w", "10.244.1.1", ports=[port(1)], initContainers=[{"name": "s", "image": "s", "ports": [port(1003, "http")]}])], SVC, "refused", NONE),
    case("two ports, the first", [cluster_ip(ports=TWO), listening("w", "10.244.1.1", port(8080, "http"), port(8443, "https"))], "client > svc/web:80", "delivered", port=8080),
    case("two ports, the second by name", [cluster_ip(ports=TWO), listening("w", "10.244.1.1", port(8080, "http"), port(8443, "https"))], "client > svc/web:tls", "delivered", port=8443),
    case("two ports, one unresolved: the other works", [cluster_ip(ports=TWO), WEB1], "client > svc/web:web", "delivered", port=8080),
    case("two ports, one unresolved: it is refused", [cluster_ip(ports=TWO), WEB1], "client > svc/web:tls", "refused", NONE),
    case("https URL takes port 443", [cluster_ip(ports=TWO), listening("w", "10.244.1.1", port(8080, "http"), port(8443, "https"))], "client > https://web/", "delivered", port=8443),
)
def test_target_ports(flow: Flow, mode: str) -> None:
    check(flow, mode)


MANAGED = "endpointslice.kubernetes.io/managed-by"
NAMED = [{"name": "http", "port": 8080}]
NAMED_SERVICE = cluster_ip(app=None, ports=[sport(80, 1234, "http")])
LEADER = {"annotations": {"control-plane.alpha.kubernetes.io/leader": "{}"}}
SKIPPED = {"labels": {"endpointslice.kubernetes.io/skip-mirror": "true"}}
SUBSET = {"addresses": [{"ip": "10.244.1.1"}], "ports": [{"port": 8080}]}


@table(
    case("the slice's number counts, not targetPort", [cluster_ip(app=None, ports=[sport(80, 1234)]), endpoint_slice(at(1)), P1], SVC, "delivered", port=8080),
    case("port names equal", [NAMED_SERVICE, endpoint_slice(at(1), ports=NAMED), P1], SVC, "delivered", port=8080),
    case("the Service names its port, the slice does not", [NAMED_SERVICE, endpoint_slice(at(1)), P1], SVC, "refused", NONE),
    case("the slice names its port, the Service does not", [BARE, endpoint_slice(at(1), ports=NAMED), P1], SVC, "refused", NONE),
    case("protocols differ", [BARE, endpoint_slice(at(1), ports=[{"port": 8080, "protocol": "UDP"}]), P1], SVC, "refused", NONE),
    case("the label names another Service", [BARE, endpoint_slice(at(1), of="api"), P1], SVC, "refused", NONE),
    case("no label", [BARE, endpoint_slice(at(1), of=""), P1], SVC, "refused", NONE),
    case("the slice's own name means nothing", [BARE, endpoint_slice(at(1), of="", name="web"), P1], SVC, "refused", NONE),
    case("another namespace", [BARE, endpoint_slice(at(1), ns="other"), P1], SVC, "refused", NONE),
    case("several slices are one set", [BARE, endpoint_slice(at(1)), endpoint_slice(at(2), name="more"), P1, P2], SVC, "delivered", at=("web-1", "web-2")),
    case("the same endpoint in two slices counts once", [BARE, endpoint_slice(at(1), at(2)), endpoint_slice(at(1), name="more"), P1, P2], SVC, "delivered", at=("web-1", "web-2")),
    case("one address, ready and terminating: the ready one stays", [BARE, endpoint_slice(at(1)), endpoint_slice(at(1, ready=False, serving=True, terminating=True), name="more"), P1], SVC, "delivered", at=("web-1",)),
    case("one address, two ports: two endpoints", [BARE, endpoint_slice(at(1)), endpoint_slice(at(1), name="more", ports=[{"port": 9090}]), pod("web-1", "10.244.1.1", app="other", listens="8080,9090")], SVC, "delivered", at={"web-1": 1.0}),
    case("a slice without a port number is skipped", [BARE, endpoint_slice(at(1), ports=[{"name": ""}]), P1], SVC, "refused", NONE),
    case("a slice without ports is skipped", [BARE, endpoint_slice(at(1), ports=[]), P1], SVC, "refused", NONE),
    case("type FQDN is ignored by kube-proxy", [BARE, endpoint_slice(endpoint("db.example.com"), family="FQDN")], SVC, "refused", NONE),
    case("only the first address of an endpoint is used", [BARE, endpoint_slice({"addresses": ["10.244.1.1", "10.244.2.1"]}), P1, P2], SVC, "delivered", at=("web-1",)),
    case("a slice that somebody else manages adds to the selector's pods", [cluster_ip(ports=[sport(80, 8080)]), WEB1, endpoint_slice(at(2), labels={MANAGED: "staff.example.com"}), P2], SVC, "delivered", at=("web-1", "web-2")),
    case("the controller's own slice, as a cluster stated it, wins", [cluster_ip(ports=[sport(80, 8080)]), WEB1, endpoint_slice(at(2), labels={MANAGED: "endpointslice-controller.k8s.io"}), P2], SVC, "delivered", at=("web-2",)),
    case("a slice by hand, of another pod, adds to the selector's pods", [cluster_ip(ports=[sport(80, 8080)]), WEB1, endpoint_slice(at(2)), P2], SVC, "delivered", at=("web-1", "web-2")),
    case("a slice that lists the selector's pod states what the controller made", [cluster_ip(ports=[sport(80, 8080)]), WEB1, endpoint_slice(at(1, ready=False))], SVC, "refused", NONE),
    case("an endpoint outside the cluster", [BARE, endpoint_slice(endpoint("192.0.2.60"))], SVC, "external", "LEFT_CLUSTER"),
    case("no nodeName is never local", [cluster_ip(app=None, internalTrafficPolicy="Local"), endpoint_slice(endpoint("10.244.1.1")), P1], SVC, "timeout/timeout/refused", "SERVICE_NO_LOCAL_ENDPOINTS"),
    case("nodeName makes it local", [cluster_ip(app=None, internalTrafficPolicy="Local"), endpoint_slice(at(1)), P1], SVC, "delivered", at=("web-1",)),
    case("Endpoints are mirrored", [BARE, legacy_endpoints(SUBSET), P1], SVC, "delivered", at=("web-1",), port=8080),
    case("Endpoints of another name", [BARE, legacy_endpoints(SUBSET, name="api"), P1], SVC, "refused", NONE),
    case("Endpoints of another namespace", [BARE, legacy_endpoints(SUBSET, ns="other"), P1], SVC, "refused", NONE),
    case("notReadyAddresses", [BARE, legacy_endpoints({"notReadyAddresses": [{"ip": "10.244.1.1"}], "ports": [{"port": 8080}]}), P1], SVC, "refused", NONE),
    case("Endpoints, port names must be equal too", [NAMED_SERVICE, legacy_endpoints(SUBSET), P1], SVC, "refused", NONE),
    case("Endpoints, two subsets", [BARE, legacy_endpoints(SUBSET, {"addresses": [{"ip": "10.244.2.1"}], "ports": [{"port": 8080}]}), P1, P2], SVC, "delivered", at=("web-1", "web-2")),
    case("Endpoints labelled skip-mirror", [BARE, legacy_endpoints(SUBSET, **SKIPPED), P1], SVC, "refused", NONE),
    case("Endpoints of a leader election", [BARE, legacy_endpoints(SUBSET, **LEADER), P1], SVC, "refused", NONE),
    case("Endpoints beside a selector are not mirrored", [cluster_ip(ports=[sport(80, 8080)]), legacy_endpoints(SUBSET), P1], SVC, "refused", NONE),
    case("Endpoints with an address outside", [BARE, legacy_endpoints({"addresses": [{"ip": "192.0.2.60"}], "ports": [{"port": 5432}]})], SVC, "external", "LEFT_CLUSTER"),
)
def test_slices_by_hand(flow: Flow, mode: str) -> None:
    check(flow, mode)


@table(
    case("session affinity changes no first choice", [cluster_ip(sessionAffinity="ClientIP"), WEB1, WEB2], SVC, "delivered", at=("web-1", "web-2")),
    case("session affinity with a time", [cluster_ip(sessionAffinity="ClientIP", sessionAffinityConfig={"clientIP": {"timeoutSeconds": 60}}), WEB1], SVC, "delivered"),
    case("three endpoints, a third each", [cluster_ip(), WEB1, WEB2, WEB3], SVC, "delivered", at={"web-1": 1 / 3, "web-2": 1 / 3, "web-3": 1 / 3}),
    case("headless: no proxy, the target port", [headless(), WEB1, WEB2], "client > http://web:8080/", "delivered", at=("web-1", "web-2"), port=8080, seen="10.244.1.100"),
    case("headless: the Service port is not translated", [headless(), WEB1], "client > http://web/", "refused", "PORT_NOT_LISTENING"),
    case("headless: unready pods are not in DNS", [headless(), UNREADY1, WEB2], "client > web:8080", "delivered", at=("web-2",)),
    case("headless: no pod ready", [headless(), UNREADY1], "client > web:8080", "unresolved", "DNS_NXDOMAIN"),
    case("headless: no pod", [headless()], "client > web:8080", "unresolved", "DNS_NXDOMAIN"),
    case("headless: unready but published", [headless(**PUBLISH), UNREADY1], "client > web:8080", "delivered", at=("web-1",)),
    case("headless: terminating pods are not in DNS", [headless(), dying("web-1", "10.244.1.1"), WEB2], "client > web:8080", "delivered", at=("web-2",)),
    case("headless: traffic policy means nothing", [headless(internalTrafficPolicy="Local"), WEB2], "client > web:8080", "delivered", at=("web-2",)),
    case("headless without ports", [headless(ports=[]), WEB1], "client > web:8080", "delivered", at=("web-1",)),
    case("headless without a selector, slices by hand", [headless(app=None), endpoint_slice(at(1)), P1], "client > web:8080", "delivered", at=("web-1",)),
    case("headless: session affinity means nothing", [headless(sessionAffinity="ClientIP"), WEB1], "client > web:8080", "delivered"),
    case("headless: equal Service and target port", [headless(ports=[sport(8080)]), WEB1, WEB2], "client > svc/web", "delivered", at=("web-1", "web-2")),
    case("headless: a pod asks itself", [headless(), WEB1], "web-1 > web:8080", "delivered", at=("web-1",), seen="10.244.1.1"),
)
def test_choice(flow: Flow, mode: str) -> None:
    check(flow, mode)
