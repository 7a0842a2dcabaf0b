"""``kubectl expose``"""

from __future__ import annotations

import re
from copy import deepcopy

from kcnet.apiserver.resources import Resource
from kcnet.lab.kubectl import generate
from kcnet.lab.kubectl.client import NO_SPECIFIER, Client, Object, error, name_of
from kcnet.lab.kubectl.create import done, make
from kcnet.lab.kubectl.writing import template_spec


def expose(client: Client) -> int:
    args = client.args
    for resource, old in client.objects(args.words, missing=NO_SPECIFIER, selecting=False):
        with client.each():
            value = exposed(client, resource, old)
            if client.dry_run != "client":
                made = client.server.create(
                    client.resource("services"), old["metadata"].get("namespace"), generate.to_server(value),
                    dry_run=client.dry_run == "server",
                )  # fmt: skip
                done(client, "expose", made, "exposed")
            elif args.text("output") in ("", "name"):
                client.report(client.resource("services"), value, "exposed")
            else:
                make(client, value)
    return 0


def exposed(client: Client, resource: Resource, old: Object) -> Object:
    """The Service that ``kubectl expose`` makes for an object. Raises Fault."""
    args = client.args
    if resource.kind not in ("Pod", "Service", "Deployment", "ReplicaSet", "ReplicationController"):
        raise error(
            f"cannot expose a {resource.kind}.{resource.group}"
            if resource.group
            else f"cannot expose a {resource.kind}"
        )
    spec = old.get("spec") or {}
    if args.has("selector"):
        selector = generate.pairs(args.text("selector").split(","))
    elif resource.kind == "Pod":
        selector = dict(old["metadata"].get("labels") or {})
        if not selector:
            raise error(
                "couldn't retrieve selectors via --selector flag or introspection: the pod has no labels and cannot be "
                "exposed"
            )
    elif resource.kind in ("Service", "ReplicationController"):
        selector = dict(spec.get("selector") or {})
    else:
        if (spec.get("selector") or {}).get("matchExpressions"):
            raise error(
                f'couldn\'t convert expressions - "{spec["selector"]["matchExpressions"]}" to map-based selector format'
            )
        selector = dict((spec.get("selector") or {}).get("matchLabels") or {})
    ports = _exposed_ports(client, old)
    name = args.text("name") or name_of(old)
    labels = (
        generate.pairs(args.text("labels").split(","))
        if args.text("labels")
        else dict(old["metadata"].get("labels") or {})
    )
    made: Object = {"ports": ports, "selector": selector}
    for flag, key in (("type", "type"), ("session-affinity", "sessionAffinity"), ("load-balancer-ip", "loadBalancerIP"),
                      ("cluster-ip", "clusterIP")):  # fmt: skip
        if args.text(flag):
            made[key] = args.text(flag)
    if args.text("external-ip"):
        made["externalIPs"] = args.text("external-ip").split(",")
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": generate.metadata(
            name, labels, old["metadata"].get("namespace", "") if args.has("namespace") else ""
        ),
        "spec": made,
        "status": {"loadBalancer": {}},
    }


def _exposed_ports(client: Client, old: Object) -> list[Object]:
    args = client.args
    protocol = args.text("protocol")
    numbers: list[tuple[int, str]] = []
    if args.text("port"):
        for text in args.text("port").split(","):
            if not re.fullmatch("[0-9]{1,6}", text):
                raise error(f'strconv.Atoi: parsing "{text}": invalid syntax')
            numbers.append((int(text), protocol))
    elif old["kind"] == "Service":
        numbers = [(port["port"], port.get("protocol", "TCP")) for port in old["spec"].get("ports") or ()]
    else:
        spec = template_spec(deepcopy(old)) or {}
        declared = [port for one in spec.get("containers") or () for port in one.get("ports") or ()]
        numbers = [(port["containerPort"], protocol or port.get("protocol", "TCP")) for port in declared]
    if not numbers:
        raise error("couldn't find port via --port flag or introspection")
    ports: list[Object] = []
    for index, (number, transport) in enumerate(numbers):
        port: Object = {"port": number, "protocol": transport or "TCP", "targetPort": number}
        if len(numbers) > 1:
            port["name"] = f"port-{index + 1}"
        if args.text("target-port"):
            target = args.text("target-port")
            port["targetPort"] = int(target) if re.fullmatch("[0-9]{1,6}", target) else target
        ports.append(port)
    return ports
