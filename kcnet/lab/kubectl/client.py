"""What kubectl's verbs share: namespaces, resources and names as typed, files, and errors in kubectl's words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from kcnet.apiserver.errors import ApiError
from kcnet.apiserver.resources import RESOURCES, Resource, find
from kcnet.lab.call import Call
from kcnet.lab.kubectl.args import Args
from kcnet.lab.machine import Read, Wrote

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer
    from kcnet.lab.kubectl.files import Manifest
    from kcnet.lab.session import Session

Object = dict[str, Any]


class Fault(Exception):  # noqa: N818
    """kubectl stops; the text is printed as it stands, on standard error."""

    def __init__(self, message: str, status: int = 1, note: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.note = note
        """What the lab adds."""


def error(message: str, note: str = "") -> Fault:
    return Fault(f"error: {message}", note=note)


def usage(message: str, command: str, note: str = "") -> Fault:
    """A mistake that kubectl answers with a pointer to its help."""
    return Fault(f"error: {message}\nSee 'kubectl {command} -h' for help and examples", note=note)


class Chosen(NamedTuple):
    """Objects of one resource, by name or all of them."""

    resource: Resource
    name: str | None


NO_SPECIFIER = (
    "You must provide one or more resources by argument or filename.\n"
    "Example resource specifications include:\n"
    "   '-f rsrc.yaml'\n"
    "   '--filename=rsrc.json'\n"
    "   '<resource> <name>'\n"
    "   '<resource>'"
)
NOT_SIMULATED = {
    "persistentvolumes": "pv", "persistentvolumeclaims": "pvc", "storageclasses": "sc", "roles": "", "rolebindings": "",
    "clusterroles": "", "clusterrolebindings": "", "horizontalpodautoscalers": "hpa", "poddisruptionbudgets": "pdb",
    "customresourcedefinitions": "crd crds", "resourcequotas": "quota", "limitranges": "limits", "leases": "",
    "priorityclasses": "pc", "volumeattachments": "", "componentstatuses": "cs", "podtemplates": "",
    "certificatesigningrequests": "csr", "gateways": "gtw", "gatewayclasses": "gc", "httproutes": "",
}  # fmt: skip
"""Resources of a real cluster that the lab leaves out, with their short names."""


@dataclass(slots=True)
class Client:
    """One kubectl command: what was typed, and the cluster that it speaks to."""

    call: Call
    args: Args
    command: str
    """``get``, ``create deployment``: as help names it."""
    failures: list[Fault] = field(default_factory=list)
    """What could not be done, told at the end while the rest was done."""
    printed: int = 0
    """Objects that ``report`` has shown in full."""

    @property
    def session(self) -> Session:
        return self.call.session

    @property
    def server(self) -> ApiServer:
        return self.call.session.server

    @property
    def namespace(self) -> str:
        """The namespace of ``-n``, else that of the context."""
        return self.args.text("namespace") or self.session.namespace

    @property
    def everywhere(self) -> bool:
        return self.args.on("all-namespaces")

    @property
    def dry_run(self) -> str:
        """``none``, ``client`` or ``server``."""
        if not self.args.has("dry-run"):
            return "none"
        value = self.args.text("dry-run")
        if value == "unchanged":
            self.call.err("W: --dry-run is deprecated and can be replaced with --dry-run=client.")
            return "client"
        if value in ("none", "client", "server"):
            return value
        raise error(f'Invalid dry-run value ({value}). Must be "none", "server", or "client".')

    # Resources as typed.

    def resource(self, word: str) -> Resource:
        """Raises Fault for what the server does not have."""
        found = find(word)
        if found is not None:
            return found
        from kcnet.lab.nearest import nearest

        base = word.lower().partition(".")[0]
        for plural, short in NOT_SIMULATED.items():
            if base in (plural, plural[:-1], *short.split()):
                raise error(
                    f'the server doesn\'t have a resource type "{word}"',
                    f"A real cluster has {plural}; the lab leaves them out. kubectl api-resources lists what is here.",
                )
        known = [name for one in RESOURCES for name in (one.plural, one.singular, *one.short_names)]
        near = nearest(base, known)
        raise error(f'the server doesn\'t have a resource type "{word}"', f"Did you mean {near}?" if near else "")

    def scope(self, resource: Resource) -> str | None:
        """The namespace to look in; None for all of them, and for kinds that have none."""
        return self.namespace if resource.namespaced and not self.everywhere else None

    def chosen(self, words: Sequence[str], *, missing: str = "") -> list[Chosen]:
        """What ``pods``, ``pods,svc``, ``pod web``, ``pod/web svc/web`` name. Raises Fault."""
        if not words:
            raise error(missing or NO_SPECIFIER)
        if any("/" in word for word in words):
            return list(self._slashed(words))
        resources = [self.resource(word) for word in _kinds(words[0])]
        names = words[1:]
        if not names:
            return [Chosen(resource, None) for resource in resources]
        return [Chosen(resource, name) for resource in resources for name in names]

    def _slashed(self, words: Sequence[str]) -> Iterator[Chosen]:
        mixed = error(
            "there is no need to specify a resource type as a separate argument when passing arguments in resource/name"
            " form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource "
            "resource/<resource_name>'"
        )
        if "/" not in words[0] and find(words[0].partition(",")[0]):
            raise mixed
        for word in words:
            kind, slash, name = word.partition("/")
            if not slash:
                raise mixed
            if "/" in name:
                raise error("arguments in resource/name form may not have more than one slash")
            if not kind or not name:
                raise error("arguments in resource/name form must have a single resource and name")
            yield Chosen(self.resource(kind), name)

    def one(self, words: Sequence[str], *, missing: str = "") -> Chosen:
        """The one object that is named."""
        found = self.chosen(words, missing=missing)
        if len(found) != 1 or found[0].name is None:
            raise error(
                "resource(s) were provided, but no name was specified" if found[0].name is None else NO_SPECIFIER
            )
        return found[0]

    def fetch(self, chosen: Chosen) -> Object:
        assert chosen.name is not None
        return self.server.get(chosen.resource, self.scope_of_one(chosen.resource), chosen.name)

    def scope_of_one(self, resource: Resource) -> str | None:
        return self.namespace if resource.namespaced else None

    def objects(
        self,
        words: Sequence[str],
        *,
        verb: str = "",
        whole_kind: bool | None = None,
        missing: str = "",
        selecting: bool = True,
    ) -> list[tuple[Resource, Object]]:
        """The objects that words, ``-l``, ``--all`` and ``-f`` name, for verbs that change them. Not ``selecting``: the
        verb's ``--selector`` means something else.

        Raises Fault, ApiError.
        """
        found: list[tuple[Resource, Object]] = []
        if self.args.all("filename"):
            for one in self.manifests():
                with self.each():
                    home = self.home(one.resource, one.value)
                    found.append((one.resource, self.server.get(one.resource, home, name_of(one.value))))
            return found
        selector = self.args.text("selector") if selecting else ""
        fields = self.args.text("field-selector")
        for resource, name in self.chosen(words, missing=missing):
            if name is not None:
                if selector:
                    raise error("name cannot be provided when a selector is specified")
                found.append((resource, self.server.get(resource, self.scope_of_one(resource), name)))
                continue
            allowed = self.args.on("all") if whole_kind is None else whole_kind
            if not (selector or fields or allowed):
                raise error("resource(s) were provided, but no name was specified")
            found += [(resource, value) for value in self.listed(resource)]
        return found

    def listed(self, resource: Resource) -> list[Object]:
        """All objects in scope that ``-l`` and ``--field-selector`` let through. Raises ApiError."""
        labels, fields = self.args.text("selector"), self.args.text("field-selector")
        try:
            return self.server.list(resource, self.scope(resource), labels=labels, fields=fields)
        except ApiError as refused:
            # cli-runtime names what it asked for in front of what the server says.
            why = re.sub(r'^Unable to find .*?, field selector "[^"]*": ', "", refused.message)
            asked = f'"{resource.group}/{resource.version}, Resource={resource.plural}"'
            message = f'Unable to find {asked} that match label selector "{labels}", field selector "{fields}": {why}'
            raise ApiError(refused.code, refused.reason, message) from None

    # Files.

    def manifests(self, flag: str = "filename") -> list[Manifest]:
        """Everything that ``-f`` names. Raises Fault."""
        from kcnet.lab.kubectl.files import read_manifests

        return read_manifests(self, self.args.all(flag))

    def home(self, resource: Resource, value: Object) -> str | None:
        """The namespace of an object from a file. Raises Fault where ``-n`` says another one."""
        if not resource.namespaced:
            return None
        stated = (value.get("metadata") or {}).get("namespace") or ""
        asked = self.args.text("namespace")
        if stated and asked and stated != asked:
            raise error(
                f'the namespace from the provided object "{stated}" does not match the namespace "{asked}". '
                f"You must pass '--namespace={stated}' to perform this operation."
            )
        return stated or self.namespace

    # What is printed and remembered.

    def warn(self) -> None:
        """What the API server warned of in its last answer."""
        for warning in self.server.warnings():
            self.call.err(f"Warning: {warning}")

    def read(self, verb: str, resource: Resource, names: Iterable[str] = ()) -> None:
        self.call.did(Read(verb, resource.plural, self.scope(resource), tuple(names)))

    def wrote(self, verb: str, resource: Resource, value: Object) -> None:
        metadata = value.get("metadata") or {}
        self.call.did(Wrote(verb, resource.plural, metadata.get("namespace"), metadata.get("name", "")))

    def report(self, resource: Resource, value: Object, operation: str) -> None:
        """``deployment.apps/web created``, or the object in the form of ``-o``."""
        form = self.args.text("output")
        mode = self.dry_run
        if form and form != "name":
            from kcnet.lab.kubectl.printing import printed

            if form == "yaml" and self.printed:
                self.call.out("---\n")
            self.printed += 1
            self.call.out(printed(self, form, [value]))
            return
        word = typed_name(resource, value)
        if form == "name":
            self.call.line(word)
            return
        suffix = {"client": " (dry run)", "server": " (server dry run)"}.get(mode, "")
        self.call.line(f"{word} {operation}{suffix}")

    @contextmanager
    def together(self) -> Iterator[None]:
        """Several writes, after which the controllers act; with ``-o`` each at once, because its answer is shown."""
        if self.args.text("output") in ("", "name"):
            with self.server.batch():
                yield
        else:
            yield

    @contextmanager
    def each(self, about: str = "") -> Iterator[None]:
        """One of several things to do: what goes wrong is told at the end, and the next is done."""
        try:
            yield
        except ApiError as refused:
            self.failures.append(Fault(message_of(refused, about)))
        except Fault as fault:
            self.failures.append(fault)


def typed_name(resource: Resource, value: Object) -> str:
    """``service/web``, ``deployment.apps/web``"""
    group = f".{resource.group}" if resource.group else ""
    return f"{resource.singular}{group}/{name_of(value)}"


def name_of(value: Object) -> str:
    return str((value.get("metadata") or {}).get("name") or "")


def _kinds(word: str) -> list[str]:
    """``pods,svc`` and ``all`` as single words."""
    from kcnet.apiserver.resources import ALL

    found: list[str] = []
    # A word that is written twice counts once (SplitResourceArgument in cli-runtime); pods,po are two.
    for kind in dict.fromkeys(word.split(",")):
        found += ALL if kind.lower() == "all" else [kind]
    return [kind for kind in found if kind]


def message_of(refused: ApiError, about: str = "") -> str:
    """An API server's answer as kubectl prints it. ``about``: ``error when creating "web.yaml"``.

    k8s.io/kubectl/pkg/cmd/util/helpers.go: StandardErrorMessage.
    """
    if refused.reason == "Invalid" and (refused.details.get("kind") or refused.details.get("name")):
        head = f'The {refused.details.get("kind")} "{refused.details.get("name")}" is invalid'
        causes = [str(cause) for cause in refused.causes]
        if len(causes) == 1:
            return f"{head}: {causes[0]}"
        return f"{head}: " + "".join(f"\n* {cause}" for cause in causes) if causes else head
    if refused.reason == "Invalid":
        return f"The request is invalid: {refused.message}"
    middle = f"{about}: " if about else ""
    return f"Error from server ({refused.reason}): {middle}{refused.message}"
