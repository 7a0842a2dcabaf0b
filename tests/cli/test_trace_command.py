"""``kcnet trace`` on the demo cluster and on small manifests: what it prints where, and its exit status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner, Result

import kcnet
from kcnet.cli import trace as command
from kcnet.cli.app import app
from kcnet.model.cluster import ProxyMode
from kcnet.model.names import Protocol
from kcnet.model.trace import Verdict
from kcnet.resources import demo
from tests.render.test_documents import validate

DEMO = ("--from", "shop/deploy/frontend", "--to", "http://cart/")
DENIED = ("--from", "shop/debug", "--to", "http://cart/")
runner = CliRunner()


def run(*arguments: str, stdin: str | None = None, **environment: str) -> Result:
    return runner.invoke(app, ["trace", *arguments], input=stdin, env={"COLUMNS": "100"} | environment)


def test_the_words_of_the_options_are_those_of_the_model() -> None:
    assert set(get_args(command.Expected)) == {verdict.value for verdict in Verdict}
    assert set(get_args(command.Proxy)) == {mode.value for mode in ProxyMode}
    assert {word.upper() for word in get_args(command.Transport)} == {protocol.value for protocol in Protocol}


def test_the_demo_says_that_it_is_the_demo_beside_the_answer() -> None:
    result = run(*DEMO)
    assert result.exit_code == 0
    assert result.stdout.startswith("✔ delivered   shop/frontend-")
    assert "demo" in result.stderr
    assert "demo" not in result.stdout
    assert "\x1b" not in result.output


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (DEMO, 0),
        (("--from", "prod/deploy/reports", "--to", "https://example.com/"), 0),
        (DENIED, 1),
        (("--from", "prod/deploy/reports", "--to", "http://exports/"), 1),
        ((*DEMO, "--expect", "delivered"), 0),
        ((*DEMO, "--expect", "timeout"), 1),
        ((*DENIED, "--expect", "timeout"), 0),
        ((*DENIED, "--expect", "delivered"), 1),
        ((*DENIED, "--ignore", "policies"), 0),
        ((*DENIED, "--cni", "flannel"), 0),
        ((*DEMO, "--proxy-mode", "nftables", "--protocol", "TCP"), 0),
        (("--from", "debug", "--to", "svc/cart", "-n", "shop"), 1),
        (("--from", "nobody", "--to", "http://cart/"), 2),
        (("--from", "shop/debug", "--to", "svc/crt"), 2),
        (("--from", "shop/debug"), 2),
        ((), 2),
        ((*DEMO, "--proxy-mode", "userspace"), 2),
        ((*DEMO, "--expect", "good"), 2),
        ((*DEMO, "--ignore", "dns"), 2),
        ((*DEMO, "-o", "yaml"), 2),
        ((*DEMO, "--frm", "x"), 2),
        (("-f", "no/such/folder", *DEMO), 2),
    ],
)
def test_exit_status(arguments: tuple[str, ...], status: int) -> None:
    result = run(*arguments)
    assert result.exit_code == status
    assert bool(result.stdout) == (status != 2)
    assert not isinstance(result.exception, Exception) or isinstance(result.exception, SystemExit)


def test_an_expectation_that_is_not_met_is_told_beside_the_answer() -> None:
    assert "expected timeout, but the verdict is delivered" in run(*DEMO, "--expect", "timeout").stderr


def test_json_is_one_document_as_its_schema_says() -> None:
    for arguments in (
        DEMO,
        DENIED,
        (*DENIED, "--all-blockers"),
        ("--from", "internet", "--to", "https://shop.example.com/"),
    ):
        result = run(*arguments, "-o", "json", PYTHONIOENCODING="ascii")
        document = json.loads(result.stdout_bytes.decode("utf-8"))
        validate(document, "trace")
        assert result.stdout.endswith("}\n")
        assert sum(path["probability"] for path in document["paths"]) == pytest.approx(1)


def test_all_blockers_lists_each_of_them() -> None:
    arguments = ("--from", "prod/deploy/reports", "--to", "http://cart.shop/", "--all-blockers")
    blockers = json.loads(run(*arguments, "-o", "json").stdout)["blockers"]
    assert {one["code"] for one in blockers} == {"NETPOL_INGRESS_DENIED"}
    assert "blockers  1. NETPOL_INGRESS_DENIED" in run(*arguments).stdout


def test_mermaid_and_svg() -> None:
    assert run(*DEMO, "-o", "mermaid").stdout.startswith("flowchart TD\n")
    assert run(*DEMO, "-o", "svg").stdout.startswith("<svg")


def test_without_a_terminal_it_says_what_to_add_with_an_example_that_works() -> None:
    result = run("-n", "shop")
    assert "add --from and --to" in result.stderr
    example = result.stderr.split("kcnet trace ")[-1].split()
    assert run(*example).exit_code in (0, 1)


def test_steps_are_printed_plainly_without_a_terminal() -> None:
    result = run(*DEMO, "--step")
    assert result.exit_code == 0
    assert "step 1 of" in result.stdout
    assert "$ kubectl" in result.stdout
    assert "\x1b" not in result.stdout


SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: PORT}]
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: web, image: nginx}]}
"""


