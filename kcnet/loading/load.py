"""Files to ``Manifests``: read, parse, check the structure, check as the API server does, convert.

Objects go through one at a time and are forgotten as dicts, so a dump of a big cluster needs little memory. Every
problem of every file is collected; if there is one, nothing is returned.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from kcnet.loading.document import Document
from kcnet.loading.json_text import parse_json
from kcnet.loading.kinds import Kind, served, unserved
from kcnet.loading.parsed import Parsed
from kcnet.loading.positions import locate_json, locate_yaml
from kcnet.loading.problems import InvalidManifestsError, Problem, problem_at, problem_in
from kcnet.loading.schema import SchemaError, builtin_kinds, check, shape_of_kind
from kcnet.loading.sources import MAX_BYTES, File, decode, find_files, too_big, unreadable
from kcnet.loading.yaml_text import parse_yaml
from kcnet.model.manifests import Manifests
from kcnet.model.names import Origin, Ref, Source

if TYPE_CHECKING:
    from kcnet.loading.validation.violation import Violation

Progress = Callable[[int, int], None]
"""Called now and then with the bytes done and the bytes known of."""


def load_manifests(
    paths: Iterable[str | os.PathLike[str]], *, stdin: BinaryIO | None = None, progress: Progress | None = None
) -> Manifests:
    """Everything that ``paths`` hold: files, folders, globs, ``-`` for ``stdin`` (by default the process's own).

    Raises InvalidManifestsError with all problems, in order of file and line.
    """
    from kcnet.loading.convert import assemble
    from kcnet.loading.validation import validate_together

    files, problems = find_files(paths, stdin)
    loading = _Loading(files, progress)
    loading.problems += problems
    for file in files:
        loading.read(file)
    if not (loading.problems or loading.objects):
        loading.problems.append(_nothing_found(files))
    manifests = assemble(loading.values, [file.name for file in files], loading.skipped)
    loading.problems += [problem_of(violation) for violation in validate_together(manifests)]
    if loading.problems:
        raise InvalidManifestsError(tuple(sorted(dict.fromkeys(loading.problems), key=_order)))
    return manifests


def parse_text(text: str, start: int = 0) -> Iterator[tuple[Parsed, bool]]:
    """The documents of ``text``, and whether each is JSON. What begins like JSON and is not may still be YAML."""
    first = _BRACKET.match(text, start)
    if first is None:
        yield from ((parsed, False) for parsed in parse_yaml(text, start))
        return
    in_list = False
    for parsed in parse_json(text, start):
        if parsed.value is not None or in_list:
            yield parsed, True
            in_list = parsed.item
            continue
        others = parse_yaml(text, parsed.start)
        other = next(others, None)
        if other is None or (other.faults and first[0].endswith('"')):
            yield parsed, True
            return
        yield other, False
        yield from ((another, False) for another in others)
        return


_BRACKET: Final = re.compile(r'\s*(?:\{\s*"|[{\[])')

NOT_MANIFESTS: Final = re.compile(
    r"kustomization\.ya?ml|chart\.(?:yaml|lock)|values.*\.ya?ml|(?:docker-)?compose.*\.ya?ml|\.gitlab-ci\.ya?ml"
    r"|skaffold\.ya?ml|mkdocs\.ya?ml|\.pre-commit-config\.ya?ml|helmfile\.ya?ml|requirements\.ya?ml|.*\.json",
    re.IGNORECASE,
)
"""Names of files that stand beside manifests and are none. JSON is often something else, too."""

_MARKS_OF_A_MANIFEST: Final = (
    re.compile(r"^\W*apiVersion\W*:", re.MULTILINE),
    re.compile(r"^\W*kind\W*:", re.MULTILINE),
)


def is_other_file(file: File, text: str) -> bool:
    """Found in a folder, known to be for another program, and without the two fields that make a manifest."""
    path = PurePath(file.name)
    known = NOT_MANIFESTS.fullmatch(path.name) or any(part[:1] == "." and part.strip(".") for part in path.parts)
    return file.listed and bool(known) and not all(mark.search(text) for mark in _MARKS_OF_A_MANIFEST)


class _Loading:
    """What has been read so far."""

    def __init__(self, files: list[File], progress: Progress | None) -> None:
        self.values: list[Any] = []
        self.problems: list[Problem] = []
        self.skipped_kinds: list[str] = []
        self.objects = 0
        self.progress = progress
        self.done = 0
        self.total = sum(file.size for file in files)

    @property
    def skipped(self) -> dict[str, int]:
        return dict(sorted(Counter(self.skipped_kinds).items()))

    def read(self, file: File) -> None:
        try:
            data = file.read()
        except (OSError, ValueError) as error:
            self.problems.append(unreadable(file.name, error))
            return
        if len(data) > MAX_BYTES:
            self.problems.append(too_big(file.name))
            return
        size = len(data)
        self.total += max(0, size - file.size)
        text = decode(data, file.name)
        del data
        if isinstance(text, Problem):
            self.problems.append(text)
        elif is_other_file(file, text):
            self.skipped_kinds.append(PurePath(file.name).name)
        else:
            self.text(file.name, text, size)
        self.done += size
        self.report(0)

    def report(self, bytes_of_file: int) -> None:
        if self.progress is not None:
            self.progress(self.done + bytes_of_file, max(self.total, self.done + bytes_of_file))

    def text(self, name: str, text: str, size: int) -> None:
        reader = _FileReader(self, name, text)
        for number, (parsed, is_json) in enumerate(parse_text(text)):
            reader.take(parsed, is_json)
            if reader.is_template:
                break
            if number % 200 == 199:
                self.report(size * parsed.end // max(1, len(text)))


class _FileReader:
    """Takes the documents of one file. Items of a List are taken at once, and given back if it turns out to be none."""

    def __init__(self, loading: _Loading, name: str, text: str) -> None:
        self.loading = loading
        self.text = text
        self.yaml = Source(name, text, locate_yaml)
        self.json = Source(name, text, locate_json)
        self.index, self.line = 0, 1
        self.first_problem = len(loading.problems)
        self.unnamed: list[tuple[Origin, dict[str, Any]]] = []
        self.is_template = False
        self.mark()

    def mark(self) -> None:
        loading = self.loading
        self.kept = len(loading.values), len(loading.problems), len(loading.skipped_kinds), loading.objects
        self.unnamed.clear()

    def give_back(self) -> None:
        loading = self.loading
        values, problems, skipped, loading.objects = self.kept
        del loading.values[values:], loading.problems[problems:], loading.skipped_kinds[skipped:]

    def line_of(self, index: int) -> int:
        """Counted onward from the last place that was asked for."""
        if index < self.index:
            self.index, self.line = 0, 1
        self.line += self.text.count("\n", self.index, index)
        self.index = index
        return self.line

    def origin(self, parsed: Parsed, is_json: bool) -> Origin:
        start = parsed.start
        return Origin(
            source=self.json if is_json else self.yaml,
            start=start,
            end=parsed.end,
            line=self.line_of(start),
            column=start - self.text.rfind("\n", 0, start),
        )

    def take(self, parsed: Parsed, is_json: bool) -> None:
        origin = self.origin(parsed, is_json)
        value = parsed.value
        if parsed.faults:
            self.faults(parsed, origin)
        elif parsed.item:
            if "kind" in value:
                self.object(origin, value)
            else:
                self.unnamed.append((origin, value))
        elif isinstance(value, dict) and is_list(value):
            self.finish_list(origin, value)
        else:
            self.give_back()
            self.object(origin, value)
        if not parsed.item:
            self.mark()

    def finish_list(self, origin: Origin, value: dict[str, Any]) -> None:
        """The items are taken already; those without a kind have the one that the List is named after."""
        self.loading.objects += 1
        kind = value["kind"].removesuffix("List")
        for place, item in self.unnamed:
            self.object(place, {"apiVersion": value.get("apiVersion"), "kind": kind, **item} if kind else item)
        for item in value.get("items") or ():
            self.problem(
                origin,
                "items",
                code="NOT_AN_OBJECT",
                message=f"The list has an item that is no object but {_found(item)}.",
                fix="Each item begins with apiVersion and kind.",
            )

    def object(self, origin: Origin, value: Any) -> None:
        """One Kubernetes object: counted if it is of another kind, otherwise checked and converted."""
        from kcnet.loading.convert import convert
        from kcnet.loading.validation import validate

        self.loading.objects += 1
        kind = self.kind(origin, value)
        if kind is None:
            return
        ref = ref_of(value, kind, origin)
        errors = check(value, shape_of_kind(kind))
        if errors:
            errors = mend(value, errors, kind)
        if errors:
            self.structure(origin, ref, value, errors)
            return
        document = Document(ref=ref, api_version=kind.api_version, value=value)
        violations = [*validate(document)]
        if violations:
            self.loading.problems += map(problem_of, violations)
        else:
            self.loading.values.append(convert(document))

    def kind(self, origin: Origin, value: Any) -> Kind | None:
        """Which kind that kcnet reads; None if it is another, or a problem was told."""
        if not isinstance(value, dict):
            if not self.pasted(origin.start, origin.end):
                self.problem(
                    origin,
                    "",
                    code="NOT_AN_OBJECT",
                    message=f"This document is {_found(value)}, not a Kubernetes object.",
                    fix="A manifest begins with apiVersion and kind.",
                )
            return None
        kind, api_version = value.get("kind"), value.get("apiVersion")
        for field, found, example in (("apiVersion", api_version, "v1"), ("kind", kind, "Service")):
            if not isinstance(found, str) or not found:
                if not self.pasted(origin.start, origin.end):
                    self.problem(origin, field if found else "", **no_kind(field, found, example, value))
                return None
        assert isinstance(kind, str)
        assert isinstance(api_version, str)
        known = served(kind, api_version)
        if known is None:
            answer = unserved(kind, api_version, builtin_kinds())
            if answer is None:
                self.loading.skipped_kinds.append(f"{api_version}/{kind}")
            else:
                message, fix = answer
                ref = Ref(kind, None, _name(value), origin)
                self.problem(origin, "apiVersion", code="API_NO_SUCH_KIND", message=message, fix=fix, ref=ref)
        return known

    def problem(self, origin: Origin, path: str, **words: Any) -> None:
        self.loading.problems.append(problem_in(origin, path, **words))

    def faults(self, parsed: Parsed, origin: Origin) -> None:
        """What keeps a document from being read: the paste that went wrong, or else what the parser says."""
        from kcnet.loading.faults import words

        self.loading.objects += 1
        if self.pasted(parsed.start, parsed.end):
            return
        for fault in parsed.faults:
            message, fix = words(fault, self.text)
            self.add_at(fault.index, code=fault.code, message=message, fix=fix, field=fault.path)

    def pasted(self, start: int, end: int) -> bool:
        """Whether the text looks like a paste that went wrong, which was then told."""
        from kcnet.loading import paste

        finding = paste.diagnose(self.text, start, end)
        if finding is None:
            return False
        if finding.code == paste.HELM:
            self.is_template = True
            del self.loading.problems[self.first_problem :]
        self.add_at(finding.index, code=finding.code, message=finding.message, fix=finding.fix)
        return True

    def add_at(self, index: int, **words: Any) -> None:
        index = min(index, len(self.text))
        self.loading.problems.append(problem_at(self.yaml, index, self.line_of(index), **words))

    def structure(self, origin: Origin, ref: Ref, value: dict[str, Any], errors: list[SchemaError]) -> None:
        from kcnet.loading import explain, paste

        finding = paste.diagnose(self.text, origin.start, origin.end, paste.WHOLE)
        if finding is not None:
            self.add_at(finding.index, code=finding.code, message=finding.message, fix=finding.fix)
            return
        for error in errors:
            path = explain.path_text(error.path)
            line, column = origin.position(path)
            written = paste.line_at(self.text, origin, line)
            finding = paste.diagnose(self.text, written.start, written.start + len(written.text), paste.ON_A_LINE)
            if finding is not None:
                self.add_at(
                    finding.index, code=finding.code, message=finding.message, fix=finding.fix, ref=ref, field=path
                )
                continue
            message, fix = explain.explain(error, value, paste.written_value(written.text[column - 1 :]))
            self.problem(origin, path, code=explain.CODES[error.rule], message=message, fix=fix, ref=ref)


def is_list(value: dict[str, Any]) -> bool:
    """A ``List``, or a list of one kind such as ``PodList``."""
    kind = value.get("kind")
    return isinstance(kind, str) and (kind == "List" or (kind.endswith("List") and "items" in value))


def ref_of(value: dict[str, Any], kind: Kind, origin: Origin) -> Ref:
    metadata = value.get("metadata")
    namespace = metadata.get("namespace") if isinstance(metadata, dict) else None
    if not kind.namespaced:
        namespace = None
    elif not isinstance(namespace, str) or not namespace:
        namespace = "default"
    return Ref(value["kind"], namespace, _name(value), origin)


def _name(value: dict[str, Any]) -> str:
    metadata = value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) else ""


def mend(value: dict[str, Any], errors: list[SchemaError], kind: Kind) -> list[SchemaError]:
    """Does what the API server does while it decodes: a null in a list or map is an empty value. In the ``status`` that
    a cluster printed, fields of another Kubernetes version are dropped. Returns the errors that are left."""
    metadata = value.get("metadata")
    live = isinstance(metadata, dict) and bool(metadata.get("uid"))
    mended = False
    for error in errors:
        *path, last = error.path or ("",)
        holder: Any = value
        for part in path:
            holder = holder[part]
        if error.rule == "type" and error.value is None and error.parents:
            holder[last] = error.shape.empty()
            mended = True
        elif error.rule == "unknown" and live and error.path[0] == "status":
            holder.pop(last, None)
            mended = True
    return check(value, shape_of_kind(kind)) if mended else errors


def no_kind(field: str, found: Any, example: str, value: dict[str, Any]) -> dict[str, str]:
    """Words for a document without apiVersion or kind."""
    if found:
        return {
            "code": "NOT_AN_OBJECT",
            "message": f"{field} must be text, not {_found(found)}.",
            "fix": f"Write for example {field}: {example}",
        }
    other = next((told for keys, told in _OTHER_FILES if keys & value.keys()), None)
    if other is not None and not (value.get("kind") or value.get("apiVersion")):
        return {"code": "NOT_A_MANIFEST", "message": other[0], "fix": other[1]}
    keys = ", ".join(list(map(str, value))[:6])
    return {
        "code": "NOT_AN_OBJECT",
        "message": f"This document has no {field}, so it is no Kubernetes object. Its fields are: {keys or 'none'}.",
        "fix": f"Add {field} at the left edge, for example {field}: {example}",
    }


_OTHER_FILES: Final = (
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


def _found(value: Any) -> str:
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a mapping"
    shown = str(value)
    return f"the text {shown if len(shown) <= 60 else shown[:59] + '…'!r}" if isinstance(value, str) else f"{value!r}"


def problem_of(violation: Violation) -> Problem:
    """A Violation as a Problem: where the API server's path is written, or the nearest place that is."""
    from kcnet.loading.validation.violation import written_at

    origin, field = violation.ref.origin, violation.field
    message = f"{field}: {violation.message}" if field else violation.message
    if origin is None:
        return Problem(code=violation.code, message=message, fix=violation.fix, ref=violation.ref, field=field)
    return problem_in(
        origin,
        written_at(field),
        code=violation.code,
        message=message,
        fix=violation.fix,
        ref=violation.ref,
        field=field,
    )


def _nothing_found(files: list[File]) -> Problem:
    if not files:
        return Problem(code="INPUT_NO_MANIFEST", message="No file was named.", fix="Add -f FILE.")
    names = ", ".join(file.name for file in files[:3]) + (", ..." if len(files) > 3 else "")
    return Problem(
        code="INPUT_NO_MANIFEST",
        message=f"There is no Kubernetes object in {names}: nothing but blank lines and comments.",
        fix="Check that the file was saved, and that this is the right one.",
        file=files[0].name,
        line=1,
        column=1,
    )


def _order(problem: Problem) -> tuple[str, int, int, str, str]:
    return problem.file or "", problem.line or 0, problem.column or 0, problem.code, problem.field
