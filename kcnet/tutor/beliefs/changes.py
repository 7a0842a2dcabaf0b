"""How a misreading is made: a changed cluster, a changed request, or a trace told differently.

A cluster is a frozen value; each of these answers with a changed copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain

from msgspec.structs import replace

from kcnet.controlplane.endpoints import Slices, make_slices
from kcnet.model.cluster import Cluster, Key
from kcnet.model.names import IPAddress
from kcnet.model.objects import EndpointSlice, Ingress, Pod, Service
from kcnet.model.policy import LabelSelector, NetworkPolicy, Operator, Requirement
from kcnet.model.trace import Action, Path, Reason, Step, Trace, Verdict
from kcnet.simulate.summary import client_sees, overall, summarise


def each_service(cluster: Cluster, change: Callable[[Service], Service | None]) -> Cluster:
    """Every Service changed; None takes it away. EndpointSlices stay as they are."""
    changed = {key: new for key, service in cluster.services.items() if (new := change(service)) is not None}
    return replace(cluster, services=changed)


def each_slice(cluster: Cluster, change: Callable[[EndpointSlice], EndpointSlice]) -> Cluster:
    def make(key: Key) -> tuple[EndpointSlice, ...]:
        return tuple(change(piece) for piece in cluster.slices[key])

    return replace(cluster, slices=Slices(cluster.slices, make))


def each_pod(cluster: Cluster, change: Callable[[Pod], Pod]) -> Cluster:
    """Every pod changed. EndpointSlices stay as they are."""
    return replace(cluster, pods={key: change(pod) for key, pod in cluster.pods.items()})


def each_policy(cluster: Cluster, change: Callable[[NetworkPolicy], NetworkPolicy]) -> Cluster:
    changed = {namespace: tuple(change(policy) for policy in own) for namespace, own in cluster.policies.items()}
    return replace(cluster, policies=changed)


def each_ingress(cluster: Cluster, change: Callable[[Ingress], Ingress]) -> Cluster:
    return replace(cluster, ingresses={key: change(ingress) for key, ingress in cluster.ingresses.items()})


def selected_by(cluster: Cluster, picks: Callable[[Service, Pod], bool]) -> Cluster:
    """EndpointSlices made anew for Services with a selector, as if ``picks`` were the rule by which pods are chosen.

    The cluster's DNS is left out: nobody who asks for a name thinks of how its own Service selects pods.
    """
    mark = {"kcnet/picked": "yes"}

    def make(key: Key) -> tuple[EndpointSlice, ...]:
        service = cluster.services.get(key)
        if service is None or not service.selector or key == cluster.dns_service:
            return cluster.slices[key]
        chosen = [
            replace(pod, ref=replace(pod.ref, namespace=service.namespace), labels=mark)
            for pod in cluster.pods.values()
            if picks(service, pod)
        ]
        families = {key: tuple(dict.fromkeys(a.version for a in service.cluster_ips)) or (4,)}
        made = make_slices({key: replace(service, selector=mark)}, families, (), (), chosen, cluster.nodes, ())
        return tuple(_homes(cluster, piece) for piece in made[key])

    return replace(cluster, slices=Slices(cluster.slices, make))


def _homes(cluster: Cluster, piece: EndpointSlice) -> EndpointSlice:
    """Endpoints that name the pods that they are, in whatever namespace."""
    by_address = cluster.pods_by_address
    endpoints = tuple(
        replace(endpoint, target=by_address[address].ref) if address in by_address else endpoint
        for endpoint in piece.endpoints
        for address in endpoint.addresses[:1]
        if not isinstance(address, str)
    )
    return replace(piece, endpoints=endpoints)


def spare_address(cluster: Cluster, above: int = 200) -> IPAddress:
    """A cluster IP that no Service has."""
    network = cluster.service_cidrs[0]
    taken = cluster.services_by_address
    return next(address for n in range(above, above + 5000) if (address := network[n]) not in taken)


NOTHING = LabelSelector(match_expressions=(Requirement("kcnet/nothing", Operator.EXISTS),))
"""A selector that no labels match."""


def both(first: LabelSelector | None, second: LabelSelector | None) -> LabelSelector | None:
    """A selector that matches what both do."""
    if first is None or second is None:
        return first or second
    wanted = chain(first.match_labels.items(), second.match_labels.items())
    labels = tuple(Requirement(key, Operator.IN, (value,)) for key, value in wanted)
    return LabelSelector(match_expressions=(*labels, *first.match_expressions, *second.match_expressions))


def retold(trace: Trace, change: Callable[[Path], Path]) -> Trace:
    """The trace with every path told differently, and summed up anew."""
    return with_paths(trace, [change(path) for path in trace.paths])


def with_paths(trace: Trace, paths: Iterable[Path]) -> Trace:
    told = tuple(paths)
    verdict = overall({path.verdict for path in told})
    deciding = told[0]
    if verdict is Verdict.PARTIAL:
        deciding = next(path for path in told if path.verdict is not Verdict.DELIVERED)
    return replace(
        trace,
        verdict=verdict,
        reason=deciding.reason,
        summary=summarise(trace.request, verdict, told, deciding),
        client_sees=client_sees(trace.request, trace.protocol, trace.port, verdict, told, deciding),
        paths=told,
        http_status=deciding.http_status if verdict is not Verdict.PARTIAL else None,
        repair="",
    )


def ended(path: Path, step: Step, verdict: Verdict, reason: Reason, text: str) -> Path:
    """The path cut off after ``step``, which now ends it."""
    action = {Verdict.REFUSED: Action.REJECTED, Verdict.TIMEOUT: Action.DROPPED}.get(verdict, Action.FAILED)
    if verdict is Verdict.DELIVERED:
        action = Action.DELIVERED
    last = replace(step, action=action, verdict=verdict, reason=reason, text=text, http_status=None)
    steps = (*path.steps[: path.steps.index(step)], last)
    return replace(path, verdict=verdict, reason=reason, steps=steps, http_status=None)
