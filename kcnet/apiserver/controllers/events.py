"""Events: what the components of a cluster say about an object, counted where they say it again.

https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kcnet.apiserver.meta import digest, timestamp
from kcnet.apiserver.store import Object

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer


def record(
    server: ApiServer,
    about: Object,
    reason: str,
    message: str,
    *,
    component: str,
    type: str = "Normal",  # noqa: A002 Kubernetes' own word
    host: str | None = None,
    field: str | None = None,
) -> None:
    """Writes an Event in the namespace of ``about`` (of a Node: in default)."""
    metadata = about["metadata"]
    namespace = metadata.get("namespace") or "default"
    now = timestamp(server.now)
    text = digest(metadata["uid"], reason, message, component, field or "")
    mark = f"event/{text[:24]}"
    known = server.store.get("events", namespace, server.store.marks.get(mark, ""))
    if known is not None:
        server.store.put("events", {**known, "count": known["count"] + 1, "lastTimestamp": now}, told=True)
        return
    # The name ends in the time, so that a list of events is in order.
    name = f"{metadata['name']}.{int(server.now.timestamp()) * 10**9 + server.store.version:x}"
    server.store.marks[mark] = name
    involved: dict[str, Any] = {
        "kind": about["kind"],
        "namespace": metadata.get("namespace"),
        "name": metadata["name"],
        "uid": metadata["uid"],
        "apiVersion": about["apiVersion"],
        "resourceVersion": metadata.get("resourceVersion"),
        "fieldPath": field,
    }
    source = {"component": component, "host": host}
    server.store.put(
        "events",
        {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "name": name,
                "namespace": namespace,
                "uid": f"{text[16:24]}-{text[24:28]}-4{text[28:31]}-a{text[31:34]}-{text[34:46]}",
                "creationTimestamp": now,
            },
            "involvedObject": {key: value for key, value in involved.items() if value is not None},
            "reason": reason,
            "message": message,
            "source": {key: value for key, value in source.items() if value is not None},
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
            "type": type,
            "eventTime": None,
            "reportingComponent": component,
            "reportingInstance": host or "",
        },
        told=True,
    )
