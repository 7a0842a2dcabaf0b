"""The sandbox of a lesson: its scenario as a lab, and where the scenario's files are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kcnet.lab.opening import open_session
from kcnet.lab.session import Editor, utc_now
from kcnet.tutor.lesson import Head

if TYPE_CHECKING:
    from kcnet.lab.session import Session

SUFFIXES = (".yaml", ".yml", ".json")


class NoScenarioError(Exception):
    """The lesson names a scenario that is not there."""

    def __init__(self, name: str, places: list[Path]) -> None:
        super().__init__(f"There is no scenario {name!r}; looked for {' and '.join(map(str, places))}.")
        self.name = name
        self.places = places


def open_sandbox(head: Head, *, clock: Callable[[], datetime] = utc_now, editor: Editor | None = None) -> Session:
    """The cluster of the lesson's scenario; its manifests lie in the working directory.

    Raises NoScenarioError, and ``kcnet.loading.problems.InvalidManifestsError``.
    """
    return open_session(
        [str(place) for place in places_of(head)],
        "lesson",
        namespace=head.namespace,
        given=files_of(head),
        clock=clock,
        editor=editor,
    )


def places_of(head: Head) -> list[Path]:
    """Folders and files of the scenario: beside the lesson, or of kcnet itself. Raises NoScenarioError."""
    return [_place(head, name) for name in head.scenario]


def _place(head: Head, name: str) -> Path:
    from kcnet.resources import folder

    beside = [head.file.parent / "scenarios" / name, head.file.parent / name]
    roots = [folder("lessons") / "scenarios", folder("manifests")]
    places = [*beside, *(root / name for root in roots)]
    found = next((place for place in places if place.exists()), None)
    if found is None:
        raise NoScenarioError(name, places[:1])
    return found


def files_of(head: Head) -> dict[str, str]:
    """The manifests by the names that the learner sees. Raises NoScenarioError."""
    found: dict[str, str] = {}
    for place in places_of(head):
        inside = sorted(one for one in place.rglob("*") if one.suffix in SUFFIXES) if place.is_dir() else [place]
        for file in inside:
            name = file.relative_to(place).as_posix() if place.is_dir() else file.name
            found[name] = file.read_text(encoding="utf-8", errors="replace")
    return found
