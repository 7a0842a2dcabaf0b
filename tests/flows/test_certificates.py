"""The names of a certificate."""

from __future__ import annotations

import pytest

from kcnet.controlplane import build_cluster
from kcnet.model.manifests import Manifests
from kcnet.path.certificates import is_for, names_of
from tests import certificates


@pytest.mark.parametrize(
    ("pem", "names"),
    [
        (certificates.SHOP, ("shop.example.com", "www.shop.example.com")),
        (certificates.WILDCARD, ("*.example.com",)),
        (certificates.COMMON_NAME, ("shop.example.com",)),
        (certificates.OTHER, ("other.example.com",)),
        (certificates.ADDRESS, ()),
        (certificates.SHOP.replace("MII", "MIJ"), ()),
        ("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", ()),
        ("-----BEGIN CERTIFICATE-----\n=\n-----END CERTIFICATE-----", ()),
    ],
)
def test_names_of_a_certificate(pem: str, names: tuple[str, ...]) -> None:
    assert names_of(pem) == names


@pytest.mark.parametrize("size", range(0, 680, 17))
def test_a_certificate_that_is_cut_off_has_no_names_or_its_own(size: int) -> None:
    cut = certificates.SHOP[:size] + "\n-----END CERTIFICATE-----"
    assert names_of(cut) in ((), names_of(certificates.SHOP))


@pytest.mark.parametrize(
    ("name", "host", "fits"),
    [
        ("shop.example.com", "shop.example.com", True),
        ("shop.example.com", "Shop.Example.com", True),
        ("shop.example.com", "www.shop.example.com", False),
        ("*.example.com", "shop.example.com", True),
        ("*.example.com", "*.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "a.b.example.com", False),
        ("a.example.com", "*.example.com", False),
    ],
)
def test_a_wildcard_stands_for_one_label(name: str, host: str, fits: bool) -> None:
    assert is_for([name], host) == fits


@pytest.mark.parametrize(
    ("kind", "makes"),
    [
        ("cert-manager.io/v1/Certificate", True),
        ("bitnami.com/v1alpha1/SealedSecret", True),
        ("external-secrets.io/v1/ExternalSecret", True),
        ("argoproj.io/v1alpha1/Rollout", False),
        ("v1/PersistentVolume", False),
    ],
)
def test_some_custom_resources_stand_for_secrets(kind: str, makes: bool) -> None:
    assert build_cluster(Manifests(skipped={kind: 1})).makes_secrets is makes
