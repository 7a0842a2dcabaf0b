"""describe pod, and the pod template of a workload.

k8s: kubectl pkg/describe/describe.go (describePod, DescribePodTemplate).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kcnet.apiserver.tables.words import NONE, metadata, selector_text, since, spec_of, status_of
from kcnet.lab.kubectl.describe.containers import containers, resources
from kcnet.lab.kubectl.describe.reader import Object, Reader
from kcnet.lab.kubectl.describe.volumes import volumes
from kcnet.lab.kubectl.describe.writer import Page, controller, marks, names, tolerations


def pod(page: Page, obj: Object, reader: Reader) -> None:
    """A Pod."""
    spec, status = spec_of(obj), status_of(obj)
    names(page, obj)
    if spec.get("priority") is not None:
        page.field("Priority", spec["priority"])
    page.optional("Priority Class Name", spec.get("priorityClassName"))
    page.optional("Runtime Class Name", spec.get("runtimeClassName"))
    page.optional("Service Account", spec.get("serviceAccountName"))
    page.field("Node", f"{spec['nodeName']}/{status.get('hostIP') or ''}" if spec.get("nodeName") else NONE)
    if status.get("startTime"):
        page.field("Start Time", page.time(status["startTime"]))
    marks(page, obj)
    _phase(page, obj)
    page.optional("Reason", status.get("reason"))
    page.optional("Message", status.get("message"))
    if profile := (spec.get("securityContext") or {}).get("seccompProfile"):
        page.field("SeccompProfile", profile.get("type", ""))
        if profile.get("type") == "Localhost":
            page.field("LocalhostProfile", profile.get("localhostProfile", ""))
    _addresses(page, status)
    page.optional("Controlled By", controller(obj))
    page.optional("NominatedNodeName", status.get("nominatedNodeName"))
    if spec.get("resources") is not None:
        page.line(0, "Resources:")
        resources(page, spec["resources"], 1)
    if spec.get("initContainers"):
        containers(page, "Init Containers", spec["initContainers"], status.get("initContainerStatuses"), pod=obj)
    containers(page, "Containers", spec.get("containers"), status.get("containerStatuses"), pod=obj)
    if late := spec.get("ephemeralContainers"):
        containers(page, "Ephemeral Containers", late, status.get("ephemeralContainerStatuses"), pod=obj)
    _conditions(page, obj)
    volumes(page, spec.get("volumes"))
    page.field("QoS Class", status.get("qosClass") or _quality(obj))
    page.labels("Node-Selectors", spec.get("nodeSelector"))
    page.many("Tolerations", tolerations(spec.get("tolerations")))
    _spread(page, spec.get("topologySpreadConstraints"))


def _phase(page: Page, obj: Object) -> None:
    leaving, phase = metadata(obj).get("deletionTimestamp"), status_of(obj).get("phase") or ""
    if leaving and phase not in ("Failed", "Succeeded"):
        page.field("Status", f"Terminating (lasts {since(leaving, page.now)})")
        page.field("Termination Grace Period", f"{metadata(obj).get('deletionGracePeriodSeconds') or 0}s")
    else:
        page.field("Status", phase)


def _addresses(page: Page, status: Mapping[str, Any]) -> None:
    page.field("IP", status.get("podIP") or "")
    addresses = status.get("podIPs") or ()
    page.line(0, "IPs:" if addresses else f"IPs:\t{NONE}")
    for address in addresses:
        page.field("IP", address.get("ip", ""), 1)


def _conditions(page: Page, obj: Object) -> None:
    conditions: Sequence[Mapping[str, Any]] = status_of(obj).get("conditions") or ()
    if gates := spec_of(obj).get("readinessGates"):
        page.write(0, "Readiness Gates:\n  Type\tStatus\n")
        for gate in gates:
            kind = gate.get("conditionType", "")
            status = next((each.get("status", "") for each in conditions if each.get("type") == kind), NONE)
            page.line(1, f"{kind} \t{status} ")
    if conditions:
        page.write(0, "Conditions:\n  Type\tStatus\n")
    for each in conditions:
        page.line(1, f"{each.get('type', '')} \t{each.get('status', '')} ")


def _quality(obj: Object) -> str:
    """The QoS class, where no kubelet has stated it yet."""
    spec = spec_of(obj)
    every = [each.get("resources") or {} for each in (*spec.get("containers", ()), *spec.get("initContainers", ()))]
    if not any((each.get(kind) or {}).get(name) for each in every for kind in ("requests", "limits") for name in CORE):
        return "BestEffort"
    guaranteed = all(
        (each.get("limits") or {}).get(name)
        and (each.get("requests") or {}).get(name, each["limits"][name]) == each["limits"][name]
        for each in every
        for name in CORE
    )
    return "Guaranteed" if guaranteed else "Burstable"


CORE = ("cpu", "memory")


def _spread(page: Page, constraints: Sequence[Mapping[str, Any]] | None, indent: str = "") -> None:
    lines = []
    for each in sorted(constraints or (), key=lambda each: str(each.get("topologyKey", ""))):
        text = f"{each.get('topologyKey', '')}:{each.get('whenUnsatisfiable', '')}"
        text += f" when max skew {each.get('maxSkew', 0)} is exceeded"
        if each.get("labelSelector") is not None:
            text += f" for selector {selector_text(each['labelSelector'])}"
        lines.append(text)
    if lines:
        page.many("Topology Spread Constraints", lines, indent=indent)


def template(page: Page, value: Mapping[str, Any] | None) -> None:
    """The pod template of a workload."""
    page.line(0, "Pod Template:")
    if not value:
        page.write(1, "<unset>")
        return
    spec = spec_of(value)
    page.labels("  Labels", metadata(value).get("labels"))
    if metadata(value).get("annotations"):
        page.annotations("  Annotations", metadata(value)["annotations"])
    page.optional("Service Account", spec.get("serviceAccountName"), 1)
    if spec.get("initContainers"):
        containers(page, "Init Containers", spec["initContainers"], None, indent="  ")
    containers(page, "Containers", spec.get("containers"), None, indent="  ")
    volumes(page, spec.get("volumes"), "  ")
    _spread(page, spec.get("topologySpreadConstraints"), "  ")
    page.optional("Priority Class Name", spec.get("priorityClassName"), 1)
    page.labels("  Node-Selectors", spec.get("nodeSelector"))
    page.many("  Tolerations", tolerations(spec.get("tolerations")))
