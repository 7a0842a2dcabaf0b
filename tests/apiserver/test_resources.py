"""Resources by the names that kubectl takes."""

from __future__ import annotations

import pytest

from kcnet.apiserver.errors import Cause, conflict, invalid, not_found
from kcnet.apiserver.resources import ALL, RESOURCES, find, of_kind

NAMES = (
    ("po", "pods"),
    ("pod", "pods"),
    ("pods", "pods"),
    ("Pod", "pods"),
    ("svc", "services"),
    ("deploy", "deployments"),
    ("deployments.apps", "deployments"),
    ("deployment.v1.apps", "deployments"),
    ("rs", "replicasets"),
    ("sts", "statefulsets"),
    ("ds", "daemonsets"),
    ("cj", "cronjobs"),
    ("ns", "namespaces"),
    ("no", "nodes"),
    ("ep", "endpoints"),
    ("ing", "ingresses"),
    ("netpol", "networkpolicies"),
    ("cm", "configmaps"),
    ("sa", "serviceaccounts"),
    ("ev", "events"),
    ("rc", "replicationcontrollers"),
    ("ingressclass", "ingressclasses"),
    ("endpointslices.discovery.k8s.io", "endpointslices"),
)


@pytest.mark.parametrize(("name", "plural"), NAMES)
def test_a_resource_has_the_names_of_kubectl(name: str, plural: str) -> None:
    found = find(name)
    assert found is not None
    assert found.plural == plural


@pytest.mark.parametrize("name", ["", "x", "gateways", "pods.apps", "foo.bar.baz"])
def test_what_is_not_served_has_no_name(name: str) -> None:
    assert find(name) is None


def test_no_two_resources_share_a_name() -> None:
    names = [name for item in RESOURCES for name in (item.plural, item.singular, *item.short_names)]
    plain = [name for name in names if names.count(name) > 1]
    assert plain == ["endpoints", "endpoints"]  # singular and plural are one word


def test_the_category_all_is_what_the_resources_say() -> None:
    assert set(ALL) == {item.plural for item in RESOURCES if "all" in item.categories}


def test_errors_name_the_group() -> None:
    deployments, services = of_kind("Deployment"), of_kind("Service")
    assert deployments is not None
    assert services is not None
    assert str(not_found(deployments, "x")) == 'deployments.apps "x" not found'
    assert str(not_found(services, "web")) == 'services "web" not found'
    assert str(conflict(services, "web")) == (
        'Operation cannot be fulfilled on services "web": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )


def test_several_causes_stand_in_brackets() -> None:
    services = of_kind("Service")
    assert services is not None
    error = invalid(services, "web", [Cause("spec.a", "Required value"), Cause("spec.b", "Required value")])
    assert error.message == 'Service "web" is invalid: [spec.a: Required value, spec.b: Required value]'
    assert error.code == 422
    status = error.to_json()
    assert status["reason"] == "Invalid"
    assert [cause["field"] for cause in status["details"]["causes"]] == ["spec.a", "spec.b"]
