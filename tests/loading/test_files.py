"""Which files are read: paths, folders, globs, standard input, and what stands beside manifests."""

from __future__ import annotations

import io
import json
import os
import random
import threading
from pathlib import Path

import pytest
import yaml

from kcnet.loading.load import load_manifests
from kcnet.loading.problems import InvalidManifestsError, Problem
from tests.loading.builders import SERVICE, changed, read


def service(name: str) -> str:
    return changed("name: web", f"name: {name}")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "b.yaml": service("b"),
        "a.yml": service("a"),
        "sub/c.json": json.dumps(yaml.safe_load(service("c"))),
        "sub/deeper/d.yaml": service("d"),
        "notes.txt": "no manifest",
    }.items():
        path = tmp_path / "all" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Path("all")


def names(*paths: str | Path) -> list[str]:
    return [service.ref.name for service in load_manifests(paths).services]


def problems(*paths: str | Path) -> tuple[Problem, ...]:
    with pytest.raises(InvalidManifestsError) as caught:
        load_manifests(paths)
    return caught.value.problems


def test_a_file(folder: Path) -> None:
    assert names(folder / "b.yaml") == ["b"]


def test_a_folder_with_all_below_it(folder: Path) -> None:
    found = load_manifests([folder])
    assert [service.ref.name for service in found.services] == ["a", "b", "c", "d"]
    assert found.files == ("all/a.yml", "all/b.yaml", "all/sub/c.json", "all/sub/deeper/d.yaml")


def test_a_copy_of_an_object_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(service("a"))
    (tmp_path / "two.yaml").write_text(f"{service('a')}\n---\n{service('b')}")
    assert names(tmp_path) == ["a", "b"]


