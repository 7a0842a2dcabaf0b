"""``kcnet reach`` on the demo cluster and on small manifests: formats, filters, expectations, differences, status."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from kcnet.cli.app import app
from kcnet.resources import folder
from tests.render.test_documents import validate

SHOP = str(folder("manifests") / "shop")
OUTSIDE = "0.0.0.0-255.255.255.255"
runner = CliRunner()


def run(*arguments: str, columns: int = 100, stdin: str | None = None) -> Result:
    return runner.invoke(app, ["reach", *arguments], input=stdin, env={"COLUMNS": str(columns)})


def table(*arguments: str) -> dict[tuple[str, str], str]:
    result = run("-o", "csv", *arguments)
    assert result.exit_code == 0
    return {(row["from"], row["to"]): row["connections"] for row in csv.DictReader(io.StringIO(result.stdout))}


def test_the_demo_says_that_it_is_the_demo_beside_the_answer() -> None:
    result = run()
    assert result.exit_code == 0
    assert "demo" in result.stderr
    assert "demo" not in result.stdout
    assert "\x1b" not in result.output
    assert "demo" not in run("-f", SHOP).output


@pytest.mark.parametrize(
    "arguments", [(), ("--explain",), ("-n", "shop"), ("--cni", "aws-vpc-cni"), ("--from", "internet")]
)
def test_json_is_one_document_as_its_schema_says(arguments: tuple[str, ...]) -> None:
    result = run("-f", SHOP, *arguments, "-o", "json")
    document = json.loads(result.stdout)
    validate(document, "reachability")
    pairs = [(row["from"], row["to"]) for row in document["rows"]]
    assert pairs == sorted(set(pairs))
    assert ("pairs" in document) == ("--explain" in arguments)
    assert {entry["via"] for entry in document["entries"]} >= ({"Ingress shop/shop"} if not arguments else set())


def test_a_cluster_without_rows_is_a_document_as_well(tmp_path: Path) -> None:
    (tmp_path / "ns.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n")
    document = json.loads(run("-f", str(tmp_path), "-o", "json").stdout)
    validate(document, "reachability")
    assert document["rows"] == []
    assert run("-f", str(tmp_path)).stdout == "No pair may talk.\n"


def test_policies_of_kinds_that_are_not_read_are_told_of(tmp_path: Path) -> None:
    (tmp_path / "closed.yaml").write_text(
        "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: closed}\nspec: {endpointSelector: {}}\n"
    )
    notes = json.loads(run("-f", str(tmp_path), "-o", "json").stdout)["notes"]
    assert notes[0] == "kcnet does not read CiliumNetworkPolicy (1): they are taken to change nothing."


def test_all_formats_hold_the_same_rows() -> None:
    rows = json.loads(run("-f", SHOP, "-o", "json").stdout)["rows"]
    assert table("-f", SHOP) == {(row["from"], row["to"]): row["connections"] for row in rows}
    markdown = run("-f", SHOP, "-o", "md").stdout.splitlines()[2:]
    assert markdown == [f"| `{row['from']}` | `{row['to']}` | `{row['connections']}` |" for row in rows]
    for name, arrow in (("dot", " -> "), ("mermaid", " -->")):
        assert run("-f", SHOP, "-o", name).stdout.count(arrow) == len(rows)
    page = run("-f", SHOP, "-o", "html").stdout
    assert page.count("<td>shop/cart[Deployment]</td>") == sum(row["to"] == "shop/cart[Deployment]" for row in rows)


def test_more_arrows_than_mermaid_draws_are_told_of(tmp_path: Path) -> None:
    for number in (21, 22):
        pods = [
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"p{one}"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
            for one in range(number)
        ]  # fmt: skip
        (tmp_path / "pods.yaml").write_text(yaml.safe_dump_all(pods))
        result = run("-f", str(tmp_path), "-o", "mermaid")
        arrows = number * (number - 1) + 2 * number
        assert result.stdout.count("-->") == arrows
        assert ("maxEdges" in result.stderr) == (arrows >= 500)
    assert "maxEdges" not in run("-f", str(tmp_path), "-o", "mermaid", "--from", "p1").stderr


def test_diagrams_show_workloads_without_any_connection() -> None:
    for name, box in (("dot", '\n  "shop/debug[Pod]"\n'), ("mermaid", '["shop/debug#91;Pod#93;"]\n')):
        assert box in run("-f", SHOP, "-o", name).stdout
        assert "shop/debug" not in run("-f", SHOP, "-o", name, "--from", "shop/cart").stdout
    assert "No connections from shop/catalog-db[StatefulSet], shop/debug[Pod]" in run("-f", SHOP, "-o", "html").stdout


def test_a_page_needs_nothing_beside_itself() -> None:
    page = run("-f", SHOP, "-o", "html").stdout
    assert page.startswith("<!DOCTYPE html>")
    assert page.endswith("</html>\n")
    for word in ("<script", "<link", "src=", "url(", "@import", "<img"):
        assert word not in page


@pytest.mark.parametrize(
    ("arguments", "check"),
    [
        (("--from", "cart"), lambda one, other: one == "shop/cart[Deployment]"),
        (("--from", "shop/deploy/cart"), lambda one, other: one == "shop/cart[Deployment]"),
        (("--from", "shop/cart[Deployment]"), lambda one, other: one == "shop/cart[Deployment]"),
        (("--to", "deploy/cards"), lambda one, other: other == "payments/cards[Deployment]"),
        (("--to", "internet"), lambda one, other: not other.endswith("]")),
        (("--to", "8.8.8.0/24"), lambda one, other: not other.endswith("]")),
        (("--from", "8.8.8.8"), lambda one, other: not one.endswith("]")),
        (("-n", "payments"), lambda one, other: "payments/" in one + other),
    ],
)
def test_filters_leave_rows_as_they_are(arguments: tuple[str, ...], check: object) -> None:
    assert callable(check)
    whole = table("-f", SHOP)
    chosen = {pair: ports for pair, ports in whole.items() if check(*pair)}
    assert 0 < len(chosen) < len(whole)
    assert table("-f", SHOP, *arguments) == chosen


def test_a_port_chooses_the_rows_that_allow_it() -> None:
    whole = table("-f", SHOP)
    on = {port: table("-f", SHOP, "--port", port) for port in ("8080", "8080/tcp", "8080/udp", "5432")}
    assert on["8080"] == on["8080/tcp"] == {p: c for p, c in whole.items() if c in ("All Connections", "TCP 8080")}
    assert set(on["8080/udp"].values()) == {"All Connections"}
    assert ("shop/catalog[Deployment]", "shop/catalog-db[StatefulSet]") in on["5432"]


def test_text_is_a_matrix_or_a_list_and_fits() -> None:
    for columns in (80, 100, 200):
        lines = run("-f", SHOP, columns=columns).stdout.splitlines()
        assert lines[0].startswith("from / to")
        assert all(len(line) <= columns for line in lines)
        assert any(line.lstrip().startswith("9 shop/frontend") or "shop/debug[Pod]" in line for line in lines)
    narrow = run("-f", SHOP, columns=60).stdout.splitlines()
    assert "from / to" not in narrow[0]
    assert all(len(line) <= 60 for line in narrow)


def test_where_pairs_were_chosen_there_is_no_matrix_that_denies_the_others() -> None:
    for arguments in (("--from", "shop/frontend"), ("--to", "shop/cart"), ("--port", "8080")):
        lines = run("-f", SHOP, *arguments).stdout.splitlines()
        assert "from / to" not in lines[0]
        assert "shop/frontend[Deployment]" in lines
    narrow = run("-f", SHOP, "-n", "shop", columns=60).stdout
    assert "No connections from shop/catalog-db[StatefulSet],\n  shop/debug[Pod]" in narrow


def test_the_matrix_of_a_namespace_is_blank_where_no_end_is_in_it() -> None:
    assert run("-f", SHOP, "-n", "shop").stdout.startswith(
        "from / to                                               1 2 3 4 5 6 7\n"
        "  1 ingress-nginx/ingress-nginx-controller[Deployment]      · · b · b\n"
        "  2 payments/cards[Deployment]                              · · · · ·\n"
        "  3 shop/cart[Deployment]                               · b - · · · ·\n"
    )


def test_an_explanation_names_policies_rules_and_lines() -> None:
    allowed = run("-f", SHOP, "--from", "shop/frontend", "--to", "shop/cart", "--explain").stdout
    assert "✔ shop/frontend[Deployment] → shop/cart[Deployment]  TCP 8080" in allowed
    assert "policy shop/allow-frontend, rule 1 allows TCP 8080" in allowed
    assert "policies.yaml:" in allowed
    denied = run("-f", SHOP, "--from", "prod/reports", "--to", "shop/cart", "--explain").stdout
    assert "✘ prod/reports[Deployment] → shop/cart[Deployment]" in denied
    assert "rule 1 does not match prod/reports[Deployment]" in denied
    assert "egress open: no policy selects" in denied


@pytest.mark.parametrize(
    "arguments",
    [
        ("--from", "nobody"),
        ("--to", "shop/nobody"),
        ("-n", "shpo"),
        ("--port", "0"),
        ("--port", "http"),
        ("--port", "80/icmp"),
        ("--explain", "-o", "csv"),
        ("--expect", "no/such/file"),
        ("--expect", "x", "-o", "md"),
        ("-o", "yaml"),
        ("-f", "no/such/folder"),
        ("diff", "no/such/folder", SHOP),
        ("diff", SHOP),
        ("dif", SHOP, SHOP),
    ],
)
def test_wrong_input_is_told_beside_an_empty_answer(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr
    assert "Traceback" not in result.stderr


def test_a_name_that_is_nearly_right_is_proposed() -> None:
    assert "frontend" in run("--from", "frontent").stderr
    assert "shop/cart" in run("--from", "prod/cart").stderr
    assert "shop" in run("-n", "shpo").stderr
    assert "payments, prod, shop" in run("-n", "nope").stderr


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("svc/cart", "Policies see pods and addresses, not svc/cart."),
        ("http://cart", "shop/cart[Deployment]"),
        ("node/node-1", "Policies see pods and addresses"),
        ("300.1.1.1", "no IP address"),
        ("10.0.0.0/33", "no network"),
        ("shop/cart:8080", "Write shop/cart, and --port 8080."),
    ],
)
def test_what_is_no_end_of_a_row_is_told_apart(typed: str, says: str) -> None:
    for option in ("--from", "--to"):
        result = run("-f", SHOP, option, typed)
        assert result.exit_code == 2
        assert says in result.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--from", "shop/cart", "--to", "cart"), "workload and itself"),
        (("--from", "internet", "--to", "10.0.0.0/8"), "There is no such pair"),
        (("--from", "shop/debug"), "None of these pairs may talk; --explain"),
        (("--from", "shop/frontend", "--to", "shop/cart", "--port", "8081"), "None of these pairs may talk on that port"),
    ],
)  # fmt: skip
def test_why_there_is_no_row(arguments: tuple[str, ...], says: str) -> None:
    result = run("-f", SHOP, *arguments)
    assert result.exit_code == 0
    assert says in result.stdout
    assert json.loads(run("-f", SHOP, *arguments, "-o", "json").stdout)["rows"] == []


def test_where_something_is_undecided_nothing_is_certain() -> None:
    text = run("-f", SHOP, "--from", "shop/debug", "--cni", "aws-vpc-cni").stdout
    assert text.startswith(
        "For certain none of these pairs may talk; --explain says why.\n\nUndecided\n? shop/debug[Pod] → "
    )


def test_a_lone_pod_that_is_closed_may_talk_to_nobody(tmp_path: Path) -> None:
    (tmp_path / "closed.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: i}]}\n---\n"
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: closed}\n"
        "spec: {podSelector: {}, policyTypes: [Ingress, Egress]}\n"
    )
    assert run("-f", str(tmp_path)).stdout == "No pair may talk.\n"
    for arguments in (("--from", "a"), ("--to", "a"), ("-n", "default")):
        assert run("-f", str(tmp_path), *arguments).stdout == "None of these pairs may talk; --explain says why.\n"
    assert run("-f", str(tmp_path), "--explain").stdout.count("✘") == 2


def test_two_pods_of_a_workload_are_explained_where_both_ends_are_it() -> None:
    arguments = ("-f", SHOP, "--from", "shop/cart", "--to", "shop/cart", "--explain")
    assert "✘ shop/cart[Deployment] → shop/cart[Deployment]\n" in run(*arguments).stdout
    (pair,) = json.loads(run(*arguments, "-o", "json").stdout)["pairs"]
    assert pair["connections"] == ""
    assert "shop/cart[Deployment] → shop/cart[Deployment]" not in run("-f", SHOP, "--explain").stdout


def test_a_range_means_the_rows_that_it_touches() -> None:
    whole = table("-f", SHOP, "--from", "internet")
    assert table("-f", SHOP, "--from", "198.51.100.7-198.51.100.9") == whole != {}


def expected(tmp_path: Path, text: str, *more: str) -> Result:
    file = tmp_path / "expect.txt"
    file.write_text(text)
    return run("-f", SHOP, "--expect", str(file), *more)


@pytest.mark.parametrize(
    "line",
    [
        "shop/frontend -> shop/cart:8080 allow",
        "shop/frontend -> shop/cart:http allow",
        "shop/frontend -> shop/deploy/cart:8080/tcp allow",
        "shop/frontend -> shop/cart allow",
        "shop/frontend[Deployment] → shop/cart[Deployment]:8080 allow",
        "shop/frontend -> shop/cart:8081 deny",
        "shop/frontend -> shop/cart:8080/udp deny",
        "shop/debug -> shop/cart deny  # the whole pod",
        "prod/reports -> shop/pod/debug deny",
        "internet -> prod/reports:8080 allow",
        "internet -> shop/cart deny",
        "198.51.100.0/24 -> shop/cart deny",
        "prod/reports -> 192.0.2.1-192.0.2.9:443 allow",
        "shop/cart -> internet deny",
        "prod/reports -> 192.0.2.0/24:443 allow",
        "shop/frontend -> http://cart/ allow",
        "shop/debug -> http://cart/ deny",
        "shop/frontend -> shop/svc/cart:80 allow",
    ],
)
def test_an_expectation_that_is_met(tmp_path: Path, line: str) -> None:
    result = expected(tmp_path, f"# a comment\n\n{line}\n")
    assert (result.exit_code, result.stdout) == (0, "✔ 1 expectation met\n")
    words = {"allow": "deny", "deny": "allow"}
    way, verdict = line.split("#")[0].rsplit(maxsplit=1)
    assert expected(tmp_path, f"{way} {words[verdict]}").exit_code == 1


def test_a_failure_is_explained_by_its_trace(tmp_path: Path) -> None:
    text = (
        "shop/frontend -> shop/cart:8080 allow\nprod/reports -> shop/cart:8080 allow\nshop/frontend -> shop/cart deny\n"
    )
    result = expected(tmp_path, text)
    assert result.exit_code == 1
    assert "expect.txt:2" in result.stdout
    assert "✘ timeout" in result.stdout
    assert "policies allow TCP 8080" in result.stdout
    assert "2 of 3 expectations not met" in result.stdout
    document = json.loads(expected(tmp_path, text, "-o", "json").stdout)
    validate(document, "reachability")
    first, second, third = document["expectations"]
    assert (first["met"], first["trace"]) == (True, None)
    validate(second["trace"], "trace")
    assert second["trace"]["code"] == "NETPOL_INGRESS_DENIED"
    assert third["trace"]["verdict"] == "delivered"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("shop/frontend -> shop/cart", "is not an expectation"),
        ("shop/frontend shop/cart allow", "is not an expectation"),
        ("shop/frontend -> shop/cart permit", "is not an expectation"),
        ("shop/nobody -> shop/cart allow", "nobody"),
        ("shop/frontend -> shop/nobody allow", "nobody"),
        ("shop/frontend -> shop/cart:0 allow", "0 is not a port"),
    ],
)
def test_a_line_that_cannot_be_read(tmp_path: Path, line: str, says: str) -> None:
    result = expected(tmp_path, f"\n{line}\n")
    assert result.exit_code == 2
    assert result.stdout == ""
    flat = " ".join(result.stderr.split())
    assert "expect.txt:2:" in flat
    assert says in flat


def test_every_line_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    result = expected(tmp_path, "a b\n\nshop/frontend -> shop/cart allow\nshop/nobody -> shop/cart deny\nc\n")
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.findall(r"expect\.txt:(\d+): ", result.stderr.replace("\n", " ")) == ["1", "4", "5"]


def test_undecided_allows_no_expectation_either_way(tmp_path: Path) -> None:
    for verdict in ("allow", "deny"):
        result = expected(tmp_path, f"prod/reports -> shop/cart:8080 {verdict}", "--cni", "aws-vpc-cni")
        assert result.exit_code == 1


def test_a_difference_names_what_is_newly_allowed_and_denied(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        for file in Path(SHOP).glob("*.yaml"):
            (tmp_path / name / file.name).write_text(file.read_text())
    old, new = str(tmp_path / "old"), str(tmp_path / "new")
    same = run("diff", old, new)
    assert (same.exit_code, same.stdout) == (0, "Nothing changes: the same pairs may talk on the same ports.\n")
    policies = list(yaml.safe_load_all((tmp_path / "new" / "policies.yaml").read_text()))
    policies.append(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "idle", "namespace": "shop"},
            "spec": {"containers": [{"name": "c", "image": "i"}]},
        }
    )
    (tmp_path / "new" / "policies.yaml").write_text(yaml.safe_dump_all(policies))
    idle = run("diff", old, new)
    assert (idle.exit_code, idle.stdout.splitlines()[0]) == (0, "new workloads  shop/idle[Pod]")
    assert "Nothing changes" in idle.stdout
    assert (
        run("diff", old, new, "-o", "md").stdout
        == "NetworkPolicy: nothing changes.\n\nNew workloads: `shop/idle[Pod]`.\n"
    )
    policies.pop()
    (opened,) = (each for each in policies if each["metadata"]["name"] == "allow-frontend")
    opened["spec"]["ingress"][0]["ports"] = [{"port": 9090}]
    (tmp_path / "new" / "policies.yaml").write_text(yaml.safe_dump_all(policies))
    result = run("diff", old, new)
    assert result.exit_code == 1
    assert "+ shop/frontend[Deployment] → shop/cart[Deployment]  TCP 9090" in result.stdout
    assert "- shop/frontend[Deployment] → shop/cart[Deployment]  TCP 8080" in result.stdout
    document = json.loads(run("diff", old, new, "-o", "json").stdout)
    validate(document, "reachability")
    by_kind = {kind: [row["connections"] for row in document[kind]] for kind in ("allowed", "denied")}
    assert (by_kind["allowed"], by_kind["denied"]) == (["TCP 9090"] * 2, ["TCP 8080"] * 2)
    markdown = run("diff", old, new, "-o", "md").stdout
    assert markdown.startswith("NetworkPolicy: 2 pairs newly allowed, 2 pairs newly denied.\n\n| change |")
    assert "| newly denied | `shop/frontend[Deployment]` |" in markdown
    assert run("diff", old, new, "--cni", "flannel").exit_code == 0


def test_a_rollout_is_no_difference(tmp_path: Path) -> None:
    """A new ReplicaSet of the same Deployment, in dumps that hold the pods alone."""
    for name, tail in (("old", "6d4cf"), ("new", "77b9d")):
        owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"web-{tail}", "uid": tail, "controller": True}
        metadata = {"name": f"web-{tail}-x2x2x", "labels": {"pod-template-hash": tail}, "ownerReferences": [owner]}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [{"name": "c", "image": "i"}]}}  # fmt: skip
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(pod))
    old, new = str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml")
    assert f"default/web-6d4cf[ReplicaSet],{OUTSIDE},All Connections" in run("-f", old, "-o", "csv").stdout
    assert run("diff", old, new).stdout == "Nothing changes: the same pairs may talk on the same ports.\n"
