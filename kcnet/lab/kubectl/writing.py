"""Sending a changed object, and telling of it."""

from __future__ import annotations

from kcnet.apiserver.resources import Resource
from kcnet.lab.kubectl.client import Client, Object, name_of

NO_ARGUMENTS = "one or more resources must be specified as <resource> <name> or <resource>/<name>"


def write(client: Client, verb: str, resource: Resource, old: Object, new: Object, operation: str) -> Object:
    """Send a changed object, and tell of it."""
    mode = client.dry_run
    made = new
    if mode != "client":
        # What others wrote in between is nobody's concern here: there are no others.
        metadata = {key: value for key, value in new["metadata"].items() if key != "resourceVersion"}
        made = client.server.update(
            resource,
            old["metadata"].get("namespace"),
            name_of(old),
            {**new, "metadata": metadata},
            dry_run=mode == "server",
        )
        client.warn()
    client.report(resource, made, operation)
    if mode == "none":
        client.wrote(verb, resource, made)
    return made


def template_spec(value: Object) -> Object | None:
    """The pod spec inside an object, to be changed in place."""
    spec = value.get("spec") or {}
    if value["kind"] == "Pod":
        return dict(spec) and spec
    if value["kind"] == "CronJob":
        spec = (spec.get("jobTemplate") or {}).get("spec") or {}
    found: Object | None = (spec.get("template") or {}).get("spec")
    return found
