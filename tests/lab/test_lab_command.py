"""``kcnet lab`` without a terminal: ``-c``, standard input, ``--state``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kcnet.cli.app import app


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.delenv("KUBE_EDITOR", raising=False)
    return tmp_path


def lab(*words: str, stdin: str = "") -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["lab", *words], input=stdin)
    return result.exit_code, result.stdout, result.stderr


def test_commands_run_in_order_on_one_sandbox() -> None:
    status, out, _ = lab("clusterip", "-c", "kubectl create namespace team-b", "-c", "kubectl get ns team-b -o name")
    assert (status, out) == (0, "namespace/team-b created\nnamespace/team-b\n")


def test_the_exit_status_is_that_of_the_last() -> None:
    assert lab("clusterip", "-c", "false", "-c", "true")[0] == 0
    assert lab("clusterip", "-c", "true", "-c", "kubectl get pod nosuch")[0] == 1
    assert lab("clusterip", "-c", "nosuch")[0] == 127
    assert lab("clusterip", "-c", "exit 4", "-c", "true")[0] == 4


def test_a_heredoc_is_one_command_with_line_breaks() -> None:
    text = "cat <<'EOF' | kubectl apply -f -\napiVersion: v1\nkind: Namespace\nmetadata: {name: team-b}\nEOF"
    assert lab("clusterip", "-c", text)[1] == "namespace/team-b created\n"


def test_files_are_read_from_the_working_directory(here: Path) -> None:
    (here / "ns.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: team-b}\n", encoding="utf-8")
    assert lab("clusterip", "-c", "kubectl apply -f ns.yaml", "-c", "kubectl apply -f .") == (
        0,
        "namespace/team-b created\nnamespace/team-b unchanged\n",
        "",
    )


def test_own_manifests(here: Path) -> None:
    (here / "pod.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: nginx}]}\n",
        encoding="utf-8",
    )
    assert lab("-f", "pod.yaml", "-c", "kubectl get pods -o name")[1] == "pod/web\n"


def test_wrong_manifests_are_told_as_everywhere(here: Path) -> None:
    (here / "bad.yaml").write_text(
        "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {prots: []}\n", encoding="utf-8"
    )
    status, out, err = lab("-f", "bad.yaml", "-c", "kubectl get pods")
    assert (status, out) == (2, "")
    assert "prots" in err


def test_lines_of_standard_input() -> None:
    stdin = "kubectl create namespace team-b\ncat <<EOF\nhello\nEOF\necho 'two\nlines'\nfalse\n"
    status, out, _ = lab("clusterip", stdin=stdin)
    assert (status, out) == (1, "namespace/team-b created\nhello\ntwo\nlines\n")


def test_an_unknown_scenario_is_told_with_the_nearest() -> None:
    status, _, err = lab("clusterp", "-c", "true")
    assert status == 2
    assert "clusterip" in err


def test_a_scenario_and_files_are_two_clusters() -> None:
    assert lab("clusterip", "-f", ".", "-c", "true")[0] == 2


def test_a_broken_scenario_by_its_last_name() -> None:
    assert lab("selector-typo", "-c", "kubectl get svc -A -o name | head -1")[0] == 0
    assert lab("broken/selector-typo", "-c", "true")[0] == 0


def test_facts_of_the_command_line() -> None:
    _, out, _ = lab("clusterip", "--proxy-mode", "ipvs", "--cni", "flannel", "-c", "map | head -1")
    assert "ipvs" in out
    assert "Flannel" in out


def test_a_namespace_to_begin_with() -> None:
    assert lab("-n", "shop", "-c", "kubectl get pod debug -o name")[1] == "pod/debug\n"


# --state


def test_the_state_is_kept_between_calls(here: Path) -> None:
    assert (
        lab(
            "clusterip",
            "--state",
            "s.json",
            "-c",
            "kubectl create namespace team-b",
            "-c",
            "export A=b",
            "-c",
            "echo x > f",
        )[0]
        == 0
    )
    status, out, err = lab("clusterip", "--state", "s.json", "-c", "kubectl get ns team-b -o name; echo $A; cat f")
    assert (status, out, err) == (0, "namespace/team-b\nb\nx\n", "")
    assert not (here / "f").exists()


def test_the_scenario_may_be_left_out_the_second_time() -> None:
    lab("clusterip", "--state", "s.json", "-c", "kubectl create namespace team-b")
    assert lab("--state", "s.json", "-c", "kubectl get ns team-b -o name")[1] == "namespace/team-b\n"


def test_another_scenario_is_refused() -> None:
    lab("clusterip", "--state", "s.json", "-c", "true")
    status, _, err = lab("nodeport", "--state", "s.json", "-c", "true")
    assert status == 2
    assert "clusterip" in err


def test_reset_goes_back_to_the_scenario() -> None:
    lab("clusterip", "--state", "s.json", "-c", "kubectl create namespace team-b")
    assert lab("--state", "s.json", "-c", "reset", "-c", "kubectl get ns team-b")[0] == 1


@pytest.mark.parametrize(
    "text",
    ["", "not json", "[]", "{}", '{"apiVersion": "kcnet/v1", "kind": "Lab", "version": 1}', "[" * 100_000],
    ids=["empty", "text", "list", "object", "damaged", "deep"],
)
def test_a_file_that_is_no_saved_lab_is_never_overwritten(here: Path, text: str) -> None:
    (here / "s.json").write_text(text, encoding="utf-8")
    status, out, err = lab("clusterip", "--state", "s.json", "-c", "kubectl create namespace team-b")
    assert (status, out) == (2, "")
    assert "s.json" in err
    assert (here / "s.json").read_text(encoding="utf-8") == text


def test_a_newer_file_is_never_overwritten(here: Path) -> None:
    lab("clusterip", "--state", "s.json", "-c", "true")
    saved = json.loads((here / "s.json").read_text(encoding="utf-8"))
    text = json.dumps({**saved, "version": 99})
    (here / "s.json").write_text(text, encoding="utf-8")
    status, _, err = lab("clusterip", "--state", "s.json", "-c", "kubectl create namespace team-b")
    assert status == 2
    assert "newer" in err
    assert (here / "s.json").read_text(encoding="utf-8") == text


def test_saving_manifests(here: Path) -> None:
    status, out, _ = lab("clusterip", "-c", "kubectl create namespace team-b", "-c", "save out", "-c", "save out")
    assert status == 1
    assert "Saved" in out
    assert lab("-f", "out", "-c", "kubectl get ns team-b -o name")[1] == "namespace/team-b\n"


def test_what_manifests_hold_does_not_act_on_the_terminal(here: Path) -> None:
    assert lab("clusterip", "-c", "printf 'a\\t%s\\n' \"$(printf '\x1b[31m')\"")[1] == "a\t\\x1b[31m\n"


def test_the_cluster_of_a_lesson_opens_in_its_namespace() -> None:
    assert "reviews" in lab("service-mesh", "-c", "kubectl get pods")[1]
    assert lab("service-mesh", "-n", "default", "-c", "kubectl get pods")[1] == ""
