"""The store: what exists, under (plural, namespace, name), with a version that grows with every write.

Objects are JSON in the API's own shape, and are never changed in place: whoever has one may keep it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from msgspec import Struct

from kcnet.model.names import Origin

Object = dict[str, Any]
Key = tuple[str, str]
"""(namespace, name); the namespace of kinds that have none is ""."""


class Event(NamedTuple):
    """One change: ``ADDED``, ``MODIFIED`` or ``DELETED``, and the object as it was then."""

    type: str
    object: Object
    version: int


class Snapshot(Struct, frozen=True):
    """All of a store at one time. Cheap: it shares every object with the store."""

    objects: Mapping[str, Mapping[Key, Object]]
    origins: Mapping[str, Origin]
    marks: Mapping[str, str]
    version: int
    changed: int
    log: tuple[Event, ...]


@dataclass(slots=True)
class Store:
    objects: dict[str, dict[Key, Object]] = field(default_factory=dict)
    """By plural."""
    origins: dict[str, Origin] = field(default_factory=dict)
    """By uid: where an object was written that nobody has changed since."""
    marks: dict[str, str] = field(default_factory=dict)
    """Small facts that the controllers remember, by their own names."""
    version: int = 0
    changed: int = 0
    """The version of the last write that the control plane has to look at: not those that only tell what it found."""
    log: list[Event] = field(default_factory=list)
    touched: dict[str, int] = field(default_factory=dict)
    """By plural the version of the last write."""

    def get(self, plural: str, namespace: str | None, name: str) -> Object | None:
        return self.objects.get(plural, {}).get((namespace or "", name))

    def all(self, plural: str) -> Iterator[Object]:
        """In order of namespace and name."""
        found = self.objects.get(plural, {})
        return (found[key] for key in sorted(found))

    def of(self, plural: str, namespace: str) -> Iterator[Object]:
        """Those of one namespace, in order of their names."""
        found = self.objects.get(plural, {})
        return (found[key] for key in sorted(key for key in found if key[0] == namespace))

    def names(self, plural: str, namespace: str) -> set[str]:
        return {key[1] for key in self.objects.get(plural, {}) if key[0] == namespace}

    def put(self, plural: str, value: Object, *, told: bool = False) -> Object:
        """Stores ``value`` under a new version; answers with it as stored. ``told``: nothing follows from it."""
        self.version += 1
        self.touched[plural] = self.version
        if not told:
            self.changed = self.version
        metadata = value["metadata"]
        stored = {**value, "metadata": {**metadata, "resourceVersion": str(self.version)}}
        key = metadata.get("namespace") or "", metadata["name"]
        group = self.objects.setdefault(plural, {})
        self.log.append(Event("MODIFIED" if key in group else "ADDED", stored, self.version))
        group[key] = stored
        return stored

    def remove(self, plural: str, namespace: str | None, name: str, *, told: bool = False) -> Object | None:
        found = self.objects.get(plural, {}).pop((namespace or "", name), None)
        if found is not None:
            self.version += 1
            self.touched[plural] = self.version
            if not told:
                self.changed = self.version
            last = {**found, "metadata": {**found["metadata"], "resourceVersion": str(self.version)}}
            self.log.append(Event("DELETED", last, self.version))
            self.origins.pop(found["metadata"]["uid"], None)
        return found

    def snapshot(self) -> Snapshot:
        return Snapshot(
            {plural: dict(found) for plural, found in self.objects.items()},
            dict(self.origins),
            dict(self.marks),
            self.version,
            self.changed,
            tuple(self.log),
        )

    def restore(self, snapshot: Snapshot) -> None:
        self.objects = {plural: dict(found) for plural, found in snapshot.objects.items()}
        self.origins, self.marks, self.touched = dict(snapshot.origins), dict(snapshot.marks), {}
        self.version, self.changed, self.log = snapshot.version, snapshot.changed, list(snapshot.log)
