"""Repairs: the one scalar changes, and every other character stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kcnet.analysis.check import check
from kcnet.analysis.finding import Edit, Finding, Severity, Subject
from kcnet.analysis.fix import repairs
from kcnet.cli.rewrite import rewrite
from kcnet.controlplane import build_cluster
from kcnet.loading.load import load_manifests
from tests.analysis.check.cases import subject_of
from tests.analysis.check.cases_names import ALL, CART, KEY, caller, config, taking
from tests.analysis.check.cases_services import deployment, service

SHOP = CART.replace("cart", "orders")
WRONG = {
    "SERVICE_SELECTS_NOTHING": deployment(labels="app: website") + service("selector: {app: webiste}"),
    "SERVICE_TARGET_PORT_NAME_MISSING": deployment() + service(port="{port: 80, targetPort: htpt}"),
    "DNS_NAME_UNKNOWN": SHOP + caller("http://ordres:80").replace("'", ""),
    "POD_CONFIG_MISSING": config("a: b") + taking(ALL.replace("name: front", "name: fornt")),
    "POD_CONFIG_KEY_MISSING": config("CART_URL: b") + taking(KEY.replace("key: CART", "key: CRAT")),
    "SERVICE_PREFER_CLOSE": deployment() + service(more="trafficDistribution: PreferClose"),
}


@pytest.mark.parametrize("code", WRONG)
def test_what_is_repaired_is_found_no_more(code: str) -> None:
    subject = subject_of(WRONG[code])
    found = check(subject, [code])
    (repair,) = repairs(found)
    assert list(repair.findings) == found
    assert check(subject_of(repair.text)) == [each for each in check(subject) if each.code != code]


def test_everything_else_stays_as_it_is() -> None:
    text = deployment(labels="app: website") + service('selector: {\n  "app":   "webiste"   # a comment\n  }')
    (repair,) = repairs(check(subject_of(text)))
    assert repair.text == repair.source.text.replace("webiste", "website")


@pytest.mark.parametrize(
    ("why", "selector"),
    [
        ("an alias may be meant elsewhere", "selector: {app: *name}\n  externalName: &name webiste"),
        ("a merged mapping is another's", "selector: {<<: {app: webiste}}"),
        ("a folded scalar is more than one word of text", "selector:\n    app: >-\n      webiste"),
        ("a tag changes what the text means", "selector: {app: !!str webiste}"),
        ("an anchor gives it to others", "selector: {app: &name webiste}"),
    ],
)
def test_what_is_not_plainly_the_scalar_is_let_be(why: str, selector: str) -> None:
    if "*name" in selector:
        selector = "selector: &labels {app: webiste}\n  sessionAffinityConfig: {clientIP: {}}"
        text = deployment(labels="app: website") + service(selector).replace(
            "metadata: {name: web}", "metadata: {name: web, labels: &l {app: webiste}}"
        ).replace(selector, "selector: *l")
    else:
        text = deployment(labels="app: website") + service(selector)
    found = check(subject_of(text), ["SERVICE_SELECTS_NOTHING"])
    assert found, why
    assert found[0].edit is not None
    assert repairs(found) == []


def test_two_repairs_of_one_place_that_differ_are_none() -> None:
    (finding,) = check(subject_of(WRONG["SERVICE_PREFER_CLOSE"]), ["SERVICE_PREFER_CLOSE"])
    assert finding.edit is not None
    other = finding._replace(edit=finding.edit._replace(value="PreferSameNode"))
    assert repairs([finding, other]) == []
    assert len(repairs([finding, finding])) == 1


@pytest.mark.parametrize("value", ["yes", "on", "5432", "a: b", "#x", ""])
def test_a_value_that_yaml_would_read_otherwise_is_not_written(value: str) -> None:
    (finding,) = check(subject_of(WRONG["SERVICE_PREFER_CLOSE"]), ["SERVICE_PREFER_CLOSE"])
    assert finding.edit is not None
    assert repairs([finding._replace(edit=finding.edit._replace(value=value))]) == []


@pytest.mark.parametrize(
    ("was", "value"),
    [
        (", args: ['--orders=ordres:80']", "--orders=orders:80"),
        (", args: [\n        '--orders=ordres:80'  # why\n      ]", "--orders=orders:80"),
        (", env: [{name: URL, value: 'http://a:p@ordres/x?y=z'}]", "http://a:p@orders/x?y=z"),
    ],
)
def test_a_name_inside_a_value_is_repaired(was: str, value: str) -> None:
    text = SHOP + deployment("front", "app: front", more=was)
    (repair,) = repairs(check(subject_of(text), ["DNS_NAME_UNKNOWN"]))
    assert repair.text == repair.source.text.replace("ordres", "orders")
    assert value in repair.text
    assert check(subject_of(repair.text), ["DNS_NAME_UNKNOWN"]) == []


NAMES = st.from_regex(r"[a-z]{5,9}", fullmatch=True)


@given(
    name=NAMES,
    place=st.integers(0, 3),
    quote=st.sampled_from(["", '"', "'"]),
    newline=st.sampled_from(["\n", "\r\n"]),
    comment=st.sampled_from(["", "  # webiste", " #"]),
    block=st.booleans(),
)
def test_any_layout_keeps_its_bytes(
    name: str, place: int, quote: str, newline: str, comment: str, block: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    wrong = name[:place] + name[place + 1 :] if len(name) > 5 else name[:place] + "z" + name[place:]
    assume("false" not in (name, wrong))
    scalar = f"{quote}{wrong}{quote}"
    selector = f"selector:\n    app: {scalar}{comment}" if block else f"selector: {{app: {scalar}}}{comment}"
    text = (deployment(labels=f"app: {name}") + service(selector)).replace("\n", newline)
    path = tmp_path_factory.mktemp("fix") / "web.yaml"
    path.write_bytes(text.encode())
    manifests = load_manifests([path])
    found = check(Subject(manifests, build_cluster(manifests)), ["SERVICE_SELECTS_NOTHING"])
    (repair,) = repairs(found)
    rewrite(path, repair.source.text, repair.text)
    before, after = text.encode(), path.read_bytes()
    at = before.index(f"app: {scalar}".encode(), before.index(b"kind: Service")) + len(f"app: {quote}")
    assert after == before[:at] + name.encode() + before[at + len(wrong) :]
    manifests = load_manifests([path])
    assert check(Subject(manifests, build_cluster(manifests)), ["SERVICE_SELECTS_NOTHING"]) == []


def test_a_file_keeps_its_mark_and_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: b\r\n")
    path.chmod(0o640)
    rewrite(path, "a: b\r\n", "a: c\r\n")
    assert path.read_bytes() == b"\xef\xbb\xbfa: c\r\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["a.yaml"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: b\n")
    (tmp_path / "link.yaml").symlink_to("a.yaml")
    rewrite(tmp_path / "link.yaml", "a: b\n", "a: c\n")
    assert (tmp_path / "link.yaml").is_symlink()
    assert (tmp_path / "a.yaml").read_text() == "a: c\n"


def test_a_file_that_has_changed_meanwhile_is_let_be(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: other\n")
    with pytest.raises(ValueError, match="changed"):
        rewrite(path, "a: b\n", "a: c\n")
    assert path.read_text() == "a: other\n"


def test_the_diff_is_one_that_patch_takes() -> None:
    (repair,) = repairs(check(subject_of(WRONG["SERVICE_PREFER_CLOSE"])))
    lines = repair.diff().splitlines()
    assert lines[0].startswith("--- a/")
    assert lines[1].startswith("+++ b/")
    assert [line for line in lines[2:] if line[0] in "+-"] == [
        "-  trafficDistribution: PreferClose",
        "+  trafficDistribution: PreferSameZone",
    ]


def test_a_field_that_is_not_written_is_not_added() -> None:
    (_, service_), *_ = subject_of(deployment() + service()).services
    edit = Edit(service_.ref, "spec.trafficDistribution", "PreferClose", "PreferSameZone")
    assert repairs([Finding("X_Y", Severity.INFO, service_.ref, edit.field, "", "", edit=edit)]) == []
