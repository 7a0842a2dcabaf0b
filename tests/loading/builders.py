"""What the tests of the loader need: a manifest to damage, and what the loader says to it."""

from __future__ import annotations

import io

from kcnet.loading.load import load_manifests
from kcnet.loading.problems import InvalidManifestsError, Problem
from kcnet.model.manifests import Manifests

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
  - port: 80
    targetPort: 8080
"""


def changed(old: str, new: str) -> str:
    """SERVICE with one change."""
    assert old in SERVICE
    return SERVICE.replace(old, new, 1)


def read(text: str | bytes) -> Manifests:
    """Raises InvalidManifestsError."""
    return load_manifests(["-"], stdin=io.BytesIO(text.encode() if isinstance(text, str) else text))


def problems(text: str | bytes) -> tuple[Problem, ...]:
    """Empty if there is none."""
    try:
        read(text)
    except InvalidManifestsError as error:
        return error.problems
    return ()
