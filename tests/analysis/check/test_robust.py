"""Whatever loads can be checked: no rule and no proof ever fails over it."""

from __future__ import annotations

import random
import re
from io import BytesIO
from itertools import product

from kcnet.analysis.check import check
from kcnet.analysis.finding import Subject
from kcnet.analysis.fix import repairs
from kcnet.analysis.suppress import Settings, unsuppressed
from kcnet.controlplane import build_cluster
from kcnet.loading.load import load_manifests
from kcnet.loading.problems import InvalidManifestsError
from kcnet.resources import folder

TEXTS = ["\n---\n".join(path.read_text() for path in sorted((folder("manifests") / "shop").glob("*.yaml")))]
TEXTS += [path.read_text() for path in sorted((folder("manifests") / "broken").glob("*/*.yaml"))]


def without_a_line(text: str, seed: int) -> bytes:
    """``text`` with a line left out, and one of its names exchanged for another here and there."""
    chosen = random.Random(seed)  # noqa: S311
    lines = text.splitlines()
    lines.pop(chosen.randrange(len(lines)))
    names = sorted(set(re.findall(r"(?:name|app|port|targetPort): ([\w-]+)", text)))
    old, new = chosen.choice(names), chosen.choice(names)
    changed = [line.replace(f": {old}", f": {new}") if chosen.random() < 0.5 else line for line in lines]
    return "\n".join(changed).encode()


def test_a_manifest_with_something_missing() -> None:
    looked = 0
    for seed, text in product(range(30), TEXTS):
        try:
            manifests = load_manifests(["-"], stdin=BytesIO(without_a_line(text, seed)))
        except InvalidManifestsError:
            continue
        subject = Subject(manifests, build_cluster(manifests))
        found = unsuppressed(check(subject), Settings())
        looked += 1
        for each in found:
            assert each.message.endswith((".", ")"))
            assert each.fix
            assert each.to_dict()["line"]
            if each.proof is not None:
                each.proof.trace(subject.cluster)
        for repair in repairs(found):
            load_manifests(["-"], stdin=BytesIO(repair.text.encode()))
    assert looked > 50
