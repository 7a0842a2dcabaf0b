"""The cluster of a question, and the trace of its request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcnet.tutor.lesson import Ask
from kcnet.tutor.quiz.question import Question

if TYPE_CHECKING:
    from kcnet.model.cluster import Cluster
    from kcnet.model.trace import Request, Trace


def cluster(manifest: str) -> Cluster:
    """Raises InvalidManifestsError."""
    from kcnet.tutor.quiz.generate.yamltext import cluster_of

    return cluster_of(manifest)


def request(question: Question, around: Cluster) -> Request:
    """Raises RequestError."""
    from kcnet.tutor.asking import request_of

    asked = question.ask
    assert asked is not None
    return request_of(around, Ask(asked.source, asked.target, asked.protocol, asked.host), asked.namespace)


def trace(question: Question, manifest: str | None = None, *, around: Cluster | None = None) -> Trace:
    """The question's request through its cluster, or through another. Raises RequestError, InvalidManifestsError.

    ``around`` is the cluster of a question that carries none.
    """
    from kcnet import simulate

    text = question.manifest if manifest is None else manifest
    if text or around is None:
        around = cluster(text)
    return simulate.trace(around, request(question, around))


def mended(question: Question) -> str:
    """The manifest with its faulty line as it should read."""
    lines = question.manifest.splitlines()
    line = question.options[question.right[0]].line
    assert line is not None
    lines[line - 1] = question.cure.rstrip("\n")
    return "\n".join(lines) + "\n"
