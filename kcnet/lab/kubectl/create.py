"""``kubectl create``: from files, and each kind that it can make of flags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcnet.apiserver.resources import resource_of
from kcnet.lab.files import FileFault
from kcnet.lab.kubectl import generate
from kcnet.lab.kubectl.client import Client, Fault, Object, error, message_of, usage

if TYPE_CHECKING:
    from kcnet.lab.kubectl.files import Manifest
    from kcnet.model.names import Origin


def run(client: Client) -> int:
    """``create -f``"""
    if not client.args.all("filename"):
        raise error("must specify one of -f and -k")
    manifests = client.manifests()
    with client.together():
        for one in manifests:
            with client.each(f'error when creating "{one.file}"'):
                _create(client, one)
    return 0


def _create(client: Client, one: Manifest) -> None:
    home = client.home(one.resource, one.value)
    if client.dry_run == "client":
        client.report(one.resource, _at(one.value, home), "created")
        return
    made = client.server.create(one.resource, home, one.value, dry_run=client.dry_run == "server", origin=one.origin)
    done(client, "create", made, "created")


def _at(value: Object, home: str | None) -> Object:
    return {**value, "metadata": {**value["metadata"], "namespace": home}} if home else value


def done(client: Client, verb: str, made: Object, operation: str) -> None:
    """Tell of a write that the API server took."""
    resource = resource_of(made["kind"])
    client.warn()
    client.report(resource, made, operation)
    if client.dry_run == "none":
        client.wrote(verb, resource, made)


def make(
    client: Client, value: Object, *, verb: str = "create", about: str = "", origin: Origin | None = None
) -> Object:
    """Create a generated object, or only show it (``--dry-run``). Raises Fault."""
    from kcnet.apiserver.errors import ApiError

    resource = resource_of(value["kind"])
    if client.dry_run == "client":
        client.report(resource, value, "created")
        return value
    home = client.namespace if resource.namespaced else None
    try:
        made = client.server.create(
            resource, home, generate.to_server(value), dry_run=client.dry_run == "server", origin=origin
        )
    except ApiError as refused:
        raise Fault(f"error: {about}{refused.message}" if about else message_of(refused)) from None
    done(client, verb, made, "created")
    return made


def _make(client: Client, value: Object, what: str = "") -> int:
    # kubectl's words for a Secret lack the colon.
    make(client, value, about=f"failed to create {what}{' ' if what == 'secret' else ': '}" if what else "")
    return 0


def name_from(client: Client) -> str:
    """The one NAME that the command takes. Raises Fault."""
    words = client.args.words
    if len(words) != 1:
        raise usage(f"exactly one NAME is required, got {len(words)}", client.command)
    return words[0]


def _required(client: Client, *flags: str) -> None:
    missing = [flag for flag in flags if not client.args.has(flag)]
    if missing:
        raise error("required flag(s) " + ", ".join(f'"{flag}"' for flag in missing) + " not set")


def _explicit(client: Client) -> str:
    """The namespace of ``-n``: only then is it written into the object."""
    return client.args.text("namespace")


def deployment(client: Client) -> int:
    _required(client, "image")
    args = client.args
    name = name_from(client)
    replicas = args.number("replicas", 1) or 0
    if replicas < 0:
        raise error(f"invalid replicas count: {replicas}")
    value = generate.deployment(
        name, args.all("image"), replicas, args.number("port"), args.behind or (), _explicit(client)
    )
    return _make(client, value, "deployment")


def service(client: Client) -> int:
    args = client.args
    name = name_from(client)
    kind = client.command.split()[-1]
    if kind == "externalname":
        _required(client, "external-name")
    types = {"clusterip": "ClusterIP", "nodeport": "NodePort", "loadbalancer": "LoadBalancer"}
    value = generate.service(
        name,
        types.get(kind, "ExternalName"),
        args.all("tcp"),
        _explicit(client),
        cluster_ip=args.text("clusterip"),
        node_port=args.number("node-port"),
        external_name=args.text("external-name"),
    )
    return _make(client, value, f"{types.get(kind, 'ExternalName')} service")


def ingress(client: Client) -> int:
    args = client.args
    name = name_from(client)
    value = generate.ingress(
        name,
        args.all("rule"),
        args.text("class"),
        args.text("default-backend"),
        args.all("annotation"),
        _explicit(client),
    )
    return _make(client, value, "ingress")


def namespace(client: Client) -> int:
    return _make(client, generate.namespace(name_from(client)))


def service_account(client: Client) -> int:
    return _make(client, generate.service_account(name_from(client), _explicit(client)), "serviceaccount")


def config_map(client: Client) -> int:
    name = name_from(client)
    return _make(client, generate.config_map(name, _data(client), _explicit(client)), "configmap")


def secret_generic(client: Client) -> int:
    name = name_from(client)
    return _make(client, generate.secret(name, _data(client), client.args.text("type"), _explicit(client)), "secret")


def secret_tls(client: Client) -> int:
    name = name_from(client)
    _required(client, "cert", "key")
    certificate, key = (
        _file(client, client.args.text(flag), "Cannot read file {name}, open {name}: {why}") for flag in ("cert", "key")
    )
    for text, what in ((certificate, "certificate"), (key, "key")):
        if "-----BEGIN " not in text:
            raise error(f"tls: failed to find any PEM data in {what} input")
    data = {"tls.crt": certificate, "tls.key": key}
    return _make(client, generate.secret(name, data, "kubernetes.io/tls", _explicit(client)), "secret")


def job(client: Client) -> int:
    args = client.args
    name = name_from(client)
    if args.has("from") == args.has("image"):
        raise error("either --image or --from must be specified")
    if args.has("from"):
        kind, slash, source = args.text("from").partition("/")
        if not slash or client.resource(kind).kind != "CronJob":
            raise error(f"unknown object type {kind}: --from takes cronjob/NAME")
        found = client.server.get(resource_of("CronJob"), client.namespace, source)
        value: Object = {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": name, "annotations": {"cronjob.kubernetes.io/instantiate": "manual"}},
            "spec": found["spec"]["jobTemplate"]["spec"],
        }
        return _make(client, value, "job")
    return _make(client, generate.job(name, args.text("image"), args.behind or (), _explicit(client)), "job")


def cron_job(client: Client) -> int:
    _required(client, "image", "schedule")
    args = client.args
    value = generate.cron_job(
        name_from(client),
        args.text("image"),
        args.text("schedule"),
        args.behind or (),
        args.text("restart", "OnFailure"),
        _explicit(client),
    )
    return _make(client, value, "cronjob")


def _file(client: Client, name: str, fault: str = "error reading {name}: {why}") -> str:
    try:
        return client.session.files.read(name)
    except FileFault as found:
        raise error(fault.format(name=name, why=found.why[0].lower() + found.why[1:])) from None


def _data(client: Client) -> dict[str, str]:
    """``--from-literal``, ``--from-file``, ``--from-env-file``. Raises Fault."""
    found: dict[str, str] = {}
    args = client.args

    def put(key: str, value: str) -> None:
        if key in found:
            where = f' in Data for ConfigMap "{client.args.words[0]}"' if "configmap" in client.command else ""
            shown = f'"{key}"' if where else key
            raise error(f"cannot add key {shown}, another key by that name already exists{where}")
        found[key] = value

    for literal in args.all("from-literal"):
        key, equals, value = literal.partition("=")
        if not equals or not key:
            raise error(f"invalid literal source {literal}, expected key=value")
        put(key, value.strip("'\"") if value[:1] in "'\"" and value[:1] == value[-1:] else value)
    for source in args.all("from-file"):
        key, equals, path = source.rpartition("=")
        files = client.session.files
        if not equals and files.is_folder(path):
            for name in files.names(path):
                if not name.endswith("/"):
                    put(name, _file(client, f"{path.rstrip('/')}/{name}"))
            continue
        put(key or path.rsplit("/", 1)[-1], _file(client, path))
    for path in args.all("from-env-file"):
        for line in _file(client, path).splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                key, _, value = line.strip().partition("=")
                put(key, value)
    return found
