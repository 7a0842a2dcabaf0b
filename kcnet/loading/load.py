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
from typing import Any, BinaryIO, Final

from kcnet.loading.document import Document
from kcnet.loading.json_text import parse_json
from kcnet.loading.objects import ObjectReader
from kcnet.loading.parsed import Parsed
from kcnet.loading.problems import InvalidManifestsError, Problem
from kcnet.loading.sources import MAX_BYTES, File, decode, find_files, too_big, unreadable
from kcnet.loading.yaml_text import parse_yaml
from kcnet.model.manifests import Manifests

Progress = Callable[[int, int], None]
"""Called now and then with the bytes done and the bytes known of."""


def load_manifests(
    paths: Iterable[str | os.PathLike[str]], *, stdin: BinaryIO | None = None, progress: Progress | None = None
) -> Manifests:
    """Everything that ``paths`` hold: files, folders, globs, ``-`` for ``stdin`` (by default the process's own).

    Raises InvalidManifestsError with all problems, in order of file and line.
    """
    return _load(paths, stdin, progress, None)


def load_documents(
    paths: Iterable[str | os.PathLike[str]], *, stdin: BinaryIO | None = None
) -> tuple[Manifests, list[Document]]:
    """The same, and each object as it was written, in the order of the files; those of kinds that kcnet does not read
    come unchecked.

    Raises InvalidManifestsError with all problems, in order of file and line.
    """
    documents: list[Document] = []
    return _load(paths, stdin, None, documents), documents


def _load(
    paths: Iterable[str | os.PathLike[str]],
    stdin: BinaryIO | None,
    progress: Progress | None,
    documents: list[Document] | None,
) -> Manifests:
    from kcnet.loading.convert import assemble
    from kcnet.loading.reports import problem_of
    from kcnet.loading.validation import second_clusters, validate_together
    from kcnet.model.manifests import ClusterFacts

    files, problems = find_files(paths, stdin)
    loading = _Loading(files, progress, documents)
    loading.problems += problems
    for file in files:
        loading.read(file)
    if not (loading.problems or loading.objects):
        loading.problems.append(_nothing_found(files, loading.skipped))
    manifests = assemble(loading.values, [file.name for file in files], loading.skipped)
    clusters = [value.ref for value in loading.values if isinstance(value, ClusterFacts) and value.ref is not None]
    loading.problems += [problem_of(violation) for violation in second_clusters(clusters)]
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
        # To YAML, {"port": 80 "name": ...} is a port with a strange value, and NaN a word.
        is_strange = any("delimiter" in fault.detail or fault.code == "JSON_NOT_A_NUMBER" for fault in parsed.faults)
        if other is None or (first[0].endswith('"') and (other.faults or is_strange)):
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

_LIST: Final = re.compile(r"(?:[ \t]*(?:#.*)?\r?\n|---[ \t]*\r?\n)*- ")
"""A document that is a list, such as a playbook."""

_MARKS_OF_A_MANIFEST: Final = (re.compile(r"\bapiVersion[\"']?\s*:"), re.compile(r"\bkind[\"']?\s*:"))


def is_other_file(file: File, text: str) -> bool:
    """Found in a folder, known to be for another program, and without the two fields that make a manifest."""
    name = PurePath(file.name).name
    known = NOT_MANIFESTS.fullmatch(name) or name.startswith(".") or _LIST.match(text)
    return file.listed and bool(known) and not all(mark.search(text) for mark in _MARKS_OF_A_MANIFEST)


class _Loading:
    """What has been read so far."""

    def __init__(self, files: list[File], progress: Progress | None, documents: list[Document] | None) -> None:
        self.documents = documents
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
        if is_other_file(file, "" if isinstance(text, Problem) else text):
            self.skipped_kinds.append(PurePath(file.name).name)
        elif isinstance(text, Problem):
            self.problems.append(text)
        else:
            self.text(file.name, text, size)
        self.done += size
        self.report(0)

    def report(self, bytes_of_file: int) -> None:
        if self.progress is not None:
            self.progress(self.done + bytes_of_file, max(self.total, self.done + bytes_of_file))

    def text(self, name: str, text: str, size: int) -> None:
        reader = ObjectReader(name, text, self.values, self.problems, self.skipped_kinds, self.documents)
        for number, (parsed, is_json) in enumerate(parse_text(text)):
            reader.take(parsed, is_json=is_json)
            if reader.report.is_template:
                break
            if number % 200 == 199:
                self.report(size * parsed.end // max(1, len(text)))
        self.objects += reader.objects


def _nothing_found(files: list[File], skipped: Iterable[str]) -> Problem:
    if not files:
        return Problem(code="INPUT_NO_MANIFEST", message="No file was named.", fix="Add -f FILE.")
    others = sorted(skipped)
    if others:
        chart = any(name.lower().startswith(("chart.", "values")) for name in others)
        build = "helm template RELEASE CHART" if chart else "kubectl kustomize FOLDER"
        return Problem(
            code="INPUT_NO_MANIFEST",
            message=f"There is no manifest, only files for other programs: {', '.join(others[:6])}.",
            fix=f"If manifests are made from them, make them first: {build} | kcnet trace -f -",
            file=files[0].name,
        )
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
