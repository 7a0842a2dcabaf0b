"""``kubectl events``: events in the order in which they were seen last."""

from __future__ import annotations

from kcnet.apiserver.resources import resource_of
from kcnet.apiserver.tables import Table
from kcnet.lab.kubectl.client import Client, Object, error
from kcnet.lab.kubectl.printers.text import Answer, Options, text_tables


def run(client: Client) -> int:
    args = client.args
    resource = resource_of("Event")
    found = client.server.list(resource, client.scope(resource))
    client.read("events", resource)
    if args.has("for"):
        kind, slash, name = args.text("for").partition("/")
        if not slash:
            raise error("--for must be in resource/name form")
        wanted = client.resource(kind).kind
        found = [one for one in found if _about(one) == (wanted, name)]
    if types := {one.lower() for one in args.all("types")}:
        found = [one for one in found if str(one.get("type", "")).lower() in types]
    found = sorted(
        found, key=lambda one: str(one.get("lastTimestamp") or one["metadata"].get("creationTimestamp") or "")
    )
    form = args.text("output")
    if form:
        from kcnet.lab.kubectl.printing import printed

        client.call.out(printed(client, form, found, as_list=True))
        return 0
    if not found:
        where = "." if client.everywhere else f" in {client.namespace} namespace."
        client.call.err(f"No events found{where}")
        return 0
    options = Options(no_headers=args.on("no-headers"), with_namespace=client.everywhere)
    table = client.server.table(resource, found)
    place = next(index for index, column in enumerate(table.columns) if column.name == "Object")
    # Here the kind is written as in manifests; in kubectl get events it is not.
    rows = tuple(
        row._replace(cells=(*row.cells[:place], "/".join(_about(event)), *row.cells[place + 1 :]))
        for row, event in zip(table.rows, found, strict=True)
    )
    client.call.out(text_tables([Answer(Table(table.columns, rows), "Event")], options))
    return 0


def _about(event: Object) -> tuple[str, str]:
    about = event.get("involvedObject") or {}
    return str(about.get("kind")), str(about.get("name"))
