"""``kubectl diff``: what ``kubectl apply`` would change. Exit status 1 if it would change anything."""

from __future__ import annotations

from difflib import unified_diff

from kcnet.apiserver.patch import PatchKind, with_last_applied
from kcnet.lab.kubectl.apply import change, only_marks
from kcnet.lab.kubectl.client import Client, Fault, Object, name_of


def run(client: Client) -> int:
    from kcnet.lab.kubectl.printing import yaml_text

    if not client.args.all("filename"):
        raise Fault("error: must specify one of -f and -k", 2)
    differs = 0
    for one in client.manifests():
        home, name = client.home(one.resource, one.value), name_of(one.value)
        value = {**one.value, "metadata": {**one.value["metadata"], "namespace": home}} if home else one.value
        old = client.server.store.get(one.resource.plural, home, name)
        with client.each():
            if old is None:
                new: Object = client.server.create(one.resource, home, with_last_applied(value), dry_run=True)
            else:
                patch = change(client, one.resource.kind, value, old)
                if only_marks(patch):
                    continue
                new = client.server.patch(one.resource, home, name, patch, PatchKind.STRATEGIC, dry_run=True)
            label = f"{one.resource.api_version.replace('/', '.')}.{one.resource.kind}.{home or ''}.{name}"
            before = yaml_text(_shown(old)).splitlines(keepends=True) if old else []
            after = yaml_text(_shown(new)).splitlines(keepends=True)
            lines = list(unified_diff(before, after, f"LIVE/{label}", f"MERGED/{label}"))
            if lines:
                differs = 1
                client.call.out("".join(lines))
    return differs


def _shown(value: Object) -> Object:
    metadata = {
        key: {name: text for name, text in one.items() if "last-applied" not in name} if key == "annotations" else one
        for key, one in value["metadata"].items()
        if key not in ("resourceVersion", "managedFields")
    }
    return {**value, "metadata": {key: one for key, one in metadata.items() if one != {}}}
