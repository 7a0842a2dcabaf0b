"""``kubectl version``, ``cluster-info``, ``api-resources``, ``api-versions``, ``options``"""

from __future__ import annotations

from kcnet.apiserver.controllers.nodes import VERSION
from kcnet.apiserver.resources import RESOURCES, VERBS, Resource
from kcnet.lab.kubectl.client import Client, error
from kcnet.lab.kubectl.config import SERVER
from kcnet.lab.kubectl.printers.tabwriter import align
from kcnet.lab.machine import Ran

KUBERNETES = VERSION
"""The version whose rules the lab follows."""


def version(client: Client) -> int:
    form = client.args.text("output")
    if form:
        from kcnet.lab.kubectl.printing import printed

        value = {"clientVersion": {"gitVersion": KUBERNETES, "platform": "kcnet/lab"}, "kustomizeVersion": "none"}
        if not client.args.on("client"):
            value["serverVersion"] = {"gitVersion": KUBERNETES, "platform": "kcnet/lab"}
        client.call.out(printed(client, form, [value]))
        return 0
    client.call.line(f"Client Version: {KUBERNETES}")
    if not client.args.on("client"):
        client.call.line(f"Server Version: {KUBERNETES}")
        client.call.note("Neither is real: kcnet plays both, by the rules of that version.")
    return 0


def cluster_info(client: Client) -> int:
    if client.args.words:
        raise error(f"the lab does not simulate kubectl cluster-info {client.args.words[0]}")
    client.call.line(f"Kubernetes control plane is running at {SERVER}")
    client.call.line(f"CoreDNS is running at {SERVER}/api/v1/namespaces/kube-system/services/kube-dns:dns/proxy")
    client.call.line()
    client.call.line("To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.")
    return 0


def api_resources(client: Client) -> int:
    args = client.args
    form = args.text("output")
    found = [one for one in RESOURCES if _wanted(client, one)]
    client.call.did(Ran("kubectl api-resources"))
    if form == "name":
        client.call.out("".join(f"{one.qualified}\n" for one in found))
        return 0
    if form not in ("", "wide"):
        raise error(f"--output {form} is not available in kubectl api-resources: use name or wide")
    rows = [["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND", "VERBS", "CATEGORIES"]]
    for one in found:
        short, space = ",".join(one.short_names), str(one.namespaced).lower()
        rows.append([one.plural, short, one.api_version, space, one.kind, ",".join(VERBS), ",".join(one.categories)])
    rows = rows[1:] if args.on("no-headers") else rows
    shown = [row if form == "wide" else row[:5] for row in rows]
    client.call.out("".join(f"{line}\n" for line in align(shown, min_width=6, padding=3)))
    return 0


def _wanted(client: Client, one: Resource) -> bool:
    args = client.args
    if args.has("namespaced") and one.namespaced != args.on("namespaced"):
        return False
    return not args.has("api-group") or one.group == args.text("api-group")


def api_versions(client: Client) -> int:
    for one in sorted({resource.api_version for resource in RESOURCES}):
        client.call.line(one)
    return 0


def options(client: Client) -> int:
    client.call.line(
        "The following options can be passed to any command:\n\n    -n, --namespace='': the namespace to work in"
    )
    client.call.note("The lab reads the other options of a real kubectl, and does without them.")
    return 0
