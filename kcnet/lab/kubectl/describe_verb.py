"""``kubectl describe``"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from kcnet.apiserver.errors import ApiError
from kcnet.apiserver.resources import Resource, find
from kcnet.lab.kubectl.client import Client, Object, error, message_of, name_of
from kcnet.lab.kubectl.describe import describe
from kcnet.lab.kubectl.describe.reader import Object as ReadObject

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer


class ServerReader:
    """The API server as describe asks it."""

    def __init__(self, server: ApiServer) -> None:
        self.server = server

    @property
    def now(self) -> datetime:
        return self.server.now

    def list(self, plural: str, namespace: str | None, *, labels: str = "") -> Sequence[ReadObject]:
        resource = find(plural)
        return self.server.list(resource, namespace, labels=labels) if resource else ()

    def get(self, plural: str, namespace: str | None, name: str) -> ReadObject | None:
        resource = find(plural)
        try:
            return self.server.get(resource, namespace, name) if resource else None
        except ApiError:
            return None


def run(client: Client) -> int:
    args = client.args
    found: list[tuple[Resource, Object]] = []
    if args.all("filename"):
        found = client.objects([])
    else:
        missing = (
            'You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of '
            "supported resources."
        )
        for resource, name in client.chosen(args.words, missing=missing):
            objects = _objects(client, resource, name)
            if objects or name is None:
                client.read("describe", resource, () if name is None else [name_of(one) for one in objects])
            found += [(resource, value) for value in objects]
    pages = [
        describe(resource.kind, value, ServerReader(client.server), show_events=args.on("show-events", True))
        for resource, value in found
    ]
    client.call.out("\n\n".join(pages))
    if not pages and not client.failures:
        everywhere = client.everywhere or not any(resource.namespaced for resource, _ in client.chosen(args.words))
        client.call.err("No resources found" + ("" if everywhere else f" in {client.namespace} namespace."))
    return 0


def _objects(client: Client, resource: Resource, name: str | None) -> list[Object]:
    """A name that no object has is taken as the beginning of names."""
    scope = client.scope(resource)
    if name is None:
        return client.listed(resource)
    if client.everywhere and resource.namespaced:
        raise error("a resource cannot be retrieved by name across all namespaces")
    try:
        return [client.server.get(resource, scope, name)]
    except ApiError as refused:
        like = [value for value in client.server.list(resource, scope) if name_of(value).startswith(name)]
        if not like:
            client.failures.append(error(message_of(refused)))
            client.failures[-1].message = message_of(refused)
        return like
