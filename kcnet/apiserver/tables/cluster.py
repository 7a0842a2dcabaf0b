"""The tables of nodes, namespaces and events.

k8s: pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from kcnet.apiserver.tables.table import AGE, NAME, NAME_HELP, Column, Row, wide
from kcnet.apiserver.tables.words import NONE, age, condition, metadata, name_of, since, spec_of, status_of

NODES: Final = (
    NAME,
    Column("Status", description="Whether the node is ready, and whether pods may be scheduled onto it."),
    Column("Roles", description="Roles of the node, from its labels."),
    AGE,
    Column("Version", description="Version of the kubelet."),
    wide("Internal-IP", "Address inside the cluster's network."),
    wide("External-IP", "Address reachable from outside."),
    wide("OS-Image", "Operating system."),
    wide("Kernel-Version", "Kernel, and the architecture."),
    wide("Container-Runtime", "Container runtime and its version."),
)
NAMESPACES: Final = (NAME, Column("Status", description="Active or Terminating."), AGE)
EVENTS: Final = (
    Column("Last Seen", description="How long ago the event was last seen."),
    Column("Type", description="Normal or Warning."),
    Column("Reason", description="Short reason, for machines."),
    Column("Object", description="Object that the event is about."),
    wide("Subobject", "Part of the object, such as a container."),
    wide("Source", "Component that reports the event."),
    Column("Message", description="What happened, for people."),
    wide("First Seen", "How long ago the event was first seen."),
    wide("Count", "How often it was seen."),
    Column("Name", format="name", description=NAME_HELP, priority=1),
)
ROLE_PREFIX: Final = "node-role.kubernetes.io/"


def node(obj: Mapping[str, Any], now: datetime) -> Row:
    """A Node's cells."""
    info = status_of(obj).get("nodeInfo") or {}
    kernel = info.get("kernelVersion") or "<unknown>"
    if info.get("architecture"):
        kernel += f" ({info['architecture']})"
    cells = (
        name_of(obj),
        _status(obj),
        ",".join(roles(obj)) or NONE,
        age(obj, now),
        info.get("kubeletVersion") or "",
        _address(obj, "InternalIP"),
        _address(obj, "ExternalIP"),
        info.get("osImage") or "<unknown>",
        kernel,
        info.get("containerRuntimeVersion") or "<unknown>",
    )
    return Row(cells, obj)


def _status(obj: Mapping[str, Any]) -> str:
    ready = condition(obj, "Ready")
    words = ["Unknown" if ready is None else "Ready" if ready.get("status") == "True" else "NotReady"]
    if spec_of(obj).get("unschedulable"):
        words.append("SchedulingDisabled")
    return ",".join(words)


def roles(obj: Mapping[str, Any]) -> list[str]:
    """``control-plane``: the ends of labels ``node-role.kubernetes.io/ROLE``, and of ``kubernetes.io/role``."""
    labels = metadata(obj).get("labels") or {}
    found = {key.removeprefix(ROLE_PREFIX) for key in labels if key.startswith(ROLE_PREFIX)}
    return sorted(role for role in found | {labels.get("kubernetes.io/role", "")} if role)


def _address(obj: Mapping[str, Any], kind: str) -> str:
    addresses = status_of(obj).get("addresses") or ()
    return next((each.get("address", "") for each in addresses if each.get("type") == kind), NONE)


def namespace(obj: Mapping[str, Any], now: datetime) -> Row:
    """A Namespace's cells."""
    return Row((name_of(obj), status_of(obj).get("phase") or "", age(obj, now)), obj)


def event(obj: Mapping[str, Any], now: datetime) -> Row:
    """An Event's cells."""
    first, last, count = seen(obj, now)
    about = obj.get("involvedObject") or {}
    kind = str(about.get("kind") or "").lower()
    cells = (
        last,
        obj.get("type") or "",
        obj.get("reason") or "",
        f"{kind}/{about['name']}" if about.get("name") else kind,
        about.get("fieldPath") or "",
        source(obj),
        str(obj.get("message") or "").strip(),
        first,
        count,
        name_of(obj),
    )
    return Row(cells, obj)


def seen(obj: Mapping[str, Any], now: datetime) -> tuple[str, str, int]:
    """How long ago an event was seen first and last, and how often."""
    first = since(obj.get("firstTimestamp") or obj.get("eventTime"), now)
    if series := obj.get("series"):
        return first, since(series.get("lastObservedTime"), now), series.get("count") or 0
    last = since(obj["lastTimestamp"], now) if obj.get("lastTimestamp") else first
    return first, last, obj.get("count") or 1


def source(obj: Mapping[str, Any]) -> str:
    """``kubelet, node-1``: who reports the event, and from where."""
    where = obj.get("source") or {}
    component = where.get("component") or obj.get("reportingComponent") or ""
    instance = where.get("host") or obj.get("reportingInstance") or ""
    return f"{component}, {instance}" if instance else component