def test_standard_input() -> None:
    result = run("-f", "-", "--from", "web", "--to", "svc/web", stdin=SERVICE.replace("PORT", "80"))
    assert "demo" not in result.stderr
    assert result.exit_code == 0


def test_problems_go_to_standard_error_with_their_place(tmp_path: Path) -> None:
    file = tmp_path / "web.yaml"
    file.write_text(SERVICE.replace("PORT", "eighty"), encoding="utf-8")
    result = run("-f", str(file), "--from", "web", "--to", "svc/web", COLUMNS="200")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert f"✘ {file}:6:" in result.stderr
    assert "▸ 6 │   ports: [{port: eighty}]" in result.stderr
    assert "1 problem in 1 file" in result.stderr


def test_problems_as_a_document(tmp_path: Path) -> None:
    file = tmp_path / "web.yaml"
    file.write_text(SERVICE.replace("PORT", "eighty"), encoding="utf-8")
    result = run("-f", str(file), "--from", "web", "--to", "svc/web", "-o", "json")
    assert result.exit_code == 2
    assert result.stdout == ""
    document = json.loads(result.stderr)
    validate(document, "findings")
    assert document["findings"][0]["line"] == 6


HOSTILE = (
    '{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"type":"ExternalName","externalName":%s}}'
)


@pytest.mark.parametrize(
    "text",
    ["\x1b[2Jx", "\x1b]8;;https://evil.example\x07y", "a\u202eb", "[red]x[/red]", "[/healthz]", "a\nb", "\x9b31m"],
)
@pytest.mark.parametrize("output", ["text", "json", "mermaid"])
def test_hostile_manifests_and_arguments_reach_no_terminal(text: str, output: str, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(HOSTILE % json.dumps(text), encoding="utf-8")
    for arguments in (("-f", str(file), "--from", "internet", "--to", "http://web/"), ("--from", text, "--to", text)):
        result = run(*arguments, "-o", output)
        assert result.exit_code in (0, 1, 2)
        assert all(char == "\n" or char.isprintable() for char in result.output)


def test_it_answers_in_ascii_where_nothing_else_can_be_shown() -> None:
    for name in ("LANG", "LC_ALL"):
        result = run(*DENIED, **{"LANG": "", "LC_ALL": "", "PYTHONIOENCODING": ""} | {name: "C"})
        assert result.stdout.isascii()
        assert result.stdout.startswith("x timeout   shop/debug -> http://cart/")


TWO = SERVICE.replace("PORT", "80")


@pytest.mark.parametrize("arguments", [(), ("--from", "web"), ("--to", "svc/web")], ids=str)
def test_nothing_is_asked_once_standard_input_was_read(arguments: tuple[str, ...]) -> None:
    result = run("-f", "-", *arguments, stdin=TWO)
    assert result.exit_code == 2
    assert "Say who sends the request" in result.stderr


def test_words_too_many_are_told_with_what_was_meant() -> None:
    result = run("-f", "a.yaml", "b.yaml", *DEMO)
    assert result.exit_code == 2
    assert "kcnet trace -f a.yaml -f b.yaml" in result.stderr
    assert "-f k8s" in run("k8s").stderr


def test_a_network_plugin_that_is_misspelt_is_refused_and_an_unheard_of_one_is_told() -> None:
    misspelt = run(*DEMO, "--cni", "flanel")
    assert misspelt.exit_code == 2
    assert "Did you mean flannel?" in misspelt.stderr
    for known in ("flannel", "Calico", "vpc-cni"):
        assert "--cni" not in run(*DEMO, "--cni", known).stderr
    unheard_of = run(*DEMO, "--cni", "kube-ovn")
    assert unheard_of.exit_code != 2
    assert "kcnet knows nothing of kube-ovn" in unheard_of.stderr


def test_manifests_without_pods_and_services_are_told() -> None:
    result = run("-f", "-", stdin="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    assert result.exit_code == 2
    assert "no pods and no Services" in result.stderr


def test_what_is_taken_for_granted_is_offered_last() -> None:
    from kcnet.cli.suggestions import sources

    cluster = kcnet.load(str(demo()))
    offered = list(sources(cluster))
    assumed = [one for one in offered if "(assumed)" in one.about]
    assert [one.value for one in assumed] == ["kube-system/deploy/coredns"]
    assert offered[-1:] == assumed
