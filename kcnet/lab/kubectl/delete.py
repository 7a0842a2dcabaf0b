"""``kubectl delete`` and ``kubectl replace``"""

from __future__ import annotations

from kcnet.apiserver.resources import Resource
from kcnet.lab.kubectl.client import NO_SPECIFIER, Client, Object, error, name_of, typed_name
from kcnet.lab.kubectl.create import done


def replace(client: Client) -> int:
    if not client.args.all("filename"):
        raise error("must specify one of -f and -k")
    for one in client.manifests():
        home, name = client.home(one.resource, one.value), name_of(one.value)
        with client.each(f'error when replacing "{one.file}"'):
            if client.args.on("force"):
                if client.server.store.get(one.resource.plural, home, name) is not None:
                    client.server.delete(one.resource, home, name)
                    client.call.line(deleted(one.resource, name, home))
                made = client.server.create(one.resource, home, one.value, origin=one.origin)
            else:
                made = client.server.update(
                    one.resource, home, name, one.value, dry_run=client.dry_run != "none", origin=one.origin
                )
            done(client, "replace", made, "replaced")
    return 0


IMMEDIATE = (
    "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The "
    "resource may continue to run on the cluster indefinitely."
)


def deleted(resource: Resource, name: str, home: str | None, *, force: bool = False) -> str:
    """The line of kubectl 1.34 and later, which names the namespace."""
    group = f".{resource.group}" if resource.group else ""
    where = f" from {home} namespace" if home else ""
    return f'{resource.singular}{group} "{name}" {"force " if force else ""}deleted{where}'


def delete(client: Client) -> int:
    args = client.args
    if not args.words and not args.all("filename"):
        raise error(NO_SPECIFIER)
    selected = args.has("selector") or args.has("field-selector")
    if args.on("all") and args.has("selector"):
        raise error("setting 'all' parameter but found a non empty selector. ")
    if args.on("all") and not args.all("filename") and any(one.name for one in client.chosen(args.words)):
        raise error("name cannot be provided when a selector is specified")
    found: list[tuple[Resource, Object]] = []
    if args.all("filename"):
        for one in client.manifests():
            with client.each(f'error when deleting "{one.file}"'):
                found.append(
                    (
                        one.resource,
                        client.server.get(one.resource, client.home(one.resource, one.value), name_of(one.value)),
                    )
                )
    else:
        for resource, name in client.chosen(args.words):
            if name is None and not (selected or args.on("all")):
                raise error("resource(s) were provided, but no name was specified")
            with client.each():
                if name is not None:
                    found.append((resource, client.server.get(resource, client.scope_of_one(resource), name)))
                else:
                    listed = client.listed(resource)
                    found += [(resource, value) for value in listed]
    if args.on("ignore-not-found") or selected:
        client.failures = [one for one in client.failures if "(NotFound)" not in one.message]
    _delete(client, found)
    if not found and not client.failures and not args.on("ignore-not-found"):
        client.call.line("No resources found")
    return 0


def _delete(client: Client, found: list[tuple[Resource, Object]]) -> None:
    gone = {"client": " (dry run)", "server": " (server dry run)"}.get(client.dry_run, "")
    named, force = client.args.text("output") == "name", client.args.on("force")
    if force and found:
        client.call.err(IMMEDIATE)
    with client.together():
        for resource, old in found:
            name, home = name_of(old), old["metadata"].get("namespace")
            with client.each():
                if client.dry_run == "none":
                    # What belongs to something that went a moment ago may be gone already, or be there again.
                    if client.server.store.get(resource.plural, home, name) is not None:
                        client.server.delete(resource, home, name)
                    client.wrote("delete", resource, old)
                client.call.line(
                    typed_name(resource, old) if named else deleted(resource, name, home, force=force) + gone
                )
