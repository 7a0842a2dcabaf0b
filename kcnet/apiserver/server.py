"""The API server: what clients ask of it, and what it answers.

A write is judged, stored, and answered only when every controller has done its part: nothing is ever half done. Names,
uids and versions are counted, not drawn, and times come from the clock that the server is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kcnet.apiserver import errors
from kcnet.apiserver.admission import decode, refuse_invalid, violations
from kcnet.apiserver.controllers.job import with_selector
from kcnet.apiserver.defaults import with_defaults
from kcnet.apiserver.kubelet import Kubelet
from kcnet.apiserver.meta import stamped, uid_of
from kcnet.apiserver.patch import PatchKind, patched
from kcnet.apiserver.resources import Resource, of_kind
from kcnet.apiserver.selectors import matches_labels, parse_fields, parse_labels
from kcnet.apiserver.store import Event, Object, Snapshot, Store
from kcnet.apiserver.typed import Values
from kcnet.apiserver.update import clean_up, prepared, update_errors
from kcnet.apiserver.warnings import warnings_of
from kcnet.controlplane.ordering import generated_name
from kcnet.model.cluster import Cluster
from kcnet.model.manifests import ClusterFacts
from kcnet.model.names import Origin

if TYPE_CHECKING:
    from kcnet.apiserver.tables import Table

__all__ = ["ApiServer", "Event", "Object", "Snapshot"]

Objects = list[Object]
Texts = list[str]

IMMORTAL = ("default", "kube-public", "kube-system")
"""Namespaces that may not be deleted."""
SCALABLE = ("deployments", "replicasets", "replicationcontrollers", "statefulsets")


class ApiServer:
    """``clock`` tells the time; ``facts`` what no object says: network plugin, proxy mode, address ranges."""

    def __init__(self, *, clock: Callable[[], datetime], facts: ClusterFacts | None = None) -> None:
        self.clock = clock
        self.facts = facts or ClusterFacts()
        self.store = Store()
        self.values = Values()
        self.assumptions: dict[str, str] = {}
        """What was taken for granted when the cluster was made, by subject."""
        self.kubelet = Kubelet(self)
        self._cluster: Cluster | None = None
        self._built = -1
        self.synced: dict[str, int] = {}
        """By controller the version up to which it has seen everything."""
        self._warnings: Texts = []
        self._held = 0
        self._unsettled = False

    @classmethod
    def from_paths(
        cls, paths: Sequence[str], *, clock: Callable[[], datetime], facts: ClusterFacts | None = None
    ) -> ApiServer:
        """The server of the cluster that the manifests in ``paths`` make, with everything that Kubernetes adds.

        Raises ``kcnet.loading.problems.InvalidManifestsError`` with every problem of every file.
        """
        from kcnet.apiserver.bootstrap import bootstrap

        server = cls(clock=clock, facts=facts)
        bootstrap(server, paths)
        return server

    # Reading

    def get(self, resource: Resource, namespace: str | None, name: str) -> Object:
        """Raises ApiError (NotFound)."""
        found = self.store.get(resource.plural, namespace if resource.namespaced else None, name)
        if found is None:
            raise errors.not_found(resource, name)
        return found

    def list(self, resource: Resource, namespace: str | None = None, *, labels: str = "", fields: str = "") -> Objects:
        """Sorted by namespace and name; no namespace: of all. Raises ApiError (BadRequest) for odd selectors."""
        wanted, fits = parse_labels(labels), parse_fields(fields, resource)
        everywhere = namespace is None or not resource.namespaced
        found = self.store.all(resource.plural) if everywhere else self.store.of(resource.plural, namespace or "")
        return [obj for obj in found if matches_labels(wanted, obj) and fits(obj)]

    def watch(self, since: int = 0) -> Iterator[Event]:
        """Every change after the version ``since``, in order."""
        return (event for event in tuple(self.store.log) if event.version > since)

    def table(self, resource: Resource, objects: Sequence[Object]) -> Table:
        from kcnet.apiserver.tables import table

        return table(resource.plural, objects, self.now)

    def warnings(self) -> Texts:
        """What the answer to the last write carried in its Warning headers."""
        return self._warnings

    @property
    def now(self) -> datetime:
        return self.clock().astimezone(UTC)

    @property
    def cluster(self) -> Cluster:
        """The present state as the simulator takes it."""
        if self._cluster is None or self._built != self.store.changed:
            from kcnet.apiserver.controllers.derived import build

            self.built_as(build(self), self.store.changed)
        assert self._cluster is not None
        return self._cluster

    @property
    def is_built(self) -> bool:
        """The cluster is that of the present state."""
        return self._cluster is not None and self._built == self.store.changed

    def built_as(self, cluster: Cluster, version: int) -> None:
        self._cluster, self._built = cluster, version

    # Writing

    def create(
        self,
        resource: Resource,
        namespace: str | None,
        value: Object,
        *,
        dry_run: bool = False,
        origin: Origin | None = None,
    ) -> Object:
        """The object as stored. Raises ApiError."""
        self._warnings = []
        made = decode(resource, value)
        metadata = made["metadata"]
        self._set_namespace(resource, namespace, metadata)
        if metadata.get("resourceVersion"):
            raise errors.bad_request("resourceVersion should not be set on objects to be created")
        if resource.namespaced and self.store.get("namespaces", None, metadata["namespace"]) is None:
            raise _no_namespace(metadata["namespace"])
        if not metadata.get("name") and metadata.get("generateName"):
            taken = self.store.names(resource.plural, metadata.get("namespace") or "")
            metadata["name"] = generated_name(metadata["generateName"], taken, resource.plural, self.store.version)
        for key in ("uid", "creationTimestamp", "generation", "selfLink", "deletionTimestamp"):
            metadata.pop(key, None)
        made = prepared(self.store, resource, None, made)
        made = with_defaults(resource.kind, made)
        name = metadata.get("name") or ""
        refuse_invalid(resource, name, violations(resource, made))
        if self.store.get(resource.plural, metadata.get("namespace"), name) is not None:
            raise errors.already_exists(resource, name)
        refuse_invalid(resource, name, update_errors(self, resource, None, made))
        self._warnings = warnings_of(resource, made)
        made = stamped(made, uid_of(resource, metadata, self.store.version), self.now)
        if resource.kind == "Job":
            made = with_selector(made)
        if dry_run:
            return made
        stored = self.store.put(resource.plural, made)
        if origin is not None:
            self.store.origins[stored["metadata"]["uid"]] = origin
        return self._settled(resource, stored)

    def update(
        self,
        resource: Resource,
        namespace: str | None,
        name: str,
        value: Object,
        *,
        dry_run: bool = False,
        origin: Origin | None = None,
    ) -> Object:
        """Replaces an object; its status and what the server keeps of its metadata stay. Raises ApiError."""
        self._warnings = []
        old = self.get(resource, namespace, name)
        made = decode(resource, value)
        metadata, kept = made["metadata"], old["metadata"]
        self._set_namespace(resource, namespace, metadata)
        if metadata.setdefault("name", name) != name:
            raise errors.bad_request(
                f"the name of the object ({metadata['name']}) does not match the name on the URL ({name})"
            )
        if metadata.get("resourceVersion") not in (None, "", "0", kept["resourceVersion"]):
            raise errors.conflict(resource, name)
        if metadata.get("uid") not in (None, "", kept["uid"]):
            why = f"Precondition failed: UID in precondition: {metadata['uid']}, UID in object meta: {kept['uid']}"
            raise errors.conflict(resource, name, why)
        for key in ("uid", "resourceVersion", "creationTimestamp", "generation"):
            if key in kept:
                metadata[key] = kept[key]
            else:
                metadata.pop(key, None)
        made = prepared(self.store, resource, old, made)
        made = with_defaults(resource.kind, made)
        made = clean_up(resource, old, made)
        known = set(violations(resource, old))
        found = [error for error in violations(resource, made) if error not in known]
        refuse_invalid(resource, name, [*found, *update_errors(self, resource, old, made)])
        self._warnings = warnings_of(resource, made, old)
        if made == old:
            return self._adopt(old, origin, dry_run=dry_run)
        if "generation" in metadata and made.get("spec") != old.get("spec"):
            metadata["generation"] += 1
        if dry_run:
            return made
        stored = self.store.put(resource.plural, made)
        self.store.origins.pop(metadata["uid"], None)
        if resource.kind == "Service" and made["spec"]["type"] != old["spec"]["type"]:
            self.store.marks.pop(f"stated/{metadata['uid']}", None)
        self._adopt(stored, origin, dry_run=False)
        return self._settled(resource, stored)

    def patch(
        self,
        resource: Resource,
        namespace: str | None,
        name: str,
        patch: Any,
        kind: PatchKind,
        *,
        dry_run: bool = False,
        origin: Origin | None = None,
    ) -> Object:
        """Raises ApiError, also for a patch that cannot be applied."""
        old = self.get(resource, namespace, name)
        new = patched(resource, old, patch, kind)
        return self.update(resource, namespace, name, new, dry_run=dry_run, origin=origin)

    def delete(
        self, resource: Resource, namespace: str | None, name: str, *, dry_run: bool = False, orphan: bool = False
    ) -> Object:
        """The object as it was. What it owned goes with it (``orphan``: stays), and what a namespace held.

        Raises ApiError.
        """
        from kcnet.apiserver.controllers.derived import release
        from kcnet.apiserver.controllers.garbage import orphan as let_go
        from kcnet.apiserver.controllers.pods import deleted

        self._warnings = []
        old = self.get(resource, namespace, name)
        if resource.kind == "Namespace" and name in IMMORTAL:
            raise errors.forbidden(resource, name, "this namespace may not be deleted")
        if dry_run:
            return old
        if resource.kind == "Pod":
            deleted(self, old)
        if resource.kind == "Service":
            release(self, [ip for ip in old["spec"].get("clusterIPs") or () if ip != "None"])
        if resource.kind == "Node":
            self._lose_pods(name)
        if orphan:
            let_go(self, old["metadata"]["uid"])
        self.store.remove(resource.plural, old["metadata"].get("namespace"), name)
        self._settle(resource)
        return old

    def scale(self, resource: Resource, namespace: str | None, name: str, replicas: int) -> Object:
        """Sets ``spec.replicas`` as the subresource ``scale`` does. Raises ApiError."""
        old = self.get(resource, namespace, name)
        if resource.plural not in SCALABLE:
            raise errors.no_such_resource()
        new = deepcopy(old)
        new["spec"]["replicas"] = replicas
        return self.update(resource, namespace, name, new)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Several writes, after which the controllers run once."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            if not self._held and self._unsettled:
                self.settle()

    def settle(self) -> None:
        """Lets the controllers run until none has anything to do."""
        from kcnet.apiserver.controllers import reconcile

        if self._held:
            self._unsettled = True
            return
        self._unsettled = False
        reconcile(self)

    # All of it

    def snapshot(self) -> Snapshot:
        return self.store.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        self.store.restore(snapshot)
        self.synced.clear()
        self._cluster = None

    def to_json(self) -> dict[str, Any]:
        from kcnet.apiserver.saved import to_json

        return to_json(self)

    @classmethod
    def from_json(cls, value: Any, *, clock: Callable[[], datetime]) -> ApiServer:
        """Raises ValueError for what ``to_json`` did not write."""
        from kcnet.apiserver.saved import from_json

        server = cls(clock=clock)
        from_json(server, value)
        return server

    def _set_namespace(self, resource: Resource, namespace: str | None, metadata: Object) -> None:
        if not resource.namespaced:
            metadata.pop("namespace", None)
            return
        stated = metadata.get("namespace")
        if stated and namespace and stated != namespace:
            raise errors.bad_request(
                "the namespace of the provided object does not match the namespace sent on the request"
            )
        metadata["namespace"] = namespace or stated or "default"

    def _lose_pods(self, node: str) -> None:
        """The pod garbage collector deletes what ran on a node that is gone."""
        for pod in list(self.store.all("pods")):
            if pod["spec"].get("nodeName") == node:
                self.store.remove("pods", pod["metadata"]["namespace"], pod["metadata"]["name"])

    def _adopt(self, stored: Object, origin: Origin | None, *, dry_run: bool) -> Object:
        if origin is not None and not dry_run:
            self.store.origins[stored["metadata"]["uid"]] = origin
            self._cluster = None
        return stored

    def _settled(self, resource: Resource, stored: Object) -> Object:
        self._settle(resource)
        metadata = stored["metadata"]
        return self.store.get(resource.plural, metadata.get("namespace"), metadata["name"]) or stored

    def _settle(self, resource: Resource) -> None:
        if resource.kind not in ("ConfigMap", "Event", "ServiceAccount"):
            self.settle()


def _no_namespace(name: str) -> errors.ApiError:
    namespaces = of_kind("Namespace")
    assert namespaces is not None
    return errors.not_found(namespaces, name)
