"""Problems of one file, with their places: from faults of the text, from errors of structure, from violations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from kcnet.loading.lines import Lines
from kcnet.loading.parsed import Fault
from kcnet.loading.problems import Problem, index_of, problem_at, problem_in
from kcnet.loading.sources import STDIN
from kcnet.model.names import Origin, Ref, Source

if TYPE_CHECKING:
    from kcnet.loading.paste import Finding
    from kcnet.loading.schema import SchemaError
    from kcnet.loading.validation.violation import Violation


_END: Final = re.compile(r"\s*\Z")


class Report:
    """Appends to ``problems`` what is wrong with one file. Words are loaded when there is something to say."""

    def __init__(self, source: Source, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems
        self.lines = Lines(source.text)
        self.first = len(problems)
        self.is_template = False
        """A template of Helm: that was said, and nothing else about this file is worth saying."""

    def faults(self, origin: Origin, faults: list[Fault], *, is_json: bool) -> None:
        """What keeps a document from being read: the paste that went wrong, or else what the parser says."""
        from kcnet.loading import faults as told
        from kcnet.loading import paste
        from kcnet.loading.positions import find_key

        near = [fault.index for fault in faults]
        if self.pasted(origin, paste.OF_JSON if is_json else paste.ALL, near):
            return
        for fault in faults:
            first = fault.first
            if fault.code == "YAML_DUPLICATE_KEY" and first is None:
                first = find_key(origin, fault.path)
            message, fix = told.words(fault, self.source.text, self.lines.at(first)[0] if first is not None else None)
            index = fault.index
            if _END.match(self.source.text, index):
                index = max(origin.start, len(self.source.text.rstrip()) - 1)
            self.add(index, code=fault.code, message=message, fix=fix, field=fault.path)

    def pasted(self, origin: Origin, rules: Any, near: list[int] | None = None) -> bool:
        """Whether the text looks like a paste that went wrong, which was then told."""
        from kcnet.loading import paste

        finding = paste.diagnose(self.source.text, origin.start, origin.end, rules, near)
        if finding is None:
            return False
        if finding.code == paste.HELM:
            self.is_template = True
            del self.problems[self.first :]
            finding = replace(finding, fix=template_fix(self.source.name, finding.fix))
        self.found(finding)
        return True

    def found(self, finding: Finding, ref: Ref | None = None, field: str = "") -> None:
        self.add(finding.index, code=finding.code, message=finding.message, fix=finding.fix, ref=ref, field=field)

    def add(self, index: int, **words: Any) -> None:
        index = min(index, len(self.source.text))
        line, column = self.lines.at(index)
        self.problems.append(problem_at(self.source, index, line, column, **words))

    def structure(self, origin: Origin, ref: Ref, value: dict[str, Any], errors: list[SchemaError]) -> bool:
        """Errors of structure. A whole document, or the line of an error, may show a paste that went wrong. Returns
        whether the rest of the object is worth judging: not so if the whole is spoilt."""
        from kcnet.loading import explain, paste

        if self.pasted(origin, paste.WHOLE):
            return False
        text = self.source.text
        told: set[int] = set()
        for error in errors:
            path = explain.path_text(error.path)
            line, column = origin.position(path)
            index = index_of(origin, line, column)
            # A mapping that was read as text stands on the line below its key.
            lines = 2 if isinstance(error.value, str) and dict in error.shape.types else 1
            finding = paste.diagnose(text, *paste.line_around(text, index, lines), paste.ON_A_LINE)
            if finding is None:
                code = explain.CODES[error.rule]
                message, fix = explain.explain(error, value, paste.written_value(text[index : index + 200]))
                self.problems.append(
                    problem_at(
                        origin.source, index, line, column, code=code, message=message, fix=fix, ref=ref, field=path
                    )
                )
            elif finding.index not in told:
                told.add(finding.index)
                self.found(finding, ref, explain.path_text(error.path[:-1]))
        return True

    def not_an_object(self, origin: Origin, value: Any) -> None:
        from kcnet.loading import paste

        if self.pasted(origin, paste.ALL):
            return
        if isinstance(value, str) and value.lstrip().startswith("<"):
            message = "This is a web page (HTML) or XML, not YAML: probably the page was saved, not the file."
            fix = 'Download the file itself: on GitHub, the button "Raw".'
        else:
            message = f"This document is {shown(value)}, not a Kubernetes object."
            fix = "A manifest begins with apiVersion and kind."
        self.add(origin.start, code="NOT_AN_OBJECT", message=message, fix=fix)

    def strange_item(self, origin: Origin, item: Any) -> None:
        message = f"The list has an item that is no object but {shown(item)}."
        fix = "Each item begins with apiVersion and kind."
        self.problems.append(problem_in(origin, "items", code="NOT_AN_OBJECT", message=message, fix=fix))

    def no_kind(self, origin: Origin, value: dict[str, Any]) -> None:
        """A document without apiVersion or kind, or with odd ones."""
        from kcnet.loading import paste

        if self.pasted(origin, paste.ALL):
            return
        for field, example in (("apiVersion", "v1"), ("kind", "Service")):
            found = value.get(field)
            if found and not isinstance(found, str):
                message, fix = f"{field} must be text, not {shown(found)}.", f"Write for example {field}: {example}"
                self.problems.append(problem_in(origin, field, code="NOT_AN_OBJECT", message=message, fix=fix))
                return
        other = next((words for keys, words in OTHER_FILES if keys & value.keys()), None)
        if other is not None and not (value.get("kind") or value.get("apiVersion")):
            self.add(origin.start, code="NOT_A_MANIFEST", message=other[0], fix=other[1])
            return
        missing = [field for field in ("apiVersion", "kind") if not value.get(field)]
        keys = ", ".join(list(map(str, value))[:6])
        self.add(
            origin.start,
            code="NOT_AN_OBJECT",
            message=f"This document has no {' and no '.join(missing)}, so it is no Kubernetes object. "
            f"Its fields are: {keys or 'none'}.",
            fix=f"Add {' and '.join(missing)} at the left edge, for example apiVersion: v1 and kind: Service.",
        )

    def unserved(self, origin: Origin, ref: Ref, api_version: str, builtin: Mapping[str, list[str]]) -> bool:
        """Whether the API server would not know this kind, which was then told."""
        from kcnet.loading.kinds import unserved

        answer = unserved(ref.kind, api_version, builtin)
        if answer is None:
            return False
        field, message, fix = answer
        self.problems.append(problem_in(origin, field, code="API_NO_SUCH_KIND", message=message, fix=fix, ref=ref))
        return True


OTHER_FILES: Final = (
    (
        {"resources", "bases", "patches", "patchesStrategicMerge", "configMapGenerator", "namePrefix"},
        (
            "This is a kustomization, not a manifest: it says how to build manifests.",
            "Build them first: kubectl kustomize FOLDER | kcnet trace -f -",
        ),
    ),
    (
        {"services", "volumes", "networks"},
        ("This is a file for Docker Compose, not a Kubernetes manifest.", "Name the folder with the manifests."),
    ),
    (
        {"replicaCount", "image", "ingress", "service"},
        (
            "These look like the values of a Helm chart, not a manifest.",
            "Render the chart first: helm template RELEASE CHART | kcnet trace -f -",
        ),
    ),
)
"""Keys that tell what a document without apiVersion and kind is, and the words for it."""


def template_fix(name: str, fix: str) -> str:
    """``fix`` with the chart that the file ``name`` is a part of: the folder above it that holds Chart.yaml."""
    if name == STDIN:
        return fix
    chart = next((folder for folder in Path(name).parents if (folder / "Chart.yaml").is_file()), None)
    if chart is not None:
        fix = fix.replace("CHART", str(chart))
    return f"{fix}, or name the folders that hold plain manifests."


def shown(value: Any) -> str:
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, str):
        return f"the text {value if len(value) <= 60 else value[:59] + '…'!r}"
    return "null" if value is None else str(value).lower()


def problem_of(violation: Violation) -> Problem:
    """A Violation as a Problem: where the API server's path is written, or the nearest place that is.

    Where that line shows typographic quotes or odd blanks, these are the message.
    """
    from kcnet.loading.positions import line_and_column
    from kcnet.loading.validation.violation import written_at

    origin, field, ref = violation.ref.origin, violation.field, violation.ref
    message = f"{field}: {violation.message}" if field else violation.message
    if origin is None:
        return Problem(code=violation.code, message=message, fix=violation.fix, ref=ref, field=field)
    path = written_at(field)
    finding = None if origin.source.text.isascii() else typography(origin, path)
    if finding is None:
        return problem_in(origin, path, code=violation.code, message=message, fix=violation.fix, ref=ref, field=field)
    index = max(origin.start, finding.index)
    return problem_at(
        origin.source,
        index,
        *line_and_column(origin, index),
        code=finding.code,
        message=f"{finding.message} The API server says: {message}",
        fix=finding.fix,
        ref=ref,
        field=field,
    )


def typography(origin: Origin, path: str) -> Finding | None:
    """Typographic quotes or odd blanks on the line of ``path``, or odd indentation anywhere in the object."""
    from kcnet.loading import paste

    text = origin.source.text
    index = index_of(origin, *origin.position(path))
    return paste.diagnose(text, *paste.line_around(text, index), paste.TYPOGRAPHY) or paste.diagnose(
        text, origin.start, origin.end, paste.INDENTATION
    )
