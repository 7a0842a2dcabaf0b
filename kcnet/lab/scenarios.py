"""What ``kcnet lab SCENARIO`` may be opened on: the sample clusters in manifests/, those of lessons, and lessons.

A scenario is a folder of manifests. Its name is its place below manifests/ (``shop``, ``broken/selector-typo``, or just
``selector-typo``) or below lessons/scenarios/; a lesson's id stands for the scenario of that lesson.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kcnet.resources import demo, folder

SUFFIXES = (".yaml", ".yml", ".json")
DEMO = "shop"


class Scenario(NamedTuple):
    name: str
    paths: tuple[str, ...]
    about: str = ""
    namespace: str = "default"
    """Where the lesson's commands work; the samples do not say."""


class UnknownScenario(ValueError):  # noqa: N818
    def __init__(self, name: str, nearest: str | None) -> None:
        super().__init__(f"There is no scenario {name}.")
        self.name = name
        self.nearest = nearest


def find(name: str | None) -> Scenario:
    """Raises UnknownScenario. No name: the demo shop."""
    if name is None:
        return Scenario(DEMO, (str(demo()),), "The demo: a small shop.")
    wanted = name.strip("/").removeprefix("manifests/")
    every = {one.name: one for one in scenarios()}
    found = every.get(wanted)
    if found is None:
        ends = [one for one in every.values() if one.name.rsplit("/", 1)[-1] == wanted]
        found = ends[0] if len(ends) == 1 else _of_lesson(wanted)
    if found is None:
        from kcnet.lab.nearest import nearest

        names = [*every, *(one.rsplit("/", 1)[-1] for one in every), *_lessons()]
        raise UnknownScenario(name, nearest(wanted, names))
    return found


def scenarios() -> Iterator[Scenario]:
    """All folders of manifests, the sample clusters first."""
    taken: set[str] = set()
    for root in _roots():
        for place in sorted(one for one in root.rglob("*") if one.is_dir()):
            if any(file.suffix in SUFFIXES for file in place.iterdir() if file.is_file()):
                name = place.relative_to(root).as_posix()
                name = f"lessons/{name}" if name in taken else name
                taken.add(name)
                yield Scenario(name, (str(place),), _title(place))


def _roots() -> Iterator[Path]:
    yield folder("manifests")
    lessons = folder("lessons") / "scenarios"
    if lessons.is_dir():
        yield lessons


def _title(place: Path) -> str:
    """The first heading of the folder's page."""
    try:
        with (place / "README.md").open(encoding="utf-8") as page:
            return page.readline().lstrip("# ").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _lessons() -> dict[str, Path]:
    """Lesson files by id: ``03-clusterip.yaml`` is ``clusterip``."""
    found: dict[str, Path] = {}
    for file in sorted(folder("lessons").glob("*.yaml")):
        found[re.sub(r"^\d+-", "", file.stem)] = file
        found[file.stem] = file
    return found


def _of_lesson(name: str) -> Scenario | None:
    from kcnet.loading.load import parse_text

    file = _lessons().get(name)
    if file is None:
        return None
    parsed = next(iter(parse_text(file.read_text(encoding="utf-8"))), None)
    lesson = parsed[0].value if parsed is not None and not parsed[0].faults else None
    stated = lesson.get("scenario") if isinstance(lesson, dict) else None
    base = folder("lessons")
    paths: list[Path] = []
    for word in [stated] if isinstance(stated, str) else stated if isinstance(stated, list) else []:
        places = [
            base / "scenarios" / str(word),
            base / str(word),
            base.parent / str(word),
            folder("manifests") / str(word),
        ]
        paths += [place for place in places if place.exists()][:1]
    title = str(lesson.get("title") or "") if isinstance(lesson, dict) else ""
    namespace = str(lesson.get("namespace") or "default") if isinstance(lesson, dict) else "default"
    return Scenario(name, tuple(map(str, paths)), title, namespace) if paths else None
