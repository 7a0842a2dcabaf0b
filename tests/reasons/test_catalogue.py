"""The catalogue is whole, and says of each code the verdict that the JSON contract promises."""

import re
import shlex
from collections import Counter
from importlib import import_module
from urllib.parse import urlsplit

import pytest

from kcnet import reasons
from kcnet.model.trace import Reason, Verdict

VERDICTS = {
    "DELIVERED": Verdict.DELIVERED,
    "LEFT_CLUSTER": Verdict.EXTERNAL,
    "DNS_NXDOMAIN": Verdict.UNRESOLVED,
    "DNS_NO_RECORDS": Verdict.UNRESOLVED,
    "DNS_BLOCKED_BY_POLICY": Verdict.UNRESOLVED,
    "DNS_UNREACHABLE": Verdict.UNRESOLVED,
    "LB_PENDING": Verdict.UNRESOLVED,
    "POD_NO_ADDRESS": Verdict.UNRESOLVED,
    "SERVICE_NO_ENDPOINTS": Verdict.REFUSED,
    "SERVICE_NO_LOCAL_ENDPOINTS": Verdict.TIMEOUT,
    "SERVICE_PORT_UNKNOWN": Verdict.TIMEOUT,
    "LB_SOURCE_RANGE_DENIED": Verdict.TIMEOUT,
    "NODE_PORT_CLOSED": Verdict.REFUSED,
    "PORT_NOT_LISTENING": Verdict.REFUSED,
    "NOT_ROUTABLE": Verdict.TIMEOUT,
    "ENDPOINT_GONE": Verdict.TIMEOUT,
    "NETPOL_EGRESS_DENIED": Verdict.TIMEOUT,
    "NETPOL_INGRESS_DENIED": Verdict.TIMEOUT,
    "INGRESS_NO_CONTROLLER": Verdict.UNRESOLVED,
    "INGRESS_NO_MATCH": Verdict.HTTP_ERROR,
    "INGRESS_BACKEND_MISSING": Verdict.HTTP_ERROR,
    "INGRESS_BACKEND_NO_ENDPOINTS": Verdict.HTTP_ERROR,
    "INGRESS_BACKEND_UNREACHABLE": Verdict.HTTP_ERROR,
    "INGRESS_WRONG_SCHEME": Verdict.HTTP_ERROR,
    "TLS_NOT_SPOKEN_HERE": Verdict.TLS_ERROR,
    "TLS_CERTIFICATE_MISSING": Verdict.TLS_ERROR,
    "CANNOT_TELL": Verdict.UNKNOWN,
}

EACH = pytest.mark.parametrize("reason", reasons.ALL.values(), ids=list(reasons.ALL))


@pytest.mark.parametrize(("code", "verdict"), VERDICTS.items(), ids=list(VERDICTS))
def test_a_code_decides_the_verdict_that_the_contract_states(code: str, verdict: Verdict) -> None:
    assert reasons.ALL[code].verdict is verdict


def test_every_other_code_is_of_a_step_that_decides_nothing() -> None:
    assert {code for code, reason in reasons.ALL.items() if reason.verdict} == set(VERDICTS)


@pytest.mark.parametrize("subject", reasons.SUBJECTS)
def test_every_constant_is_in_the_catalogue_under_its_own_name(subject: str) -> None:
    constants = constants_of(subject)
    assert constants
    assert all(name == reason.code and reasons.ALL[name] is reason for name, reason in constants.items())


def test_each_code_is_written_once() -> None:
    counted = Counter(name for subject in reasons.SUBJECTS for name in constants_of(subject))
    assert set(counted.values()) == {1}


@pytest.mark.parametrize("subject", reasons.SUBJECTS)
def test_codes_stand_by_subject_and_those_that_decide_come_first(subject: str) -> None:
    order = list(reasons.ALL)
    places = sorted(order.index(code) for code in constants_of(subject))
    assert places == list(range(places[0], places[0] + len(places)))
    undecided = [reasons.ALL[order[place]].verdict is None for place in places]
    assert undecided == sorted(undecided)


def test_no_two_pages_say_the_same() -> None:
    for field in ("title", "meaning", "repair"):
        counted = Counter(getattr(reason, field) for reason in reasons.ALL.values())
        assert [text for text, times in counted.items() if times > 1] == []


@EACH
def test_a_page_says_something_under_each_heading(reason: Reason) -> None:
    assert 8 <= len(reason.title) <= 60
    assert not reason.title.endswith(".")
    assert 2 <= sentences(reason.meaning) <= 5
    assert 1 <= sentences(reason.repair) <= 3
    assert reason.causes
    assert all(cause.endswith(".") for cause in reason.causes)
    assert reason.look


@EACH
def test_its_text_is_plain(reason: Reason) -> None:
    for text in (reason.title, reason.meaning, reason.repair, *reason.causes, *reason.look):
        assert text == text.strip()
        assert "  " not in text
        assert text.isprintable()


@EACH
def test_its_commands_can_be_typed_in_a_shell(reason: Reason) -> None:
    known = {"kubectl", "curl", "ip", "iptables-save", "ipvsadm", "nft", "conntrack", "openssl", "ss", "cat"}
    for command in reason.look:
        assert shlex.split(command)[0] in known


@EACH
def test_its_source_is_a_page_of_the_kubernetes_documentation(reason: Reason) -> None:
    url = urlsplit(reason.source)
    assert (url.scheme, url.hostname) == ("https", "kubernetes.io")
    assert re.fullmatch(r"/docs/([a-z-]+/)+", url.path)


@pytest.mark.parametrize("typed", ["DNS_NXDOMAIN", "dns_nxdomain", "Dns-Nxdomain", " dns nxdomain "])
def test_a_code_is_found_however_it_is_written(typed: str) -> None:
    found = reasons.find(typed)
    assert found is not None
    assert found.code == "DNS_NXDOMAIN"


@pytest.mark.parametrize("typed", ["", "NXDOMAIN", "DNS_NXDOMIAN"])
def test_what_is_no_code_is_not_found(typed: str) -> None:
    assert reasons.find(typed) is None


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("dns_nxdomian", "DNS_NXDOMAIN"),
        ("SERVICE_NO_ENDPOINT", "SERVICE_NO_ENDPOINTS"),
        ("netpol_ingres_denied", "NETPOL_INGRESS_DENIED"),
        ("nxdomain", "DNS_NXDOMAIN"),
        ("hairpin", "NAT_HAIRPIN"),
    ],
)
def test_a_slip_is_answered_with_the_nearest_code_first(typed: str, first: str) -> None:
    assert reasons.nearest(typed)[0] == first


@pytest.mark.parametrize("typed", ["", "xyzzy"])
def test_nonsense_is_near_to_nothing(typed: str) -> None:
    assert reasons.nearest(typed) == ()


def test_the_package_has_no_other_attributes() -> None:
    with pytest.raises(AttributeError, match="EVERYTHING"):
        _ = reasons.EVERYTHING


def constants_of(subject: str) -> dict[str, Reason]:
    module = import_module(f"kcnet.reasons.{subject}")
    return {name: value for name, value in vars(module).items() if isinstance(value, Reason)}


def sentences(text: str) -> int:
    return len(re.findall(r"[.](?=\s+[A-Z]|$)", text))
