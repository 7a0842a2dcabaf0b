"""Opening a session: on a scenario, on manifests of the learner's own, or on a saved one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kcnet.lab.files import Files
from kcnet.lab.session import Editor, Session, utc_now

if TYPE_CHECKING:
    from kcnet.model.manifests import ClusterFacts


def open_session(
    paths: Sequence[str],
    name: str,
    *,
    facts: ClusterFacts | None = None,
    namespace: str = "default",
    base: Path | None = None,
    given: dict[str, str] | None = None,
    clock: Callable[[], datetime] = utc_now,
    seed: int = 0,
    editor: Editor | None = None,
) -> Session:
    """A sandbox of the cluster that the manifests in ``paths`` make. ``base`` is the working directory on the disk,
    whose files commands may read; ``given`` are files that a lesson puts there.

    Raises ``kcnet.loading.problems.InvalidManifestsError``.
    """
    from kcnet.apiserver.server import ApiServer

    return Session(
        server=ApiServer.from_paths(paths, clock=clock, facts=facts),
        scenario=name,
        namespace=namespace,
        files=Files(base, given=given or {}),
        clock=clock,
        seed=seed,
        editor=editor,
    )
