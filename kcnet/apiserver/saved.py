"""The whole server as JSON, for a sandbox that is to outlive its process."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, Final

from kcnet.loading.positions import locate_json, locate_yaml
from kcnet.model.manifests import ClusterFacts
from kcnet.model.names import Origin, Source

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer

VERSION: Final = 1


def to_json(server: ApiServer) -> dict[str, Any]:
    store = server.store
    sources: dict[int, tuple[int, Source]] = {}
    origins = {}
    for uid, origin in store.origins.items():
        place, _ = sources.setdefault(id(origin.source), (len(sources), origin.source))
        origins[uid] = [place, origin.start, origin.end, origin.line, origin.column]
    return {
        "version": VERSION,
        "facts": _facts_to_json(server.facts),
        "assumptions": dict(server.assumptions),
        "resourceVersion": store.version,
        "marks": dict(store.marks),
        "objects": {plural: list(store.all(plural)) for plural in sorted(store.objects) if store.objects[plural]},
        "origins": origins,
        "sources": [
            {"name": source.name, "text": source.text, "json": source.locate is locate_json}
            for _, source in sources.values()
        ],
    }


def from_json(server: ApiServer, value: Any) -> None:
    """Fills a new server. Raises ValueError for what ``to_json`` did not write."""
    if not isinstance(value, dict) or value.get("version") != VERSION:
        raise ValueError("this is no saved sandbox of this version of kcnet")
    try:
        sources = [
            Source(item["name"], item["text"], locate_json if item["json"] else locate_yaml)
            for item in value["sources"]
        ]
        server.facts = _facts_from_json(value["facts"])
        server.assumptions = dict(value["assumptions"])
        store = server.store
        store.version, store.marks = int(value["resourceVersion"]), dict(value["marks"])
        for plural, objects in value["objects"].items():
            store.objects[plural] = {
                (obj["metadata"].get("namespace") or "", obj["metadata"]["name"]): obj for obj in objects
            }
        store.origins = {
            uid: Origin(sources[place], start, end, line, column)
            for uid, (place, start, end, line, column) in value["origins"].items()
        }
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise ValueError("this saved sandbox is damaged") from error


_NETWORKS: Final = ("pod_cidrs", "service_cidrs")


def _facts_to_json(facts: ClusterFacts) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in facts.__struct_fields__:
        value = getattr(facts, name)
        if name == "ref" or value in (None, ()):
            continue
        if name in _NETWORKS:
            value = [str(cidr) for cidr in value]
        elif not isinstance(value, bool | int | str):
            value = str(value)
        found[name] = value
    return found


def _facts_from_json(value: dict[str, Any]) -> ClusterFacts:
    fields = dict(value)
    for name in _NETWORKS:
        if name in fields:
            fields[name] = tuple(ip_network(cidr) for cidr in fields[name])
    if "dns_service_ip" in fields:
        fields["dns_service_ip"] = ip_address(fields["dns_service_ip"])
    if isinstance(fields.get("load_balancer"), str):
        fields["load_balancer"] = ip_network(fields["load_balancer"])
    return ClusterFacts(**fields)
