"""Traces built by hand, one of each kind, for the tests of what is shown."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from msgspec.structs import replace

from kcnet.model.names import Origin, Protocol, Ref, Source
from kcnet.model.trace import (
    Action,
    Because,
    Client,
    Considered,
    Destination,
    Packet,
    Path,
    Reason,
    Request,
    Stage,
    Step,
    Target,
    Trace,
    Verdict,
)

MANIFEST = """\
apiVersion: v1
kind: Service
metadata:
  name: cart
  namespace: shop
spec:
  selector:
    app: cart
  ports:
    - port: 80
      targetPort: 8080
"""

LINES = {"": 2, "spec.selector": 7, "spec.ports[0]": 10, "spec.ports[0].targetPort": 11}


def _locate(origin: Origin, path: str) -> tuple[int, int]:
    return origin.line - 1 + LINES.get(path, 1), 1


def ref(kind: str, name: str, namespace: str | None = "shop", file: str = "manifests/shop/cart.yaml") -> Ref:
    source = Source(file, MANIFEST, _locate)
    return Ref(kind, namespace, name, Origin(source, 0, len(MANIFEST), 1, 1))


def reason(code: str, verdict: Verdict | None = None) -> Reason:
    return Reason(code=code, title=code.capitalize(), verdict=verdict, meaning=code, source="https://kubernetes.io/")


FRONTEND = Ref("Pod", "shop", "frontend-6d4b75cb6d-hx2kq")
NODE_1 = Ref("Node", None, "node-1")
NODE_2 = Ref("Node", None, "node-2")
CART = ref("Service", "cart")
CLIENT = Client(ref=FRONTEND, address=ip_address("10.244.1.4"), addresses=(ip_address("10.244.1.4"),), node="node-1")
INTERNET = Client(
    ref=Ref("External", None, "internet"),
    address=ip_address("198.51.100.7"),
    addresses=(ip_address("198.51.100.7"),),
    node=None,
)
ASKED = Packet(src=CLIENT.address, src_port=None, dst=None, dst_port=80, protocol=Protocol.TCP)
RESOLVED = replace(ASKED, dst=ip_address("10.96.12.7"))


def step(
    stage: Stage,
    action: Action,
    at: Ref,
    code: str,
    text: str,
    before: Packet,
    after: Packet | None = None,
    because: tuple[Because, ...] = (),
    **more: object,
) -> Step:
    return Step(
        stage=stage,
        action=action,
        at=at,
        before=before,
        after=after or before,
        reason=reason(code),
        text=text,
        because=because,
        **more,  # type: ignore[arg-type]
    )


DNS = step(
    Stage.DNS,
    Action.RESOLVED,
    FRONTEND,
    "DNS_RESOLVED",
    "cart is cart.shop.svc.cluster.local, the first of 4 names tried, at 10.96.12.7.",
    ASKED,
    RESOLVED,
    (Because(CART),),
    look=("kubectl exec -n shop frontend-6d4b75cb6d-hx2kq -- nslookup cart",),
)


def service(count: int) -> Step:
    return step(
        Stage.SERVICE,
        Action.CHOSE,
        NODE_1,
        "SERVICE_ENDPOINT_CHOSEN",
        f"Service shop/cart port 80 has {count} ready endpoints; kube-proxy (iptables) picks one at random.",
        RESOLVED,
        None,
        (Because(CART, "spec.ports[0]"), Because(CART, "spec.selector")),
        look=(
            "kubectl get endpointslices -n shop -l kubernetes.io/service-name=cart",
            "iptables-save -t nat | grep KUBE-SVC-ABCDEFGH12345678",
        ),
        considered=(Considered("Pod shop/cart-9 has the labels but is not ready."),),
    )


def to_pod(number: int, share: float, prefix: tuple[Step, ...], node: str = "node-2") -> Path:
    """A delivered way to Pod shop/cart-NUMBER."""
    pod = Ref("Pod", "shop", f"cart-{number}")
    address = ip_address(f"10.244.2.{number + 5}")
    sent = replace(RESOLVED, dst=address, dst_port=8080)
    same = node == "node-1"
    steps = (
        *prefix,
        step(
            Stage.NAT,
            Action.REWROTE,
            NODE_1,
            "NAT_DESTINATION",
            "The destination becomes the endpoint; the source is kept.",
            RESOLVED,
            sent,
            (Because(CART, "spec.ports[0].targetPort"),),
        ),
        step(
            Stage.EGRESS_POLICY,
            Action.ALLOWED,
            NODE_1,
            "POLICY_NOT_ISOLATED",
            "No policy selects Pod shop/frontend-6d4b75cb6d-hx2kq for egress.",
            sent,
        ),
        step(
            Stage.ROUTE,
            Action.MOVED,
            Ref("Node", None, node),
            "ROUTE_SAME_NODE" if same else "ROUTE_OTHER_NODE",
            "Same node." if same else f"The packet goes to {node} inside VXLAN.",
            sent,
        ),
        step(
            Stage.INGRESS_POLICY,
            Action.ALLOWED,
            pod,
            "POLICY_ALLOWED",
            "NetworkPolicy shop/cart: ingress rule 1 allows it.",
            sent,
            None,
            (Because(ref("NetworkPolicy", "cart", file="manifests/shop/policies.yaml"), "spec.ingress[0]"),),
        ),
        step(Stage.ENDPOINT, Action.DELIVERED, pod, "DELIVERED", "Container cart listens on 8080.", sent),
    )
    return Path(
        verdict=Verdict.DELIVERED,
        reason=reason("DELIVERED", Verdict.DELIVERED),
        probability=share,
        steps=steps,
        destination=Destination(kind="Pod", namespace="shop", name=pod.name, address=address, port=8080, node=node),
        source_seen=CLIENT.address,
    )


def trace(
    paths: tuple[Path, ...],
    *,
    to: str = "http://cart/",
    client: Client = CLIENT,
    summary: str = "",
    sees: str = "",
    **more: object,
) -> Trace:
    verdicts = {path.verdict for path in paths}
    verdict = paths[0].verdict
    if len(verdicts) > 1:
        verdict = Verdict.PARTIAL if Verdict.DELIVERED in verdicts else Verdict.MIXED
    worst = next((path for path in paths if path.verdict is not Verdict.DELIVERED), paths[0])
    return Trace(
        request=Request(client=client, target=Target(typed=to, name="cart", scheme="http", path="/")),
        protocol=Protocol.TCP,
        port=80,
        verdict=verdict,
        reason=worst.reason,
        summary=summary,
        client_sees=sees,
        paths=paths,
        **more,  # type: ignore[arg-type]
    )


def delivered() -> Trace:
    prefix = (DNS, service(2))
    return trace(
        (to_pod(0, 0.5, prefix), to_pod(1, 0.5, prefix, node="node-1")),
        summary="Both ready pods of Service shop/cart can be reached on port 8080.",
        sees="an HTTP answer from the application",
    )


def alike() -> Trace:
    prefix = (DNS, service(5))
    return trace(
        tuple(to_pod(number, 0.2, prefix) for number in range(5)),
        summary="Each of the 5 ready pods of Service shop/cart can be reached on port 8080.",
        sees="an HTTP answer from the application",
        assumptions=("The CNI plugin enforces NetworkPolicy.", "Pod shop/cart-0 is ready."),
    )


def _denied(path: Path) -> Path:
    pod = path.steps[-1].at
    refused = step(
        Stage.INGRESS_POLICY,
        Action.DROPPED,
        pod,
        "NETPOL_INGRESS_DENIED",
        f"NetworkPolicy shop/cart selects {pod}, and none of its ingress rules allows this connection.",
        path.steps[-1].before,
        None,
        (Because(ref("NetworkPolicy", "cart", file="manifests/shop/policies.yaml"), "spec.podSelector"),),
        considered=(Considered("Ingress rule 1 matches the port 8080 but not the peer: it asks for role=frontend."),),
        repair="Label the client role=frontend, or add its labels to spec.ingress[0].from of NetworkPolicy shop/cart.",
    )
    return replace(
        path,
        verdict=Verdict.TIMEOUT,
        reason=reason("NETPOL_INGRESS_DENIED", Verdict.TIMEOUT),
        steps=(*path.steps[:-2], refused),
        source_seen=None,
    )


def timeout() -> Trace:
    path = _denied(to_pod(0, 1.0, (DNS, service(1))))
    return trace(
        (path,),
        summary="A NetworkPolicy drops the connection at Pod shop/cart-0.",
        sees="curl: (28) Failed to connect to cart port 80: Connection timed out",
        repair=path.last.repair,
    )


def unresolved() -> Trace:
    failed = step(
        Stage.DNS,
        Action.FAILED,
        FRONTEND,
        "DNS_NXDOMAIN",
        "No name that the search path makes of crat exists: crat.shop.svc.cluster.local, crat.svc.cluster.local, "
        "crat.cluster.local, crat.",
        ASKED,
        repair="Did you mean cart? Service shop/cart exists.",
    )
    path = Path(
        verdict=Verdict.UNRESOLVED,
        reason=reason("DNS_NXDOMAIN", Verdict.UNRESOLVED),
        probability=1.0,
        steps=(failed,),
    )
    return trace((path,), to="http://crat/", summary="There is no name crat.", sees="curl: (6) Could not resolve host")


def ingress_503() -> Trace:
    controller = Ref("Pod", "ingress-nginx", "controller")
    packet = Packet(
        src=INTERNET.address, src_port=None, dst=ip_address("203.0.113.1"), dst_port=80, protocol=Protocol.TCP
    )
    steps = (
        step(
            Stage.DNS,
            Action.RESOLVED,
            INTERNET.ref,
            "DNS_PUBLIC",
            "shop.example.com is published as 203.0.113.1.",
            replace(packet, dst=None),
            packet,
        ),
        step(
            Stage.INGRESS,
            Action.ANSWERED,
            controller,
            "INGRESS_BACKEND_NO_ENDPOINTS",
            "Ingress shop/shop sends /cart to Service shop/cart, which has no ready endpoint.",
            packet,
            None,
            (Because(ref("Ingress", "shop"), "spec.rules[0]"),),
            repair="Make a pod with the label app=cart ready.",
        ),
    )
    path = Path(
        verdict=Verdict.HTTP_ERROR,
        reason=reason("INGRESS_BACKEND_NO_ENDPOINTS", Verdict.HTTP_ERROR),
        probability=1.0,
        steps=steps,
        http_status=503,
    )
    return trace(
        (path,),
        to="http://shop.example.com/cart",
        client=INTERNET,
        summary="The controller answers 503.",
        sees="503 Service Temporarily Unavailable",
        http_status=503,
    )


def external() -> Trace:
    packet = replace(RESOLVED, dst=ip_address("93.184.215.14"), dst_port=443)
    out = step(
        Stage.ROUTE,
        Action.LEFT,
        NODE_1,
        "LEFT_CLUSTER",
        "The packet leaves the cluster with the node's address; what is beyond cannot be known.",
        packet,
        replace(packet, src=ip_address("192.168.0.11")),
    )
    path = Path(
        verdict=Verdict.EXTERNAL, reason=reason("LEFT_CLUSTER", Verdict.EXTERNAL), probability=1.0, steps=(out,)
    )
    return trace((path,), to="https://example.com/", summary="The request leaves the cluster.", sees="unknown")


def partial() -> Trace:
    prefix = (DNS, service(3))
    ways = (to_pod(0, 1 / 3, prefix), to_pod(1, 1 / 3, prefix), _denied(to_pod(2, 1 / 3, prefix)))
    return trace(ways, summary="Two of three pods answer.", sees="an answer two times in three, else a timeout")


KINDS: dict[str, Callable[[], Trace]] = {
    "delivered": delivered,
    "alike": alike,
    "timeout": timeout,
    "unresolved": unresolved,
    "ingress_503": ingress_503,
    "external": external,
    "partial": partial,
}
