"""Each rule of ``kcnet check`` with manifests that trigger it, and near misses that must not.

A module of cases is found by being here: ``cases_*.py`` with ``CASES: tuple[Case, ...]``.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from pathlib import Path
from textwrap import dedent

from kcnet.analysis.finding import Subject
from kcnet.controlplane import build_cluster
from kcnet.loading.load import load_manifests


@dataclass(frozen=True)
class Case:
    name: str
    """A sentence about the manifests."""
    code: str
    """Of the rule."""
    manifests: str
    at: tuple[str, ...] = ()
    """Where the rule finds something, each as ``Kind/name field``, in order of their lines. Empty: a near miss."""
    says: tuple[str, ...] = ()
    """Words that the messages and repairs contain."""


def subject_of(text: str) -> Subject:
    """Of YAML text, as if it came from standard input."""
    manifests = load_manifests(["-"], stdin=BytesIO(dedent(text).encode()))
    return Subject(manifests, build_cluster(manifests))


def all_cases() -> list[Case]:
    modules = sorted(path.stem for path in Path(__file__).parent.glob("cases_*.py"))
    return [case for module in modules for case in import_module(f"{__package__}.{module}").CASES]
