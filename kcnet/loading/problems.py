"""A Problem: something in the input that its author can mend, with the place where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kcnet.model.names import Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What cannot be read, or what the API server would reject. ``severity`` of these is always "error"."""

    code: str
    """Stable, in capitals: ``YAML_TAB``, ``SCHEMA_UNKNOWN_FIELD``, ``API_REQUIRED`` ..."""
    message: str
    """What was found, and what is allowed, in one or two sentences a beginner understands."""
    fix: str = ""
    """What to do, as an instruction."""
    ref: Ref | None = None
    field: str = ""
    """The path that the API server names: ``spec.ports[0].nodePort``."""
    file: str | None = None
    line: int | None = None
    """1-based."""
    column: int | None = None
    """1-based."""
    excerpt: tuple[str, ...] = ()
    """Lines of the file around ``line``, each without its line break."""
    excerpt_start: int = 0
    """1-based number of the first excerpt line."""

    def to_dict(self) -> dict[str, Any]:
        """A finding of ``kcnet check -o json``."""
        ref = self.ref
        return {
            "code": self.code,
            "severity": "error",
            "object": {"kind": ref.kind, "namespace": ref.namespace, "name": ref.name} if ref else None,
            "field": self.field,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "message": self.message,
            "fix": self.fix,
        }


class InvalidManifestsError(Exception):
    """Every problem of every file, in order of file and line."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(problems)} problem{'' if len(problems) == 1 else 's'} in the manifests")
        self.problems = problems
