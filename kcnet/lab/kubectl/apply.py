"""``kubectl apply -f``: the three-way merge of what was applied last, what is applied now, and what there is.

An object of the scenario counts as applied from its file: a real cluster would have got it that way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcnet.apiserver.patch import LAST_APPLIED, PatchKind, last_applied, patched, three_way, with_last_applied
from kcnet.lab.kubectl.client import Client, Fault, Object, error, name_of
from kcnet.lab.kubectl.create import done
from kcnet.lab.kubectl.files import Manifest, documents

if TYPE_CHECKING:
    from kcnet.model.names import Origin


def run(client: Client) -> int:
    args = client.args
    if args.words:
        raise Fault(
            f"error: Unexpected args: [{' '.join(args.words)}]\nSee 'kubectl apply -h' for help and examples",
            note="kubectl apply takes its files behind -f.",
        )
    if not args.all("filename"):
        raise error("must specify one of -f and -k")
    manifests = client.manifests()
    with client.together():
        for one in manifests:
            with client.each(f'error when applying "{one.file}"'):
                _apply(client, one)
    return 0


def _apply(client: Client, one: Manifest) -> None:
    resource, home, name = one.resource, client.home(one.resource, one.value), name_of(one.value)
    if not name:
        raise error(f"from {one.value['metadata'].get('generateName')}: cannot use generate name with apply")
    value = {**one.value, "metadata": {**one.value["metadata"], "namespace": home}} if home else one.value
    old = client.server.store.get(resource.plural, home, name)
    dry = client.dry_run
    if old is None:
        wanted = with_last_applied(value)
        if dry == "client":
            client.report(resource, wanted, "created")
            return
        with client.each(f'error when creating "{one.file}"'):
            made = client.server.create(resource, home, wanted, dry_run=dry == "server", origin=one.origin)
            done(client, "apply", made, "created")
        return
    patch = change(client, resource.kind, value, old)
    if dry == "client":
        new = patched(resource, old, patch, PatchKind.STRATEGIC) if patch else old
        client.report(resource, new, "configured" if patch else "unchanged")
        return
    made = old
    if patch:
        made = client.server.patch(
            resource, home, name, patch, PatchKind.STRATEGIC, dry_run=dry == "server", origin=one.origin
        )
    done(client, "apply", made, "unchanged" if only_marks(patch) else "configured")


def change(client: Client, kind: str, value: Object, old: Object) -> Object:
    """The patch that makes ``old`` what ``value`` says."""
    origin = client.server.store.origins.get(old["metadata"]["uid"])
    original = last_applied(old) or (_written(origin) if origin is not None else None)
    return three_way(kind, original, with_last_applied(value), old)


def _written(origin: Origin) -> Object | None:
    """What stands in the file that an object was loaded from."""
    try:
        found = [value for value, _ in documents("", origin.source.text[origin.start : origin.end])]
    except Fault:
        return None
    return found[0] if len(found) == 1 else None


def only_marks(patch: Object) -> bool:
    """Whether nothing but the annotation of the last application differs."""
    annotations = (patch.get("metadata") or {}).get("annotations") or {}
    return not patch or (
        set(patch) == {"metadata"} and set(patch["metadata"]) == {"annotations"} and set(annotations) == {LAST_APPLIED}
    )
