"""A belief is a named wrong model: one rule of Kubernetes, misread, and what would follow if it were as misread."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from kcnet.model.cluster import Cluster
from kcnet.model.trace import Request, Trace

Misreading = Callable[[Cluster, Request], Trace]
"""The same request as the believer would follow it. May raise RequestError where it could not even be asked."""


class Belief(Struct, frozen=True, kw_only=True):
    id: str
    title: str
    """A few words: "Two list items are ANDed"."""
    says: str
    """The wrong rule in one sentence, in the learner's voice."""
    correction: str
    """What is true, in one or two sentences and Kubernetes' words."""
    topic: str
    """One of ``kcnet.tutor.subjects.TOPICS``."""
    source: str
    """URL of the official page."""
    follow: Misreading

    def misread(self, cluster: Cluster, request: Request) -> Trace:
        """The same request under the wrong rule: a trace like any other, only false."""
        return self.follow(cluster, request)
