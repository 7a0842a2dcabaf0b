"""Manifests that people really use, where there are some: KCNET_REAL names a folder of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kcnet.loading.load import load_manifests
from kcnet.loading.problems import InvalidManifestsError

REAL = os.environ.get("KCNET_REAL")
FILES = sorted(path for path in Path(REAL).rglob("*.y*ml")) if REAL else []


def is_template(path: Path) -> bool:
    return any("{{" in line.split("#")[0] and '"' not in line for line in path.read_text().splitlines())


@pytest.mark.skipif(not FILES, reason="KCNET_REAL is not set")
@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path)[-60:])
def test_a_real_file_loads_unless_it_is_a_template(path: Path) -> None:
    if is_template(path):
        with pytest.raises(InvalidManifestsError) as caught:
            load_manifests([path])
        assert [problem.code for problem in caught.value.problems] == ["PASTE_HELM_TEMPLATE"]
    else:
        assert load_manifests([path]).files == (str(path),)
