"""The events of an object, which end its page.

k8s: kubectl pkg/describe/describe.go (searchEvents, DescribeEvents).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kcnet.apiserver.tables.words import since, time_of
from kcnet.lab.kubectl.describe.reader import Object, Reader
from kcnet.lab.kubectl.describe.writer import Page


def about(obj: Object, reader: Reader) -> list[Object]:
    """Events whose involved object this is, by name, namespace, kind and uid; the oldest first."""
    metadata = obj.get("metadata") or {}
    namespace = metadata.get("namespace")
    kind, uid = obj.get("kind"), metadata.get("uid")
    if kind == "Pod":
        kind = None
        uid = (metadata.get("annotations") or {}).get("kubernetes.io/config.mirror", uid)
    uids = {uid, metadata.get("name")} if kind == "Node" else {uid}
    found = [
        event
        for event in reader.list("events", namespace or None)
        if _is_about(
            event.get("involvedObject") or {}, metadata.get("name"), namespace or "", kind, uids if uid else None
        )
    ]
    return sorted(found, key=lambda event: _last(event))


def _is_about(about: Mapping[str, Any], name: object, namespace: str, kind: object, uids: set[Any] | None) -> bool:
    return (
        about.get("name") == name
        and (about.get("namespace") or "") == namespace
        and (not kind or about.get("kind") == kind)
        and (uids is None or about.get("uid") in uids)
    )


def _last(event: Object) -> float:
    time = time_of(event.get("lastTimestamp"))
    return time.timestamp() if time else float("-inf")


def write(page: Page, events: Sequence[Object]) -> None:
    """The table of events; its columns stand apart from the rest of the page."""
    if not events:
        page.field("Events", "<none>")
        return
    page.part()
    page.write(0, "Events:\n  Type\tReason\tAge\tFrom\tMessage\n")
    page.line(1, "----\t------\t----\t----\t-------")
    for event in events:
        source = (event.get("source") or {}).get("component") or event.get("reportingComponent") or ""
        message = str(event.get("message") or "").strip()
        if path := (event.get("involvedObject") or {}).get("fieldPath"):
            message = f"{path}: {message}"
        cells = (event.get("type") or "", event.get("reason") or "", age(event, page), source, message)
        page.line(1, "\t".join(cells))


def age(event: Object, page: Page) -> str:
    """``5m``, or ``10s (x3 over 5m)`` for one that came again."""
    first = since(event.get("eventTime") or event.get("firstTimestamp"), page.now)
    if series := event.get("series"):
        return f"{since(series.get('lastObservedTime'), page.now)} (x{series.get('count') or 0} over {first})"
    if (event.get("count") or 0) > 1:
        return f"{since(event.get('lastTimestamp'), page.now)} (x{event['count']} over {first})"
    return first
