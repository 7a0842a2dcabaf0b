"""``kubectl get``: tables, and every other form of ``-o``."""

from __future__ import annotations

from kcnet.apiserver.resources import Resource
from kcnet.lab.kubectl.client import Chosen, Client, Fault, Object, error, name_of
from kcnet.lab.kubectl.printers.text import Answer, Options, text_tables

Found = list[tuple[Resource, list[Object]]]

NO_RESOURCE = (
    'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported '
    "resources.\n\nerror: Required resource not specified.\n"
    'Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).\n'
    "See 'kubectl get -h' for help and examples"
)


def run(client: Client) -> int:
    args, call = client.args, client.call
    if not args.words and not args.all("filename"):
        raise Fault(NO_RESOURCE)
    found = _from_files(client) if args.all("filename") else _found(client)
    form = args.text("output")
    if args.on("watch") or args.on("watch-only"):
        call.note("-w prints once: nothing in the lab changes unless you change it.")
    if form in ("", "wide"):
        _table(client, found, wide=form == "wide")
    else:
        from kcnet.lab.kubectl.printing import printed

        values = [value for _, objects in found for value in objects]
        if args.text("sort-by"):
            values = _sorted(client, values)
        if values or not client.failures:
            call.out(printed(client, form, values, as_list=not _single(client)))
    return 0


def _single(client: Client) -> bool:
    """Whether one object was named: it is printed by itself, and not in a List."""
    words = client.args.words
    if client.args.all("filename"):
        return False
    return (len(words) == 2 and "/" not in words[0] and "," not in words[0]) or (len(words) == 1 and "/" in words[0])


def _from_files(client: Client) -> Found:
    found: Found = []
    for one in client.manifests():
        with client.each():
            found.append(
                (
                    one.resource,
                    [client.server.get(one.resource, client.home(one.resource, one.value), name_of(one.value))],
                )
            )
    return found


def _found(client: Client) -> Found:
    args = client.args
    selector = args.text("selector")
    found: Found = []
    for resource, names in _grouped(client.chosen(args.words)):
        if resource.kind == "Endpoints":
            client.call.err("Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice")
        if not names:
            found.append((resource, client.listed(resource)))
            client.read("get", resource)
            continue
        if selector:
            raise error("name cannot be provided when a selector is specified")
        if client.everywhere and resource.namespaced:
            raise error("a resource cannot be retrieved by name across all namespaces")
        objects = []
        for name in names:
            with client.each():
                objects.append(client.fetch(Chosen(resource, name)))
        found.append((resource, objects))
        if objects:
            client.read("get", resource, [name_of(one) for one in objects])
    if args.on("ignore-not-found"):
        client.failures = [one for one in client.failures if "(NotFound)" not in one.message]
    return found


def _grouped(chosen: list[Chosen]) -> list[tuple[Resource, list[str]]]:
    """Neighbours of one resource together; no names: all of it."""
    groups: list[tuple[Resource, list[str]]] = []
    for resource, name in chosen:
        if name is not None and groups and groups[-1][0] is resource and groups[-1][1]:
            groups[-1][1].append(name)
        else:
            groups.append((resource, [] if name is None else [name]))
    return groups


def _table(client: Client, found: Found, *, wide: bool) -> None:
    args = client.args
    options = Options(
        wide=wide,
        no_headers=args.on("no-headers"),
        show_labels=args.on("show-labels"),
        show_kind=args.on("show-kind"),
        with_namespace=client.everywhere,
        label_columns=tuple(args.all("label-columns")),
    )
    answers = [
        Answer(
            client.server.table(resource, _sorted(client, objects) if args.text("sort-by") else objects),
            resource.qualified_kind,
            resource.namespaced,
        )
        for resource, objects in found
    ]
    text = text_tables(answers, options)
    client.call.out(text)
    if not text and not client.failures and not args.on("ignore-not-found"):
        namespaced = any(resource.namespaced for resource, _ in found)
        where = f" in {client.namespace} namespace." if namespaced and not client.everywhere else ""
        client.call.err(f"No resources found{where}")


def _sorted(client: Client, objects: list[Object]) -> list[Object]:
    from kcnet.lab.kubectl.printing import sorted_by

    return sorted_by(objects, client.args.text("sort-by"))
