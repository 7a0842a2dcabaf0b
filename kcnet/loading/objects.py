"""Parsed documents to typed values: of which kind, in the right shape, as the API server would take it."""

from __future__ import annotations

from typing import Any

from kcnet.loading.document import Document
from kcnet.loading.kinds import Kind, served
from kcnet.loading.lines import Lines
from kcnet.loading.parsed import Parsed
from kcnet.loading.positions import locate_json, locate_yaml
from kcnet.loading.problems import Problem
from kcnet.loading.reports import Report
from kcnet.loading.schema import SchemaError, builtin_kinds, check, shape_of_kind
from kcnet.model.names import Origin, Ref, Source


class ObjectReader:
    """Takes the documents of one file and appends to ``values``, ``problems`` and ``skipped``; and to ``documents``, if
    somebody wants to have them, every object as it was written.

    Items of a List are taken before it is known that they stand in one, and given back if they do not.
    """

    def __init__(
        self,
        name: str,
        text: str,
        values: list[Any],
        problems: list[Problem],
        skipped: list[str],
        documents: list[Document] | None = None,
    ) -> None:
        self.values, self.problems, self.skipped, self.documents = values, problems, skipped, documents
        self.objects = 0
        """Of whatever kind, good or bad."""
        self.yaml = Source(name, text, locate_yaml)
        self.json = Source(name, text, locate_json)
        self.lines = Lines(text)
        self.report = Report(self.yaml, problems)
        self.unnamed: list[tuple[Origin, dict[str, Any]]] = []
        """Items without a kind, as in a PodList."""
        self.mark()

    def mark(self) -> None:
        self.kept = len(self.values), len(self.problems), len(self.skipped), len(self.documents or ()), self.objects
        self.unnamed.clear()

    def give_back(self) -> None:
        values, problems, skipped, documents, self.objects = self.kept
        del self.values[values:], self.problems[problems:], self.skipped[skipped:]
        if self.documents is not None:
            del self.documents[documents:]

    def take(self, parsed: Parsed, *, is_json: bool) -> None:
        source = self.json if is_json else self.yaml
        line, column = self.lines.at(parsed.start)
        origin = Origin(source=source, start=parsed.start, end=parsed.end, line=line, column=column)
        value = parsed.value
        if parsed.faults:
            self.objects += 1
            self.report.faults(origin, parsed.faults, is_json=is_json)
        elif parsed.item:
            if "kind" in value:
                self.object(origin, value)
            else:
                self.unnamed.append((origin, value))
        elif is_list(value):
            self.end_list(origin, value)
        else:
            self.give_back()
            self.object(origin, value)
        if not parsed.item:
            self.mark()

    def end_list(self, origin: Origin, value: dict[str, Any]) -> None:
        """The items were taken already; those without a kind have the one that the list is named after."""
        self.objects += 1
        kind = value["kind"].removesuffix("List")
        for place, item in self.unnamed:
            self.object(place, {"apiVersion": value.get("apiVersion"), "kind": kind, **item} if kind else item)
        for item in value.get("items") or ():
            self.report.strange_item(origin, item)

    def object(self, origin: Origin, value: Any) -> None:
        """One Kubernetes object: checked and converted, or counted if kcnet does not read its kind."""
        from kcnet.loading.convert import convert
        from kcnet.loading.reports import problem_of
        from kcnet.loading.validation import validate, validate_rest

        self.objects += 1
        kind = self.kind(origin, value)
        if kind is None:
            return
        ref = ref_of(value, kind, origin)
        document = Document(ref=ref, api_version=kind.api_version, value=value)
        errors = check(value, shape_of_kind(kind))
        if errors and (errors := mend(value, errors, kind)):
            if self.report.structure(origin, ref, value, errors):
                self.problems += map(problem_of, validate_rest(document, [error.path for error in errors]))
            return
        violations = [*validate(document)]
        if violations:
            self.problems += map(problem_of, violations)
        else:
            self.values.append(convert(document))
            self.keep(document)

    def keep(self, document: Document) -> None:
        if self.documents is not None:
            self.documents.append(document)

    def kind(self, origin: Origin, value: Any) -> Kind | None:
        """Which kind that kcnet reads; None if it is another, or there is a problem with it."""
        if not isinstance(value, dict):
            self.report.not_an_object(origin, value)
            return None
        kind, api_version = value.get("kind"), value.get("apiVersion")
        if not (isinstance(kind, str) and kind and isinstance(api_version, str) and api_version):
            self.report.no_kind(origin, value)
            return None
        known = served(kind, api_version)
        if known is None and not self.report.unserved(origin, Ref(kind, None, name_of(value), origin), api_version,
                                                      builtin_kinds()):  # fmt: skip
            self.skipped.append(f"{api_version}/{kind}")
            if name := name_of(value):
                ref = Ref(kind, value["metadata"].get("namespace"), name, origin)
                self.keep(Document(ref=ref, api_version=api_version, value=value))
        return known


def is_list(value: Any) -> bool:
    """A ``List``, or a list of one kind such as ``PodList``."""
    if not isinstance(value, dict) or not isinstance(kind := value.get("kind"), str):
        return False
    named = kind == "List" or (kind.endswith("List") and "items" in value)
    return named and isinstance(value.get("items"), list | None)


def ref_of(value: dict[str, Any], kind: Kind, origin: Origin) -> Ref:
    metadata = value.get("metadata")
    namespace = metadata.get("namespace") if isinstance(metadata, dict) else None
    if not kind.namespaced:
        namespace = None
    elif not isinstance(namespace, str) or not namespace:
        namespace = "default"
    return Ref(value["kind"], namespace, name_of(value), origin)


def name_of(value: dict[str, Any]) -> str:
    metadata = value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) else ""


def mend(value: dict[str, Any], errors: list[SchemaError], kind: Kind) -> list[SchemaError]:
    """Does what the API server does while it decodes: a null in a list or map is an empty value. In the ``status`` that
    a cluster printed, fields of another version of Kubernetes are dropped. Returns the errors that are left."""
    metadata = value.get("metadata")
    live = isinstance(metadata, dict) and bool(metadata.get("uid"))
    mended = False
    for error in errors:
        if not error.path:
            continue
        *path, last = error.path
        holder: Any = value
        for part in path:
            holder = holder[part]
        if error.rule == "type" and error.value is None:
            holder[last] = error.shape.empty()
            mended = True
        elif error.rule == "unknown" and live and error.path[0] == "status":
            holder.pop(last, None)
            mended = True
    return check(value, shape_of_kind(kind)) if mended else errors
