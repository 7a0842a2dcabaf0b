"""What a look-up gave, and why it gave nothing: the commonest reasons, in the order in which a person would look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kcnet.model.cluster import Cluster
from kcnet.model.names import Fqdn, IPAddress
from kcnet.model.objects import Pod, Service
from kcnet.model.trace import Action, Because, Considered, Reason, Stage, Step, Verdict
from kcnet.path.dns import (
    Answer,
    ResolvConf,
    endpoint_name,
    in_cluster_domain,
    ready_endpoints,
)
from kcnet.path.flow import Flow
from kcnet.path.public import Published
from kcnet.reasons.dns import (
    DNS_NO_RECORDS,
    DNS_NXDOMAIN,
)


class Resolution(NamedTuple):
    """What a look-up gave. ``ended``: the request goes no further than the last step."""

    steps: tuple[Step, ...]
    flow: Flow
    ended: bool = False
    addresses: tuple[IPAddress, ...] = ()
    service: Service | None = None
    """The Service that the name is of; the LoadBalancer Service for a name without an address that manifests tell."""
    published: Published | None = None
    canonical: str = ""
    """The absolute name that was found."""


def failed(
    flow: Flow,
    reason: Reason,
    text: str,
    repair: str,
    because: Sequence[Because],
    considered: Sequence[Considered] = (),
    look: Sequence[str] = (),
) -> Resolution:
    step = flow.step(
        Stage.DNS,
        Action.FAILED,
        reason,
        text,
        because=because,
        considered=considered,
        look=look,
        repair=repair,
        verdict=Verdict.UNRESOLVED,
    )
    return Resolution(steps=(step,), flow=flow, ended=True)


def considered_names(tried: Sequence[tuple[Fqdn, str]]) -> tuple[Considered, ...]:
    return tuple(Considered(f"{name.rstrip('.')}: {outcome}.") for name, outcome in tried)


def would_resolve(cluster: Cluster, name: Fqdn) -> bool:
    base = name.rstrip(".").split(".")
    if in_cluster_domain(cluster, name):
        return True
    return len(base) < 4 and any(
        len(base) == 1 or service.namespace == base[1] for service in cluster.services_by_name.get(base[0], ())
    )


def not_found(
    cluster: Cluster,
    flow: Flow,
    pod: Pod,
    conf: ResolvConf,
    name: str,
    tried: Sequence[tuple[Fqdn, str]],
    no_records: tuple[Fqdn, Answer] | None,
    missing: Published | None,
) -> Resolution:
    considered = considered_names(tried)
    look = (
        f"kubectl exec -n {pod.namespace} {pod.name} -- nslookup {name}",
        f"kubectl exec -n {pod.namespace} {pod.name} -- cat /etc/resolv.conf",
    )
    if no_records is not None:
        return _no_records(cluster, flow, name, no_records, considered, look)
    headless = _unready_headless(cluster, tried)
    if headless is not None:
        text, repair = _why_no_pod(cluster, name, headless)
        return failed(flow, DNS_NXDOMAIN, text, repair, (Because(headless.ref, "spec.clusterIP"),), considered, look)
    external = _address_as_name(cluster, tried)
    if external is not None:
        text = (
            f"{name} does not resolve: externalName of {external.ref} is the address "
            f"{external.external_name}, and a CNAME must point to a name."
        )
        repair = "Use a Service without a selector and an EndpointSlice with that address."
        return failed(flow, DNS_NXDOMAIN, text, repair, (Because(external.ref, "spec.externalName"),), considered, look)
    if not conf.uses_cluster_dns and would_resolve(cluster, Fqdn(f"{name.lower().rstrip('.')}.")):
        text = (
            f"{name} does not resolve: pod {pod.namespace}/{pod.name} does not ask the cluster's DNS ({conf.why}), and "
            "other servers do not know the cluster's names."
        )
        repair = "Set dnsPolicy: ClusterFirstWithHostNet." if pod.host_network else "Set dnsPolicy: ClusterFirst."
        field = "spec.dnsPolicy" if not pod.host_network else "spec.hostNetwork"
        line = Because(pod.ref, f"{pod.template}{field}")
        return failed(flow, DNS_NXDOMAIN, text, repair, (line,), considered, look)
    if missing is not None and missing.assumed:
        flow = flow.assuming(missing.assumed)
    text, repair, because = _why_unknown(cluster, pod, name, missing)
    return failed(flow, DNS_NXDOMAIN, text, repair, because, considered, look)


def _why_unknown(
    cluster: Cluster, pod: Pod, name: str, missing: Published | None
) -> tuple[str, str, tuple[Because, ...]]:
    """The sentence, the repair and the lines for a name that nothing answers to."""
    from kcnet.path.nearest import closest

    bare = name.lower().rstrip(".")
    service = next((s for s in cluster.services_by_name.get(bare, ()) if s.namespace != pod.namespace), None)
    if "." not in bare and service is not None:
        namespace = service.namespace
        text = (
            f"{name} does not resolve in namespace {pod.namespace}: Service {bare} is in namespace {namespace}, and a "
            "short name never crosses namespaces."
        )
        return text, f"Ask {bare}.{namespace}.", (Because(service.ref, "metadata.namespace"),)
    if (pod.namespace, bare) in cluster.pods or any(
        name_ == bare and home == pod.namespace for _, home, name_ in cluster.workloads
    ):
        text = f"{name} does not resolve: {bare} is the name of a pod or workload, and those have no name in DNS."
        return text, f"Ask pod/{bare} at its own address, or put a Service in front of it.", ()
    near = (
        closest(bare, cluster.service_names(pod.namespace))
        if "." not in bare
        else (missing.nearest if missing else None)
    )
    if near is None and missing is not None:
        near = missing.nearest
    hint = f" (nearest: {near})" if near else ""
    text = f"{name} does not resolve: there is no such Service, and no such name outside{hint}."
    return text, f"Use the name {near}." if near else "Check the name, or create the Service.", ()


def _no_records(
    cluster: Cluster,
    flow: Flow,
    name: str,
    no_records: tuple[Fqdn, Answer],
    considered: Sequence[Considered],
    look: Sequence[str],
) -> Resolution:
    asked, got = no_records
    external = next((s for s in got.services if s.external_name), None)
    if external is not None:
        last = next(s for s in reversed(got.services) if s.external_name)
        text = (
            f"{name} resolves to no address: externalName of {last.ref} points to "
            f"{last.external_name}, and nothing in the cluster answers to that name."
        )
        repair = "Point externalName at a name that exists."
        links = tuple(Because(s.ref, "spec.externalName") for s in got.services if s.external_name)
        return failed(flow, DNS_NO_RECORDS, text, repair, links, considered, look)
    text = f"{asked.rstrip('.')} exists but has no address (NODATA)."
    because = tuple(Because(s.ref, "spec.clusterIPs") for s in got.services)
    return failed(flow, DNS_NO_RECORDS, text, "Ask the name of a Service or of a pod.", because, considered, look)


def _service_named(cluster: Cluster, name: Fqdn) -> Service | None:
    suffix = f".svc.{cluster.domain}."
    if not name.endswith(suffix):
        return None
    labels = name.removesuffix(suffix).split(".")
    return cluster.service(labels[-1], labels[-2]) if len(labels) >= 2 else None


def _unready_headless(cluster: Cluster, tried: Sequence[tuple[Fqdn, str]]) -> Service | None:
    return next((s for name, _ in tried if (s := _service_named(cluster, name)) is not None and s.headless), None)


def _why_no_pod(cluster: Cluster, name: str, headless: Service) -> tuple[str, str]:
    """The sentence and the repair for a headless name without records."""
    published = sorted({endpoint_name(endpoint) for endpoint, _ in ready_endpoints(cluster, headless)})
    if published:
        listed = ", ".join(published[:4]) + (" and more" if len(published) > 4 else "")
        text = f"{name} does not resolve: {headless.ref} has no ready pod of that name (it has {listed})."
        return text, f"Ask one that is there, such as {published[0]}.{headless.name}, or run the pod."
    text = (
        f"{name} does not resolve: {headless.ref} is headless, and such a name answers with ready pods only; none is."
    )
    return text, f"Get the pods of {headless.ref} ready, or set publishNotReadyAddresses: true."


def _address_as_name(cluster: Cluster, tried: Sequence[tuple[Fqdn, str]]) -> Service | None:
    return next((s for name, _ in tried if (s := _service_named(cluster, name)) is not None and s.external_name), None)
