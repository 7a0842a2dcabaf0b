"""describe node: its state, its resources, and the pods on it.

k8s: kubectl pkg/describe/describe.go (describeNode, describeNodeResource).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from kcnet.apiserver.tables.cluster import roles
from kcnet.apiserver.tables.words import NONE, age, condition, metadata, name_of, spec_of, status_of
from kcnet.lab.kubectl.describe.reader import Object, Reader
from kcnet.lab.kubectl.describe.writer import Page, marks, taints
from kcnet.lab.kubectl.quantities import Quantity, Resources, canonical, of_pod, parse

INFO: Final = (
    ("Machine ID", "machineID"),
    ("System UUID", "systemUUID"),
    ("Boot ID", "bootID"),
    ("Kernel Version", "kernelVersion"),
    ("OS Image", "osImage"),
    ("Operating System", "operatingSystem"),
    ("Architecture", "architecture"),
    ("Container Runtime Version", "containerRuntimeVersion"),
    ("Kubelet Version", "kubeletVersion"),
)
STANDARD: Final = frozenset(("cpu", "memory", "ephemeral-storage", "pods"))
ZERO: Final = Quantity()


def node(page: Page, obj: Object, reader: Reader) -> None:
    """A Node."""
    spec, status = spec_of(obj), status_of(obj)
    page.field("Name", name_of(obj))
    page.field("Roles", ",".join(roles(obj)) or NONE)
    marks(page, obj)
    page.field("CreationTimestamp", page.time(metadata(obj).get("creationTimestamp")))
    page.many("Taints", taints(spec.get("taints")))
    page.field("Unschedulable", str(bool(spec.get("unschedulable"))).lower())
    _lease(page, reader.get("leases", "kube-node-lease", name_of(obj)) or lease_of(obj))
    _conditions(page, status.get("conditions"))
    page.line(0, "Addresses:")
    for address in status.get("addresses") or ():
        page.field(address.get("type", ""), address.get("address", ""), 1)
    for title, field in (("Capacity", "capacity"), ("Allocatable", "allocatable")):
        if status.get(field):
            page.line(0, f"{title}:")
        for name, amount in sorted((status.get(field) or {}).items()):
            page.field(name, canonical(amount), 1)
    page.line(0, "System Info:")
    for title, field in INFO:
        page.field(title, (status.get("nodeInfo") or {}).get(field) or "", 1)
    page.optional("PodCIDR", spec.get("podCIDR"))
    page.optional("PodCIDRs", ",".join(spec.get("podCIDRs") or ()))
    page.optional("ProviderID", spec.get("providerID"))
    _pods(page, obj, reader)


def lease_of(obj: Object) -> Object:
    """The Lease that a kubelet keeps in kube-node-lease, where the API server has none: renewed with its heartbeat."""
    ready = condition(obj, "Ready") or {}
    return {"spec": {"holderIdentity": name_of(obj), "renewTime": ready.get("lastHeartbeatTime")}}


def _lease(page: Page, lease: Object) -> None:
    spec = spec_of(lease)
    page.line(0, "Lease:")
    holder = spec.get("holderIdentity")
    page.field("HolderIdentity", "<unset>" if holder is None else holder, 1)
    for title, field in (("AcquireTime", "acquireTime"), ("RenewTime", "renewTime")):
        page.field(title, page.time(spec[field]) if spec.get(field) else "<unset>", 1)


def _conditions(page: Page, values: Sequence[Mapping[str, Any]] | None) -> None:
    if values:
        page.write(0, "Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage\n")
        page.line(1, "----\t------\t-----------------\t------------------\t------\t-------")
    for each in values or ():
        times = [page.time(each.get(field)) for field in ("lastHeartbeatTime", "lastTransitionTime")]
        cells = [
            each.get("type", ""),
            each.get("status", ""),
            *times,
            each.get("reason") or "",
            each.get("message") or "",
        ]
        page.line(1, " \t".join(cells))


def _pods(page: Page, obj: Object, reader: Reader) -> None:
    """Pods on the node that have not ended, and what they take of its resources."""
    status = status_of(obj)
    room = {name: parse(value) for name, value in (status.get("allocatable") or status.get("capacity") or {}).items()}
    pods = [
        pod
        for pod in reader.list("pods", None)
        if spec_of(pod).get("nodeName") == name_of(obj) and status_of(pod).get("phase") not in ("Succeeded", "Failed")
    ]
    page.field("Non-terminated Pods", f"({len(pods)} in total)")
    page.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge")
    page.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---")
    requested: dict[str, Quantity] = {}
    limited: dict[str, Quantity] = {}
    for pod in pods:
        requests, limits = of_pod(pod, "requests"), of_pod(pod, "limits")
        for total, of_this in ((requested, requests), (limited, limits)):
            for name, amount in of_this.items():
                total[name] = total[name] + amount if name in total else amount
        shares = [_share(each, name, room) for name in ("cpu", "memory") for each in (requests, limits)]
        cells = (metadata(pod).get("namespace") or "", name_of(pod), "", *shares, age(pod, page.now))
        page.line(1, "\t".join(cells))
    page.write(0, "Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)\n")
    page.line(1, "Resource\tRequests\tLimits")
    page.line(1, "--------\t--------\t------")
    huge = sorted(name for name in room if name.startswith("hugepages-"))
    for name in ("cpu", "memory", "ephemeral-storage", *huge):
        page.line(1, f"{name}\t{_share(requested, name, room)}\t{_share(limited, name, room)}")
    for name in sorted(room.keys() - STANDARD - set(huge)):
        page.line(1, f"{name}\t{requested.get(name, ZERO)}\t{limited.get(name, ZERO)}")


def _share(amounts: Resources, name: str, room: Resources) -> str:
    """``100m (5%)``, of what the node has to give."""
    amount, whole = amounts.get(name, ZERO), room.get(name, ZERO)
    count = Quantity.thousandths if name == "cpu" else Quantity.whole
    percent = count(amount) * 100 // count(whole) if count(whole) else 0
    return f"{amount} ({percent}%)"
