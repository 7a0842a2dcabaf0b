"""What a project does not want to hear."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from kcnet.analysis.check import check, matches
from kcnet.analysis.suppress import Settings, misplaced, settings_of, unsuppressed
from tests.analysis.check.cases import subject_of
from tests.analysis.check.cases_services import CLIENT, deployment

SERVICE = """
--- {document}
# {far}
# {above_object}
apiVersion: v1 # {first}
kind: Service
metadata: {{name: web}} # {between}
spec:
  # {above}
  selector: {{app: webiste}} # {line}
  # {below}
  ports: [{{port: 80}}]
"""
PLACES = ("document", "far", "above_object", "first", "between", "above", "line", "below")


def codes(**comments: str) -> list[str]:
    text = SERVICE.format(**{place: comments.get(place, "nothing") for place in PLACES})
    subject = subject_of(deployment(labels="app: website") + text.replace("--- nothing", "---"))
    return [each.code for each in unsuppressed(check(subject), Settings())]


IGNORE = "kcnet: ignore SERVICE_SELECTS_NOTHING"


def test_without_a_comment_it_is_said() -> None:
    assert "SERVICE_SELECTS_NOTHING" in codes()


@pytest.mark.parametrize("place", ["line", "above", "first", "above_object", "far"])
@pytest.mark.parametrize(
    "comment", [IGNORE, "kcnet:ignore SERVICE_SELECTS_NOTHING", "kcnet: ignore X_Y, SERVICE_SELECTS_NOTHING", "kcnet: ignore SERVICE_*",
     "kcnet: ignore service-selects-nothing"]
)  # fmt: skip
def test_a_comment_at_the_line_or_the_object_silences(place: str, comment: str) -> None:
    assert "SERVICE_SELECTS_NOTHING" not in codes(**{place: comment})


@pytest.mark.parametrize("place", ["between", "below"])
def test_a_comment_elsewhere_does_not(place: str) -> None:
    assert "SERVICE_SELECTS_NOTHING" in codes(**{place: IGNORE})


@pytest.mark.parametrize("comment", ["kcnet: ignore", "kcnet: ignore LB_CLASS", "ignore SERVICE_SELECTS_NOTHING"])
def test_a_comment_that_names_no_such_code_does_not(comment: str) -> None:
    assert "SERVICE_SELECTS_NOTHING" in codes(line=comment)


@pytest.mark.parametrize(("pattern", "silent"), [("<stdin>", True), ("*", True), ("*.yaml", False), ("dev/*", False)])
def test_a_file_may_be_let_alone(pattern: str, silent: bool) -> None:
    subject = subject_of(deployment(labels="app: website") + SERVICE.format(**dict.fromkeys(PLACES, "")))
    settings = settings_of({"per-file-ignores": {pattern: ["SERVICE_*"]}})
    assert (unsuppressed(check(subject, ["SERVICE_SELECTS_NOTHING"]), settings) == []) == silent


def test_paths_count_from_the_folder_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "apps").mkdir()
    monkeypatch.chdir(tmp_path / "apps")
    subject = subject_of(deployment(labels="app: website") + SERVICE.format(**dict.fromkeys(PLACES, "")))
    (found,) = check(subject, ["SERVICE_SELECTS_NOTHING"])
    assert found.ref.origin is not None
    source = replace(found.ref.origin.source, name="web.yaml")
    found = found._replace(ref=replace(found.ref, origin=replace(found.ref.origin, source=source)))
    table = {"per-file-ignores": {"apps/*": ["SERVICE_*"]}}
    assert unsuppressed([found], settings_of(table, folder="..")) == []
    assert unsuppressed([found], settings_of(table)) == [found]


def test_settings_may_stand_one_level_deeper() -> None:
    assert settings_of({"check": {"ignore": ["A_B"]}}) == settings_of({"ignore": ["a-b"]}) == Settings(ignore=("A_B",))


@pytest.mark.parametrize(
    ("comment", "says"),
    [
        ("kcnet: ignore", "write # kcnet: ignore SERVICE_SELECTS_NOTHING"),
        ("kcnet: ignore SERVICE_SELECT_NOTHING", "nearest is SERVICE_SELECTS_NOTHING"),
        ("kcnet: ignore LB_CLASS", ""),
        ("ignore it", ""),
    ],
)
def test_a_comment_that_silences_nothing_because_of_a_slip_is_told(comment: str, says: str) -> None:
    text = SERVICE.format(**{place: comment if place == "line" else "nothing" for place in PLACES})
    subject = subject_of(deployment(labels="app: website") + text.replace("--- nothing", "---"))
    said = misplaced(check(subject, ["SERVICE_SELECTS_NOTHING"]))
    assert len(said) == bool(says)
    assert says in "".join(said)


@pytest.mark.parametrize(
    "table",
    [
        {"selct": []},
        {"check": {"selct": []}},
        {"check": []},
        {"select": "A_B"},
        {"ignore": [1]},
        {"per-file-ignores": []},
        {"per-file-ignores": {"*": "A_B"}},
    ],
)
def test_what_is_no_setting_is_told(table: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"setting|is a (list|table)"):
        settings_of(table)


def test_select_and_ignore() -> None:
    subject = subject_of(deployment(labels="app: website") + SERVICE.format(**dict.fromkeys(PLACES, "")) + CLIENT)
    assert {each.code for each in check(subject, ["SERVICE_*"])} == {"SERVICE_SELECTS_NOTHING"}
    assert check(subject, ["SERVICE_*"], ["SERVICE_SELECTS_*"]) == []
    assert check(subject, ["LB_*"]) == []


def test_a_pattern_is_a_whole_code() -> None:
    assert matches("LB_CLASS", ["LB_*"])
    assert not matches("LB_CLASS", ["LB", "CLASS", "LB_"])
