"""The garbage collector and the namespace controller: what belongs to something that is gone goes, too.

https://kubernetes.io/docs/concepts/architecture/garbage-collection/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcnet.apiserver.controllers import derived, pods

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer


def collect(server: ApiServer) -> None:
    store = server.store
    while True:
        namespaces = {name for _, name in store.objects.get("namespaces", {})}
        uids = {obj["metadata"]["uid"] for found in store.objects.values() for obj in found.values()}
        gone = [
            (plural, obj)
            for plural, found in store.objects.items()
            for (namespace, _), obj in found.items()
            if (namespace and namespace not in namespaces)
            or (
                (owners := obj["metadata"].get("ownerReferences"))
                and not any(owner.get("uid") in uids or f"absent/{owner.get('uid')}" in store.marks for owner in owners)
            )
        ]
        if not gone:
            return
        gone.sort(key=lambda item: (item[0], item[1]["metadata"].get("namespace") or "", item[1]["metadata"]["name"]))
        for plural, obj in gone:
            if plural == "pods":
                pods.deleted(server, obj, told=obj["metadata"]["namespace"] in namespaces)
            elif plural == "services":
                derived.release(server, (ip for ip in obj["spec"].get("clusterIPs") or () if ip != "None"))
            store.remove(plural, obj["metadata"].get("namespace"), obj["metadata"]["name"])


def orphan(server: ApiServer, uid: str) -> None:
    """Lets go of everything that the object with this uid owns, which is about to be deleted."""
    store = server.store
    for plural in sorted(store.objects):
        for obj in list(store.all(plural)):
            owners = obj["metadata"].get("ownerReferences") or ()
            if any(owner.get("uid") == uid for owner in owners):
                kept = [owner for owner in owners if owner.get("uid") != uid]
                metadata = {key: value for key, value in obj["metadata"].items() if key != "ownerReferences"}
                store.put(plural, {**obj, "metadata": {**metadata, **({"ownerReferences": kept} if kept else {})}})