def test_an_object_written_twice_in_two_ways(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(service("a"))
    (tmp_path / "two.yaml").write_text(service("a").replace("port: 80", "port: 81"))
    assert [problem.code for problem in problems(tmp_path)] == ["API_ALREADY_EXISTS"]


def test_two_documents_of_kind_cluster(tmp_path: Path) -> None:
    for name in ("one", "two"):
        document = {"apiVersion": "kcnet/v1", "kind": "Cluster", "metadata": {"name": name}, "spec": {"nodes": 2}}
        (tmp_path / f"{name}.yaml").write_text(json.dumps(document))
    found = problems(tmp_path)
    assert [(problem.code, Path(problem.file or "").name) for problem in found] == [("CLUSTER_TWICE", "two.yaml")]


def test_globs(folder: Path) -> None:
    assert names("all/*.yaml") == ["b"]
    assert names("all/**/*.yaml") == ["b", "d"]
    assert names(str(folder.absolute() / "[ab].*")) == ["a", "b"]
    assert names("all/s*") == ["c", "d"]


def test_several_paths_and_a_file_reached_twice_is_read_once(folder: Path) -> None:
    (folder / "link.yaml").symlink_to("b.yaml")
    assert names(folder / "b.yaml", folder, "all/*.yaml", folder / "sub" / ".." / "b.yaml") == ["a", "b", "c", "d"]


def test_a_file_whose_name_looks_like_a_glob(folder: Path) -> None:
    (folder / "x[1].yaml").write_text(service("x"))
    assert names("all/x[1].yaml") == ["x"]


def test_standard_input_once() -> None:
    stdin = io.BytesIO(SERVICE.encode())
    found = load_manifests(["-", "-"], stdin=stdin)
    assert found.files == ("<stdin>",)
    assert len(found.services) == 1


LEFT_OUT = [".git/x.yaml", ".venv/lib/x.yaml", ".cache/a/b/x.yaml", "node_modules/a/x.json", "env/lib/x.yaml"]


@pytest.mark.parametrize("name", LEFT_OUT)
def test_folders_that_are_read_only_if_they_are_named(folder: Path, name: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True)
    (folder / "env").mkdir(exist_ok=True)
    (folder / "env" / "pyvenv.cfg").touch()
    path.write_text("apiVersion: 'v1\nkind: x\n")
    assert names(folder) == ["a", "b", "c", "d"]
    assert [problem.file for problem in problems(folder / Path(name).parts[0])] == [str(path)]
    assert [problem.file for problem in problems(path)] == [str(path)]


def test_the_working_folder_is_no_hidden_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = folder / ".manifests"
    hidden.mkdir()
    (hidden / "x.yaml").write_text(service("x"))
    monkeypatch.chdir(hidden)
    assert names(".") == names("../.manifests") == ["x"]


def test_a_folder_with_nothing_but_a_hidden_one_says_so(tmp_path: Path) -> None:
    (tmp_path / ".k8s").mkdir()
    (tmp_path / ".k8s" / "x.yaml").write_text(service("x"))
    (problem,) = problems(tmp_path)
    assert problem.code == "INPUT_NO_MANIFEST"
    assert "begins with a dot" in problem.message


CHARTS = [("shop/templates/web.yaml", "all/shop"), ("shop/templates/deep/web.yaml", "all/shop"), ("web.yaml", "CHART")]


@pytest.mark.parametrize(("name", "chart"), CHARTS)
def test_the_fix_of_a_template_names_its_chart(folder: Path, name: str, chart: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("a: {{ .Values.a }}\n")
    (folder / "shop").mkdir(exist_ok=True)
    (folder / "shop" / "Chart.yaml").write_text("apiVersion: v2\nname: shop\n")
    (problem,) = problems(folder)
    assert problem.code == "PASTE_HELM_TEMPLATE"
    assert f"helm template RELEASE {chart} | kcnet trace -f -, or name the folders" in problem.fix


def test_loops_of_links_end(folder: Path) -> None:
    (folder / "sub" / "loop").symlink_to("..")
    assert names(folder) == ["a", "b", "c", "d"]


def test_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text(service("p")))
    writer.start()
    assert names(pipe) == ["p"]
    writer.join()


MISSING = [
    ("all/bb.yaml", "does not exist", "all/b.yaml?"),
    ("nowhere/at/all.yaml", "does not exist", "spelling"),
    ("all/*.json", "matches no file", "spelling"),
    ("", "The empty path", "spelling"),
    ("all/a.yml,all/b.yaml", "does not exist", "repeat it (-f all/a.yml -f all/b.yaml)"),
    ("all/a.yml,all/nowhere.yaml", "does not exist", "repeat it"),
    ("https://example.com/a.yaml", "reads files only", "curl -sL https://example.com/a.yaml | kcnet trace -f -"),
    ("http://example.com/a?raw=[1]", "reads files only", "curl"),
    ("a\0b", "does not exist", "spelling"),
]


@pytest.mark.parametrize(("path", "message", "fix"), MISSING)
def test_paths_that_name_nothing(folder: Path, path: str, message: str, fix: str) -> None:
    (problem,) = problems(path)
    assert problem.code == "INPUT_MISSING"
    assert message in problem.message
    assert fix in problem.fix


def test_a_name_that_is_too_long(folder: Path) -> None:
    (problem,) = problems("x" * 5000)
    assert problem.code == "INPUT_UNREADABLE"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_path_below_a_closed_folder(folder: Path) -> None:
    (folder / "sub").chmod(0)
    assert [problem.code for problem in problems("all/sub/c.json", "all/sub/no.json")] == ["INPUT_UNREADABLE"] * 2
    (folder / "sub").chmod(0o700)


def test_a_folder_without_manifests(folder: Path) -> None:
    (folder / "empty").mkdir()
    assert [problem.code for problem in problems(folder / "empty", folder / "a.yml")] == ["INPUT_NO_MANIFEST"]


def test_a_broken_link(folder: Path) -> None:
    (folder / "gone.yaml").symlink_to("nowhere.yaml")
    (problem,) = problems(folder)
    assert (problem.code, problem.file) == ("INPUT_UNREADABLE", "all/gone.yaml")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize(("mode", "below"), [(0, "sub"), (0, ""), (0o400, "sub"), (0o400, "")])
def test_a_folder_without_permission(folder: Path, mode: int, below: str) -> None:
    (folder / below).chmod(mode)
    assert {problem.code for problem in problems(folder)} <= {"INPUT_UNREADABLE", "INPUT_NO_MANIFEST"}
    (folder / below).chmod(0o700)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(folder: Path) -> None:
    (folder / "b.yaml").chmod(0)
    (problem,) = problems(folder)
    assert (problem.code, problem.file) == ("INPUT_UNREADABLE", "all/b.yaml")
    assert "permission" in problem.fix


def test_a_file_that_cannot_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    (problem,) = problems(folder / "b.yaml")
    assert "permission denied" in problem.message
    assert "permissions" in problem.fix


def test_a_file_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kcnet.loading.sources.MAX_BYTES", 1000)
    monkeypatch.setattr("kcnet.loading.load.MAX_BYTES", 1000)
    (problem,) = problems("/dev/zero")
    assert problem.code == "INPUT_TOO_BIG"


OTHERS = [
    ("kustomization.yaml", "resources:\n- a.yaml\n"),
    ("kustomization.yml", "resources: [a.yaml\n"),
    ("Chart.yaml", "apiVersion: v2\nname: x\n"),
    ("values.yaml", "replicaCount: 1\n"),
    ("values-prod.yaml", "a: 1\na: 2\n"),
    ("docker-compose.yml", "services: {}\n"),
    ("compose.yaml", "services: {}\n"),
    (".pre-commit-config.yaml", "repos: []\n"),
    ("package.json", '{"name": "x", "version": "1"}'),
    ("tsconfig.json", '{"compilerOptions": {}, // a comment\n}'),
    ("play.yaml", "---\n# of Ansible\n\n- hosts: all\n  tasks: []\n"),
]


@pytest.mark.parametrize(("name", "text"), OTHERS)
def test_what_stands_beside_manifests_is_skipped_and_counted(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    found = load_manifests([folder])
    assert len(found.services) == 4
    assert found.skipped == {path.name: 1}


def test_a_kustomization_that_says_what_it_is(folder: Path) -> None:
    (folder / "kustomization.yaml").write_text("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n")
    assert load_manifests([folder]).skipped == {"kustomize.config.k8s.io/v1beta1/Kustomization": 1}


def test_a_manifest_by_such_a_name_is_read(folder: Path) -> None:
    (folder / "values.yaml").write_text(service("v"))
    assert "v" in names(folder)


@pytest.mark.parametrize(
    ("name", "build"), [("kustomization.yaml", "kubectl kustomize"), ("values.yaml", "helm template")]
)
def test_a_folder_with_nothing_else(tmp_path: Path, name: str, build: str) -> None:
    (tmp_path / name).write_text("namePrefix: x\n")
    (problem,) = problems(tmp_path)
    assert problem.code == "INPUT_NO_MANIFEST"
    assert name in problem.message
    assert build in problem.fix


def test_any_other_document_without_a_kind_is_a_problem(folder: Path) -> None:
    (folder / "x.yaml").write_text("a: 1\n")
    assert [problem.code for problem in problems(folder)] == ["NOT_AN_OBJECT"]


def test_a_list_of_manifests_is_a_problem(folder: Path) -> None:
    (folder / "x.yaml").write_text("- apiVersion: v1\n  kind: Service\n  metadata: {name: a}\n")
    assert [problem.code for problem in problems(folder)] == ["NOT_AN_OBJECT"]


def test_an_empty_file_beside_others_is_fine(folder: Path) -> None:
    (folder / "x.yaml").write_text("")
    assert len(names(folder)) == 4


def test_every_problem_of_every_file_in_order(folder: Path) -> None:
    (folder / "b.yaml").write_text(changed("80", "eighty") + "---\n" + changed("targetPort", "targetport"))
    (folder / "a.yml").write_text("a: 'x\n")
    (folder / "sub" / "c.json").write_text('{"apiVersion": "v1", "kind": "Pod"')
    expected = [
        ("all/a.yml", 1, "YAML_SYNTAX"),
        ("all/b.yaml", 9, "SCHEMA_TYPE"),
        ("all/b.yaml", 21, "SCHEMA_UNKNOWN_FIELD"),
        ("all/sub/c.json", 1, "JSON_SYNTAX"),
        ("nowhere", None, "INPUT_MISSING"),
    ]
    paths = [folder / "b.yaml", "nowhere", folder]
    for _ in range(3):
        random.Random(1).shuffle(paths)
        assert [(problem.file, problem.line, problem.code) for problem in problems(*paths)] == expected


LISTS = [
    ("List", "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Namespace, metadata: {name: a}}\n"),
    ("kind at the end", "items:\n- {apiVersion: v1, kind: Namespace, metadata: {name: a}}\nkind: List\napiVersion: v1"),
    ("list of one kind", "apiVersion: v1\nkind: NamespaceList\nitems:\n- {metadata: {name: a}}\n"),
    ("its kind at the end", "items:\n- {metadata: {name: a}}\napiVersion: v1\nkind: NamespaceList\n"),
    ("JSON", '{"items": [{"metadata": {"name": "a"}}], "apiVersion": "v1", "kind": "NamespaceList"}'),
    ("document", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"),
]  # fmt: skip


@pytest.mark.parametrize("text", [row[1] for row in LISTS], ids=[row[0] for row in LISTS])
def test_lists_are_unfolded(text: str) -> None:
    (namespace,) = read(text).namespaces
    assert namespace.ref.name == "a"
    assert namespace.ref.namespace is None
    assert namespace.ref.origin is not None
    assert (
        namespace.ref.origin.position("metadata.name")[0]
        == text[: text.index('"a"' if text[0] == "{" else "name: a")].count("\n") + 1
    )


@pytest.mark.parametrize("text", ["kind: List\napiVersion: v1\n", "kind: PodList\napiVersion: v1\nitems: []\n",
                                  '{"kind": "List", "apiVersion": "v1", "items": null}'])  # fmt: skip
def test_an_empty_list_is_no_error(text: str) -> None:
    assert not read(text).pods


def test_items_of_what_is_no_list_are_no_objects() -> None:
    found = read(
        "apiVersion: example.com/v1\nkind: Menu\nitems:\n- apiVersion: v1\n  kind: Namespace\n  metadata: {name: a}\n"
    )
    assert not found.namespaces
    assert found.skipped == {"example.com/v1/Menu": 1}


def test_an_object_that_names_no_namespace_is_in_the_default_one() -> None:
    (found,) = read(SERVICE).services
    assert (found.ref.namespace, found.ref.origin.line if found.ref.origin else 0) == ("default", 1)


def test_progress_grows_to_the_end(folder: Path) -> None:
    seen: list[tuple[int, int]] = []
    (folder / "many.yaml").write_text("---\n".join(service(f"x{n}") for n in range(500)))
    load_manifests([folder], progress=lambda done, total: seen.append((done, total)))
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.suffix in (".yaml", ".yml", ".json"))
    assert seen == sorted(seen)
    assert seen[-1] == (size, size)
    assert len(seen) > 5
